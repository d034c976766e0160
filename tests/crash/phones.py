"""A person's phone: what is on it, what it shows after a tap, and what came unasked."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bot.demo.chats import message_json
from bot.demo.standin import StandIn
from tests.driver import buttons_of, text_of
from tests.pairs import CLOSED, MIDWEEK, NUDGE, REMINDER, SILENCE
from tests.talks import COMPLETE, NEWS, OVER

UNASKED: Mapping[str, str] = MappingProxyType(
    {
        "nudge": NUDGE,
        "reminder": REMINDER,
        "silence": SILENCE,
        "closed": CLOSED,
        "midweek": MIDWEEK,
        "comparison": "If you both like:",
        "paired": "are a pair now.",
        "thanks": "No answer is needed.",
        "talk": NEWS,
        "talk.offered": NEWS,
        "talk.remind": "Something is still there under /talk",
        "talk.over": OVER,
        "talk.after": COMPLETE,
    }
)
"""Words of each kind of parcel that no other kind has."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of the bot as it stands on a phone at one moment.

    Attributes:
        message_id: Telegram's number of it.
        text: Its words.
        buttons: What each button sends, by its label.
    """

    message_id: int
    text: str
    buttons: Mapping[str, str]

    def label(self, beginning: str) -> str:
        """The label of the first button that begins so, or nothing."""
        return next((label for label in self.buttons if label.startswith(beginning)), "")


Shows = Callable[[Seen], object]
"""Whether a message is the screen that somebody waits for."""


@dataclass
class Phone:
    """One person's phone; it goes on while the bot dies and comes back.

    Attributes:
        stand_in: The server.
        user_id: Whose.
        name: What the person is called.
        chance: What the person leaves to chance.
        acts: How often something was tapped or typed.
        screens: How many screens came that were waited for.
        waits_for: What is done and not yet answered.
        since: When that was done, in monotonic seconds; None while nothing waits for its screen.
        news: Whether a nudge came that nothing was made of yet.
        errand: Whether the person is at something that time must not cut short.
        came: When messages of a kind came.
    """

    stand_in: StandIn
    user_id: int
    name: str
    chance: random.Random
    acts: int = 0
    screens: int = 0
    waits_for: str = ""
    since: float | None = None
    news: bool = False
    errand: bool = False
    came: dict[str, list[datetime]] = field(default_factory=dict)
    _answer: tuple[Shows, "asyncio.Future[Seen]"] | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def say(self, text: str, shows: Shows) -> Seen:
        """Type something; returns the screen that it leads to, however often the bot dies meanwhile."""
        return await self._act(f"said {text!r}", lambda: self.stand_in.say(self.user_id, text), shows)

    async def tap(self, label: str, shows: Shows, *, on: Shows = bool) -> Seen:
        """Tap the newest button with this label, under a message of this kind; returns the screen that it leads to."""
        self.waits_for = f"looks for {label!r}"
        while (found := self.find(label, on)) is None:
            self._changed.clear()
            await self._changed.wait()
        press = found.buttons[label]
        return await self._act(
            f"tapped {label!r}", lambda: self.stand_in.tap(self.user_id, found.message_id, press), shows
        )

    def find(self, label: str, on: Shows = bool) -> Seen | None:
        """The newest message with this button, as it stands now."""
        chat = self.stand_in._world.chats[self.user_id]
        for message in reversed(chat.messages.values()):
            if message.markup and message.sender.is_bot:
                seen = seen_in(message_json(chat, message))
                if label in seen.buttons and on(seen):
                    return seen
        return None

    async def until_came(self, kind: str, times: int = 1) -> None:
        """Wait until so many parcels of a kind have come."""
        self.waits_for = f"waits for {kind}"
        while len(self.came.get(kind, ())) < times:
            self._changed.clear()
            await self._changed.wait()
        self.waits_for = ""

    def notice(self, kind: str, message_id: int) -> None:
        """Something changed on the phone."""
        chat = self.stand_in._world.chats[self.user_id]
        message = chat.messages.get(message_id)
        if message is None or not message.sender.is_bot:
            return
        seen = seen_in(message_json(chat, message))
        if kind == "new":
            for name, words in UNASKED.items():
                if words in seen.text:
                    self.came.setdefault(name, []).append(message.date)
                    self.news = self.news or name in {"nudge", "reminder"}
        # An old panel that only loses its buttons is no screen.
        screen = kind == "new" or seen.buttons
        if screen and self._answer is not None and not self._answer[1].done() and self._answer[0](seen):
            self._answer[1].set_result(seen)
        self._changed.set()

    async def _act(self, what: str, act: Callable[[], object], shows: Shows) -> Seen:
        self.waits_for = what
        future: asyncio.Future[Seen] = asyncio.get_running_loop().create_future()
        self._answer = (shows, future)
        self.since = time.monotonic()
        act()
        self.acts += 1
        seen = await future
        self.screens += 1
        self.waits_for, self.since = "", None
        return seen


def seen_in(message: dict[str, Any]) -> Seen:
    """A Bot API message as a person sees it."""
    buttons = {button["text"]: button["callback_data"] for button in buttons_of(message) if "callback_data" in button}
    return Seen(message["message_id"], text_of(message), buttons)


async def listen(stand_in: StandIn, phones: Mapping[int, Phone]) -> None:
    """Let each phone notice what changes on it; runs until cancelled."""
    async for change in stand_in.watch():
        phone = phones.get(change.chat_id)
        if phone is not None and change.message_id is not None and change.kind in {"new", "edited"}:
            phone.notice(change.kind, change.message_id)
