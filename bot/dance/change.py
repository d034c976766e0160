"""Lasting change or noise: two blocks of eight weeks compared. A single odd week is never called anything.

    z = (m2 - m1) / sqrt(sd1**2 + sd2**2),   |z| >= 1.645 "changed",   1.28 <= |z| < 1.645 "maybe"

with the usual of each block, scored afresh, without the error floor: both blocks hold the same statements, so that what
a person reads into them cancels. docs/measurement.md, "Lasting change": about 18 points are needed.
"""

from dataclasses import dataclass
from math import hypot
from typing import Final, Literal

from bot.dance.course import Course, Usual, Usuals, usuals
from prompts.instrument import Axis

CHANGED_AT: Final = 1.645  # 4 % false alarms in simulation, either way
MAYBE_AT: Final = 1.28  # 10 %
COMPARED: Final = 2  # blocks that it takes

Certainty = Literal["changed", "maybe"]


@dataclass(frozen=True, slots=True)
class Shift:
    """What may be said of one axis, the first eight weeks against the latest eight.

    Attributes:
        certainty: It has probably changed, or may be changing.
        direction: Whether the circle is now larger or smaller.
    """

    certainty: Certainty
    direction: Literal["larger", "smaller"]


def lasting_change(m1: float, sd1: float, m2: float, sd2: float) -> Certainty | None:
    """Return how sure a change is between two means with their standard errors, or None.

    Args:
        m1: Usual of the earlier block, in points.
        sd1: Its standard error without the floor, in points.
        m2: Usual of the later block.
        sd2: Its standard error without the floor.
    """
    z = abs(m2 - m1) / hypot(sd1, sd2)
    if z >= CHANGED_AT:
        return "changed"
    return "maybe" if z >= MAYBE_AT else None


def shifts(before: Course | None, course: Course) -> dict[Axis, Shift]:
    """Return what may be said of lasting change after a check-in.

    It speaks only at the check-in that completes a block, so at most once in eight weeks for an axis.

    Args:
        before: What was known after the person's check-in before it, or None.
        course: What is known after it.
    """
    later = _completed(before, course)
    if before is None or before.first is None or later is None:
        return {}
    pairs = {Axis.I: (before.first.i, later.i), Axis.YOU: (before.first.you, later.you)}
    found = {axis: _shift(*pair) for axis, pair in pairs.items()}
    return {axis: shift for axis, shift in found.items() if shift is not None}


def _completed(before: Course | None, course: Course) -> Usuals | None:
    """Return what the block came to that a check-in completed: its own, or the one that it left behind unfinished."""
    if before is None or before.is_block_complete:
        return None
    if course.block_week != before.block_week:
        return usuals(before.block)
    return usuals(course.block) if course.is_block_complete else None


def _shift(earlier: Usual, later: Usual) -> Shift | None:
    certainty = lasting_change(earlier.mean, earlier.sd, later.mean, later.sd)
    if certainty is None:
        return None
    return Shift(certainty, "larger" if later.mean > earlier.mean else "smaller")
