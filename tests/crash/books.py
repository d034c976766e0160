"""What must hold, looked up in the database and in what the server saw."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Self

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.planner import HANDLING
from bot.demo.standin import StandIn
from bot.scenes import calendar
from storage import people, talks
from storage.engine import parse_url, path_of, postgres_engine, sqlite_readers
from storage.records import OnUnknown
from storage.store import Tx, open_store
from storage.tables import couple_round, inbox, outbox, person, plan
from tests.crash.partners import Partner
from tests.crash.phones import UNASKED, Phone
from tests.databases import Place
from tests.leases import time_passes

FOR_BOTH = ("comparison", "silence", "closed", "midweek")
"""Kinds of parcels that both of a couple get."""

AT_LEAST_ONCE = frozenset(kind for kind, how in HANDLING.items() if how.on_unknown is OnUnknown.RETRY) | {
    "paired",
    "thanks",
    "talk.over",
    "talk.after",
}
AT_MOST_ONCE = frozenset(HANDLING) - AT_LEAST_ONCE

IN_PLACE = frozenset({"talk.room"})
"""Kinds of parcels that change a screen where it stands; the screen goes on changing after them."""

A_MINUTE = timedelta(minutes=1)

A_STEP = timedelta(days=1, hours=1)
"""Time moves on by a day at most, and by a minute with each death of the bot; never while a parcel is seen to be on its way."""

NOTHING_TO_SAY = "nothing to say"
"""Why a parcel did not go whose scene had no words any more."""

REACH = 200
"""Updates that may come to the inbox out of order, at most."""

FIRST_UPDATE = 700_001
"""The stand-in's first number of an update."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row of the outbox, as it was seen last."""

    key: str
    kind: str
    person_id: int
    ref: int | None
    state: str
    message_id: int | None
    error: str | None


@dataclass
class Books:
    """Reads along while the bot lives, since it tidies up after itself.

    Attributes:
        place: Where the database is.
        parcels: Every parcel that was ever seen, by its key.
        updates: What became of every update that was ever seen, by its number.
    """

    place: Place
    _engine: AsyncEngine
    parcels: dict[str, Parcel] = field(default_factory=dict)
    updates: dict[int, str] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def of(cls, place: Place) -> AsyncIterator[Self]:
        """Open the books on a place."""
        url = parse_url(place.data)
        engine = postgres_engine(url) if place.on_postgres else AsyncEngine(sqlite_readers(path_of(url)))
        try:
            yield cls(place, engine)
        finally:
            await engine.dispose()

    async def under_way(self, now: datetime) -> list[str]:
        """What has to come to its end before time may move on: parcels, and what people did before it moved last."""
        columns = outbox.c
        parcels = select(columns.kind, columns.state).where(
            columns.state.in_(["leased", "sending"]) | ((columns.state == "ready") & (columns.available_at <= now))
        )
        # What came before time moved on last: it must not grow old enough to be tidied away unread.
        waited = select(func.count()).where(inbox.c.state == "open", inbox.c.received_at < now - A_MINUTE)
        async with self._engine.connect() as connection:
            found = [f"a parcel {row.kind} is {row.state}" for row in await connection.execute(parcels)]
            waits = (await connection.execute(waited)).scalar_one()
        return found + ["an update waits"] * waits

    async def next_due(self, now: datetime) -> datetime | None:
        """When the next thing falls due; None where nothing will."""
        waiting = select(func.min(outbox.c.available_at)).where(outbox.c.state == "ready")
        async with self._engine.connect() as connection:
            found = [(await connection.execute(select(func.min(plan.c.due_at)))).scalar_one()]
            found.append((await connection.execute(waiting)).scalar_one())
        due = min((each for each in found if each is not None), default=None)
        return due if due is not None and due > now else None

    async def a_minute_passes(self) -> None:
        """What goes by the clock of a PostgreSQL server, which no test can set, runs out; on SQLite the next start frees it."""
        if self.place.on_postgres:
            async with self._engine.begin() as connection:
                await connection.run_sync(lambda plain: time_passes(Tx(plain, None), timedelta(minutes=1)))  # type: ignore[arg-type]

    async def read(self) -> None:
        """Take over what became of parcels and updates so far."""
        columns = outbox.c
        rows = select(
            columns.key,
            columns.kind,
            columns.person_id,
            columns.ref,
            columns.state,
            columns.message_id,
            columns.last_error,
        )
        async with self._engine.connect() as connection:
            for row in await connection.execute(rows):
                self.parcels[row.key] = Parcel(*row)
            letters = select(inbox.c.update_id, inbox.c.state).where(inbox.c.update_id > self._all_done_before())
            self.updates.update({row.update_id: row.state for row in await connection.execute(letters)})

    def _all_done_before(self) -> int:
        """Updates up to here need no second look."""
        undone = (number for number, state in self.updates.items() if state != "done")
        return min(undone, default=max(self.updates, default=0) + 1) - 1 - REACH

    async def damages(self) -> list[str]:
        """What must never be, not even just after a kill: a corrupt file, a row that points nowhere, a dead letter."""
        found = []
        if not self.place.on_postgres:
            found += [damage for url in (self.place.data, self.place.keys) for damage in _damages(url)]
        async with self._engine.connect() as connection:
            given_up = select(func.count()).where(inbox.c.state == "dead")
            if number := (await connection.execute(given_up)).scalar_one():
                found.append(f"{number} updates were given up")
        return found

    async def stuck(self, now: datetime) -> list[str]:
        """Rows that nobody will ever move again, once the bot had its time."""
        late = now - timedelta(seconds=1)
        rows = {
            "open updates": select(func.count()).where(inbox.c.state == "open"),
            "parcels on their way": select(func.count()).where(outbox.c.state.in_(["leased", "sending"])),
            "parcels that could go": select(func.count()).where(
                outbox.c.state == "ready", outbox.c.available_at <= late
            ),
            "overdue plans": select(func.count()).where(plan.c.due_at <= late),
            "owed screens": select(func.count()).where(person.c.owed),
            "half deletions": select(func.count()).where(person.c.forgotten_at.is_not(None)),
        }
        async with self._engine.connect() as connection:
            counts = {what: (await connection.execute(query)).scalar_one() for what, query in rows.items()}
        return [f"{number} {what}" for what, number in counts.items() if number]

    async def violations(self, stand_in: StandIn, phones: Mapping[int, Phone], partners: list[Partner]) -> list[str]:
        """All that is wrong in the end, in sentences; the bot must not be running."""
        await self.read()
        given = range(FIRST_UPDATE, stand_in._world.updates._next_id)
        states = {number: self.updates.get(number, "lost") for number in given}
        found = [f"update {number} is {state}" for number, state in states.items() if state != "done"]
        found += self._parcels_wrong(stand_in)
        found += [wrong for phone in phones.values() for wrong in _doubled(phone)]
        async with open_store(*self.place.settings) as store:
            for partner in partners:
                found += await store.read(partner.check)
            destroyed, highest = await store.destroyed_keys()
            numbers = set(range(1, highest + 1)).difference(destroyed)
            found += await store.read(partial(_keys_wrong, numbers=numbers, highest=highest))
            found += await store.read(self._rounds_wrong)
            found += await store.read(_talks_wrong)
        return found

    def _overtaken(self, parcel: Parcel) -> bool:
        """Whether it is a thank-you in whose place the next day's came: that day may have begun just as it was given."""
        if parcel.kind != "thanks" or parcel.error != NOTHING_TO_SAY or parcel.ref is None:
            return False
        given = (
            other.ref
            for other in self.parcels.values()
            if other.kind == "thanks" and other.ref is not None and other.person_id == parcel.person_id
        )
        return any(0 < moment - parcel.ref <= A_STEP.total_seconds() for moment in given)

    def _parcels_wrong(self, stand_in: StandIn) -> list[str]:
        chats = {number: chat for chat in stand_in._world.chats.values() for number in chat.messages}
        found = []
        for parcel in self.parcels.values():
            if parcel.kind in AT_LEAST_ONCE and parcel.state != "sent" and not self._overtaken(parcel):
                found.append(f"{parcel} did not arrive")
            if parcel.state == "sent":
                chat = chats.get(parcel.message_id or 0)
                message = chat.messages[parcel.message_id or 0] if chat else None
                said = str(message.content.get("text") or message.content.get("caption")) if message else ""
                there = message is not None if parcel.kind in IN_PLACE else UNASKED[parcel.kind] in said
                if not there:
                    found.append(f"{parcel} is not on the phone, there is {said[:60]!r}")
        return found

    def _rounds_wrong(self, tx: Tx) -> list[str]:
        """A comparison, or the word that there is none, goes to both."""
        found = []
        for each in tx.connection.execute(select(couple_round)):
            kinds = ("comparison",) if each.opened_at else ("silence",) if each.silent_at else ()
            for kind in kinds:
                readers = {
                    parcel.person_id for parcel in self.parcels.values() if (parcel.kind, parcel.ref) == (kind, each.id)
                }
                last = {
                    parcel.person_id
                    for parcel in self.parcels.values()
                    if (parcel.kind, parcel.ref) == ("closed", each.couple_id)
                }
                if len(readers) != 2 and not (kind == "silence" and len(last) == 2):
                    found.append(f"{kind} of round {each.id} went to {sorted(readers)}")
        return found

    def counts(self) -> "Counter[str]":
        """How many parcels ended in which state."""
        return Counter(parcel.state for parcel in self.parcels.values())


def _doubled(phone: Phone) -> list[str]:
    """Two nudges within the hours for which one is worth sending are one nudge that came twice."""
    return [
        f"{phone.name} got two of {kind} at {first} and {second}"
        for kind in AT_MOST_ONCE
        for first, second in zip(phone.came.get(kind, []), phone.came.get(kind, [])[1:], strict=False)
        if second - first <= calendar.NUDGE_KEEPS
    ]


def _keys_wrong(tx: Tx, numbers: set[int], highest: int) -> list[str]:
    known = set(tx.connection.execute(select(person.c.id)).scalars())
    found = [f"person {number} has no key" for number in sorted(known - numbers)]
    return found + [f"person {number} is above all keys" for number in sorted(known) if number > highest]


def _talks_wrong(tx: Tx) -> list[str]:
    """Where a talk stands is the same for both, and whoever finished all of theirs has none."""
    sides = (talks.of(tx, number) for number in people.numbers(tx))
    stands: defaultdict[int, set[str]] = defaultdict(set)
    for side in sides:
        if side is not None:
            stands[side.talk_id].add(side.state)
    return [f"talk {number} stands at {sorted(states)}" for number, states in stands.items() if len(states) > 1]


def _damages(url: str) -> list[str]:
    path = path_of(parse_url(url))
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as connection:
        sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        loose = connection.execute("PRAGMA foreign_key_check").fetchall()
    return ([] if sound else [f"{path.name} is corrupt"]) + [f"{path.name}: {row} points nowhere" for row in loose]
