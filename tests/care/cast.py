"""Who plays in a story of non-interference, what they can do there, and what is visible by nature.

Two worlds are told side by side. The reader does the same in both. The other does as they like in each, but what
they show is the same in both, and so is what no program can hide: that is `VISIBLE_BY_NATURE` and `declassified`.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import floor
from random import Random
from typing import Any

from bot.dance.turns import Event
from bot.dance.walk import Walk
from bot.scenes.screen import Tap
from bot.telegram import callbacks
from storage import checkins, couples, invites, people, rounds
from storage.records import CheckIn, Couple, Level, Round
from storage.records import Person as Row
from storage.store import Tx
from tests.driver import Person, buttons_of

VISIBLE_BY_NATURE: Mapping[str, str] = {
    "share.set": "A comparison tells that you both answered and both chose to show",
    "settings.weekday": "When a round begins, and the hour of the message without a comparison, depends on both weekly hours",
    "settings.hour": "When a round begins, and the hour of the message without a comparison, depends on both weekly hours",
    "settings.quiet": "The midweek starter comes at an hour when both are awake",
    "zone.set": "it depends on both quiet hours and zones",
    "talk.ask": "In a talk the other sees what you send, that you opened it",
    "talk.do": "named a time or moved on",
    "thanks.send": "Thanks that are sent are read",
    "join.name": "An invitation that is accepted tells so",
}
"""Taps of the other that the reader may notice, and where docs/privacy.md says so. The other does these in both worlds
at the same second, or in neither; everything else they do differs as chance will have it. (To show something counts
only where the reader shows something, too; a pair that forms with somebody else is nothing that the reader sees.)"""


CODE = re.compile(
    r"(?<=start=)[\w-]{22}|(?<=:)[\w-]{22}(?=\W|$)|(?<=<code>)[0-9A-Z]{8}(?=</code>)|(?<=start%3D)[\w-]{22}"
)
"""Codes of invitations come from chance alone, so two worlds have different ones."""


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a choice to show lets the other one see: told from what was tapped, not from what the program cut."""

    level: Level
    numbers: tuple[int, ...]
    wording: tuple[str, ...]
    common_wish: str | None


@dataclass
class Twin:
    """One of the two worlds.

    Attributes:
        world: A `House`, or a `tests.driver.World`.
        read: Asks its store.
        reader: Does the same in both worlds.
        other: Has secrets.
        got: Everything that the reader could find out so far.
        link: The other's invitation, where the reader has one in hand.
    """

    world: Any
    read: Callable[[Callable[[Tx], Any]], Awaitable[Any]]
    reader: Person
    other: Person
    got: Callable[[], list[object]]
    link: str = ""

    @property
    def now(self) -> datetime:
        """What the clock shows in this world."""
        instant: datetime = self.world.clock.now()
        return instant


@dataclass(frozen=True, slots=True)
class Facts:
    """How things stand between the two."""

    reader: Row | None
    other: Row | None
    couple: Couple | None
    round: Round | None

    @property
    def both_sit(self) -> bool:
        """Whether both still sit in the reader's couple."""
        sitting = {seat.person_id for seat in self.couple.seats} if self.couple else set()
        return self.other is not None and self.other.id in sitting


def facts(tx: Tx, twin: Twin) -> Facts:
    """How things stand, read from the rows."""
    reader, other = people.find(tx, twin.reader.user_id), people.find(tx, twin.other.user_id)
    couple = couples.of(tx, reader.id) if reader else None
    return Facts(reader, other, couple, rounds.current(tx, couple.id) if couple else None)


def is_free(tx: Tx, twin: Twin) -> bool:
    """Whether the other is here and sits in no couple at all."""
    other = people.find(tx, twin.other.user_id)
    return other is not None and couples.of(tx, other.id) is None


def shows(tx: Tx, whose: Row | None, at: Facts) -> tuple[Level, CheckIn] | None:
    """What somebody lets be seen in the present round, if anything."""
    if whose is None or at.round is None or rounds.has_ended(at.round):
        return None
    chosen = rounds.choice(tx, at.round.id, whose.id)
    if chosen is None or chosen.level is Level.NOTHING:
        return None
    return chosen.level, checkins.get(tx, chosen.check_in_id, whose.id)


def declassified(tx: Tx, twin: Twin) -> Shown | None:
    """What the reader would see of the other, should the reader show something now: all of it, and nothing else."""
    at = facts(tx, twin)
    found = shows(tx, at.other, at)
    if found is None or at.reader is None or not at.both_sit:
        return None
    level, check_in = found
    result = json.loads(check_in.result or "{}")
    numbers = tuple(floor(result[axis][number] + 0.5) for axis in ("I", "you") for number in ("size", "low", "high"))
    if level is Level.SIZES:
        return Shown(level, numbers, (), None)
    mine = checkins.latest(tx, at.reader.id)
    wishes = {_wish(mine), _wish(check_in)}
    common = wishes.pop() if len(wishes) == 1 else None
    return Shown(level, numbers, tuple(result["wording"]), None if common == "quiet" else common)


def _wish(check_in: CheckIn | None) -> str | None:
    return Walk.from_json(check_in.walk).wish if check_in and check_in.walk else None


def reader_shows(tx: Tx, twin: Twin) -> bool:
    """Whether the reader lets something be seen: then what the other shows would open."""
    at = facts(tx, twin)
    return shows(tx, at.reader, at) is not None


def usable(tx: Tx, twin: Twin) -> bool:
    """Whether the other's invitation in the reader's hands works: by nature, trying it tells so."""
    found = invites.find(tx, twin.link) if twin.link else None
    return found is not None and invites.is_open(found, twin.now) and is_free(tx, twin)


def hours_of_other(tx: Tx, twin: Twin) -> object:
    """The other's weekly hour, zone and quiet hours: visible by nature from the moment when a pair forms."""
    other = people.find(tx, twin.other.user_id)
    return other and (other.weekday, other.minute, other.zone, other.quiet_from, other.quiet_to)


async def secret_tap(twin: Twin, dice: Random, newest: int = 2) -> bool:
    """The other taps any button of the newest messages, unless that would be visible by nature.

    Returns:
        Whether a button was tapped.
    """
    offered = [(message, one) for message in twin.other.from_bot[-newest:] for one in buttons_of(message)]
    free = [(message, one) for message, one in offered if await _is_secret(twin, one)]
    if free:
        message, one = dice.choice(free)
        await twin.other.tap(one["text"], message=message)
    return bool(free)


async def _is_secret(twin: Twin, button: dict[str, str]) -> bool:
    tap = callbacks.decode(button.get("callback_data", ""))
    if tap is None:
        return False
    if tap.kind == "share.set":
        return not opens(tap) or not await twin.read(lambda tx: reader_shows(tx, twin))
    if tap.kind == "talk.do" and Event.NOT_NOW in tap.args:
        return True
    return tap.kind not in VISIBLE_BY_NATURE or (not tap.args and tap.kind != "join.name")


def opens(tap: Tap) -> bool:
    """Whether a tap chooses to show something."""
    return tap.kind == "share.set" and tap.args[-1] != Level.NOTHING


async def reader_tap(twin: Twin, dice: Random) -> None:
    """The reader taps any button of the newest messages: the same one in both worlds, for the screens are the same.

    What the reader shows has a move of its own, for what the other shows must be the same in both worlds by then.
    """
    taps = [
        (message, one, tap)
        for message in twin.reader.from_bot[-3:]
        for one in buttons_of(message)
        if (tap := callbacks.decode(one.get("callback_data", ""))) is not None
    ]
    fitting = [(message, one) for message, one, tap in taps if not opens(tap)]
    if fitting:
        message, one = dice.choice(fitting)
        await twin.reader.tap(one["text"], message=message)
