"""Thanks: one a day at the most, and only the last one is kept, until it has had its time."""

from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import Executable, bindparam, delete, select

from storage.engine import insert_into
from storage.store import Tx
from storage.tables import thanks
from storage.vault import Field

CONTENT: Final = Field("thanks", "content", 64)
"""What for: a short word."""

_LAST: Final = select(thanks.c.content, thanks.c.given_at).where(thanks.c.person_id == bindparam("whose"))
_TIDY: Final = delete(thanks).where(thanks.c.given_at < bindparam("before"))


@cache
def _give(dialect: str) -> Executable:
    statement = insert_into(dialect, thanks)
    replaced = statement.on_conflict_do_update(
        index_elements=[thanks.c.person_id],
        set_={"given_at": statement.excluded.given_at, "content": statement.excluded.content},
        where=thanks.c.given_at < bindparam("today"),
    )
    return replaced.returning(thanks.c.person_id)


def give(tx: Tx, person_id: int, what_for: str, now: datetime, today: datetime) -> bool:
    """Keep a thank-you in place of the one before, unless that one was given today.

    Args:
        tx: The unit of work.
        person_id: Who thanks.
        what_for: A short word.
        now: When.
        today: When the person's day began.

    Returns:
        Whether it was kept.
    """
    sealed = tx.vault.seal_text(CONTENT, person_id, person_id, what_for)
    row = {"person_id": person_id, "given_at": now, "content": sealed}
    return tx.connection.execute(_give(tx.dialect), {**row, "today": today}).one_or_none() is not None


def last(tx: Tx, person_id: int) -> tuple[str, datetime] | None:
    """What a person last gave thanks for, and when; None once it has had its time."""
    row = tx.connection.execute(_LAST, {"whose": person_id}).one_or_none()
    return None if row is None else (tx.vault.unseal_text(CONTENT, person_id, person_id, row.content), row.given_at)


def tidy(tx: Tx, before: datetime) -> int:
    """Delete thanks given before an instant.

    Returns:
        How many there were.
    """
    return tx.connection.execute(_TIDY, {"before": before}).rowcount
