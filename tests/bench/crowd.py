"""Some people who tap at once, and how long each of them waits for the new screen."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from bot.demo.standin import StandIn
from tests.driver import buttons_of, text_of

FIRST = 5_000_000_000
BEGIN = "I'm 18 or over, let's begin"
MIDDLE = 10
PATIENCE = 60.0
"""Seconds for one screen; more means that the bot is gone."""


@dataclass(frozen=True)
class Waited:
    """What a crowd measured.

    Attributes:
        seconds: From each tap to its new screen.
        in_all: From the first tap to the last screen.
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
        return 1000 * median(self.seconds)

    @property
    def p99_ms(self) -> float:
        """One tap in a hundred waited longer, in milliseconds."""
        return 1000 * quantiles(self.seconds, n=100, method="inclusive")[-1]


@dataclass
class Crowd:
    """People with phones, all at the same question."""

    stand_in: StandIn
    changed: dict[int, asyncio.Event] = field(default_factory=dict)

    async def listen(self) -> None:
        """Wake whoever's screen changed; runs until cancelled."""
        async for change in self.stand_in.watch():
            if change.kind in {"new", "edited"} and change.chat_id in self.changed:
                self.changed[change.chat_id].set()

    async def come(self, number: int) -> None:
        """Let people in, each up to the first question, until there are so many."""
        new = [FIRST + place for place in range(len(self.changed), number)]
        for user_id in new:
            self.stand_in.add_user(user_id, "Somebody")
            self.changed[user_id] = asyncio.Event()
        await asyncio.gather(*(self._begin(user_id) for user_id in new))

    async def tap(self, people: int, each: int) -> Waited:
        """Let the first so many people tap at once, each so often."""
        began = time.perf_counter()
        waited = await asyncio.gather(*(self._taps(user_id, each) for user_id in list(self.changed)[:people]))
        return Waited([seconds for some in waited for seconds in some], time.perf_counter() - began)

    async def first_reply(self) -> None:
        """Somebody says /start; returns when the answer is there."""
        await self.come(len(self.changed) + 1)

    async def _begin(self, user_id: int) -> None:
        self.stand_in.say(user_id, "/start")
        await self._until(user_id, lambda shown: bool(buttons_of(shown)))
        if any(button["text"] == BEGIN for button in buttons_of(self._shown(user_id))):
            self._press(user_id, BEGIN)
            await self._until(user_id, lambda shown: text_of(shown).startswith("1 of"))

    async def _taps(self, user_id: int, times: int) -> list[float]:
        chance = random.Random(user_id)  # noqa: S311 - the same taps in every run
        waited = []
        for _ in range(times):
            shown = self._shown(user_id)
            before, labels = text_of(shown), {button["text"] for button in buttons_of(shown)}
            # To and fro around the middle, so that a walk of twenty never ends.
            back = "Back" in labels and chance.random() < int(before.partition(" of ")[0]) / (2 * MIDDLE)
            began = time.perf_counter()
            self._press(user_id, "Back" if back else "Mostly true")
            await self._until(user_id, lambda shown, before=before: text_of(shown) != before)
            waited.append(time.perf_counter() - began)
        return waited

    def _shown(self, user_id: int) -> dict[str, Any]:
        return next(message for message in reversed(self.stand_in.messages(user_id)) if message["from"]["is_bot"])

    def _press(self, user_id: int, label: str) -> None:
        shown = self._shown(user_id)
        data = next(button["callback_data"] for button in buttons_of(shown) if button["text"] == label)
        self.stand_in.tap(user_id, shown["message_id"], data)

    async def _until(self, user_id: int, fits: Any) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                self.changed[user_id].clear()
                said = [message for message in self.stand_in.messages(user_id) if message["from"]["is_bot"]]
                if said and fits(said[-1]):
                    return
                await self.changed[user_id].wait()
