"""A vectorised twin of `bot.dance.sizes`: the same arithmetic for many people at once.

It exists for volume only. Every run that uses it first proves it equal to the real code (`tests.bench.recovery.proof`).
Constants can be changed here to try rivals; with those of the instrument it is the scorer itself.
"""

from dataclasses import dataclass, field, replace
from math import erf

import numpy as np
import numpy.typing as npt

from bot.dance import sizes
from prompts.instrument import ANSWER_VALUES, INSTRUMENT, Scoring
from tests.bench.recovery.worlds import ABSENT, AXIS_OF, KEYS, Floats, Whole, size_of

USUALS: Floats = sizes.USUAL_FROM + sizes.STEP * np.arange(sizes.USUAL_CELLS, dtype=np.float64)
WEEKS: Floats = sizes.WEEK_FROM + sizes.STEP * np.arange(sizes.WEEK_CELLS, dtype=np.float64)
THETAS: Floats = (
    sizes.USUAL_FROM
    + sizes.WEEK_FROM
    + sizes.STEP * np.arange(sizes.USUAL_CELLS + sizes.WEEK_CELLS - 1, dtype=np.float64)
)
AXES = 2


@dataclass(frozen=True, slots=True)
class Read:
    """Sizes of many people: mean, standard error, band and chance of being big, people by axes."""

    mean: Floats
    sd: Floats
    low: Floats
    high: Floats
    p_big: Floats


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of many people.

    Attributes:
        cells: Probabilities, weeks by people-and-axes by usuals.
        answers: How many answers they rest on, by people-and-axes, doubtful ones counted by their weight.
    """

    cells: Floats
    answers: Floats

    def where(self, chosen: npt.NDArray[np.bool_], other: "Known") -> "Known":
        """Return this of the chosen people, and of the rest what another one knows."""
        mine = np.repeat(chosen, AXES)
        cells = np.where(mine[None, :, None], self.cells, other.cells)
        return Known(cells, np.where(mine, self.answers, other.answers))


@dataclass(frozen=True, slots=True)
class Tilt:
    """How the likelihood of one kind of statement differs from the common one: a rival's freedom.

    Attributes:
        slope: Factor of the slope.
        shift: How far the thresholds lie higher after turning the answer round, on theta.
    """

    slope: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True)
class Twin:
    """The scorer for many people at once.

    Attributes:
        scoring: Constants of the model.
        positive: How statements with key 1 differ from the common ones.
        turned: How reversed statements differ.
        long_again: What a long form weighs that is not the first.
    """

    scoring: Scoring = INSTRUMENT.scoring
    positive: Tilt = Tilt()
    turned: Tilt = Tilt()
    long_again: float = 1.0
    logs: Floats = field(init=False)
    carry: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Compute once what no answer changes."""
        tilts = [self.positive if key > 0 else self.turned for key in KEYS]
        object.__setattr__(self, "logs", np.array([self._log_answers(tilt) for tilt in tilts]))
        news = self.scoring.week_sd * np.sqrt(1 - self.scoring.week_carry**2)
        step = np.exp(-((WEEKS[None] - self.scoring.week_carry * WEEKS[:, None]) ** 2) / (2 * news**2))
        object.__setattr__(self, "carry", (step / step.sum(axis=1, keepdims=True)).T)

    def _log_answers(self, tilt: Tilt) -> Floats:
        """Return the log probability of the answers 0 to 4 at each place on theta; a sixth row stands for none."""
        slope = self.scoring.slope * tilt.slope
        places = np.array(self.scoring.thresholds) + tilt.shift
        steps = 1 / (1 + np.exp(-slope * (THETAS[None] - places[:, None])))
        at_least = np.vstack([np.ones_like(THETAS), steps, np.zeros_like(THETAS)])
        return np.vstack([np.log(at_least[:-1] - at_least[1:]), np.zeros_like(THETAS)])

    def start(self, people: int) -> Known:
        """Return what is known of so many people before any answer."""
        usual = np.exp(-((USUALS - self.scoring.prior_mean) ** 2) / (2 * self.scoring.usual_sd**2))
        week = np.exp(-(WEEKS**2) / (2 * self.scoring.week_sd**2))
        cells = (week[:, None] * usual[None])[:, None, :]
        return Known(np.repeat(cells / cells.sum(), people * AXES, axis=1), np.zeros(people * AXES))

    def answered(self, known: Known, keyed: Whole, weight: Floats | float = 1.0) -> Known:
        """Return what is known after answers.

        Args:
            known: What was known.
            keyed: People by statements, reversed ones turned round, `ABSENT` where not asked.
            weight: Of each person's answers.
        """
        fit = np.zeros((len(keyed), AXES, len(THETAS)))
        given = np.zeros((len(keyed), AXES))
        for item, axis in enumerate(AXIS_OF):
            fit[:, axis] += self.logs[item][np.where(keyed[:, item] == ABSENT, ANSWER_VALUES, keyed[:, item])]
            given[:, axis] += keyed[:, item] != ABSENT
        heavy = np.broadcast_to(np.asarray(weight), len(keyed))
        likely = np.exp(self.scoring.power * heavy[:, None, None] * fit).reshape(-1, len(THETAS))
        found = np.stack([known.cells[week] * likely[:, week : week + len(USUALS)] for week in range(len(WEEKS))])
        total: Floats = found.sum(axis=(0, 2))
        return Known(found / total[:, None], known.answers + (heavy[:, None] * given).ravel())

    def week(self, known: Known) -> Known:
        """Return what is known after a week without answers."""
        moved = (self.carry @ known.cells.reshape(len(WEEKS), -1)).reshape(known.cells.shape)
        chance = 0.5 * self.scoring.usual_drift_sd**2 / sizes.STEP**2
        lower = np.concatenate([moved[..., :1], moved[..., :-1]], axis=2)
        upper = np.concatenate([moved[..., 1:], moved[..., -1:]], axis=2)
        return replace(known, cells=(1 - 2 * chance) * moved + chance * (lower + upper))

    def now(self, known: Known) -> Read:
        """Return the sizes of this week."""
        masses = np.zeros((known.cells.shape[1], len(THETAS)))
        for week in range(len(WEEKS)):
            masses[:, week : week + len(USUALS)] += known.cells[week]
        return self._read(masses, size_of(THETAS), self._floor(known))

    def usual(self, known: Known, *, floor: bool = True) -> Read:
        """Return the usual sizes, with or without the error that no repetition removes."""
        points = self._floor(known) if floor else np.zeros_like(known.answers)
        return self._read(known.cells.sum(axis=0), size_of(USUALS), points)

    def _floor(self, known: Known) -> Floats:
        """Return the error in points that no repetition removes; it grows with the share of repeated answers."""
        free, grown = self.scoring.floor_grows_after, self.scoring.floor_grown_points
        first = free / np.maximum(known.answers, free)
        floor: Floats = np.sqrt(self.scoring.floor_points**2 * first + grown**2 * (1 - first))
        return floor

    def _read(self, masses: Floats, points: Floats, floor: Floats) -> Read:
        softly = (points - self.scoring.line) / self.scoring.line_softness
        big = 0.5 * (1 + np.array([erf(value / np.sqrt(2)) for value in softly]))
        mean = masses @ points
        spread = np.sqrt((masses * (points - mean[:, None]) ** 2).sum(axis=1))
        widen = np.sqrt(1 + (floor / spread) ** 2)
        low = mean - widen * (mean - quantile(masses, points, sizes.LOWER_TAIL))
        high = mean + widen * (quantile(masses, points, sizes.UPPER_TAIL) - mean)
        found = (mean, widen * spread, np.maximum(low, 0), np.minimum(high, 100), np.minimum(masses @ big, 1))
        return Read(*(values.reshape(-1, AXES) for values in found))


def quantile(masses: Floats, points: Floats, share: float) -> Floats:
    """Return for each row the size below which a share lies; each mass spread evenly towards its neighbours."""
    rows = np.arange(len(masses))
    up_to = np.cumsum(masses, axis=1)
    place = np.minimum((up_to < share).sum(axis=1), len(points) - 1)
    mass = masses[rows, place]
    below = np.where(place > 0, up_to[rows, np.maximum(place - 1, 0)], 0)
    into = np.minimum(1, (share - below) / mass)
    neighbour = np.clip(np.where(into < 1 / 2, place - 1, place + 1), 0, len(points) - 1)
    middle = (points[place] + points[neighbour]) / 2
    found: Floats = points[place] + (middle - points[place]) * np.abs(2 * into - 1)
    return found
