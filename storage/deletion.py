"""Forgetting a person for good: mark, destroy the key, delete the rows, empty the log.

The mark is `people.forget`, inside a unit of work. The rest follows after its commit, and at start for
whoever was left half deleted; each step may be done twice.
"""

from functools import partial

from sqlalchemy import delete, select, update

from storage import people
from storage.store import Store, Tx
from storage.tables import inbox, person


async def finish_deletions(store: Store) -> int:
    """Delete everybody who was marked as forgotten.

    Returns:
        How many people there were.
    """
    marked = await store.read(people.forgotten)
    for person_id in marked:
        await store.destroy_key(person_id)
        await store.write(partial(_delete_rows, person_id=person_id))
    if marked:
        await store.scrub()
    return len(marked)


def _delete_rows(tx: Tx, person_id: int) -> None:
    """Delete a person; their rows go with them, by foreign keys. A seat empties and keeps its slot."""
    chat = select(person.c.telegram_id).where(person.c.id == person_id).scalar_subquery()
    # Finished updates stay a little to be known again, but no longer say whose they were.
    tx.connection.execute(update(inbox).where(inbox.c.chat_id == chat, inbox.c.state != "open").values(chat_id=0))
    tx.connection.execute(delete(person).where(person.c.id == person_id))
