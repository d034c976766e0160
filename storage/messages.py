"""Numbers of messages that the bot sent, for `/hide`: Telegram lets a bot delete them for 48 hours."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from storage.engine import insert_into
from storage.store import Tx
from storage.tables import message


def note(tx: Tx, person_id: int, message_id: int, now: datetime) -> None:
    """Note a message; one that is already noted stays as it is."""
    values = {"person_id": person_id, "message_id": message_id, "sent_at": now}
    tx.connection.execute(insert_into(tx.connection, message).values(**values).on_conflict_do_nothing())


def recent(tx: Tx, person_id: int, since: datetime) -> list[int]:
    """Messages sent since an instant, newest first."""
    query = (
        select(message.c.message_id)
        .where(message.c.person_id == person_id, message.c.sent_at >= since)
        .order_by(message.c.sent_at.desc(), message.c.message_id.desc())
    )
    return list(tx.connection.execute(query).scalars())


def forget(tx: Tx, person_id: int, message_ids: Sequence[int] | None = None) -> None:
    """Forget messages that are deleted: some, or all of a person's."""
    statement = delete(message).where(message.c.person_id == person_id)
    tx.connection.execute(statement if message_ids is None else statement.where(message.c.message_id.in_(message_ids)))


def tidy(tx: Tx, before: datetime) -> int:
    """Forget messages sent before an instant: they cannot be deleted any more; returns how many."""
    return tx.connection.execute(delete(message).where(message.c.sent_at < before)).rowcount
