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

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Executable, Row, Update, bindparam, case, delete, func, literal_column, or_, select, text, update

from storage.engine import insert_into
from storage.records import OnUnknown, Parcel
from storage.store import Tx
from storage.tables import outbox

BLOCKED: Final = "blocked"
"""Why a parcel died that met a closed door."""

UNREACHABLE: Final = "unreachable"
"""Why a parcel died that was not even tried, since its person had closed the door before."""

_FREE = {"lease_owner": None, "lease_until": None}

# Word for word as in the indexes: a partial index serves only where it is seen to fit, and with the state as a parameter
# SQLite looks again at every call, PostgreSQL not for long.
_IS_READY = outbox.c.state == literal_column("'ready'")
_IS_HELD = text("state IN ('leased', 'sending')")

_NOBODY: Final = 0
"""No person's number: an empty list would be written as a query of its own."""

TIDIED_AT_ONCE: Final = 10_000
"""Settled parcels that one tidying deletes: every ten minutes that is ten million a week, in steps no tap waits behind."""

_AFTER_UNKNOWN: Final = case((outbox.c.on_unknown == OnUnknown.RETRY.value, "ready"), else_="unknown")


def _held_as(*states: str) -> Update:
    """A parcel in one of these states that nobody has taken since: its attempts are the token."""
    # Not IN, whose list SQLAlchemy writes out anew for every call.
    held = or_(*(outbox.c.state == state for state in states))
    return update(outbox).where(outbox.c.id == bindparam("which"), outbox.c.attempts == bindparam("token"), held)


_PICKED: Final = (
    select(outbox.c.id)
    .where(_IS_READY, outbox.c.available_at <= bindparam("now"), outbox.c.expires_at > bindparam("now"))
    .where(outbox.c.person_id.not_in(bindparam("busy", expanding=True)))
    .order_by(outbox.c.priority, outbox.c.available_at, outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    # Materialised: otherwise PostgreSQL may run the subquery again for each row and take more.
    .cte("picked")
    .prefix_with("MATERIALIZED", dialect="postgresql")
)
_LEASE: Final = (
    update(outbox)
    .where(outbox.c.id.in_(select(_PICKED.c.id)))
    .values(
        state="leased",
        lease_owner=bindparam("owner"),
        lease_until=bindparam("until"),
        attempts=outbox.c.attempts + 1,
    )
    .returning(outbox)
)
_COMMIT: Final = (
    _held_as("leased")
    .where(
        outbox.c.lease_owner == bindparam("owner"),
        outbox.c.lease_until > bindparam("now"),
        outbox.c.expires_at > bindparam("now"),
    )
    .values(state="sending")
)
_SENT: Final = _held_as("sending", "unknown").values(
    state="sent", message_id=bindparam("arrived_as"), last_error=None, **_FREE
)
_AGAIN: Final = _held_as("leased", "sending").values(
    state="ready", available_at=bindparam("at"), last_error=bindparam("error"), **_FREE
)
_DEAD: Final = _held_as("leased", "sending").values(state="dead", last_error=bindparam("error"), **_FREE)
_UNKNOWN: Final = _held_as("sending").values(
    state=_AFTER_UNKNOWN,
    available_at=func.coalesce(bindparam("at", type_=outbox.c.available_at.type), outbox.c.available_at),
    last_error=bindparam("error"),
    **_FREE,
)
_RECLAIM: Final = (
    update(outbox)
    .where(_IS_HELD, outbox.c.lease_until <= bindparam("now"))
    .values(state=case((outbox.c.state == "leased", "ready"), else_=_AFTER_UNKNOWN), **_FREE)
    .returning(outbox.c.id, outbox.c.state)
)
_END_LEASES: Final = update(outbox).where(_IS_HELD).values(lease_until=bindparam("now"))
_BURY: Final = (
    update(outbox).where(_IS_READY, outbox.c.expires_at <= bindparam("now")).values(state="dead", last_error="expired")
)
_CANCEL: Final = (
    update(outbox)
    .where(
        outbox.c.person_id == bindparam("whose"),
        outbox.c.kind.in_(bindparam("kinds", expanding=True)),
        outbox.c.state.in_(["ready", "leased"]),
    )
    .values(state="dead", last_error="cancelled", **_FREE)
)
_REVIVE: Final = (
    update(outbox)
    .where(
        outbox.c.person_id == bindparam("whose"),
        outbox.c.state == "dead",
        outbox.c.last_error.in_([BLOCKED, UNREACHABLE]),
        outbox.c.on_unknown == OnUnknown.RETRY.value,
        outbox.c.expires_at > bindparam("now"),
    )
    .values(state="ready", available_at=bindparam("now"), last_error=None)
)
_TIDY: Final = delete(outbox).where(
    outbox.c.id.in_(select(outbox.c.id).order_by(outbox.c.id).limit(TIDIED_AT_ONCE)),
    outbox.c.created_at < bindparam("before"),
    outbox.c.state.in_(["sent", "dead", "unknown"]),
)
_NEXT: Final = select(func.min(outbox.c.available_at)).where(_IS_READY)
_HELD: Final = select(func.count()).select_from(outbox).where(_IS_HELD)
_STILL_TO_GO: Final = tuple(
    select(func.count()).select_from(outbox).where(which, outbox.c.expires_at > bindparam("now"))
    for which in (_IS_READY, _IS_HELD)
)


@cache
def _put(dialect: str) -> Executable:
    once = insert_into(dialect, outbox).on_conflict_do_nothing(index_elements=[outbox.c.key])
    return once.returning(outbox.c.id)


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
    row = {
        "key": key,
        "kind": kind,
        "person_id": person_id,
        "ref": ref,
        "on_unknown": on_unknown.value,
        "priority": priority,
        "state": "ready",
        "available_at": available_at,
        "expires_at": expires_at,
        "attempts": 0,
        "created_at": now,
    }
    return tx.connection.execute(_put(tx.dialect), row).one_or_none() is not None


def lease(
    tx: Tx, *, owner: str, now: datetime, until: datetime, limit: int, busy: Collection[int] = ()
) -> list[Parcel]:
    """Take up to *limit* parcels that may go now, the most urgent first, but none of people who are busy.

    On PostgreSQL parcels that another sender is just taking are passed over; on SQLite the clause compiles
    to nothing, and there is one writer.
    """
    wanted = {"owner": owner, "now": now, "until": until, "most": limit, "busy": list(busy) or [_NOBODY]}
    parcels = [_parcel(row) for row in tx.connection.execute(_LEASE, wanted)]
    return sorted(parcels, key=lambda parcel: (parcel.priority, parcel.available_at, parcel.id))


def commit_to_send(tx: Tx, parcel: Parcel, owner: str, now: datetime) -> bool:
    """The point of no return: once this is on disk, the parcel is given to Telegram.

    Returns:
        False if the lease or the moment has passed: then it must not be sent.
    """
    return _changed(tx, _COMMIT, parcel, owner=owner, now=now)


def sent(tx: Tx, parcel: Parcel, message_id: int | None, now: datetime) -> bool:
    """Note that a parcel arrived; a late answer also settles one whose outcome was not known."""
    del now  # nothing of the time of arrival is kept
    return _changed(tx, _SENT, parcel, arrived_as=message_id)


def again(tx: Tx, parcel: Parcel, at: datetime, error: str | None = None) -> bool:
    """Give back a parcel that provably was not sent, to be taken at *at*."""
    return _changed(tx, _AGAIN, parcel, at=at, error=error)


def dead(tx: Tx, parcel: Parcel, error: str) -> bool:
    """Note that a parcel will never arrive."""
    return _changed(tx, _DEAD, parcel, error=error)


def unknown(tx: Tx, parcel: Parcel, error: str, at: datetime | None = None) -> bool:
    """Note that nobody knows whether a parcel arrived: the row says whether it goes again.

    Args:
        tx: The unit of work.
        parcel: Which.
        error: What happened, without any of the message's words.
        at: Not to be tried again before; None leaves it available at once.
    """
    return _changed(tx, _UNKNOWN, parcel, at=at, error=error)


def reclaim(tx: Tx, now: datetime) -> list[int]:
    """Take back parcels whose lease ran out.

    Returns:
        The numbers of parcels whose outcome will never be known.
    """
    rows = tx.connection.execute(_RECLAIM, {"now": now}).all()
    return sorted(row.id for row in rows if row.state == "unknown")


def bury_late(tx: Tx, now: datetime) -> int:
    """Drop parcels that expired before their turn came.

    Returns:
        How many there were.
    """
    return tx.connection.execute(_BURY, {"now": now}).rowcount


def end_leases(tx: Tx, now: datetime) -> None:
    """Let every lease end now: nobody who held one can be alive. `reclaim` takes the parcels back."""
    tx.connection.execute(_END_LEASES, {"now": now})


def cancel_for(tx: Tx, person_id: int, kinds: Iterable[str]) -> int:
    """Call back what is not yet on its way to a person; its keys stay used.

    Returns:
        How many parcels were called back.
    """
    return tx.connection.execute(_CANCEL, {"whose": person_id, "kinds": list(kinds)}).rowcount


def revive(tx: Tx, person_id: int, now: datetime) -> int:
    """Let go again what both wait for and a closed door kept from a person who is back; nudges stay dead.

    Returns:
        How many parcels there are.
    """
    return tx.connection.execute(_REVIVE, {"whose": person_id, "now": now}).rowcount


def next_available(tx: Tx) -> datetime | None:
    """When the next parcel may go."""
    soonest: datetime | None = tx.connection.execute(_NEXT).scalar_one()
    return soonest


def on_the_way(tx: Tx) -> int:
    """How many parcels somebody holds just now."""
    return tx.connection.execute(_HELD).scalar_one()


def open_count(tx: Tx, now: datetime) -> int:
    """How many parcels are still to go or on their way."""
    return sum(tx.connection.execute(query, {"now": now}).scalar_one() for query in _STILL_TO_GO)


def tidy(tx: Tx, before: datetime) -> int:
    """Delete settled parcels made before an instant, the oldest ones; their keys are free again then.

    Returns:
        How many there were.
    """
    return tx.connection.execute(_TIDY, {"before": before}).rowcount


def _changed(tx: Tx, statement: Update, parcel: Parcel, **how: object) -> bool:
    return tx.connection.execute(statement, {"which": parcel.id, "token": parcel.attempts, **how}).rowcount == 1


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
