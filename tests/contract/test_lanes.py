"""Lanes: order per chat, also where two processes share one PostgreSQL, and no more at hand than fits."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest

from bot.app import SystemClock
from bot.telegram import lanes as lanes_module
from bot.telegram.hold import MORE, Alone, Among, Finished, Hold, Unit
from bot.telegram.lanes import Lane, Lanes
from storage import claims, inbox
from storage.records import Letter
from storage.store import Store, Tx, open_store
from tests.databases import Place
from tests.leases import time_passes

CLOCK = SystemClock()
CHATS = 12
UPDATES = 25
KIM = 7


@dataclass
class World:
    """What really happened, whoever did it."""

    effects: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    shown: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    inside: Counter[int] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(20_261_122))  # noqa: S311 -- to be seen again


@dataclass
class Process:
    """One process: its store, its hold, and lanes that do what a consumer does."""

    world: World
    store: Store
    hold: Hold
    pace: float = 0.004
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    lanes: Lanes = field(init=False)

    def __post_init__(self) -> None:
        """Begin to live."""
        self.gate.set()
        self.lanes = Lanes(self.store, CLOCK, self.hold, self.work)

    async def receive(self, *updates: tuple[int, int]) -> None:
        """Take updates in, as a webhook does."""
        rows = [(update_id, chat_id, "{}") for update_id, chat_id in updates]
        self.lanes.hand(await self.store.write(partial(self.hold.keep, updates=rows, now=CLOCK.now())))

    async def work(self, lane: Lane, letter: Letter | None) -> Unit | None:
        """Take effect once, show it, and write down that it was shown."""
        assert letter is not None
        world, chat_id = self.world, lane.chat_id
        done = await self.lanes.write(lane, partial(inbox.done, letter_id=letter.id, now=CLOCK.now()))
        assert not world.inside[chat_id], "two are inside one chat"
        world.inside[chat_id] += 1
        try:
            if done:
                world.effects[chat_id].append(letter.update_id)
            await asyncio.sleep(world.chance.random() * self.pace)
            await self.gate.wait()
            self.lanes.be_sure(lane)
            if done:
                world.shown[chat_id].append(letter.update_id)
        finally:
            world.inside[chat_id] -= 1
        return lambda _tx: None

    async def die(self) -> None:
        """Be gone from one moment to the next: nothing is given back."""
        self.lanes._stopping = True
        for task in self.lanes._tasks:
            task.cancel()
        await asyncio.gather(*self.lanes._tasks, return_exceptions=True)


@pytest.fixture(name="world")
def _world() -> Iterator[World]:
    """A world in which in the end nobody broke the rule of one at a time."""
    world = World()
    yield world
    assert not any(world.inside.values())


@asynccontextmanager
async def processes(place: Place, world: World, number: int = 2) -> AsyncIterator[list[Process]]:
    """So many processes on one database, each with connections of its own."""
    async with AsyncExitStack() as stack:
        found = []
        for which in range(number):
            store = await stack.enter_async_context(open_store(*place.settings))
            process = Process(world, store, Among(f"process {which}"))
            await process.lanes.take_up()
            found.append(process)
        yield found
        for process in found:
            if process.lanes.alive:
                await process.lanes.stop(10)


async def all_idle(*several: Process) -> None:
    """Wait until nothing is open any more."""
    async with asyncio.timeout(30):
        while await several[0].store.read(inbox.count_open) or any(process.lanes._tasks for process in several):
            await asyncio.sleep(0.01)


async def test_several_processes_keep_each_chat_in_order(postgres: Place, world: World) -> None:
    """Updates of a chat that come one after the other to any process take effect once and are shown in that order."""
    async with processes(postgres, world, 3) as several:

        async def type_away(chat_id: int) -> None:
            for number in range(UPDATES):
                await world.chance.choice(several).receive((1000 * chat_id + number, chat_id))
                if world.chance.random() < 0.5:
                    await asyncio.sleep(world.chance.random() * 0.01)

        await asyncio.gather(*(type_away(chat_id) for chat_id in range(1, CHATS + 1)))
        await all_idle(*several)
    expected = {chat_id: [1000 * chat_id + number for number in range(UPDATES)] for chat_id in range(1, CHATS + 1)}
    assert world.effects == expected
    assert world.shown == expected


async def test_updates_at_the_same_moment_all_take_effect_once(postgres: Place, world: World) -> None:
    """Two processes that get updates of one chat at once, some of them twice, lose none and do none twice."""
    async with processes(postgres, world) as several:
        calls = [process.receive((number, KIM)) for number in range(40) for process in several]
        await asyncio.gather(*calls)
        await all_idle(*several)
    assert sorted(world.effects[KIM]) == list(range(40))
    assert world.effects == world.shown


async def test_what_a_dead_process_held_is_taken_over_in_order(postgres: Place, world: World) -> None:
    """After a death nothing happens until the claim runs out; then another goes on where it stopped, in order."""
    async with processes(postgres, world) as (first, second):
        first.gate.clear()
        for number in range(4):
            await first.receive((number, KIM))
        async with asyncio.timeout(10):
            while not world.effects[KIM]:
                await asyncio.sleep(0.005)
        await first.die()
        await second.receive((4, KIM))
        await second.lanes.take_up()
        await asyncio.sleep(0.05)
        assert world.effects[KIM] == [0]
        await second.store.write(partial(time_passes, by=claims.TTL))
        await second.lanes.take_up()
        await all_idle(second)
    assert world.effects[KIM] == [0, 1, 2, 3, 4]
    assert world.shown[KIM] == [1, 2, 3, 4]


async def test_who_was_too_slow_changes_nothing_any_more(postgres: Place, world: World) -> None:
    """A process that stood still finds its chat taken over: it shows nothing old and handles nothing twice."""
    async with processes(postgres, world) as (slow, quick):
        slow.gate.clear()
        await slow.receive((0, KIM))
        await slow.receive((1, KIM))
        async with asyncio.timeout(10):
            while not world.effects[KIM]:
                await asyncio.sleep(0.005)
        world.inside.clear()  # it stands still outside of all rules
        [lane] = slow.lanes._lanes.values()
        lane.sure_until = CLOCK.monotonic()
        await quick.store.write(partial(time_passes, by=claims.TTL))
        await quick.lanes.take_up()
        await all_idle(quick)
        slow.gate.set()
        await all_idle(slow, quick)
        world.inside.clear()
    assert world.effects[KIM] == [0, 1]
    assert world.shown[KIM] == [1]


async def test_a_claim_lasts_as_long_as_its_process_lives(postgres: Place, world: World) -> None:
    """A chat whose screen takes long is not taken over while its process renews."""
    async with processes(postgres, world) as (first, second):
        first.gate.clear()
        await first.receive((0, KIM))
        await second.receive((1, KIM))
        for _ in range(3):
            await second.store.write(partial(time_passes, by=claims.TTL * 0.6))
            await first.lanes.renew()
            await second.lanes.take_up()
        assert world.effects[KIM] == [0]
        first.gate.set()
        await all_idle(first, second)
    assert world.shown[KIM] == [0, 1]


async def test_a_process_that_stops_hands_over_at_once(postgres: Place, world: World) -> None:
    """After a graceful stop nobody waits for a claim to run out."""
    async with processes(postgres, world) as (first, second):
        first.gate.clear()
        for number in range(3):
            await first.receive((number, KIM))
        await first.lanes.stop(0.05)
        await second.lanes.take_up()
        await all_idle(second)
    assert world.effects[KIM] == [0, 1, 2]


@pytest.mark.parametrize("shared", [False, True])
async def test_no_more_is_at_hand_than_fits(
    postgres: Place, world: World, monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    """What comes faster than it is handled waits in the inbox, and comes in its order when there is room."""
    monkeypatch.setattr(lanes_module, "MOST_AT_HAND", 10)
    monkeypatch.setattr(lanes_module, "ROOM_AGAIN", 5)
    most = 0
    async with open_store(*postgres.settings) as store:
        process = Process(world, store, Among("one") if shared else Alone())
        await process.lanes.take_up()
        process.gate.clear()
        for number in range(100):
            await process.receive((number, number % 4))
            most = max(most, process.lanes._at_hand)
        waiting = asyncio.create_task(process.lanes.room())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        assert 0 < most <= 11
        process.gate.set()
        async with asyncio.timeout(30):
            while await store.read(inbox.count_open):
                await process.lanes.take_up()
                assert process.lanes._at_hand <= most + 4 * MORE
                await asyncio.sleep(0.01)
            await waiting
            await process.lanes.idle()
        await process.lanes.stop(1)
    assert world.shown == {chat_id: list(range(chat_id, 100, 4)) for chat_id in range(4)}


async def test_what_was_left_open_comes_before_what_is_new(place: Place, world: World) -> None:
    """At a start the inbox is taken up in order, however much it is, before anything new is handled."""
    async with open_store(*place.settings) as store:
        rows = [(number, KIM, "{}") for number in range(30)]
        await store.write(partial(inbox.store, updates=rows, now=CLOCK.now()))
        process = Process(world, store, Alone(), pace=0.001)
        await process.receive((30, KIM))
        await process.lanes.take_up()
        await process.receive((31, KIM))
        await process.lanes.idle()
        await process.lanes.stop(1)
    assert world.shown[KIM] == list(range(32))


async def test_a_waiting_letter_comes_before_a_screen_that_is_owed(postgres: Place, world: World) -> None:
    """Whoever takes a chat to paint what is owed handles first what waits there, for it leads to a newer screen."""
    async with processes(postgres, world, 1) as [process]:
        await process.store.write(partial(inbox.store, updates=[(0, KIM, "{}"), (1, KIM, "{}")], now=CLOCK.now()))
        process.lanes.ask(KIM)
        await process.lanes.idle()
        assert world.shown[KIM] == [0, 1]


@pytest.mark.parametrize(("shared", "keeping", "handling", "ending"), [(False, 1, 1, 0), (True, 3, 2, 2)])
async def test_a_claim_costs_little(postgres: Place, shared: bool, keeping: int, handling: int, ending: int) -> None:
    """Alone a letter costs what it cost before there were claims; among others a claim is five statements more in all."""
    async with open_store(*postgres.settings) as store:
        hold: Hold = Among("one") if shared else Alone()
        counted = []
        with store.count_statements() as statements:
            keep = partial(hold.keep, updates=[(1, KIM, "{}")], now=CLOCK.now())
            [letter] = await store.write(keep)
            counted.append(len(statements))

            def handle(tx: Tx) -> bool:
                hold.guard(tx, KIM)
                return inbox.done(tx, letter.id, CLOCK.now())

            assert await store.write(handle)
            counted.append(len(statements))
            finished = Finished(KIM, None, more=False)
            assert await store.write(partial(hold.finish, finished=finished, now=CLOCK.now())) == []
            counted.append(len(statements))
    assert counted == [keeping, keeping + handling, keeping + handling + ending]
