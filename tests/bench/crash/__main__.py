"""The crash tests at scale: `python -m tests.bench.crash` kills 1,000 times on each database, and PostgreSQL 100 times.

One town after the other is founded, with a seed of its own, and its bot is killed so often; in the end everybody rests and
everything is looked up. Names of columns as arguments run only these. How far it has come is printed as it goes on, and
what must not be is printed at once, with what the bot complained of. Stopped in the middle (Ctrl+C, SIGTERM), it
prints the table of what there was.
"""

import asyncio
import itertools
import os
import platform
import shutil
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from tests.bench.crash.column import ROWS, Column
from tests.crash.campaign import SEED, campaign
from tests.crash.outage import outages
from tests.crash.points import LIVING
from tests.databases import Place, own_server, place_on, postgres_place, sqlite_place

SCALE = float(os.environ.get("SCALE", "1"))
KILLS = max(1, round(1000 * SCALE))
OUTAGES = max(1, round(100 * SCALE))

A_TOWN = 100
"""Kills in one town: many weeks of its people; and what is found in the end is not far from its cause."""

OUTAGES_IN_A_TOWN = 25

AT_POINTS = 0.4
"""The share of the kills that happens at the named points, each in turn; the others come at any instant."""

MOST_BROKEN = 3
"""Towns in which somebody waits for ever, after which it is given up: each costs the patience of the whole town."""

PEOPLE = {
    "two who show": 1,
    "two who show at times": 1,
    "one who never shows": 1,
    "two who talk in one room": 1,
    "somebody who passes by": 1,
}

Measure = Callable[[Column, Path, int], Awaitable[None]]
"""Fills a column by one town, which lies in a folder and is the one of so many, from 0."""


async def _on_sqlite(column: Column, folder: Path, number: int) -> None:
    await _kill_the_bot(column, folder, number, sqlite_place(folder))


async def _on_postgres(column: Column, folder: Path, number: int) -> None:
    with postgres_place(folder) as place:
        await _kill_the_bot(column, folder, number, place)


async def _kill_the_bot(column: Column, folder: Path, number: int, place: Place) -> None:
    kills = min(A_TOWN, column.most - column.kills)
    at_points = round(kills * AT_POINTS)
    # Each town goes on in the list where the one before has left off, so that every point has its turn.
    begun = round(number * A_TOWN * AT_POINTS) % len(LIVING)
    await campaign(
        folder,
        place,
        lives=PEOPLE,
        points=tuple(itertools.islice(itertools.cycle(LIVING), begun, begun + at_points)),
        randomly=kills - at_points,
        seed=SEED + number,
        report=column.report,
        told=lambda _: column.tell(folder),
    )


async def _kill_postgres(column: Column, folder: Path, number: int) -> None:
    with own_server() as server:
        await outages(
            folder,
            server,
            place_on(server, folder),
            lives=PEOPLE,
            kills=min(OUTAGES_IN_A_TOWN, column.most - column.kills),
            seed=SEED + number,
            report=column.report,
            told=lambda _: column.tell(folder),
        )


COLUMNS: Mapping[str, tuple[Measure, int]] = MappingProxyType(
    {
        "SQLite": (_on_sqlite, KILLS),
        "PostgreSQL": (_on_postgres, KILLS),
        "PostgreSQL killed": (_kill_postgres, OUTAGES),
    }
)


async def fill(column: Column, measure: Measure) -> None:
    """Found one town after the other until there were enough kills; a town in which something is wrong is kept."""
    for number in itertools.count():
        if column.kills >= column.most or column.broken >= MOST_BROKEN:
            return
        folder = Path(tempfile.mkdtemp(prefix="crash-"))
        before = len(column.report.violations)
        try:
            await measure(column, folder, number)
        except Exception as error:  # noqa: BLE001 - whatever it was, what was counted so far is told
            column.broken += 1
            column.report.violations.append(f"{type(error).__name__}: {error}")
        column.tell(folder)
        if len(column.report.violations) == before:
            shutil.rmtree(folder)


async def _main(names: list[str]) -> int:
    columns: list[Column] = []
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with suppress(asyncio.CancelledError):
        for name in names:
            measure, most = COLUMNS[name]
            columns.append(Column(name, most))
            await fill(columns[-1], measure)
    _print(columns)
    return 1 if any(column.report.violations or column.kills < column.most for column in columns) else 0


def _print(columns: list[Column]) -> None:
    print(
        f"\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {os.cpu_count()} cores; "
        f"the bot and its people on one machine: {', '.join(f'{number} x {life}' for life, number in PEOPLE.items())}.\n"
    )
    print(f"| | {' | '.join(column.name for column in columns)} |\n|---{'|---' * len(columns)}|")
    for cells in zip(ROWS, *(column.cells() for column in columns), strict=True):
        print(f"| {' | '.join(cells)} |")
    for column in columns:
        for violation in column.report.violations:
            print(f"{column.name}: {violation}")


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(sys.argv[1:] or list(COLUMNS))))
