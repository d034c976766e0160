"""Telegram asks for patience in the middle of a crowd, or is away for an hour: everybody gets what is theirs, once."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.demo.faults import CutBefore, retry_after
from bot.scenes import calendar
from storage import people
from storage.store import Tx
from tests.beginnings import kim_alone
from tests.driver import Person, World
from tests.flows.fault_place import copies, harsh, look, resting
from tests.pairs import NUDGE, arrivals, sent_at

pytestmark = pytest.mark.faulty

CROWD = 40
"""More than the sender takes up at once (24), and than are on their way at the same time (8)."""

TEN_MINUTES = timedelta(minutes=10)
AN_HOUR = timedelta(hours=1)


async def crowd(world: World, size: int) -> list[Person]:
    """People who came in and told where their clock is; all have the same slot as Kim."""
    came = [world.person(f"Person {number}") for number in range(size)]
    for person in came:
        world.stand_in.say(person.user_id, "/start")
    await world.settled()
    now = world.clock.now()

    def tell(tx: Tx) -> None:
        for person in came:
            found = people.find(tx, person.user_id)
            assert found is not None
            people.change(tx, found.id, zone="Europe/Berlin", adult_at=now)
            calendar.plan_nudge(tx, people.get(tx, found.id), now)

    assert world.bot is not None
    await world.bot.store.write(tell)
    return came


def nudged(crowd: list[Person]) -> int:
    """How many of a crowd have their nudge; nobody has two."""
    numbers = [len(arrivals(person, NUDGE)) for person in crowd]
    assert max(numbers) <= 1
    return sum(numbers)


@pytest.mark.parametrize("seconds", [20, 300])
async def test_patience_in_the_middle_of_a_crowd(tmp_path: Path, seconds: int) -> None:
    """All parcels keep the pause, even one that is longer than a lease; people who tap are served; nobody gets a nudge twice."""
    async with harsh(kim_alone, tmp_path, sleep=resting) as (world, _):
        assert world.bot is not None
        kim, many = world.people["Kim"], await crowd(world, CROWD)
        due = await next_nudge(world)
        await world.until(due - AN_HOUR)
        world.stand_in.faults.add("sendMessage", retry_after(seconds), chat_id=many[CROWD // 2].user_id)
        world.clock.forward_to(due)
        settling = asyncio.create_task(world.settled())
        while world.stand_in.faults.left():
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.1)  # what was under way ends
        before = nudged(many)
        assert 0 < before < CROWD
        world.stand_in.say(kim.user_id, "/help")
        while not kim.screen.startswith("How it works"):
            await asyncio.sleep(0.002)
        assert nudged(many) == before
        world.clock.advance(timedelta(seconds=seconds + 1))
        await world.bot.clockwork.run("reclaim")
        await settling
        assert nudged(many) == CROWD
        late = [person for person in many if arrivals(person, NUDGE)[0] >= due + timedelta(seconds=seconds)]
        assert len(late) == CROWD - before


async def test_telegram_is_away_for_an_hour(tmp_path: Path) -> None:
    """What people did is answered when it is back, and what fell due arrives, once; an owed screen comes as well."""
    async with harsh(kim_alone, tmp_path) as (world, way):
        assert world.bot is not None
        kim, many = world.people["Kim"], await crowd(world, 3)
        due = await next_nudge(world)
        await world.until(due - TEN_MINUTES)
        settings = len(copies(kim, "Settings"))
        world.stand_in.faults.add("sendMessage", CutBefore(), chat_id=kim.user_id)
        await kim.send("/settings")
        await way.shut()
        for minute in range(60):
            world.clock.advance(timedelta(minutes=1))
            for tick in ("renew", "plan", "send", "owed", "reclaim"):
                await world.bot.clockwork.run(tick)
            if minute == 30:
                for person in many:
                    world.stand_in.say(person.user_id, "/help")
        assert nudged(many) == 0
        await way.open()
        back = world.clock.now()
        while world.stand_in.pending_updates():
            world.clock.advance(timedelta(seconds=1))
            await asyncio.sleep(0.005)
        await look(world)
        await world.pass_time(TEN_MINUTES)
        assert nudged(many) == 3
        assert all(arrivals(person, NUDGE)[0] >= back - timedelta(seconds=1) for person in many)
        assert [len(copies(person, "How it works")) for person in many] == [1, 1, 1]
        assert len(copies(kim, "Settings")) == settings + 1
        assert sent_at(kim.last) >= back - timedelta(seconds=1)


async def next_nudge(world: World) -> datetime:
    """When the next plan falls due."""
    due = await world.next_due()
    assert due is not None
    return due
