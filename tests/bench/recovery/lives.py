"""Simulated weeks: a first form, six statements a week by rotation, every eighth week all twenty, some weeks missed."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.dance.course import BLOCK_WEEKS
from bot.dance.walk import Form, statements_of
from tests.bench.recovery.twin import AXES, Read, Twin
from tests.bench.recovery.worlds import (
    ABSENT,
    ITEMS,
    PLACES,
    Floats,
    Whole,
    World,
    answered,
    drawn_crowd,
    drawn_wording,
    paired,
    size_of,
    theta_of,
)

WEEKS: Final = 24
MISSED: Final = 0.15  # of the weeks after the first
NOTHING, WEEKLY, LONG = range(3)
NEVER: Final = -1
ROOM: Final = 4.0  # points that a true change leaves to both ends of the scale


Weeks = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lives:
    """What is true and what was answered; weeks by people, then axes or statements.

    Attributes:
        usual: Where people usually are, on theta.
        theta: Where they are that week, on theta.
        keyed: Answers, reversed ones turned round, `ABSENT` where not asked.
        forms: `NOTHING`, `WEEKLY` or `LONG`.
    """

    usual: Floats
    theta: Floats
    keyed: Whole
    forms: Whole


def lived(
    world: World,
    rng: np.random.Generator,
    people: int,
    *,
    weeks: int = WEEKS,
    missed: float = MISSED,
    change_points: float = 0.0,
    long_every: int = BLOCK_WEEKS,
) -> Lives:
    """Return the weeks of some people who share one drawn questionnaire.

    Args:
        world: How they answer.
        rng: Chance.
        people: How many.
        weeks: How many after the first form.
        missed: Share of those without a check-in.
        change_points: By how much the usual of both axes moves at the beginning of week 8, in points of size: up or
            down by chance, where the scale leaves room for it.
        long_every: After how many weeks the long form comes again.
    """
    wording, crowd = drawn_wording(world, rng), drawn_crowd(world, rng, people)
    usual, theta = _places(world, rng, crowd.usual, weeks, change_points)
    forms = _forms(rng, people, weeks, missed, long_every)
    keyed = np.stack([answered(wording, crowd, place, rng) for place in theta])
    for week, row in enumerate(forms):
        asked = np.zeros((LONG + 1, len(ITEMS)), dtype=bool)
        asked[WEEKLY, [PLACES[item_id] for item_id in statements_of(Form.WEEKLY, week)]] = True
        asked[LONG] = True
        keyed[week][~asked[row]] = ABSENT
    return Lives(usual, theta, keyed, forms)


def _places(
    world: World, rng: np.random.Generator, usual: Floats, weeks: int, change_points: float
) -> tuple[Floats, Floats]:
    """Return where people usually are and where they are, in each week."""
    moved = _changed(rng, usual, change_points) if change_points else usual
    news = world.week_sd * np.sqrt(1 - world.carry**2)
    week = world.week_sd * paired(world, rng, len(usual))
    drift = np.zeros_like(usual)
    usuals, thetas = [], []
    for number in range(weeks + 1):
        if number:
            week = world.carry * week + news * paired(world, rng, len(usual))
            drift = drift + world.drift_sd * paired(world, rng, len(usual))
        here = (moved if number >= BLOCK_WEEKS else usual) + drift
        usuals.append(here)
        thetas.append(here + week)
    return np.stack(usuals), np.stack(thetas)


def _changed(rng: np.random.Generator, usual: Floats, points: float) -> Floats:
    before = np.clip(size_of(usual), ROOM, 100 - ROOM)
    sign = np.where(rng.random(before.shape) < 1 / 2, -1, 1)
    sign = np.where(before + points > 100 - ROOM, -1, np.where(before - points < ROOM, 1, sign))
    return usual + theta_of(before + sign * points) - theta_of(before)


def _forms(rng: np.random.Generator, people: int, weeks: int, missed: float, long_every: int) -> Whole:
    """Return which form each person answers each week: a long one as soon as enough weeks lie behind the last."""
    forms = np.full((weeks + 1, people), NOTHING, dtype=np.int8)
    forms[0] = LONG
    last_long = np.zeros(people, dtype=np.int64)
    for week in range(1, weeks + 1):
        there = rng.random(people) >= missed
        due = there & (week - last_long >= long_every)
        forms[week] = np.where(due, LONG, np.where(there, WEEKLY, NOTHING))
        last_long = np.where(due, week, last_long)
    return forms


@dataclass(frozen=True, slots=True)
class Followed:
    """What the filter reads in each week, those without a check-in included: this week, and the usual."""

    now: list[Read]
    usual: list[Read]


def followed(twin: Twin, lives: Lives) -> Followed:
    """Run the filter along."""
    known = twin.start(lives.forms.shape[1])
    now, usual = [], []
    for week, keyed in enumerate(lives.keyed):
        weight = np.where(lives.forms[week] == LONG, twin.long_again, 1.0) if week else 1.0
        known = twin.answered(twin.week(known) if week else known, keyed, weight)
        now.append(twin.now(known))
        usual.append(twin.usual(known))
    return Followed(now, usual)


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks of eight weeks, each scored afresh; blocks by people, then axes.

    Attributes:
        week: In which check-in a block turned out complete; `NEVER` if it did not.
        mean: Its usual, in points.
        sd: The standard error of that without the floor, in points.
    """

    week: Weeks
    mean: Floats
    sd: Floats

    def z(self, later: int) -> Floats:
        """Return a block minus the first one in standard errors, people by axes."""
        found: Floats = (self.mean[later] - self.mean[0]) / np.hypot(self.sd[0], self.sd[later])
        return found


def spoken(z: Floats, least: float) -> Weeks:
    """Return 1 or -1 where a comparison of blocks reaches so many standard errors, else 0."""
    return np.where(np.abs(z) >= least, np.sign(z), 0).astype(np.int64)


def blocks(twin: Twin, lives: Lives) -> Blocks:
    """Score the blocks of `bot.dance.course`: a long form eight weeks or more into one begins the next."""
    people = lives.forms.shape[1]
    number = len(lives.forms) // BLOCK_WEEKS + 1
    week_of = np.full((number, people), NEVER)
    mean, sd = np.zeros((2, number, people, AXES))
    known = fresh = twin.start(people)
    begun, present, everybody = np.zeros(people, dtype=np.int64), np.zeros(people, dtype=np.int64), np.arange(people)
    for week, (keyed, forms) in enumerate(zip(lives.keyed, lives.forms, strict=True)):
        there, ended = forms != NOTHING, week - begun >= BLOCK_WEEKS
        anew = ended & (forms == LONG)
        _note(week_of, present, week, anew)
        begun, present = np.where(anew, week, begun), present + anew
        before = twin.week(known) if week else known
        known = twin.answered(fresh.where(anew, before), keyed)
        read, joins = twin.usual(known, floor=False), there & (anew | ~ended)
        mean[present[joins], everybody[joins]] = read.mean[joins]
        sd[present[joins], everybody[joins]] = read.sd[joins]
        _note(week_of, present, week, there & (week - begun >= BLOCK_WEEKS - 1))
    return Blocks(week_of, mean, sd)


def _note(week_of: Weeks, present: Weeks, week: int, complete: npt.NDArray[np.bool_]) -> None:
    """Note the week for those whose present block is complete, unless it was so before."""
    news = complete & (week_of[present, np.arange(len(present))] == NEVER)
    week_of[present[news], np.flatnonzero(news)] = week
