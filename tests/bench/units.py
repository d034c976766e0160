"""`python -m tests.bench.units`: units of work a second on SQLite, each whole and on disk.

A unit is four statements that read and four that write. Beside the store stand two ways in which one would write it at first:
each statement awaited, through SQLAlchemy's asynchronous engine and through aiosqlite alone, a commit a unit. All three
take turns on files of their own, and are given the same to do. SCALE=2 measures twice as many.
"""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median, quantiles

import aiosqlite
from sqlalchemy import bindparam, event, select, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import create_async_engine

from storage import people
from storage.store import Tx, open_store
from storage.tables import person

SCALE = float(os.environ.get("SCALE", "1"))
UNITS = max(640, round(3200 * SCALE))
ROUNDS = max(3, round(15 * SCALE))
"""So often each takes its turn."""

PEOPLE = 64
AT_ONCE = 64
EACH_WAY = 4

DURABLE = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA secure_delete=ON")
"""What the store promises, for all."""

FIND = "SELECT * FROM person WHERE telegram_id = ? AND forgotten_at IS NULL"
SHOWN = "UPDATE person SET panel_message_id = ?, panel_kind = 'text', panel_digest = NULL, owed = 0 WHERE id = ?"

Unit = Callable[[int], Awaitable[None]]
"""Runs the unit of this number, and returns when it is on disk."""


@dataclass(slots=True)
class Taken:
    """What the turns of one contender took.

    Attributes:
        rates: Units a second, a number a turn.
        waits: Seconds from asking for a unit until it was on disk, of all turns.
        spent: Seconds of the processor a unit, a number a turn.
    """

    rates: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)


@asynccontextmanager
async def _whole(file: Path) -> AsyncIterator[Unit]:
    """The store: units run whole in its thread, and whatever waits shares a commit."""
    async with open_store(f"sqlite+aiosqlite:///{file}") as store:
        await _fill(store.write)

        def unit(tx: Tx, first: int) -> None:
            for step in range(EACH_WAY):
                people.find(tx, 1 + (first + step) % PEOPLE)
            for step in range(EACH_WAY):
                people.shown(tx, 1 + (first + step) % PEOPLE, message_id=first, kind="text", digest=None)

        yield lambda first: store.write(partial(unit, first=first))


@asynccontextmanager
async def _by_sqlalchemy(file: Path) -> AsyncIterator[Unit]:
    """SQLAlchemy's asynchronous engine: one connection, since SQLite has one writer, and each statement awaited."""
    async with open_store(f"sqlite+aiosqlite:///{file}") as store:
        await _fill(store.write)
    find = select(person).where(person.c.telegram_id == bindparam("wanted"), person.c.forgotten_at.is_(None))
    shown = update(person).where(person.c.id == bindparam("whose"))
    shown = shown.values(panel_message_id=bindparam("message"), panel_kind="text", panel_digest=None, owed=False)
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")

    @event.listens_for(engine.sync_engine, "connect")
    def durable(connection: DBAPIConnection, _record: object) -> None:
        for pragma in DURABLE:
            connection.cursor().execute(pragma)

    turn = asyncio.Lock()

    async def unit(first: int) -> None:
        async with turn, engine.begin() as connection:
            for step in range(EACH_WAY):
                (await connection.execute(find, {"wanted": 1 + (first + step) % PEOPLE})).one()
            for step in range(EACH_WAY):
                await connection.execute(shown, {"whose": 1 + (first + step) % PEOPLE, "message": first})

    try:
        yield unit
    finally:
        await engine.dispose()


@asynccontextmanager
async def _by_aiosqlite(file: Path) -> AsyncIterator[Unit]:
    """What aiosqlite does alone: one connection, SQL as text, rows as tuples, and each statement awaited."""
    async with open_store(f"sqlite+aiosqlite:///{file}") as store:
        await _fill(store.write)
    async with aiosqlite.connect(file) as connection:
        for pragma in DURABLE:
            await connection.execute(pragma)
        turn = asyncio.Lock()

        async def unit(first: int) -> None:
            async with turn:
                for step in range(EACH_WAY):
                    await connection.execute_fetchall(FIND, (1 + (first + step) % PEOPLE,))
                for step in range(EACH_WAY):
                    await connection.execute(SHOWN, (first, 1 + (first + step) % PEOPLE))
                await connection.commit()

        yield unit


CONTENDERS = {"You & I": _whole, "SQLAlchemy, awaited": _by_sqlalchemy, "aiosqlite, awaited": _by_aiosqlite}


async def _fill(write: Callable[[Callable[[Tx], object]], Awaitable[object]]) -> None:
    now = datetime.now(UTC)
    for number in range(PEOPLE):
        await write(partial(people.add, telegram_id=1 + number, language="en", now=now))


async def _turn(unit: Unit, units: int, taken: Taken) -> None:
    """So many units, of which 64 wait at once."""

    async def one_after_the_other(first: int) -> None:
        for number in range(units // AT_ONCE):
            asked = time.perf_counter()
            await unit(first + number)
            taken.waits.append(time.perf_counter() - asked)

    began, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one_after_the_other(first) for first in range(AT_ONCE)))
    done = AT_ONCE * (units // AT_ONCE)
    taken.rates.append(done / (time.perf_counter() - began))
    taken.spent.append((time.process_time() - spent) / done)


async def measured(units: int, rounds: int) -> dict[str, Taken]:
    """What each contender took for so many units a turn; nobody keeps a file open while another one works."""
    found = {name: Taken() for name in CONTENDERS}
    for _ in range(rounds):
        for name, contender in CONTENDERS.items():
            with tempfile.TemporaryDirectory() as folder:
                async with contender(Path(folder) / "data.db") as unit:
                    await _turn(unit, units, found[name])
    return found


def table(found: Mapping[str, Taken]) -> list[str]:
    """The lines of a table in Markdown; the ratio is of medians, ours to theirs."""
    ours = median(found["You & I"].rates)
    lines = [
        "| | units a second, median | slowest and fastest turn | ours is | a unit waits, median, ms | p99, ms | processor a unit, µs |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, taken in found.items():
        rate = median(taken.rates)
        lines.append(
            f"| {name} | {rate:,.0f} | {min(taken.rates):,.0f} to {max(taken.rates):,.0f} | {ours / rate:.1f}x | "
            f"{1000 * median(taken.waits):.1f} | {1000 * quantiles(taken.waits, n=100)[98]:.1f} | {1e6 * median(taken.spent):.0f} |"
        )
    return lines


def main() -> int:
    """Print the table."""
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}; "
        f"{ROUNDS} turns of {UNITS:,} units each, {AT_ONCE} waiting at once, four reads and four writes a unit\n"
    )
    print("\n".join(table(asyncio.run(measured(UNITS, ROUNDS)))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
