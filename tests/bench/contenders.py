"""The bots that are compared, each as a process on a core of its own, and what is measured of one."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.crowd import Crowd, Waited
from tests.bench.lean import Lean, serve
from tests.driver import TOKEN
from tests.processes import Running, running

TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
PYTHON = (sys.executable, "-m")


@dataclass(frozen=True)
class Contender:
    """A bot.

    Attributes:
        name: In the tables.
        program: How it is started.
        settings: Its environment, beside the token and the address.
    """

    name: str
    program: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)


OURS = Contender("You & I", (*PYTHON, "bot", "run"), {"OPEN_TO": "everyone", "LOG_LEVEL": "WARNING"})
PTB = Contender("PTB echo", (*PYTHON, "tests.bench.echo_ptb"), {"CONCURRENT": "1"})
PTB_256 = Contender("PTB echo, 256 at once", (*PYTHON, "tests.bench.echo_ptb"), {"CONCURRENT": "256"})
AIOGRAM = Contender("aiogram echo", (*PYTHON, "tests.bench.echo_aiogram"))
RIVAL = Contender("ConversationHandler + pickle", (*PYTHON, "tests.bench.rival"))


@dataclass
class Bot:
    """A contender while it runs."""

    server: Lean
    crowd: Crowd
    running: Running
    began: float

    @property
    def resident(self) -> float:
        """Its memory, in MiB; not a number where the machine does not tell (only Linux has /proc)."""
        with suppress(OSError):
            pages = int(Path(f"/proc/{self.running.process.pid}/statm").read_text().split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        return float("nan")

    @property
    def spent(self) -> float:
        """The processor's time that it took so far, in seconds; not a number where the machine does not tell."""
        with suppress(OSError):
            after_name = Path(f"/proc/{self.running.process.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(after_name[11]) + int(after_name[12])) / TICKS
        return float("nan")

    async def saturate(self, people: int, seconds: float) -> tuple[Waited, float]:
        """Let many tap again and again; what they waited, and the processor's time for one tap in microseconds."""
        await self.crowd.come(people)
        spent, answered = self.spent, self.crowd.taps
        waited = await self.crowd.saturate(people, warm=seconds / 4, seconds=seconds)
        return waited, 1e6 * (self.spent - spent) / max(1, self.crowd.taps - answered)


@asynccontextmanager
async def started(
    contender: Contender, *, folder: Path | None = None, slowness: float = 0.0, server: Lean | None = None
) -> AsyncIterator[Bot]:
    """Start a bot in a folder, by default an empty one, with a server and nobody there yet."""
    server = server or Lean(slowness=slowness)
    listening, address = await serve(server)
    with tempfile.TemporaryDirectory() as empty:
        given = {"BOT_TOKEN": TOKEN, "BOT_API_URL": address, **contender.settings}
        began = time.perf_counter()
        async with running(folder=folder or Path(empty), program=contender.program, **given) as process:
            _apart(process.process.pid)
            try:
                yield Bot(server, Crowd(server), process, began)
            except TimeoutError:
                raise RuntimeError(f"{contender.name} does not answer. {process.complained()[-2000:]}") from None
            if process.process.returncode is None:
                with suppress(TimeoutError):
                    await process.stop()
    listening.close()
    await asyncio.sleep(0)


def _apart(pid: int) -> None:
    """Give the bot one core and the load another, where there are two and the machine lets us."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {1})
        os.sched_setaffinity(0, {0})
