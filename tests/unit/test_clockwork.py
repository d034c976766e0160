import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.delivery.clockwork import Clockwork

NEVER = 3600.0


class Count:
    """A tick that counts its runs and may be held up."""

    def __init__(self) -> None:
        self.runs = 0
        self.at_once = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.ran = asyncio.Condition()

    async def __call__(self) -> None:
        """Run once."""
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await self.gate.wait()
        self.at_once -= 1
        async with self.ran:
            self.runs += 1
            self.ran.notify_all()

    async def times(self, number: int) -> None:
        """Wait for so many runs."""
        async with asyncio.timeout(3), self.ran:
            await self.ran.wait_for(lambda: self.runs >= number)


@asynccontextmanager
async def ticking(
    *ticks: tuple[str, float, Callable[[], Awaitable[object]]], **more: object
) -> AsyncIterator[Clockwork]:
    """A clockwork that runs."""
    works = Clockwork(ticks, **more)  # type: ignore[arg-type]
    works.start()
    try:
        yield works
    finally:
        await works.stop()


async def test_a_tick_runs_again_and_again() -> None:
    """Every interval the tick runs."""
    count = Count()
    async with ticking(("count", 0.02, count)):
        await count.times(3)


async def test_a_kick_runs_a_tick_now() -> None:
    """Nobody waits for the interval after a kick."""
    count = Count()
    async with ticking(("count", NEVER, count)) as works:
        works.kick("count")
        await count.times(1)
    assert count.runs == 1


async def test_kicks_during_a_run_lead_to_one_more() -> None:
    """What falls due while a tick runs is found: one more run, however many kicks, never two at once."""
    count = Count()
    count.gate.clear()
    async with ticking(("count", NEVER, count)) as works:
        works.kick("count")
        await asyncio.sleep(0.01)
        works.kick("count")
        works.kick("count")
        count.gate.set()
        await count.times(2)
    assert (count.runs, count.most_at_once) == (2, 1)


async def test_a_slow_tick_never_runs_twice_at_once(caplog: pytest.LogCaptureFixture) -> None:
    """An interval that passes during a run is skipped, and the scheduler says nothing about it."""
    count = Count()
    count.gate.clear()
    async with ticking(("count", 0.01, count)):
        await asyncio.sleep(0.1)
        count.gate.set()
        await count.times(2)
    assert count.most_at_once == 1
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_tick_that_fails_runs_again(caplog: pytest.LogCaptureFixture) -> None:
    """A mistake is logged by its type without its words, and kills neither the tick nor the others."""
    count = Count()

    async def stumble() -> None:
        raise ValueError("Kim said something private")

    async with ticking(("stumble", NEVER, stumble), ("count", NEVER, count)) as works:
        works.kick("stumble")
        works.kick("count")
        await count.times(1)
        works.kick("stumble")
        await asyncio.sleep(0.01)
    failures = [record.getMessage() for record in caplog.records if record.name == "bot.delivery.clockwork"]
    assert failures == ["The tick stumble failed: ValueError"] * 2


async def test_the_ticks_begin_anew_after_the_clock_was_set() -> None:
    """When wall and monotonic time drift apart, the jobs are renewed and each tick runs at once."""
    count = Count()
    wall = 1_000_000.0
    async with ticking(("count", NEVER, count), wall=lambda: wall, monotonic=lambda: 5.0, watch_seconds=0.01) as works:
        await asyncio.sleep(0.05)
        assert count.runs == 0
        before = works._scheduler.get_job("count").next_run_time
        wall -= 7200
        await count.times(1)
        assert works._scheduler.get_job("count").next_run_time > before


async def test_stopping_waits_for_the_run_under_way() -> None:
    """A tick is never cut off in the middle, and none begins afterwards."""
    count = Count()
    count.gate.clear()
    works = Clockwork([("count", NEVER, count)])
    works.start()
    works.kick("count")
    await asyncio.sleep(0.01)
    stopping = asyncio.create_task(works.stop())
    await asyncio.sleep(0.01)
    assert not stopping.done()
    count.gate.set()
    await stopping
    works.kick("count")
    await asyncio.sleep(0.01)
    assert count.runs == 1


async def test_a_tick_that_nobody_knows_is_a_mistake() -> None:
    """Kicking a name that does not exist raises."""
    async with ticking() as works:
        with pytest.raises(KeyError):
            works.kick("nothing")


async def test_it_can_be_stopped_before_it_started() -> None:
    """Stopping what never ran does no harm."""
    await Clockwork([]).stop()


async def test_a_run_can_be_waited_for() -> None:
    """`run` ends after a run that began after it was asked for, even if one was under way."""
    count, other = Count(), Count()
    other.gate.clear()
    async with ticking(("count", NEVER, count), ("other", NEVER, other)) as works:
        await works.run("count")
        assert count.runs == 1
        works.kick("other")
        count.gate.clear()
        works.kick("count")
        await asyncio.sleep(0)
        waiting = asyncio.create_task(works.run("count"))
        await asyncio.sleep(0)
        count.gate.set()
        await waiting
        assert count.runs == 3
        assert other.runs == 0
        other.gate.set()
