"""The edge to Telegram alone: a table of tiny scenes, SQLite, and a stand-in on a real port."""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image
from telegram import Bot

from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from bot.scenes.screen import Picture
from bot.scenes.turn import House
from bot.telegram.album import Album
from bot.telegram.consumer import Consumer
from bot.telegram.intake import Intake
from bot.telegram.panel import Panel
from bot.telegram.router import Routes
from bot.telegram.stage import Stage, voices
from bot.telegram.transport import Line, connect
from prompts.catalogue import load
from storage import people
from storage.records import Person
from storage.store import Store, open_store
from tests.databases import sqlite_place
from tests.flows.edge_scenes import ROUTES

TOKEN = "42:made-up"
KIM = 5_000_000_001
SAM = 5_000_000_002
WORDS = load("en")


@dataclass
class EdgeClock:
    """The real time, and a shift."""

    shift: timedelta = timedelta()

    def now(self) -> datetime:
        """The wall clock."""
        return datetime.now(UTC) + self.shift

    def monotonic(self) -> float:
        """Seconds that are never set back."""
        return time.monotonic()


@dataclass
class Edge:
    """The edge, running."""

    stand_in: StandIn
    line: Line
    store: Store
    clock: EdgeClock
    consumer: Consumer
    panel: Panel
    album: Album
    painted: list[Picture]
    unpaintable: bool = False
    intake: "asyncio.Task[None] | None" = None

    @property
    def bot(self) -> Bot:
        """The line for calls."""
        return self.line.bot

    async def settled(self) -> None:
        """Wait until every update is confirmed and handled."""
        async with asyncio.timeout(10):
            await until(lambda: not self.stand_in.pending_updates())
            await self.consumer.idle()

    async def say(self, text: str, who: int = KIM) -> None:
        """Type something and wait for the answer."""
        self.stand_in.say(who, text)
        await self.settled()

    async def tap(self, data: str | int, message_id: int | None = None, who: int = KIM) -> str:
        """Tap a button, under the newest message of the bot if none is given, and wait for the answer."""
        query = self.stand_in.tap(who, message_id or self.last(who)["message_id"], data)
        await self.settled()
        return query

    def from_bot(self, who: int = KIM) -> list[dict[str, Any]]:
        """What the bot sent, oldest first."""
        return [each for each in self.stand_in.messages(who) if each["from"]["is_bot"]]

    def last(self, who: int = KIM) -> dict[str, Any]:
        """The newest message of the bot."""
        return self.from_bot(who)[-1]

    def texts(self, who: int = KIM) -> list[str]:
        """The words of the bot's messages, oldest first."""
        return [each.get("text") or each.get("caption", "") for each in self.from_bot(who)]

    def live(self, who: int = KIM) -> list[int]:
        """The messages that carry buttons."""
        return [
            each["message_id"] for each in self.from_bot(who) if each.get("reply_markup", {}).get("inline_keyboard")
        ]

    def calls(self, method: str) -> int:
        """How often the bot called a method."""
        return sum(request.method == method for request in self.stand_in.requests)

    async def person(self, who: int = KIM) -> Person:
        """The person as stored."""
        found = await self.store.read(partial(people.find, telegram_id=who))
        assert found is not None
        return found


@dataclass
class EdgePlace:
    """Where the edge can be started, stopped and started again."""

    stand_in: StandIn
    root: str
    settings: tuple[str, str, Path]
    clock: EdgeClock = field(default_factory=EdgeClock)
    routes: Routes = ROUTES

    @asynccontextmanager
    async def running(self, *, poll: bool = True) -> AsyncIterator[Edge]:
        """Start the edge as the program does, and stop it gracefully."""
        painted: list[Picture] = []

        async def paint(picture: Picture) -> bytes:
            if here.unpaintable:
                raise ArithmeticError
            painted.append(picture)
            return jpeg()

        async with open_store(*self.settings) as store:
            line = connect(TOKEN, self.root)
            async with line.bot:
                album = Album(store, lambda picture: str(hash(picture)), paint)
                panel = Panel(line.bot, store, album, self.clock)
                stage = Stage(self.routes, voices({"en": WORDS}), House(line.bot.username))
                consumer = Consumer(store=store, bot=line.bot, panel=panel, stage=stage, clock=self.clock)
                await consumer.start()
                here = Edge(self.stand_in, line, store, self.clock, consumer, panel, album, painted)
                if poll:
                    intake = Intake(
                        poll=line.poll, store=store, hand=consumer.hand, clock=self.clock, poll_seconds=1, sleep=_blink
                    )
                    here.intake = asyncio.create_task(intake.run())
                try:
                    yield here
                finally:
                    if here.intake:
                        here.intake.cancel()
                        with suppress(asyncio.CancelledError):
                            await here.intake
                    await consumer.stop()


@asynccontextmanager
async def edge_place(folder: Path) -> AsyncIterator[EdgePlace]:
    """A served stand-in with two phones, and empty databases in a folder."""
    clock = EdgeClock()
    stand_in = StandIn(TOKEN, now=clock.now)
    stand_in.add_user(KIM, "Kim")
    stand_in.add_user(SAM, "Sam")
    async with serving(create_app(stand_in), stand_in) as root:
        yield EdgePlace(stand_in, root, sqlite_place(folder).settings, clock)


@asynccontextmanager
async def edge(folder: Path, *, poll: bool = True) -> AsyncIterator[Edge]:
    """The edge, running, with Kim at home."""
    async with edge_place(folder) as place, place.running(poll=poll) as running:
        if poll:
            await running.say("/start let-me-in")
        yield running


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something to happen."""
    async with asyncio.timeout(10):
        while not happened():
            await asyncio.sleep(0.005)


def jpeg() -> bytes:
    """Any picture."""
    out = io.BytesIO()
    Image.new("RGB", (60, 30), "teal").save(out, "JPEG")
    return out.getvalue()


async def _blink(_seconds: float) -> None:
    await asyncio.sleep(0.01)
