"""Who leads: on PostgreSQL several processes may run, and one of them sends.

Leadership only protects the pace; correctness rests on leases, so two leaders for a moment do no harm. It is
measured by the database's clock, since several processes need not agree on the time.
"""

from datetime import timedelta

from sqlalchemy import case, delete, or_

from storage.engine import from_now_there, insert_into, now_there
from storage.store import Tx
from storage.tables import leadership


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
    statement = insert_into(tx.connection, leadership).values(
        role=role, owner=owner, until_at=from_now_there(ttl), epoch=1
    )
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
    return tx.connection.execute(upsert.returning(leadership.c.epoch)).one_or_none() is not None


def clear(tx: Tx) -> None:
    """Take every role back: nobody who held one can be alive."""
    tx.connection.execute(delete(leadership))


def release(tx: Tx, role: str, owner: str) -> None:
    """Give up a role, if it is held."""
    tx.connection.execute(delete(leadership).where(leadership.c.role == role, leadership.c.owner == owner))
