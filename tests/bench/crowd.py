"""Some people who tap, and how long each of them waits for the new screen."""

import asyncio
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median, quantiles

from tests.bench.lean import Lean, Phone

FIRST = 5_000_000_000
BEGIN = "I'm 18 or over, let's begin"
MIDDLE = 10
PATIENCE = 300.0
"""Seconds for one screen; more means that the bot is gone. With 100,000 couples the rival reads its pickle for a minute and more."""


@dataclass(frozen=True)
class Waited:
    """What a crowd measured.

    Attributes:
        seconds: From each tap to its new screen.
        in_all: How long it was measured.
    """

    seconds: list[float]
    in_all: float

    @property
    def rate(self) -> float:
        """Taps a second."""
        return len(self.seconds) / self.in_all

    @property
    def median_ms(self) -> float:
        """Half of the taps waited less, in milliseconds."""
        return 1000 * median(self.seconds) if self.seconds else math.nan

    @property
    def p99_ms(self) -> float:
        """One tap in a hundred waited longer, in milliseconds."""
        return 1000 * quantiles(self.seconds, n=100, method="inclusive")[-1] if len(self.seconds) > 1 else math.nan


@dataclass
class Crowd:
    """People with phones, each at a question of their own.

    Attributes:
        server: Where their phones are.
        eager: How many of them tap again as soon as they see a new screen.
        taps: How many taps had their screen so far.
    """

    server: Lean
    eager: int = 0
    taps: int = 0
    _people: list[Phone] = field(default_factory=list)
    _tapped: dict[int, float] = field(default_factory=dict)
    _waited: list[float] = field(default_factory=list)
    _chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - the same taps in every run
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def come(self, number: int) -> None:
        """Let people in until there are so many, each up to the first question."""
        new = [self.server.phone(FIRST + place, self._seen) for place in range(len(self._people), number)]
        for phone in new:
            self.server.say(phone, "/start")
        await self._until(lambda: all(phone.message_id for phone in new))
        for phone in new:
            if BEGIN in phone.buttons():
                self.server.tap(phone, phone.buttons()[BEGIN])
        await self._until(lambda: all(phone.text.startswith("1 of") for phone in new))
        self._people += new

    async def saturate(self, people: int, warm: float, seconds: float) -> Waited:
        """Let so many people tap again and again, each as soon as the new screen is there."""
        await self.come(people)
        self.eager = people
        for phone in self._people[:people]:
            self._tap(phone)
        await asyncio.sleep(warm)
        self._waited.clear()
        began = time.perf_counter()
        await asyncio.sleep(seconds)
        waited = Waited(list(self._waited), time.perf_counter() - began)
        self.eager = 0
        await self.settled()
        return waited

    async def drizzle(self, people: int, rate: float, seconds: float) -> Waited:
        """Let taps come by chance, so many a second, whether or not the bot keeps up."""
        await self.come(people)
        self._waited.clear()
        began = due = time.perf_counter()
        while due < began + seconds:
            idle = [phone for phone in self._people if phone.user_id not in self._tapped]
            if idle:
                self._tap(self._chance.choice(idle))
            due += self._chance.expovariate(rate)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        in_all = time.perf_counter() - began
        await self.settled()
        return Waited(list(self._waited), in_all)

    async def settled(self) -> None:
        """Wait until every tap has its screen."""
        await self._until(lambda: not self._tapped)

    def _tap(self, phone: Phone) -> None:
        buttons = phone.buttons()
        # To and fro around the middle, so that a walk of twenty never ends.
        place = int(phone.text.partition(" of ")[0]) if " of " in phone.text[:6] else 0
        back = "Back" in buttons and self._chance.random() < place / (2 * MIDDLE)
        data = buttons["Back"] if back else buttons.get("Mostly true") or next(iter(buttons.values()))
        self._tapped[phone.user_id] = time.perf_counter()
        self.server.tap(phone, data)

    def _seen(self, phone: Phone) -> None:
        began = self._tapped.pop(phone.user_id, None)
        if began is not None:
            self.taps += 1
            self._waited.append(time.perf_counter() - began)
            if phone.user_id < FIRST + self.eager:
                asyncio.get_running_loop().call_soon(self._tap, phone)
        self._changed.set()

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self._changed.clear()
                await self._changed.wait()
