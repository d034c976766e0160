"""The vectorised twin against the real code of `bot.dance`: equal sizes, equal words about change."""

import numpy as np

from bot.dance.care import DOUBT_WEIGHT
from bot.dance.change import CHANGED_AT, MAYBE_AT, shifts
from bot.dance.course import Course, advance
from bot.dance.sizes import FULL_WEIGHT, Grids, Size
from bot.dance.walk import Form
from prompts.instrument import ANSWER_VALUES, Axis
from tests.bench.recovery.lives import NOTHING, WEEKLY, Blocks, Lives, blocks
from tests.bench.recovery.twin import Read, Twin
from tests.bench.recovery.worlds import ABSENT, ITEMS, raw

ALIKE = 1e-9  # target T16
HISTORY_WEEKS = 6


def largest_difference(rng: np.random.Generator, people: int) -> float:
    """Return how far twin and real code are apart at most, in points, over random histories.

    Each has forms with random answers, random gaps in them and random weights, and some weeks between them.
    """
    twin = Twin()
    keyed = rng.integers(0, ANSWER_VALUES, (HISTORY_WEEKS, people, len(ITEMS))).astype(np.int8)
    keyed[rng.random(keyed.shape) < rng.random((HISTORY_WEEKS, people, 1))] = ABSENT
    weights = np.where(rng.random((HISTORY_WEEKS, people)) < 1 / 4, DOUBT_WEIGHT, FULL_WEIGHT)
    known = twin.start(people)
    real = [Grids.start() for _ in range(people)]
    worst = 0.0
    for answers, weight in zip(keyed, weights, strict=True):
        known = twin.answered(twin.week(known), answers, weight)
        real = [
            grids.weeks(1).answered(raw(own), float(heavy))
            for grids, own, heavy in zip(real, answers, weight, strict=True)
        ]
        now, usual = twin.now(known), twin.usual(known)
        for person, grids in enumerate(real):
            read = grids.sizes()
            for axis, both in enumerate((read.i, read.you)):
                worst = max(worst, _apart(now, person, axis, both.now), _apart(usual, person, axis, both.usual))
    return worst


def _apart(found: Read, person: int, axis: int, real: Size) -> float:
    pairs = (
        (found.mean, real.mean),
        (found.sd, real.sd),
        (found.low, real.low),
        (found.high, real.high),
        (found.p_big, real.p_big),
    )
    return max(abs(float(values[person, axis]) - expected) for values, expected in pairs)


def courses(lives: Lives, person: int) -> list[Course]:
    """Return the course of one simulated person through the real code."""
    found: list[Course] = []
    for week, form in enumerate(lives.forms[:, person]):
        if form == NOTHING:
            continue
        asked = Form.WEEKLY if form == WEEKLY else (Form.FULL if week else Form.FIRST)
        before = found[-1] if found else None
        found.append(advance(before, form=asked, week=week, raw=raw(lives.keyed[week, person])))
    return found


def disagreements(lives: Lives) -> int:
    """Return in how many check-ins the twin and `bot.dance.change.shifts` say different things about lasting change."""
    found = blocks(Twin(), lives)
    wrong = 0
    for person in range(lives.forms.shape[1]):
        through = courses(lives, person)
        for before, course in zip([None, *through], through, strict=False):
            said = {axis: (shift.certainty, shift.direction) for axis, shift in shifts(before, course).items()}
            wrong += said != _expected(found, person, course.week)
    return wrong


def _expected(found: Blocks, person: int, week: int) -> dict[Axis, tuple[str, str]]:
    """Return what the twin says about a person in the check-in of a week."""
    said = {}
    for later in np.flatnonzero(found.week[:, person] == week).tolist():
        for axis, z in zip(Axis, found.z(later)[person], strict=True):
            if later and abs(z) >= MAYBE_AT:
                said[axis] = "changed" if abs(z) >= CHANGED_AT else "maybe", "larger" if z > 0 else "smaller"
    return said
