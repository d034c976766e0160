"""Two people side by side, without a score: the pair of their states, differing circles, and guesses.

docs/measurement.md, "Two people". Nothing here says who is closer or who is right.
"""

from math import hypot
from typing import Final, Literal

from bot.dance.patterns import Wording, larger
from bot.dance.sizes import Size, normal_below

GUESS_APART: Final = 10.0  # points
GUESS_AT: Final = 0.70  # with this, the direction was right in 90 of 100 simulated guesses


def pair_of(a: Wording, b: Wording) -> str | None:
    """Return the pair of the two likelier states, such as "Engulfed+Isolated", or None when either is unclear.

    Only what was said decides, so that a starter for two never tells more than the words that both showed.

    Args:
        a: What was said of one person.
        b: What was said of the other.
    """
    if not a.states or not b.states:
        return None
    return "+".join(sorted(said.states[0].value.capitalize() for said in (a, b)))


def difference(mine: Size, theirs: Size) -> Literal["larger", "smaller", "alike"]:
    """Return whether the reader's own circle is surely enough larger or smaller than the partner's."""
    if larger(mine, theirs):
        return "larger"
    return "smaller" if larger(theirs, mine) else "alike"


def guess_gap(guess: Size, own: Size) -> Literal["larger", "smaller"] | None:
    """Return whether the partner's own circle is larger or smaller than guessed, or None when that is not clear.

    Said only if P(gap beyond 10 points in that direction) >= .70, with sd_gap = sqrt(sd_guess**2 + sd_own**2).

    Args:
        guess: The size that the guesses amount to.
        own: The partner's own size.
    """
    gap, sd = own.mean - guess.mean, hypot(guess.sd, own.sd)
    if normal_below((gap - GUESS_APART) / sd) >= GUESS_AT:
        return "larger"
    return "smaller" if normal_below((-gap - GUESS_APART) / sd) >= GUESS_AT else None
