"""`python -m tests.bench`: prints the tables. SCALE=2 taps twice as often."""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from storage.store import open_store
from tests.bench.crowd import Crowd, Waited
from tests.contract.test_statement_budget import Phone, walk_to_the_end
from tests.driver import TOKEN
from tests.processes import running

SCALE = float(os.environ.get("SCALE", "1"))
ALONE = max(20, round(200 * SCALE))
"""Taps of one person."""
MANY = 64
EACH = max(5, round(12 * SCALE))
"""Taps of each of many people."""

OURS = (sys.executable, "-m", "bot", "run")
BARE = (sys.executable, "-m", "tests.bench.bare")
RESTING = 2.0
"""Seconds after which a process that has nothing to do is called idle."""


@dataclass(frozen=True)
class Measured:
    """What one program did."""

    first_reply: float
    alone: Waited
    many: Waited
    idle_mib: float
    after_mib: float


async def measure(program: Sequence[str]) -> Measured:
    """Run a program as a process and let people tap at it over HTTP."""
    stand_in = StandIn(TOKEN)
    crowd = Crowd(stand_in)
    with tempfile.TemporaryDirectory() as folder:
        async with serving(create_app(stand_in), stand_in) as address:
            listening = asyncio.create_task(crowd.listen())
            began = time.perf_counter()
            given = {"BOT_TOKEN": TOKEN, "BOT_API_URL": address, "OPEN_TO": "everyone", "LOG_LEVEL": "WARNING"}
            async with running(folder=Path(folder), program=tuple(program), **given) as bot:
                await crowd.first_reply()
                first_reply = time.perf_counter() - began
                await asyncio.sleep(RESTING)
                idle = _resident(bot.process.pid)
                alone = await crowd.tap(1, ALONE)
                await crowd.come(MANY)
                many = await crowd.tap(MANY, EACH)
                await asyncio.sleep(RESTING)
                after = _resident(bot.process.pid)
                await bot.stop()
            listening.cancel()
    return Measured(first_reply, alone, many, idle, after)


def _resident(pid: int) -> float:
    """The memory of a process, in MiB; not a number where the machine does not tell (only Linux has /proc)."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def statements() -> dict[str, int]:
    """The statements of each kind of tap, on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(f"sqlite+aiosqlite:///{folder}/data.db") as store:
            kim = Phone(store)
            await walk_to_the_end(kim)
    return kim.costs


def table(ours: Measured, bare: Measured) -> list[tuple[str, str, str, str]]:
    """The lines of the table: what, ours, the bare bot's, and their ratio."""
    rows = [
        ("one person: taps a second", ours.alone.rate, bare.alone.rate),
        ("one person: tap to screen, median ms", ours.alone.median_ms, bare.alone.median_ms),
        ("one person: tap to screen, p99 ms", ours.alone.p99_ms, bare.alone.p99_ms),
        (f"{MANY} at once: taps a second", ours.many.rate, bare.many.rate),
        (f"{MANY} at once: tap to screen, median ms", ours.many.median_ms, bare.many.median_ms),
        (f"{MANY} at once: tap to screen, p99 ms", ours.many.p99_ms, bare.many.p99_ms),
        ("start to first question, s", ours.first_reply, bare.first_reply),
        ("memory idle, MiB", ours.idle_mib, bare.idle_mib),
        ("memory after the load, MiB", ours.after_mib, bare.after_mib),
    ]
    return [(what, f"{one:.1f}", f"{other:.1f}", f"{one / other:.2f}") for what, one, other in rows]


def show(rows: Sequence[Sequence[str]]) -> None:
    """Print rows with their columns under each other."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        first, *others = (
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join([first, *others]))


async def _main() -> None:
    bare = await measure(BARE)
    ours = await measure(OURS)
    costs = await statements()
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores; SQLite, over HTTP to the stand-in on this machine."
    )
    print(
        f"One person taps {ALONE} times; {MANY} people at once {EACH} times each. bare: a bot without state or disk.\n"
    )
    show([("", "You & I", "bare", "ratio"), *table(ours, bare)])
    print()
    show([("statements of one tap", ""), *((what, str(cost)) for what, cost in costs.items())])


if __name__ == "__main__":
    asyncio.run(_main())
