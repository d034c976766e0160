"""Nobody waits for it, and something goes wrong on its way: a nudge goes at most once, a comparison at least once."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bot.delivery import sender
from bot.demo.faults import Late
from tests.beginnings import Tell, about_to_compare, kim_alone, new_pair, since
from tests.driver import Person, World
from tests.flows import fault_table as table
from tests.flows.fault_place import expect, harsh, over, parcels, stored
from tests.flows.fault_table import Then
from tests.gate import Gate
from tests.pairs import A_MINUTE, NUDGE, arrivals
from tests.talks import TOGETHER, begin

pytestmark = pytest.mark.faulty

AN_HOUR = timedelta(hours=1)
SLOT = timedelta(days=11, hours=1)
"""From Wednesday 18:00 in Berlin to the Sunday slot that is more than four days after the first check-in."""

EXPECTED = {
    Then.LATER: 1,
    Then.MISSED: 0,
    Then.ONCE: 1,
    Then.NEVER: 0,
    Then.TWICE: 2,
    Then.LET_IN: 0,
    Then.WORDS_ALONE: 1,
}
"""How often the message has come an hour later."""


async def meet(way: Gate, person: Person, call: str, fault: str) -> None:
    """Let a fault meet the next such call for somebody."""
    if fault == table.CLOSED:
        await way.shut()
    else:
        expect(person, call, fault)


async def an_hour_later(world: World, way: Gate, person: Person, fault: str) -> None:
    """What went wrong is over, and an hour passes."""
    if fault == table.CLOSED:
        await way.open()
    else:
        over(person, fault)
    for seconds in (31, 31, table.LONG, 3600):
        await world.pass_time(timedelta(seconds=seconds))


@pytest.mark.parametrize(("fault", "then"), table.PARCELS["nudge"].items())
async def test_a_nudge(tmp_path: Path, fault: str, then: Then) -> None:
    """Whatever meets it, a nudge never comes twice."""
    async with harsh(kim_alone, tmp_path) as (world, way):
        kim = world.people["Kim"]
        await world.pass_time(SLOT - AN_HOUR)
        await meet(way, kim, "sendMessage", fault)
        await world.pass_time(AN_HOUR)
        await an_hour_later(world, way, kim, fault)
        assert len(arrivals(kim, NUDGE)) == EXPECTED[then]
        assert (await stored(kim)).reachable is (fault != table.BLOCKED)


@pytest.mark.parametrize(("fault", "then"), table.PARCELS["comparison"].items())
async def test_a_comparison(tmp_path: Path, fault: str, then: Then) -> None:
    """Whatever meets it, a comparison reaches both, and the partner notices nothing."""
    async with harsh(about_to_compare, tmp_path) as (world, way):
        kim, noor = world.people["Kim"], world.people["Noor"]
        before = len(kim.from_bot), len(noor.from_bot)
        await meet(way, kim, "sendPhoto", fault)
        await world.pass_time(A_MINUTE)
        await an_hour_later(world, way, kim, fault)
        assert len(kim.from_bot) - before[0] == EXPECTED[then]
        assert len(noor.from_bot) - before[1] == 1
        if then is Then.LET_IN:
            world.stand_in.block(kim.user_id)
            await world.settled()
            world.stand_in.unblock(kim.user_id)
            await world.pass_time(A_MINUTE)
            assert len(kim.from_bot) - before[0] == 1
            assert len(noor.from_bot) - before[1] == 1
        assert ("photo" in kim.last) is (then not in (Then.WORDS_ALONE, Then.NEVER))
        states = {state for state, _ in await parcels(world, "comparison")}
        assert states == ({"sent", "dead"} if then is Then.NEVER else {"sent"})


@pytest.mark.parametrize(("fault", "then"), table.PARCELS["talk.room"].items())
async def test_the_other_phone_of_a_talk(tmp_path: Path, fault: str, then: Then) -> None:
    """Whatever meets the change of a screen on which nobody tapped, it comes where it can, and never as a new message."""
    async with harsh(new_pair, tmp_path) as (world, way):
        kim, noor = await begin(world, TOGETHER)
        before = len(noor.from_bot)
        await meet(way, noor, "editMessageText", fault)
        await kim.tap("10 min")
        assert ("for 10 minutes" in noor.screen) is (then is Then.ONCE)
        await an_hour_later(world, way, noor, fault)
        assert ("for 10 minutes" in noor.screen) is (then in (Then.ONCE, Then.LATER))
        if then is Then.LET_IN:
            world.stand_in.block(noor.user_id)
            await world.settled()
            world.stand_in.unblock(noor.user_id)
            await world.pass_time(A_MINUTE)
        assert len(noor.from_bot) == before
        if then is Then.WHEN_THEY_LOOK:
            await noor.send("/talk")
        assert "for 10 minutes" in noor.screen


async def test_whoever_comes_back_gets_what_both_waited_for(tmp_path: Path) -> None:
    """Blocked when it opens, a comparison comes once the bot is let in again, and no nudge is made up for."""
    async with harsh(about_to_compare, tmp_path) as (world, _):
        kim, noor = world.people["Kim"], world.people["Noor"]
        before = len(kim.from_bot), len(noor.from_bot)
        world.stand_in.block(kim.user_id)
        await world.pass_time(A_MINUTE)
        theirs = [(each["message_id"], each.get("caption")) for each in noor.from_bot]
        assert (len(kim.from_bot) - before[0], len(theirs) - before[1]) == (0, 1)
        world.stand_in.unblock(kim.user_id)
        await world.pass_time(A_MINUTE)
        assert len(kim.from_bot) - before[0] == 1
        assert "photo" in kim.last
        assert [(each["message_id"], each.get("caption")) for each in noor.from_bot] == theirs
        assert arrivals(kim, NUDGE) == []


@pytest.mark.parametrize(
    ("tell", "call", "due", "copies"),
    [(kim_alone, "sendMessage", SLOT, 1), (about_to_compare, "sendPhoto", A_MINUTE, 2)],
    ids=["nudge", "comparison"],
)
async def test_a_stop_does_not_wait_for_what_hangs(
    tmp_path: Path, tell: Tell, call: str, due: timedelta, copies: int
) -> None:
    """What hangs is cut off, and nobody knows whether it arrived: a nudge does not come again, a comparison does."""
    hangs = 20.0
    async with since(tell, tmp_path) as world:
        kim = world.people["Kim"]
        with patch.object(sender, "STOP_SECONDS", 0.1):
            async with world.running():
                assert world.bot is not None
                await world.pass_time(max(due - AN_HOUR, timedelta()))
                before = len(kim.from_bot)
                world.stand_in.faults.add(call, Late(hangs), chat_id=kim.user_id)
                world.clock.advance(min(due, AN_HOUR))
                while len(kim.from_bot) == before:
                    await world.bot.clockwork.run("renew")
                    await asyncio.sleep(0.01)
                stopping = time.monotonic()
            assert time.monotonic() - stopping < hangs / 2
        async with world.running():
            await world.pass_time(timedelta(minutes=1))
            assert len(kim.from_bot) - before == copies
