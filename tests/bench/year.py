"""`python -m tests.bench.year`: a year of simulated couples, on every core. SCALE=1 is 1,000 couples."""

import asyncio
import os
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

from tests.year.kinds import households
from tests.year.measure import Year, live, table, together

COUPLES = max(10, round(1000 * float(os.environ.get("SCALE", "1"))))
CORES = os.cpu_count() or 1
A_TOWN = 25
"""Couples that live together in one process; each town has a seed of its own, the same whatever the number of cores."""

TOWNS = -(-COUPLES // A_TOWN)


def town(number: int) -> tuple[Year, float]:
    """The year of one town, which has its share of every kind of household, and the seconds of a core that it took."""
    began = time.process_time()
    year = asyncio.run(live([*islice(households(COUPLES), number, None, TOWNS)], seed=number + 1))
    return year, time.process_time() - began


def main() -> int:
    """Print the table; return 1 when something was wrong."""
    began = time.perf_counter()
    with ProcessPoolExecutor(CORES, get_context("spawn")) as pool:
        towns = list(pool.map(town, range(TOWNS)))
    year = together([year for year, _ in towns])
    print(
        f"{COUPLES:,} couples in {TOWNS} towns, 52 weeks, {platform.python_version()}, {CORES} cores: "
        f"{time.perf_counter() - began:,.0f} s, {sum(seconds for _, seconds in towns):,.0f} s of one core\n"
    )
    print("\n".join([*table(year), *year.examples, *map(str, year.dead_ends)]))
    return int(bool(year.wrong or year.dead_ends))


if __name__ == "__main__":
    sys.exit(main())
