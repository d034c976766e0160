"""`python -m tests.bench.noninterference`: tells 100,000 stories twice each, on all cores, within an hour.

SCALE=0.01 tells a hundredth of them. A story is known by its number: `tell(scripted(dice_of(number)))`.
"""

import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tests.care import beginnings
from tests.care import over_http as http
from tests.care.leaks import LEAKS
from tests.care.scripts import Script, dice_of
from tests.care.stories import first_to_find, scripted, tell

SCALE = float(os.environ.get("SCALE", "1"))
STORIES = max(1, round(100_000 * SCALE))
AN_HOUR = 3600.0
"""Seconds after which no further stories are begun; the number reached is printed."""
A_BATCH = 50
"""Stories between two looks at the clock."""
FIRST = 1_000_000
"""Number of the first story: none of those that CI tells."""
SHOWN = 3
"""Violations that are printed whole."""
OVER_HTTP = max(1, round(50 * SCALE))
"""Stories of the whole program over HTTP."""
OF_CI = range(300)
"""Numbers of the stories that must find each planted leak."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a batch.

    Attributes:
        steps: How many steps its stories had.
        begun: How often each beginning was told from.
        found: By number of its story, what gave the worlds away.
    """

    steps: int
    begun: Counter[str]
    found: dict[int, str]


def tell_batch(first: int, count: int) -> Told:
    """Tell some stories."""
    found: dict[int, str] = {}
    scripts: list[Script] = []
    for number in range(first, first + count):
        script = scripted(dice_of(number))
        scripts.append(script)
        try:
            tell(script)
        except Exception as error:  # noqa: BLE001 - an error in one of the worlds tells them apart as well
            found[number] = f"{type(error).__name__}: {error}"
    return Told(sum(len(script.steps) for script in scripts), Counter(script.beginning for script in scripts), found)


def in_memory() -> bool:
    """Tell the stories, and print how many were told, how long it took, and what was found; whether that is nothing."""
    cores = os.cpu_count() or 1
    began = time.monotonic()
    told, steps, begun, found = 0, 0, Counter[str](), dict[int, str]()
    batches = [(FIRST + start, min(A_BATCH, STORIES - start)) for start in range(0, STORIES, A_BATCH)]
    with ProcessPoolExecutor(cores) as pool:
        running = {pool.submit(tell_batch, *batch): batch for batch in batches}
        for done in as_completed(running):
            if done.cancelled():
                continue
            batch = done.result()
            told, steps = told + running[done][1], steps + batch.steps
            begun += batch.begun
            found |= batch.found
            if time.monotonic() - began > AN_HOUR:
                pool.shutdown(wait=False, cancel_futures=True)
    seconds = time.monotonic() - began
    print(f"Non-interference: {told:,} of {STORIES:,} stories of {steps / told:.1f} steps, each told in two worlds,")
    print(f"in {seconds / 60:.1f} minutes on {cores} cores: {told / seconds / cores:.1f} a second and core.")
    print("  " + ", ".join(f"{name}: {count:,}" for name, count in sorted(begun.items())))
    return _say("Violations", found)


async def over_http() -> bool:
    """The same for some stories of the whole program."""
    found: dict[int, str] = {}
    things = 0
    began = time.monotonic()
    for number in range(http.FIRST, http.FIRST + OVER_HTTP):
        with tempfile.TemporaryDirectory() as folder:
            try:
                things += await http.tell_over_http(http.short_story(number), Path(folder))
            except Exception as error:  # noqa: BLE001 - see above
                found[number] = f"{type(error).__name__}: {error}"
    print(f"Over HTTP: {OVER_HTTP} stories, {things:,} things that reached a reader, {time.monotonic() - began:.0f} s.")
    return _say("Violations over HTTP", found)


def planted() -> bool:
    """Which story is the first to find each planted leak; whether all are found."""
    numbers: dict[str, int | None] = {}
    for name, leak in LEAKS.items():
        with leak():
            numbers[name] = first_to_find(OF_CI)
    print(f"Planted leaks, and which of {len(OF_CI)} stories finds each first:")
    for name, number in numbers.items():
        print(f"  {name}: {'none' if number is None else number}")
    return None not in numbers.values()


def _say(what: str, found: Mapping[int, str]) -> bool:
    print(f"{what}: {len(found)}")
    for number, error in sorted(found.items())[:SHOWN]:
        print(f"story {number}: {error}")
    return not found


def main() -> int:
    """All three tables."""
    for name in beginnings.BEGINNINGS:
        beginnings.told(name)  # before the processes part, so that each has them
    return 0 if all([in_memory(), asyncio.run(over_http()), planted()]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
