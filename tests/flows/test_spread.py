"""Not everybody is written to in the same second: couples of one slot are spread over half an hour."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot.dance.rhythm import couple_jitter
from bot.scenes import calendar
from storage import couples
from tests.beginnings import kim_alone, since
from tests.driver import THINKING, World, world_at
from tests.pairs import MIDWEEK, NUDGE, REMINDER, SILENCE, arrivals, begin, compare_first, pair, tell_city

SPREAD = calendar.SPREAD_MINUTES
FIRST = 5_000_000_000
"""Telegram's number of the first person, by which they are spread while alone."""

SUNDAY = datetime(2027, 1, 17, 18, tzinfo=UTC)
"""19:00 in Berlin."""
DAY = timedelta(days=1)


async def delay_of_couple(world: World) -> timedelta:
    """How much later the one couple in a world is written to."""
    assert world.bot is not None
    couple = await world.bot.store.read(partial(couples.get, couple_id=1))
    return couple_jitter(calendar.seed(couple), SPREAD)


async def at_a_second_with_a_longer_delay(world: World, alone: timedelta) -> None:
    """Wait until a couple that forms with the next tap has a longer delay."""
    while couple_jitter(int((world.clock.now() + THINKING).timestamp()), SPREAD) <= alone:
        await world.pass_time(timedelta(seconds=1))


async def test_a_couple_is_written_to_at_its_own_minute(tmp_path: Path) -> None:
    """Nudge, reminder, midweek starter and the neutral message come to both with one delay, within the hour told."""
    async with world_at(tmp_path) as world:
        world.spread_minutes = SPREAD
        async with world.running():
            kim, noor = await pair(world, cities=("Berlin", "Berlin"))
            later = await delay_of_couple(world)
            await compare_first(world, kim, noor)
            await world.until(SUNDAY + 6 * DAY)
    assert timedelta() < later < timedelta(minutes=SPREAD)
    for person in (kim, noor):
        came = [arrivals(person, beginning) for beginning in (NUDGE, REMINDER, SILENCE, MIDWEEK)]
        assert came == [[SUNDAY + days * DAY + later] for days in (0, 1, 2, 4)]


async def test_alone_one_is_spread_by_oneself(tmp_path: Path) -> None:
    """A person alone is nudged with a delay of their own."""
    async with since(kim_alone, tmp_path) as world:
        world.spread_minutes = SPREAD
        async with world.running():
            await tell_city(world.people["Kim"], "Berlin")
            await world.until(SUNDAY + 8 * DAY)
    assert arrivals(world.people["Kim"], NUDGE) == [SUNDAY + 7 * DAY + couple_jitter(FIRST, SPREAD)]


async def test_pairing_between_two_delays_brings_no_second_nudge(tmp_path: Path) -> None:
    """Who was nudged alone, and forms a pair with a longer delay in the same half hour, is not nudged again."""
    alone = couple_jitter(FIRST + 1, SPREAD)
    async with world_at(tmp_path) as world:
        world.spread_minutes = SPREAD
        async with world.running():
            noor, kim = world.person("Noor"), world.person("Kim")
            await noor.send("/start")
            await begin(kim)
            await tell_city(kim, "Berlin")
            await world.until(SUNDAY + 7 * DAY + alone)
            assert arrivals(kim, NUDGE) == [SUNDAY + 7 * DAY + alone]
            await kim.send("/invite")
            await kim.tap("Kim")
            await noor.follow(kim.screen)
            await noor.tap("I choose this freely")
            await at_a_second_with_a_longer_delay(world, alone)
            await noor.tap("Noor")
            together = await delay_of_couple(world)
            assert alone < together
            await tell_city(kim, "Berlin")
            await world.until(SUNDAY + 14 * DAY + timedelta(hours=1))
    assert arrivals(kim, NUDGE) == [SUNDAY + 7 * DAY + alone, SUNDAY + 14 * DAY + together]


async def test_one_day_holds_one_nudge(tmp_path: Path) -> None:
    """Who was nudged and then chooses a later hour of the same day is not nudged a second time that day."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await world.until(SUNDAY + 7 * DAY)
        await kim.send("/settings")
        await kim.tap("Hour")
        await kim.tap("20:00")
        await world.until(SUNDAY + 16 * DAY)
    assert arrivals(kim, NUDGE) == [SUNDAY + 7 * DAY, SUNDAY + 14 * DAY + timedelta(hours=1)]
    assert len(arrivals(kim, REMINDER)) == 2
