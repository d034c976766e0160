"""Plans: what falls due, as rows. The index on the due time is the queue."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Executable, Row, bindparam, case, delete, func, select, update

from storage.engine import insert_into
from storage.records import Plan
from storage.store import Tx
from storage.tables import plan

ROUND: Final = "round"
"""The kind of plan that begins a couple's week."""

_MOVE: Final = update(plan).where(plan.c.key == bindparam("which")).values(due_at=bindparam("at"))
_DROP: Final = delete(plan).where(plan.c.key == bindparam("which"))
_DROP_FOR_PERSON: Final = delete(plan).where(plan.c.person_id == bindparam("whose"))
_DROP_KINDS: Final = _DROP_FOR_PERSON.where(plan.c.kind.in_(bindparam("kinds", expanding=True)))
_DROP_FOR_COUPLE: Final = delete(plan).where(plan.c.couple_id == bindparam("whose"))
_ROUNDS_FIRST: Final = case((plan.c.kind == ROUND, 0), else_=1)
_DUE: Final = (
    select(plan)
    .where(plan.c.due_at <= bindparam("now"))
    .order_by(plan.c.due_at, _ROUNDS_FIRST, plan.c.id)
    .with_for_update(skip_locked=True)
)
_FIRST_DUE: Final = _DUE.limit(bindparam("most"))
_DONE: Final = delete(plan).where(plan.c.id == bindparam("which"), plan.c.due_at == bindparam("at"))
_NEXT: Final = select(func.min(plan.c.due_at))


@cache
def _put(dialect: str) -> Executable:
    once = insert_into(dialect, plan).on_conflict_do_nothing(index_elements=[plan.c.key])
    return once.returning(plan.c.id)


@cache
def _replace(dialect: str) -> Executable:
    statement = insert_into(dialect, plan)
    new = {name: statement.excluded[name] for name in ("kind", "due_at", "person_id", "couple_id", "round_id")}
    return statement.on_conflict_do_update(index_elements=[plan.c.key], set_=new)


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
    whose = {"person_id": person_id, "couple_id": couple_id, "round_id": round_id}
    row = {"key": key, "kind": kind, "due_at": due_at, **whose}
    return tx.connection.execute(_put(tx.dialect), row).one_or_none() is not None


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
    whose = {"person_id": person_id, "couple_id": couple_id, "round_id": round_id}
    tx.connection.execute(_replace(tx.dialect), {"key": key, "kind": kind, "due_at": due_at, **whose})


def move(tx: Tx, key: str, due_at: datetime) -> bool:
    """Let the plan of this key fall due at another time.

    Returns:
        Whether there is such a plan.
    """
    return tx.connection.execute(_MOVE, {"which": key, "at": due_at}).rowcount == 1


def drop(tx: Tx, key: str) -> None:
    """Forget the plan of this key; none is no error."""
    tx.connection.execute(_DROP, {"which": key})


def drop_for_person(tx: Tx, person_id: int, kinds: Iterable[str] | None = None) -> None:
    """Forget the plans of a person: all, or those of some kinds."""
    if kinds is None:
        tx.connection.execute(_DROP_FOR_PERSON, {"whose": person_id})
    else:
        tx.connection.execute(_DROP_KINDS, {"whose": person_id, "kinds": list(kinds)})


def drop_for_couple(tx: Tx, couple_id: int) -> None:
    """Forget all plans of a couple."""
    tx.connection.execute(_DROP_FOR_COUPLE, {"whose": couple_id})


def due(tx: Tx, now: datetime, limit: int | None) -> list[Plan]:
    """What has fallen due, oldest first; of one instant a couple's round comes first, for the rest builds on it.

    With a limit of None it is all of it.

    On PostgreSQL the rows are locked, and those that another planner holds are passed over; on SQLite the
    clause compiles to nothing, and there is one writer.
    """
    if limit is None:
        rows = tx.connection.execute(_DUE, {"now": now})
    else:
        rows = tx.connection.execute(_FIRST_DUE, {"now": now, "most": limit})
    return [_plan(row) for row in rows]


def done(tx: Tx, finished: Plan) -> bool:
    """Remove a plan that was carried out.

    Returns:
        False if it was carried out or moved meanwhile: then nothing was changed.
    """
    return tx.connection.execute(_DONE, {"which": finished.id, "at": finished.due_at}).rowcount == 1


def next_due(tx: Tx) -> datetime | None:
    """When the next plan falls due."""
    soonest: datetime | None = tx.connection.execute(_NEXT).scalar_one()
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
