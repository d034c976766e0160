"""One person's measurement from check-in to check-in: the running filter and the present block of eight weeks.

The running filter never begins anew, whichever form is answered; weeks between check-ins pass as weeks without
answers. Beside it each block of eight weeks is scored afresh from a long form on, so that two blocks can be compared
for lasting change without knowing any single answer (docs/measurement.md, "Lasting change"). Of the first block its
usual goes along. So a course is all that must be kept of a person, and one takes the place of the one before.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Self

from bot.dance.sizes import FULL_WEIGHT, GRIDS_BYTES, Filter, Grids
from bot.dance.walk import Form
from prompts.instrument import INSTRUMENT

BLOCK_WEEKS: Final = INSTRUMENT.full_again_every_weeks
_HEAD = struct.Struct("<2I")
_FIRST = struct.Struct("<4d")


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual of one axis after a block.

    Attributes:
        mean: Expected size in points.
        sd: Its standard error in points, without the floor: blocks are compared with blocks of the same person.
    """

    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Usuals:
    """The usual of both axes after a block: all that a comparison of blocks needs of it."""

    i: Usual
    you: Usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is known of a person after a check-in.

    Attributes:
        week: The person's week of that check-in.
        grids: Everything so far, this week and the usual.
        block_week: The week in which the present block began.
        block: The present block alone, scored afresh.
        first: What the first block came to, once another has begun.
    """

    week: int
    grids: Grids
    block_week: int
    block: Grids
    first: Usuals | None = None

    @property
    def is_block_complete(self) -> bool:
        """Whether the eighth week of the present block is in."""
        return self.week - self.block_week >= BLOCK_WEEKS - 1

    def to_bytes(self) -> bytes:
        """Return it as bytes, a few more from the second block on; a seal pads them to one length."""
        content = _HEAD.pack(self.week, self.block_week) + self.grids.to_bytes() + self.block.to_bytes()
        if self.first is None:
            return content
        i, you = self.first.i, self.first.you
        return content + _FIRST.pack(i.mean, i.sd, you.mean, you.sd)

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Return the course that `to_bytes` wrote.

        Raises:
            ValueError: The content is no course.
        """
        if len(content) < _HEAD.size:
            raise ValueError("These bytes are no course.")
        week, block_week = _HEAD.unpack_from(content)
        middle, end = _HEAD.size + GRIDS_BYTES, _HEAD.size + 2 * GRIDS_BYTES
        return cls(
            week=week,
            grids=Grids.from_bytes(content[_HEAD.size : middle]),
            block_week=block_week,
            block=Grids.from_bytes(content[middle:end]),
            first=_first(content[end:]),
        )


def _first(content: bytes) -> Usuals | None:
    if not content:
        return None
    if len(content) != _FIRST.size:
        raise ValueError("These bytes are no course.")
    i_mean, i_sd, you_mean, you_sd = _FIRST.unpack(content)
    return Usuals(Usual(i_mean, i_sd), Usual(you_mean, you_sd))


def usuals(block: Grids) -> Usuals:
    """Return what a block came to."""
    return Usuals(_usual(block.i), _usual(block.you))


def _usual(axis: Filter) -> Usual:
    found = axis.reading(floor=False).usual
    return Usual(found.mean, found.sd)


def resumed(kept: Sequence[Course]) -> Course | None:
    """Return the course from which a person goes on.

    Args:
        kept: What is kept of the person, oldest first: the last course, or all of them where version 0.1.0 kept them.
    """
    if not kept:
        return None
    ended = (earlier.block for earlier, later in pairwise(kept) if earlier.block_week != later.block_week)
    first = next((usuals(block) for block in ended), kept[-1].first)
    return replace(kept[-1], first=first)


def advance(
    before: Course | None, *, form: Form, week: int, raw: Mapping[str, int | None], weight: float = FULL_WEIGHT
) -> Course:
    """Return what is known after one more check-in.

    Args:
        before: What was known after the last check-in that counts, or None.
        form: Which form was answered; a long form eight weeks or more into a block begins the next block.
        week: The person's week of this check-in, not before the last one's.
        raw: Raw answers 0 to 4 by item id as tapped, None for Skip.
        weight: 1, or `bot.dance.care.DOUBT_WEIGHT` for doubtful answers that the person keeps.

    Raises:
        ValueError: The week lies before the last one, or an answer or the weight is impossible.
        KeyError: An id is no statement.
    """
    if before is None:
        fresh = Grids.start().answered(raw, weight)
        return Course(week=week, grids=fresh, block_week=week, block=fresh)
    passed = week - before.week
    grids = before.grids.weeks(passed).answered(raw, weight)
    if week - before.block_week < BLOCK_WEEKS:
        block = before.block.weeks(passed).answered(raw, weight)
        return replace(before, week=week, grids=grids, block=block)
    if form is Form.WEEKLY:  # a block is eight weeks; it waits for a long form to be followed by the next
        return replace(before, week=week, grids=grids)
    return Course(
        week=week,
        grids=grids,
        block_week=week,
        block=Grids.start().answered(raw, weight),
        first=before.first or usuals(before.block),
    )
