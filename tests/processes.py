"""The real program as a process of its own, as an operator starts it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE = 30.0
"""Seconds for anything that a process is waited for; a laptop under load starts in 3."""

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Ended:
    """A process that is over."""

    code: int
    out: str
    err: str


def environment(**given: str) -> dict[str, str]:
    """What a process sees: nothing of the machine's settings, the program from this checkout."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("COVERAGE")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **given}


async def ended(*arguments: str, folder: Path, **given: str) -> Ended:
    """Run `python -m bot` to its end in a folder, with these settings and no terminal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=folder,
        env=environment(**given),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    return Ended(process.returncode or 0, out.decode(), err.decode())


@dataclass
class Running:
    """A process that goes on until it is stopped."""

    process: asyncio.subprocess.Process
    out: Path
    err: Path

    def said(self) -> str:
        """What it printed so far."""
        return self.out.read_text()

    def complained(self) -> str:
        """What it wrote to standard error so far."""
        return self.err.read_text()

    async def until(self, words: str, within: float = PATIENCE) -> str:
        """Wait until it printed these words, for so many seconds at most; all that it printed."""
        async with asyncio.timeout(within):
            while words not in self.said():
                assert self.process.returncode is None, self.complained()
                await asyncio.sleep(0.02)
        return self.said()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Ask it to stop; its exit code, and the seconds that it took."""
        began = asyncio.get_running_loop().time()
        self.process.send_signal(number)
        code = await asyncio.wait_for(self.process.wait(), PATIENCE)
        return code, asyncio.get_running_loop().time() - began


async def until(true: Callable[[], object]) -> None:
    """Wait until something holds that another process brings about."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running(
    *arguments: str, folder: Path, program: tuple[str, ...] = (sys.executable, "-m", "bot"), **given: str
) -> AsyncIterator[Running]:
    """Start `python -m bot` in a folder; whatever happens, it is gone in the end."""
    out, err = folder / "said.txt", folder / "complained.txt"
    with out.open("w") as to_out, err.open("w") as to_err:
        process = await asyncio.create_subprocess_exec(
            *program,
            *arguments,
            cwd=folder,
            env=environment(**given),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=to_out,
            stderr=to_err,
        )
    try:
        yield Running(process, out, err)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
