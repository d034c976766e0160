"""Run the worlds and gather every quantity that has a target, draw by draw."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.dance.change import CHANGED_AT, MAYBE_AT
from bot.dance.course import BLOCK_WEEKS
from bot.dance.walk import Form
from tests.bench.recovery import careless, forms, proof
from tests.bench.recovery.guesses import Belief, gaps
from tests.bench.recovery.lives import NEVER, NOTHING, WEEKS, blocks, followed, lived, spoken
from tests.bench.recovery.twin import Twin
from tests.bench.recovery.worlds import CLEAN, HARSH, MESSY, Floats, World, size_of

SEED: Final = 20_261_122  # the day the study was written; each run and draw adds its own number
CHANGES: Final = (0, 20, 30)  # points of lasting change that have a target
CHANGE_WEEKS: Final = 27  # enough for three blocks of eight weeks when long forms come late
FEWEST: Final = 6  # draws, however small the scale


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is simulated. Questionnaires differ more than crowds of this size do, so there are many of them.

    Attributes:
        draws: Questionnaires a world.
        people: People a draw with a first form.
        followed: People a draw who are followed through the weeks.
        proven: People through twin and real code alike.
    """

    draws: int = 60
    people: int = 400
    followed: int = 100
    proven: int = 20

    @classmethod
    def scaled(cls) -> "Effort":
        """Return the usual effort, its number of draws times the environment's SCALE."""
        return cls(draws=max(FEWEST, round(cls().draws * float(os.environ.get("SCALE", "1")))))


@dataclass(frozen=True, slots=True)
class Found:
    """One quantity.

    Attributes:
        value: Over all draws.
        draws: In each draw; empty where one draw holds too little to tell.
        error: Standard error of the value, as questionnaires and people are drawn by chance.
    """

    value: float
    draws: Sequence[float] = ()
    error: float = 0.0


Quantities = dict[str, Found]


def everything(effort: Effort, say: Callable[[str], None] = lambda _: None) -> Quantities:
    """Return every quantity that has a target.

    Args:
        effort: How much is simulated.
        say: Told what comes next.
    """
    found: Quantities = {}
    say("twin and real code")
    found |= proven(effort)
    for name, world in (("messy", MESSY), ("harsh", HARSH), ("clean", CLEAN)):
        say(f"first forms, {name}")
        found |= {f"{name}.first.{key}": value for key, value in first(world, effort).items()}
        say(f"weeks, {name}")
        found |= {f"{name}.weeks.{key}": value for key, value in weeks(world, effort).items()}
    say("lasting change")
    found |= {f"change.{points}.{key}": value for points in CHANGES for key, value in change(points, effort).items()}
    say("careless answers and guesses")
    return found | carelessness(effort) | guessing(effort)


def chance(purpose: int, draw: int) -> np.random.Generator:
    """Return the chance of one draw for one purpose, the same in every run."""
    return np.random.default_rng([SEED, purpose, draw])


def proven(effort: Effort) -> Quantities:
    """Compare twin and real code: T16, and T12's words."""
    lives = lived(MESSY, chance(1, 0), effort.proven, change_points=20)
    return {
        "proof.sizes": Found(proof.largest_difference(chance(0, 0), effort.proven)),
        "proof.change": Found(proof.disagreements(lives)),
    }


def first(world: World, effort: Effort, twin: Twin | None = None) -> Quantities:
    """Return what first forms of a world have."""
    scorer = twin or Twin()
    judged = []
    for draw in range(effort.draws):
        rng = chance(2, draw)
        people = forms.first_forms(world, rng, effort.people, scorer)
        judged.append(forms.judged(people, forms.again(people, rng, scorer)))
    names = [name for name in forms.Judged.__slots__ if name not in {"bins", "rmse"}]
    found = {name: _mean([getattr(one, name) for one in judged]) for name in names}
    rmses = [one.rmse for one in judged]
    return found | {"rmse": _root(rmses), "calibration": _calibration(np.array([one.bins for one in judged]))}


def _calibration(bins: Floats) -> Found:
    """Return the largest distance between said and right over all draws, its error by leaving out one draw at a time."""
    total = bins.sum(axis=0)
    without = [forms.miscalibration(total - one) for one in bins]
    return Found(forms.miscalibration(total), error=float(np.sqrt(len(bins) - 1) * np.std(without)))


def weeks(world: World, effort: Effort, twin: Twin | None = None, *, long_every: int = BLOCK_WEEKS) -> Quantities:
    """Return what the weeks after a first form have: at each check-in, so at each picture that is drawn.

    Missed weeks pass the filter but are not judged, since nothing is shown in them.
    """
    scorer = twin or Twin()
    squares, holds = np.zeros((2, 2, effort.draws, WEEKS))
    for draw in range(effort.draws):
        lives = lived(world, chance(3, draw), effort.followed, long_every=long_every)
        through = followed(scorer, lives)
        there = lives.forms != NOTHING
        for kind, (reads, theta) in enumerate(((through.now, lives.theta), (through.usual, lives.usual))):
            for week in range(1, WEEKS + 1):
                true = size_of(theta[week])[there[week]]
                read = reads[week]
                inside = (read.low[there[week]] <= true) & (true <= read.high[there[week]])
                squares[kind, draw, week - 1] = np.mean((read.mean[there[week]] - true) ** 2)
                holds[kind, draw, week - 1] = np.mean(inside)
    found = {}
    for kind, name in enumerate(("now", "usual")):
        found[f"{name}.holds_least"] = _extreme(holds[kind], np.argmin)
        found[f"{name}.holds_most"] = _extreme(holds[kind], np.argmax)
        worst = int(np.argmax(squares[kind].mean(axis=0)))
        for label, week in (("rmse_worst", worst), ("rmse_4", 3), ("rmse_12", 11), ("rmse_24", 23)):
            found[f"{name}.{label}"] = _root(np.sqrt(squares[kind][:, week]).tolist())
    return found


def _extreme(shares: Floats, which: Callable[[Floats], np.intp]) -> Found:
    week = int(which(shares.mean(axis=0)))
    return _mean(shares[:, week].tolist())


def change(points: int, effort: Effort, world: World = MESSY) -> Quantities:
    """Return how often a lasting change of so many points is spoken of at the first comparison of two blocks.

    With a true change only the right direction counts; without one either counts as a false alarm, and "anybody" is the
    share of people told "has probably changed" at least once, of either axis, in two comparisons.
    """
    found: dict[str, list[float]] = {"changed": [], "maybe": [], "anybody": []}
    for draw in range(effort.draws):
        lives = lived(world, chance(4, draw), effort.followed, weeks=CHANGE_WEEKS, change_points=points)
        scored = blocks(Twin(), lives)
        made = scored.week[1] != NEVER
        true = np.sign(lives.usual[-1] - lives.usual[0])[made]
        for name, least in (("changed", CHANGED_AT), ("maybe", MAYBE_AT)):
            said = spoken(scored.z(1)[made], least)
            found[name].append(float(np.mean(said == true if points else said != 0)))
        both = scored.week[2] != NEVER
        told = [np.abs(scored.z(later)[both]) >= CHANGED_AT for later in (1, 2)]
        found["anybody"].append(float(np.mean(np.any(told, axis=(0, 2)))))
    return {name: _mean(values) for name, values in found.items()}


def carelessness(effort: Effort) -> Quantities:
    """Return how straight lines and attentive people fare with the rule of `bot.dance.care`."""
    attentive, weekly = [], []
    for draw in range(effort.draws):
        people = forms.first_forms(MESSY, chance(5, draw), effort.followed, Twin())
        attentive.append(careless.attentive_doubted(people.keyed, Form.FIRST))
        weekly.append(careless.attentive_doubted(people.keyed, Form.WEEKLY, 1 + draw % 10))
    rng = chance(6, 0)
    return {
        "lines.found": Found(careless.lines_found(rng, effort.people)),
        "lines.nearly": Found(careless.lines_found(rng, effort.people, stray=careless.STRAY)),
        "lines.attentive": _mean(attentive),
        "lines.attentive_weekly": _mean(weekly),
    }


def guessing(effort: Effort, belief: Belief = Belief()) -> Quantities:  # noqa: B008 - frozen
    """Return what is said of guesses."""
    found = [gaps(MESSY, chance(7, draw), effort.people, Twin(), belief) for draw in range(effort.draws)]
    return {
        f"guess.{name}": _mean([getattr(one, name) for one in found]) for name in ("spoken", "right", "beyond", "found")
    }


def _mean(values: Sequence[float]) -> Found:
    return Found(float(np.mean(values)), values, _error(values))


def _root(roots: Sequence[float]) -> Found:
    """Return the typical error over draws from those of each."""
    return Found(float(np.sqrt(np.mean(np.square(roots)))), roots, _error(roots))


def _error(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))
