"""Lasting change or noise: two blocks of eight weeks compared. A single odd week is never called anything.

    z = (m2 - m1) / sqrt(sd1**2 + sd2**2),   |z| >= 1.645 "changed",   1.28 <= |z| < 1.645 "maybe"

with the usual of each block, scored afresh, without the error floor: both blocks hold the same statements, so that what
a person reads into them cancels. docs/measurement.md, "Lasting change": about 18 points are needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Final, Literal

from bot.dance.course import BLOCK_WEEKS, Course
from bot.dance.sizes import Grids
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


def shifts(courses: Sequence[Course]) -> dict[Axis, Shift]:
    """Return what may be said of lasting change after the last of a person's check-ins.

    It speaks only at the check-in that completes a block, so at most once in eight weeks for an axis.

    Args:
        courses: One for each check-in that counts, oldest first.
    """
    blocks = _complete_blocks(courses)
    if len(blocks) < COMPARED or len(blocks) == len(_complete_blocks(courses[:-1])):
        return {}
    found = {axis: _shift(axis, blocks[0], blocks[-1]) for axis in Axis}
    return {axis: shift for axis, shift in found.items() if shift is not None}


def _complete_blocks(courses: Sequence[Course]) -> list[Grids]:
    """Return each block as its last check-in left it, oldest first, without one that still runs."""
    last = {course.block_week: course.block for course in courses}
    running = bool(courses) and courses[-1].week - courses[-1].block_week < BLOCK_WEEKS - 1
    blocks = list(last.values())
    return blocks[:-1] if running else blocks


def _shift(axis: Axis, earlier: Grids, later: Grids) -> Shift | None:
    one, other = ((grids.i if axis is Axis.I else grids.you).reading(floor=False).usual for grids in (earlier, later))
    certainty = lasting_change(one.mean, one.sd, other.mean, other.sd)
    if certainty is None:
        return None
    return Shift(certainty, "larger" if other.mean > one.mean else "smaller")
