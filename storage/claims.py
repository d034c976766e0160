"""Who handles which chat: several processes may share a PostgreSQL database, and a chat's order holds across them.

A process claims a chat with the first update of it, and gives it back once the last screen is shown; in
between the claim is prolonged for as long as the process lives. A dead process's claims run out, by the
database's clock, and the next process goes on where it stopped. Every unit of work for a chat first takes
its claim, which locks the row until the commit: so whoever was too slow changes nothing any more.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, or_, select, update

from storage.engine import from_now_there, insert_into, now_there
from storage.store import Tx
from storage.tables import claim

TTL: Final = timedelta(seconds=12)
"""A claim that nobody prolongs lasts so long: people wait ten seconds for an answer before their mind leaves it
(Nielsen, "Response Times: The 3 Important Limits"), and a process must be able to miss one of three renewals."""


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
    statement = insert_into(tx.connection, claim).values(until_at=from_now_there(TTL))
    taken = statement.on_conflict_do_update(
        index_elements=[claim.c.chat_id],
        set_={"owner": statement.excluded.owner, "until_at": from_now_there(TTL)},
        where=or_(claim.c.owner == statement.excluded.owner, claim.c.until_at <= now_there()),
    )
    return set(tx.connection.execute(taken.returning(claim.c.chat_id), wanted).scalars())


def renew(tx: Tx, chats: Iterable[int], owner: str) -> set[int]:
    """Prolong claims without taking back what was lost.

    Returns:
        Those that this process still holds.
    """
    held = update(claim).where(claim.c.owner == owner, claim.c.chat_id.in_(sorted(set(chats))))
    return set(tx.connection.execute(held.values(until_at=from_now_there(TTL)).returning(claim.c.chat_id)).scalars())


def release(tx: Tx, chat_id: int, owner: str) -> bool:
    """Give a chat back.

    Returns:
        False if another process has taken it over.
    """
    statement = delete(claim).where(claim.c.chat_id == chat_id, claim.c.owner == owner)
    return tx.connection.execute(statement).rowcount == 1


def release_all(tx: Tx, owner: str) -> None:
    """Give back whatever a process holds, so that nobody waits for it to run out."""
    tx.connection.execute(delete(claim).where(claim.c.owner == owner))


def lapsed(tx: Tx, limit: int) -> list[int]:
    """Chats that a dead process held and nobody has taken over: a screen may be owed there."""
    query = select(claim.c.chat_id).where(claim.c.until_at <= now_there()).order_by(claim.c.until_at).limit(limit)
    return list(tx.connection.execute(query).scalars())


def clear(tx: Tx) -> None:
    """Take every claim back: nobody who held one can be alive."""
    tx.connection.execute(delete(claim))


def tidy(tx: Tx) -> int:
    """Forget claims that ran out and were not taken over; returns how many there were."""
    return tx.connection.execute(delete(claim).where(claim.c.until_at <= now_there())).rowcount
