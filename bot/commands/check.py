"""`python -m bot check`: token, database, keys, clock, disk, fonts and text shaping, on one screen."""

import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
from yarl import URL

from bot.pictures import painter
from bot.settings import SQLITE, Settings
from bot.telegram.access import prove_token
from bot.telegram.surroundings import proxies, trusted
from bot.trouble import Trouble
from prompts.catalogue import CatalogueError, languages, load
from storage.errors import StorageError
from storage.prove import keys_open, stand_of_data

CLOCK_SLACK_SECONDS = 60
"""Nudges come "around" an hour; a clock that is a minute off still keeps that."""

ENOUGH_DISK = 200 * 1024 * 1024
"""Bytes: room for the write-ahead log and a backup of a few thousand people."""

CLOCK_TIMEOUT_SECONDS = 10.0
"""A server that takes longer to say what time it is, says nothing of use."""

OTHERS = 0o077
"""What the group and everybody else may do with a file."""

STANDS = {
    "new": "none yet; the first `run` makes it",
    "old": "it opens and can be written; its tables are older, and `run` or `migrate` brings them up to date",
    "ready": "it opens, can be written, and its tables are up to date",
}

Check = Callable[[Settings], Awaitable[str]]


async def check(settings: Settings) -> int:
    """Print a line for each thing; 0 if all is well, 2 if something is to be mended."""
    good = True
    for name, prove in CHECKS.items():
        try:
            found = await prove(settings)
        except (Trouble, StorageError, CatalogueError) as problem:
            good = False
            print(f"[mend] {name}: {problem}")
        else:
            print(f"[ ok ] {name}: {found}")
    return 0 if good else 2


async def _token(settings: Settings) -> str:
    if not settings.bot_token:
        raise Trouble("BOT_TOKEN is missing. Set it in the environment or in .env, or start `run`, which asks for it.")
    return f"Telegram knows the bot as @{await prove_token(settings)}"


async def _database(settings: Settings) -> str:
    return STANDS[await stand_of_data(settings.database_url)]


async def _keys(settings: Settings) -> str:
    if not await keys_open(settings.database_url, settings.key_store_url, settings.master_key_file):
        return "none yet; the first `run` makes them"
    _require_own(settings.master_key_file)
    return f"{settings.master_key_file} opens the key store, and only its owner may read it"


def _require_own(file: Path) -> None:
    if file.stat().st_mode & OTHERS:
        raise Trouble(f"Others on this machine may read {file}. Run: chmod 600 {file}")


async def _clock(settings: Settings) -> str:
    said = await _date_of(settings.bot_api_url)
    if said is None:
        return "Telegram's server told no time to compare with"
    apart = abs((datetime.now(UTC) - said).total_seconds())
    if apart > CLOCK_SLACK_SECONDS:
        raise Trouble(
            f"This machine's clock is {apart:.0f} seconds off. Switch time synchronisation on (timedatectl set-ntp true)."
        )
    return "right to the minute"


async def _date_of(url: str) -> datetime | None:
    """The time that a server gives with its answers, or None if it gives none."""
    said = await _date_header(url)
    try:
        return parsedate_to_datetime(said).astimezone(UTC) if said else None
    except ValueError:
        return None


async def _date_header(url: str) -> str | None:
    patience = aiohttp.ClientTimeout(total=CLOCK_TIMEOUT_SECONDS)
    try:
        server = URL(url)
        way = proxies().for_url(server)
        async with (
            aiohttp.ClientSession(timeout=patience) as session,
            session.head(server, allow_redirects=False, proxy=way, ssl=trusted()) as answer,
        ):
            return answer.headers.get("Date")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Trouble("BOT_API_URL cannot be reached to compare clocks. Check the network of this machine.") from error


async def _disk(settings: Settings) -> str:
    place = _folder(settings)
    free = shutil.disk_usage(place).free
    if free < ENOUGH_DISK:
        raise Trouble(f"Only {free // 2**20} MiB are free in {place}. Make room: at least {ENOUGH_DISK // 2**20} MiB.")
    return f"{free // 2**20} MiB free"


def _folder(settings: Settings) -> Path:
    folder = Path(settings.database_url.removeprefix(SQLITE)).absolute().parent if settings.on_sqlite else Path.cwd()
    if not folder.is_dir():
        raise Trouble(f"There is no folder {folder}. Make it, or correct DATABASE_URL.")
    return folder


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
