"""The weekly nudge: at a good hour, easy to decline, and silent wherever it would disturb."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.beginnings import compared_in_berlin, kim_alone, new_pair, since
from tests.driver import Person, world_at
from tests.pairs import (
    A_MINUTE,
    MIDWEEK,
    NUDGE,
    REMINDER,
    SILENCE,
    answer,
    answer_and_show,
    arrivals,
    compare_first,
    pair,
    seen,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
SUNDAY = datetime(2027, 1, 24, 18, tzinfo=UTC)
"""19:00 in Berlin, eleven days after a first check-in on Wednesday."""


async def set_quiet(person: Person, begins: str, ends: str) -> None:
    """Choose quiet hours."""
    await person.send("/settings")
    await person.tap("Quiet hours")
    await person.tap(begins)
    await person.tap(ends)


async def test_a_nudge_waits_until_quiet_hours_are_over(tmp_path: Path) -> None:
    """A slot within quiet hours is nudged when they end, and so is its reminder."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await set_quiet(kim, "19:00", "09:00")
        await world.until(SUNDAY + 3 * DAY)
        assert arrivals(kim, NUDGE) == [SUNDAY + 14 * HOUR]
        assert arrivals(kim, REMINDER) == [SUNDAY + 14 * HOUR + DAY]


async def test_no_nudge_while_there_is_nothing_to_answer(tmp_path: Path) -> None:
    """Who answered this week's questions is not told that they are ready, and gets no reminder of it either."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await world.until(SUNDAY - DAY)
        assert arrivals(kim, NUDGE) == arrivals(kim, REMINDER) == []
        await answer(kim)
        assert kim.screen.startswith("Only you can see this.")
        await world.until(SUNDAY + WEEK - HOUR)
        assert arrivals(kim, NUDGE) == arrivals(kim, REMINDER) == []
        await world.until(SUNDAY + WEEK + HOUR)
        assert arrivals(kim, NUDGE) == [SUNDAY + WEEK]
        await kim.tap("Start")
        assert kim.screen.startswith("1 of 6")


async def test_no_nudge_within_four_days_of_a_check_in(tmp_path: Path) -> None:
    """A new pair that answered on Friday is left alone on Sunday, and on Monday as well."""
    friday = datetime(2027, 1, 15, 17, tzinfo=UTC)
    async with since(compared_in_berlin, tmp_path, start=friday) as world, world.running():
        kim, noor = world.people["Kim"], world.people["Noor"]
        await world.until(SUNDAY - 2 * DAY)
        assert arrivals(kim, NUDGE) == arrivals(noor, REMINDER) == []
        await world.until(SUNDAY + HOUR)
        assert arrivals(kim, NUDGE) == arrivals(noor, NUDGE) == [SUNDAY]


@pytest.mark.parametrize(
    ("button", "reminded"),
    [("Start", [DAY]), ("Tomorrow", [DAY + HOUR]), ("Not this week", [])],
)
async def test_what_a_nudge_offers(tmp_path: Path, button: str, reminded: list[timedelta]) -> None:
    """Start leads to the questions, Tomorrow moves the one reminder, and Not this week is a full answer."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await world.until(SUNDAY + HOUR - timedelta(seconds=4))
        await kim.tap(button)
        assert kim.screen.startswith({"Start": "1 of 6", "Tomorrow": "Tomorrow, then."}.get(button, "Not this week"))
        await world.until(SUNDAY + WEEK - HOUR)
        assert arrivals(kim, REMINDER) == [SUNDAY + later for later in reminded]
        await world.until(SUNDAY + WEEK)
        assert arrivals(kim, NUDGE)[-1:] == [SUNDAY + WEEK]


async def test_answers_take_the_reminder_back(tmp_path: Path) -> None:
    """Who answered after the nudge is not reminded."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await world.until(SUNDAY + HOUR)
        await kim.tap("Start")
        await kim.walk()
        await world.until(SUNDAY + 3 * DAY)
        assert arrivals(kim, REMINDER) == []


async def test_a_pause_is_quiet_until_it_ends(tmp_path: Path) -> None:
    """Who paused gets no nudge and no neutral message; after the pause the next slot counts."""
    async with since(new_pair, tmp_path) as world, world.running():
        kim, noor = world.people["Kim"], world.people["Noor"]
        await kim.send("/settings")
        await kim.tap("Pause")
        assert "Weekly messages: paused" in kim.screen
        before = len(kim.from_bot)
        await world.until(SUNDAY + 3 * DAY)
        assert len(kim.from_bot) == before
        assert len(arrivals(noor, SILENCE)) == 2
        await kim.send("/settings")
        await kim.tap("End the pause")
        await world.until(SUNDAY + WEEK + HOUR)
        assert arrivals(kim, NUDGE) == [SUNDAY + WEEK]


async def test_whoever_blocks_the_bot_hears_nothing_until_they_let_it_in_again(tmp_path: Path) -> None:
    """Blocked, nothing is even tried; unblocked, the next slot counts and nothing is made up for."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        world.stand_in.block(kim.user_id)
        await world.settled()
        calls = len(world.stand_in.requests)
        await world.until(SUNDAY + DAY)
        tried = [call for call in list(world.stand_in.requests)[calls:] if call.params.get("chat_id")]
        assert tried == []
        world.stand_in.unblock(kim.user_id)
        await world.settled()
        await world.until(SUNDAY + WEEK + HOUR)
        assert arrivals(kim, NUDGE) == [SUNDAY + WEEK]


@pytest.mark.parametrize(
    ("city", "zone", "wednesday"),
    [
        ("Berlin", "Europe/Berlin", datetime(2027, 3, 17, 12, tzinfo=UTC)),
        ("New York", "America/New_York", datetime(2027, 10, 27, 12, tzinfo=UTC)),
        ("Sydney", "Australia/Sydney", datetime(2027, 3, 24, 2, tzinfo=UTC)),
    ],
)
async def test_the_hour_stays_when_clocks_change(tmp_path: Path, city: str, zone: str, wednesday: datetime) -> None:
    """Nudge and reveal hour come at the same time on the wall clock before and after it changes."""
    async with world_at(tmp_path, start=wednesday) as world, world.running():
        kim, _ = await pair(world, cities=(city, city))
        await world.pass_time(3 * WEEK)
        local = ZoneInfo(zone)
        for beginning, day in ((NUDGE, 6), (SILENCE, 1)):
            moments = [moment.astimezone(local) for moment in arrivals(kim, beginning)]
            assert len(moments) >= 2
            assert {(moment.weekday(), moment.hour, moment.minute) for moment in moments} == {(day, 19, 0)}
            assert len({moment.utcoffset() for moment in moments}) == 2


async def test_nothing_that_comes_in_quiet_hours_makes_a_sound(tmp_path: Path) -> None:
    """A comparison that opens at night comes at once, silently to whoever has quiet hours, aloud to the other."""
    midnight = datetime(2027, 1, 14, 1, tzinfo=UTC)
    async with world_at(tmp_path) as world, world.running():
        kim, noor = await pair(world, cities=("Berlin", "New York"))
        await kim.send("/picture")
        await kim.show("Sizes")
        await world.until(midnight)
        await answer_and_show(noor, "Sizes")
        await world.pass_time(A_MINUTE)
        assert kim.last["date"] == noor.last["date"]
        assert seen(kim, kim.last).silent
        assert not seen(noor, noor.last).silent


async def test_a_night_that_began_earlier_silences_the_midweek_starter(tmp_path: Path) -> None:
    """Whoever chose longer quiet hours meanwhile gets the joint starter at the same moment, without a sound."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim, noor = world.people["Kim"], world.people["Noor"]
        await world.until(SUNDAY - WEEK + 3 * DAY)
        await set_quiet(kim, "19:00", "08:00")
        await world.until(SUNDAY - WEEK + 5 * DAY)
        assert arrivals(kim, MIDWEEK) == arrivals(noor, MIDWEEK) == [SUNDAY - WEEK + 4 * DAY]
        assert seen(kim, kim.last).silent
        assert not seen(noor, noor.last).silent


async def test_the_midweek_starter_needs_an_hour_that_both_are_awake(tmp_path: Path) -> None:
    """Berlin and Sydney share a morning, and get it then; with longer nights they share none, and get none."""
    async with world_at(tmp_path) as world, world.running():
        kim, noor = await pair(world, cities=("Berlin", "Sydney"))
        await compare_first(world, kim, noor)
        await world.until(datetime(2027, 1, 23, tzinfo=UTC))
        shared = arrivals(kim, MIDWEEK)
        assert shared == arrivals(noor, MIDWEEK)
        (moment,) = shared
        assert moment.astimezone(ZoneInfo("Europe/Berlin")).hour == 9
        assert not seen(kim, kim.last).silent
        assert not seen(noor, noor.last).silent
        await set_quiet(kim, "19:00", "10:00")
        await set_quiet(noor, "19:00", "10:00")
        await world.until(datetime(2027, 2, 6, tzinfo=UTC))
        assert len(arrivals(kim, MIDWEEK)) == 1
