"""People, chats and messages as the stand-in remembers them."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Self

from bot.demo.errors import Json, bad_request, forbidden
from bot.demo.files import Files
from bot.demo.rate import Rate
from bot.demo.updates import UpdateQueue
from bot.demo.webhook import Webhook


@dataclass(frozen=True, slots=True)
class User:
    """A person, or the bot."""

    id: int
    first_name: str
    language_code: str | None = None
    username: str | None = None
    is_bot: bool = False

    def as_json(self) -> Json:
        """A Bot API ``User``."""
        named = {"username": self.username, "language_code": self.language_code}
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name} | {
            key: value for key, value in named.items() if value
        }


@dataclass(slots=True)
class Message:
    """One message in a chat.

    Attributes:
        message_id: Its number.
        sender: Who wrote it.
        date: When.
        content: The fields that carry it: ``text`` and ``entities``, or ``photo`` and ``caption`` …
        extras: Other fields: a link preview's options, a media group's id, what it answers.
        markup: Its inline keyboard.
        protect: Whether it cannot be forwarded or saved.
        silent: Whether it came without a sound.
        edited: When its content was changed last.
    """

    message_id: int
    sender: User
    date: datetime
    content: Json
    extras: Json = field(default_factory=dict)
    markup: Json | None = None
    protect: bool = False
    silent: bool = False
    edited: datetime | None = None


@dataclass(slots=True)
class Chat:
    """A private chat with a person, or a group.

    Attributes:
        id: The person's id, or a negative number.
        title: A group's name; None for a private chat.
        user: Whose private chat it is; None for a group.
        shut: Why the bot may not write here, in Telegram's words; None when it may.
        messages: The messages by number, oldest first.
    """

    id: int
    user: User | None = None
    title: str | None = None
    shut: str | None = None
    messages: dict[int, Message] = field(default_factory=dict)

    def as_json(self) -> Json:
        """A Bot API ``Chat``."""
        if self.user is None:
            return {"id": self.id, "type": "group", "title": self.title}
        named = {"username": self.user.username} if self.user.username else {}
        return {"id": self.id, "type": "private", "first_name": self.user.first_name} | named

    def instance(self) -> str:
        """The ``chat_instance`` of taps in this chat: always the same, and opaque."""
        return str(int(hashlib.sha256(f"chat {self.id}".encode()).hexdigest()[:15], 16))


@dataclass(frozen=True, slots=True)
class Change:
    """What a phone can notice.

    Attributes:
        chat_id: In which chat.
        kind: A message came, changed or went; a tap was answered; the bot is typing; a block or a membership changed.
        message_id: Which message, where one is meant.
        text: The passing notice of an answered tap.
        alert: Whether that notice waits for an OK.
    """

    chat_id: int
    kind: Literal["new", "edited", "deleted", "answered", "action", "member"]
    message_id: int | None = None
    text: str | None = None
    alert: bool = False


class Watch:
    """What happens from the moment it was made; an async iterator that ends when it or the stand-in closes."""

    def __init__(self, forget: Callable[["Watch"], None]) -> None:
        self._forget = forget
        self._changes: asyncio.Queue[Change | None] = asyncio.Queue()

    def tell(self, change: Change | None) -> None:
        """Pass a change on; None ends it."""
        self._changes.put_nowait(change)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        change = await self._changes.get()
        if change is None:
            raise StopAsyncIteration
        return change

    async def aclose(self) -> None:
        """Hear no more; whoever waits is woken."""
        self._forget(self)
        self.tell(None)


@dataclass(slots=True)
class Query:
    """A tap on a button: who, where, when, and what became of it.

    Attributes:
        query_id: The ``callback_query_id``.
        chat_id: The chat of the button.
        message_id: The message of the button.
        user_id: Who tapped.
        at: When.
        answered: Whether the bot answered.
        text: The passing notice that it brought.
        alert: Whether that waits for an OK.
    """

    query_id: str
    chat_id: int
    message_id: int
    user_id: int
    at: datetime
    answered: bool = False
    text: str | None = None
    alert: bool = False


@dataclass(slots=True)
class World:
    """All that the stand-in remembers.

    Attributes:
        bot: The bot itself.
        now: The wall clock, aware.
        updates: What waits for the bot.
        webhook: Where it goes, if the bot named an address.
        rate: Holds the bot to Telegram's pace; None to let it send as fast as it likes.
        commands: Command lists by scope and language.
        words: Name and descriptions by kind and language.
        menus: Menu buttons by chat; the usual one under None.
    """

    bot: User
    now: Callable[[], datetime]
    updates: UpdateQueue
    webhook: Webhook
    rate: Rate | None = None
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    words: dict[tuple[str, str], str] = field(default_factory=dict)
    menus: dict[int | None, Json] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    files: Files = field(default_factory=Files)
    watches: set[Watch] = field(default_factory=set)
    last_message_id: int = 0

    def writable(self, chat_id: str) -> Chat:
        """The chat that the bot wants to write to.

        Raises:
            ApiError: 400 "chat not found", or 403 with the reason why it may not.
        """
        chat = self.known(chat_id)
        if chat.shut:
            raise forbidden(chat.shut)
        return chat

    def known(self, chat_id: str) -> Chat:
        """The chat with this id as a call writes it.

        Raises:
            ApiError: 400 "chat not found".
        """
        if not chat_id:
            raise bad_request("chat_id is empty")
        chat = self.chats.get(int(chat_id)) if chat_id.lstrip("-").isdecimal() else None
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def add(self, chat: Chat, sender: User, content: Json) -> Message:
        """Put a new message into a chat."""
        self.last_message_id += 1
        message = Message(self.last_message_id, sender, self.now(), content)
        chat.messages[message.message_id] = message
        return message

    def tell(self, change: Change) -> None:
        """Let every watcher know."""
        for watch in self.watches:
            watch.tell(change)


def message_json(chat: Chat, message: Message) -> Json:
    """A Bot API ``Message``."""
    body: Json = {"message_id": message.message_id, "from": message.sender.as_json(), "chat": chat.as_json()}
    body["date"] = int(message.date.timestamp())
    if message.edited:
        body["edit_date"] = int(message.edited.timestamp())
    if message.protect:
        body["has_protected_content"] = True
    if message.markup:
        body["reply_markup"] = message.markup
    return body | message.extras | message.content
