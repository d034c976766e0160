"""One column of the table of kills, as it fills; it says aloud how far it has come and what must not be."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.crash.campaign import Report
from tests.crash.mortal import COMPLAINED
from tests.crash.points import LIVING

NEWS_EVERY = 30.0
"""Seconds between two lines that say how far it has come."""

MOST_COMPLAINTS = 4000
"""Letters of what the bot complained of last, where something is wrong."""

ROWS = (
    "kills of the bot at any instant",
    "kills of the bot at named points",
    "named points met",
    "kills of PostgreSQL",
    "stops of the bot because of that",
    "taps and typed words",
    "screens that followed them",
    "updates handled once",
    "parcels that arrived",
    "nudges of which nobody knows",
    "violations",
    "seconds",
)


@dataclass
class Column:
    """One column of the table, as it fills.

    Attributes:
        name: What is killed where.
        most: How many kills there are to be.
        report: What was done and found so far.
        broken: Towns that could not be lived in to the end.
        began: When it began, in seconds of a stopwatch.
        seconds: How long it took so far.
    """

    name: str
    most: int
    report: Report = field(default_factory=Report)
    broken: int = 0
    began: float = field(default_factory=time.perf_counter)
    seconds: float = 0.0
    _told: int = 0
    _spoke: float = field(default_factory=time.perf_counter)

    @property
    def kills(self) -> int:
        """Of the bot or of the server, whichever is meant."""
        return self.report.server_kills or self.report.kills

    def tell(self, folder: Path) -> None:
        """Say what is wrong at once, and now and then how far it has come."""
        now = time.perf_counter()
        self.seconds = now - self.began
        fresh = self.report.violations[self._told :]
        self._told = len(self.report.violations)
        for violation in fresh:
            print(f"VIOLATION on {self.name} after {self.kills} kills, in {folder}: {violation}", flush=True)
        if fresh:
            complaints = folder / COMPLAINED
            print(complaints.read_text()[-MOST_COMPLAINTS:] if complaints.exists() else "", flush=True)
        if fresh or now - self._spoke >= NEWS_EVERY:
            self._spoke = now
            print(
                f"{datetime.now(UTC):%H:%M:%S} {self.name}: {self.kills:,} of {self.most:,} kills, "
                f"{self.seconds:.0f} s, {len(self.report.violations)} violations",
                flush=True,
            )

    def cells(self) -> list[str]:
        """The column."""
        report, parcels = self.report, self.report.parcels
        return [
            str(report.random_kills),
            str(report.points.total()),
            f"{len(report.points)} of {len(LIVING)}",
            str(report.server_kills),
            str(report.stops),
            str(report.acts),
            str(report.screens),
            str(report.updates),
            str(parcels["sent"]),
            str(parcels["unknown"]),
            str(len(report.violations)),
            f"{self.seconds:.0f}",
        ]
