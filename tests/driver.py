"""Two people drive the assembled program over a real HTTP Bot API, as their thumbs would."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot import app
from bot.demo.clock import ShiftableClock, through
from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from bot.scenes import calendar, shapes
from bot.settings import Settings
from bot.telegram import callbacks
from prompts.catalogue import load
from tests.databases import Place, sqlite_place

A_WEDNESDAY = datetime(2027, 1, 13, 17, 0, tzinfo=UTC)
TOKEN = "1234567890:for-tests-only-and-never-used-anywhere"
THINKING = timedelta(seconds=4)
"""How long a person looks at a screen before tapping: long enough not to be taken for careless."""

_load = cache(load)  # the words never change, and compiling them takes as long as ten taps

LATE_IN_A_SECOND = timedelta(microseconds=999_700)
"""Stories begin at no round instant: no clock does, and what is kept is rounded."""

LONGEST_WAIT = 20.0
"""Real seconds after which the program counts as stuck."""

LINK = re.compile(r"https://t\.me/\w+\?start=([\w-]+)")


class StoryClock(ShiftableClock):
    """Stands still until a story moves it, so that a story gives the same on any machine; pauses pass with it."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start, wall=lambda: start)

    def monotonic(self) -> float:
        """Seconds of the story, and the real ones on top: whoever waits for them is woken."""
        return super().monotonic() + self.now().timestamp()


@dataclass
class Person:
    """One person with a phone."""

    world: "World" = field(repr=False)
    user_id: int
    name: str

    async def send(self, text: str) -> None:
        """Type a text and wait for the bot to have answered."""
        self.world.clock.advance(THINKING)
        self.world.stand_in.say(self.user_id, text)
        await self.world.settled()

    async def follow(self, link: str) -> None:
        """Open an invitation link and press Start."""
        found = LINK.search(link)
        assert found, f"no invitation link in {link!r}"
        self.world.clock.advance(THINKING)
        self.world.stand_in.open_link(self.user_id, found[1])
        await self.world.settled()

    async def tap(self, label: str, *, message: dict[str, Any] | None = None) -> None:
        """Tap the newest button with these words (or the one under *message*) and wait for the answer."""
        message, data = self._button(label, message)
        self.world.clock.advance(THINKING)
        self.world.stand_in.tap(self.user_id, message["message_id"], data)
        await self.world.settled()

    async def tap_twice(self, label: str) -> None:
        """Tap a button a second time before the bot could answer the first."""
        message, data = self._button(label, None)
        self.world.clock.advance(THINKING)
        for _ in range(2):
            self.world.stand_in.tap(self.user_id, message["message_id"], data)
        await self.world.settled()

    async def forge(self, data: str, *, message: dict[str, Any] | None = None) -> None:
        """Send a tap that no button offers, as a changed Telegram client can."""
        chat = self.world.stand_in._world.chats[self.user_id]
        under = chat.messages[(message or self.last)["message_id"]]
        markup, under.markup = under.markup, {"inline_keyboard": [[{"text": "forged", "callback_data": data}]]}
        self.world.stand_in.tap(self.user_id, under.message_id, data)
        under.markup = markup
        await self.world.settled()

    def _button(self, label: str, message: dict[str, Any] | None) -> tuple[dict[str, Any], str]:
        where = [message] if message else list(reversed(self.messages))
        for candidate in where:
            for button in buttons_of(candidate):
                if button["text"] == label and "callback_data" in button:
                    return candidate, button["callback_data"]
        raise AssertionError(f"{self.name} has no button {label!r}; there are {self.labels}")

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The whole chat, oldest first."""
        return self.world.stand_in.messages(self.user_id)

    @property
    def from_bot(self) -> list[dict[str, Any]]:
        """What the bot sent, oldest first."""
        return [message for message in self.messages if message["from"]["is_bot"]]

    @property
    def last(self) -> dict[str, Any]:
        """The bot's newest message."""
        return self.from_bot[-1]

    @property
    def screen(self) -> str:
        """The words of the bot's newest message."""
        return text_of(self.last)

    @property
    def labels(self) -> list[str]:
        """The buttons under the bot's newest message."""
        return [button["text"] for button in buttons_of(self.last)]

    @property
    def toast(self) -> str | None:
        """The newest passing notice."""
        toasts = self.world.stand_in.toasts(self.user_id)
        return toasts[-1].text if toasts else None

    async def walk(self, answers: Sequence[str] = ("Mostly true", "Half true", "Very true", "A little true")) -> None:
        """Answer statements, the closing questions included, until the picture is there."""
        for number in range(40):
            labels = self.labels
            if "Very true" in labels:
                await self.tap(answers[number % len(answers)])
            elif "Fine as it is" in labels:
                await self.tap("Fine as it is")
            elif "Rather not say" in labels:
                await self.tap("No")
            else:
                return
        raise AssertionError(f"the walk did not end: {self.screen}")

    async def show(self, level: str) -> None:
        """Choose what the partner may see, from wherever the question is offered."""
        ask = next((label for label in self.labels if label.startswith("What may ")), None)
        if ask is not None:
            await self.tap(ask)
        elif "Show this picture" in self.labels:
            await self.tap("Show this picture")
        await self.tap(level)
        await self.tap("Share this")


@dataclass
class World:
    """A stand-in for Telegram, the program, a clock, and the people."""

    settings: Settings
    clock: StoryClock
    stand_in: StandIn
    people: dict[str, Person] = field(default_factory=dict)
    bot: app.App | None = None
    spread_minutes: int = 0
    """Over how many minutes couples are spread; a story is told at full hours, unless it is about that."""

    def person(self, name: str, *, language: str = "en") -> Person:
        """A person with a phone; the bot knows nothing of them yet."""
        if name not in self.people:
            user_id = 5_000_000_000 + len(self.people)
            self.stand_in.add_user(user_id, name, language)
            self.people[name] = Person(self, user_id, name)
        return self.people[name]

    async def settled(self) -> None:
        """Wait until the bot has taken in, handled and sent all that it can now."""
        assert self.bot is not None
        async with asyncio.timeout(LONGEST_WAIT):
            while self.stand_in.pending_updates():
                await asyncio.sleep(0.001)
            await self.bot.clockwork.run("renew")  # whoever sends would have kept the role, had time not leapt
            await self.bot.settled()

    async def pass_time(self, by: timedelta) -> None:
        """Let time pass, stopping at everything that falls due, as real time would."""
        await through(self.clock, self, self.clock.now() + by)

    async def next_due(self) -> datetime | None:
        """The next instant at which something falls due, or None."""
        assert self.bot is not None
        return await self.bot.next_due()

    async def until(self, instant: datetime) -> None:
        """Let time pass until an instant."""
        await self.pass_time(instant - self.clock.now())

    @asynccontextmanager
    async def running(self) -> AsyncIterator["World"]:
        """Run the program; leaving stops it, and entering again is a restart."""
        with patch.object(app, "load", _load), patch.object(calendar, "SPREAD_MINUTES", self.spread_minutes):
            async with app.running(self.settings, self.clock) as self.bot:
                yield self
        self.bot = None


def text_of(message: dict[str, Any]) -> str:
    """The words of a message, under a picture or alone."""
    return str(message.get("text") or message.get("caption") or "")


def buttons_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """All buttons under a message."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


@asynccontextmanager
async def world_at(
    folder: Path,
    *,
    start: datetime = A_WEDNESDAY,
    change: Callable[[Settings], Settings] = lambda same: same,
    place: Place | None = None,
) -> AsyncIterator[World]:
    """A stand-in over HTTP and the settings to reach it; the program is not running yet.

    The data lies in a SQLite file in the folder, or in a place of its own, such as one on PostgreSQL.
    """
    clock = StoryClock(start + LATE_IN_A_SECOND)
    place = place or sqlite_place(folder)
    stand_in = StandIn(TOKEN, now=clock.now)
    async with serving(create_app(stand_in), stand_in) as address:
        settings = Settings(
            bot_token=TOKEN,
            bot_api_url=address,
            database_url=place.data,
            key_store_url=place.keys,
            master_key_file=place.master,
            open_to="everyone",
            log_level="WARNING",
            send_rate=1000.0,
        )
        world = World(change(settings), clock, stand_in)
        yield world
        _read_every_button(world)


def _read_every_button(world: World) -> None:
    """A button with values that no shape describes would only repaint: no story may end with one."""
    for person in world.people.values():
        for message in person.from_bot:
            for button in buttons_of(message):
                meant = callbacks.decode(button.get("callback_data", "v1:home"))
                assert meant is not None, button
                assert shapes.fits(meant), button
