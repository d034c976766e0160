"""What a first form tells of simulated people, against what is true of them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.dance.patterns import State
from prompts.instrument import INSTRUMENT
from tests.bench.recovery.twin import Read, Twin
from tests.bench.recovery.worlds import (
    Crowd,
    Floats,
    Whole,
    Wording,
    World,
    answered,
    drawn_crowd,
    drawn_wording,
    paired,
    size_of,
)

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

CLEAR: Final = 10.0  # points from the line that make a true size clearly big or small: target T8
LOWEST_BIN: Final = 0.5  # calibration is judged from here on, in bins of a tenth: target T10
BINS: Final = 5


@dataclass(frozen=True, slots=True)
class First:
    """Some people of one draw after a first form.

    Attributes:
        theta: Where they are, people by axes.
        keyed: What they answered.
        read: What the scorer made of it.
        wording: How the statements work.
        crowd: How the people answer.
    """

    theta: Floats
    keyed: Whole
    read: Read
    wording: Wording
    crowd: Crowd

    @property
    def true(self) -> Floats:
        """True sizes in points."""
        return size_of(self.theta)


def first_forms(world: World, rng: np.random.Generator, people: int, twin: Twin) -> First:
    """Return people of one draw of a world after all twenty statements."""
    wording, crowd = drawn_wording(world, rng), drawn_crowd(world, rng, people)
    theta = crowd.usual + world.week_sd * paired(world, rng, people)
    keyed = answered(wording, crowd, theta, rng)
    return First(theta, keyed, twin.now(twin.answered(twin.start(people), keyed)), wording, crowd)


def again(first: First, rng: np.random.Generator, twin: Twin) -> Read:
    """Return what the same people, nothing having changed, are told after answering a fresh form at once."""
    keyed = answered(first.wording, first.crowd, first.theta, rng)
    return twin.now(twin.answered(twin.start(len(keyed)), keyed))


def rmse(read: Floats, true: Floats) -> float:
    """Return the typical error in points."""
    return float(np.sqrt(np.mean((read - true) ** 2)))


def holds(read: Read, true: Floats) -> float:
    """Return the share of bands that hold the true size."""
    return float(np.mean((read.low <= true) & (true <= read.high)))


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of many people; states are places in `State`.

    Attributes:
        chances: Probability of each state, people by states.
        order: States, the likeliest first.
        named: Where one state is named.
        between: Where two are.
    """

    chances: Floats
    order: Places
    named: Flags
    between: Flags


def words(read: Read) -> Words:
    """Return what `bot.dance.patterns.wording` would say of everybody."""
    i, you = read.p_big[:, 0], read.p_big[:, 1]
    chances = np.stack([i * you, (1 - i) * you, i * (1 - you), (1 - i) * (1 - you)], axis=1)
    order = np.argsort(-chances, axis=1, kind="stable")
    top = np.take_along_axis(chances, order, axis=1)
    named = top[:, 0] >= INSTRUMENT.scoring.name_at
    return Words(chances, order, named, ~named & (top[:, 0] + top[:, 1] >= INSTRUMENT.scoring.between_at))


def states(true: Floats) -> Places:
    """Return the state that true sizes amount to, as its place in `State`."""
    big = true >= INSTRUMENT.scoring.line
    return np.where(big[:, 1], np.where(big[:, 0], 0, 1), np.where(big[:, 0], 2, 3))


def opposite(state: Places) -> Places:
    """Return the diagonally opposite state."""
    return len(State) - 1 - state


@dataclass(frozen=True, slots=True)
class Judged:
    """Quantities of one draw that first forms have; names as in the targets' table."""

    rmse: float
    bias: float
    correlation: float
    holds: float
    width: float
    named: float
    named_right: float
    between: float
    between_right: float
    opposite: float
    clear_right: float
    clear_named_right: float
    other_name: float
    other_wording: float
    bins: Floats  # said, right, number; by bin


def judged(first: First, retest: Read) -> Judged:
    """Return the quantities of one draw."""
    said, once_more = words(first.read), words(retest)
    state = states(first.true)
    right = said.order[:, 0] == state
    among = right | (said.order[:, 1] == state)
    clear = (np.abs(first.true - INSTRUMENT.scoring.line) > CLEAR).all(axis=1)
    both = said.named & once_more.named & (said.order[:, 0] != once_more.order[:, 0])
    return Judged(
        rmse=rmse(first.read.mean, first.true),
        bias=float(np.mean(first.read.mean - first.true)),
        correlation=float(np.corrcoef(first.read.mean.ravel(), first.true.ravel())[0, 1]),
        holds=holds(first.read, first.true),
        width=float(np.mean(first.read.high - first.read.low)),
        named=float(np.mean(said.named)),
        named_right=float(np.mean(right[said.named])),
        between=float(np.mean(said.between)),
        between_right=float(np.mean(among[said.between])),
        opposite=float(np.mean(said.named & (opposite(said.order[:, 0]) == state))),
        clear_right=float(np.mean(right[clear])),
        clear_named_right=float(np.mean(right[clear & said.named])),
        other_name=float(np.mean(both)),
        other_wording=float(np.mean(_wordings(said) != _wordings(once_more))),
        bins=_bins(said, right),
    )


def _wordings(said: Words) -> Places:
    """Return a number for each thing that can be said, the order of two states aside."""
    first, second = said.order[:, 0], said.order[:, 1]
    two = 10 + len(State) * np.minimum(first, second) + np.maximum(first, second)
    return np.where(said.named, first, np.where(said.between, two, -1))


def _bins(said: Words, right: Flags) -> Floats:
    likeliest = said.chances.max(axis=1)
    place = np.minimum(((likeliest - LOWEST_BIN) * 2 * BINS).astype(np.int64), BINS - 1)
    inside = [(likeliest >= LOWEST_BIN) & (place == number) for number in range(BINS)]
    return np.array([[likeliest[here].sum(), right[here].sum(), here.sum()] for here in inside])


def miscalibration(bins: Floats) -> float:
    """Return the largest distance between what was said and what was right, over the bins.

    Args:
        bins: Sums of what was said, what was right and the number, by bin.
    """
    return float(np.max(np.abs(bins[:, 0] - bins[:, 1]) / np.maximum(bins[:, 2], 1)))
