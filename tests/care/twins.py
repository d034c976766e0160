"""Two worlds side by side: what the reader gets must be the same in both, whatever the other keeps to themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from storage.store import Tx
from tests.care.cast import Twin, declassified, usable
from tests.care.moves import take_back, withdraw


class Leak(AssertionError):  # noqa: N818 - a leak is found, not made
    """The reader got something in one world that they did not get in the other."""


@dataclass
class Twins:
    """Both worlds, in step."""

    pair: tuple[Twin, Twin]

    @property
    def now(self) -> datetime:
        """What the clock of the first world shows: of both, when they are in step."""
        return self.pair[0].now

    async def until(self, instant: datetime) -> None:
        """Let time pass in both worlds until an instant, or as far as either has come."""
        latest = max(instant, *(twin.now for twin in self.pair))
        for twin in self.pair:
            await twin.world.until(latest)

    async def agree(self) -> None:
        """What the reader may learn now is the same in both worlds: else the other takes back what differs."""
        if len({await self.ask(twin, declassified) for twin in self.pair}) > 1:
            for twin in self.pair:
                if await self.ask(twin, declassified) is not None:
                    await take_back(twin)
        works = [await self.ask(twin, usable) for twin in self.pair]
        if len(set(works)) > 1:
            await withdraw(self.pair[works.index(True)])
        await self.until(self.now)

    async def ask(self, twin: Twin, question: Callable[[Tx, Twin], Any]) -> Any:
        """How things stand in a world."""
        return await twin.read(partial(question, twin=twin))

    async def agreed(self, question: Callable[[Tx, Twin], Any]) -> bool:
        """Whether something is so in both worlds."""
        return all([await self.ask(twin, question) for twin in self.pair])

    def compare(self, when: str) -> None:
        """Whether the reader has the same in both worlds."""
        first, second = (twin.got() for twin in self.pair)
        for one, other in zip(first, second, strict=False):
            if one != other:
                raise Leak(f"{when}\n  {one}\n  {other}")
        if len(first) != len(second):
            raise Leak(
                f"{when}: {len(first)} and {len(second)} things\n  {[*first, *second][min(len(first), len(second))]}"
            )
