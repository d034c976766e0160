"""What a scene sends to somebody who is not waiting: kind and number, never a word of text."""

from datetime import datetime, timedelta
from typing import Final

from storage import outbox
from storage.records import OnUnknown
from storage.store import Tx

SOON: Final = 1
"""Priority of what both wait for."""

KEEPS: Final = timedelta(days=14)
"""It is tried for this long when Telegram cannot be reached."""


def pack(tx: Tx, kind: str, *, key: str, person_id: int, now: datetime, ref: int | None = None) -> bool:
    """Put a parcel into the outbox, once for each key, to be sent at least once.

    Args:
        tx: The unit of work.
        kind: Which scene renders it.
        key: Unique: the same parcel put twice is one parcel.
        person_id: To whom.
        now: When; it may go at once.
        ref: The number of what it is about, or None.

    Returns:
        Whether it is new.
    """
    return outbox.put(
        tx,
        key=key,
        kind=kind,
        person_id=person_id,
        ref=ref,
        on_unknown=OnUnknown.RETRY,
        priority=SOON,
        available_at=now,
        expires_at=now + KEEPS,
        now=now,
    )
