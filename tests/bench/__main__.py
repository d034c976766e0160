"""`python -m tests.bench`: prints the tables of taps and starts. SCALE=2 measures twice as long."""

import asyncio
import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from storage.store import open_store
from tests.bench.contenders import AIOGRAM, OURS, PTB, PTB_256, RIVAL, Contender, started
from tests.bench.restart import restarts
from tests.contract.test_statement_budget import Phone, walk_to_the_end

SCALE = float(os.environ.get("SCALE", "1"))
RUNS = max(1, round(3 * SCALE))
"""The contenders take turns, so many times each; what is printed is the median."""
SECONDS = max(3.0, 5 * SCALE)
"""How long taps are counted."""
NEAR_CROWDS = (64, 256)
FAR_CROWDS = (64,)
DRIZZLE = 50.0
"""Taps a second that come by chance."""
DRIZZLERS = 256
FAR = 0.05
"""Seconds of each answer of a server that is as far away as Telegram's."""
RESTING = 1.0
"""Seconds after which a process that has nothing to do is called idle."""

CONTENDERS = (OURS, PTB, PTB_256, AIOGRAM, RIVAL)


@dataclass(frozen=True)
class Line:
    """A line of a table: what was measured, for each contender."""

    what: str
    values: dict[str, float]


async def taps(contender: Contender, crowds: Sequence[int], slowness: float = 0.0) -> dict[str, float]:
    """Let a bot answer taps, and say how it did."""
    found: dict[str, float] = {}
    async with started(contender, slowness=slowness) as bot:
        await bot.crowd.come(1)
        await asyncio.sleep(RESTING)
        found["memory idle, MiB"] = bot.resident
        for people in crowds:
            waited, spent = await bot.saturate(people, SECONDS)
            found[f"{people} at once: taps a second"] = waited.rate
            found[f"{people} at once: median wait, ms"] = waited.median_ms
            found[f"{people} at once: p99, ms"] = waited.p99_ms
            found[f"{people} at once: processor a tap, µs"] = spent
        found["memory after, MiB"] = bot.resident
    return found


async def drizzled(contender: Contender) -> dict[str, float]:
    """Let taps come by chance, and say how long they waited."""
    async with started(contender) as bot:
        waited = await bot.crowd.drizzle(DRIZZLERS, DRIZZLE, 3 * SECONDS)
        return {f"{DRIZZLE:.0f} taps a second: median wait, ms": waited.median_ms, "p99, ms": waited.p99_ms}


def lines(found: Sequence[tuple[Contender, dict[str, float]]]) -> list[Line]:
    """The medians of all runs."""
    whats = list(found[0][1])
    names = list(dict.fromkeys(contender.name for contender, _ in found))
    return [
        Line(what, {name: median(run[what] for contender, run in found if contender.name == name) for name in names})
        for what in whats
    ]


def show(title: str, table: Sequence[Line]) -> None:
    """Print lines as a table in Markdown, the second contender and all after it with our ratio to them."""
    ours, *others = table[0].values
    print(f"\n{title}\n\n| | {ours} | " + " | ".join(f"{other} (ours is)" for other in others) + " |")
    print("|---|" + "---|" * (1 + len(others)))
    for line in table:
        mine = line.values[ours]
        cells = [f"{value:.1f} ({mine / value:.2f}x)" for name, value in line.values.items() if name != ours]
        print(f"| {line.what} | {mine:.1f} | " + " | ".join(cells) + " |", flush=True)


async def statements() -> dict[str, int]:
    """The statements of each kind of tap, on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(f"sqlite+aiosqlite:///{folder}/data.db") as store:
            kim = Phone(store)
            await walk_to_the_end(kim)
    return kim.costs


async def _main() -> None:
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"{platform.machine()}; medians of {RUNS} runs. SQLite; a core for the bot, the other for all that tap."
    )
    near = [(bot, await taps(bot, NEAR_CROWDS)) for _ in range(RUNS) for bot in CONTENDERS]
    show("Taps, where every call is answered at once", lines(near))
    far = [(bot, await taps(bot, FAR_CROWDS, FAR)) for _ in range(RUNS) for bot in CONTENDERS]
    show(f"Taps, where every call is answered after {1000 * FAR:.0f} ms", lines(far))
    calm = [(bot, await drizzled(bot)) for _ in range(RUNS) for bot in CONTENDERS]
    show("Taps that come by chance", lines(calm))
    await restarts(SCALE)
    print("\n| statements of one tap | |\n|---|---|")
    for what, cost in (await statements()).items():
        print(f"| {what} | {cost} |")


if __name__ == "__main__":
    asyncio.run(_main())
