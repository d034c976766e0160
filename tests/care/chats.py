"""Chats as two people have them in front of them, without Telegram: everything that the bot sends is written down."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from telegram import InputFile
from telegram.error import BadRequest, Forbidden

from bot.scenes.screen import Screen
from bot.scenes.turn import Visitor
from bot.telegram import callbacks
from bot.telegram.router import Doing, Reach, Tapped
from tests.driver import StoryClock

Markup = dict[str, Any]
"""The buttons under a message, as they go over the wire."""

Heard = tuple[datetime, str, tuple[object, ...]]
"""When something reached a chat, by which call, and all of it that its reader could find out."""


@dataclass
class Chats:
    """What Telegram keeps: the messages of each chat, who blocked the bot, and what people have just done.

    Attributes:
        clock: The story's.
        numbers: Telegram's numbers of messages. They differ between two worlds, and no reader gets to see them.
        queue: What people did and the bot has not handled.
        heard: By chat, every call about it in order.
    """

    clock: StoryClock
    numbers: Iterator[int]
    queue: deque[Doing | Reach] = field(default_factory=deque)
    heard: dict[int, list[Heard]] = field(default_factory=dict)
    _messages: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)
    _files: dict[str, bytes] = field(default_factory=dict)
    _blocked: set[int] = field(default_factory=set)

    def add_user(self, user_id: int, name: str, _language: str) -> None:
        """Somebody has a phone."""
        self._names[user_id] = name

    def say(self, user_id: int, text: str) -> None:
        """Somebody types a text; whoever does has let the bot in again."""
        self._blocked.discard(user_id)
        command, _, rest = text.removeprefix("/").partition(" ")
        doing = {"command": command, "text": rest or None} if text.startswith("/") else {"text": text}
        self.queue.append(Doing(telegram_id=user_id, visitor=self._visitor(user_id), **doing))  # type: ignore[arg-type]

    def open_link(self, user_id: int, code: str) -> None:
        """Somebody follows an invitation's link."""
        self.say(user_id, f"/start {code}")

    def tap(self, user_id: int, message_id: int, data: str) -> None:
        """Somebody taps a button."""
        message = self._message(user_id, message_id)
        assert message is not None
        self._blocked.discard(user_id)
        tapped = Tapped(message_id, is_text="text" in message, protected=message["has_protected_content"])
        tap = callbacks.decode(data)
        visitor = self._visitor(user_id)
        self.queue.append(Doing(telegram_id=user_id, visitor=visitor, tap=tap, tapped=tapped, query_id="q"))

    def block(self, user_id: int) -> None:
        """Somebody blocks the bot."""
        self._blocked.add(user_id)
        self.queue.append(Reach(user_id, reachable=False))

    def messages(self, user_id: int) -> list[dict[str, Any]]:
        """The chat, oldest first."""
        return self._messages.get(user_id, [])

    def notice(self, user_id: int, text: str | None) -> None:
        """The passing notice of a tap."""
        self._note(user_id, "notice", text)

    def put(self, user_id: int, shape: str, words: str, **more: Any) -> dict[str, Any]:
        """A message from the bot; raises `Forbidden` where it is blocked."""
        if user_id in self._blocked:
            raise Forbidden("Forbidden: bot was blocked by the user")
        markup = more["api_kwargs"].get("reply_markup")
        message = {
            "message_id": next(self.numbers),
            "from": {"is_bot": True},
            shape: words,
            "reply_markup": _buttons(markup),
            "has_protected_content": more["protect_content"],
        }
        self._messages.setdefault(user_id, []).append(message)
        silent = more["disable_notification"]
        self._note(user_id, "sent", shape, words, _seen(markup), more["protect_content"], silent, more.get("content"))
        return message

    def glimpse(self, user_id: int, screen: Screen) -> None:
        """Words and buttons as a new message, for somebody of whom nobody asks what exactly they got."""
        rows = [
            [{"text": one.label, "callback_data": callbacks.encode(one.tap)} for one in row if one.tap]
            for row in screen.rows
        ]
        message = {
            "message_id": next(self.numbers),
            "from": {"is_bot": True},
            "caption" if screen.picture else "text": screen.text,
            "reply_markup": {"inline_keyboard": rows},
            "has_protected_content": screen.protect,
        }
        self._messages.setdefault(user_id, []).append(message)

    def change(self, user_id: int, message_id: int, words: str | None, markup: Markup | None) -> None:
        """A message gets other words, or loses its buttons."""
        message = self._message(user_id, message_id)
        if message is None:
            raise BadRequest("Bad Request: message to edit not found")
        message["reply_markup"] = _buttons(markup)
        if words is not None:
            message["text"] = words
        self._note(user_id, "changed", self._place(user_id, message_id), words, _seen(markup))

    def remove(self, user_id: int, message_ids: Sequence[int]) -> None:
        """Messages are deleted."""
        places = tuple(
            self._place(user_id, message_id) for message_id in message_ids if self._message(user_id, message_id)
        )
        self._messages[user_id] = [one for one in self.messages(user_id) if one["message_id"] not in message_ids]
        self._note(user_id, "deleted", places)

    def forget_all_but(self, newest: int) -> None:
        """Scroll far up no more: only the newest messages of each chat are kept."""
        self.heard = {}
        self._messages = {user_id: chat[-newest:] for user_id, chat in self._messages.items()}

    def file(self, photo: str | bytes) -> tuple[str, bytes]:
        """Telegram's name of a picture, and the picture."""
        if isinstance(photo, str):
            return photo, self._files[photo]
        name = f"file-{len(self._files)}"
        self._files[name] = photo
        return name, photo

    def _note(self, user_id: int, call: str, *what: object) -> None:
        self.heard.setdefault(user_id, []).append((self.clock.now(), call, what))

    def _message(self, user_id: int, message_id: int) -> dict[str, Any] | None:
        return next((one for one in reversed(self.messages(user_id)) if one["message_id"] == message_id), None)

    def _place(self, user_id: int, message_id: int) -> int:
        """Which message of the chat it is, as a reader would count."""
        return [one["message_id"] for one in self.messages(user_id)].index(message_id)

    def _visitor(self, user_id: int) -> Visitor:
        return Visitor(first_name=self._names[user_id], language_code="en")


@dataclass(frozen=True)
class Line:
    """The calls of a `telegram.Bot` that the panel and the courier make."""

    chats: Chats

    async def send_message(self, chat_id: int, text: str, **more: Any) -> SimpleNamespace:
        """A text."""
        return SimpleNamespace(message_id=self.chats.put(chat_id, "text", text, **more)["message_id"])

    async def send_photo(self, chat_id: int, photo: str | bytes, *, caption: str, **more: Any) -> SimpleNamespace:
        """A picture with a caption."""
        name, content = self.chats.file(photo)
        message = self.chats.put(chat_id, "caption", caption, content=content, **more)
        return SimpleNamespace(message_id=message["message_id"], photo=[SimpleNamespace(file_id=name)])

    async def send_document(self, chat_id: int, document: InputFile, *, caption: str, **more: Any) -> SimpleNamespace:
        """A file with a caption."""
        content = (document.filename, document.input_file_content)
        return SimpleNamespace(
            message_id=self.chats.put(chat_id, "caption", caption, content=content, **more)["message_id"]
        )

    async def edit_message_text(self, text: str, chat_id: int, message_id: int, **more: Any) -> None:
        """Other words in place."""
        self.chats.change(chat_id, message_id, text, more["api_kwargs"].get("reply_markup"))

    async def edit_message_reply_markup(self, chat_id: int, message_id: int) -> None:
        """No buttons any more."""
        self.chats.change(chat_id, message_id, None, None)

    async def delete_messages(self, chat_id: int, message_ids: Sequence[int]) -> None:
        """Gone."""
        self.chats.remove(chat_id, message_ids)


def _seen(markup: Markup | None) -> object:
    return repr(markup["inline_keyboard"]) if markup else ""


def _buttons(markup: Markup | None) -> Markup:
    return markup or {"inline_keyboard": []}
