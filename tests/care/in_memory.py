"""What both houses in memory stand on: databases, keys and a stage of which nothing waits for anything.

So a story runs without an event loop, as fast as its statements do.
"""

import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, StaticPool, create_engine

from bot import app
from bot.scenes.turn import House as Facts
from bot.telegram.stage import Stage, voices
from prompts.catalogue import load
from storage import keys, tables
from storage.engine import _prepare, writing
from storage.keys import Key, KeyStore
from storage.store import Store
from storage.vault import Vault

T = TypeVar("T")

MASTER = keys.key_of(bytes(keys.KEY_BYTES))
WORDS = load("en")


def run(story: Coroutine[Any, Any, T]) -> T:
    """Run what never waits."""
    try:
        story.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("Something in the house waited.")


def stage_with(*, bot_username: str, operator_name: str) -> Stage:
    """What scenes are played on, in a house that is open to everyone."""
    facts = Facts(bot_username, operator_name=operator_name, open_to_everyone=True, help_country="", retention_days=60)
    return Stage(app.routes(), voices({"en": WORDS}), facts)


class Memory:
    """A SQLite database in memory: one connection, and one transaction that never ends; it can be put back to where it was.

    A unit of work that fails fails its story, so there is nothing to take back.
    """

    def __init__(self) -> None:
        """Make an empty one."""
        self.raw = sqlite3.connect(":memory:", check_same_thread=False)
        self.engine = create_engine("sqlite://", creator=lambda: self.raw, poolclass=StaticPool)
        _prepare(self.engine, "PRAGMA foreign_keys=ON")
        self.connection = self.engine.connect()

    async def write(self, unit: Callable[[Connection], T]) -> T:
        """Run a unit of work."""
        return unit(self.connection)

    async def read(self, unit: Callable[[Connection], T]) -> T:
        """Run what only reads."""
        return unit(self.connection)

    async def aside(self, work: Callable[[], T]) -> T:
        """Run what commits by itself."""
        return work()

    async def scrub(self) -> None:
        """There is no log."""

    async def close(self) -> None:
        """Nothing stays open."""

    @contextmanager
    def count_statements(self) -> Iterator[list[str]]:
        """Nobody counts here."""
        yield []

    def put_back(self, content: bytes) -> None:
        """Go back to a moment."""
        self.connection.rollback()
        self.raw.deserialize(content)

    def content(self) -> bytes:
        """What it holds now."""
        self.connection.commit()
        return self.raw.serialize()


def furnish(data: Memory, key_store: Memory) -> None:
    """Make the tables of both."""
    tables.metadata.create_all(data.connection)
    data.connection.commit()
    with writing(key_store.engine) as connection:
        keys.found(connection, MASTER)


def store_on(data: Memory, key_store: Memory, master: Key = MASTER) -> Store:
    """A store on both."""
    with key_store.engine.connect() as connection:
        row = keys.master_row(connection)
    assert row is not None
    return Store(data, Vault(KeyStore(key_store.engine, master, row)))
