"""`python -m tests.bench.noninterference`: tells 100,000 stories twice each, on all cores, within an hour.

SCALE=0.01 tells a hundredth of them. A story is known by its number: `tell(scripted(dice_of(number)))`.
"""

import asyncio
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from tests.care import beginnings
from tests.care import over_http as http
from tests.care.leaks import LEAKS
from tests.care.scripts import dice_of
from tests.care.stories import first_to_find, scripted, tell

SCALE = float(os.environ.get("SCALE", "1"))
STORIES = max(1, round(100_000 * SCALE))
AN_HOUR = 3600.0
"""Seconds after which no further story is begun; the number reached is printed."""
A_MINUTE = 60.0
"""Seconds between two words about how far it is."""
A_BATCH = 50
"""Stories that go to a process together."""
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
    """What came of some stories.

    Attributes:
        stories: How many were told.
        steps: How many steps they had.
        begun: How often each beginning was told from.
        found: By number of its story, what gave the worlds away.
    """

    stories: int = 0
    steps: int = 0
    begun: Counter[str] = field(default_factory=Counter)
    found: Mapping[int, str] = field(default_factory=dict)

    def __add__(self, more: "Told") -> "Told":
        """Both together."""
        return Told(
            self.stories + more.stories,
            self.steps + more.steps,
            self.begun + more.begun,
            {**self.found, **more.found},
        )


def tell_batch(first: int, count: int, until: float) -> Told:
    """Tell some stories, and begin none after an instant in seconds since 1970."""
    told = Told()
    for number in range(first, first + count):
        if time.time() > until:
            break
        script = scripted(dice_of(number))
        found = {}
        try:
            tell(script)
        except Exception as error:  # noqa: BLE001 - an error in one of the worlds tells them apart as well
            found[number] = f"{type(error).__name__}: {error}"
        told += Told(1, len(script.steps), Counter([script.beginning]), found)
    return told


def in_memory() -> bool:
    """Tell the stories, as many as an hour holds, and print what came of them; whether nothing was found.

    What was reached is printed once a minute and after Ctrl+C, so that a stop loses nothing.
    """
    cores = os.cpu_count() or 1
    began, until = time.monotonic(), time.time() + AN_HOUR
    told, said = Told(), began
    starts = range(FIRST, FIRST + STORIES, A_BATCH)
    with ProcessPoolExecutor(cores, initializer=_leave_ctrl_c_to_the_first) as pool:
        batches = [pool.submit(tell_batch, start, min(A_BATCH, FIRST + STORIES - start), until) for start in starts]
        try:
            for done in as_completed(batches):
                told += done.result()
                for number, error in done.result().found.items():
                    print(f"found in story {number}: {error}", flush=True)
                if time.monotonic() > said + A_MINUTE:
                    said = time.monotonic()
                    print(f"  {told.stories:,} of {STORIES:,} stories, {len(told.found)} violations", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            print("Stopped; this is what was reached.")
    _report(told, time.monotonic() - began, cores)
    return _say("Violations", told.found) and told.stories > 0


def _leave_ctrl_c_to_the_first() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _report(told: Told, seconds: float, cores: int) -> None:
    print(
        f"Non-interference: {told.stories:,} of {STORIES:,} stories of {told.steps / max(1, told.stories):.1f} steps, "
        f"each told in two worlds,"
    )
    print(f"in {seconds / 60:.1f} minutes on {cores} cores: {told.stories / seconds / cores:.1f} a second and core.")
    print("  " + ", ".join(f"{name}: {count:,}" for name, count in sorted(told.begun.items())), flush=True)


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
                print(f"found over HTTP in story {number}: {found[number]}", flush=True)
    print(f"Over HTTP: {OVER_HTTP} stories, {things:,} things that reached a reader, {time.monotonic() - began:.0f} s.")
    return _say("Violations over HTTP", found)


def planted() -> bool:
    """Which story is the first to find each planted leak; whether all are found."""
    print(f"Planted leaks, and which of {len(OF_CI)} stories finds each first:")
    missed = []
    for name, leak in LEAKS.items():
        with leak():
            number = first_to_find(OF_CI)
        print(f"  {name}: {'none' if number is None else number}", flush=True)
        missed += [name] if number is None else []
    return not missed


def _say(what: str, found: Mapping[int, str]) -> bool:
    print(f"{what}: {len(found)}")
    for number, error in sorted(found.items())[:SHOWN]:
        print(f"story {number}: {error}", flush=True)
    return not found


def main() -> int:
    """All three tables."""
    for name in beginnings.BEGINNINGS:
        beginnings.told(name)  # before the processes part, so that each has them
    return 0 if all([in_memory(), asyncio.run(over_http()), planted()]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
