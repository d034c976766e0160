"""A turn: one person did one thing at one instant."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.scenes.screen import Screen, Tap
from prompts.catalogue import Catalogue
from storage.records import Person
from storage.store import Tx

HOME = Tap("home")
"""The place of who has none yet."""


class Clock(Protocol):
    """Where every instant comes from, so that tests and the demo can move it."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC: for the calendar and due times only."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never set back: for pauses, timeouts and pace."""


@dataclass(frozen=True, slots=True)
class House:
    """Facts about this installation that a person may read.

    Attributes:
        bot_username: The bot's name on Telegram, without "@".
        operator_name: Who runs it and could technically read it; empty if not told.
        open_to_everyone: Whether a stranger may begin without an invitation.
        help_country: ISO code of the country whose help lines come first; empty for all alike.
        retention_days: How long single answers are kept.
    """

    bot_username: str
    operator_name: str = ""
    open_to_everyone: bool = False
    help_country: str = ""
    retention_days: int = 60


@dataclass(frozen=True, slots=True)
class Visitor:
    """What Telegram says of the person: nothing of it is kept unless a scene says so.

    Attributes:
        first_name: As the person wrote it in Telegram.
        language_code: The phone's language, such as "de" or "pt-br"; empty if unknown.
    """

    first_name: str = ""
    language_code: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One person did one thing at one instant.

    Attributes:
        person: Who, as stored when the unit of work began.
        now: When, aware, in UTC.
        words: Everything the bot can say, in the person's language.
        house: Facts about this installation.
        tap: What the tapped button means; for a command or a repaint, the tap that stands for it.
        text: What was typed after a command, or as a text; None for a tap.
        message_id: Telegram's number of a voice message or picture that was sent, or None.
        visitor: What Telegram says of the person.
        place: The present screen: where the person left off.
    """

    person: Person
    now: datetime
    words: Catalogue
    house: House
    tap: Tap
    text: str | None = None
    message_id: int | None = None
    visitor: Visitor = Visitor()
    place: Tap = HOME


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody of whom nothing is stored did one thing.

    Attributes:
        telegram_id: Telegram's number for them.
        now: When, aware, in UTC.
        words: Everything the bot can say, in a language that suits their phone.
        house: Facts about this installation.
        visitor: What Telegram says of them.
        text: What followed `/start`, or was typed: it may be a code. Else empty.
    """

    telegram_id: int
    now: datetime
    words: Catalogue
    house: House
    visitor: Visitor
    text: str = ""


Scene = Callable[[Turn, Tx], Screen]
