"""The house below HTTP, in memory: inbox, router, stage, presenter; nothing in here waits for anything."""

import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache, partial
from typing import Any, TypeVar

from bot import app
from bot.delivery.planner import plan_due
from bot.scenes import starter
from bot.scenes.screen import Screen
from bot.telegram import letters
from bot.telegram.panel import Shown, settle
from bot.telegram.presenter import digest, keyboard
from bot.telegram.router import Decline, Doing, Reach, read
from bot.telegram.stage import Played, Stage, play, reach
from storage import inbox, outbox
from storage.deletion import finish_deletions
from storage.keys import Key
from storage.store import Tx
from tests.care.hostile import effects
from tests.care.in_memory import MASTER, Memory, furnish, run, stage_with, store_on
from tests.driver import Person, StoryClock
from tests.telegram_html import CAPTION_LIMIT, MESSAGE_LIMIT, problems, visible

T = TypeVar("T")
BOT = "you_and_i_bot"
LEASE = timedelta(seconds=60)
BATCH = 100
LOOK = b"a key for the looks of screens"
LONGEST_DATA = 64
"""Bytes of a button's data (Bot API, InlineKeyboardButton)."""

LONGEST_LABEL = 256
"""Characters; the Bot API names no bound, and a longer one could not be read."""


@cache
def stage() -> Stage:
    """What scenes are played on, read once."""
    return stage_with(bot_username=BOT, operator_name="Kim & <Kin>")


@cache
def _kinds() -> Any:
    return starter.kinds(stage().voices("en"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an update.

    Attributes:
        silence: Why nothing was answered; None if something was.
        screen: What is shown to the actor.
        wrong: What Telegram would refuse of it.
    """

    silence: str | None = None
    screen: Screen | None = None
    wrong: tuple[str, ...] = ()


class House:
    """Everything between a stored update and what would be sent, on two databases in memory.

    It is a world for `tests.driver.Person` as well, with chats of its own.
    """

    def __init__(self, now: datetime) -> None:
        """Build an empty house."""
        self.clock = StoryClock(now)
        self.data, self.key_store = Memory(), Memory()
        self.people: dict[str, Person] = {}
        self.chats: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.stand_in = self
        self._ids, self._updates = itertools.count(1), itertools.count(1)
        self.master = MASTER

    def found(self) -> None:
        """Make the tables, and the triggers that write down who is touched."""
        furnish(self.data, self.key_store)
        effects.wire(self.data.raw, self.key_store.raw)
        self.store = store_on(self.data, self.key_store)

    def put_back(self, now: datetime, data: bytes, keys: bytes, master: Key) -> None:
        """Go back to a moment."""
        for memory, content in ((self.data, data), (self.key_store, keys)):
            memory.put_back(content)
        self.clock = StoryClock(now)
        self._ids, self._updates = itertools.count(100_000), itertools.count(10**6)
        self.store = store_on(self.data, self.key_store, master)

    def content(self) -> tuple[bytes, bytes]:
        """Both databases as they are."""
        return self.data.content(), self.key_store.content()

    # What happens to an update

    def take_in(self, update: Mapping[str, Any]) -> int | None:
        """Put an update into the inbox, as the intake does; the letter's number, or None if it came before."""
        found = run(letters.keep(self.store, [update], self.clock))
        self._letter = found[0] if found else None
        return self._letter.id if self._letter else None

    def handle(self, *, sound: bool = True) -> Outcome:
        """Handle the letter that was taken in last, as the consumer does.

        Args:
            sound: Whether it is as the Bot API describes; only then it must be read.
        """
        letter, now = self._letter, self.clock.now()
        assert letter is not None
        try:
            event = read(json.loads(letter.payload), BOT)
        except Exception:
            if sound:
                raise
            self._unit(partial(inbox.dead, letter_id=letter.id, now=now))
            return Outcome(silence="unreadable")
        match event:
            case Doing():
                return self._doing(letter.id, event)
            case Reach():
                self._unit(partial(reach, letter_id=letter.id, change=event, now=now))
                return Outcome(silence="reach")
            case Decline():
                self._unit(partial(inbox.done, letter_id=letter.id, now=now))
                text = stage().voices(event.language_code).render("group")
                return Outcome(silence=None if event.speaks else "channel", wrong=_refused(text, MESSAGE_LIMIT))
            case _:
                self._unit(partial(inbox.done, letter_id=letter.id, now=now))
                return Outcome(silence="nothing")

    def _unit(self, unit: Callable[[Tx], T]) -> T:
        return run(self.store.write(unit))

    def _doing(self, letter_id: int, doing: Doing) -> Outcome:
        now = self.clock.now()
        played = self._unit(partial(play, stage=stage(), letter_id=letter_id, doing=doing, now=now))
        if played is None:
            return Outcome(silence="twice")
        screen = self._as_shown(played)
        wrong = refused(screen)
        if played.final:
            run(finish_deletions(self.store))
        elif played.person is not None:
            self._show(played.person.id, screen, doing)
        return Outcome(screen=screen, wrong=wrong)

    def _as_shown(self, played: Played) -> Screen:
        text_only = played.person is not None and played.person.text_only
        return replace(played.screen, picture=None) if text_only else played.screen

    def _show(self, person_id: int, screen: Screen, doing: Doing) -> None:
        pictured = screen.picture is not None or screen.document is not None
        edited = doing.tapped is not None and doing.tapped.is_text and not (pictured or screen.fresh)
        number = doing.tapped.message_id if edited and doing.tapped else next(self._ids)
        self._put(doing.telegram_id, number, screen)
        shown = Shown(number, "picture" if pictured else "text", digest(screen, LOOK), sent=not edited)
        self._unit(partial(settle, person_id=person_id, shown=shown, now=self.clock.now()))

    def deliver(self) -> list[tuple[int, Screen]]:
        """Send what is in the outbox; whom it reaches, and what they see."""
        now = self.clock.now()
        lease = partial(outbox.lease, owner="house", now=now, until=now + LEASE, limit=BATCH)
        sent = []
        for parcel in self._unit(lease):
            rendered = self._unit(partial(app.render, parcel, stage=stage(), clock=self.clock))
            if rendered is not None:
                self._put(rendered.person.telegram_id, next(self._ids), rendered.screen)
                sent.append((rendered.person.telegram_id, rendered.screen))
        self.data.raw.execute("UPDATE outbox SET state = 'sent' WHERE state = 'leased'")
        return sent

    # The world in which the town's story is told

    def person(self, name: str) -> Person:
        """Somebody with a phone."""
        if name not in self.people:
            self.people[name] = Person(self, 5_000_000_000 + len(self.people), name)  # type: ignore[arg-type]
        return self.people[name]

    async def settled(self) -> None:
        """Send what is due."""
        await plan_due(self.store, self.clock.now(), _kinds())
        self.deliver()

    async def pass_time(self, by: timedelta) -> None:
        """Let time pass."""
        self.clock.advance(by)
        await self.settled()

    def messages(self, user_id: int) -> list[dict[str, Any]]:
        """A chat, oldest first."""
        return self.chats[user_id]

    def say(self, user_id: int, text: str) -> None:
        """Type something."""
        self._hear({"message": self._message(user_id) | {"text": text}})

    def open_link(self, user_id: int, code: str) -> None:
        """Follow an invitation."""
        self.say(user_id, f"/start {code}")

    def tap(self, user_id: int, message_id: int, data: str) -> None:
        """Tap a button."""
        message = self._message(user_id) | {"message_id": message_id, "text": "…"}
        self._hear({"callback_query": {"id": "1", "from": message["from"], "message": message, "data": data}})

    def block(self, user_id: int) -> None:
        """Block the bot."""
        member = {"user": {"id": 1, "is_bot": True, "first_name": "bot"}, "status": "kicked", "until_date": 0}
        message = self._message(user_id)
        change = {"chat": message["chat"], "from": message["from"], "date": 1, "old_chat_member": member}
        self._hear({"my_chat_member": change | {"new_chat_member": member}})

    def _message(self, user_id: int) -> dict[str, Any]:
        name = next((one.name for one in self.people.values() if one.user_id == user_id), "Somebody")
        user = {"id": user_id, "is_bot": False, "first_name": name}
        chat = {"id": user_id, "type": "private", "first_name": name}
        return {"message_id": next(self._ids), "from": user, "chat": chat, "date": int(self.clock.now().timestamp())}

    def _hear(self, update: dict[str, Any]) -> None:
        assert self.take_in({"update_id": next(self._updates)} | update) is not None
        outcome = self.handle()
        assert not outcome.wrong, outcome

    def _put(self, user_id: int, number: int, screen: Screen) -> None:
        chat = self.chats[user_id]
        chat[:] = [message for message in chat if message["message_id"] != number]
        chat.append(
            {
                "message_id": number,
                "from": {"is_bot": True},
                "date": int(self.clock.now().timestamp()),
                "text": visible(screen.text),
                **keyboard(screen.rows),
            }
        )


def refused(screen: Screen) -> tuple[str, ...]:
    """What Telegram would refuse of a screen."""
    pictured = screen.picture is not None or screen.document is not None
    wrong = _refused(screen.text, CAPTION_LIMIT if pictured else MESSAGE_LIMIT)
    markup = keyboard(screen.rows).get("reply_markup", {"inline_keyboard": []})
    json.dumps(markup).encode()
    for row in markup["inline_keyboard"]:
        for button in row:
            label, data = str(button["text"]), str(button.get("callback_data", "v1"))
            if not label.strip() or len(label) > LONGEST_LABEL:
                wrong += (f"a button is called {label!r}",)
            if not 1 <= len(data.encode()) <= LONGEST_DATA:
                wrong += (f"a button says {data!r}",)
    return wrong


@lru_cache(20_000)
def _refused(text: str, limit: int) -> tuple[str, ...]:
    text.encode()  # half a character cannot be sent
    return tuple(problems(text, limit=limit))
