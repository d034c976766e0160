"""One thank-you a day: previewed, silent at night, no answer expected."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.beginnings import compared_in_berlin, kim_alone, new_pair, since
from tests.driver import World, text_of
from tests.pairs import chat_of
from tests.talks import thank

FIVE = ["For listening", "For making me laugh", "For giving me room", "For being near", "For an ordinary day"]
MESSAGE = "Thank you for making me laugh.\n\nFrom your partner. No answer is needed."


@pytest.fixture
async def paired(tmp_path: Path) -> AsyncIterator[World]:
    """Kim and Noor are a pair in Berlin."""
    async with since(new_pair, tmp_path) as world, world.running():
        yield world


async def test_one_sees_exactly_what_the_other_will_read(paired: World) -> None:
    """Five kinds, a preview that can still be changed, and then the same words in the other's chat."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    before = len(noor.from_bot)
    await kim.send("/thanks")
    assert kim.labels == [*FIVE, "Menu", "Help and safety"]
    await kim.tap("For listening")
    assert "Thank you for listening." in kim.screen
    await kim.tap("For making me laugh")
    assert kim.screen.endswith(MESSAGE)
    assert len(noor.from_bot) == before
    await kim.tap("Send it")
    assert [text_of(message) for message in noor.from_bot[before:]] == [MESSAGE]
    assert noor.labels == ["Menu", "Help and safety"]
    assert "Kim" not in noor.screen


async def test_one_a_day(paired: World) -> None:
    """The second waits for the next day by one's own clock, however it is asked for; nothing is counted anywhere."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    await thank(kim)
    told = len(noor.from_bot)
    first = kim.from_bot[-1]
    await kim.send("/thanks")
    assert kim.screen.startswith("Today's thank-you for Noor has gone.")
    await kim.forge("v1:thanks.send:near", message=first)
    await kim.forge("v1:thanks.preview:near", message=first)
    assert len(noor.from_bot) == told
    await paired.until(paired.clock.now().replace(hour=22, minute=59))  # 23:59 in Berlin
    await kim.send("/thanks")
    assert kim.screen.startswith("Today's")
    await paired.pass_time(timedelta(minutes=2))
    await thank(kim, "For being near")
    assert noor.screen.startswith("Thank you for being near.")


async def test_a_second_tap_sends_no_second(paired: World) -> None:
    """Tapping twice before an answer comes gives one thank-you."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    told = len(noor.from_bot)
    await kim.send("/thanks")
    await kim.tap("For being near")
    await kim.tap_twice("Send it")
    assert len(noor.from_bot) == told + 1


async def test_it_makes_no_sound_in_quiet_hours(paired: World) -> None:
    """At night it comes at once, without a sound."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    await thank(kim)
    assert not chat_of(noor)[-1].silent
    await paired.until(paired.clock.now().replace(hour=23, minute=30))
    await thank(kim)
    assert chat_of(noor)[-1].silent


async def test_both_may_thank_each_other(paired: World) -> None:
    """One thank-you takes nothing from the other's."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    await thank(kim)
    await thank(noor, "For being near")
    assert kim.screen.startswith("Thank you for being near.")


@pytest.mark.parametrize("how", ["/leave", "/delete"])
async def test_after_the_other_has_gone_it_looks_the_same(paired: World, how: str) -> None:
    """Who thanks somebody who left or was deleted reads what they would read otherwise."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    await thank(kim)
    usual = kim.screen
    await paired.pass_time(timedelta(days=1))
    await noor.send(how)
    await noor.tap("Leave" if how == "/leave" else "Yes, delete everything")
    told = len(noor.from_bot)
    await thank(kim)
    assert kim.screen == usual
    assert len(noor.from_bot) == told


async def test_of_several_that_waited_only_the_last_comes(paired: World) -> None:
    """Whoever blocked the bot for days and is back reads one thank-you, the last, and not that one as often as there were any."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    paired.stand_in.block(noor.user_id)
    await paired.settled()
    told = len(noor.from_bot)
    for label in ("For listening", "For making me laugh", "For being near"):
        await thank(kim, label)
        await paired.pass_time(timedelta(days=1))
    paired.stand_in.unblock(noor.user_id)
    await noor.send("/start")
    assert sum("From your partner" in text_of(message) for message in noor.from_bot[told:]) == 1
    assert any(text_of(message).startswith("Thank you for being near.") for message in noor.from_bot[told:])


@pytest.mark.parametrize("how", ["/leave", "/delete"])
async def test_what_waits_goes_with_the_giver(paired: World, how: str) -> None:
    """A thank-you that could not be delivered was not shown yet: leaving takes it out as deleting does, so nobody tells them apart."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    paired.stand_in.block(noor.user_id)
    await paired.settled()
    told = len(noor.from_bot)
    await thank(kim)
    await kim.send(how)
    await kim.tap("Leave" if how == "/leave" else "Yes, delete everything")
    paired.stand_in.unblock(noor.user_id)
    await noor.send("/help")
    assert [text_of(message).partition("\n")[0] for message in noor.from_bot[told:]] == ["How it works"]


async def test_alone_there_is_a_way_to_a_pair(tmp_path: Path) -> None:
    """Somebody in no pair is told so, and finds both ways into one."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.person("Kim")
        await kim.send("/thanks")
        assert kim.screen.startswith("This takes two people")
        assert kim.labels[:2] == ["Invite your partner", "I have a code"]


async def test_after_a_comparison_it_is_one_button(tmp_path: Path) -> None:
    """Under the comparison stands the way to say thanks, and in the menu."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim = world.person("Kim")
        await kim.send("/compare")
        await kim.tap("Say thanks to Noor")
        assert kim.labels[:5] == FIVE
        await kim.send("/menu")
        await kim.tap("Say thanks")
        assert kim.labels[:5] == FIVE
