"""Time that passes only when nobody has anything to do: hours of sending in seconds, the same in every run."""

import asyncio
import selectors
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

START = datetime(2027, 1, 3, 12, tzinfo=UTC)
"""A Sunday noon."""

T = TypeVar("T")


class _Timeless(selectors.DefaultSelector):
    """Waits for nothing: where a loop would wait, its time jumps ahead."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is there, or let the time pass that would be waited."""
        found = super().select(0)
        if not found and timeout is None:
            raise RuntimeError("Everybody waits, and nothing will ever happen.")
        if not found and timeout:
            self.loop.passed += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with a time of its own; whatever it runs must live in this thread."""

    def __init__(self) -> None:
        selector = _Timeless()
        selector.loop = self
        self.passed = 0.0
        super().__init__(selector)

    def time(self) -> float:
        """Seconds since the loop was made, as its own time goes."""
        return self.passed


@dataclass(frozen=True)
class VirtualClock:
    """The clock of the house in the loop's time."""

    loop: VirtualLoop

    def now(self) -> datetime:
        """The wall clock."""
        return START + timedelta(seconds=self.loop.passed)

    def monotonic(self) -> float:
        """Seconds that are never set back."""
        return self.loop.passed


def run(story: Coroutine[Any, Any, T]) -> T:
    """Run something in a loop of its own time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story)


def clock() -> VirtualClock:
    """The clock of the running loop."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return VirtualClock(loop)
