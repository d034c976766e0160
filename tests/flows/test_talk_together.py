"""A talk in one room: the bot keeps the floor and the time, on one phone or on both."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bot.demo.standin import Reply, StandIn
from tests.beginnings import new_pair, since
from tests.driver import World
from tests.talks import COMPLETE, OVER, TOGETHER, begin, open_news, texts

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def paired(tmp_path: Path) -> AsyncIterator[World]:
    """Kim and Noor are a pair in Berlin."""
    async with since(new_pair, tmp_path) as world, world.running():
        yield world


async def test_two_people_finish_a_talk_in_one_room(paired: World) -> None:
    """Five minutes for one, said back, five for the other, said back, one thing each; both phones show the same."""
    kim, noor = await begin(paired, TOGETHER)
    assert "You speak first, for 5 minutes." in kim.screen
    assert "Kim speaks first, for 5 minutes." in noor.screen
    told = (len(kim.from_bot), len(noor.from_bot))
    await kim.tap("Begin")
    assert kim.screen.startswith("You speak. 5 minutes are left.")
    assert noor.screen.startswith("Kim speaks. 5 minutes are left.")
    await kim.tap("Done")
    assert noor.screen.startswith('You say back what was heard, in other words, and ask: "Did that get it?"')
    await noor.tap("Yes, that is it")
    assert kim.screen.startswith("Noor speaks now, for 5 minutes.")
    await noor.tap("Begin")
    await noor.tap("Done")
    await kim.tap("Not quite")
    assert noor.screen.startswith("You speak. 5 minutes are left.")
    await kim.tap("Done")
    await kim.tap("Yes, that is it")
    assert kim.screen.startswith("You have both been heard.")
    assert (len(kim.from_bot), len(noor.from_bot)) == told
    await kim.tap("Close the talk")
    assert kim.screen.startswith(COMPLETE)
    assert noor.screen.startswith(COMPLETE)
    await noor.tap("Yes")
    assert noor.screen == "Noted, for you alone."


async def test_the_time_left_is_shown_by_an_edit_a_minute(paired: World) -> None:
    """Within a turn each phone's message is changed once a minute and no new one comes; then the turn is over."""
    kim, noor = await begin(paired, TOGETHER)
    await kim.tap("Begin")
    told = len(kim.from_bot)
    edits = 0
    shown = [kim.screen]
    for _ in range(5 * 4):
        await paired.pass_time(MINUTE / 4)
        if kim.screen != shown[-1]:
            shown.append(kim.screen)
            edits += 1
    assert edits == 5
    assert [text.splitlines()[0] for text in shown[1:5]] == [
        *(f"You speak. {left} minutes are left." for left in (4, 3, 2)),
        "You speak. One minute is left.",
    ]
    assert kim.screen.startswith("Noor says back what was heard,")
    assert noor.screen.startswith("You say back what was heard,")
    assert len(kim.from_bot) == told


@pytest.mark.parametrize("then", ["Done", "Menu"])
async def test_an_edit_that_comes_late_does_not_stay_over_a_newer_screen(paired: World, then: str) -> None:
    """While the minute is on its way, the reader taps: what stays on their phone is what the tap led to."""
    kim, noor = await begin(paired, TOGETHER)
    await kim.tap("Begin")
    whole, overtaken = StandIn.call, []

    async def late(there: StandIn, method: str, params: Mapping[str, Any], files: Any = None) -> Reply:
        minute = "4 minutes are left" in str(params.get("text"))
        if minute and int(str(params["chat_id"])) == noor.user_id and not overtaken:
            overtaken.append(noor.screen)
            message, data = noor._button(then, None)
            there.tap(noor.user_id, message["message_id"], data)
            while noor.screen == overtaken[0]:
                await asyncio.sleep(0.001)
        return await whole(there, method, params, files)

    with patch.object(StandIn, "call", late):
        await paired.pass_time(MINUTE + MINUTE / 2)
    assert overtaken
    assert paired.bot is not None
    await paired.bot.clockwork.run("owed")
    await paired.settled()
    assert "4 minutes are left" not in noor.screen
    assert noor.screen.startswith("You say back what was heard," if then == "Done" else "You & I")


async def test_one_phone_is_enough(paired: World) -> None:
    """Whoever taps, taps for both."""
    kim, _noor = await begin(paired, TOGETHER)
    for label in ("Begin", "Done", "Yes, that is it", "Begin", "Done", "Yes, that is it", "Close the talk"):
        await kim.tap(label)
    assert kim.screen.startswith(COMPLETE)


async def test_length_and_order_can_be_chosen_before(paired: World) -> None:
    """Three to ten minutes, and who speaks first; both phones show it."""
    kim, noor = await begin(paired, TOGETHER)
    await kim.tap("10 min")
    await noor.tap("The other first")
    assert "Noor speaks first, for 10 minutes." in kim.screen
    await kim.tap("Begin")
    assert noor.screen.startswith("You speak. 10 minutes are left.")
    await kim.tap("Done")
    await kim.tap("Yes, that is it")
    assert "The other first" not in kim.labels


async def test_both_tap_at_once(paired: World) -> None:
    """Two taps for the same step count as one."""
    kim, noor = await begin(paired, TOGETHER)
    await kim.tap("Begin")
    for person in (kim, noor):
        data = next(
            one["callback_data"]
            for row in person.last["reply_markup"]["inline_keyboard"]
            for one in row
            if one["text"] == "Done"
        )
        paired.stand_in.tap(person.user_id, person.last["message_id"], data)
    await paired.settled()
    assert kim.screen.startswith("Noor says back what was heard,")
    assert noor.screen.startswith("You say back what was heard,")


async def test_a_turn_survives_a_restart(tmp_path: Path) -> None:
    """The time runs on while the bot is away; afterwards it shows what is left, or that the turn is over."""
    async with since(new_pair, tmp_path) as world:
        async with world.running():
            kim, noor = await begin(world, TOGETHER)
            await kim.tap("Begin")
            await world.pass_time(MINUTE + MINUTE / 2)
        world.clock.advance(MINUTE)
        async with world.running():
            await world.settled()
            assert kim.screen.startswith("You speak. 3 minutes are left.")
        world.clock.advance(10 * MINUTE)
        async with world.running():
            await world.settled()
            assert noor.screen.startswith("You say back what was heard,")


async def test_who_has_gone_elsewhere_is_not_called_back(paired: World) -> None:
    """A phone that shows something else is left alone; /talk shows where the talk stands."""
    kim, noor = await begin(paired, TOGETHER)
    await noor.tap("Menu")
    menu = noor.screen
    await kim.tap("Begin")
    await paired.pass_time(2 * MINUTE)
    assert noor.screen == menu
    await noor.send("/talk")
    assert noor.screen.startswith("Kim speaks. 3 minutes are left.")


@pytest.mark.parametrize("moves", [(), ("Begin",), ("Begin", "Done")])
async def test_it_can_be_put_off_to_a_time_that_both_keep(paired: World, moves: tuple[str, ...]) -> None:
    """Another time, from any moment: the other confirms, both are called then, and it goes on where it was."""
    kim, noor = await begin(paired, TOGETHER)
    for label in moves:
        await kim.tap(label)
    await noor.tap("Another time")
    await noor.tap("Thursday 14 January")
    await noor.tap("20:00")
    assert "You named a time: Thursday 20:00." in noor.screen
    await open_news(kim)
    assert kim.screen.startswith("Noor could talk with you Thursday 20:00.")
    await kim.tap("Yes, then")
    await open_news(noor)
    assert "You and Kim have a time: Thursday 20:00." in noor.screen
    await paired.until(paired.clock.now().replace(day=14, hour=19, minute=0, second=30))
    await open_news(kim)
    await kim.tap("I am here")
    assert kim.screen.startswith("You are here.")
    await open_news(noor)
    await noor.tap("I am here")
    await open_news(kim)
    assert "You speak first, for 5 minutes." in kim.screen


async def test_either_may_stop_in_one_room(paired: World) -> None:
    """One tap, in the middle of a turn; nothing more is shown of it afterwards."""
    kim, noor = await begin(paired, TOGETHER)
    await kim.tap("Begin")
    await noor.tap("Stop")
    assert noor.screen.startswith("The talk is over, at once and without a reason.")
    assert kim.screen.startswith(OVER)
    told = len(texts(kim))
    await paired.pass_time(6 * MINUTE)
    assert len(texts(kim)) == told
