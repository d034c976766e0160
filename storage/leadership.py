"""Who leads: on PostgreSQL several processes may run, and one of them sends.

Leadership only protects the pace; correctness rests on leases, so two leaders for a moment do no harm. It is
measured by the database's clock, since several processes need not agree on the time.
"""

from datetime import timedelta
from functools import cache
from typing import Final

from sqlalchemy import Executable, bindparam, case, delete, or_

from storage.engine import from_now_there, insert_into, now_there
from storage.store import Tx
from storage.tables import leadership

_CLEAR: Final = delete(leadership)
_RELEASE: Final = delete(leadership).where(
    leadership.c.role == bindparam("which"), leadership.c.owner == bindparam("whose")
)


@cache
def _hold(dialect: str, ttl: timedelta) -> Executable:
    statement = insert_into(dialect, leadership).values(until_at=from_now_there(ttl), epoch=1)
    new = statement.excluded
    same = leadership.c.owner == new.owner
    upsert = statement.on_conflict_do_update(
        index_elements=[leadership.c.role],
        set_={
            "owner": new.owner,
            "until_at": new.until_at,
            "epoch": leadership.c.epoch + case((same, 0), else_=1),
        },
        where=or_(same, leadership.c.until_at <= now_there()),
    )
    return upsert.returning(leadership.c.epoch)


def hold(tx: Tx, role: str, owner: str, ttl: timedelta) -> bool:
    """Take or keep a role from now on.

    Args:
        tx: The unit of work.
        role: Which.
        owner: A name for this process that no other has.
        ttl: For how long, unless it is prolonged.

    Returns:
        False while somebody else holds it.
    """
    return tx.connection.execute(_hold(tx.dialect, ttl), {"role": role, "owner": owner}).one_or_none() is not None


def clear(tx: Tx) -> None:
    """Take every role back: nobody who held one can be alive."""
    tx.connection.execute(_CLEAR)


def release(tx: Tx, role: str, owner: str) -> None:
    """Give up a role, if it is held."""
    tx.connection.execute(_RELEASE, {"which": role, "whose": owner})
