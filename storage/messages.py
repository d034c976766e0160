"""Numbers of messages that the bot sent, for `/hide`: Telegram lets a bot delete them for 48 hours."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import Executable, bindparam, delete, select

from storage.engine import insert_into
from storage.store import Tx
from storage.tables import message

_RECENT: Final = (
    select(message.c.message_id)
    .where(message.c.person_id == bindparam("whose"), message.c.sent_at >= bindparam("since"))
    .order_by(message.c.sent_at.desc(), message.c.message_id.desc())
)
_FORGET: Final = delete(message).where(message.c.person_id == bindparam("whose"))
_FORGET_SOME: Final = _FORGET.where(message.c.message_id.in_(bindparam("which", expanding=True)))
_TIDY: Final = delete(message).where(message.c.sent_at < bindparam("before"))


@cache
def _note(dialect: str) -> Executable:
    return insert_into(dialect, message).on_conflict_do_nothing()


def note(tx: Tx, person_id: int, message_id: int, now: datetime) -> None:
    """Note a message; one that is already noted stays as it is."""
    values = {"person_id": person_id, "message_id": message_id, "sent_at": now}
    tx.connection.execute(_note(tx.dialect), values)


def recent(tx: Tx, person_id: int, since: datetime) -> list[int]:
    """Messages sent since an instant, newest first."""
    return list(tx.connection.execute(_RECENT, {"whose": person_id, "since": since}).scalars())


def forget(tx: Tx, person_id: int, message_ids: Sequence[int] | None = None) -> None:
    """Forget messages that are deleted: some, or all of a person's."""
    if message_ids is None:
        tx.connection.execute(_FORGET, {"whose": person_id})
    else:
        tx.connection.execute(_FORGET_SOME, {"whose": person_id, "which": message_ids})


def tidy(tx: Tx, before: datetime) -> int:
    """Forget messages sent before an instant: they cannot be deleted any more; returns how many."""
    return tx.connection.execute(_TIDY, {"before": before}).rowcount
