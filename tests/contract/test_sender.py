"""The sender's flow in virtual time: who is slow holds one place, no lease runs out, and a stop is short."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import app
from bot.delivery.courier import Outcome, Sent
from bot.delivery.leader import Leader
from bot.delivery.pace import CHAT_SECONDS, Pace
from bot.delivery.sender import AT_ONCE, BATCH, LEASE, STOP_SECONDS, Rendered, Sender
from bot.scenes.screen import Screen, Tap
from storage import outbox, people
from storage.records import OnUnknown, Parcel, Person
from storage.store import Store, Tx
from storage.tables import outbox as parcels
from tests.bench import virtual
from tests.databases import sqlite_place
from tests.year.inline import inline_store

RATE = 25.0
QUICK = 0.05
HANGS = 25.0
"""Seconds: as long as one call may take."""

SHARE = 0.98
"""Of the rate, at least, goes out."""

DAY = timedelta(days=1)
NOTE = Screen("Time for your questions", (), Tap("home"))

Moments = dict[str, list[float]]


@dataclass
class Line:
    """A courier who takes his time for each person, and notes when he set out for whom with what."""

    time: Callable[[], float]
    takes: dict[int, float] = field(default_factory=dict)
    began: Moments = field(default_factory=dict)
    ended: Moments = field(default_factory=dict)
    busy: Counter[int] = field(default_factory=Counter)
    most_at_once: int = 0

    async def send(self, person: Person, screen: Screen, *, silent: bool) -> Outcome:
        """Carry one screen, whose text is the key of its parcel; see the protocol."""
        del silent
        self.began.setdefault(screen.text, []).append(self.time())
        self.busy[person.id] += 1
        assert self.busy[person.id] == 1, "two to one chat at once"
        self.most_at_once = max(self.most_at_once, self.busy.total())
        try:
            await asyncio.sleep(self.takes.get(person.id, QUICK))
        finally:
            self.busy[person.id] -= 1
        self.ended.setdefault(screen.text, []).append(self.time())
        return Sent(len(self.ended))


class Post:
    """A sender that leads, and people who are not there: only their parcels are."""

    def __init__(self, store: Store, *, rate: float = RATE, owner: str = "one") -> None:
        self.store = store
        self.clock = virtual.clock()
        self.line = Line(self.clock.monotonic)
        self.leader = Leader(store, owner=owner, clock=self.clock)
        self.pace = Pace(rate, monotonic=self.clock.monotonic)
        self.sender = Sender(
            store=store,
            courier=self.line,
            render=_rendered,
            pace=self.pace,
            leader=self.leader,
            clock=self.clock,
            owner=owner,
        )
        self._ticking: list[asyncio.Task[None]] = []

    async def put(self, *keys: str, on_unknown: OnUnknown = OnUnknown.DROP) -> None:
        """Put parcels into the outbox; a key begins with the number of its person, such as "3: second"."""
        now = self.clock.now()
        await self.store.write(partial(_put, keys=keys, on_unknown=on_unknown, now=now))

    async def rows(self) -> dict[str, tuple[str, int]]:
        """What has become of each parcel, and how often it was leased."""
        query = select(parcels.c.key, parcels.c.state, parcels.c.attempts)
        found = await self.store.read(lambda tx: tx.connection.execute(query).all())
        return {row.key: (row.state, row.attempts) for row in found}

    async def states(self) -> Counter[str]:
        """How many parcels there are in each state."""
        return Counter(state for state, _ in (await self.rows()).values())

    def live(self) -> None:
        """Let the ticks of the program run."""
        every: Iterable[tuple[float, Callable[[], Awaitable[object]]]] = (
            (app.SEND_SECONDS, self.sender.tick),
            (app.RENEW_SECONDS, self.leader.renew),
            (app.RECLAIM_SECONDS, self.sender.reclaim),
        )
        self._ticking = [asyncio.create_task(_again(seconds, tick)) for seconds, tick in every]

    async def die(self) -> None:
        """Stop the ticks, whatever is under way."""
        for task in self._ticking:
            task.cancel()
        await asyncio.gather(*self._ticking, return_exceptions=True)


async def _again(seconds: float, tick: Callable[[], Awaitable[object]]) -> None:
    while True:
        await tick()
        await asyncio.sleep(seconds)


def _rendered(parcel: Parcel, tx: Tx) -> Rendered:
    return Rendered(people.get(tx, parcel.person_id), Screen(parcel.key, (), Tap("home")), silent=False)


def _put(tx: Tx, keys: Iterable[str], on_unknown: OnUnknown, now: datetime) -> None:
    for key in keys:
        number = int(key.partition(":")[0])
        if people.find(tx, number) is None:
            assert people.add(tx, telegram_id=number, language="en", now=now).id == number
        outbox.put(
            tx, key=key, kind="nudge", person_id=number, ref=None, on_unknown=on_unknown, priority=2,
            available_at=now, expires_at=now + DAY, now=now,
        )  # fmt: skip


def everybody(number: int) -> list[str]:
    """A parcel for each of so many people."""
    return [f"{person}: a" for person in range(1, number + 1)]


@asynccontextmanager
async def posting(*, rate: float = RATE) -> AsyncIterator[Post]:
    """A sender that leads, on a file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        async with inline_store(sqlite_place(Path(folder))) as store:
            post = Post(store, rate=rate)
            await post.leader.renew()
            try:
                yield post
            finally:
                await post.die()


def test_a_slow_one_holds_one_place_only() -> None:
    """While one call hangs, everybody else is served at the whole rate, batch after batch; nobody twice."""

    async def story() -> None:
        async with posting() as post:
            post.line.takes[1] = HANGS
            await post.put(*everybody(8 * BATCH))
            post.live()
            await asyncio.sleep(HANGS + 2)
            last = max(moment for key, (moment,) in post.line.ended.items() if key != "1: a")
            assert last <= 8 * BATCH / (SHARE * RATE)
            assert post.line.ended["1: a"] == [pytest.approx(HANGS, abs=1)]
            assert await post.states() == {"sent": 8 * BATCH}
            assert post.line.most_at_once <= AT_ONCE

    virtual.run(story())


def test_what_comes_while_one_hangs_goes_at_once() -> None:
    """A parcel that is put while a call hangs need not wait for it: at once when the sender is told, else in a second."""

    async def story() -> None:
        async with posting() as post:
            post.line.takes[1] = HANGS
            await post.put("1: a")
            post.live()
            await asyncio.sleep(3.5)
            await post.put("2: a")
            post.sender.look()
            await asyncio.sleep(2 * QUICK)
            assert post.line.began["2: a"] == [pytest.approx(3.5, abs=QUICK)]
            await post.put("3: a")
            await asyncio.sleep(app.SEND_SECONDS + 2 * QUICK)
            assert await post.states() == {"sent": 2, "sending": 1}

    virtual.run(story())


def test_one_chat_gets_its_parcels_in_their_order() -> None:
    """The next one of a chat waits for the one before, however slow that is, and holds nobody else up."""

    async def story() -> None:
        async with posting() as post:
            post.line.takes[1] = 10.0
            await post.put("1: a", "1: b", "1: c", *everybody(60)[1:])
            post.live()
            await asyncio.sleep(32)
            assert [post.line.began[key] for key in ("1: a", "1: b", "1: c")] == [
                [pytest.approx(at, abs=CHAT_SECONDS)] for at in (0, 10, 20)
            ]
            others = [moment for key, (moment,) in post.line.ended.items() if not key.startswith("1:")]
            assert len(others) == 59
            assert max(others) <= 62 / (SHARE * RATE) + QUICK
            assert await post.states() == {"sent": 62}

    virtual.run(story())


def test_a_chat_that_gets_many_and_hangs_keeps_nobody_waiting() -> None:
    """However much stands in front of the others for one chat, it takes one place and no room in the queue."""

    async def story() -> None:
        async with posting() as post:
            post.line.takes[1] = HANGS
            many = [f"1: {number:03}" for number in range(3 * BATCH)]
            await post.put(*many)
            await asyncio.sleep(1)
            await post.put(*everybody(30)[1:])
            post.live()
            await asyncio.sleep(10)
            assert len(post.line.ended) == 29
            await asyncio.sleep(3 * HANGS)
            assert sorted(key for key in post.line.began if key.startswith("1:")) == many[:4]

    virtual.run(story())


def test_where_every_call_hangs_nobody_gets_it_twice() -> None:
    """However long parcels wait for a place, none is still on its way when its lease runs out."""

    async def story() -> None:
        async with posting() as post:
            crowd = 6 * AT_ONCE
            post.line.takes = dict.fromkeys(range(1, crowd + 1), HANGS)
            await post.put(*everybody(crowd), on_unknown=OnUnknown.RETRY)
            post.live()
            await asyncio.sleep(crowd / AT_ONCE * HANGS + LEASE.total_seconds())
            assert await post.states() == {"sent": crowd}
            assert {len(moments) for moments in post.line.began.values()} == {1}

    virtual.run(story())


@pytest.mark.parametrize("rate", [0.02, 0.2, 0.5, 2.0])
def test_a_slow_rate_is_used_whole(rate: float) -> None:
    """Only what can go well within the lease is leased: each parcel once, and no turn is lost on one that ran out."""

    async def story() -> None:
        async with posting(rate=rate) as post:
            await post.put(*everybody(BATCH))
            post.live()
            await asyncio.sleep(BATCH / rate)
            assert await post.states() == {"sent": BATCH}
            assert set((await post.rows()).values()) == {("sent", 1)}

    virtual.run(story())


def test_a_stop_is_short() -> None:
    """What hangs is cut off after a few seconds; nobody knows whether it arrived. What waits is given back, unsent."""

    async def story() -> None:
        async with posting(rate=4.0) as post:
            post.line.takes.update({1: HANGS, 2: HANGS, 3: STOP_SECONDS / 2})
            await post.put("1: a")
            await post.put("2: a", on_unknown=OnUnknown.RETRY)
            await post.put("3: a", *(f"{person}: a" for person in range(4, 30)))
            post.live()
            while "3: a" not in post.line.began:
                await asyncio.sleep(QUICK)
            began = post.clock.monotonic()
            await post.sender.stop()
            assert post.clock.monotonic() - began <= STOP_SECONDS + QUICK
            rows = await post.rows()
            assert [rows[f"{person}: a"][0] for person in (1, 2, 3)] == ["unknown", "ready", "sent"]
            assert "leased" not in await post.states()
            assert rows["29: a"][0] == "ready"
            assert "1: a" not in post.line.ended
            assert post.line.busy.total() == 0
            await post.sender.tick()
            assert await post.rows() == rows

    virtual.run(story())


def test_a_stop_with_nothing_under_way_takes_no_time() -> None:
    """Nobody waits for the few seconds that a hanging call may have."""

    async def story() -> None:
        async with posting() as post:
            post.live()
            await asyncio.sleep(1)
            began = post.clock.monotonic()
            await post.sender.stop()
            assert post.clock.monotonic() == began

    virtual.run(story())


def test_who_leads_no_more_sends_no_more_and_the_next_one_goes_on() -> None:
    """When the role is lost, what was not begun is given back at once, and the next leader sends each parcel once."""

    async def story() -> None:
        async with posting(rate=4.0) as post:
            await post.put(*everybody(40))
            post.live()
            await asyncio.sleep(2)
            await post.leader.release()
            other = Post(post.store, rate=4.0, owner="two")
            await other.leader.renew()
            await asyncio.sleep(2)
            assert 0 < len(post.line.began) < 20
            other.live()
            await asyncio.sleep(40 / 4)
            await other.die()
            assert await post.states() == {"sent": 40}
            assert post.line.began.keys().isdisjoint(other.line.began)

    virtual.run(story())


def test_when_the_storage_fails_calls_under_way_end_in_good_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is on its way is cut off because no more can be leased, and the next tick goes on."""

    async def story() -> None:
        async with posting() as post:
            post.line.takes[1] = 5.0
            await post.put("1: a")
            ticking = asyncio.create_task(post.sender.tick())
            await asyncio.sleep(1)
            await post.put("2: a")
            with monkeypatch.context() as patched:
                patched.setattr(outbox, "lease", _no_disk)
                with pytest.raises(OSError, match="no disk"):
                    await ticking
            assert await post.states() == {"sent": 1, "ready": 1}
            await post.sender.tick()
            assert await post.states() == {"sent": 2}

    virtual.run(story())


def _no_disk(*_: object, **__: object) -> list[Parcel]:
    raise OSError("no disk")
