"""A rival in earnest: a linear filter that learns how each person reads each statement.

For one axis the hidden state holds the usual, this week, ten readings, five facets and the liking to agree; with y the
answer after reversing (Kalman's filter, one statement at a time; answers taken as continuous):

    (y_j - 2) / 0.70 = usual + week + reading_j + facet_f(j) + key_j * agrees + noise

Were stable readings worth learning, this would beat the scorer, which knows nothing of them and only widens its bands.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from prompts.instrument import FACETS_PER_AXIS, INSTRUMENT, ITEMS_PER_AXIS
from tests.bench.recovery.lives import Lives
from tests.bench.recovery.worlds import ABSENT, AXIS_OF, KEYS, MESSY, Floats, size_of

ANSWERS_A_THETA: Final = 0.70  # how many answers further a unit of theta leads, about, in the middle of the scale
MIDDLE: Final = 2
NODES: Final = 9  # of the quadrature that turns a normal theta into an expected size
AGREES: Final = 2 + ITEMS_PER_AXIS + FACETS_PER_AXIS
STATES: Final = AGREES + 1
_SCORING = INSTRUMENT.scoring


@dataclass(frozen=True, slots=True)
class Linear:
    """The rival.

    Attributes:
        noise_sd: Of one answer, on theta.
        learns: Whether readings, facets and agreeing are learned, with the standard deviations of the messy world.
    """

    noise_sd: float
    learns: bool

    def followed(self, lives: Lives, axis: int) -> tuple[Floats, Floats]:
        """Return the expected sizes of this week and the usual, weeks by people, for one axis."""
        people = lives.forms.shape[1]
        loads = self._loads(axis)
        mean = np.zeros((people, STATES))
        mean[:, 0] = _SCORING.prior_mean
        spread = np.repeat(np.diag(self._variances())[None], people, axis=0)
        now, usual = [], []
        for week, answers in enumerate(lives.keyed[:, :, axis == AXIS_OF]):
            if week:
                mean, spread = self._passed(mean, spread)
            for load, values in zip(loads, answers.T, strict=True):
                given = values != ABSENT
                if given.any():
                    mean[given], spread[given] = self._learned(mean[given], spread[given], load, values[given])
            week_too = spread[:, 1, 1] + 2 * spread[:, 0, 1]
            now.append(_expected(mean[:, 0] + mean[:, 1], spread[:, 0, 0] + week_too))
            usual.append(_expected(mean[:, 0], spread[:, 0, 0]))
        return np.stack(now), np.stack(usual)

    def _variances(self) -> Floats:
        own = np.array([MESSY.reading_sd] * ITEMS_PER_AXIS + [MESSY.facet_sd] * FACETS_PER_AXIS + [MESSY.agrees_sd])
        learned = (own / _SCORING.slope) ** 2 if self.learns else np.zeros_like(own)
        return np.concatenate([[_SCORING.usual_sd**2, _SCORING.week_sd**2], learned])

    @staticmethod
    def _loads(axis: int) -> Floats:
        loads = np.zeros((ITEMS_PER_AXIS, STATES))
        places = np.arange(ITEMS_PER_AXIS)
        loads[:, :2] = 1
        loads[places, 2 + places] = 1
        loads[places, 2 + ITEMS_PER_AXIS + places % FACETS_PER_AXIS] = 1
        loads[:, AGREES] = KEYS[axis == AXIS_OF]
        return loads

    @staticmethod
    def _passed(mean: Floats, spread: Floats) -> tuple[Floats, Floats]:
        stays = np.ones(STATES)
        stays[1] = _SCORING.week_carry
        news = np.zeros(STATES)
        news[:2] = _SCORING.usual_drift_sd**2, _SCORING.week_sd**2 * (1 - _SCORING.week_carry**2)
        return mean * stays, spread * np.outer(stays, stays) + np.diag(news)

    def _learned(self, mean: Floats, spread: Floats, load: Floats, values: Floats) -> tuple[Floats, Floats]:
        with_answer = spread @ load
        gain = with_answer / (with_answer @ load + self.noise_sd**2)[:, None]
        surprise = (values - MIDDLE) / ANSWERS_A_THETA - mean @ load
        return mean + gain * surprise[:, None], spread - gain[:, :, None] * with_answer[:, None, :]


def _expected(mean: Floats, variance: Floats) -> Floats:
    """Return the expected size of a normal place on theta."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    sizes = size_of(mean[:, None] + np.sqrt(variance)[:, None] * nodes)
    found: Floats = (sizes * weights).sum(axis=1) / weights.sum()
    return found
