"""Who leads: on PostgreSQL several processes may run, and one of them sends.

Leadership only protects the pace; correctness rests on leases, so two leaders for a moment do no harm.
"""

from datetime import datetime

from sqlalchemy import case, delete, or_

from storage.engine import insert_into
from storage.store import Tx
from storage.tables import leadership


def hold(tx: Tx, role: str, owner: str, now: datetime, until: datetime) -> bool:
    """Take or keep a role until an instant.

    Returns:
        False while somebody else holds it.
    """
    statement = insert_into(tx.connection, leadership).values(role=role, owner=owner, until_at=until, epoch=1)
    new = statement.excluded
    same = leadership.c.owner == new.owner
    upsert = statement.on_conflict_do_update(
        index_elements=[leadership.c.role],
        set_={
            "owner": new.owner,
            "until_at": new.until_at,
            "epoch": leadership.c.epoch + case((same, 0), else_=1),
        },
        where=or_(same, leadership.c.until_at <= now),
    )
    return tx.connection.execute(upsert.returning(leadership.c.epoch)).one_or_none() is not None


def clear(tx: Tx) -> None:
    """Take every role back: nobody who held one can be alive."""
    tx.connection.execute(delete(leadership))


def release(tx: Tx, role: str, owner: str) -> None:
    """Give up a role, if it is held."""
    tx.connection.execute(delete(leadership).where(leadership.c.role == role, leadership.c.owner == owner))
