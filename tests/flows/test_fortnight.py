"""Two weeks of two people in two time zones, as one story."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.driver import world_at
from tests.pairs import (
    A_MINUTE,
    MIDWEEK,
    NUDGE,
    OTHERWISE,
    REMINDER,
    SILENCE,
    answer_and_show,
    arrivals,
    compare_first,
    pair,
    seen,
    sent_at,
)

HOUR = timedelta(hours=1)


def january(day: int, hour: int) -> datetime:
    """An hour of that January, in UTC: Berlin is an hour ahead, New York five behind."""
    return datetime(2027, 1, day, hour, tzinfo=UTC)


def starter_in(comparison: str) -> str:
    """The joint starter at the end of a comparison."""
    return comparison.partition("If you both like:\n")[2].partition("\n")[0]


async def test_a_fortnight(tmp_path: Path) -> None:
    """From pairing on a Wednesday to a week in which nobody shows anything, all comes at its hour and to both alike."""
    async with world_at(tmp_path) as world, world.running():
        kim, noor = await pair(world, cities=("Berlin", "New York"))
        await compare_first(world, kim, noor)
        first = (kim.last, noor.last)
        assert first[0]["date"] == first[1]["date"]
        assert "Noor:" in kim.screen
        assert "Kim:" in noor.screen

        await world.until(january(18, 2))
        assert arrivals(kim, NUDGE) == [january(17, 18)]  # Sunday 19:00 in Berlin
        assert arrivals(noor, NUDGE) == [january(18, 0)]  # Sunday 19:00 in New York
        assert arrivals(kim, MIDWEEK) == arrivals(noor, MIDWEEK) == []

        await kim.tap("Start")
        await kim.walk()
        assert kim.screen.startswith("Only you can see this.")
        await kim.show("Sizes and words")
        await answer_and_show(noor, "Sizes and words", OTHERWISE)
        await world.pass_time(A_MINUTE)
        assert "Noor:" in kim.screen
        assert "Kim:" in noor.screen
        assert kim.last["date"] == noor.last["date"]
        assert starter_in(kim.screen) == starter_in(noor.screen) != ""

        await world.until(january(24, 12))
        assert arrivals(kim, MIDWEEK) == arrivals(noor, MIDWEEK) == [january(21, 18)]  # Thursday 19:00 and 13:00
        assert seen(kim, kim.last) == seen(noor, noor.last)
        assert arrivals(kim, REMINDER) == arrivals(noor, REMINDER) == []

        await world.until(january(27, 1))
        assert arrivals(kim, NUDGE) == [january(24, 18)]  # the first one became the questions
        assert arrivals(noor, NUDGE) == [january(18, 0), january(25, 0)]
        assert arrivals(kim, REMINDER) == [january(25, 18)]
        assert arrivals(noor, REMINDER) == [january(26, 0)]

        assert kim.screen.startswith(SILENCE)
        assert kim.last["text"].encode() == noor.last["text"].encode()
        assert kim.last["reply_markup"] == noor.last["reply_markup"]
        assert sent_at(kim.last) == sent_at(noor.last) == january(27, 0)  # the last slot and 48 hours
        assert seen(kim, kim.last).silent  # one in the morning in Berlin
        assert not seen(noor, noor.last).silent  # seven in the evening in New York
