"""Plans: what falls due, as rows. The index on the due time is the queue."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, case, delete, func, select, update

from storage.engine import insert_into
from storage.records import Plan
from storage.store import Tx
from storage.tables import plan

ROUND: Final = "round"
"""The kind of plan that begins a couple's week."""


def put(
    tx: Tx,
    *,
    key: str,
    kind: str,
    due_at: datetime,
    person_id: int | None = None,
    couple_id: int | None = None,
    round_id: int | None = None,
) -> bool:
    """Plan something, once: a plan of this key that is already there stays as it is.

    Returns:
        Whether it is new.
    """
    statement = insert_into(tx.connection, plan).values(
        key=key, kind=kind, due_at=due_at, person_id=person_id, couple_id=couple_id, round_id=round_id
    )
    guarded = statement.on_conflict_do_nothing(index_elements=[plan.c.key])
    return tx.connection.execute(guarded.returning(plan.c.id)).one_or_none() is not None


def replace(
    tx: Tx,
    *,
    key: str,
    kind: str,
    due_at: datetime,
    person_id: int | None = None,
    couple_id: int | None = None,
    round_id: int | None = None,
) -> None:
    """Plan something, in place of the plan of this key if there is one."""
    values = {"kind": kind, "due_at": due_at, "person_id": person_id, "couple_id": couple_id, "round_id": round_id}
    statement = insert_into(tx.connection, plan).values(key=key, **values)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=[plan.c.key], set_=values))


def move(tx: Tx, key: str, due_at: datetime) -> bool:
    """Let the plan of this key fall due at another time.

    Returns:
        Whether there is such a plan.
    """
    return tx.connection.execute(update(plan).where(plan.c.key == key).values(due_at=due_at)).rowcount == 1


def drop(tx: Tx, key: str) -> None:
    """Forget the plan of this key; none is no error."""
    tx.connection.execute(delete(plan).where(plan.c.key == key))


def drop_for_person(tx: Tx, person_id: int, kinds: Iterable[str] | None = None) -> None:
    """Forget the plans of a person: all, or those of some kinds."""
    statement = delete(plan).where(plan.c.person_id == person_id)
    tx.connection.execute(statement if kinds is None else statement.where(plan.c.kind.in_(list(kinds))))


def drop_for_couple(tx: Tx, couple_id: int) -> None:
    """Forget all plans of a couple."""
    tx.connection.execute(delete(plan).where(plan.c.couple_id == couple_id))


def due(tx: Tx, now: datetime, limit: int | None) -> list[Plan]:
    """What has fallen due, oldest first; of one instant a couple's round comes first, for the rest builds on it.

    With a limit of None it is all of it.

    On PostgreSQL the rows are locked, and those that another planner holds are passed over; on SQLite the
    clause compiles to nothing, and there is one writer.
    """
    rounds_first = case((plan.c.kind == ROUND, 0), else_=1)
    query = select(plan).where(plan.c.due_at <= now).order_by(plan.c.due_at, rounds_first, plan.c.id).limit(limit)
    return [_plan(row) for row in tx.connection.execute(query.with_for_update(skip_locked=True))]


def done(tx: Tx, finished: Plan) -> bool:
    """Remove a plan that was carried out.

    Returns:
        False if it was carried out or moved meanwhile: then nothing was changed.
    """
    statement = delete(plan).where(plan.c.id == finished.id, plan.c.due_at == finished.due_at)
    return tx.connection.execute(statement).rowcount == 1


def next_due(tx: Tx) -> datetime | None:
    """When the next plan falls due."""
    soonest: datetime | None = tx.connection.execute(select(func.min(plan.c.due_at))).scalar_one()
    return soonest


def _plan(row: Row[Any]) -> Plan:
    return Plan(
        id=row.id,
        key=row.key,
        kind=row.kind,
        due_at=row.due_at,
        person_id=row.person_id,
        couple_id=row.couple_id,
        round_id=row.round_id,
    )
