"""Looking at data and key store beside a running bot, without making or changing anything."""

import os
from pathlib import Path
from typing import Literal

from sqlalchemy import URL

from storage.connect import on_database
from storage.engine import is_file, parse_url, path_of
from storage.errors import DatabaseUnwritable
from storage.keys import master_row
from storage.migrate import check, current
from storage.opening import addresses, anybody, unlock

Stand = Literal["new", "old", "ready"]
"""Whether there are no tables yet, older ones, or those of this program."""


async def stand_of_data(database_url: str) -> Stand:
    """How far a database's tables are.

    Raises:
        DatabaseNewer: A newer program has been here.
        CannotOpen: It cannot be reached or written.
    """
    url = parse_url(database_url)
    if _missing(url):
        _require_folder(path_of(url).parent)
        return "new"
    if await check(database_url):
        return "ready"
    return "new" if await current(database_url) is None else "old"


async def keys_open(database_url: str, key_store_url: str | None, master_key_file: Path | None) -> bool:
    """Whether the master key opens the key store.

    Returns:
        False while there is neither a key store nor anybody who needs it.

    Raises:
        KeyStoreMissing: There are people in the data, but the key store is empty.
        MasterKeyMissing: The file is not there.
        MasterKeyWrong: The file does not open the key store.
    """
    where = addresses(database_url, key_store_url, master_key_file)
    if _missing(where.keys) or await on_database(where.keys, master_row) is None:
        nobody = await stand_of_data(database_url) != "ready" or not await on_database(where.data, anybody)
        if nobody:
            return False
    await unlock(where)
    return True


def _missing(url: URL) -> bool:
    return is_file(url) and not path_of(url).exists()


def _require_folder(folder: Path) -> None:
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        raise DatabaseUnwritable(
            f"The folder {folder} does not exist or cannot be written: make it and let it belong to whoever runs the "
            "bot, or set DATABASE_URL to another path."
        )
