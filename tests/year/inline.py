"""A store on a real SQLite file whose units of work run at once, in this thread: fast, and the same every time."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event

from storage.database import SqliteDatabase, _counting
from storage.engine import truncate_log
from storage.opening import open_database
from storage.store import Store
from storage.vault import Vault
from tests.databases import Place

T = TypeVar("T")


class InlineDatabase:
    """One connection to a SQLite file, without the writing thread: a transaction a unit."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        event.listen(engine, "connect", _without_waiting)
        self._connection = engine.connect()

    async def write(self, run: Callable[[Connection], T]) -> T:
        """See `storage.database.Database`; nobody else writes, so that no lock need be taken at once."""
        with self._connection.begin():
            return run(self._connection)

    async def read(self, run: Callable[[Connection], T]) -> T:
        """See `storage.database.Database`."""
        with self._connection.begin():
            return run(self._connection)

    async def aside(self, work: Callable[[], T]) -> T:
        """See `storage.database.Database`."""
        return work()

    async def scrub(self) -> None:
        """See `storage.database.Database`."""
        truncate_log(self.engine)

    async def close(self) -> None:
        """See `storage.database.Database`."""
        self._connection.close()

    @contextmanager
    def count_statements(self) -> Iterator[list[str]]:
        """See `storage.database.Database`."""
        with _counting(self.engine) as statements:
            yield statements


@asynccontextmanager
async def inline_store(place: Place) -> AsyncIterator[Store]:
    """Open a place, with the checks of a start."""
    async with open_database(*place.settings) as (database, keys):
        assert isinstance(database, SqliteDatabase)
        event.listen(keys._engine, "connect", _without_waiting)
        inline = InlineDatabase(database._engine)
        try:
            yield Store(inline, Vault(keys))
        finally:
            await inline.close()


def _without_waiting(connection: Any, _record: object) -> None:
    """A simulation outlives no power cut, and waiting for the disk would take most of its time."""
    connection.execute("PRAGMA synchronous=OFF")
