"""The course of the town's time: what happens when, on a clock that is as fast as the machine."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tests.year.humans import DAY, START, WEEK


class Post(Protocol):
    """The program, as time sees it."""

    async def tick(self) -> datetime | None:
        """Deliver what is due, and say at which full minute there is more to do."""

    async def tidy(self) -> None:
        """Forget what has had its time."""


@dataclass(slots=True)
class FastClock:
    """Time as the town has it."""

    at: datetime = START

    def now(self) -> datetime:
        """The wall clock."""
        return self.at

    def monotonic(self) -> float:
        """Seconds that are never set back."""
        return (self.at - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Let time pass; who sleeps at the same time sleeps through the same time."""
        self.at = max(self.at, self.at + timedelta(seconds=seconds))
        await asyncio.sleep(0)


class Course:
    """Everything that is going to happen, in its order."""

    def __init__(self, clock: FastClock) -> None:
        """Begin with nothing."""
        self._clock = clock
        self._order = itertools.count()
        self._events: list[tuple[datetime, int, Callable[[], object]]] = []

    def at(self, when: datetime, what: Callable[[], object]) -> None:
        """Let something happen at an instant."""
        heapq.heappush(self._events, (when, next(self._order), what))

    async def go_on(self, weeks: int, post: Post) -> None:
        """Let time go by until so many weeks are over, and let the program look at what is due."""
        end = START + weeks * WEEK
        tomorrow = START + ((self._clock.at - START) // DAY + 1) * DAY
        tick = self._clock.at
        while True:
            now = min(self._events[0][0] if self._events else end, tick, tomorrow)
            if now >= end:
                break
            self._clock.at = max(self._clock.at, now)
            if now >= tick:
                tick = await post.tick() or end
            if now >= tomorrow:
                await post.tidy()
                tomorrow += DAY
            while self._events and self._events[0][0] <= self._clock.at:
                # Whatever somebody does may let something fall due: at the next full minute the program looks.
                tick = min(tick, full_minute(self._clock.at))
                result = heapq.heappop(self._events)[2]()
                if asyncio.iscoroutine(result):
                    await result
        self._clock.at = end


def full_minute(moment: datetime) -> datetime:
    """The first full minute from a moment on."""
    seconds = -((START - moment) // timedelta(seconds=1))
    return START + timedelta(minutes=-(-seconds // 60))
