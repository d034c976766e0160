"""A handful of ticks: the only thing the scheduler is for. What falls due stands in rows."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler

STEP_SECONDS = 2.0
"""How far wall and monotonic time may drift apart between two looks before it counts as a step."""

WATCH_SECONDS = 5.0
"""Seconds between two looks of the watchdog."""

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[object]]


class Clockwork:
    """Runs each of its ticks every so often, one run of each at a time.

    Every tick must be safe to run twice. An interval that passes during a run is skipped. A tick that raises is logged by
    type and runs again at its next turn. The scheduler works out its waits from the wall clock and stops ticking when that
    is set back, so a watchdog on the monotonic clock renews the jobs after a step.
    """

    def __init__(
        self,
        ticks: Iterable[tuple[str, float, Work]],
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        """Lay the ticks out; nothing runs yet.

        Args:
            ticks: Name, seconds between two runs, and what to run.
            wall: Seconds since 1970, as the scheduler sees them.
            monotonic: Seconds that are never set back.
            watch_seconds: Seconds between two looks of the watchdog.
        """
        self._ticks = {name: (seconds, work) for name, seconds, work in ticks}
        self._wall = wall
        self._monotonic = monotonic
        self._watch_seconds = watch_seconds
        self._running: set[str] = set()
        self._again: set[str] = set()
        self._runs: set[asyncio.Task[None]] = set()
        self._watchdog: asyncio.Task[None] | None = None
        self._stopped = False
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin to tick; the first run of each comes after its first interval (`kick` runs it now)."""
        self._wind()
        self._scheduler.start()
        self._watchdog = asyncio.create_task(self._watch(), name="clockwork watchdog")

    async def stop(self) -> None:
        """Begin no more runs, and wait for those that are under way."""
        self._stopped = True
        if self._watchdog is not None:
            self._watchdog.cancel()
            with suppress(asyncio.CancelledError):
                await self._watchdog
        if self._scheduler.running:
            self._scheduler.pause()
        if self._runs:
            await asyncio.wait(self._runs)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def kick(self, name: str) -> None:
        """Run a tick now, or once more after the run that is under way.

        Args:
            name: Which.

        Raises:
            KeyError: If there is no such tick.
        """
        if name not in self._ticks:
            raise KeyError(name)
        self._again.add(name)
        if name not in self._running and not self._stopped:
            self._begin(name)

    async def run(self, name: str) -> None:
        """Run a tick now, after the run that is under way if there is one, and wait for its end.

        Args:
            name: Which.

        Raises:
            KeyError: If there is no such tick.
        """
        self.kick(name)
        while name in self._running:
            await asyncio.wait(self._runs, return_when=asyncio.FIRST_COMPLETED)

    async def _turn(self, name: str) -> None:
        """An interval has passed. The scheduler does not wait for the run: it would warn of each one that it leaves out."""
        if name not in self._running and not self._stopped:
            self._begin(name)

    def _begin(self, name: str) -> asyncio.Task[None]:
        self._running.add(name)
        task = asyncio.create_task(self._run(name), name=f"tick {name}")
        self._runs.add(task)
        task.add_done_callback(self._runs.discard)
        return task

    async def _run(self, name: str) -> None:
        try:
            while True:
                self._again.discard(name)
                await self._once(name)
                if name not in self._again or self._stopped:
                    return
        finally:
            self._running.discard(name)

    async def _once(self, name: str) -> None:
        try:
            await self._ticks[name][1]()
        except Exception as error:  # noqa: BLE001 -- a tick's mistake must not stop the others
            log.error("The tick %s failed: %s", name, type(error).__name__)  # noqa: TRY400 -- its words may be private

    def _wind(self) -> None:
        for name, (seconds, _) in self._ticks.items():
            self._scheduler.add_job(
                self._turn, "interval", args=(name,), id=name, seconds=seconds, replace_existing=True
            )

    async def _watch(self) -> None:
        apart = self._wall() - self._monotonic()
        while True:
            await asyncio.sleep(self._watch_seconds)
            now_apart = self._wall() - self._monotonic()
            if abs(now_apart - apart) > STEP_SECONDS:
                log.warning("The clock was set by %.0f seconds; the ticks begin anew.", now_apart - apart)
                self._wind()
                for name in self._ticks:
                    self.kick(name)
            apart = now_apart
