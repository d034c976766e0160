"""The program, mortal: started as always, but it dies by its own hand at a named point and lives by a clock of the test.

Nothing of this stands in the program: its functions are wrapped from outside, before it starts. Starting is cheap: a
server process imports the program once, and each life is a fork of it.
"""

import functools
import importlib
import inspect
import itertools
import mmap
import multiprocessing
import os
import signal
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot import __main__ as program
from bot import app
from bot.dance import care
from tests.crash.points import POINTS, Point

SHIFT = struct.Struct("d")
"""How the clock's shift stands in its file: seconds ahead of the machine's clock."""

SAID = "said.txt"
COMPLAINED = "complained.txt"
"""The files that a process prints to."""

DIED_AT = "died-at.txt"
"""The file in which a process leaves the name of the point that it died at."""

NURSERY = "tests.crash.nursery"
"""What the process imports that forks; nobody else does."""

HASTE = {
    (app, "PLAN_SECONDS"): 0.2,
    (app, "OWED_SECONDS"): 1.0,
    (app, "RECLAIM_SECONDS"): 1.0,
    (app, "TIDY_SECONDS"): 1.0,
    # Thumbs answer as fast as screens come; that is not what is looked at here.
    (care, "TOO_FAST"): 0,
}
"""What is made faster than in life, so that one second of a test sees what a minute of the program sees."""


class MovedClock:
    """The machine's time and a shift that the test moves, in this process and in every other that looks at the file."""

    def __init__(self, file: Path) -> None:
        """Share a clock's file; it is made if it is missing."""
        if not file.exists():
            file.write_bytes(SHIFT.pack(0.0))
        with file.open("r+b") as opened:
            # Eight bytes that are written at once: packing into the map would clear them first, and another process that
            # looks in between would be back in the present for a moment.
            self._shift = memoryview(mmap.mmap(opened.fileno(), SHIFT.size)).cast("d")

    def now(self) -> datetime:
        """The moved wall clock, aware, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._shift[0])

    def monotonic(self) -> float:
        """Real seconds: pauses and timeouts are never moved."""
        return time.monotonic()

    def forward_to(self, instant: datetime) -> None:
        """Move the clock forward; an instant that has passed changes nothing."""
        ahead = (instant - self.now()).total_seconds()
        if ahead > 0:
            self._shift[0] += ahead


@dataclass(frozen=True, slots=True)
class Fate:
    """Where a process dies: at which point, and at which passage of it, from 1."""

    point: str
    passage: int = 1


def live(arguments: Sequence[str], folder: Path, environment: Mapping[str, str], fate: Fate | None) -> None:
    """Be `python -m bot …` in a folder, with these settings and this fate; never returns."""
    os.chdir(folder)
    for number, name in ((1, SAID), (2, COMPLAINED)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1) for number in (1, 2))
    os.environ.clear()
    os.environ.update(environment)
    clock = MovedClock(folder / "clock")
    app.SystemClock = lambda: clock
    for (module, name), value in HASTE.items():
        setattr(module, name, value)
    if fate is not None:
        arm(POINTS[fate.point], functools.partial(_pass, fate, itertools.count(1)))
    sys.exit(program.main(list(arguments)))


def _pass(fate: Fate, passages: "itertools.count[int]") -> None:
    """One more passage of the point: the last one if it is the one."""
    if next(passages) == fate.passage:
        Path(DIED_AT).write_text(fate.point)
        os.kill(os.getpid(), signal.SIGKILL)
        signal.pause()


def arm(point: Point, passed: Any) -> None:
    """Have something called whenever the program passes a point.

    Raises:
        AttributeError: The program has no such function any more.
    """
    *path, name = point.function.split(".")
    owner: Any = importlib.import_module(point.module)
    for part in path:
        owner = getattr(owner, part)
    whole = getattr(owner, name)

    def concerned(given: Mapping[str, Any]) -> bool:
        return point.about is None or given["parcel"].kind == point.about

    if inspect.iscoroutinefunction(whole):

        @functools.wraps(whole)
        async def around_waiting(*args: Any, **kwargs: Any) -> Any:
            if point.before and concerned(kwargs):
                passed()
            result = await whole(*args, **kwargs)
            if not point.before and concerned(kwargs):
                passed()
            return result

        setattr(owner, name, around_waiting)
        return

    @functools.wraps(whole)
    def around(*args: Any, **kwargs: Any) -> Any:
        if point.before and concerned(kwargs):
            passed()
        result = whole(*args, **kwargs)
        if not point.before and concerned(kwargs):
            passed()
        return result

    setattr(owner, name, around)


def nurse() -> Any:
    """Who gives birth: a process with everything imported, which forks."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([NURSERY])
    return context
