"""Somebody waits for a screen, and something goes wrong on its way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.beginnings import kim_alone, new_pair
from tests.driver import Person, buttons_of
from tests.flows import fault_table as table
from tests.flows.fault_place import copies, expect, harsh, look, over, resting, stored
from tests.flows.fault_table import FAULTS, Then
from tests.talks import begin

pytestmark = pytest.mark.faulty

NEW = {
    "sendMessage": ("/settings", "Settings"),
    "sendPhoto": ("/picture", "Only you"),
    "sendDocument": ("/export", "Your own"),
}
"""What Kim types for a screen that comes by this call, and how it begins."""

SECOND = "2 of 5"
"""How the second screen about the idea begins; it comes in place of the first."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How often a screen is in the chat: as soon as the bot is done, and after its next look at what it owes."""

    at_once: int
    in_the_end: int


EXPECTED = {
    Then.AFTER_PAUSE: Seen(1, 1),
    Then.NEXT_LOOK: Seen(0, 1),
    Then.AGAIN: Seen(1, 2),
    Then.NEW_MESSAGE: Seen(1, 1),
    Then.AS_IT_IS: Seen(0, 0),
    Then.WORDS_ALONE: Seen(1, 1),
    Then.NOT_AT_ALL: Seen(0, 0),
    Then.WHEN_BACK: Seen(0, 0),
    Then.MENU: Seen(0, 0),
    Then.FILE_AND_MENU: Seen(1, 1),
    Then.ALL_THE_SAME: Seen(1, 1),
}

OWED = (Then.NEXT_LOOK, Then.AGAIN, Then.MENU, Then.FILE_AND_MENU)
"""Nobody knows whether the screen came, or it could not wait: the next look brings one."""

UNSURE = (Then.AGAIN, Then.FILE_AND_MENU)
"""The message of which nobody knows keeps its buttons; they lead on."""

WITHOUT = (Then.WORDS_ALONE, Then.NOT_AT_ALL, Then.WHEN_BACK)
"""No picture is in the chat."""

WITH = {"editMessageReplyMarkup": "/settings", "deleteMessages": "/hide"}
BEGINS = {"editMessageReplyMarkup": "Settings", "deleteMessages": "The recent messages", "answerCallbackQuery": SECOND}
"""What Kim types for a screen that this call goes with, and how it begins."""


PASSED = {
    Then.AFTER_PAUSE: ([True, False], [True, False]),
    Then.SHOWN_AGAIN: ([], [False]),
    Then.SCREEN_LATER: ([True], [True, False]),
    Then.PASSED_OVER: ([False], [False]),
}
"""What comes, a voice message or not: as soon as the bot is done, and after its next look."""


@pytest.fixture(name="kim")
async def _kim(tmp_path: Path) -> AsyncIterator[Person]:
    """Kim, who has a picture and is in no pair."""
    async with harsh(kim_alone, tmp_path) as (world, _):
        yield world.people["Kim"]


def live(kim: Person) -> list[int]:
    """The messages that carry buttons."""
    return [each["message_id"] for each in kim.from_bot if buttons_of(each)]


async def ask(kim: Person, call: str) -> None:
    """Do what leads to a screen by this call."""
    await (kim.send(NEW[call][0]) if call in NEW else kim.tap("Next"))


@pytest.mark.parametrize("call", table.SCREENS)
async def test_a_screen(kim: Person, call: str) -> None:
    """Whatever meets the call that brings a screen, what the table says comes of it, and nothing stays owed."""
    for fault, then in table.SCREENS[call].items():
        await kim.send("/about")
        await meet(kim, call, fault, then)
        await kim.send("/settings")
        assert kim.screen.startswith("Settings"), fault
        assert (await stored(kim)).reachable, fault


async def meet(kim: Person, call: str, fault: str, then: Then) -> None:
    """Let a fault meet the call that brings a screen, and look at what comes of it."""
    began = kim.world.clock.now()
    expect(kim, call, fault)
    beginning = NEW[call][1] if call in NEW else SECOND
    old, orphans = set(copies(kim, beginning)), set(live(kim)) - {kim.last["message_id"]}
    await ask(kim, call)
    over(kim, fault)
    at_once = set(copies(kim, beginning)) - old
    assert (await stored(kim)).panel.owed is (then in OWED), fault
    await look(kim.world)
    in_the_end = set(copies(kim, beginning)) - old
    assert Seen(len(at_once), len(in_the_end)) == EXPECTED[then], fault
    person = await stored(kim)
    assert not person.panel.owed, fault
    assert person.reachable is (fault != table.BLOCKED), fault
    waited = (kim.world.clock.now() - began).total_seconds()
    assert (table.PATIENT <= waited < table.LONG) is (then is Then.AFTER_PAUSE), fault
    assert ("photo" in kim.last) is (call == "sendPhoto" and then not in WITHOUT), fault
    alive = set(live(kim)) - orphans
    assert kim.last["message_id"] in alive, fault
    assert then in UNSURE or len(alive) == 1, fault


async def test_what_goes_with_a_screen(kim: Person) -> None:
    """Taking buttons away, deleting and ending the spinner may fail: the screen comes all the same, once."""
    for call, fault in ((call, fault) for call, column in table.BESIDE.items() for fault in column):
        await kim.send("/about")
        kim.world.stand_in.faults.add(call, FAULTS[fault])
        before = {each["message_id"] for each in kim.from_bot}
        await (kim.tap("Next") if call == "answerCallbackQuery" else kim.send(WITH[call]))
        assert kim.world.stand_in.faults.left() == 0, (call, fault)
        await look(kim.world)
        new = {each["message_id"] for each in kim.from_bot} - before
        assert len(new) == (call != "answerCallbackQuery"), (call, fault)
        assert kim.screen.startswith(BEGINS[call]), (call, fault)
        assert not (await stored(kim)).panel.owed, (call, fault)


async def test_what_could_not_be_hidden_is_hidden_the_next_time(kim: Person) -> None:
    """Messages that Telegram did not delete for want of time or of a line are not forgotten before they are gone."""
    await kim.send("/about")
    old = {each["message_id"] for each in kim.from_bot}
    kim.world.stand_in.faults.add("deleteMessages", FAULTS["500"])
    await kim.send("/hide")
    assert old < {each["message_id"] for each in kim.from_bot}
    await kim.send("/hide")
    assert len(kim.from_bot) == 1


async def test_a_wait_holds_up_one_chat(kim: Person) -> None:
    """While one person's screen waits as Telegram asked, another one taps and is served."""
    world = kim.world
    noor = world.person("Noor")
    await noor.send("/start")
    with patch.object(world.bot.consumer._panel, "_sleep", resting(world.clock)):
        world.stand_in.faults.add("sendMessage", FAULTS[table.PAUSE], chat_id=kim.user_id)
        world.stand_in.say(kim.user_id, "/about")
        while world.stand_in.faults.left():
            await asyncio.sleep(0.001)
        world.stand_in.say(noor.user_id, "/help")
        while not noor.screen.startswith("How it works"):
            await asyncio.sleep(0.001)
        assert not kim.screen.startswith("1 of 5")
        world.clock.advance(timedelta(seconds=table.PATIENT))
        await world.settled()
    assert kim.screen.startswith("1 of 5")


async def test_a_message_that_is_passed_on(tmp_path: Path) -> None:
    """In a talk a voice message comes before the screen; if it does not, asking again brings it."""
    async with harsh(new_pair, tmp_path) as (world, _):
        kim, noor = await begin(world)
        world.stand_in.send_voice(kim.user_id)
        await world.settled()
        await kim.tap("Send it")
        await noor.send("/talk")
        assert noor.labels[0] == "Show it"
        for fault, then in table.PASSED_ON["copyMessage"].items():
            expect(noor, "copyMessage", fault)
            before = len(noor.from_bot)
            await noor.tap("Show it")
            over(noor, fault)
            at_once = voices(noor, before)
            await look(world)
            assert (at_once, voices(noor, before)) == PASSED[then], fault
            assert noor.screen.startswith("Kim says:"), fault
            assert not (await stored(noor)).panel.owed, fault
            if then is Then.SHOWN_AGAIN:
                before = len(noor.from_bot)
                await noor.tap("Show it")
                assert voices(noor, before) == [True, False], fault
            await noor.send("/talk")


def voices(person: Person, since: int) -> list[bool]:
    """Which of the newest messages are voice messages, after so many."""
    return ["voice" in each for each in person.from_bot[since:]]
