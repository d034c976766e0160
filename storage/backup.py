"""Backing up and restoring SQLite files: the data into one file, the keys into another.

They must not lie in one file: an old backup of the data says nothing about a deleted person only as long
as the keys of that day are not beside it. The master key is in neither; keep it somewhere else again.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from storage.engine import is_file, path_of
from storage.errors import BackupRefused
from storage.master import OWNER_ONLY
from storage.opening import addresses, locked

KEYS_SUFFIX: Final = ".keys"
"""What is added to a backup's name for the file with the keys."""


def backup(database_url: str, key_store_url: str | None, path: Path) -> tuple[Path, Path]:
    """Copy data and key store as they are at one moment; the bot may go on running.

    Args:
        database_url: As for `store.open_store`.
        key_store_url: As there.
        path: The file for the data; the keys go beside it.

    Returns:
        Both files.

    Raises:
        BackupRefused: A file is already there or there is nothing to copy, or the database is PostgreSQL.
    """
    data, keys = _files(database_url, key_store_url)
    targets = (path, path.with_name(path.name + KEYS_SUFFIX))
    for source in (data, keys):
        if not source.is_file():
            raise BackupRefused(f"There is nothing to back up: {source} does not exist.")
    for target in targets:
        if target.exists():
            raise BackupRefused(f"{target} is already there: name a new file, since a backup never overwrites one.")
    # The data first: each of its people then has their key in the copy of the key store, which is made after.
    _copy(data, targets[0])
    _copy(keys, targets[1])
    return targets


def restore(database_url: str, key_store_url: str | None, path: Path) -> None:
    """Put a backup where the settings say; the bot must not be running.

    Args:
        database_url: As for `store.open_store`.
        key_store_url: As there.
        path: The file with the data; the keys lie beside it.

    Raises:
        BackupRefused: There is a database already, or a file of the backup is missing or damaged.
        DatabaseLocked: The bot is running.
    """
    data, keys = _files(database_url, key_store_url)
    sources = (path, path.with_name(path.name + KEYS_SUFFIX))
    for source in sources:
        _check(source)
    with locked(addresses(database_url, key_store_url, None).data):
        for target in (data, keys):
            if target.exists() and _holds_rows(target):
                raise BackupRefused(f"{target} is not empty: move it away first, since a restore never overwrites.")
        for source, target in zip(sources, (data, keys), strict=True):
            for leftover in (target, Path(f"{target}-wal"), Path(f"{target}-shm")):
                leftover.unlink(missing_ok=True)
            _copy(source, target)


def _files(database_url: str, key_store_url: str | None) -> tuple[Path, Path]:
    if not database_url.startswith("sqlite"):
        raise BackupRefused(
            "PostgreSQL brings its own tools: back up with pg_dump --format=custom --file=FILE NAME, the key store into "
            "a file of its own kept apart, and restore with pg_restore --dbname=NAME FILE."
        )
    where = addresses(database_url, key_store_url, None)
    assert is_file(where.keys)  # noqa: S101 - `addresses` allows nothing else beside a SQLite file
    return path_of(where.data), path_of(where.keys)


def _copy(source: Path, target: Path) -> None:
    """A consistent copy by SQLite's own means, into a file that only its owner can read."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    with closing(_reading(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _check(path: Path) -> None:
    if not path.is_file():
        raise BackupRefused(f"{path} is missing: a backup is two files, FILE and FILE{KEYS_SUFFIX}, side by side.")
    try:
        with closing(_reading(path)) as connection:
            sound = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    except sqlite3.DatabaseError:
        sound = False
    if not sound:
        raise BackupRefused(f"{path} is damaged or no backup: take another one.")


def _holds_rows(path: Path) -> bool:
    """Whether a SQLite file holds anything but empty tables and the number of its revision."""
    with closing(_reading(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return any(
            connection.execute(f'SELECT EXISTS (SELECT 1 FROM "{name}")').fetchone()[0]  # noqa: S608 - SQLite's own names
            for (name,) in names
            if name != "alembic_version" and not name.startswith("sqlite_")
        )
