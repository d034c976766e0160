"""Who else works on the same PostgreSQL database: one process alone, or several that share it.

A SQLite file has its lock beside it. Here it is a lock of the server, bound to a connection that is kept for
it: when the process dies, however it dies, the connection ends and the lock with it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, func, select
from sqlalchemy.pool import NullPool

from storage.connect import cannot_connect
from storage.engine import is_file, parse_url
from storage.errors import DatabaseLocked

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_LOCK: Final = 7_316_402_956
"""Any number of our own; see migrate.py for its neighbour."""

PATIENCE: Final = 5.0
"""Seconds until a lock counts as held: the server sees the end of a killed process a moment later."""

_LOOK: Final = 0.1
"""Seconds between two tries."""

_KEEP_ALIVE: Final = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
"""A machine that vanished is noticed within half a minute (PostgreSQL, "Connection Settings")."""

log = logging.getLogger(__name__)


class Presence:
    """This process's place at a database. Made by `present`."""

    def __init__(self, engine: "AsyncEngine | None", *, alone: bool) -> None:
        self._engine = engine
        self._alone = alone
        self._connection: AsyncConnection | None = None

    async def look(self) -> None:
        """Make sure of the place, and take it again if the connection broke; a tick calls this.

        Raises:
            DatabaseLocked: Somebody else has taken it: the process has to stop.
        """
        if self._engine is None:
            return
        try:
            if self._connection is not None:
                await self._connection.execute(select(1))
                return
        except Exception:  # noqa: BLE001 - whatever the driver says, the connection is no more
            await self.give_up()
        try:
            await self.take()
        except DatabaseLocked:
            raise
        except Exception as error:  # noqa: BLE001 - the server is away: whoever wants to write something fails loudly
            log.warning("The database does not answer: %s", type(error).__name__)

    async def take(self) -> None:
        """Take the place.

        Raises:
            DatabaseLocked: Somebody else has it.
        """
        if self._engine is None:
            return
        connection = await self._engine.connect()
        lock = func.pg_try_advisory_lock if self._alone else func.pg_try_advisory_lock_shared
        for _ in range(round(PATIENCE / _LOOK)):
            if (await connection.execute(select(lock(_LOCK)))).scalar_one():
                self._connection = connection
                return
            await asyncio.sleep(_LOOK)
        await connection.close()
        if self._alone:
            raise DatabaseLocked(
                "Another bot works on this database, and whoever asks Telegram for updates must be alone there: stop "
                "the other one, or set WEBHOOK_URL for all of them."
            )
        raise DatabaseLocked("A bot that asks Telegram for updates works alone on this database: stop it first.")

    async def give_up(self) -> None:
        """Leave the place."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                await connection.close()


@asynccontextmanager
async def present(database_url: str, *, alone: bool) -> AsyncIterator[Presence]:
    """Be at a database, alone or with others; on SQLite the file's own lock says so, and nothing is done here.

    Args:
        database_url: As for `store.open_store`.
        alone: Whether nobody else may be there.

    Raises:
        CannotConnect: PostgreSQL does not answer at the address, or refuses.
        DatabaseLocked: Somebody else is there.
    """
    url = parse_url(database_url)
    engine = None if is_file(url) else _engine(url)
    presence = Presence(engine, alone=alone)
    try:
        try:
            await presence.take()
        except DatabaseLocked:
            raise
        except Exception as error:  # noqa: BLE001 - see `connect`
            raise cannot_connect(url, error) from None
        yield presence
    finally:
        await presence.give_up()
        if engine is not None:
            await engine.dispose()


def _engine(url: URL) -> "AsyncEngine":
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 -- see engine.py

    return create_async_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"server_settings": _KEEP_ALIVE},
        hide_parameters=True,
    )
