"""From two sizes to words: a state of mind as a probability, and what may be said of it.

docs/measurement.md, "From sizes to words". A state belongs to a week, never to a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import hypot
from typing import Final, Literal

from bot.dance.sizes import Size, normal_below
from prompts.instrument import INSTRUMENT

APART: Final = 5.0  # points: a smaller difference is not worth a word
APART_AT: Final = 0.80  # with this, the direction was right in 97 of 100 simulated cases
SAME_WITHIN: Final = 15.0  # points
SAME_AT: Final = 0.70  # with this, 93 of 100 simulated pairs were truly within 20 points


class State(StrEnum):
    """The four states of mind that everybody passes through."""

    INTEGRATED = "integrated"
    ENGULFED = "engulfed"
    ISOLATED = "isolated"
    ADRIFT = "adrift"


@dataclass(frozen=True, slots=True)
class Wording:
    """What may be said of a week.

    Attributes:
        kind: One state is named, or it is between two, or there is no clear pattern.
        states: The one named, or the two, the likelier first; empty when unclear.
    """

    kind: Literal["named", "between", "unclear"]
    states: tuple[State, ...]


def patterns(p_i: float, p_you: float) -> dict[State, float]:
    """Return the probability of each state; they add up to one.

    Args:
        p_i: Probability that "I" is big.
        p_you: Probability that "you" is big.
    """
    return {
        State.INTEGRATED: p_i * p_you,
        State.ENGULFED: (1 - p_i) * p_you,
        State.ISOLATED: p_i * (1 - p_you),
        State.ADRIFT: (1 - p_i) * (1 - p_you),
    }


def likeliest(probabilities: Mapping[State, float]) -> tuple[State, ...]:
    """Return the states, the likeliest first; equal ones in the order of `State`."""
    return tuple(sorted(State, key=lambda state: -probabilities[state]))


def wording(probabilities: Mapping[State, float]) -> Wording:
    """Return what may be said of these probabilities."""
    first, second, *_ = likeliest(probabilities)
    scoring = INSTRUMENT.scoring
    if probabilities[first] >= scoring.name_at:
        return Wording("named", (first,))
    if probabilities[first] + probabilities[second] >= scoring.between_at:
        return Wording("between", (first, second))
    return Wording("unclear", ())


def larger(one: Size, other: Size) -> bool:
    """Tell whether one circle is surely enough the larger: at least 80 % sure of more than 5 points."""
    return _chance_above(one, other, APART) >= APART_AT


def balance(i: Size, you: Size) -> Literal["I", "you", "same"] | None:
    """Return which circle of a person looks larger, or "same", or None when nothing can be said.

    With D the difference of two normal sizes: a circle is larger if P(D beyond 5 points) >= .80; they are about the
    same if P(|D| < 15 points) >= .70. Both may be small and the same.
    """
    if larger(i, you):
        return "I"
    if larger(you, i):
        return "you"
    within = 1 - _chance_above(i, you, SAME_WITHIN) - _chance_above(you, i, SAME_WITHIN)
    return "same" if within >= SAME_AT else None


def _chance_above(one: Size, other: Size, points: float) -> float:
    """Return the probability that one size exceeds the other by more than some points."""
    return normal_below((one.mean - other.mean - points) / hypot(one.sd, other.sd))
