"""How transactions run: grouped in one thread on SQLite, one by one over a pool on PostgreSQL."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util import greenlet_spawn

from storage.engine import postgres_engine, sqlite_engine, sqlite_readers
from storage.writer import Writer

T = TypeVar("T")

TRY_AGAIN: Final = frozenset({"40P01", "40001"})
"""PostgreSQL's states for a deadlock and a failed serialisation: the unit lost, and may run again."""
_NOT_COUNTED: Final = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


class Database(Protocol):
    """An open database."""

    async def write(self, run: Callable[[Connection], T]) -> T:
        """Run something in a transaction; returns once it is durable."""

    async def read(self, run: Callable[[Connection], T]) -> T:
        """Run something that only reads, on one snapshot."""

    async def aside(self, work: Callable[[], T]) -> T:
        """Run something where units of work run, but between them."""

    async def scrub(self) -> None:
        """Let deleted bytes disappear from the log."""

    async def close(self) -> None:
        """Leave no thread and no connection behind."""

    def count_statements(self) -> AbstractContextManager[list[str]]:
        """Collect the statements that run."""


class SqliteDatabase:
    """A SQLite file: one writing thread, a few readers."""

    def __init__(self, path: Path) -> None:
        self._engine = sqlite_engine(path)
        self._readers = sqlite_readers(path)
        self._writer = Writer(self._engine)
        self._reading: set[asyncio.Task[Any]] = set()

    async def write(self, run: Callable[[Connection], T]) -> T:
        """See `Database`."""
        return await self._writer.write(run)

    async def read(self, run: Callable[[Connection], T]) -> T:
        """See `Database`; it runs to its end even if nobody waits for it any more, so that no connection is left half-way."""
        reading = asyncio.create_task(greenlet_spawn(self._read, run))
        self._reading.add(reading)
        reading.add_done_callback(self._reading.discard)
        return await asyncio.shield(reading)

    def _read(self, run: Callable[[Connection], T]) -> T:
        with self._readers.begin() as connection:
            return run(connection)

    async def aside(self, work: Callable[[], T]) -> T:
        """See `Database`."""
        return await self._writer.aside(work)

    async def scrub(self) -> None:
        """See `Database`."""
        await self._writer.scrub()

    async def close(self) -> None:
        """See `Database`."""
        self._writer.close()
        if self._reading:
            await asyncio.wait(self._reading)
        await greenlet_spawn(self._readers.dispose)
        self._engine.dispose()

    @contextmanager
    def count_statements(self) -> Iterator[list[str]]:
        """See `Database`."""
        with _counting(self._engine, self._readers) as statements:
            yield statements


class PostgresDatabase:
    """A PostgreSQL database: a transaction a unit, over a pool."""

    def __init__(self, url: URL) -> None:
        self._engine = postgres_engine(url)
        # Repeatable read is a snapshot: what a screen reads in several queries fits together.
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def write(self, run: Callable[[Connection], T]) -> T:
        """See `Database`; after a deadlock the unit runs a second time."""
        try:
            return await self._once(run)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in TRY_AGAIN:
                raise
        return await self._once(run)

    async def read(self, run: Callable[[Connection], T]) -> T:
        """See `Database`."""
        async with self._reading.begin() as connection:
            return await connection.run_sync(run)

    async def aside(self, work: Callable[[], T]) -> T:
        """See `Database`."""
        return await greenlet_spawn(work)

    async def scrub(self) -> None:
        """See `Database`: here vacuuming is the server's own work."""

    async def close(self) -> None:
        """See `Database`."""
        await self._engine.dispose()

    @contextmanager
    def count_statements(self) -> Iterator[list[str]]:
        """See `Database`."""
        with _counting(self._engine.sync_engine) as statements:
            yield statements

    async def _once(self, run: Callable[[Connection], T]) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(run)


@contextmanager
def _counting(*engines: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: Any) -> None:
        if not statement.startswith(_NOT_COUNTED):
            statements.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
