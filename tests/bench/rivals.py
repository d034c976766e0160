"""`python -m tests.bench.rivals`: other ways to score, and other readings of the worlds, beside the scorer as it is.

Nothing here is in use. It is kept so that whoever wants to change a constant can see what was tried and what it costs:
docs/measurement.md, "What was tried". The environment's SCALE multiplies the number of drawn questionnaires.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from prompts.instrument import INSTRUMENT, Scoring
from tests.bench.recovery import forms
from tests.bench.recovery.guesses import Belief
from tests.bench.recovery.linear import Linear
from tests.bench.recovery.lives import NOTHING, followed, lived
from tests.bench.recovery.measure import Effort, Quantities, chance, first, guessing, weeks
from tests.bench.recovery.twin import Tilt, Twin
from tests.bench.recovery.worlds import CLEAN, HARSH, MESSY, Floats, World, size_of

SCORING = INSTRUMENT.scoring
NEVER_AGAIN: Final = 99  # weeks: beyond the simulated ones
OPPOSED = replace(MESSY, reversed_shift=-MESSY.reversed_shift)


def _constant(floor: float, power: float = SCORING.power) -> Scoring:
    """Return the scorer's constants with a floor that does not grow."""
    return replace(SCORING, power=power, floor_points=floor, floor_grown_points=floor)


STAYS: Final = "floor stays at 3.5"
RIVALS: Final = {
    "as it is": Twin(),
    "power 1, no floor": Twin(_constant(1e-6, power=1.0)),
    STAYS: Twin(_constant(3.5)),
    "floor stays at 4": Twin(_constant(4.0)),
    "floor stays at 4.5": Twin(_constant(4.5)),
    "floor stays at 5": Twin(_constant(5.0)),
    "floor grows to 4.5": Twin(replace(SCORING, floor_grown_points=4.5)),
    "floor grows to 5.5": Twin(replace(SCORING, floor_grown_points=5.5)),
    "power .75": Twin(replace(SCORING, power=0.75)),
    "power .75, floor stays at 4.5": Twin(_constant(4.5, power=0.75)),
    "power .55": Twin(replace(SCORING, power=0.55)),
    "later long forms count .5": Twin(long_again=0.5),
    "later long forms count .3": Twin(long_again=0.3),
    "floor stays at 4, later long forms .5": Twin(_constant(4.0), long_again=0.5),
    "prior mean .5": Twin(replace(SCORING, prior_mean=0.5)),
    "prior of the messy world": Twin(replace(SCORING, prior_mean=0.5, usual_sd=0.9)),
    "reversed: slope .8 of it": Twin(turned=Tilt(slope=0.8)),
    "keys as in the messy world": Twin(positive=Tilt(slope=1.07), turned=Tilt(slope=0.86, shift=-0.3)),
    "keys the wrong way round": Twin(positive=Tilt(slope=1.07), turned=Tilt(slope=0.86, shift=0.3)),
}

WORLDS: Final = {
    "messy": MESSY,
    "mean 0": replace(MESSY, mean=0.0),
    "mean .25": replace(MESSY, mean=0.25),
    "mean 1": replace(MESSY, mean=1.0),
    "reversed statements harder, not easier": OPPOSED,
    "reversed statements not shifted": replace(MESSY, reversed_shift=0.0),
    "no stretch": replace(MESSY, stretch_sd=0.0),
    "stretch .3": replace(MESSY, stretch_sd=0.3),
    "axes correlated .5": replace(MESSY, axes=0.5),
    "leanings on theta, not in logits": replace(MESSY, reading_sd=0.9, facet_sd=0.6, agrees_sd=0.75),
    "the usual drifts .06 a week": replace(MESSY, drift_sd=0.06),
    "harsh": HARSH,
    "harsh, mean 0": replace(HARSH, mean=0.0),
    "harsh, reversed statements not shifted": replace(HARSH, reversed_shift=0.0),
    "harsh, no stretch": replace(HARSH, stretch_sd=0.0),
    "clean": CLEAN,
}

HARDEST: Final = (
    "messy",
    "mean 0",
    "reversed statements harder, not easier",
    "leanings on theta, not in logits",
    "the usual drifts .06 a week",
    "harsh",
    "harsh, mean 0",
)

BELIEFS: Final = {
    "truth .5, likeness .3, chance .5 (used)": Belief(),
    "truth 1, chance .3: knows the partner well": Belief(truth=1, likeness=0, noise_sd=0.3),
    "truth 1, chance .6": Belief(truth=1, likeness=0, noise_sd=0.6),
    "truth 1, chance 1": Belief(truth=1, likeness=0, noise_sd=1),
    "truth .3, likeness .5, chance .5": Belief(truth=0.3, likeness=0.5, noise_sd=0.5),
    "chance 1 alone: knows nothing": Belief(truth=0, likeness=0, noise_sd=1),
}


DESIGNS: Final = (4, 8, 12, NEVER_AGAIN)
NOISES: Final = (1.0, 1.3, 1.6)  # of one answer, on theta
RIVAL_HEAD: Final = (
    "messy: error, holds, width, named, right, calibration, now lowest, usual lowest, error now, usual 24, "
    "harsh: holds, now lowest, usual lowest, clean: holds"
)
READING_HEAD: Final = (
    "error, bias, correlation, holds, named, right, between right, opposite, clear right, other name, calibration, "
    "now lowest, usual lowest, usual 24"
)
DESIGN_HEAD: Final = (
    "messy: error now, usual 24, now lowest, usual lowest, harsh: error now, usual 24, now lowest, usual lowest"
)
GUESS_HEAD: Final = "spoken of, direction right, truly beyond 10, gaps over 25 found"


def main() -> None:
    """Print the tables."""
    effort = Effort.scaled()
    print("\nRivals, same people\n")
    _head("scorer", RIVAL_HEAD)
    for name, twin in RIVALS.items():
        print(_row(name, *_rival(twin, effort)), flush=True)
    print("\nOther readings of the messy world, the scorer as it is\n")
    _head("world", READING_HEAD)
    for name, world in WORLDS.items():
        print(_row(name, *_reading(world, effort)), flush=True)
    print("\nThe same with a floor that stays at 3.5, where the scorer as it is does worst\n")
    _head("world", READING_HEAD)
    for name in HARDEST:
        print(_row(name, *_reading(WORLDS[name], effort, RIVALS[STAYS])), flush=True)
    print("\nHow often the long form comes again\n")
    _head("weeks", DESIGN_HEAD)
    for every in DESIGNS:
        print(_row(str(every), *_design(every, effort)), flush=True)
    print("\nTo learn how a person reads each statement: typical error over weeks 1 to 24 now, and of the usual\n")
    _head("filter", "now, usual")
    for name, (now, usual) in _filters(effort).items():
        print(_row(name, f"{now:.2f}", f"{usual:.2f}"))
    print("\nGuesses\n")
    _head("what is believed", GUESS_HEAD)
    for name, belief in BELIEFS.items():
        found = guessing(effort, belief)
        print(_row(name, *_values(found, "guess.spoken", "guess.right", "guess.beyond", "guess.found")), flush=True)
    print("\nBest linear use of a first form, fitted to the truth itself; other people judged\n")
    for name, cross in (("ten answers of the axis", False), ("twenty answers", True)):
        print(f"{name}: {_ceiling(MESSY, effort, cross=cross):.2f} points")


def _head(first_cell: str, rest: str) -> None:
    cells = (first_cell, *rest.split(", "))
    print(_row(*cells))
    print(_row(*["---"] * len(cells)))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _values(found: Quantities, *names: str) -> list[str]:
    return [f"{found[name].value:.2f}" if abs(found[name].value) > 1 else f"{found[name].value:.3f}" for name in names]


def _rival(twin: Twin, effort: Effort) -> list[str]:
    lowest = ("now.holds_least", "usual.holds_least")
    return [
        *_values(first(MESSY, effort, twin), "rmse", "holds", "width", "named", "named_right", "calibration"),
        *_values(weeks(MESSY, effort, twin), *lowest, "now.rmse_worst", "usual.rmse_24"),
        *_values(first(HARSH, effort, twin), "holds"),
        *_values(weeks(HARSH, effort, twin), *lowest),
        *_values(first(CLEAN, effort, twin), "holds"),
    ]


def _reading(world: World, effort: Effort, twin: Twin | None = None) -> list[str]:
    once = ("rmse", "bias", "correlation", "holds", "named", "named_right", "between_right")
    more = ("opposite", "clear_right", "other_name", "calibration")
    later = ("now.holds_least", "usual.holds_least", "usual.rmse_24")
    return [*_values(first(world, effort, twin), *once, *more), *_values(weeks(world, effort, twin), *later)]


def _design(every: int, effort: Effort) -> list[str]:
    names = ("now.rmse_worst", "usual.rmse_24", "now.holds_least", "usual.holds_least")
    return [cell for world in (MESSY, HARSH) for cell in _values(weeks(world, effort, long_every=every), *names)]


def _filters(effort: Effort) -> dict[str, Floats]:
    """Return the typical errors of the scorer and of linear filters, for the I of the same people."""
    linear = {f"linear, noise {sd}": Linear(sd, learns=False) for sd in NOISES}
    linear |= {f"linear, noise {sd}, learns readings": Linear(sd, learns=True) for sd in NOISES}
    errors: dict[str, list[Floats]] = {name: [] for name in ("scorer", *linear)}
    for draw in range(effort.draws):
        lives = lived(MESSY, chance(8, draw), effort.followed)
        there = lives.forms[1:] != NOTHING
        true = [size_of(theta[1:, :, 0])[there] for theta in (lives.theta, lives.usual)]
        through = followed(Twin(), lives)
        found = {
            "scorer": tuple(np.array([read.mean[:, 0] for read in reads]) for reads in (through.now, through.usual))
        }
        found |= {name: rival.followed(lives, 0) for name, rival in linear.items()}
        for name, sizes in found.items():
            errors[name].append(
                np.array([np.mean((size[1:][there] - one) ** 2) for size, one in zip(sizes, true, strict=True)])
            )
    return {name: np.sqrt(np.mean(each, axis=0)) for name, each in errors.items()}


def _ceiling(world: World, effort: Effort, *, cross: bool) -> float:
    """Return the error of a regression of the true size on a draw's answers and their squares, out of sample.

    It knows the statements and the people of that draw, which nobody ever will: about what any scoring could reach.
    """
    errors = []
    for draw in range(effort.draws):
        people = forms.first_forms(world, chance(2, draw), 2 * effort.people, Twin())
        for axis in range(2):
            asked = people.keyed if cross else people.keyed[:, 10 * axis : 10 * axis + 10]
            answers = asked.astype(np.float64)
            total = answers[:, 10 * axis : 10 * axis + 10].sum(axis=1) if cross else answers.sum(axis=1)
            known = np.column_stack([np.ones(len(answers)), answers, total**2, total**3 / 40])
            half = effort.people
            fitted, *_ = np.linalg.lstsq(known[:half], people.true[:half, axis], rcond=None)
            errors.append(np.mean((known[half:] @ fitted - people.true[half:, axis]) ** 2))
    return float(np.sqrt(np.mean(errors)))


if __name__ == "__main__":
    main()
