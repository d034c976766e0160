"""How long a start takes with many couples, and how much memory: from the process's first moment to the first answer."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

from tests.bench.contenders import OURS, RIVAL, Contender, started
from tests.bench.fill import fill_ours, fill_rival

COUPLES = (0, 10_000, 100_000)
RUNS = 3
RESTING = 2.0
"""Seconds after the first answer in which what a start leaves to be done is done."""

Fill = Callable[[Path, int], Awaitable[None]]


async def _rival(folder: Path, couples: int) -> None:
    await asyncio.to_thread(fill_rival, folder, couples)


async def _start(contender: Contender, folder: Path) -> tuple[float, float]:
    async with started(contender, folder=folder) as bot:
        await bot.crowd.come(1)
        seconds = time.perf_counter() - bot.began
        await asyncio.sleep(RESTING)
        return seconds, bot.resident


async def _starts(contender: Contender, fill: Fill, couples: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        await fill(Path(folder), couples)
        runs = [await _start(contender, Path(folder)) for _ in range(RUNS)]
    return median(seconds for seconds, _ in runs), median(memory for _, memory in runs)


async def restarts(scale: float) -> None:
    """Print how starts compare: ours with nobody, with 10,000 and 100,000 couples, and the rival's."""
    print("\nA start, until the first answer, and memory then\n")
    print("| couples | You & I, s | x empty | MiB | rival, s | x empty | MiB |\n|---|---|---|---|---|---|---|")
    empty: dict[str, float] = {}
    for couples in (round(number * min(scale, 1)) for number in COUPLES):
        cells = []
        for contender, fill in ((OURS, fill_ours), (RIVAL, _rival)):
            seconds, memory = await _starts(contender, fill, couples)
            ratio = seconds / empty.setdefault(contender.name, seconds)
            cells += [f"{seconds:.2f}", f"{ratio:.2f}", f"{memory:.0f}"]
        print(f"| {couples:,} | {' | '.join(cells)} |", flush=True)
