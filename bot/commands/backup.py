"""`python -m bot backup FILE` and `restore FILE`: data and keys, in two files that belong in two places."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bot.app import SystemClock
from bot.delivery.restored import replan
from bot.settings import Settings
from bot.trouble import Trouble
from storage import backup as copies
from storage import restore as restoring
from storage.store import open_store


async def backup(settings: Settings, file: Path) -> int:
    """Copy both while the bot runs or stands still.

    Raises:
        Trouble: If the copy cannot be written; likewise `storage.errors.BackupRefused`.
    """
    with _copying(file):
        data, keys = await copies.backup(settings.database_url, settings.key_store_url, file)
    print(f"The data: {data}\nThe keys: {keys}")
    print(f"Keep them in different places, and {settings.master_key_file} with the keys: without it nothing opens.")
    return 0


async def restore(settings: Settings, file: Path, *, force: bool) -> int:
    """Take both back, and plan from now on.

    Raises:
        Trouble: If they cannot be written; likewise `storage.errors.BackupRefused`.
    """
    place = (settings.database_url, settings.key_store_url, settings.master_key_file)
    now = SystemClock().now()
    with _copying(None):
        done = await restoring.restore(*place, file, now, force=force)
    async with open_store(*place) as store:
        await store.write(partial(replan, now=now))
    print(f"Restored. People: {done.people}. Pairs: {done.couples}.")
    print(
        f"Left out, since they were deleted meanwhile: {done.without_key}. Messages that are not sent any more: "
        f"{done.parcels}. Invitations that were closed: {done.invitations}."
    )
    return 0


@contextmanager
def _copying(to: Path | None) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        where = to or getattr(error, "filename", None) or "The file"
        why = getattr(error, "strerror", None) or error
        raise Trouble(
            f"{where} cannot be written ({why}). Choose a folder that exists, is yours and has room."
        ) from error
