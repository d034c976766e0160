"""`python -m tests.bench.workers`: several processes on one PostgreSQL, killed one after the other while people tap."""

import asyncio
import os
import platform
import tempfile
from pathlib import Path
from statistics import median, quantiles

from tests.crash.crowd import Plan
from tests.crash.workers import Report, live
from tests.databases import postgres_place

SCALE = float(os.environ.get("SCALE", "1"))
FULL = Plan(
    workers=4,
    people=max(20, round(2000 * SCALE)),
    rounds=3,
    every=4.0,
    kills=max(3, round(100 * SCALE)),
    thinking=60.0 if SCALE >= 1 else 5.0,
    still=True,
    patience=600.0,
)


def table(plan: Plan, report: Report) -> str:
    """What happened, as a table."""
    waits = report.waits
    rows = (
        ("processes", plan.workers),
        ("people", plan.people),
        ("taps and commands", report.taps),
        ("killed", report.kills),
        ("stood still for longer than a claim lasts", int(plan.still)),
        ("seconds", f"{report.seconds:.0f}"),
        ("a second", f"{report.taps / report.seconds:.0f}"),
        ("wait for a screen, median", f"{1000 * median(waits):.0f} ms"),
        ("99 of 100", f"{quantiles(waits, n=100, method='inclusive')[-1]:.1f} s"),
        ("longest", f"{max(waits):.1f} s"),
        ("nudges that came", sum(report.nudges.values())),
        ("lost, doubled, out of order, left lying", 0),
    )
    lines = [f"| {what} | {number} |" for what, number in rows]
    return "\n".join(["| several workers | |", "|---|---:|", *lines])


def main() -> None:
    """Let it happen, and print what happened; anything lost, doubled or out of order ends it with an error."""
    with tempfile.TemporaryDirectory() as folder, postgres_place(Path(folder)) as place:
        report = asyncio.run(live(place, Path(folder), FULL))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, SCALE={SCALE:g}\n")
    print(table(FULL, report))


if __name__ == "__main__":
    main()
