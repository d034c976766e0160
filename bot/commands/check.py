"""`python -m bot check`: token, database, keys, clock, disk, fonts and text shaping, on one screen."""

import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from bot import app
from bot.pictures import painter
from bot.settings import SQLITE, Settings
from bot.trouble import Trouble
from prompts.catalogue import languages, load
from storage.errors import StorageError
from storage.store import open_store

CLOCK_SLACK_SECONDS = 60
"""Nudges come "around" an hour; a clock that is a minute off still keeps that."""

ENOUGH_DISK = 200 * 1024 * 1024
"""Bytes: room for the write-ahead log and a backup of a few thousand people."""

Check = Callable[[Settings], Awaitable[str]]


async def check(settings: Settings) -> int:
    """Print a line for each thing; 0 if all is well, 2 if something is to be mended."""
    good = True
    for name, prove in CHECKS.items():
        try:
            found = await prove(settings)
        except (Trouble, StorageError) as problem:
            good = False
            print(f"[mend] {name}: {problem}")
        else:
            print(f"[ ok ] {name}: {found}")
    return 0 if good else 2


async def _token(settings: Settings) -> str:
    if not settings.bot_token:
        raise Trouble("BOT_TOKEN is missing. Set it in the environment or in .env, or start `run`, which asks for it.")
    return f"Telegram knows the bot as @{await app.prove_token(settings)}"


async def _database(settings: Settings) -> str:
    async with open_store(settings.database_url, settings.key_store_url, settings.master_key_file) as store:
        await store.write(lambda _tx: None)
    return "it opens, can be written, and its tables are up to date"


async def _keys(settings: Settings) -> str:
    mode = settings.master_key_file.stat().st_mode & 0o777
    if mode & 0o077:
        raise Trouble(
            f"Others on this machine may read {settings.master_key_file}. Run: chmod 600 {settings.master_key_file}"
        )
    return f"{settings.master_key_file} opens the key store, and only its owner may read it"


async def _clock(settings: Settings) -> str:
    said = await app.telegram_date(settings)
    if said is None:
        return "Telegram's server told no time to compare with"
    apart = abs((datetime.now(UTC) - parsedate_to_datetime(said)).total_seconds())
    if apart > CLOCK_SLACK_SECONDS:
        raise Trouble(
            f"This machine's clock is {apart:.0f} seconds off. Switch time synchronisation on (timedatectl set-ntp true)."
        )
    return "right to the minute"


async def _disk(settings: Settings) -> str:
    place = Path(settings.database_url.removeprefix(SQLITE)).absolute().parent if settings.on_sqlite else Path.cwd()
    free = shutil.disk_usage(place).free
    if free < ENOUGH_DISK:
        raise Trouble(f"Only {free // 2**20} MiB are free in {place}. Make room: at least {ENOUGH_DISK // 2**20} MiB.")
    return f"{free // 2**20} MiB free"


async def _words(_: Settings) -> str:
    return ", ".join(f"{language}: {len(load(language).screens)} screens" for language in languages())


async def _fonts(_: Settings) -> str:
    found = painter.report()
    if found.missing:
        raise Trouble(f"Fonts are missing: {', '.join(found.missing)}. Install the program again.")
    return f"{len(found.found)} bundled fonts found"


async def _shaping(_: Settings) -> str:
    if not painter.report().shaping:
        raise Trouble(
            "Pillow has no text shaping (raqm), so names in some scripts look wrong. Install libraqm0, or Pillow's own wheel."
        )
    return "available"


CHECKS: dict[str, Check] = {
    "token": _token,
    "database": _database,
    "keys": _keys,
    "clock": _clock,
    "disk": _disk,
    "words": _words,
    "fonts": _fonts,
    "text shaping": _shaping,
}
