"""What a finished check-in says, as it is stored, shown and cut down for a partner."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from bot.dance.change import shifts as lasting_shifts
from bot.dance.course import Course
from bot.dance.patterns import State, Wording, balance, patterns, wording
from bot.dance.sizes import Grids, Reading, Size

Magnitude = Literal["big", "middle", "small"]

EIGHTY_PERCENT = 1.2816
"""Half the width of an 80 % band of a normal distribution, in standard deviations."""

USUAL_FROM_WEEK = 4
"""The ring of the usual is drawn from this week on (docs/measurement.md)."""

BIG_I = frozenset({State.INTEGRATED, State.ISOLATED})
BIG_YOU = frozenset({State.INTEGRATED, State.ENGULFED})


@dataclass(frozen=True, slots=True)
class Measure:
    """One axis: this week's size with its 80 % band, and the usual (all 0 to 100)."""

    size: float
    low: float
    high: float
    usual: float | None = None
    usual_low: float | None = None
    usual_high: float | None = None
    p_big: float | None = None

    @property
    def likely_within(self) -> float:
        """How far the band reaches from the size, to whichever side it reaches further, in points."""
        return max(self.size - self.low, self.high - self.size)

    def as_size(self) -> Size:
        """The size as the model takes it; its spread is read back from the band."""
        spread = (self.high - self.low) / (2 * EIGHTY_PERCENT)
        return Size(mean=self.size, sd=spread, low=self.low, high=self.high, p_big=self.p_big or 0.0)


@dataclass(frozen=True, slots=True)
class Result:
    """Sizes and words of one check-in.

    Attributes:
        i: The size of "I".
        you: The size of "you".
        wording: ("named", state), ("between", state, state) or ("unclear",); empty where words were not shown.
        weight: 1, or 0.3 for answers given in a hurry.
        week: The person's week number.
        wish: Code of the wish, or None.
        unusual: Whether the person called the week unusual.
        shifts: Lasting change that may be spoken of, by axis: ("changed" or "maybe", "larger" or "smaller").
    """

    i: Measure
    you: Measure
    wording: tuple[str, ...] = ()
    weight: float = 1.0
    week: int = 0
    wish: str | None = None
    unusual: bool = False
    shifts: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def to_json(self) -> str:
        """The text that storage seals and can cut down."""
        return json.dumps(
            {
                "I": {name: value for name, value in asdict(self.i).items() if value is not None},
                "you": {name: value for name, value in asdict(self.you).items() if value is not None},
                "wording": list(self.wording),
                "weight": self.weight,
                "week": self.week,
                "wish": self.wish,
                "unusual": self.unusual,
                "shifts": dict(self.shifts),
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> "Result":
        """Read a stored result, whole or cut down to what was shown."""
        found: dict[str, Any] = json.loads(text)
        return cls(
            i=Measure(**found["I"]),
            you=Measure(**found["you"]),
            wording=tuple(found.get("wording", ())),
            weight=found.get("weight", 1.0),
            week=found.get("week", 0),
            wish=found.get("wish"),
            unusual=found.get("unusual", False),
            shifts={axis: tuple(shift) for axis, shift in found.get("shifts", {}).items()},
        )

    def probabilities(self) -> dict[State, float]:
        """How likely each state is; only for one's own, whole result."""
        return patterns(self.i.p_big or 0.0, self.you.p_big or 0.0)

    def spoken(self) -> Wording:
        """The wording as the model knows it."""
        kind, *states = self.wording or ("unclear",)
        return Wording(kind, tuple(State(name) for name in states))  # type: ignore[arg-type]  # stored by `score`

    def balance(self) -> str | None:
        """Which circle looks larger, "I" or "you", or "same"; None where the words have said so or nothing can be said."""
        said = self.spoken()
        if said.kind == "between" or set(said.states) & {State.ENGULFED, State.ISOLATED}:
            return None
        return balance(self.i.as_size(), self.you.as_size())

    @property
    def has_usual(self) -> bool:
        """Whether the ring of the usual is drawn."""
        return self.week >= USUAL_FROM_WEEK and self.i.usual is not None

    def magnitudes(self) -> tuple[Magnitude, Magnitude]:
        """How "I" and "you" are called, told from the wording alone, so that no word says more than it."""
        states = set(self.spoken().states)
        return _magnitude(states, BIG_I), _magnitude(states, BIG_YOU)


def _magnitude(states: set[State], big: frozenset[State]) -> Magnitude:
    """Big if every likely state has it big, small if none, else near the middle."""
    if states and states <= big:
        return "big"
    if states and not states & big:
        return "small"
    return "middle"


def _measure(reading: Reading) -> Measure:
    return Measure(
        size=round(reading.now.mean, 2),
        low=round(reading.now.low, 2),
        high=round(reading.now.high, 2),
        usual=round(reading.usual.mean, 2),
        usual_low=round(reading.usual.low, 2),
        usual_high=round(reading.usual.high, 2),
        p_big=round(reading.now.p_big, 4),
    )


def score(grids: Grids, *, weight: float, week: int, wish: str | None, unusual: bool) -> Result:
    """Read the filter after a check-in."""
    sizes = grids.sizes()
    said = wording(patterns(sizes.i.now.p_big, sizes.you.now.p_big))
    return Result(
        i=_measure(sizes.i),
        you=_measure(sizes.you),
        wording=(said.kind, *(state.value for state in said.states)),
        weight=weight,
        week=week,
        wish=wish,
        unusual=unusual,
    )


def with_shifts(result: Result, before: Course | None, course: Course) -> Result:
    """The same result with what may be said of lasting change after a check-in and the one before it."""
    found = lasting_shifts(before, course)
    return replace(result, shifts={axis.value: (shift.certainty, shift.direction) for axis, shift in found.items()})
