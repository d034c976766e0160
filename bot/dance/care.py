"""Answers given without reading: a gentle question to the person, never an accusation, never a deletion.

docs/measurement.md, "Careless answers". Slow random tapping cannot be found, and nothing here claims it can. Two rules
of the study behind it are left out because they can never decide: a median under 1.5 seconds means that half lie under
2 seconds anyway, and contradiction between the two statements of a facet counts only together with too much speed.
"""

from itertools import groupby
from typing import Final

from bot.dance.walk import Form, Walk
from prompts.instrument import ANSWER_VALUES

DOUBT_WEIGHT: Final = 0.3  # what a doubtful form weighs when the person keeps it
TOO_FAST: Final = 20  # tenths of a second: nobody reads a statement and chooses in less
FAST_SHARE: Final = 0.5  # of the answered statements
STRAIGHT_LINE: Final = 9  # equal raw answers in a row through mixed statements
MIDDLE: Final = ANSWER_VALUES // 2  # six times "half true" can be meant


def doubtful(walk: Walk) -> bool:
    """Tell whether a form was likely tapped through without reading.

    That is so if at least half of the answers came in under two seconds each; or, in a long form, if nine or more raw
    answers in a row are equal; or, in a weekly form, if all six are equal and not "half true". Skipped statements count
    as absent.
    """
    given = [reply for reply in walk.replies if reply.value is not None]
    if not given:
        return False
    fast = sum(reply.tenths < TOO_FAST for reply in given)
    return fast >= FAST_SHARE * len(given) or _straight([reply.value for reply in given], walk)


def _straight(values: list[int | None], walk: Walk) -> bool:
    longest = max(len(list(run)) for _, run in groupby(values))
    if walk.form is Form.WEEKLY:
        return longest == walk.total and values[0] != MIDDLE
    return longest >= STRAIGHT_LINE
