"""The dance so far: one's own weeks, both people's weeks, windows, gaps, and words for who sees no pictures."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.scenes import history
from tests.beginnings import compared_in_berlin, kim_alone, since
from tests.driver import Person, World
from tests.pairs import A_MINUTE, OTHERWISE, answer_and_show

HOUR = timedelta(hours=1)
A_WEEK = timedelta(days=7)
FIRST_SUNDAY = datetime(2027, 1, 17, 18, tzinfo=UTC)
"""19:00 in Berlin: the first shared slot."""

LINE = re.compile(r"\d+ \w+: \d+, \d+(; \d+, \d+)?")
"""A week in words: its day, and the sizes of one person or of two."""


async def weeks(world: World, person: Person, number: int) -> None:
    """So many more weeks, answered each."""
    for _ in range(number):
        await world.pass_time(A_WEEK)
        await person.send("/checkin")
        if "The six" in person.labels:
            await person.tap("The six")
        await person.walk()


def lines(person: Person) -> list[str]:
    """The weeks in words, as the newest message tells them."""
    return [line for line in person.screen.splitlines() if LINE.fullmatch(line)]


async def test_without_a_picture_there_is_no_path(world: World) -> None:
    """Before the first picture the screen says so and leads to the questions."""
    kim = world.person("Kim")
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    await kim.send("/history")
    assert "There is no path yet." in kim.screen
    assert "Questions" in kim.labels


async def test_one_week_is_a_place_and_two_are_a_path(tmp_path: Path) -> None:
    """One week and two are drawn and told; nothing lasting is claimed; the way there stands under the second picture."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send("/picture")
        assert "The dance so far" not in kim.labels
        await kim.send("/history")
        assert "photo" in kim.last
        assert "One week is a place." in kim.screen
        assert len(lines(kim)) == 1
        await weeks(world, kim, 1)
        await kim.tap("The dance so far")
        assert len(lines(kim)) == 2
        assert "That is normal and mostly chance." in kim.screen
        assert "Lasting change can be told after sixteen weeks at the earliest." in kim.screen
        assert "Earlier" not in kim.labels


async def test_many_weeks_come_in_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest window comes first; buttons lead back and forth, and every week is told once."""
    monkeypatch.setattr(history, "WINDOW", 2)
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await weeks(world, kim, 2)
        await kim.send("/history")
        told = lines(kim)
        assert len(told) == 2
        assert "Later" not in kim.labels
        await kim.tap("Earlier")
        assert len(lines(kim)) == 1
        assert {*lines(kim)}.isdisjoint(told)
        assert "Earlier" not in kim.labels
        await kim.tap("Later")
        assert lines(kim) == told


async def test_words_only_means_no_picture(tmp_path: Path) -> None:
    """Who asked for words only gets the weeks in words and no word about dots and clouds."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send("/settings")
        await kim.tap("Words only")
        await kim.send("/history")
        assert "photo" not in kim.last
        assert len(lines(kim)) == 1
        assert "cloud" not in kim.screen


async def test_both_are_drawn_over_what_both_had_shown(tmp_path: Path) -> None:
    """The weeks that both showed are there for both alike; a week that only one showed is not."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim, noor = world.people["Kim"], world.people["Noor"]
        await world.until(FIRST_SUNDAY + HOUR)
        await answer_and_show(kim, "Sizes")
        await answer_and_show(noor, "Sizes and words", OTHERWISE)
        await world.pass_time(A_MINUTE)
        await world.until(FIRST_SUNDAY + A_WEEK + HOUR)
        await answer_and_show(kim, "Sizes and words")
        await answer_and_show(noor, "Nothing", OTHERWISE)
        await world.pass_time(A_MINUTE)
        for person, other in ((kim, "Noor"), (noor, "Kim")):
            await person.send("/history")
            assert len(lines(person)) == 3
            await person.tap(f"{other} and you")
            assert person.screen.startswith("Both of you, over the weeks you both showed:")
            assert len(lines(person)) == 2
            assert all(line.count(",") == 2 for line in lines(person))
            assert "photo" in person.last
            assert person.last["has_protected_content"]
            await person.tap("Only yours")
            assert person.screen.startswith("The dance so far")


async def test_nobody_else_changes_what_was_shown(tmp_path: Path) -> None:
    """When the partner leaves and is forgotten, the same path stays, word for word, with the same buttons."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim, noor = world.people["Kim"], world.people["Noor"]
        await kim.send("/history")
        await kim.tap("Noor and you")
        before = (kim.screen, kim.labels)
        await noor.send("/delete")
        await noor.tap("Yes, delete everything")
        await kim.send("/history")
        await kim.tap("Noor and you")
        assert (kim.screen, kim.labels) == before
