"""Opening data and key store together: every check that must hold before the first unit of work."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Row, select

from storage.connect import on_database
from storage.database import Database, PostgresDatabase, SqliteDatabase
from storage.engine import POOL_FOR_KEYS, is_file, parse_url, path_of, postgres_engine, sqlite_engine
from storage.errors import (
    DatabaseLocked,
    DatabaseUnwritable,
    KeyStoreMissing,
    MasterKeyMissing,
    MasterKeyWrong,
    WrongSettings,
)
from storage.keys import Key, KeyStore, found, master_row, opens
from storage.master import HOW_TO_MAKE, next_to, put_in_place, read_master_key, write_master_key
from storage.migrate import take_turns, upgrade
from storage.tables import person

MasterRow = Row[Any]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is kept.

    Attributes:
        data: The database of the data.
        keys: That of the key store.
        master: The master key's file.
    """

    data: URL
    keys: URL
    master: Path


def addresses(database_url: str, key_store_url: str | None, master_key_file: Path | None) -> Addresses:
    """Complete and check the three settings.

    Raises:
        WrongSettings: They do not fit each other.
    """
    data = parse_url(database_url)
    if not is_file(data) and (key_store_url is None or master_key_file is None):
        raise WrongSettings(
            "With PostgreSQL the keys must be told apart from the data: set KEY_STORE_URL to another database or a "
            f"SQLite file, and MASTER_KEY_FILE to a file that you make with: {HOW_TO_MAKE}"
        )
    if key_store_url is None:
        beside = path_of(data)
        keys = data.set(database=str(beside.with_name(f"{beside.stem}-keys.db")))
    else:
        keys = parse_url(key_store_url)
    master = path_of(data).with_suffix(".key") if master_key_file is None else master_key_file
    if is_file(data) and not is_file(keys):
        raise WrongSettings("With a SQLite database the key store is a SQLite file too: correct KEY_STORE_URL.")
    if _place(data) == _place(keys):
        raise WrongSettings("KEY_STORE_URL is the same as DATABASE_URL: the keys must be kept apart from the data.")
    return Addresses(data, keys, master.absolute())


@contextmanager
def locked(url: URL) -> Iterator[None]:
    """Hold a SQLite file for this process alone.

    Raises:
        DatabaseLocked: Another process has it.
        DatabaseUnwritable: The lock file beside it cannot be made.
    """
    path = path_of(url)
    lock = FileLock(f"{path}.lock", timeout=0)
    try:
        if not path.parent.is_dir():
            raise FileNotFoundError(2, "no such folder")
        lock.acquire()
    except Timeout:
        raise DatabaseLocked(
            f"Another process has {path} open: stop the other bot first, or give this one its own DATABASE_URL."
        ) from None
    except OSError as error:
        raise DatabaseUnwritable(
            f"The folder {path.parent} cannot be written ({error.strerror}): make it and let it belong to whoever runs "
            "the bot, or set DATABASE_URL to another path."
        ) from None
    try:
        yield
    finally:
        lock.release()


@asynccontextmanager
async def open_database(
    database_url: str, key_store_url: str | None, master_key_file: Path | None
) -> AsyncIterator[tuple[Database, KeyStore]]:
    """Open both; see `store.open_store`."""
    where = addresses(database_url, key_store_url, master_key_file)
    async with AsyncExitStack() as stack:
        if is_file(where.data):
            stack.enter_context(locked(where.data))
        await on_database(where.data, upgrade, foreign_keys=False)
        master, row = await unlock(where)
        keys = await _open_keys(stack, where, master, row)
        database: Database = (
            SqliteDatabase(path_of(where.data)) if is_file(where.data) else PostgresDatabase(where.data)
        )
        stack.push_async_callback(database.close)
        yield database, keys


async def unlock(where: Addresses) -> tuple[Key, MasterRow]:
    """The master key, and the key store's row that it opens; an empty key store is founded.

    Raises:
        KeyStoreMissing: There are people in the data, but the key store is empty.
        MasterKeyMissing: The file is not there, and may not be made.
        MasterKeyWrong: The file does not open the key store.
    """
    row = await on_database(where.keys, master_row)
    peopled = await on_database(where.data, anybody)
    if row is None and peopled:
        raise KeyStoreMissing(
            "The database holds people, but the key store is empty: point KEY_STORE_URL to the right key store, or "
            "restore it from the backup that belongs to the data."
        )
    if row is None:
        return await _found(where)
    master = read_master_key(where.master)
    if opens(master, row.master_check):
        return master, row
    # A rotation that was cut off after the keys were wrapped again: only the file must still be put in place.
    waiting = next_to(where.master)
    if waiting.exists() and opens(new := read_master_key(waiting), row.master_check):
        put_in_place(waiting, where.master)
        return new, row
    raise MasterKeyWrong(
        f"The master key in {where.master} does not open the key store: point MASTER_KEY_FILE to the file that was made "
        "with it."
    )


async def _found(where: Addresses) -> tuple[Key, MasterRow]:
    if where.master.exists():
        master = read_master_key(where.master)
    elif is_file(where.data):
        master = write_master_key(where.master)
    else:
        raise MasterKeyMissing(f"With PostgreSQL you make {where.master} yourself, once: {HOW_TO_MAKE}")

    def found_once(connection: Connection) -> MasterRow | None:
        take_turns(connection)
        if master_row(connection) is None:
            found(connection, master)
        return master_row(connection)

    row = await on_database(where.keys, found_once)
    if row is None or not opens(master, row.master_check):
        raise MasterKeyWrong(
            "Another process has just founded the key store with another master key: start again with it."
        )
    return master, row


async def _open_keys(stack: AsyncExitStack, where: Addresses, master: Key, row: MasterRow) -> KeyStore:
    shared = not is_file(where.data)
    if is_file(where.keys):
        engine = sqlite_engine(path_of(where.keys))
        dispose: Callable[[], Any] = engine.dispose
        stack.callback(dispose)
        return KeyStore(engine, master, row, shared=shared)
    server = postgres_engine(where.keys, POOL_FOR_KEYS)
    stack.push_async_callback(server.dispose)
    # Units of work run in a greenlet of the event loop: there a synchronous call on this engine is allowed.
    return KeyStore(server.sync_engine, master, row, shared=shared)


def anybody(connection: Connection) -> bool:
    """Whether the data holds people."""
    return connection.execute(select(person.c.id).limit(1)).one_or_none() is not None


def _place(url: URL) -> object:
    return path_of(url).resolve() if is_file(url) else (url.host, url.port, url.database, url.query)
