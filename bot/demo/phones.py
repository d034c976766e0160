"""What the page with the two phones needs of the stand-in for Telegram."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose phone it is.

    Attributes:
        user_id: The person's id in the stand-in.
        name: The first name.
    """

    user_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something changed on a phone.

    Attributes:
        user_id: Whose phone.
        notice: The passing notice of a tap, or None if the chat itself changed.
        alert: Whether the notice waits for an OK (``show_alert``).
    """

    user_id: int
    notice: str | None = None
    alert: bool = False


class ImpossibleError(Exception):
    """A real phone could not do this now: the button has gone, the bot is blocked, the text is empty."""


class Phones(Protocol):
    """Two phones, each with one chat with the bot.

    Messages are Telegram's own ``Message`` objects as JSON has them (``message_id``, ``date``, ``from``, ``text`` or ``caption``,
    ``entities`` or ``caption_entities``, ``photo``, ``document``, ``reply_markup``, ``edit_date``, ``has_protected_content``),
    plus ``disable_notification`` for a message that came silently. What a real phone could not do raises ``ImpossibleError``.
    """

    def bot_username(self) -> str:
        """The bot's name, without "@"."""

    def bot_name(self) -> str:
        """The bot's name as the head of the chat shows it."""

    def owners(self) -> Sequence[Owner]:
        """The two people, left phone first."""

    def commands(self, user_id: int) -> Sequence[tuple[str, str]]:
        """The command menu: names without the slash, each with its description."""

    def messages(self, user_id: int) -> Sequence[Mapping[str, object]]:
        """The chat as this person sees it now, oldest first."""

    def file(self, user_id: int, file_id: str) -> bytes | None:
        """The content of a picture or document in this person's chat; None if there is none."""

    async def say(self, user_id: int, text: str) -> None:
        """Send what the person typed."""

    async def tap(self, user_id: int, message_id: int, data: str) -> None:
        """Tap a button under a message."""

    async def open_link(self, user_id: int, payload: str) -> None:
        """Open ``https://t.me/<bot>?start=<payload>`` and press Start."""

    def watch(self) -> AsyncIterator[Happening]:
        """What happens on either phone from now on, until the reader closes it."""


class Change(Protocol):
    """What the stand-in tells of a chat."""

    @property
    def chat_id(self) -> int:
        """In which chat; a private chat has its person's number."""

    @property
    def kind(self) -> str:
        """What happened: ``new``, ``edited``, ``deleted``, ``answered``, ``action`` or ``member``."""

    @property
    def text(self) -> str | None:
        """The passing notice of an answered tap."""

    @property
    def alert(self) -> bool:
        """Whether that notice waits for an OK."""


class Changes(Protocol):
    """What the stand-in tells from now on, until it or the listener closes it."""

    def __aiter__(self) -> AsyncIterator[Change]:
        """One change after the other."""

    async def aclose(self) -> None:
        """Hear no more."""


class People(Protocol):
    """The people's side of ``bot.demo.standin.StandIn``, as far as the two phones use it."""

    def messages(self, user_id: int) -> list[dict[str, Any]]:
        """A chat as its phone shows it."""

    def commands(self, user_id: int) -> list[dict[str, Any]]:
        """The command menu that this person sees."""

    def file_with_id(self, file_id: str) -> bytes:
        """The content behind a ``file_id``; a ``KeyError`` if there is none."""

    def say(self, user_id: int, text: str) -> object:
        """Send a text."""

    def tap(self, user_id: int, message_id: int, button: str | int) -> object:
        """Tap a button under a message."""

    def open_link(self, user_id: int, payload: str) -> object:
        """Open the bot's link."""

    def watch(self) -> Changes:
        """What changes in any chat from now on."""


class StandInPhones:
    """Two people's phones at a stand-in; implements ``Phones``.

    Attributes:
        people: The stand-in. The composer may put a fresh one here to start over; open pages connect anew when the old one closes.
    """

    def __init__(self, people: People, owners: tuple[Owner, Owner], *, bot_username: str, bot_name: str) -> None:
        self.people = people
        self._owners = owners
        self._bot_username = bot_username
        self._bot_name = bot_name

    def bot_username(self) -> str:
        """The bot's name, without "@"."""
        return self._bot_username

    def bot_name(self) -> str:
        """The bot's name as the head of the chat shows it."""
        return self._bot_name

    def owners(self) -> Sequence[Owner]:
        """The two people, left phone first."""
        return self._owners

    def commands(self, user_id: int) -> Sequence[tuple[str, str]]:
        """The command menu: names without the slash, each with its description."""
        return [(str(each["command"]), str(each["description"])) for each in self.people.commands(user_id)]

    def messages(self, user_id: int) -> Sequence[Mapping[str, object]]:
        """The chat as this person sees it now, oldest first."""
        return self.people.messages(user_id)

    def file(self, user_id: int, file_id: str) -> bytes | None:
        """The content of a picture or document in this person's chat; None if there is none."""
        files = (file for message in self.people.messages(user_id) for file in _files_of(message))
        return self.people.file_with_id(file_id) if file_id in files else None

    async def say(self, user_id: int, text: str) -> None:
        """Send what the person typed."""
        with _as_on_a_phone():
            self.people.say(user_id, text)

    async def tap(self, user_id: int, message_id: int, data: str) -> None:
        """Tap a button under a message."""
        with _as_on_a_phone():
            self.people.tap(user_id, message_id, data)

    async def open_link(self, user_id: int, payload: str) -> None:
        """Open ``https://t.me/<bot>?start=<payload>`` and press Start."""
        with _as_on_a_phone():
            self.people.open_link(user_id, payload)

    async def watch(self) -> AsyncIterator[Happening]:
        """What happens on either phone from now on; it ends when the stand-in closes."""
        changes = self.people.watch()
        try:
            async for change in changes:
                if change.kind != "answered":
                    yield Happening(change.chat_id)
                elif change.text:
                    yield Happening(change.chat_id, change.text, change.alert)
        finally:
            await changes.aclose()


def _files_of(message: Mapping[str, Any]) -> list[str]:
    document = [message["document"]] if "document" in message else []
    return [str(each["file_id"]) for each in [*message.get("photo", []), *document]]


@contextmanager
def _as_on_a_phone() -> Iterator[None]:
    try:
        yield
    except (KeyError, ValueError) as problem:
        raise ImpossibleError(str(problem)) from problem
