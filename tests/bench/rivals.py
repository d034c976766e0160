"""`python -m tests.bench.rivals`: other ways to score, and other readings of the worlds, beside the scorer as it is.

Nothing here is in use. It is kept so that whoever wants to change a constant can see what was tried and what it costs:
docs/measurement.md, "What was tried". The environment's SCALE multiplies the number of drawn questionnaires.
"""

import sys
from dataclasses import replace
from typing import Final

import numpy as np

from prompts.instrument import INSTRUMENT
from tests.bench.recovery import forms
from tests.bench.recovery.guesses import Belief
from tests.bench.recovery.measure import Effort, Quantities, chance, first, guessing, weeks
from tests.bench.recovery.twin import Tilt, Twin
from tests.bench.recovery.worlds import CLEAN, HARSH, MESSY, World

SCORING = INSTRUMENT.scoring
OPPOSED = replace(MESSY, reversed_shift=-MESSY.reversed_shift)

RIVALS: Final = {
    "as it is": Twin(),
    "power 1, no floor": Twin(replace(SCORING, power=1.0, floor_points=1e-6)),
    "power .75": Twin(replace(SCORING, power=0.75)),
    "power .75, floor 4.5": Twin(replace(SCORING, power=0.75, floor_points=4.5)),
    "power .55": Twin(replace(SCORING, power=0.55)),
    "floor 4": Twin(replace(SCORING, floor_points=4.0)),
    "floor 4.5": Twin(replace(SCORING, floor_points=4.5)),
    "floor 5": Twin(replace(SCORING, floor_points=5.0)),
    "later long forms count .5": Twin(long_again=0.5),
    "later long forms count .3": Twin(long_again=0.3),
    "floor 4, later long forms .5": Twin(replace(SCORING, floor_points=4.0), long_again=0.5),
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
    "clean": CLEAN,
}

BELIEFS: Final = {
    "truth .5, likeness .3, chance .5 (used)": Belief(),
    "truth 1, chance .3: knows the partner well": Belief(truth=1, likeness=0, noise_sd=0.3),
    "truth 1, chance .6": Belief(truth=1, likeness=0, noise_sd=0.6),
    "truth 1, chance 1": Belief(truth=1, likeness=0, noise_sd=1),
    "truth .3, likeness .5, chance .5": Belief(truth=0.3, likeness=0.5, noise_sd=0.5),
    "chance 1 alone: knows nothing": Belief(truth=0, likeness=0, noise_sd=1),
}


RIVAL_HEAD: Final = (
    "messy: error, holds, width, named, right, calibration, now lowest, usual lowest, error now, usual 24, "
    "harsh: holds, now lowest, usual lowest, clean: holds"
)
READING_HEAD: Final = (
    "error, bias, correlation, holds, named, right, between right, opposite, clear right, other name, calibration, "
    "now lowest, usual lowest, usual 24"
)
GUESS_HEAD: Final = "spoken of, direction right, truly beyond 10, gaps over 25 found"


def main() -> int:
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
    print("\nGuesses\n")
    _head("what is believed", GUESS_HEAD)
    for name, belief in BELIEFS.items():
        found = guessing(effort, belief)
        print(_row(name, *_values(found, "guess.spoken", "guess.right", "guess.beyond", "guess.found")), flush=True)
    print("\nBest linear use of a first form, fitted to the truth itself; other people judged\n")
    for name, cross in (("ten answers of the axis", False), ("twenty answers", True)):
        print(f"{name}: {_ceiling(MESSY, effort, cross=cross):.2f} points")
    return 0


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


def _reading(world: World, effort: Effort) -> list[str]:
    once = ("rmse", "bias", "correlation", "holds", "named", "named_right", "between_right")
    more = ("opposite", "clear_right", "other_name", "calibration")
    later = ("now.holds_least", "usual.holds_least", "usual.rmse_24")
    return [*_values(first(world, effort), *once, *more), *_values(weeks(world, effort), *later)]


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
    sys.exit(main())
