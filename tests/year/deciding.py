"""Which button somebody taps: only one that is there, and by what they came for."""

import random
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bot.scenes.screen import Button, Screen
from prompts.instrument import INSTRUMENT, Axis
from tests.year.kinds import Kind

LONGEST_VISIT: Final = 90
"""Taps after which somebody puts the phone away, whatever they came for."""

DANGEROUS: Final = frozenset({"delete.yes", "leave.yes", "invite.withdraw", "settings.pictures", "pause", "zone.set"})
"""What nobody taps out of curiosity."""

PATIENCE: Final = 12
"""Taps after which somebody gives up what they came for."""

ANSWERS: Final = 4
"""The highest of the five answers, 0 to 4."""

NOISE: Final = 0.18
"""How far an answer strays from what somebody is like, as a part of the scale."""

_AXES: Final = {item.id: item for item in INSTRUMENT.items}


@dataclass(frozen=True, slots=True)
class Aim:
    """What somebody wants, as the buttons that lead there.

    Attributes:
        path: Kinds of taps, the nearest to the end first.
        ends: Kinds of taps after which it is reached.
    """

    path: tuple[str, ...]
    ends: frozenset[str]


def _aim(*path: str) -> Aim:
    return Aim(path, frozenset(path[:1]))


AIMS: Final = {
    "check in": Aim(("walk.begin", "begin", "walk", "checkin"), frozenset()),
    "show": _aim("share.set", "share.preview", "share", "picture"),
    "guess": _aim("guess.begin", "guess.offer", "picture"),
    "compare": _aim("compare"),
    "starter": _aim("starter"),
    "zone": _aim("zone.set", "zone.time", "zone", "settings"),
    "slot": _aim("settings.weekday+", "settings.weekday", "settings"),
    "hour": _aim("settings.hour+", "settings.hour", "settings"),
    "quiet": _aim("settings.quiet++", "settings.quiet+", "settings.quiet", "settings"),
    "pause": _aim("pause", "settings"),
    "text only": _aim("settings.pictures", "settings"),
    "invite": _aim("invite.make", "invite"),
    "join": _aim("join.name", "join.yes"),
    "leave": _aim("leave.yes", "leave", "settings"),
    "delete": _aim("delete.yes", "delete", "privacy"),
    "talked": _aim("joint.talked"),
    "thanks": _aim("thanks.send", "thanks.preview", "thanks"),
    "history": _aim("history"),
    "talk": _aim("talk.helped", "talk.do", "talk.ask", "talk.offer", "talk"),
}
"""By name. A kind with ``+`` is that kind with one value, with ``++`` with two."""


@dataclass(slots=True)
class Visit:
    """Somebody has the chat open.

    Attributes:
        aims: What they came for, in this order.
        wanders: Taps anywhere, afterwards.
        pauses_at: The tap at which they pause in the middle of the questions, or 0.
        taps: How many there were.
        tried: Whether the way through the menu was tried for the present aim.
        spent: Taps towards the present aim.
        curious: Whether the last tap was one anywhere.
    """

    aims: deque[str]
    wanders: int = 0
    pauses_at: int = 0
    taps: int = 0
    tried: bool = False
    spent: int = 0
    curious: bool = False


@dataclass(slots=True)
class Mind:
    """What somebody is like just now, which no bot can see.

    Attributes:
        kind: Their habits.
        chance: Their dice.
        i: The true size of "I", 0 to 1; it drifts.
        you: The true size of "you".
        level: What they want to show this week; None to choose nothing at all.
    """

    kind: Kind
    chance: random.Random
    i: float = 0.5
    you: float = 0.5
    level: str | None = None
    statements: dict[str, str] = field(default_factory=dict)

    def next_week(self) -> None:
        """A week goes by: both sizes drift a little, and it is open what will be shown."""
        self.i = min(0.95, max(0.05, self.i + self.chance.gauss(0, 0.06)))
        self.you = min(0.95, max(0.05, self.you + self.chance.gauss(0, 0.06)))
        self.level = self.chance.choices(("words", "sizes", "nothing", None), self.kind.shows)[0]

    def answer(self, screen: Screen) -> int:
        """The answer to the statement on a screen: 0 to 4."""
        for item_id, statement in self.statements.items():
            if statement in screen.text:
                item = _AXES[item_id]
                true = self.i if item.axis is Axis.I else self.you
                toward = true if item.key > 0 else 1 - true
                return round(ANSWERS * min(1.0, max(0.0, self.chance.gauss(toward, NOISE))))
        return self.chance.randint(0, ANSWERS)


def decide(mind: Mind, visit: Visit, screen: Screen, buttons: Iterable[Button]) -> Button | None:
    """The button that somebody taps next, or None to put the phone away."""
    shown = list(buttons)
    visit.taps += 1
    visit.curious = False
    if visit.taps > LONGEST_VISIT or not shown:
        return None
    kinds = {kind for one in shown for kind in _names(one)}
    if kinds & {"walk.answer", "guess.answer"}:
        if "guess.answer" in kinds and visit.aims and visit.aims[0] == "guess":
            _next_aim(visit)
        return _answer(mind, visit, screen, shown)
    if kinds & {"walk.wish", "walk.odd"}:
        chosen = mind.chance.choice([one for one in shown if _kind(one) in {"walk.wish", "walk.odd"}])
        if _kind(chosen) == "walk.odd" and visit.aims and visit.aims[0] == "check in":
            _next_aim(visit)  # the last question: nobody looks for them again afterwards
        return chosen
    if "walk.keep" in kinds or "walk.leave_out" in kinds:
        ends = [one for one in shown if _kind(one) in {"walk.keep", "walk.again", "walk.leave_out"}]
        return mind.chance.choices(ends, [3.0 if _kind(one) == "walk.keep" else 1.0 for one in ends])[0]
    while visit.aims:
        button = _toward(mind, visit, AIMS[visit.aims[0]], screen, shown)
        visit.spent += 1
        if button is not None and visit.spent <= PATIENCE:
            return button
        _next_aim(visit)
    if visit.wanders > 0:
        visit.wanders -= 1
        visit.curious = True
        harmless = [one for one in shown if _kind(one) not in DANGEROUS]
        return mind.chance.choice(harmless) if harmless else None
    return None


def _toward(mind: Mind, visit: Visit, aim: Aim, screen: Screen, shown: list[Button]) -> Button | None:
    for wanted in aim.path:
        fitting = [one for one in shown if wanted in _names(one) and _wanted(mind, one, screen)]
        if not fitting or (wanted == "picture" and screen.place.kind == "picture"):
            continue
        if wanted in aim.ends:
            _next_aim(visit)
        return mind.chance.choice(fitting)
    # Who stands where the way leads through, and finds it closed there, does not begin again at the menu.
    if visit.tried or screen.place.kind in aim.path or aim is AIMS["talked"]:
        return None
    visit.tried = True
    return next((one for one in shown if _kind(one) == "home"), None)


def _next_aim(visit: Visit) -> None:
    if visit.aims:
        visit.aims.popleft()
    visit.tried, visit.spent = False, 0


def _wanted(mind: Mind, button: Button, screen: Screen) -> bool:
    """Whether a button of the right kind says the right thing: the level that is to be shown."""
    if button.tap is None or button.tap.kind not in {"share.preview", "share.set"}:
        return True
    if button.tap.args[-1] != mind.level:
        return False
    return button.tap.kind == "share.set" or screen.place.args[-1:] != (mind.level,)


def _answer(mind: Mind, visit: Visit, screen: Screen, shown: list[Button]) -> Button:
    kinds = {_kind(one): one for one in shown}
    if visit.pauses_at and visit.taps >= visit.pauses_at and "walk.pause" in kinds:
        visit.aims.clear()
        visit.wanders = 0
        return kinds["walk.pause"]
    asked = "walk.answer" if "walk.answer" in kinds else "guess.answer"
    roll = mind.chance.random()
    if roll < mind.kind.skips:
        return kinds[asked]  # the last of its kind is Skip
    others = [kind for kind in ("walk.back", "walk.sketch", "guess.back", "guess.stop") if kind in kinds]
    if roll > 0.97 and others:
        return kinds[mind.chance.choice(others)]
    value = 2 if mind.kind.hurried else mind.answer(screen)
    return next(one for one in shown if one.tap and one.tap.kind == asked and one.tap.args[-1] == str(value))


def _kind(button: Button) -> str:
    return button.tap.kind if button.tap else ""


def _names(button: Button) -> tuple[str, ...]:
    """The kind, and the kind with a ``+`` for each of its values."""
    return () if button.tap is None else (button.tap.kind, button.tap.kind + "+" * len(button.tap.args))
