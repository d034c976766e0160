"""Telegram's pace, for those who want the stand-in to hold them to it."""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable

from bot.demo.errors import too_many_requests

PER_SECOND = 30
"""Messages a second to all chats together (core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this)."""
PER_CHAT_AND_SECOND = 1
"""Messages a second to one chat (same place); short bursts may go over it."""
BURST = 3
"""How many messages a chat may get in a burst; Telegram names no figure."""


class Rate:
    """Counts what was sent in real time, and refuses what comes too fast."""

    def __init__(
        self, per_second: int = PER_SECOND, burst: int = BURST, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._monotonic = monotonic
        self._all: deque[float] = deque()
        self._chats: defaultdict[int, deque[float]] = defaultdict(deque)

    def check(self, chat_id: int) -> None:
        """Count one message.

        Raises:
            ApiError: 429 with ``retry_after`` in whole seconds.
        """
        now = self._monotonic()
        wait = max(
            _wait(self._all, now, self._per_second, 1.0),
            _wait(self._chats[chat_id], now, self._burst, self._burst / PER_CHAT_AND_SECOND),
        )
        if wait > 0:
            raise too_many_requests(math.ceil(wait))
        self._all.append(now)
        self._chats[chat_id].append(now)


def _wait(sent: deque[float], now: float, most: int, window: float) -> float:
    while sent and sent[0] <= now - window:
        sent.popleft()
    return sent[0] + window - now if len(sent) >= most else 0.0
