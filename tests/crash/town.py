"""A town of people, a server, a clock, and the bot that dies among them again and again."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from tests.crash.books import Books
from tests.crash.lives import LIVES
from tests.crash.mortal import COMPLAINED, Fate, MovedClock
from tests.crash.partners import Partner
from tests.crash.phones import Phone, listen
from tests.crash.process import Process, alive
from tests.databases import Place
from tests.driver import A_WEDNESDAY, TOKEN, text_of
from tests.processes import PATIENCE, environment

LONGEST = 0.6
"""Seconds that a process lives, at most, that dies at any instant."""

LONG_ENOUGH = timedelta(weeks=12)
"""The town's time in one life, after which every point should have been passed thrice: what comes seldom comes once a week."""

STANDSTILL = 5000
"""Screens after which time should have moved on: many times as many as a day has with everything that people do in it."""

FORSAKEN = 120.0
"""Seconds after which whoever did something and sees no screen was forgotten, however many others were answered: dozens of
lives of a process."""

MOST_COMPLAINTS = 2000
"""Letters of what the bot complained of, when something is stuck."""

A_LOOK = 0.01
"""Seconds between two looks at what another process does."""

CALM_LOOKS = 3
"""Looks in a row that find nothing under way before time moves on: what came has reached everybody by then."""

A_SPELL = 0.3
"""Seconds of pastimes each time that time has moved on."""

A_HUSH = 20.0
"""Seconds after that in which nobody begins a pastime, unless time moves on before: on a busy machine whatever is under way
may take long, and as long as new pastimes begin, it never ends."""

A_DAY = timedelta(days=1)

A_WHILE = timedelta(hours=1)
"""Time may move on by so much while somebody is at something: the slots of all couples lie within half an hour."""

FIRST = 5_000_000_000
NAMES = ("Kim", "Noor", "Alex", "Sam", "Robin", "Yuki", "Charlie", "Ariel", "Mika", "Toni", "Luca", "Sasha")


@dataclass
class Town:
    """Everybody, and where the bot lives.

    Attributes:
        folder: The bot's folder.
        settings: The bot's settings.
        stand_in: The server.
        clock: The time of the server and of the bot.
        books: What the database holds and held.
        resting: Whether everybody is to end what they are doing, and begin nothing.
        hushed: Whether nobody is to begin a pastime, until time has moved on.
        moves: How often time has moved on.
        hindered: What kept it from that since, by how many looks found it.
        phones: Everybody's phone, by their number.
        partners: Everybody who lives in a couple.
        people: The scripts that run.
    """

    folder: Path
    settings: Mapping[str, str]
    stand_in: StandIn
    clock: MovedClock
    books: Books
    resting: bool = False
    hushed: bool = False
    moves: int = 0
    hindered: "Counter[str]" = field(default_factory=Counter)
    phones: dict[int, Phone] = field(default_factory=dict)
    partners: list[Partner] = field(default_factory=list)
    people: list["asyncio.Task[Any]"] = field(default_factory=list)

    @property
    def screens(self) -> int:
        """How many screens came that somebody waited for."""
        return sum(phone.screens for phone in self.phones.values())

    def settle(self, lives: Mapping[str, int], seed: int) -> None:
        """Let people move in, so many of each life."""
        for name, number in lives.items():
            for _ in range(number):
                phones = [self._phone(seed) for _ in range(LIVES[name].people)]
                self.people.append(asyncio.create_task(LIVES[name].lead(self, phones), name=name))

    def _phone(self, seed: int) -> Phone:
        place = len(self.phones)
        name = NAMES[place % len(NAMES)]
        phone = Phone(self.stand_in, FIRST + place, name, random.Random(seed + place))  # noqa: S311 - to look again
        self.stand_in.add_user(phone.user_id, name)
        self.phones[phone.user_id] = phone
        return phone

    async def rest(self) -> None:
        """Let everybody end what they are doing."""
        self.resting = True
        await self.until(lambda: all(person.done() for person in self.people), "everybody is at rest")
        await asyncio.gather(*self.people)

    async def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait as long as people get on with their lives; where nobody does, say who waits for what.

        Raises:
            AssertionError: No screen came for a while, or to one of them for very long; time stood still; or so much of it
                passed that it should have been long ago.
        """
        first, latest, moves, began = self.screens, self.screens, self.moves, self.clock.now()
        stirred = time.monotonic()
        while not true():
            for person in self.people:
                if person.done():
                    person.result()  # raises what its script raised
            if self.screens != latest:
                latest, stirred = self.screens, time.monotonic()
            assert time.monotonic() - stirred < PATIENCE, f"nothing moves before {what}:\n{self.stuck()}"
            longest = min((phone.since for phone in self.phones.values() if phone.since is not None), default=stirred)
            assert time.monotonic() - longest < FORSAKEN, f"somebody is not answered before {what}:\n{self.stuck()}"
            if self.moves != moves:
                first, moves = latest, self.moves
            assert latest - first < STANDSTILL, f"time stands still before {what}:\n{self.stuck()}"
            assert self.clock.now() - began < LONG_ENOUGH, f"it never came to it that {what}:\n{self.stuck()}"
            await asyncio.sleep(A_LOOK)

    def stuck(self) -> str:
        """Who waits for what, what is on their phone, and what the bot complained of last."""
        complaints = self.folder / COMPLAINED
        waiting = "\n".join(
            f"{phone.name} {phone.waits_for}; sees {[text_of(each) for each in self.stand_in.messages(phone.user_id)[-3:]]}"
            for phone in self.phones.values()
            if phone.waits_for
        )
        clock = f"It is {self.clock.now():%Y-%m-%d %H:%M:%S} after {self.moves} moves; {dict(self.hindered)}"
        return f"{waiting}\n{clock}\n{complaints.read_text()[-MOST_COMPLAINTS:] if complaints.exists() else ''}"

    def alive(self, fate: Fate | None = None) -> AbstractAsyncContextManager[Process]:
        """The bot, alive; whatever happens, it is gone in the end."""
        return alive(self.folder, self.settings, fate)

    async def time_goes_on(self, process: Process) -> None:
        """Move time on to whatever is due next, again and again, as long as the bot lives and everybody has had theirs."""
        calm, moved = 0, time.monotonic()
        while process.lives:
            if any(person.done() for person in self.people):
                return
            now = self.clock.now()
            due, hindrances = await self.books.next_due(now), await self.books.under_way(now)
            hindrances += [] if due is not None else ["what is due is not handled"]
            if due is not None and due - now > A_WHILE:
                hindrances += [f"{each.name} is busy" for each in self.phones.values() if each.errand or each.news]
            self.hindered.update(hindrances)
            # Else there would always be some parcel under way, and time would stand still.
            self.hushed = A_SPELL < time.monotonic() - moved < A_SPELL + A_HUSH
            calm = 0 if hindrances else calm + 1
            if calm >= CALM_LOOKS and due is not None:
                await self.books.read()
                # The bot deletes what is two days old: in steps of a day everything is read before.
                self.clock.forward_to(min(due, now + A_DAY))
                calm, moved = 0, time.monotonic()
                self.moves, self.hindered = self.moves + 1, Counter()
            await asyncio.sleep(A_LOOK)


@asynccontextmanager
async def town(folder: Path, place: Place, seed: int, lives: Mapping[str, int]) -> AsyncIterator[Town]:
    """A town on a database; nobody has met the bot yet, and it is not running."""
    clock = MovedClock(folder / "clock")
    stand_in = StandIn(TOKEN, now=clock.now)
    async with serving(create_app(stand_in), stand_in) as address, Books.of(place) as books:
        settings = environment(
            BOT_TOKEN=TOKEN,
            BOT_API_URL=address,
            OPEN_TO="everyone",
            DATABASE_URL=place.data,
            KEY_STORE_URL=place.keys,
            MASTER_KEY_FILE=str(place.master),
            LOG_LEVEL="WARNING",
        )
        there = Town(folder, settings, stand_in, clock, books)
        # On the same weekday at the same hour whenever this runs, between two slots.
        clock.forward_to(_next_wednesday(clock.now()))
        there.settle(lives, seed)
        listening = asyncio.create_task(listen(stand_in, there.phones))
        try:
            yield there
        finally:
            for task in (*there.people, listening):
                task.cancel()
            await asyncio.gather(*there.people, listening, return_exceptions=True)


def _next_wednesday(now: datetime) -> datetime:
    """The next one, at 17:00."""
    days = (A_WEDNESDAY.weekday() - now.weekday() - 1) % 7 + 1
    return datetime.combine(now.date() + timedelta(days=days), A_WEDNESDAY.timetz())
