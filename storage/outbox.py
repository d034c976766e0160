"""The outbox: messages that nobody is waiting for. Rows carry kind and ids, never text.

::

    ready ──lease──▶ leased ──commit──▶ sending ──arrived──────────▶ sent
      ▲                │                   ├──not sent───▶ ready, available later
      │                │                   ├──refused────▶ dead
      │                │                   └──not known──▶ unknown (drop) or ready (retry)
      └──lease expired─┘
    ready ──expired──▶ dead
    dead, unreachable ──they are back──▶ ready (retry only)

The number of attempts is the fencing token: whoever holds an older one changes nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Update, case, delete, func, select, text, update

from storage.engine import insert_into
from storage.records import OnUnknown, Parcel
from storage.store import Tx
from storage.tables import outbox

BLOCKED: Final = "blocked"
"""Why a parcel died that met a closed door."""

UNREACHABLE: Final = "unreachable"
"""Why a parcel died that was not even tried, since its person had closed the door before."""

_FREE = {"lease_owner": None, "lease_until": None}

# Word for word as in the index over what is held: SQLite takes a partial index only where it sees that it fits.
_IS_HELD = text("state IN ('leased', 'sending')")

TIDIED_AT_ONCE = 10_000
"""Settled parcels that one tidying deletes: every ten minutes that is ten million a week, in steps no tap waits behind."""


def put(
    tx: Tx,
    *,
    key: str,
    kind: str,
    person_id: int,
    ref: int | None,
    on_unknown: OnUnknown,
    priority: int,
    available_at: datetime,
    expires_at: datetime,
    now: datetime,
) -> bool:
    """Put a parcel into the outbox, once for each key.

    Returns:
        Whether it is new.
    """
    statement = insert_into(tx.connection, outbox).values(
        key=key,
        kind=kind,
        person_id=person_id,
        ref=ref,
        on_unknown=on_unknown.value,
        priority=priority,
        state="ready",
        available_at=available_at,
        expires_at=expires_at,
        attempts=0,
        created_at=now,
    )
    guarded = statement.on_conflict_do_nothing(index_elements=[outbox.c.key])
    return tx.connection.execute(guarded.returning(outbox.c.id)).one_or_none() is not None


def lease(tx: Tx, *, owner: str, now: datetime, until: datetime, limit: int) -> list[Parcel]:
    """Take up to *limit* parcels that may go now, the most urgent first.

    On PostgreSQL parcels that another sender is just taking are passed over; on SQLite the clause compiles
    to nothing, and there is one writer.
    """
    picked = (
        select(outbox.c.id)
        .where(outbox.c.state == "ready", outbox.c.available_at <= now, outbox.c.expires_at > now)
        .order_by(outbox.c.priority, outbox.c.available_at, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        # Materialised: otherwise PostgreSQL may run the subquery again for each row and take more.
        .cte("picked")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    statement = (
        update(outbox)
        .where(outbox.c.id.in_(select(picked.c.id)))
        .values(state="leased", lease_owner=owner, lease_until=until, attempts=outbox.c.attempts + 1)
    )
    parcels = [_parcel(row) for row in tx.connection.execute(statement.returning(outbox))]
    return sorted(parcels, key=lambda parcel: (parcel.priority, parcel.available_at, parcel.id))


def commit_to_send(tx: Tx, parcel: Parcel, owner: str, now: datetime) -> bool:
    """The point of no return: once this is on disk, the parcel is given to Telegram.

    Returns:
        False if the lease or the moment has passed: then it must not be sent.
    """
    statement = _of(parcel, "leased").where(
        outbox.c.lease_owner == owner, outbox.c.lease_until > now, outbox.c.expires_at > now
    )
    return _changed(tx, statement.values(state="sending"))


def sent(tx: Tx, parcel: Parcel, message_id: int | None, now: datetime) -> bool:
    """Note that a parcel arrived; a late answer also settles one whose outcome was not known."""
    del now  # nothing of the time of arrival is kept
    return _changed(
        tx, _of(parcel, "sending", "unknown").values(state="sent", message_id=message_id, last_error=None, **_FREE)
    )


def again(tx: Tx, parcel: Parcel, at: datetime, error: str | None = None) -> bool:
    """Give back a parcel that provably was not sent, to be taken at *at*."""
    values = {"state": "ready", "available_at": at, "last_error": error, **_FREE}
    return _changed(tx, _of(parcel, "leased", "sending").values(**values))


def dead(tx: Tx, parcel: Parcel, error: str) -> bool:
    """Note that a parcel will never arrive."""
    return _changed(tx, _of(parcel, "leased", "sending").values(state="dead", last_error=error, **_FREE))


def unknown(tx: Tx, parcel: Parcel, error: str, at: datetime | None = None) -> bool:
    """Note that nobody knows whether a parcel arrived: the row says whether it goes again.

    Args:
        tx: The unit of work.
        parcel: Which.
        error: What happened, without any of the message's words.
        at: Not to be tried again before; None leaves it available at once.
    """
    later = outbox.c.available_at if at is None else at
    return _changed(
        tx,
        _of(parcel, "sending").values(state=_after_unknown(), available_at=later, last_error=error, **_FREE),
    )


def reclaim(tx: Tx, now: datetime) -> list[int]:
    """Take back parcels whose lease ran out.

    Returns:
        The numbers of parcels whose outcome will never be known.
    """
    taken = (
        update(outbox)
        .where(_IS_HELD, outbox.c.lease_until <= now)
        .values(state=case((outbox.c.state == "leased", "ready"), else_=_after_unknown()), **_FREE)
    )
    rows = tx.connection.execute(taken.returning(outbox.c.id, outbox.c.state)).all()
    return sorted(row.id for row in rows if row.state == "unknown")


def bury_late(tx: Tx, now: datetime) -> int:
    """Drop parcels that expired before their turn came.

    Returns:
        How many there were.
    """
    late = update(outbox).where(outbox.c.state == "ready", outbox.c.expires_at <= now)
    return tx.connection.execute(late.values(state="dead", last_error="expired")).rowcount


def end_leases(tx: Tx, now: datetime) -> None:
    """Let every lease end now: nobody who held one can be alive. `reclaim` takes the parcels back."""
    held = update(outbox).where(_IS_HELD)
    tx.connection.execute(held.values(lease_until=now))


def cancel_for(tx: Tx, person_id: int, kinds: Iterable[str]) -> int:
    """Call back what is not yet on its way to a person; its keys stay used.

    Returns:
        How many parcels were called back.
    """
    statement = update(outbox).where(
        outbox.c.person_id == person_id, outbox.c.kind.in_(list(kinds)), outbox.c.state.in_(["ready", "leased"])
    )
    return tx.connection.execute(statement.values(state="dead", last_error="cancelled", **_FREE)).rowcount


def revive(tx: Tx, person_id: int, now: datetime) -> int:
    """Let go again what both wait for and a closed door kept from a person who is back; nudges stay dead.

    Returns:
        How many parcels there are.
    """
    kept = update(outbox).where(
        outbox.c.person_id == person_id,
        outbox.c.state == "dead",
        outbox.c.last_error.in_([BLOCKED, UNREACHABLE]),
        outbox.c.on_unknown == OnUnknown.RETRY.value,
        outbox.c.expires_at > now,
    )
    return tx.connection.execute(kept.values(state="ready", available_at=now, last_error=None)).rowcount


def next_available(tx: Tx) -> datetime | None:
    """When the next parcel may go."""
    query = select(func.min(outbox.c.available_at)).where(outbox.c.state == "ready")
    soonest: datetime | None = tx.connection.execute(query).scalar_one()
    return soonest


def on_the_way(tx: Tx) -> int:
    """How many parcels somebody holds just now."""
    query = select(func.count()).select_from(outbox).where(_IS_HELD)
    return tx.connection.execute(query).scalar_one()


def open_count(tx: Tx, now: datetime) -> int:
    """How many parcels are still to go or on their way."""
    ready, held = (
        tx.connection.execute(select(func.count()).select_from(outbox).where(which, outbox.c.expires_at > now))
        for which in (outbox.c.state == "ready", _IS_HELD)
    )
    return int(ready.scalar_one()) + int(held.scalar_one())


def tidy(tx: Tx, before: datetime) -> int:
    """Delete settled parcels made before an instant, the oldest ones; their keys are free again then.

    Returns:
        How many there were.
    """
    oldest = select(outbox.c.id).order_by(outbox.c.id).limit(TIDIED_AT_ONCE)
    settled = delete(outbox).where(
        outbox.c.id.in_(oldest),
        outbox.c.created_at < before,
        outbox.c.state.in_(["sent", "dead", "unknown"]),
    )
    return tx.connection.execute(settled).rowcount


def _of(parcel: Parcel, *states: str) -> Update:
    return update(outbox).where(
        outbox.c.id == parcel.id, outbox.c.attempts == parcel.attempts, outbox.c.state.in_(states)
    )


def _changed(tx: Tx, statement: Update) -> bool:
    return tx.connection.execute(statement).rowcount == 1


def _after_unknown() -> ColumnElement[str]:
    return case((outbox.c.on_unknown == OnUnknown.RETRY.value, "ready"), else_="unknown")


def _parcel(row: Row[Any]) -> Parcel:
    return Parcel(
        id=row.id,
        key=row.key,
        kind=row.kind,
        person_id=row.person_id,
        ref=row.ref,
        on_unknown=OnUnknown(row.on_unknown),
        priority=row.priority,
        available_at=row.available_at,
        expires_at=row.expires_at,
        attempts=row.attempts,
    )
