"""The mortal program as a process of its own."""

import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crash.mortal import COMPLAINED, DIED_AT, SAID, Fate, live, nurse
from tests.processes import until

ALL_LIVES = "all-lives.txt"
"""The file in which the complaints of one life after the other are kept, for whoever looks for what went wrong."""


@dataclass
class Process:
    """The bot as a process."""

    child: Any
    folder: Path

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return bool(self.child.is_alive())

    @property
    def died_at(self) -> str | None:
        """The point at which it died by its own hand, if it did."""
        file = self.folder / DIED_AT
        return file.read_text() if file.exists() else None

    def kill(self) -> None:
        """Kill it, if it lives."""
        if self.lives:
            self.child.kill()

    async def end(self) -> int:
        """Wait until it is gone; its exit code, negative for a signal."""
        await until(lambda: not self.lives)
        return int(self.child.exitcode)

    async def until_it_runs(self) -> None:
        """Wait until it hears signals and listens to Telegram."""
        said = self.folder / SAID
        await until(lambda: not self.lives or (said.exists() and "Stop with Ctrl+C." in said.read_text()))
        assert self.lives, self.complained()

    async def stop(self) -> int:
        """Stop it in good order; its exit code."""
        os.kill(self.child.pid, signal.SIGTERM)
        return await self.end()

    def complained(self) -> str:
        """What it wrote to standard error; nothing where it died before it could."""
        file = self.folder / COMPLAINED
        return file.read_text() if file.exists() else ""


@asynccontextmanager
async def alive(folder: Path, settings: Mapping[str, str], fate: Fate | None = None) -> AsyncIterator[Process]:
    """Let the bot run in a folder with these settings and this fate; whatever happens, it is gone in the end."""
    for of_the_last_one in (DIED_AT, SAID, COMPLAINED):
        (folder / of_the_last_one).unlink(missing_ok=True)
    child = nurse().Process(target=live, args=(("run",), folder, dict(settings), fate), daemon=True)
    child.start()
    process = Process(child, folder)
    try:
        yield process
    finally:
        process.kill()
        await process.end()
        with (folder / ALL_LIVES).open("a") as kept:
            kept.write(f"{fate or 'no fate'}, died at {process.died_at or 'any instant'}\n{process.complained()}")
