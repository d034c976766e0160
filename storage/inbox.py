"""The inbox: updates on disk before they are acknowledged, sealed with the key of their day.

A payload is emptied in the transaction that finishes it, with whose chat it was, and its key is destroyed after 48 hours.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Executable, Row, Select, bindparam, delete, exists, func, literal_column, select, update

from storage import claims
from storage.engine import insert_into, now_there
from storage.errors import KeyGone
from storage.records import Letter
from storage.store import Tx
from storage.tables import claim, inbox
from storage.vault import Field

PAYLOAD: Final = Field("inbox", "payload", 512)
"""An update as JSON; taps differ only within one step."""

NOBODY: Final = 0
"""The chat of a finished update: it is only to be known again, not to say whose it was."""

# Word for word as in the indexes, and no parameter; see outbox.py.
_IS_OPEN: Final = inbox.c.state == literal_column("'open'")
_OPEN: Final[Select[Any]] = (
    select(inbox.c.id, inbox.c.update_id, inbox.c.chat_id, inbox.c.payload, inbox.c.received_at)
    .where(_IS_OPEN)
    .order_by(inbox.c.id)
)
_WAITING: Final = _OPEN.limit(bindparam("most"))
_WAITING_IN: Final = _WAITING.where(inbox.c.chat_id.in_(bindparam("chats", expanding=True)))
_COUNT: Final = select(func.count()).where(_IS_OPEN).select_from(inbox)
_NOT_IN_HAND: Final = (
    select(inbox.c.chat_id)
    .where(
        _IS_OPEN,
        ~exists().where(claim.c.chat_id == inbox.c.chat_id, claim.c.until_at > now_there()),
    )
    .group_by(inbox.c.chat_id)
    .order_by(func.min(inbox.c.id))
    .limit(bindparam("most"))
)
_CLOSE: Final = (
    update(inbox)
    .where(inbox.c.id == bindparam("which"), _IS_OPEN)
    .values(state=bindparam("how"), payload=None, chat_id=NOBODY, closed_at=bindparam("at"))
)
_FAILED: Final = (
    update(inbox)
    .where(inbox.c.id == bindparam("which"))
    .values(attempts=inbox.c.attempts + 1)
    .returning(inbox.c.attempts)
)
_TIDY: Final = delete(inbox).where(inbox.c.received_at < bindparam("before"))


@cache
def _store(dialect: str) -> Executable:
    once = insert_into(dialect, inbox).on_conflict_do_nothing(index_elements=[inbox.c.update_id])
    return once.returning(inbox.c.id, inbox.c.update_id)


def store(tx: Tx, updates: Sequence[tuple[int, int, str]], now: datetime) -> list[Letter]:
    """Keep a batch of updates.

    Args:
        tx: The unit of work.
        updates: Telegram's number, the chat's, and the update as JSON, in their order.
        now: When they came.

    Returns:
        Those that were not there before, in their order.
    """
    if not updates:
        return []
    day = now.astimezone(UTC).date()
    values = [
        {
            "update_id": update_id,
            "chat_id": chat_id,
            "payload": tx.vault.seal_for_day(PAYLOAD, day, update_id, payload),
            "state": "open",
            "attempts": 0,
            "received_at": now,
        }
        for update_id, chat_id, payload in updates
    ]
    rows = tx.connection.execute(_store(tx.dialect), values).all()
    fresh = sorted((row.id, row.update_id) for row in rows)
    contents = {update_id: (chat_id, payload) for update_id, chat_id, payload in updates}
    return [
        Letter(id=number, update_id=update_id, chat_id=chat_id, payload=payload, received_at=now)
        for number, update_id in fresh
        for chat_id, payload in [contents[update_id]]
    ]


def open_letters(tx: Tx) -> list[Letter]:
    """All updates that are not finished, oldest first; those whose key is gone are passed over."""
    return [letter for row in tx.connection.execute(_OPEN) if (letter := _unsealed(tx, row)) is not None]


def waiting(
    tx: Tx, now: datetime, limit: int, *, chats: Collection[int] | None = None, without: Collection[int] = frozenset()
) -> list[Letter]:
    """Updates that are not finished, oldest first; one whose key is gone can never be read, and is given up.

    Args:
        tx: The unit of work.
        now: When.
        limit: How many at most.
        chats: Whose; None for everybody's.
        without: The numbers of updates that are known already.
    """
    most = {"most": limit + len(without)}
    if chats is None:
        rows = tx.connection.execute(_WAITING, most).all()
    else:
        rows = tx.connection.execute(_WAITING_IN, {**most, "chats": sorted(chats)}).all()
    letters: list[Letter] = []
    for row in rows:
        if row.id in without or len(letters) == limit:
            continue
        letter = _unsealed(tx, row)
        if letter is None:
            dead(tx, row.id, now)
        else:
            letters.append(letter)
    return letters


def take_over(tx: Tx, owner: str, now: datetime, limit: int) -> list[Letter]:
    """Claim chats that nobody handles and that have waited longest.

    Args:
        tx: The unit of work.
        owner: The process, as in `claims.take`.
        now: When.
        limit: How many chats, and how many updates of them, at most.

    Returns:
        What stands open in them, oldest first.
    """
    # Another process may look at this very moment: what it took first is not taken here.
    mine = claims.take(tx, tx.connection.execute(_NOT_IN_HAND, {"most": limit}).scalars(), owner)
    letters = waiting(tx, now, limit, chats=mine) if mine else []
    for chat_id in mine - {letter.chat_id for letter in letters}:
        claims.release(tx, chat_id, owner)
    return letters


def count_open(tx: Tx) -> int:
    """How many updates are not finished."""
    return tx.connection.execute(_COUNT).scalar_one()


def done(tx: Tx, letter_id: int, now: datetime) -> bool:
    """Finish an update and empty it.

    Returns:
        False if it was already finished: then the unit of work must change nothing.
    """
    return tx.connection.execute(_CLOSE, {"which": letter_id, "how": "done", "at": now}).rowcount == 1


def failed(tx: Tx, letter_id: int) -> int:
    """Count a failed try; returns how many there were."""
    attempts: int = tx.connection.execute(_FAILED, {"which": letter_id}).scalar_one()
    return attempts


def dead(tx: Tx, letter_id: int, now: datetime) -> bool:
    """Give an update up, and empty it."""
    return tx.connection.execute(_CLOSE, {"which": letter_id, "how": "dead", "at": now}).rowcount == 1


def tidy(tx: Tx, before: datetime) -> int:
    """Delete updates received before an instant, whatever became of them, and destroy the keys of days past.

    Args:
        tx: The unit of work.
        before: 48 hours ago: Telegram keeps an update for 24 hours, so none of them can come again.

    Returns:
        How many updates there were.
    """
    gone = tx.connection.execute(_TIDY, {"before": before}).rowcount
    tx.vault.keys.destroy_days(before.astimezone(UTC).date())
    return gone


def _unsealed(tx: Tx, row: Row[Any]) -> Letter | None:
    try:
        payload = tx.vault.unseal_of_day(PAYLOAD, row.received_at.date(), row.update_id, row.payload)
    except KeyGone:
        return None
    return Letter(id=row.id, update_id=row.update_id, chat_id=row.chat_id, payload=payload, received_at=row.received_at)
