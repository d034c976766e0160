"""Forgetting a person for good: mark, destroy the key, delete the rows, empty the log.

The mark is `people.forget`, inside a unit of work. The rest follows after its commit, and at start for
whoever was left half deleted; each step may be done twice.
"""

from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import bindparam, delete

from storage import people
from storage.errors import KeyStoreOlder
from storage.store import Store, Tx
from storage.tables import person

_DELETE: Final = delete(person).where(person.c.id == bindparam("whose"))


async def destroy_keys(store: Store) -> list[int]:
    """Destroy the keys of everybody who was marked as forgotten: from now on nobody can read what they said.

    Returns:
        Their numbers.
    """
    marked = await store.read(people.forgotten)
    for person_id in marked:
        await store.destroy_key(person_id)
    return marked


async def finish_deletions(store: Store) -> int:
    """Delete everybody who was marked as forgotten, their key first.

    Returns:
        How many people there were.
    """
    marked = await destroy_keys(store)
    for person_id in marked:
        await store.write(partial(_delete_rows, person_id=person_id))
    if marked:
        await store.scrub()
    return len(marked)


async def forget_destroyed(store: Store, now: datetime) -> int:
    """Mark everybody as forgotten whose key was destroyed: an older copy of the data has brought their rows back.

    Call `finish_deletions` afterwards.

    Returns:
        How many people there were.

    Raises:
        KeyStoreOlder: Some came after this key store was copied: their keys exist, but elsewhere.
    """
    # People first: whoever comes meanwhile, to another process, has a key before they have a row.
    newest = await store.read(people.newest)
    destroyed, highest = await store.destroyed_keys()
    if newest > highest:
        raise KeyStoreOlder(
            "The key store is older than the data: some people's keys are not in it. Restore the key store's newest copy; "
            "nothing was changed."
        )
    lost = await store.read(partial(people.here, among=destroyed))
    if lost:
        # Now people came last: the number of somebody who came meanwhile may have been given, and their key not yet committed.
        destroyed, _ = await store.destroyed_keys()
        lost = sorted({*lost} & {*destroyed})
    for person_id in lost:
        await store.write(partial(people.forget, person_id=person_id, now=now))
    return len(lost)


def _delete_rows(tx: Tx, person_id: int) -> None:
    """Delete a person; their rows go with them, by foreign keys. A seat empties and keeps its slot."""
    tx.connection.execute(_DELETE, {"whose": person_id})
