"""How much there is, for whoever watches the program: numbers of rows, never whose."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from storage import inbox, outbox
from storage.store import Tx
from storage.tables import person

_HERE: Final = select(func.count()).select_from(person).where(person.c.forgotten_at.is_(None))


@dataclass(frozen=True, slots=True)
class Counts:
    """What stands in the tables at one moment.

    Attributes:
        people: Who is here.
        inbox_open: Updates that are not handled yet.
        outbox_open: Parcels still to go or on their way.
    """

    people: int
    inbox_open: int
    outbox_open: int


def counts(tx: Tx, now: datetime) -> Counts:
    """Count what stands in the tables."""
    return Counts(
        people=tx.connection.execute(_HERE).scalar_one(),
        inbox_open=inbox.count_open(tx),
        outbox_open=outbox.open_count(tx, now),
    )
