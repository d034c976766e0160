"""One connection for one errand, outside of the store: at start, and for commands."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DatabaseError

from storage.engine import is_file, path_of, postgres_engine, sqlite_engine, writing
from storage.errors import CannotConnect, DatabaseUnwritable

T = TypeVar("T")


async def on_database(url: URL, errand: Callable[[Connection], T], *, foreign_keys: bool = True) -> T:
    """Run an errand in a transaction of its own, on a connection that is closed afterwards.

    Args:
        url: The database.
        errand: What to do.
        foreign_keys: See `engine.sqlite_engine`.

    Raises:
        DatabaseUnwritable: The SQLite file or its folder cannot be written.
        CannotConnect: PostgreSQL does not answer at the address, or refuses.
    """
    if is_file(url):
        return _on_file(url, errand, foreign_keys=foreign_keys)
    return await _on_server(url, errand)


def _on_file(url: URL, errand: Callable[[Connection], T], *, foreign_keys: bool) -> T:
    path = path_of(url)
    engine = sqlite_engine(path, foreign_keys=foreign_keys)
    try:
        try:
            with writing(engine):
                pass
        except DatabaseError as error:
            raise DatabaseUnwritable(
                f"The database file {path} cannot be opened and written ({error.orig}): let its folder exist and "
                "both belong to whoever runs the bot, or set DATABASE_URL and KEY_STORE_URL to another path."
            ) from None
        with writing(engine) as connection:
            return errand(connection)
    finally:
        engine.dispose()


async def _on_server(url: URL, errand: Callable[[Connection], T]) -> T:
    engine = postgres_engine(url)
    try:
        try:
            async with engine.connect():
                pass
        except Exception as error:  # noqa: BLE001 - whatever the driver says, there is no connection
            raise cannot_connect(url, error) from None
        async with engine.begin() as connection:
            return await connection.run_sync(errand)
    finally:
        await engine.dispose()


def cannot_connect(url: URL, error: Exception) -> CannotConnect:
    """What to say when PostgreSQL does not answer."""
    return CannotConnect(
        f"PostgreSQL does not let us in at {url.render_as_string(hide_password=True)} ({error}): start the "
        "server, make the database, or correct DATABASE_URL and KEY_STORE_URL."
    )
