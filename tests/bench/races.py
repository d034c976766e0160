"""Races for invitations: thousands of tries on both databases, and how many broke a rule (none may)."""

import asyncio
import os
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.store import open_store
from tests.databases import Place, postgres_place, sqlite_place
from tests.races import RACES, Arena, left_over

TRIES = max(len(RACES), round(10_000 * float(os.environ.get("SCALE", "1"))))


async def race_on(place: Place) -> dict[str, tuple[int, int]]:
    """Tries and breaches of each race; breaches of what must hold over all of them stand under "codes"."""
    counted = {}
    async with open_store(*place.settings) as store:
        arena = Arena(store)
        for race in RACES:
            tries = TRIES // len(RACES)
            counted[race.__name__] = (tries, sum([not await race(arena) for _ in range(tries)]))
        counted["codes"] = (TRIES // len(RACES) * len(RACES), await left_over(store))
    return counted


def main() -> int:
    """Print the table; return 1 where a rule was broken."""
    broken = 0
    print("\nRaces for invitations\n")
    print(f"{'':28} {'tries':>8} {'breaches':>9}")
    for name, make in (("SQLite", sqlite_place), ("PostgreSQL", postgres_place)):
        with TemporaryDirectory() as folder, ExitStack() as stack:
            place = make(Path(folder))
            began = time.perf_counter()
            counted = asyncio.run(race_on(place if isinstance(place, Place) else stack.enter_context(place)))
            print(f"{name} ({time.perf_counter() - began:.0f} s)")
            for race, (tries, breaches) in counted.items():
                print(f"  {race.replace('_', ' '):26} {tries:>8,} {breaches:>9}", flush=True)
                broken += breaches
    return int(broken > 0)


if __name__ == "__main__":
    raise SystemExit(main())
