"""From an update to a scene: what a person did, and the row of the table that answers it. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from telegram import ChatMemberUpdated, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import Arrival, Scene, Visitor
from bot.telegram import callbacks
from bot.telegram.service import is_service
from storage.records import Person
from storage.store import Tx

HOME = Tap("home")
"""The place of who has none, or one that this version of the bot does not know."""

NOWHERE = Tap("start")
"""The place of a newcomer, as far as typing goes: a code that was read aloud may be the first thing they type."""

COMMAND = re.compile(r"/(?P<name>[a-z0-9_]{1,32})(?:@(?P<bot>\w+))?(?:\s+(?P<rest>.*))?", re.IGNORECASE | re.DOTALL)

PRESENT = frozenset({ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.RESTRICTED})
"""What the bot is in a chat that it has to leave."""


TOO_OLD = 0
"""The date of a message that Telegram does not show to the bot any more (Bot API, InaccessibleMessage)."""


NUMBERS = 2**52
"""Telegram's numbers of people have at most 52 significant bits (Bot API, "User"); those of messages fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """The table: which scene answers what.

    Attributes:
        commands: By the command's name without its slash.
        taps: By the tap's kind; a place is a tap too, so every place has its row here.
        typed: By the kind of the present place: who takes a text that is typed there.
        shown: By the kind of the present place: who takes a voice message or a picture that is sent there.
        typed_otherwise: Answers every other text, sticker, contact or unknown command.
        home: Paints where no place is known.
        arrive: Decides on a stranger: makes them a person, or answers without storing a thing.
        notices: Kinds of taps that are answered after the commit with ``screen.notice``.
        final: Kinds of places after which deletions are finished.
        fits: Whether a tap has values that the scene of its kind can read: anybody can forge others.
    """

    commands: Mapping[str, Scene]
    taps: Mapping[str, Scene]
    typed: Mapping[str, Scene]
    shown: Mapping[str, Scene] = field(default_factory=dict)
    typed_otherwise: Scene
    home: Scene
    arrive: Callable[[Arrival, Tx], Person | Screen]
    notices: frozenset[str] = frozenset()
    final: frozenset[str] = frozenset()
    fits: Callable[[Tap], bool] = lambda _tap: True


@dataclass(frozen=True, slots=True)
class Tapped:
    """The message under which a button was tapped.

    Attributes:
        message_id: Its id.
        is_text: Whether it can be edited into another text: no picture, and not too old.
        protected: Whether it was sent with forwarding and saving switched off.
    """

    message_id: int
    is_text: bool
    protected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A person did one thing in the private chat.

    Attributes:
        telegram_id: Who, which is the chat's id as well.
        visitor: What Telegram says of the person.
        command: The command's name, lower case, without its slash; or None.
        text: What was typed after the command, or as a text; None for a tap and for all else.
        message_id: The number of a voice message or picture that was sent; None for all else.
        tap: What the tapped button means; None if nothing was tapped or nobody knows what it means.
        tapped: The message of the button; None if nothing was tapped.
        query_id: The callback query to answer; None if nothing was tapped.
    """

    telegram_id: int
    visitor: Visitor
    command: str | None = None
    text: str | None = None
    message_id: int | None = None
    tap: Tap | None = None
    tapped: Tapped | None = None
    query_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """A person blocked the bot, or let it in again."""

    telegram_id: int
    reachable: bool


@dataclass(frozen=True, slots=True)
class Decline:
    """The bot sits in a group or a channel and has to leave.

    Attributes:
        chat_id: Which.
        language_code: The language of whoever brought it there; empty if unknown.
        speaks: Whether it says why; in a channel every subscriber would read that.
    """

    chat_id: int
    language_code: str
    speaks: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A scene and what it is called with.

    Attributes:
        scene: The row of the table.
        tap: The turn's tap.
        text: The turn's text.
        message_id: The number of a message that may be passed on.
    """

    scene: Scene
    tap: Tap
    text: str | None = None
    message_id: int | None = None


def read(sent: Mapping[str, Any], bot_username: str) -> Doing | Reach | Decline | None:
    """Say what an update is about.

    A tap is read as it came, since nearly every update is one: the library's objects for the message under which it
    was tapped, with all its buttons, take longer than everything else that happens to it.

    Args:
        sent: As Telegram sent it.
        bot_username: The bot's own name without "@": a command may carry it.

    Returns:
        What happened; or None where silence is right: edited messages, channel posts, service
        messages, and taps that do not come from the person's own private chat.

    Raises:
        Exception: If it is not what the Bot API describes.
    """
    if "callback_query" in sent:
        return _tapped(sent["callback_query"])
    update = Update.de_json(dict(sent), None)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    if update.message is None or is_service(update.message):
        return None
    return _message(update.message, bot_username)


def choose(routes: Routes, doing: Doing, place: str) -> Call:
    """Find the scene that answers.

    Args:
        routes: The table.
        doing: What the person did.
        place: Where the person is, as stored.

    Returns:
        The scene; a tap that nobody knows, or that no button sends, repaints the present place.
    """
    if doing.tapped is not None:
        return _tap(routes, doing.tap) or present(routes, place)
    if doing.command is not None and doing.command in routes.commands:
        return Call(routes.commands[doing.command], Tap(doing.command), doing.text)
    here = callbacks.decode(place)
    wanted = here or NOWHERE
    if doing.command is None and doing.text is not None and wanted.kind in routes.typed:
        return Call(routes.typed[wanted.kind], wanted, doing.text)
    if doing.message_id is not None and wanted.kind in routes.shown:
        return Call(routes.shown[wanted.kind], wanted, message_id=doing.message_id)
    return Call(routes.typed_otherwise, here or HOME, doing.text)


def present(routes: Routes, place: str) -> Call:
    """Find the scene that paints the present place again.

    Args:
        routes: The table.
        place: Where the person is, as stored; empty if nowhere yet.
    """
    return _tap(routes, callbacks.decode(place)) or Call(routes.home, HOME)


def _tap(routes: Routes, tap: Tap | None) -> Call | None:
    if tap is None or tap.kind not in routes.taps or not routes.fits(tap):
        return None
    return Call(routes.taps[tap.kind], tap)


def _tapped(query: Mapping[str, Any]) -> Doing | None:
    user, message = query["from"], query.get("message")
    if message is None or message["chat"]["id"] != user["id"]:
        return None
    data = query.get("data")
    within_reach = message["date"] != TOO_OLD
    return Doing(
        telegram_id=_person(user["id"]),
        visitor=_visitor(user["first_name"], user.get("language_code")),
        tap=None if data is None else callbacks.decode(_words(data)),
        tapped=Tapped(
            message_id=_number(message["message_id"]),
            is_text=within_reach and message.get("text") is not None,
            protected=within_reach and bool(message.get("has_protected_content")),
        ),
        query_id=_words(query["id"]),
    )


def _membership(change: ChatMemberUpdated) -> Reach | Decline | None:
    inside = change.new_chat_member.status in PRESENT
    if change.chat.type == ChatType.PRIVATE:
        return Reach(_person(change.chat.id), inside) if change.from_user.id == change.chat.id else None
    if not inside:
        return None
    language = _language(change.from_user.language_code)
    return Decline(_chat(change.chat.id), language, change.chat.type != ChatType.CHANNEL)


def _message(message: Message, bot_username: str) -> Doing | Decline | None:
    user = message.from_user
    if message.chat.type != ChatType.PRIVATE:
        return Decline(_chat(message.chat.id), _language(user and user.language_code), speaks=True)
    if user is None or user.id != message.chat.id:
        return None
    telegram_id, visitor = _person(user.id), _visitor(user.first_name, user.language_code)
    if message.text is None or message.forward_origin is not None:
        return Doing(telegram_id=telegram_id, visitor=visitor, message_id=_to_pass_on(message))
    text = _words(message.text)
    command = COMMAND.fullmatch(text)
    if command is None:
        return Doing(telegram_id=telegram_id, visitor=visitor, text=text)
    if (command["bot"] or bot_username).lower() != bot_username.lower():
        return Doing(telegram_id=telegram_id, visitor=visitor)
    return Doing(
        telegram_id=telegram_id,
        visitor=visitor,
        command=command["name"].lower(),
        text=(command["rest"] or "").strip() or None,
    )


def _to_pass_on(message: Message) -> int | None:
    """The number of a message that can be passed on in a talk: one's own voice or picture, not somebody else's."""
    own = message.forward_origin is None and bool(message.voice or message.video_note or message.photo)
    return _number(message.message_id) if own else None


def _visitor(first_name: object, language_code: object) -> Visitor:
    return Visitor(first_name=_words(first_name), language_code=_language(language_code))


def _language(code: object) -> str:
    return "" if code is None else _words(code)


def _chat(number: object) -> int:
    """A chat's number; those of groups and channels are negative."""
    return -_number(-number) if isinstance(number, int) and number < 0 else _number(number)


def _person(number: object) -> int:
    """A person's number; nobody has 0."""
    found = _number(number)
    if found == 0:
        raise ValueError("Nobody has the number 0.")
    return found


def _number(number: object) -> int:
    """A number as Telegram gives them; whatever else would reach the database, which might take text for a number."""
    if type(number) is not int or not 0 <= number < NUMBERS:
        raise ValueError("That is none of Telegram's numbers.")
    return number


def _words(words: object) -> str:
    """A text; half a character, which nothing can keep or send, becomes the sign for an unknown one."""
    if not isinstance(words, str):
        raise TypeError("That is no text.")
    return words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
