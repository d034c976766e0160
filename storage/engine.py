"""Every difference between SQLite and PostgreSQL that a statement or a connection can notice.

How transactions are run on each stands in `database.py`. SQLAlchemy's asynchronous engine brings its whole mapper of objects
along, which nothing here uses: it is only loaded where there is a PostgreSQL server, and saves eight megabytes elsewhere.

No error of an engine quotes the values that it was given.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote

from sqlalchemy import (
    URL,
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    literal,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from storage.errors import WrongSettings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

SQLITE: Final = "sqlite+aiosqlite"
POSTGRESQL: Final = "postgresql+asyncpg"
BUSY_SECONDS: Final = 5.0
"""How long a connection waits for another; the writer is alone, so only a backup makes it wait."""
READERS: Final = 4
"""Reading connections to SQLite; each is a thread."""
POOL: Final = 10
"""Connections to PostgreSQL: a tenth of what a server allows by default."""
POOL_FOR_KEYS: Final = 4
"""Connections to a key store on PostgreSQL: keys stay in memory, so it is seldom asked, and several processes share it."""
LOG_PAGES: Final = 10_000
"""40 MB of log at which a commit tidies it itself; usually the writer's second thread did so long before."""
_BEGIN: Final = "begin_mode"


def parse_url(text: str) -> URL:
    """The address of a database.

    Raises:
        WrongSettings: It is neither a SQLite file nor a PostgreSQL database.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    if url is None or url.drivername not in (SQLITE, POSTGRESQL) or not url.database:
        raise WrongSettings(
            f"A database address begins with {SQLITE}:///path or {POSTGRESQL}://user@host/name: correct DATABASE_URL "
            "or KEY_STORE_URL."
        )
    if url.drivername == SQLITE and (url.database == ":memory:" or url.query):
        raise WrongSettings(f"A SQLite address names a file and nothing else: {SQLITE}:///path.")
    return url


def is_file(url: URL) -> bool:
    """Whether the address is that of a SQLite file."""
    return url.drivername == SQLITE


def path_of(url: URL) -> Path:
    """The SQLite file of an address."""
    return Path(cast("str", url.database)).absolute()


def sqlite_engine(path: Path, *, foreign_keys: bool = True) -> Engine:
    """A synchronous engine on a SQLite file: durable, and deleted bytes are overwritten.

    Args:
        path: The file; it is made if it is missing.
        foreign_keys: False while tables are rebuilt, since dropping one would empty those that refer to it.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        hide_parameters=True,
    )
    _prepare(
        engine,
        "PRAGMA journal_mode=WAL",
        # FULL: what was acknowledged outlives a power cut, which NORMAL does not promise in WAL mode.
        "PRAGMA synchronous=FULL",
        f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}",
        "PRAGMA secure_delete=ON",
        f"PRAGMA wal_autocheckpoint={LOG_PAGES}",
    )
    return engine


def sqlite_readers(path: Path) -> Engine:
    """A small pool of connections that can only read.

    Its driver is asynchronous: it works inside of SQLAlchemy's `greenlet_spawn`.
    """
    url = URL.create(SQLITE, database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(
        url, pool_size=READERS, max_overflow=0, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True
    )
    _prepare(engine, "PRAGMA query_only=ON")
    return engine


def postgres_engine(url: URL, connections: int = POOL) -> "AsyncEngine":
    """A pool of connections to PostgreSQL."""
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 -- see above

    return create_async_engine(url, pool_size=connections, max_overflow=0, pool_pre_ping=True, hide_parameters=True)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes; on SQLite it takes the lock at once, since one that asks for it later may fail."""
    with engine.connect() as connection:
        connection.info[_BEGIN] = "IMMEDIATE"
        with connection.begin():
            yield connection


def truncate_log(engine: Engine) -> bool:
    """Bring the write-ahead log into the file and empty it, so that deleted bytes are gone (SQLite only).

    Returns:
        False if somebody was reading: then it must be tried again.
    """
    return _checkpoint(engine, "TRUNCATE")


def checkpoint(engine: Engine) -> bool:
    """Bring what can be brought from the write-ahead log into the file, without waiting (SQLite only)."""
    return _checkpoint(engine, "PASSIVE")


def insert_into(dialect: str, table: Table) -> sqlite.Insert:
    """An INSERT with ON CONFLICT, in the dialect of this name.

    Both dialects' statements have the same methods; the annotation names one of them. Whoever builds on it caches
    what was built, once a dialect: a statement is built as slowly as it runs.
    """
    if dialect == "postgresql":
        return cast("sqlite.Insert", postgresql.insert(table))
    return sqlite.insert(table)


class _Now(FunctionElement[int]):
    """The database's own clock, in milliseconds since 1970."""

    type = BigInteger()
    inherit_cache = True


@compiles(_Now, "postgresql")
def _now_on_postgresql(*_: object, **__: object) -> str:
    # Not now(): that is when the transaction began, and it may have waited for a lock since.
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"


@compiles(_Now, "sqlite")
def _now_on_sqlite(*_: object, **__: object) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


def now_there() -> ColumnElement[int]:
    """The database's clock, as `instants.Instant` keeps one.

    Leases are measured by it, since several processes need not agree on the time.
    """
    return _Now()


def from_now_there(after: timedelta) -> ColumnElement[int]:
    """The instant so much later than `now_there`."""
    return _Now() + literal(round(after.total_seconds() * 1000), BigInteger())


def _prepare(engine: Engine, *pragmas: str) -> None:
    """Let SQLAlchemy, not the driver, begin transactions, and set up each new connection."""

    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    def begin(connection: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"BEGIN {connection.info.pop(_BEGIN, 'DEFERRED')}")
        cursor.close()

    event.listen(engine, "connect", on_connect)
    # Not an event of the engine: one is enough to make every statement ask for all that there are, a tenth of its time.
    engine.dialect.do_begin = begin  # type: ignore[assignment,method-assign]


def _checkpoint(engine: Engine, mode: str) -> bool:
    if engine.dialect.name != "sqlite":
        return True
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA wal_checkpoint({mode})")
        row = cursor.fetchone()
        cursor.close()
    finally:
        raw.close()
    return row is not None and row[0] == 0
