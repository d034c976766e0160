"""`python -m tests.bench.hostile`: hostile updates by the million, on every core. SCALE=1 is 1,000,000."""

import os
import platform
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.care.hostile.siege import Report, Siege
from tests.care.hostile.silences import SILENCES

UPDATES = max(1000, round(1_000_000 * float(os.environ.get("SCALE", "1"))))
CORES = os.cpu_count() or 1
SHARES = 20
"""Each with a seed of its own: the same whatever the number of cores."""

EXAMPLES = 5


def share(seed: int) -> Report:
    """One share of the updates."""
    return Siege(seed).go_on(UPDATES // SHARES)


def main() -> int:
    """Print the tables; return 1 when something was wrong."""
    began = time.perf_counter()
    with ProcessPoolExecutor(CORES, get_context("spawn")) as pool:
        reports = list(pool.map(share, range(SHARES)))
    kinds: Counter[str] = sum((report.kinds for report in reports), Counter())
    silences: Counter[tuple[str, str]] = sum((report.silences for report in reports), Counter())
    wrong = [each for report in reports for each in report.wrong]
    print(f"{platform.machine()}, {CORES} cores, Python {platform.python_version()}\n")
    rows = (
        ("updates", sum(report.number for report in reports)),
        ("seconds", round(time.perf_counter() - began)),
        ("unhandled exceptions", sum(len(report.exceptions) for report in reports)),
        ("effects on anybody else", sum(len(report.effects) for report in reports)),
        ("silences without a reason", sum(len(report.unanswered) for report in reports)),
        ("screens that Telegram would refuse", sum(len(report.refused) for report in reports)),
        ("silences with a reason", silences.total()),
    )
    print("\n".join(["| hostile updates | |", "|---|---:|", *(f"| {what} | {number:,} |" for what, number in rows)]))
    print("\n| kind | updates | silent, and why |\n|---|---:|---|")
    for kind, number in sorted(kinds.items()):
        quiet = [f"{count:,} {name}" for (whose, name), count in sorted(silences.items()) if whose == kind]
        print(f"| {kind} | {number:,} | {', '.join(quiet)} |")
    print("\n| silence | reason |\n|---|---|")
    print("\n".join(f"| {name} | {reason} |" for name, reason in SILENCES.items()))
    print("\n".join(wrong[:EXAMPLES]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
