"""`python -m bot backup FILE` and `restore FILE`: data and keys, in two files that belong in two places."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.settings import Settings
from bot.trouble import Trouble
from storage import backup as copies


def backup(settings: Settings, file: Path) -> int:
    """Copy both while the bot runs or stands still.

    Raises:
        Trouble: If the copy cannot be written; likewise `storage.errors.BackupRefused`.
    """
    with _copying(file.absolute().parent):
        data, keys = copies.backup(settings.database_url, settings.key_store_url, file)
    print(f"The data: {data}\nThe keys: {keys}")
    print(f"Keep them in different places, and {settings.master_key_file} with the keys: without it nothing opens.")
    return 0


def restore(settings: Settings, file: Path) -> int:
    """Take both back where nothing is yet.

    Raises:
        Trouble: If they cannot be written; likewise `storage.errors.BackupRefused`.
    """
    with _copying(Path.cwd()):
        copies.restore(settings.database_url, settings.key_store_url, file)
    print(f"Restored. {settings.master_key_file} must be the one that belonged to these keys.")
    return 0


@contextmanager
def _copying(to: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        where = getattr(error, "filename", None) or to
        why = getattr(error, "strerror", None) or error
        raise Trouble(
            f"{where} cannot be written ({why}). Choose a folder that exists, is yours and has room."
        ) from error
