"""How fast messages go out that nobody is waiting for.

A person who taps goes first: the panel does not wait here, but what it sends is counted, and the others go later for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

BURST_SECONDS = 0.2
"""Seconds of sending that may be saved up: 25 a second then are never more than 30 in any one
second, which is Telegram's limit for a bot (``telegram.constants.FloodLimit``)."""

LONGEST_DEBT_SECONDS = 2.0
"""Seconds of sending that people who tap may take in advance: so much of a rush is made up for afterwards."""

LEFT_SHARE = 0.1
"""Of the rate, at least, is left to the others however many people tap, and for however long: else whoever tapped for an
evening would keep what they wait for themselves, such as a partner's answer, from ever coming."""

CHAT_SECONDS = 1.0
"""Seconds between two messages to one chat (``FloodLimit.MESSAGES_PER_SECOND_PER_CHAT``)."""

SHORTEST_SLEEP = 0.001
"""Seconds. Less might not move the clock at all, and the wait would never end."""

CHATS_KEPT = 10_000
"""Chats that are remembered before those whose second has passed are dropped."""


class Pace:
    """A bucket of tokens that fills at a steady rate, and a pause that everybody keeps.

    All of it is measured on the monotonic clock: a wall clock that is set must not release a flood.
    """

    def __init__(
        self,
        rate: float,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Begin with a full bucket.

        Args:
            rate: Messages a second, over all chats.
            monotonic: Seconds that are never set back.
            sleep: Waits for some seconds.

        Raises:
            ValueError: If the rate is not positive.
        """
        if rate <= 0:
            raise ValueError(f"SEND_RATE must be more than 0 messages a second, not {rate}.")
        self._rate = rate
        self._capacity = max(1.0, rate * BURST_SECONDS)
        self._monotonic = monotonic
        self._sleep = sleep
        self._tokens = self._capacity
        self._filled_at = monotonic()
        self._pause_until = self._filled_at
        self._chats: dict[int, float] = {}
        # Who waits is served in the order of coming: nobody can be overtaken again and again.
        self._line = asyncio.Lock()

    @property
    def pausing(self) -> bool:
        """Whether nothing may go out at this moment."""
        return self._monotonic() < self._pause_until

    def room(self, seconds: float) -> int:
        """How many messages may go out within some seconds from now, if nobody taps meanwhile.

        Args:
            seconds: From now.
        """
        self._fill()
        return max(0, int(self._tokens + seconds * self._rate))

    async def wait(self, chat_id: int) -> None:
        """Wait until one message may go to a chat, and count it.

        Args:
            chat_id: Where it goes: any number that stands for the chat.
        """
        while True:
            await self._until_zero(partial(self._rest_of, chat_id))
            async with self._line:
                await self._until_zero(partial(self._rest, self._monotonic() + 1 / (LEFT_SHARE * self._rate)))
                if self._rest_of(chat_id) <= 0:
                    self._tokens -= 1
                    self._chats[chat_id] = self._monotonic() + CHAT_SECONDS
                    return

    def count(self) -> None:
        """Count a message that somebody waited for: it took its part of the rate without waiting."""
        self._tokens = max(self._tokens - 1, -self._rate * LONGEST_DEBT_SECONDS)

    def pause(self, seconds: float) -> None:
        """Let nothing out for a while; a shorter pause never ends a longer one.

        Args:
            seconds: From now.
        """
        self._pause_until = max(self._pause_until, self._monotonic() + seconds)

    async def _until_zero(self, delay: Callable[[], float]) -> None:
        while (seconds := delay()) > 0:
            await self._sleep(max(seconds, SHORTEST_SLEEP))

    def _rest_of(self, chat_id: int) -> float:
        """Seconds until a chat may get its next message."""
        now = self._monotonic()
        if len(self._chats) > CHATS_KEPT:
            self._chats = {chat: free_at for chat, free_at in self._chats.items() if free_at > now}
        return self._chats.get(chat_id, now) - now

    def _rest(self, latest: float) -> float:
        """Seconds until a message may go out: at a moment at the latest, unless Telegram asked for a pause."""
        now = self._fill()
        return max(min((1 - self._tokens) / self._rate, latest - now), self._pause_until - now)

    def _fill(self) -> float:
        """Let the bucket fill up to this moment, which is returned."""
        now = self._monotonic()
        self._tokens = min(self._capacity, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        return now
