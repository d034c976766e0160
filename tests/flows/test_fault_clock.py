"""The wall clock is set while the program runs: no nudge twice or at night, and nothing stands still."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from apscheduler.schedulers import base
from apscheduler.triggers import interval

from bot import app
from bot.delivery.clockwork import Clockwork
from tests.beginnings import kim_alone, since
from tests.driver import Person, StoryClock, World
from tests.pairs import NUDGE, REMINDER, arrivals

pytestmark = pytest.mark.faulty

HOUR = timedelta(hours=1)
QUICK = 0.05
NEVER = 3600.0
"""Seconds between two ticks, or two looks of the watchdog."""

SUNDAY = datetime(2027, 1, 24, 18, tzinfo=UTC)
"""19:00 in Berlin, the first slot with something to answer after Kim's first form."""


@dataclass
class Wall:
    """A wall clock that somebody sets; the monotonic one does not notice."""

    world: World
    by: timedelta = field(default=timedelta())

    def set_by(self, by: timedelta) -> None:
        """Set it."""
        self.by += by
        self.world.clock._shift += by

    def seconds(self) -> float:
        """Seconds since 1970, as the machine would tell."""
        return time.time() + self.by.total_seconds()

    def steady(self) -> float:
        """The story's seconds, without what was set."""
        return StoryClock.monotonic(self.world.clock) - self.by.total_seconds()

    def datetime(self) -> type[datetime]:
        """What the scheduler asks what time it is."""
        wall = self

        class Told(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + wall.by

        return Told


@asynccontextmanager
async def on_a_wall(folder: Path, *, watch_seconds: float = 0.02) -> AsyncIterator[tuple[Person, Wall]]:
    """Kim on Sunday at 18:30, half an hour before the nudge; the clock can be set."""
    async with since(kim_alone, folder) as world:
        wall = Wall(world)
        world.clock.monotonic = wall.steady  # type: ignore[method-assign]
        clockwork = partial(Clockwork, wall=wall.seconds, watch_seconds=watch_seconds)
        with (
            patch.object(app, "Clockwork", clockwork),
            patch.multiple(app, PLAN_SECONDS=QUICK, SEND_SECONDS=QUICK, RENEW_SECONDS=QUICK),
            patch.object(base, "datetime", wall.datetime()),
            patch.object(interval, "datetime", wall.datetime()),
        ):
            async with world.running():
                await world.until(SUNDAY - HOUR / 2)
                yield world.people["Kim"], wall


async def in_time(true: Callable[[], object], seconds: float = 5.0) -> bool:
    """Whether something comes about by itself, within some real seconds."""
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        await asyncio.sleep(0.01)
    return bool(true())


@pytest.mark.parametrize("by", [-2 * HOUR, 2 * HOUR / 10], ids=["back", "forward"])
async def test_the_ticks_go_on(tmp_path: Path, by: timedelta) -> None:
    """After the clock was set the scheduler ticks as before: the nudge comes by itself."""
    async with on_a_wall(tmp_path) as (kim, wall):
        wall.set_by(by)
        await asyncio.sleep(0.1)
        kim.world.clock.advance(HOUR / 2 - by)
        assert await in_time(lambda: arrivals(kim, NUDGE))


async def test_without_the_watchdog_they_stop(tmp_path: Path) -> None:
    """What the watchdog is there for: the scheduler alone stands still when the clock is set back."""
    async with on_a_wall(tmp_path, watch_seconds=NEVER) as (kim, wall):
        wall.set_by(-2 * HOUR)
        await asyncio.sleep(0.1)
        kim.world.clock.advance(HOUR / 2 + 2 * HOUR)
        assert not await in_time(lambda: arrivals(kim, NUDGE), seconds=0.5)


async def test_an_hour_that_comes_twice_brings_one_nudge(tmp_path: Path) -> None:
    """After the nudge the clock is set back: the slot comes again, and neither nudge nor reminder does."""
    async with on_a_wall(tmp_path) as (kim, wall):
        world = kim.world
        await world.pass_time(HOUR)
        assert len(arrivals(kim, NUDGE)) == 1
        wall.set_by(-HOUR)
        await world.pass_time(timedelta(days=3))
        assert (len(arrivals(kim, NUDGE)), len(arrivals(kim, REMINDER))) == (1, 1)
        await world.pass_time(timedelta(days=7))
        assert (len(arrivals(kim, NUDGE)), len(arrivals(kim, REMINDER))) == (2, 2)


async def test_an_hour_that_is_left_out_brings_no_nudge_at_night(tmp_path: Path) -> None:
    """The clock is set from before the slot into the night, and back again: none at night, none twice, and the next as usual."""
    async with on_a_wall(tmp_path) as (kim, wall):
        world = kim.world
        wall.set_by(5 * HOUR)
        await world.settled()
        assert arrivals(kim, NUDGE) == []
        wall.set_by(-5 * HOUR)
        await world.pass_time(timedelta(days=3))
        assert len(arrivals(kim, NUDGE)) <= 1
        before = len(arrivals(kim, NUDGE))
        await world.pass_time(timedelta(days=5))
        assert len(arrivals(kim, NUDGE)) == before + 1
        assert all(moment.hour == SUNDAY.hour for moment in arrivals(kim, NUDGE))
