"""Histories of starters and thoughts, sealed: what was offered to a person and what they made of it."""

from functools import cache
from typing import Final, Literal

from sqlalchemy import Executable, bindparam, select

from storage.engine import insert_into
from storage.store import Tx
from storage.tables import diary
from storage.vault import Field

Strand = Literal["own", "joint", "thoughts"]
"""Which history: a person's own starters, those of the couple, or the thoughts."""

CONTENT: Final = Field("diary", "content", 1024)
"""A history as JSON."""

_LOAD: Final = select(diary.c.content).where(
    diary.c.person_id == bindparam("whose"), diary.c.strand == bindparam("which")
)


@cache
def _save(dialect: str) -> Executable:
    statement = insert_into(dialect, diary)
    return statement.on_conflict_do_update(
        index_elements=[diary.c.person_id, diary.c.strand], set_={"content": statement.excluded.content}
    )


def load(tx: Tx, person_id: int, strand: Strand) -> str:
    """A history as JSON text, or an empty text."""
    sealed = tx.connection.execute(_LOAD, {"whose": person_id, "which": strand}).scalar_one_or_none()
    return "" if sealed is None else tx.vault.unseal_text(CONTENT, person_id, f"{person_id}/{strand}", sealed)


def save(tx: Tx, person_id: int, strand: Strand, content: str) -> None:
    """Keep a history in place of the one before."""
    sealed = tx.vault.seal_text(CONTENT, person_id, f"{person_id}/{strand}", content)
    tx.connection.execute(_save(tx.dialect), {"person_id": person_id, "strand": strand, "content": sealed})
