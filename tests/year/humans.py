"""Who lives in the town, and when it begins."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.scenes.turn import Visitor
from tests.year.deciding import Mind, Visit
from tests.year.kinds import Kind
from tests.year.phone import Message, Phone

START: Final = datetime(2027, 1, 4, tzinfo=UTC)
"""A Monday."""

WEEK: Final = timedelta(weeks=1)
DAY: Final = timedelta(days=1)
FIRST_ID: Final = 5_000_000_000
NAMES: Final = ("Kim", "Noor", "Sam", "Alex", "Robin", "Toni")


@dataclass(slots=True)
class Human:
    """Somebody who lives in the town.

    Attributes:
        number: Theirs, from 0.
        mind: What they are like.
        phone: What is on it.
        partner: Who lives with them.
        looking: The message that they look at.
        visit: What they are about to do.
        told_zone: Whether they said where their clock is.
        away: From when to when nothing reached them.
        unheard: Since when nothing reaches them, where they let the bot in again and it has not heard of that.
        blocks: Whether they block the bot.
        here: Whether the bot knows them.
    """

    number: int
    mind: Mind
    phone: Phone = field(default_factory=Phone)
    partner: "Human | None" = None
    looking: Message | None = None
    visit: Visit | None = None
    told_zone: bool = False
    away: list[tuple[datetime, datetime]] = field(default_factory=list)
    unheard: datetime | None = None
    blocks: bool = False
    here: bool = False

    @property
    def telegram_id(self) -> int:
        """Telegram's number."""
        return FIRST_ID + self.number

    @property
    def kind(self) -> Kind:
        """Their habits."""
        return self.mind.kind

    @property
    def visitor(self) -> Visitor:
        """What Telegram says of them."""
        return Visitor(first_name=NAMES[self.number % len(NAMES)], language_code="en")
