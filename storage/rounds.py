"""Rounds: a couple's weeks, and what each chose to show in them. One comparison a round."""

from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Executable, Row, bindparam, func, insert, select, update

from storage.engine import insert_into
from storage.records import Choice, Level, Round
from storage.store import Tx
from storage.tables import choice as chosen_rows
from storage.tables import couple_round
from storage.vault import Field

CHOICE: Final = Field("choice", "content", 64)
"""Level and check-in: "nothing" is as long as "words"."""

_ADD: Final = insert(couple_round).returning(couple_round)
_GET: Final = select(couple_round).where(couple_round.c.id == bindparam("which"))
_CURRENT: Final = (
    select(couple_round)
    .where(couple_round.c.couple_id == bindparam("whose"))
    .order_by(couple_round.c.number.desc())
    .limit(1)
)
_UNLESS_ENDED: Final = update(couple_round).where(
    couple_round.c.id == bindparam("which"), couple_round.c.opened_at.is_(None), couple_round.c.silent_at.is_(None)
)
_LAST_OPENED: Final = (
    select(func.coalesce(func.max(couple_round.c.number), -1))
    .where(couple_round.c.couple_id == bindparam("whose"), couple_round.c.opened_at.is_not(None))
    .scalar_subquery()
)
_SILENT_IN_A_ROW: Final = (
    select(func.count())
    .select_from(couple_round)
    .where(couple_round.c.couple_id == bindparam("whose"), couple_round.c.silent_at.is_not(None))
    .where(couple_round.c.number > _LAST_OPENED)
)
_SILENT_SINCE: Final = select(couple_round.c.reveal_at).where(
    couple_round.c.couple_id == bindparam("whose"),
    couple_round.c.silent_at.is_not(None),
    couple_round.c.reveal_at >= bindparam("since"),
)
_CHOICES: Final = (
    select(chosen_rows).where(chosen_rows.c.person_id == bindparam("whose")).order_by(chosen_rows.c.round_id)
)
_CHOICE: Final = _CHOICES.where(chosen_rows.c.round_id == bindparam("which"))


@cache
def _choose(dialect: str) -> Executable:
    """Insert or replace a choice, unless its round is open."""
    still_closed = select(
        couple_round.c.id,
        bindparam("whose", type_=chosen_rows.c.person_id.type),
        bindparam("sealed", type_=chosen_rows.c.content.type),
        bindparam("at", type_=chosen_rows.c.chosen_at.type),
    ).where(couple_round.c.id == bindparam("which"), couple_round.c.opened_at.is_(None))
    statement = insert_into(dialect, chosen_rows).from_select(
        ["round_id", "person_id", "content", "chosen_at"], still_closed
    )
    upsert = statement.on_conflict_do_update(
        index_elements=[chosen_rows.c.round_id, chosen_rows.c.person_id],
        set_={"content": statement.excluded.content, "chosen_at": statement.excluded.chosen_at},
    )
    return upsert.returning(chosen_rows.c.round_id)


def add(tx: Tx, *, couple_id: int, number: int, begins_at: datetime, reveal_at: datetime) -> Round:
    """Begin a round.

    Raises:
        sqlalchemy.exc.IntegrityError: The couple already had a round of this number.
    """
    values = {"couple_id": couple_id, "number": number, "begins_at": begins_at, "reveal_at": reveal_at}
    return _round(tx.connection.execute(_ADD, values).one())


def current(tx: Tx, couple_id: int) -> Round | None:
    """The couple's latest round."""
    row = tx.connection.execute(_CURRENT, {"whose": couple_id}).one_or_none()
    return None if row is None else _round(row)


def get(tx: Tx, round_id: int) -> Round | None:
    """A round by its number in the table, or None if its couple was deleted."""
    row = tx.connection.execute(_GET, {"which": round_id}).one_or_none()
    return None if row is None else _round(row)


def set_reveal(tx: Tx, week: Round, at: datetime) -> None:
    """Move the reveal hour of a round that has not ended."""
    tx.connection.execute(_UNLESS_ENDED, {"which": week.id, "reveal_at": at})


def has_ended(week: Round) -> bool:
    """Whether there was a comparison, or the message that there is none: either way nothing can be shown any more."""
    return week.opened_at is not None or week.silent_at is not None


def mark_opened(tx: Tx, week: Round, now: datetime) -> bool:
    """Open the comparison for both.

    Returns:
        False if the round had already ended, one way or the other.
    """
    return _end(tx, week, opened_at=now)


def mark_silent(tx: Tx, week: Round, now: datetime) -> bool:
    """Note that the neutral message goes out.

    Returns:
        False if the round had already ended, one way or the other.
    """
    return _end(tx, week, silent_at=now)


def silent_in_a_row(tx: Tx, couple_id: int) -> int:
    """How many rounds ended without a comparison since the last that had one."""
    return tx.connection.execute(_SILENT_IN_A_ROW, {"whose": couple_id}).scalar_one()


def silent_since(tx: Tx, couple_id: int, since: datetime) -> list[datetime]:
    """Reveal hours, since an instant, of the rounds that ended without a comparison."""
    return list(tx.connection.execute(_SILENT_SINCE, {"whose": couple_id, "since": since}).scalars())


def choose(tx: Tx, chosen: Choice) -> bool:
    """Keep what a person chose to show; until the round opens they may choose again.

    Returns:
        False if the comparison is already open: then nothing was changed.
    """
    content = f"{chosen.level} {chosen.check_in_id}"
    row = f"{chosen.round_id}/{chosen.person_id}"
    sealed = tx.vault.seal_text(CHOICE, chosen.person_id, row, content)
    kept = {"which": chosen.round_id, "whose": chosen.person_id, "sealed": sealed, "at": chosen.chosen_at}
    return tx.connection.execute(_choose(tx.dialect), kept).one_or_none() is not None


def choice(tx: Tx, round_id: int, person_id: int) -> Choice | None:
    """What a person chose to show in a round, if they chose."""
    row = tx.connection.execute(_CHOICE, {"which": round_id, "whose": person_id}).one_or_none()
    return None if row is None else open_choice(tx, row.round_id, row.person_id, row.content, row.chosen_at)


def choices_of(tx: Tx, person_id: int) -> list[Choice]:
    """All that a person chose, oldest first."""
    rows = tx.connection.execute(_CHOICES, {"whose": person_id})
    return [open_choice(tx, row.round_id, row.person_id, row.content, row.chosen_at) for row in rows]


def open_choice(tx: Tx, round_id: int, person_id: int, sealed: bytes, chosen_at: datetime) -> Choice:
    """Unseal a choice."""
    content = tx.vault.unseal_text(CHOICE, person_id, f"{round_id}/{person_id}", sealed)
    level, check_in_id = content.split()
    return Choice(
        person_id=person_id,
        round_id=round_id,
        check_in_id=int(check_in_id),
        level=Level(level),
        chosen_at=chosen_at,
    )


def _end(tx: Tx, week: Round, **how: datetime) -> bool:
    return tx.connection.execute(_UNLESS_ENDED, {"which": week.id, **how}).rowcount == 1


def _round(row: Row[Any]) -> Round:
    return Round(
        id=row.id,
        couple_id=row.couple_id,
        number=row.number,
        begins_at=row.begins_at,
        reveal_at=row.reveal_at,
        opened_at=row.opened_at,
        silent_at=row.silent_at,
    )
