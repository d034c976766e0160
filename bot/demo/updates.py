"""The updates that wait for the bot, and ``getUpdates`` with real long polling."""

import asyncio
from collections import deque
from collections.abc import Sequence

from bot.demo.errors import Json, conflict

MOST_AT_ONCE = 100
"""Updates in one answer (core.telegram.org/bots/api#getupdates)."""
MOST_SECONDS = 50.0
"""Longest wait; longer ones are cut to it, as Telegram's server does."""
UNASKED_KINDS = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""What is not delivered unless asked for by name (same place, ``allowed_updates``)."""
_FIRST_ID = 700_001
"""Telegram starts at some positive number; this one stands out in a log."""

_OLDER_ENDED = "terminated by other getUpdates request; make sure that only one bot instance is running"
_ENDED_BY_WEBHOOK = "terminated by setWebhook request"


class UpdateQueue:
    """Updates in their order, until the bot has confirmed them.

    Attributes:
        allowed: The kinds that the bot asked for last; empty for the usual ones.
    """

    def __init__(self) -> None:
        self.allowed: tuple[str, ...] = ()
        self._next_id = _FIRST_ID
        self._pending: deque[Json] = deque()
        self._waiting: set[asyncio.Future[None]] = set()
        self._poller: asyncio.Future[None] | None = None
        self._closed = False

    def put(self, kind: str, body: Json) -> None:
        """Add an update and wake whoever waits; kinds that the bot does not want are dropped."""
        if kind not in self.allowed if self.allowed else kind in UNASKED_KINDS:
            return
        self._pending.append({"update_id": self._next_id, kind: body})
        self._next_id += 1
        self._wake()

    def pending(self) -> list[Json]:
        """What is not confirmed yet, oldest first."""
        return list(self._pending)

    def drop(self) -> None:
        """Forget all that waits (``drop_pending_updates``)."""
        self._pending.clear()

    def confirm(self, update_id: int) -> None:
        """Forget everything up to and including this update."""
        while self._pending and self._pending[0]["update_id"] <= update_id:
            self._pending.popleft()

    def ask_for(self, kinds: Sequence[str] | None) -> None:
        """Remember ``allowed_updates``; None leaves the earlier setting."""
        if kinds is not None:
            self.allowed = tuple(kinds)

    async def poll(self, *, offset: int, limit: int, seconds: float) -> list[Json]:
        """``getUpdates``: what waits, or the wait for it.

        Args:
            offset: The first update wanted; the ones before it are confirmed. Negative: so many from the end.
            limit: The most updates, 1 to 100.
            seconds: How long to wait when there is nothing, in real time.

        Returns:
            The updates; none when the time is over or the stand-in closes.

        Raises:
            ApiError: 409 as soon as another poll comes, or a webhook is set.
        """
        self.end_poll(_OLDER_ENDED)
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
        elif offset > 0:
            self.confirm(offset - 1)
        if not self._pending and seconds > 0 and not self._closed:
            await self._park(seconds)
        return list(self._pending)[: min(max(limit, 1), MOST_AT_ONCE)]

    async def arrival(self) -> bool:
        """Wait until something is there; no if the stand-in closes instead."""
        while not self._pending and not self._closed:
            waiter = self._waiter()
            try:
                await waiter
            finally:
                self._waiting.discard(waiter)
        return not self._closed

    def end_poll(self, why: str = _ENDED_BY_WEBHOOK) -> None:
        """End the poll that is parked, if one is, with 409."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(conflict(why))

    def close(self) -> None:
        """Wake everybody who waits, for good."""
        self._closed = True
        self._wake()

    async def _park(self, seconds: float) -> None:
        waiter = self._poller = self._waiter()
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError:
            return
        finally:
            self._waiting.discard(waiter)
            if self._poller is waiter:
                self._poller = None

    def _waiter(self) -> asyncio.Future[None]:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        return waiter

    def _wake(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
