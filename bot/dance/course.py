"""One person's measurement from check-in to check-in: the running filter and the present block of eight weeks.

The running filter never begins anew, whichever form is answered; weeks between check-ins pass as weeks without
answers. Beside it each block of eight weeks is scored afresh from a long form on, so that two blocks can be compared
for lasting change without knowing any single answer (docs/measurement.md, "Lasting change").
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from bot.dance.sizes import FULL_WEIGHT, Grids
from bot.dance.walk import Form
from prompts.instrument import INSTRUMENT

BLOCK_WEEKS: Final = INSTRUMENT.full_again_every_weeks
_HEAD = struct.Struct("<2I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is known of a person after a check-in.

    Attributes:
        week: The person's week of that check-in.
        grids: Everything so far, this week and the usual.
        block_week: The week in which the present block began.
        block: The present block alone, scored afresh.
    """

    week: int
    grids: Grids
    block_week: int
    block: Grids

    def to_bytes(self) -> bytes:
        """Return it in a fixed number of bytes."""
        return _HEAD.pack(self.week, self.block_week) + self.grids.to_bytes() + self.block.to_bytes()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Return the course that `to_bytes` wrote.

        Raises:
            ValueError: The content is no course.
        """
        if len(content) < _HEAD.size:
            raise ValueError("These bytes are no course.")
        week, block_week = _HEAD.unpack_from(content)
        rest = content[_HEAD.size :]
        middle = len(rest) // 2
        grids, block = Grids.from_bytes(rest[:middle]), Grids.from_bytes(rest[middle:])
        return cls(week=week, grids=grids, block_week=block_week, block=block)


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
        return Course(week=week, grids=grids, block_week=before.block_week, block=block)
    if form is Form.WEEKLY:  # a block is eight weeks; it waits for a long form to be followed by the next
        return Course(week=week, grids=grids, block_week=before.block_week, block=before.block)
    return Course(week=week, grids=grids, block_week=week, block=Grids.start().answered(raw, weight))
