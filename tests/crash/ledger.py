"""What must hold when several workers share a database: looked up in its rows, and noted by the database itself."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, func, select, text

from bot.app import RECLAIM_SECONDS
from bot.dance.walk import Walk
from bot.delivery.sender import LEASE
from storage import checkins, outbox, people, tables
from storage.engine import now_there
from storage.records import OnUnknown
from storage.store import Store, Tx
from tests.crash.crowd import Person, Plan

NUDGES_WITHIN = timedelta(seconds=12)


def put_nudges(tx: Tx, plan: Plan) -> None:
    """A nudge for everybody, due one after the other while processes die."""
    now = datetime.now(UTC)
    for place, person_id in enumerate(sorted(people.numbers(tx))):
        people.change(tx, person_id, zone="UTC", quiet_from=0, quiet_to=0)
        outbox.put(
            tx, key=f"nudge:{person_id}", kind="nudge", person_id=person_id, ref=None, on_unknown=OnUnknown.DROP,
            priority=5, available_at=now + place * NUDGES_WITHIN / plan.people, expires_at=now + timedelta(hours=1), now=now,
        )  # fmt: skip


A_DEAD_SENDERS = LEASE.total_seconds() + RECLAIM_SECONDS
"""Seconds until what a dead process was sending is taken up again: its lease runs out, and then somebody looks."""


async def until_quiet(store: Store, patience: float) -> None:
    """Wait until nothing is open, owed, held or on its way: for so long after what a dead process held is free again."""
    left: dict[str, int] = {}
    try:
        async with asyncio.timeout(A_DEAD_SENDERS + patience):
            while left := await store.read(left_lying):
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"left lying: {left}") from None


def left_lying(tx: Tx) -> dict[str, int]:
    """How many rows of each kind wait for somebody."""
    waiting = {
        "open": select(func.count()).select_from(tables.inbox).where(tables.inbox.c.state == "open"),
        "owed": select(func.count()).select_from(tables.person).where(tables.person.c.owed),
        "held": select(func.count()).select_from(tables.claim).where(tables.claim.c.until_at > now_there()),
        "outbox": select(func.count())
        .select_from(tables.outbox)
        .where(tables.outbox.c.state.in_(["ready", "leased", "sending"])),
    }
    counted = {what: tx.connection.execute(query).scalar_one() for what, query in waiting.items()}
    return {what: number for what, number in counted.items() if number}


async def look_into(store: Store, crowd: list[Person]) -> None:
    """What everybody answered is what is kept; every update was handled; no nudge came twice."""
    for person in crowd:
        walk = await store.read(partial(walk_of, telegram_id=person.user_id))
        assert {number: reply.value for number, reply in enumerate(walk.replies, 1)} == person.replies
        assert walk.cursor + 1 == person.expected
        assert person.nudges <= 1
    states = await store.read(states_of)
    assert set(states["inbox"]) == {"done"}
    came = sum(person.nudges for person in crowd)
    outcomes = states["outbox"]
    assert outcomes.keys() <= {"sent", "unknown"}
    assert outcomes["sent"] <= came <= outcomes.total() == len(crowd)


def walk_of(tx: Tx, telegram_id: int) -> Walk:
    """The walk that a person is on."""
    person = people.find(tx, telegram_id)
    assert person is not None
    check_in = checkins.unfinished(tx, person.id)
    assert check_in is not None
    assert check_in.walk is not None
    return Walk.from_json(check_in.walk)


def states_of(tx: Tx) -> dict[str, Counter[str]]:
    """How many rows are in which state."""
    return {
        table.name: Counter(tx.connection.execute(select(table.c.state)).scalars())
        for table in (tables.inbox, tables.outbox)
    }


def watch_the_inbox(connection: Connection) -> None:
    """Let the database itself write down, in each transaction, which update takes effect, in order."""
    for statement in (
        "CREATE TABLE effect (seq bigserial PRIMARY KEY, chat_id bigint NOT NULL, update_id bigint NOT NULL UNIQUE)",
        """CREATE FUNCTION note_effect() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           INSERT INTO effect (chat_id, update_id) VALUES (OLD.chat_id, OLD.update_id); RETURN NEW; END $$""",
        """CREATE TRIGGER note_effect AFTER UPDATE ON inbox FOR EACH ROW
           WHEN (OLD.state = 'open' AND NEW.state <> 'open') EXECUTE FUNCTION note_effect()""",
    ):
        connection.execute(text(statement))


def look_away(connection: Connection) -> None:
    """Leave the database as it was."""
    connection.execute(text("DROP TRIGGER note_effect ON inbox"))
    connection.execute(text("DROP FUNCTION note_effect"))
    connection.execute(text("DROP TABLE effect"))


def in_order(tx: Tx) -> dict[int, list[int]]:
    """Every update that took effect, in the order in which it did, by chat."""
    rows = tx.connection.execute(text("SELECT chat_id, update_id FROM effect ORDER BY seq"))
    effects: dict[int, list[int]] = {}
    for chat_id, update_id in rows:
        effects.setdefault(chat_id, []).append(update_id)
    return effects
