"""Letting leases run out: they go by the database's clock, which no test can set."""

from datetime import timedelta
from typing import Final

from sqlalchemy import BigInteger, type_coerce, update

from storage.store import Tx
from storage.tables import claim, leadership

LEASES: Final = (claim, leadership)


def time_passes(tx: Tx, by: timedelta) -> None:
    """Let claims on chats and roles be older by so much."""
    for table in LEASES:
        until = type_coerce(table.c.until_at, BigInteger) - by // timedelta(milliseconds=1)
        tx.connection.execute(update(table).values(until_at=until))
