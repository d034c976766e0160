"""Changing the master key: every key is wrapped again, and then the new file takes the old one's place.

::

    1. the new key is written beside the old one, as ….new
    2. one transaction wraps everything with it            (cut off before: the old file still opens)
    3. ….new takes the place of the old file               (cut off before: done by the next start)
"""

from contextlib import nullcontext
from pathlib import Path

from storage.connect import on_database
from storage.engine import is_file
from storage.keys import rewrap
from storage.master import next_to, put_in_place, write_master_key
from storage.migrate import upgrade
from storage.opening import addresses, locked, unlock


async def rotate(database_url: str, key_store_url: str | None = None, master_key_file: Path | None = None) -> Path:
    """Change the master key. The bot must not be running; on PostgreSQL, start it again afterwards.

    Args:
        database_url: As for `store.open_store`.
        key_store_url: As there.
        master_key_file: As there; holds the new key when this returns.

    Returns:
        The file that holds the new key.

    Raises:
        CannotOpen: The store could not be opened as it is; nothing was changed.
    """
    where = addresses(database_url, key_store_url, master_key_file)
    with locked(where.data) if is_file(where.data) else nullcontext():
        await on_database(where.data, upgrade, foreign_keys=False)
        old, _ = await unlock(where)
        waiting = next_to(where.master)
        waiting.unlink(missing_ok=True)
        new = write_master_key(waiting)
        await on_database(where.keys, lambda connection: rewrap(connection, old, new))
        put_in_place(waiting, where.master)
    return where.master
