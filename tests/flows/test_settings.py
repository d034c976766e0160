"""Settings by buttons, and telling the time without knowing a zone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.beginnings import kim_alone, new_pair, since
from tests.driver import World, world_at
from tests.pairs import NUDGE, arrivals, begin, tap_beginning

HOUR = timedelta(hours=1)
SATURDAY_NINE = datetime(2027, 1, 23, 8, tzinfo=UTC)
"""09:00 in Berlin, ten days after a first check-in on Wednesday."""


async def test_everything_can_be_set_by_buttons(tmp_path: Path) -> None:
    """Day, hour, quiet hours, pause and pictures are each a tap or two away, and each is told back at once."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send("/settings")
        assert "Weekly questions: Sunday, around 19:00" in kim.screen
        assert "Quiet hours: 22:00 to 08:00" in kim.screen
        panel = kim.last["message_id"]

        await kim.tap("Day")
        await kim.tap("Saturday")
        await kim.tap("Hour")
        assert "07:00" not in kim.labels  # a quiet hour
        await kim.tap("09:00")
        assert "Weekly questions: Saturday, around 09:00" in kim.screen

        await kim.tap("Quiet hours")
        await kim.tap("23:00")
        assert kim.screen == "And until when?"
        await kim.tap("06:00")
        assert "Quiet hours: 23:00 to 06:00" in kim.screen
        assert kim.toast == "Kept"
        await kim.tap("Quiet hours")
        await kim.tap("No quiet hours")
        assert "Quiet hours: none" in kim.screen

        await kim.tap("Words only")
        assert "Pictures: words only" in kim.screen
        await kim.tap("Pause")
        assert "Weekly messages: paused" in kim.screen
        await kim.tap("End the pause")
        assert "Weekly messages: on" in kim.screen
        assert kim.last["message_id"] == panel  # one message, edited in place

        await kim.send("/picture")
        assert "photo" not in kim.last
        assert kim.screen.startswith("Only you can see this.")
        await kim.send("/settings")
        await kim.tap("With pictures")
        await kim.send("/picture")
        assert "photo" in kim.last

        await world.until(SATURDAY_NINE + HOUR)
        assert arrivals(kim, NUDGE) == [SATURDAY_NINE]


async def test_a_back_button_changes_nothing(tmp_path: Path) -> None:
    """Looking at a choice and going back keeps everything as it was."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send("/settings")
        before = kim.screen
        for part in ("Day", "Hour", "Quiet hours", "Your clock"):
            await kim.tap(part)
            await kim.tap("Back")
            assert kim.screen == before


async def asked_for_the_time(world: World, *, language: str = "en") -> None:
    """Somebody with a picture, whose clock is not known, taps "When to come back" and is asked for the time."""
    kim = world.person("Kim", language=language)
    await begin(kim)
    await kim.tap("When to come back")


async def test_the_phones_language_suggests_a_clock(tmp_path: Path) -> None:
    """A German phone is asked whether it is the time of Berlin; one Yes sets it."""
    async with world_at(tmp_path) as world, world.running():
        await asked_for_the_time(world, language="de")
        kim = world.people["Kim"]
        assert kim.screen.startswith("Is it 18:0")
        assert "as in Berlin?" in kim.screen
        await kim.tap("Yes")
        assert "Your clock: Berlin" in kim.screen


async def test_whoever_lives_elsewhere_says_no_and_taps_the_time(tmp_path: Path) -> None:
    """No leads to the question what time it is, each time leads to cities, and a city sets the clock."""
    async with world_at(tmp_path) as world, world.running():
        await asked_for_the_time(world, language="de")
        kim = world.people["Kim"]
        await kim.tap("No")
        assert kim.screen.startswith("What time is it for you now?")
        (noon,) = [label for label in kim.labels if label.startswith("12:")]
        await kim.tap(noon)
        assert kim.screen.startswith("Which of these has your time all year round?")
        assert all("12:" in label for label in kim.labels[:-2])
        await tap_beginning(kim, "New York")
        assert "Your clock: New York" in kim.screen


@pytest.mark.parametrize(
    ("typed", "city"),
    [("12:05", "New York"), ("6 pm", "Berlin"), ("kolkata", "Kolkata"), ("São Paulo", "Sao Paulo"), ("japan", "Tokyo")],
)
async def test_a_time_or_a_place_can_be_typed(tmp_path: Path, typed: str, city: str) -> None:
    """A typed time, city or country leads to cities, in any spelling; what was typed is not kept."""
    async with since(asked_for_the_time, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send(typed)
        await tap_beginning(kim, city)
        assert f"Your clock: {city}" in kim.screen


async def test_an_unknown_place_asks_for_another(tmp_path: Path) -> None:
    """A place that nobody knows gets a way on, and the next try counts."""
    async with since(asked_for_the_time, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send("Atlantis-under-sea")
        assert kim.screen.startswith("No city with that name or time was found.")
        await kim.send("lisbon")
        await tap_beginning(kim, "Lisbon")
        assert "Your clock: Lisbon" in kim.screen


async def test_leaving_is_reached_by_buttons(tmp_path: Path) -> None:
    """Whoever is in a pair finds the way out of it in the settings; alone there is nothing to leave."""
    async with since(new_pair, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send("/settings")
        await kim.tap("Leave the pair")
        await kim.tap("Leave")
        await kim.send("/settings")
        assert "Leave the pair" not in kim.labels
