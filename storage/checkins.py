"""Check-ins: one walk through the statements each, its answers, its result and its grids, all sealed."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Row, bindparam, case, delete, exists, insert, null, select, update

from storage.errors import NotFound
from storage.instants import to_milliseconds
from storage.records import CheckIn
from storage.store import Tx
from storage.tables import check_in
from storage.vault import Field

WALK: Final = Field("check_in", "walk", 1024)
"""Holds any walk, so that one with skips is as long as one without."""
RESULT: Final = Field("check_in", "result", 512)
"""Holds any sizes and words."""
GRIDS: Final = Field("check_in", "grids", 8192)
"""Two pairs of grids of 496 numbers of 4 bytes, and six numbers more."""

_BEGIN: Final = insert(check_in).returning(check_in.c.id)
_REVISE: Final = update(check_in).where(check_in.c.id == bindparam("which"))
_SAVE_WALK: Final = _REVISE.values(walk=bindparam("sealed"))
_earlier = check_in.alias("earlier")
_ROUND: Final = bindparam("round", type_=BigInteger)
_TAKEN: Final = exists().where(
    _earlier.c.round_id == _ROUND, _earlier.c.person_id == bindparam("whose"), _earlier.c.id != bindparam("which")
)
_FINISH: Final = _REVISE.values(round_id=case((_TAKEN, null()), else_=_ROUND)).returning(check_in.c.round_id)
_UNFINISHED: Final = select(check_in).where(
    check_in.c.person_id == bindparam("whose"), check_in.c.finished_at.is_(None)
)
_GRIDS_OF: Final = (
    select(check_in.c.started_at, check_in.c.grids)
    .where(
        check_in.c.person_id == bindparam("whose"), check_in.c.finished_at.is_not(None), check_in.c.grids.is_not(None)
    )
    .order_by(check_in.c.finished_at, check_in.c.id)
)
_FORGET_GRIDS: Final = (
    update(check_in)
    .where(
        check_in.c.person_id == bindparam("whose"),
        check_in.c.finished_at.is_not(None),
        check_in.c.grids.is_not(None),
    )
    .values(grids=null())
)
_FINISHED: Final = select(check_in).where(
    check_in.c.person_id == bindparam("whose"), check_in.c.finished_at.is_not(None)
)
_OLDEST_FIRST: Final = _FINISHED.order_by(check_in.c.finished_at, check_in.c.id)
_LATEST: Final = _FINISHED.order_by(check_in.c.finished_at.desc(), check_in.c.id.desc()).limit(1)
_OWN: Final = select(check_in).where(check_in.c.id == bindparam("which"), check_in.c.person_id == bindparam("whose"))
_PICTURES: Final = _OLDEST_FIRST.where(check_in.c.result.is_not(None)).with_only_columns(
    *(column for column in check_in.c if column.name not in {"walk", "grids"})
)
_DROP: Final = delete(check_in).where(check_in.c.id == bindparam("which"))
_DISSOLVE: Final = (
    update(check_in).where(check_in.c.finished_at < bindparam("before"), check_in.c.walk.is_not(None)).values(walk=None)
)


def begin(tx: Tx, *, person_id: int, form: str, week: int, walk: str, now: datetime) -> CheckIn:
    """Begin a check-in.

    Raises:
        sqlalchemy.exc.IntegrityError: The person has one that is not finished.
    """
    fresh = CheckIn(id=0, person_id=person_id, form=form, week=week, started_at=now, walk=walk)
    row = {
        "person_id": person_id,
        "form": form,
        "week": week,
        "started_at": now,
        "walk": _seal_walk(tx, fresh, walk),
    }
    return replace(fresh, id=tx.connection.execute(_BEGIN, row).scalar_one())


def unfinished(tx: Tx, person_id: int) -> CheckIn | None:
    """The person's check-in that is still open, if any."""
    row = tx.connection.execute(_UNFINISHED, {"whose": person_id}).one_or_none()
    return None if row is None else _check_in(tx, row)


def save_walk(tx: Tx, check: CheckIn, walk: str) -> CheckIn:
    """Keep how far the walk has come."""
    tx.connection.execute(_SAVE_WALK, {"which": check.id, "sealed": _seal_walk(tx, check, walk)})
    return replace(check, walk=walk)


def finish(
    tx: Tx, check: CheckIn, *, walk: str, result: str, grids: bytes, round_id: int | None, now: datetime
) -> CheckIn:
    """Finish a check-in; its grids take the place of all earlier ones of the person.

    Only the first check-in that ends in a round counts for it: a later one is kept without a round.

    Returns:
        The check-in as it was kept.
    """
    tx.connection.execute(_FORGET_GRIDS, {"whose": check.person_id})
    values = {
        "walk": _seal_walk(tx, check, walk),
        "result": _seal_result(tx, check, result),
        "grids": _seal_grids(tx, check, grids),
        "finished_at": now,
    }
    ends = {"which": check.id, "whose": check.person_id, "round": round_id, **values}
    kept_round = tx.connection.execute(_FINISH, ends).scalar_one()
    return replace(check, walk=walk, result=result, grids=grids, round_id=kept_round, finished_at=now)


def revise(
    tx: Tx, check: CheckIn, *, walk: str | None = None, result: str | None = None, grids: bytes | None = None
) -> CheckIn:
    """Replace what is given of a check-in, and leave the rest."""
    values: dict[str, bytes] = {}
    revised = check
    if walk is not None:
        values["walk"] = _seal_walk(tx, check, walk)
        revised = replace(revised, walk=walk)
    if result is not None:
        values["result"] = _seal_result(tx, check, result)
        revised = replace(revised, result=result)
    if grids is not None:
        values["grids"] = _seal_grids(tx, check, grids)
        revised = replace(revised, grids=grids)
    if values:
        tx.connection.execute(_REVISE, {"which": check.id, **values})
    return revised


def latest(tx: Tx, person_id: int) -> CheckIn | None:
    """The person's check-in that was finished last, if any."""
    row = tx.connection.execute(_LATEST, {"whose": person_id}).one_or_none()
    return None if row is None else _check_in(tx, row)


def grids_of(tx: Tx, person_id: int) -> list[bytes]:
    """The grids that are kept of a person, oldest first: one after a check-in, or all where version 0.1.0 kept them."""
    rows = tx.connection.execute(_GRIDS_OF, {"whose": person_id})
    return [tx.vault.unseal(GRIDS, person_id, _place(person_id, started_at), sealed) for started_at, sealed in rows]


def get(tx: Tx, check_in_id: int, person_id: int) -> CheckIn:
    """A check-in of this person.

    Raises:
        NotFound: There is none, or it is somebody else's.
    """
    row = tx.connection.execute(_OWN, {"which": check_in_id, "whose": person_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no check-in {check_in_id} of person {person_id}.")
    return _check_in(tx, row)


def finished(tx: Tx, person_id: int) -> list[CheckIn]:
    """All finished check-ins of a person, oldest first."""
    return [_check_in(tx, row) for row in tx.connection.execute(_OLDEST_FIRST, {"whose": person_id})]


def pictures(tx: Tx, person_id: int) -> list[CheckIn]:
    """All finished check-ins of a person that have a result, oldest first, without their walks and grids."""
    return [
        CheckIn(
            id=row.id,
            person_id=row.person_id,
            form=row.form,
            week=row.week,
            started_at=row.started_at,
            finished_at=row.finished_at,
            round_id=row.round_id,
            result=result_of(tx, row.person_id, row.started_at, row.result),
        )
        for row in tx.connection.execute(_PICTURES, {"whose": person_id})
    ]


def drop(tx: Tx, check: CheckIn) -> None:
    """Delete a check-in."""
    tx.connection.execute(_DROP, {"which": check.id})


def dissolve(tx: Tx, before: datetime) -> int:
    """Forget the single answers of check-ins finished before an instant; results and the latest grids stay.

    Returns:
        How many walks were forgotten.
    """
    return tx.connection.execute(_DISSOLVE, {"before": before}).rowcount


def result_of(tx: Tx, person_id: int, started_at: datetime, sealed: bytes) -> str:
    """Unseal the result of the check-in that a person began at an instant."""
    return tx.vault.unseal_text(RESULT, person_id, _place(person_id, started_at), sealed)


def _row(check: CheckIn) -> str:
    """What tells a check-in from all others and is known before it has a number."""
    return _place(check.person_id, check.started_at)


def _place(person_id: int, started_at: datetime) -> str:
    return f"{person_id}/{to_milliseconds(started_at)}"


def _seal_walk(tx: Tx, check: CheckIn, walk: str) -> bytes:
    return tx.vault.seal_text(WALK, check.person_id, _row(check), walk)


def _seal_result(tx: Tx, check: CheckIn, result: str) -> bytes:
    return tx.vault.seal_text(RESULT, check.person_id, _row(check), result)


def _seal_grids(tx: Tx, check: CheckIn, grids: bytes) -> bytes:
    return tx.vault.seal(GRIDS, check.person_id, _row(check), grids)


def _check_in(tx: Tx, row: Row[Any]) -> CheckIn:
    bare = CheckIn(
        id=row.id,
        person_id=row.person_id,
        form=row.form,
        week=row.week,
        started_at=row.started_at,
        finished_at=row.finished_at,
        round_id=row.round_id,
    )
    place = _row(bare)
    vault = tx.vault
    return replace(
        bare,
        walk=None if row.walk is None else vault.unseal_text(WALK, row.person_id, place, row.walk),
        result=None if row.result is None else vault.unseal_text(RESULT, row.person_id, place, row.result),
        grids=None if row.grids is None else vault.unseal(GRIDS, row.person_id, place, row.grids),
    )
