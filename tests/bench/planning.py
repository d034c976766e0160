"""`python -m tests.bench.planning`: what it costs to plan somebody's nudge among 10,000 and among 1,000,000 people.

SCALE=1 is those two sizes on SQLite; SCALE=0.01 is 100 and 10,000. POSTGRES=1 measures PostgreSQL, too.
"""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from sqlalchemy import text

from bot.delivery.planner import plan_due
from bot.scenes import starter
from prompts.catalogue import load
from storage.store import Store, Tx, open_store
from tests.databases import postgres_place, sqlite_place

SCALE = float(os.environ.get("SCALE", "1"))
FEW, MANY = 10_000, 1_000_000
DUE = 2_000
"""People who are due at once, among few and among many."""

TIMES = 5
MOST = 1.5
"""How much more one of many may cost than one of few."""

START = datetime(2027, 1, 3, 12, tzinfo=UTC)
LATER = 10**9
"""Milliseconds until everybody else is due: eleven days."""

PEOPLE = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :number) "
    "INSERT INTO person (id, telegram_id, language, zone, weekday, minute, quiet_from, quiet_to, paused, text_only, "
    "reachable, adult_at, created_at, owed) "
    "SELECT i, i, 'en', 'Europe/Berlin', 6, 780, 0, 0, false, false, true, :at, :at, false FROM n"
)
PLANS = text(
    "INSERT INTO plan (key, kind, due_at, person_id) SELECT 'nudge:' || id, 'nudge', CAST(:at AS BIGINT) + id, id FROM person"
)
WAKE = text("UPDATE plan SET due_at = :at WHERE kind = 'nudge' AND person_id % :each = :rest")
EMPTY = (text("DELETE FROM outbox"), text("DELETE FROM plan WHERE kind = 'reminder'"))


async def cost(store: Store, number: int, timer: Callable[[], float]) -> float:
    """Milliseconds to plan one of so many people: the median of a few goes with other people due each time."""
    kinds = starter.kinds(load("en"))
    began = round(START.timestamp() * 1000)
    await store.write(lambda tx: tx.connection.execute(PEOPLE, {"number": number, "at": began}))
    await store.write(lambda tx: tx.connection.execute(PLANS, {"at": began + LATER}))
    await store.write(lambda tx: tx.connection.exec_driver_sql("ANALYZE"))
    due = min(DUE, number // (TIMES + 1))
    took = []
    for go in range(TIMES + 1):
        await store.write(partial(_wake, each=number // due, rest=go, at=began))
        now = timer()
        planned = await plan_due(store, START + timedelta(seconds=1), kinds)
        took.append((timer() - now) / planned)
        await store.write(lambda tx: [tx.connection.execute(one) for one in EMPTY])
    return 1000 * median(took[1:])


def _wake(tx: Tx, each: int, rest: int, at: int) -> None:
    tx.connection.execute(WAKE, {"each": each, "rest": rest, "at": at})


@asynccontextmanager
async def opened(*, on_postgres: bool) -> AsyncIterator[Store]:
    """An empty store."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = stack.enter_context(postgres_place(folder)) if on_postgres else sqlite_place(folder)
        yield await stack.enter_async_context(open_store(*place.settings))


async def ratio(few: int, many: int, *, on_postgres: bool = False) -> tuple[float, float]:
    """What one of few and one of many costs, in milliseconds: of the processor, on PostgreSQL by the clock."""
    timer = time.perf_counter if on_postgres else time.process_time
    found = []
    for number in (few, many):
        async with opened(on_postgres=on_postgres) as store:
            found.append(await cost(store, number, timer))
    return found[0], found[1]


def main() -> int:
    """Print the table; return 1 when one of many costs too much."""
    few, many = round(FEW * SCALE), round(MANY * SCALE)
    print(
        f"Planning a nudge, ms a person; Python {platform.python_version()}, {DUE:,} due at once, median of {TIMES}\n"
    )
    print(f"{'':<14}{few:>12,}{many:>12,}{'ratio':>8}")
    good = True
    for on_postgres in (False, True)[: 1 + bool(os.environ.get("POSTGRES"))]:
        one, other = asyncio.run(ratio(few, many, on_postgres=on_postgres))
        print(f"{'PostgreSQL' if on_postgres else 'SQLite':<14}{one:>12.2f}{other:>12.2f}{other / one:>8.2f}")
        good &= other / one <= MOST
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
