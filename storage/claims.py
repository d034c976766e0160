"""Who handles which chat: several processes may share a PostgreSQL database, and a chat's order holds across them.

A process claims a chat with the first update of it, and gives it back once the last screen is shown; in
between the claim is prolonged for as long as the process lives. A dead process's claims run out, by the
database's clock, and the next process goes on where it stopped. Every unit of work for a chat first takes
its claim, which locks the row until the commit: so whoever was too slow changes nothing any more.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Final

from sqlalchemy import Executable, bindparam, delete, or_, select, update

from storage.engine import from_now_there, insert_into, now_there
from storage.store import Tx
from storage.tables import claim

TTL: Final = timedelta(seconds=12)
"""A claim that nobody prolongs lasts so long: people wait ten seconds for an answer before their mind leaves it
(Nielsen, "Response Times: The 3 Important Limits"), and a process must be able to miss one of three renewals."""

_RENEW: Final = (
    update(claim)
    .where(claim.c.owner == bindparam("whose"), claim.c.chat_id.in_(bindparam("chats", expanding=True)))
    .values(until_at=from_now_there(TTL))
    .returning(claim.c.chat_id)
)
_RELEASE_ALL: Final = delete(claim).where(claim.c.owner == bindparam("whose"))
_RELEASE: Final = _RELEASE_ALL.where(claim.c.chat_id == bindparam("which"))
_CLEAR: Final = delete(claim)
_TIDY: Final = delete(claim).where(claim.c.until_at <= now_there())
_LAPSED: Final = (
    select(claim.c.chat_id).where(claim.c.until_at <= now_there()).order_by(claim.c.until_at).limit(bindparam("most"))
)


@cache
def _take(dialect: str) -> Executable:
    statement = insert_into(dialect, claim).values(until_at=from_now_there(TTL))
    taken = statement.on_conflict_do_update(
        index_elements=[claim.c.chat_id],
        set_={"owner": statement.excluded.owner, "until_at": from_now_there(TTL)},
        where=or_(claim.c.owner == statement.excluded.owner, claim.c.until_at <= now_there()),
    )
    return taken.returning(claim.c.chat_id)


def take(tx: Tx, chats: Iterable[int], owner: str) -> set[int]:
    """Claim chats, or prolong one's claims; until the end of the transaction nobody else can take or give back these.

    Args:
        tx: The unit of work.
        chats: Which.
        owner: A name for this process that no other has.

    Returns:
        Those that this process holds now; the others belong to another one.
    """
    # In one order everywhere, so that two that take several never wait for each other.
    wanted = [{"chat_id": chat_id, "owner": owner} for chat_id in sorted(set(chats))]
    if not wanted:
        return set()
    return set(tx.connection.execute(_take(tx.dialect), wanted).scalars())


def renew(tx: Tx, chats: Iterable[int], owner: str) -> set[int]:
    """Prolong claims without taking back what was lost.

    Returns:
        Those that this process still holds.
    """
    return set(tx.connection.execute(_RENEW, {"whose": owner, "chats": sorted(set(chats))}).scalars())


def release(tx: Tx, chat_id: int, owner: str) -> bool:
    """Give a chat back.

    Returns:
        False if another process has taken it over.
    """
    return tx.connection.execute(_RELEASE, {"which": chat_id, "whose": owner}).rowcount == 1


def release_all(tx: Tx, owner: str) -> None:
    """Give back whatever a process holds, so that nobody waits for it to run out."""
    tx.connection.execute(_RELEASE_ALL, {"whose": owner})


def lapsed(tx: Tx, limit: int) -> list[int]:
    """Chats that a dead process held and nobody has taken over: a screen may be owed there."""
    return list(tx.connection.execute(_LAPSED, {"most": limit}).scalars())


def clear(tx: Tx) -> None:
    """Take every claim back: nobody who held one can be alive."""
    tx.connection.execute(_CLEAR)


def tidy(tx: Tx) -> int:
    """Forget claims that ran out and were not taken over; returns how many there were."""
    return tx.connection.execute(_TIDY).rowcount
