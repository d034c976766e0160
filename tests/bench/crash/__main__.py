"""The crash tests at scale: `python -m tests.bench.crash` kills 1,000 times on each database, and PostgreSQL 100 times."""

import asyncio
import itertools
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.crash.campaign import Report, campaign
from tests.crash.outage import outages
from tests.crash.points import LIVING
from tests.databases import own_server, place_on, postgres_place, sqlite_place

SCALE = float(os.environ.get("SCALE", "1"))
KILLS = round(1000 * SCALE)
OUTAGES = max(1, round(100 * SCALE))

AT_POINTS = 0.4
"""The share of the kills that happens at the named points, each in turn; the others come at any instant."""

PEOPLE = {
    "two who show": 1,
    "two who show at times": 2,
    "one who never shows": 1,
    "somebody who passes by": 1,
}


async def on(database: str, folder: Path) -> Report:
    """The campaign on one database."""
    points = tuple(itertools.islice(itertools.cycle(LIVING), round(KILLS * AT_POINTS)))
    randomly = KILLS - len(points)
    if database == "SQLite":
        return await campaign(folder, sqlite_place(folder), lives=PEOPLE, points=points, randomly=randomly)
    with postgres_place(folder) as place:
        return await campaign(folder, place, lives=PEOPLE, points=points, randomly=randomly)


async def of_postgres(folder: Path) -> Report:
    """PostgreSQL itself, killed under the bot."""
    with own_server() as server:
        return await outages(folder, server, place_on(server, folder), lives=PEOPLE, kills=OUTAGES)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        yield Path(folder)


def _column(report: Report, seconds: float) -> list[str]:
    parcels = report.parcels
    return [
        str(report.random_kills),
        str(report.points.total()),
        f"{len(report.points)} of {len(LIVING)}",
        str(report.server_kills),
        str(report.stops),
        str(report.acts),
        str(report.screens),
        str(report.updates),
        str(parcels["sent"]),
        str(parcels["unknown"]),
        str(len(report.violations)),
        f"{seconds:.0f}",
    ]


ROWS = (
    "kills of the bot at any instant",
    "kills of the bot at named points",
    "named points met",
    "kills of PostgreSQL",
    "stops of the bot because of that",
    "taps and typed words",
    "screens that followed them",
    "updates handled once",
    "parcels that arrived",
    "nudges of which nobody knows",
    "violations",
    "seconds",
)


async def _main() -> int:
    columns, violations = [], []
    for measure in (lambda at: on("SQLite", at), lambda at: on("PostgreSQL", at), of_postgres):
        with _folder() as folder:
            began = time.perf_counter()
            report = await measure(folder)
            columns.append(_column(report, time.perf_counter() - began))
            violations += report.violations
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {os.cpu_count()} cores; "
        f"the bot and its people on one machine: {', '.join(f'{number} x {life}' for life, number in PEOPLE.items())}.\n"
    )
    print("| | SQLite | PostgreSQL | PostgreSQL killed |\n|---|---|---|---|")
    for cells in zip(ROWS, *columns, strict=True):
        print(f"| {' | '.join(cells)} |")
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
