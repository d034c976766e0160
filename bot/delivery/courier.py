"""What becomes of a message that was handed to Telegram, and who carries it there."""

from dataclasses import dataclass
from typing import Protocol

from bot.scenes.screen import Screen
from storage.records import Person


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram took it.

    Attributes:
        message_id: Telegram's id of the message in the person's chat.
    """

    message_id: int


@dataclass(frozen=True, slots=True)
class Later:
    """It surely was not sent, and may be tried again.

    Attributes:
        seconds: How long to wait before that.
    """

    seconds: float


@dataclass(frozen=True, slots=True)
class Blocked:
    """The person blocked the bot, or the account is gone."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Telegram will never take this one.

    Attributes:
        reason: Why, without a word of the message.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it arrived: the Bot API has no key that would tell.

    Attributes:
        reason: What happened, without a word of the message.
    """

    reason: str


Failure = Later | Blocked | Refused | Unknown
Outcome = Sent | Failure


class Courier(Protocol):
    """Carries one screen to one person."""

    async def send(self, person: Person, screen: Screen, *, silent: bool) -> Outcome:
        """Send a screen as a new message, once.

        Args:
            person: To whom.
            screen: What.
            silent: Whether the phone makes no sound.

        Returns:
            What became of it; failures of Telegram or the network are never raised.
        """
