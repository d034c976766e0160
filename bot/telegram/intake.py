"""Our own short loop of long polls: on disk first, acknowledged after.

The library's loop acknowledges before anything is handled, and ends silently when its queue fails.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.scenes.turn import Clock
from bot.telegram.answers import is_telegrams
from bot.telegram.errors import cause, retry_seconds
from bot.telegram.letters import ALLOWED, keep
from bot.telegram.transport import Poll
from storage.records import Letter
from storage.store import Store

POLL_SECONDS = 30.0
"""How long Telegram may hold a poll open."""

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds between two tries when Telegram cannot be reached: 1, 2, 4, 8, 16, 30, 30 …"""

CONFLICTS = 3
"""So many refusals are no leftover of a process that has just ended."""

DISPUTE_PAUSE = 2.0
"""Seconds at most between two tries while another process asks, too: so the newcomer learns of it soon."""

NEWCOMER_SECONDS = 5.0
"""Of two that ask for the same updates, the one goes whose first question was cut off so soon: the other one was there
before, and asks again after a second."""

SETTLED_SECONDS = 60.0
"""After so long nobody is a newcomer any more."""

log = logging.getLogger(__name__)


async def _at_once() -> None:
    """There is always room."""


class Intake:
    """Asks Telegram for updates and puts them into the inbox."""

    def __init__(
        self,
        *,
        poll: Poll,
        store: Store,
        hand: Callable[[Sequence[Letter]], None],
        clock: Clock,
        poll_seconds: float = POLL_SECONDS,
        answered: Callable[[], None] = lambda: None,
        room: Callable[[], Awaitable[None]] = _at_once,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Keep what is needed.

        Args:
            poll: The line to Telegram.
            store: Where the inbox is.
            hand: Takes letters that are in the inbox.
            clock: Says when they came.
            poll_seconds: How long Telegram may hold a poll open.
            answered: Called each time that Telegram answered a poll.
            room: Waits until there is room for more: meanwhile Telegram keeps them, for 24 hours.
            sleep: Waits for some seconds.
        """
        self._poll = poll
        self._store = store
        self._hand = hand
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._answered = answered
        self._room = room
        self._sleep = sleep

    async def run(self) -> None:
        """Poll until cancelled.

        Raises:
            telegram.error.InvalidToken: If Telegram does not know the token.
            telegram.error.Conflict: If another process was asking before this one began.
            Exception: Whatever the inbox raised: an update that cannot be stored must not be
                acknowledged, and the process has to stop, loudly.
        """
        offset: int | None = None
        pause = FIRST_PAUSE
        disputes = _Disputes(self._clock.monotonic)
        while True:
            await self._room()
            try:
                updates = await self._poll.get_updates(offset=offset, seconds=self._poll_seconds, allowed=ALLOWED)
            except TelegramError as error:
                lost = isinstance(error, Conflict) and disputes.lost()
                if lost or (isinstance(error, InvalidToken) and is_telegrams(error)):
                    raise
                wait = _wait(error, pause)
                log.warning("%s; asking again in %.0f s.", _trouble(error), wait)
                await self._sleep(wait)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            pause = FIRST_PAUSE
            self._answered()
            if updates:
                self._hand(await keep(self._store, updates, self._clock))
                # The last one of the batch, not the greatest: after a quiet week Telegram begins elsewhere.
                offset = int(updates[-1]["update_id"]) + 1


class _Disputes:
    """Whether this process has to leave the updates to another one that was there before."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began = monotonic()
        self._number = 0
        self._newcomer = False

    def lost(self) -> bool:
        """Count a refusal; whether it is one too many."""
        age = self._monotonic() - self._began
        self._number += 1
        if self._number == 1:
            self._newcomer = age < NEWCOMER_SECONDS
        return self._newcomer and age < SETTLED_SECONDS and self._number >= CONFLICTS


def _wait(error: TelegramError, pause: float) -> float:
    if isinstance(error, RetryAfter):
        return max(pause, retry_seconds(error))
    return min(pause, DISPUTE_PAUSE) if isinstance(error, Conflict) else pause


def _trouble(error: TelegramError) -> str:
    if isinstance(error, Conflict):
        return "Another process asks for this bot's updates, or a webhook is set (409)"
    if isinstance(error, RetryAfter):
        return "Telegram asks for patience (429)"
    return f"Telegram cannot be reached ({cause(error)})"
