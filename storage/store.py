"""The store: a unit of work runs whole or not at all, and is on disk when its `write` returns."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from storage.database import Database
from storage.opening import open_database
from storage.vault import Vault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tx:
    """An open unit of work: what every function of this package takes first.

    Attributes:
        connection: The transaction.
        vault: Opens and seals what people said.
    """

    connection: Connection
    vault: Vault

    @property
    def dialect(self) -> str:
        """Which database it is: "sqlite" or "postgresql"."""
        return self.connection.dialect.name


class Store:
    """Both databases, open. Made by `open_store`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def write(self, unit: Callable[[Tx], T]) -> T:
        """Run a unit of work whole, or not at all; durable when this returns.

        Args:
            unit: A plain function. It may run in another thread, and on PostgreSQL a second time after a
                deadlock: it must do nothing but read and write through its `Tx`.

        Returns:
            What the unit returned.
        """
        return await self._database.write(lambda connection: unit(Tx(connection, self._vault)))

    async def read(self, query: Callable[[Tx], T]) -> T:
        """Run a query on one snapshot of the data; it cannot write."""
        return await self._database.read(lambda connection: query(Tx(connection, self._vault)))

    async def destroy_key(self, person_id: int) -> None:
        """Destroy a person's key for good: what it sealed cannot be read any more, in backups neither."""
        await self._database.aside(lambda: self._vault.keys.destroy(person_id))

    async def destroyed_keys(self) -> tuple[list[int], int]:
        """The numbers of all people whose key was destroyed, rising, and the highest number that was ever given."""
        return await self._database.aside(self._vault.keys.destroyed)

    async def scrub(self) -> None:
        """Empty the write-ahead log, so that deleted bytes are gone from the disk (nothing on PostgreSQL)."""
        await self._database.scrub()

    @contextmanager
    def count_statements(self) -> Iterator[list[str]]:
        """Collect the SQL that runs on the data, for tests that hold a budget.

        Yields:
            A list that grows; BEGIN, COMMIT and savepoints are not in it.
        """
        with self._database.count_statements() as statements:
            yield statements


@asynccontextmanager
async def open_store(
    database_url: str, key_store_url: str | None = None, master_key_file: Path | None = None
) -> AsyncIterator[Store]:
    """Open data and key store, bring the tables up to date, and close without leaving a thread behind.

    Args:
        database_url: ``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://…``.
        key_store_url: The key store's; None is ``…-keys.db`` beside the SQLite file.
        master_key_file: The file with the master key; None is ``….key`` beside the SQLite file.

    Raises:
        CannotOpen: One of its kinds, with the fix in the sentence.
    """
    async with open_database(database_url, key_store_url, master_key_file) as (database, keys):
        yield Store(database, Vault(keys))
