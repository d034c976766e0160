"""A couple's rounds: how they begin, what a changed slot does, how they end, and what a standstill leaves behind."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.beginnings import compared_in_berlin, new_pair, since
from tests.driver import world_at
from tests.pairs import (
    A_MINUTE,
    CLOSED,
    MIDWEEK,
    NUDGE,
    OTHERWISE,
    REMINDER,
    SILENCE,
    answer,
    answer_and_show,
    arrivals,
    pair,
    seen,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
FIRST_SUNDAY = datetime(2027, 1, 17, 18, tzinfo=UTC)
"""19:00 in Berlin."""

FIRST_REVEAL = FIRST_SUNDAY + 2 * DAY


async def test_the_first_comparison_can_open_on_any_day(tmp_path: Path) -> None:
    """Round 0 lasts from pairing to the reveal hour of the first slots, so that choices made across a Sunday meet."""
    async with since(new_pair, tmp_path) as world, world.running():
        kim, noor = world.people["Kim"], world.people["Noor"]
        await kim.send("/picture")
        await kim.show("Sizes")
        assert "Tuesday 19:00 at the latest" in kim.screen
        await world.until(FIRST_SUNDAY + HOUR)
        await answer_and_show(noor, "Sizes", OTHERWISE)
        await world.pass_time(A_MINUTE)
        assert "Noor:" in kim.screen
        assert kim.last["date"] == noor.last["date"]
        await world.until(FIRST_REVEAL + HOUR)
        assert arrivals(kim, SILENCE) == arrivals(noor, SILENCE) == []

        await world.until(FIRST_SUNDAY + WEEK)
        assert arrivals(kim, NUDGE)[-1] == FIRST_SUNDAY + WEEK
        await kim.tap("Start")
        assert kim.screen.startswith("1 of 6")


async def test_a_round_0_in_which_nothing_opens_ends_at_its_reveal_hour(tmp_path: Path) -> None:
    """A new pair that shows nothing reads the neutral message once, after its first slots."""
    async with since(new_pair, tmp_path) as world, world.running():
        kim, noor = world.people["Kim"], world.people["Noor"]
        await world.until(FIRST_REVEAL + HOUR)
        assert arrivals(kim, SILENCE) == arrivals(noor, SILENCE) == [FIRST_REVEAL]
        await kim.send("/picture")
        assert "What may Noor see?" not in kim.labels


async def test_who_told_no_zone_has_rounds_by_utc_and_no_midweek(tmp_path: Path) -> None:
    """While a zone is unknown nothing comes at a set hour of that person's, and what comes to both makes no sound."""
    async with world_at(tmp_path) as world, world.running():
        kim, noor = await pair(world, cities=None)
        await world.until(FIRST_REVEAL + WEEK + 2 * HOUR)
        assert arrivals(kim, NUDGE) == arrivals(kim, MIDWEEK) == []
        assert arrivals(kim, SILENCE) == [FIRST_REVEAL + HOUR, FIRST_REVEAL + HOUR + WEEK]
        assert seen(kim, kim.last) == seen(noor, noor.last)
        assert seen(kim, kim.last).silent


async def test_answers_after_the_reveal_hour_are_for_oneself(tmp_path: Path) -> None:
    """Once both read that there is no comparison this week, nothing of this week can be shown any more."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await world.until(FIRST_REVEAL + HOUR)
        await answer(kim)
        assert kim.screen.startswith("Only you can see this.")
        assert "What may Noor see?" not in kim.labels
        assert "Guess about Noor" not in kim.labels


async def test_choosing_is_brief_from_the_third_round_on_and_explained_on_asking(tmp_path: Path) -> None:
    """What the first two rounds say in full is brief later; "How it works" tells it, with a way back to the choice."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        for moment, in_full in ((FIRST_SUNDAY, True), (FIRST_SUNDAY + WEEK, False)):
            await world.until(moment + HOUR)
            await answer(kim)
            await kim.tap("What may Noor see?")
            assert ("before anything is decided" in kim.screen) is in_full
        await kim.tap("How it works")
        assert "after a look at exactly that" in kim.screen
        await kim.tap("Back")
        assert kim.screen.startswith("What may Noor see this time?")
        await kim.tap("Sizes")
        for part in ("Noor would see exactly this, and keep it:", "Only if Noor shows something too."):
            assert part in kim.screen
        await kim.tap("Share this")
        assert "If you both show something, it opens around " in kim.screen


async def test_a_choice_that_was_left_open_ends_with_the_reveal_hour(tmp_path: Path) -> None:
    """A tap on a choice that came too late leads to one's own picture, and promises no comparison."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await world.until(FIRST_SUNDAY + HOUR)
        await answer(kim)
        await kim.tap("What may Noor see?")
        question = kim.last
        await world.until(FIRST_REVEAL + HOUR)
        await kim.tap("Sizes", message=question)
        assert kim.screen.startswith("Only you can see this.")
        await kim.send("/start")
        assert kim.screen.startswith("Only you can see this.")


async def test_a_changed_slot_counts_from_the_next_round(tmp_path: Path) -> None:
    """A new day leaves the present reveal hour where it is; the next round takes both slots as they are then."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim, noor = world.people["Kim"], world.people["Noor"]
        await world.until(FIRST_SUNDAY + HOUR)
        await kim.send("/settings")
        await kim.tap("Day")
        await kim.tap("Saturday")
        assert kim.toast == "Kept"
        await world.until(FIRST_REVEAL + HOUR)
        assert arrivals(kim, SILENCE) == arrivals(noor, SILENCE) == [FIRST_REVEAL]

        saturday, sunday = FIRST_SUNDAY + 6 * DAY, FIRST_SUNDAY + WEEK
        await world.until(sunday + HOUR)
        assert arrivals(kim, NUDGE)[-1] == saturday
        assert arrivals(noor, NUDGE)[-1] == sunday
        await answer_and_show(kim, "Sizes")
        assert "Tuesday 19:00 at the latest" in kim.screen
        await world.until(sunday + 2 * DAY + HOUR)
        assert arrivals(kim, SILENCE) == arrivals(noor, SILENCE) == [FIRST_REVEAL, sunday + 2 * DAY]


async def test_six_silent_rounds_close_the_pair_for_both(tmp_path: Path) -> None:
    """After six rounds without a comparison both read the same message at the same second, and each is free again."""
    async with since(new_pair, tmp_path) as world, world.running():
        kim, noor = world.people["Kim"], world.people["Noor"]
        await world.until(FIRST_REVEAL + 5 * WEEK + HOUR)
        assert len(arrivals(kim, SILENCE)) == 5
        assert arrivals(kim, CLOSED) == [FIRST_REVEAL + 5 * WEEK]
        assert seen(kim, kim.last) == seen(noor, noor.last)
        assert kim.labels == ["Go on alone", "Invite again", "Menu", "Help and safety"]
        await kim.tap("Invite again")
        assert kim.screen.startswith("What does your partner call you?")
        await noor.tap("Go on alone")
        assert "Our comparison" not in noor.labels
        await world.pass_time(3 * WEEK)
        assert arrivals(noor, SILENCE)[5:] == []


async def test_after_a_standstill_of_three_weeks_nothing_is_made_up_for(tmp_path: Path) -> None:
    """Whoever was away with the program gets what was due last once, and at the next slot one nudge; rounds go on."""
    async with since(compared_in_berlin, tmp_path) as world:
        kim, noor = world.people["Kim"], world.people["Noor"]
        async with world.running():
            await world.until(FIRST_SUNDAY + HOUR)
            before = (len(kim.from_bot), len(noor.from_bot))
        wednesday = FIRST_SUNDAY + 3 * WEEK + 3 * DAY
        world.clock.forward_to(wednesday)
        async with world.running():
            await world.settled()
            assert [message["text"].split(".")[0] + "." for message in kim.from_bot[before[0] :]] == [SILENCE]
            assert len(noor.from_bot) == before[1] + 1
            sunday = FIRST_SUNDAY + 4 * WEEK
            await world.until(sunday + HOUR)
            assert arrivals(kim, NUDGE)[1:] == arrivals(noor, NUDGE)[1:] == [sunday]
            assert arrivals(kim, REMINDER) == arrivals(kim, MIDWEEK) == []
            for person in (kim, noor):
                await answer_and_show(person, "Sizes")
            await world.pass_time(A_MINUTE)
            assert "Noor:" in kim.screen
            assert "Kim:" in noor.screen
