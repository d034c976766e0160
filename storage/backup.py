"""Backing up: the data into one file, the keys into another.

They must not lie in one file: a backup of the data says nothing about somebody who was deleted since, as long as the
keys of that day are not beside it. So the keys' file has one fixed name, and only its newest copy exists. The master key
is in neither; keep it somewhere else again.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import URL, ColumnElement, Connection, TableClause
from sqlalchemy.exc import DatabaseError

from storage import keys
from storage.copying import copy_rows, filling, highest_number, looking_into, new_file, on_snapshot, tables_of
from storage.engine import is_file, path_of
from storage.errors import BackupRefused
from storage.migrate import build, revision_of
from storage.opening import addresses

KEYS_SUFFIX: Final = "-keys.backup"
"""What follows the database's name in the name of the file with the keys."""

KEY_TABLES: Final = (keys.key_store.name, keys.person_key.name)
"""What is copied of a key store: keys of days open only what is left out of a copy."""


async def backup(database_url: str, key_store_url: str | None, path: Path) -> tuple[Path, Path]:
    """Copy data and key store, each as it is at one moment; the bot may go on running.

    What people tapped and was not handled yet is left out. Files that are there are replaced once the new ones are whole.

    Args:
        database_url: As for `store.open_store`.
        key_store_url: As there, but PostgreSQL needs it as well.
        path: The file for the data; the keys go beside it, under the database's name.

    Returns:
        Both files.

    Raises:
        BackupRefused: There is nothing to copy, or the keys' file would overwrite newer or other keys.
        CannotOpen: One of its kinds.
    """
    where = addresses(database_url, key_store_url, Path("master.key"))
    keys_path = keys_beside(path, where.data)
    if path.name == keys_path.name:
        raise BackupRefused(f"{path} is the name of the file for the keys: choose another one for the data.")
    for url in (where.data, where.keys):
        if is_file(url) and not path_of(url).is_file():
            raise BackupRefused(f"There is nothing to back up: {path_of(url)} does not exist.")
    with new_file(path) as data_copy, new_file(keys_path) as keys_copy:
        # The data first: each of its people then has their key in the copy of the key store, which is read after.
        await on_snapshot(where.data, lambda source: _copy_data(source, data_copy))
        await on_snapshot(where.keys, lambda source: _copy_keys(source, keys_copy))
        _refuse_other_keys(keys_copy, keys_path)
    # The keys' file took its place first: a copy of the data may lie beside newer keys, but never beside older ones.
    return path, keys_path


def keys_beside(path: Path, data: URL) -> Path:
    """Where the keys of a backup lie: beside it, under the name of the database, whatever the backup is called."""
    name = path_of(data).stem if is_file(data) else data.database
    return path.with_name(f"{name}{KEYS_SUFFIX}")


def _copy_data(source: Connection, path: Path) -> None:
    revision = revision_of(source)
    if revision is None:
        raise BackupRefused("There is nothing to back up: the database has no tables yet.")
    with filling(path) as target:
        build(target, revision)
        copy_rows(source, target, [found.name for found in tables_of(source)], _without_payloads)


def _without_payloads(rows: TableClause) -> ColumnElement[bool] | None:
    return rows.c.payload.is_(None) if rows.name == "inbox" else None


def _copy_keys(source: Connection, path: Path) -> None:
    if keys.master_row(source) is None:
        raise BackupRefused("There is nothing to back up: the key store is empty.")
    with filling(path) as target:
        keys.metadata.create_all(target)
        copy_rows(source, target, KEY_TABLES)


def _refuse_other_keys(fresh: Path, path: Path) -> None:
    """An older key store, or another one, must not take the place of the only copy of the keys."""
    if not path.exists():
        return
    with looking_into(fresh) as copied:
        given = highest_number(copied, keys.person_key.name) or 0
    try:
        with looking_into(path) as there:
            before = highest_number(there, keys.person_key.name) or 0
    except DatabaseError:
        raise BackupRefused(f"{path} is there and is no copy of keys: move it away first.") from None
    if before > given:
        raise BackupRefused(
            f"{path} holds keys of more people than the key store: it is newer, or of another bot. Move it away first; "
            "nothing was overwritten."
        )
