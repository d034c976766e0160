"""What the page with the two phones needs of the stand-in for Telegram."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


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


class Phones(Protocol):
    """Two phones, each with one chat with the bot.

    Messages are Telegram's own ``Message`` objects as JSON has them (``message_id``, ``date``, ``from``, ``text`` or ``caption``,
    ``entities`` or ``caption_entities``, ``photo``, ``document``, ``reply_markup``, ``edit_date``, ``has_protected_content``),
    plus ``disable_notification`` for a message that came silently.
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
