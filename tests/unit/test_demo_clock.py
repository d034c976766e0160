from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.demo.clock import ShiftableClock, through, to_next
from tests.two_phones import START, FakePacemaker

HOUR = timedelta(hours=1)


class Wall:
    """A wall clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The instant that a test set."""
        return self.at


def still_clock() -> ShiftableClock:
    """A clock that moves only when it is moved."""
    return ShiftableClock(START, wall=Wall())


def test_without_a_start_the_clock_shows_the_real_time() -> None:
    """A clock that nobody moved shows the real time, in UTC."""
    before = datetime.now(UTC)
    assert before <= ShiftableClock().now() <= datetime.now(UTC)


def test_the_clock_runs_on_from_its_start() -> None:
    """Real time goes on to pass from the given start."""
    wall = Wall()
    clock = ShiftableClock(START, wall=wall)
    wall.at += HOUR
    assert clock.now() == START + HOUR


def test_a_start_in_another_zone_is_the_same_instant() -> None:
    """Whatever the zone of the start, the clock speaks UTC."""
    clock = ShiftableClock(START.astimezone(timezone(5 * HOUR)), wall=Wall())
    assert (clock.now(), clock.now().tzinfo) == (START, UTC)


@pytest.mark.parametrize("deed", [ShiftableClock, lambda naive: still_clock().forward_to(naive)])
def test_a_naive_instant_is_refused(deed: Callable[[datetime], object]) -> None:
    """An instant without a zone is refused."""
    with pytest.raises(ValueError, match="zone"):
        deed(START.replace(tzinfo=None))


def test_the_clock_never_goes_back() -> None:
    """An instant that has passed changes nothing, and a negative step is refused."""
    clock = still_clock()
    clock.forward_to(START - HOUR)
    assert clock.now() == START
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-HOUR)


def test_moving_the_clock_leaves_pauses_alone() -> None:
    """The monotonic time is real, however far the clock is moved."""
    clock = still_clock()
    before = clock.monotonic()
    clock.advance(timedelta(weeks=52))
    assert clock.monotonic() - before < HOUR.total_seconds()


async def test_next_stops_at_the_next_due_instant() -> None:
    """The clock moves to the earliest due instant and the bot acts there."""
    clock = still_clock()
    pacemaker = FakePacemaker(clock, 2 * HOUR, HOUR)
    assert await to_next(clock, pacemaker) == START + HOUR == clock.now()
    assert pacemaker.stops == [START + HOUR]


async def test_next_with_nothing_due_stays() -> None:
    """With nothing due the clock stays where it is."""
    clock = still_clock()
    assert await to_next(clock, FakePacemaker(clock)) is None
    assert clock.now() == START


async def test_a_long_step_stops_at_everything_that_is_due() -> None:
    """A day passes through every due instant in it, in order, and ends after a day."""
    clock = still_clock()
    pacemaker = FakePacemaker(clock, HOUR, 5 * HOUR, 30 * HOUR)
    assert await through(clock, pacemaker, START + 24 * HOUR) == 2
    assert pacemaker.stops == [START + HOUR, START + 5 * HOUR, START + 24 * HOUR]


async def test_what_the_bot_plans_on_the_way_is_stopped_at_too() -> None:
    """A plan made at one stop is met at the next."""
    clock = still_clock()

    class Planning(FakePacemaker):
        async def settled(self) -> None:
            await super().settled()
            if len(self.stops) == 1:
                self.due.append(self.clock.now() + HOUR)

    pacemaker = Planning(clock, HOUR)
    assert await through(clock, pacemaker, START + 24 * HOUR) == 2
    assert pacemaker.stops[:2] == [START + HOUR, START + 2 * HOUR]


async def test_a_due_instant_that_stays_due_does_not_hold_the_walk() -> None:
    """A plan that the bot cannot get done is passed by."""
    clock = still_clock()

    class Stuck(FakePacemaker):
        async def settled(self) -> None:
            self.stops.append(self.clock.now())

    assert await through(clock, Stuck(clock, HOUR), START + 24 * HOUR) == 1
    assert clock.now() == START + 24 * HOUR
