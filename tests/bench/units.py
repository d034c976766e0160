"""Units of work a second: four statements that read and four that write, each unit whole and on disk."""

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

from storage import people
from storage.store import Store, Tx, open_store

PEOPLE = 64
AT_ONCE = 64
EACH_WAY = 4


def _unit(tx: Tx, first: int) -> None:
    for step in range(EACH_WAY):
        people.find(tx, 1 + (first + step) % PEOPLE)
    for step in range(EACH_WAY):
        people.shown(tx, 1 + (first + step) % PEOPLE, message_id=first, kind="text", digest=None)


async def _rate(store: Store, units: int) -> float:
    async def one_after_the_other(first: int) -> None:
        for number in range(units // AT_ONCE):
            await store.write(partial(_unit, first=first + number))

    began = time.perf_counter()
    await asyncio.gather(*(one_after_the_other(first) for first in range(AT_ONCE)))
    return AT_ONCE * (units // AT_ONCE) / (time.perf_counter() - began)


async def units_a_second(units: int, runs: int = 3) -> float:
    """The median rate on a new SQLite file, with 64 who wait at once."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(f"sqlite+aiosqlite:///{Path(folder)}/data.db") as store:
            now = datetime.now(UTC)
            for number in range(PEOPLE):
                await store.write(partial(people.add, telegram_id=1 + number, language="en", now=now))
            return median([await _rate(store, units) for _ in range(runs)])
