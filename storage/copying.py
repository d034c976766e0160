"""Rows from one database into another, whichever of the two kinds each is.

A copy is a SQLite file of its own, made new: unlike a copy of the pages it holds nothing that was deleted before.
"""

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    TableClause,
    column,
    create_engine,
    insert,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.util import greenlet_spawn

from storage.engine import is_file, path_of, postgres_engine, sqlite_readers
from storage.master import OWNER_ONLY, sync_folder

ROWS_AT_ONCE: Final = 1000
"""Rows in memory at a time."""

T = TypeVar("T")

Keep = Callable[[TableClause], ColumnElement[bool] | None]
"""Which rows of a table are copied; None for all of them."""


async def on_snapshot(url: URL, look: Callable[[Connection], T]) -> T:
    """Read a database as it is at one moment, while others go on writing."""
    if is_file(url):
        return await greenlet_spawn(_look_into_file, path_of(url), look)
    engine = postgres_engine(url)
    try:
        async with engine.execution_options(isolation_level="REPEATABLE READ").begin() as connection:
            return await connection.run_sync(look)
    finally:
        await engine.dispose()


def _look_into_file(path: Path, look: Callable[[Connection], T]) -> T:
    engine = sqlite_readers(path)
    try:
        with engine.begin() as connection:
            return look(connection)
    finally:
        engine.dispose()


def tables_of(connection: Connection) -> list[TableClause]:
    """The tables that are there, with the columns that they have there; Alembic's own is left out."""
    looking = inspect(connection)
    return [
        table(name, *(column(found["name"], found["type"]) for found in looking.get_columns(name)))
        for name in looking.get_table_names()
        if name != "alembic_version"
    ]


def copy_rows(source: Connection, target: Connection, names: Collection[str], keep: Keep = lambda _table: None) -> None:
    """Copy the rows of some tables, in this order, into empty tables of the same names.

    The highest number that a table ever gave goes along, so that none is given twice.
    """
    there = {found.name: found for found in tables_of(target)}
    here = {found.name: found for found in tables_of(source)}
    for name in names:
        wanted = keep(here[name])
        query = select(here[name]) if wanted is None else select(here[name]).where(wanted)
        found = source.execute(query.execution_options(yield_per=ROWS_AT_ONCE))
        for rows in found.mappings().partitions():
            target.execute(insert(there[name]), [dict(row) for row in rows])
        highest = highest_number(source, name)
        if highest is not None:
            count_on(target, name, highest)


def highest_number(connection: Connection, name: str) -> int | None:
    """The highest number that a table ever gave to a row, or None if it gives none."""
    if connection.dialect.name == "postgresql":
        asked = "SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, 'id')::regclass)"
        if not any(found["name"] == "id" for found in inspect(connection).get_columns(name)):
            return None
    else:
        asked = "SELECT seq FROM sqlite_sequence WHERE name = :name"
    found: int | None = connection.execute(text(asked), {"name": name}).scalar_one_or_none()
    return found


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Write a file beside its place, readable by its owner only; it takes its place whole, or not at all.

    Yields:
        Where to write; it must be closed and whole when the block ends.
    """
    waiting = path.with_name(f".{path.name}.part")
    clear_away(waiting)
    os.close(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    try:
        yield waiting
        with waiting.open("rb") as written:
            os.fsync(written.fileno())
        waiting.replace(path)
        sync_folder(path)
    finally:
        clear_away(waiting)


@contextmanager
def filling(path: Path, *, foreign_keys: bool = False) -> Iterator[Connection]:
    """A transaction on a SQLite file that nobody else uses; the file alone holds everything, without a log beside it.

    Args:
        path: The file.
        foreign_keys: Whether rows that refer to a deleted one go with it; not while tables are made or filled.
    """
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
            yield connection
    finally:
        engine.dispose()


@contextmanager
def looking_into(path: Path) -> Iterator[Connection]:
    """A SQLite file, opened to be read and left as it is."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), hide_parameters=True)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def clear_away(path: Path) -> None:
    """Delete a SQLite file with its log, if they are there."""
    for leftover in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        leftover.unlink(missing_ok=True)


def count_on(connection: Connection, name: str, highest: int) -> None:
    """Let the next number that a table gives be higher than this one."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)"), {"name": name, "highest": highest}
        )
        return
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
    connection.execute(
        text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :highest)"), {"name": name, "highest": highest}
    )
