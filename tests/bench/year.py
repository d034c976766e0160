"""`python -m tests.bench.year`: a year of simulated couples. SCALE=1 is 1,000 couples."""

import asyncio
import os
import platform
import sys
import time

from tests.year.measure import live, table

COUPLES = max(10, round(1000 * float(os.environ.get("SCALE", "1"))))


def main() -> int:
    """Print the table; return 1 when something was wrong."""
    began = time.process_time()
    year = asyncio.run(live(COUPLES))
    print(
        f"{COUPLES:,} couples, 52 weeks, {platform.python_version()}, {time.process_time() - began:,.0f} s of one core\n"
    )
    print("\n".join([*table(year), *year.examples, *map(str, year.dead_ends)]))
    return int(bool(year.wrong or year.dead_ends))


if __name__ == "__main__":
    sys.exit(main())
