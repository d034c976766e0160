"""From answers to a size with its band, and from week to week: a grid filter of two speeds.

One axis is a probability on a small grid of (u, s): u the "usual", s the difference of this week, theta = u + s. With y
the answer after reversing, 0 to 4 (docs/measurement.md, "Formulas"):

    P(y >= k | theta) = 1 / (1 + exp(-slope * (theta - threshold_k)))          graded response model
    size(theta)       = 25 * sum_k k * P(y = k | theta)                         expected answer, 0 to 100
    answers           f(u, s) <- f(u, s) * prod_j P(y_j | u + s) ** (power * weight)
    a week passes     s' ~ N(carry * s, week_sd**2 * (1 - carry**2)),  u' = u with a three-point walk
    read              mean, sd, 10 % and 90 % quantile of size; both widened by k = sqrt(1 + floor(n)**2 / sd**2)
    floor(n)**2       floor**2 + (grown**2 - floor**2) * (1 - after / max(n, after)), with n the answers so far
"""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final, Self

from prompts.instrument import ANSWER_VALUES, INSTRUMENT, Axis

_SCORING = INSTRUMENT.scoring

# The grid of docs/measurement.md: wide enough for ten equal extreme answers, fine enough for two decimals.
STEP: Final = 0.25
USUAL_FROM: Final = -3.5
USUAL_CELLS: Final = 33
WEEK_FROM: Final = -1.75
WEEK_CELLS: Final = 15
CELLS: Final = USUAL_CELLS * WEEK_CELLS

LOWER_TAIL: Final = 0.10  # the band holds the middle 80 %
UPPER_TAIL: Final = 0.90
ENOUGH_ANSWERS: Final = 6  # of ten an axis: with fewer no size is shown after a first form
FULL_WEIGHT: Final = 1.0

_USUALS = [USUAL_FROM + STEP * place for place in range(USUAL_CELLS)]
_WEEKS = [WEEK_FROM + STEP * place for place in range(WEEK_CELLS)]
_THETAS = [USUAL_FROM + WEEK_FROM + STEP * place for place in range(USUAL_CELLS + WEEK_CELLS - 1)]
_ROWS = [slice(row * WEEK_CELLS, (row + 1) * WEEK_CELLS) for row in range(USUAL_CELLS)]
_PACKING = struct.Struct(f"<{CELLS + 1}f")  # the cells and the number of answers
GRIDS_BYTES: Final = 2 * _PACKING.size


def _answer_probabilities(theta: float) -> list[float]:
    """Return the probabilities of the answers 0 to 4 at a place on theta."""
    steps = (1 / (1 + math.exp(-_SCORING.slope * (theta - threshold))) for threshold in _SCORING.thresholds)
    at_least = [1.0, *steps, 0.0]
    return [at_least[value] - at_least[value + 1] for value in range(ANSWER_VALUES)]


def size_at(theta: float) -> float:
    """Return the size in points, 0 to 100, that belongs to a place on theta."""
    per_answer = 100 / (ANSWER_VALUES - 1)
    return per_answer * sum(value * chance for value, chance in enumerate(_answer_probabilities(theta)))


def normal_below(z: float) -> float:
    """Return the probability that a standard normal value lies below z."""
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def _chance_of_big(size: float) -> float:
    return normal_below((size - _SCORING.line) / _SCORING.line_softness)


def floor_after(answers: float) -> float:
    """Return the standard error, in points, that repeating does not cure, after so many answers on an axis.

    The same misreading comes back with the same statement, while the model takes each answer for news. So the floor
    stays as it is while little was repeated and then grows with the share of answers that are repeated.

    Args:
        answers: How many so far, doubtful ones by their weight.
    """
    repeated = 1 - _SCORING.floor_grows_after / max(answers, _SCORING.floor_grows_after)
    grows = _SCORING.floor_grown_points**2 - _SCORING.floor_points**2
    return math.sqrt(_SCORING.floor_points**2 + grows * repeated)


def _normalised(weights: Iterable[float]) -> tuple[float, ...]:
    values = tuple(weights)
    total = sum(values)
    return tuple(value / total for value in values)


def _bell(distance: float, sd: float) -> float:
    return math.exp(-(distance**2) / (2 * sd**2))


# What no answer changes is computed once.
_LOG_ANSWER = list(zip(*([math.log(p) for p in _answer_probabilities(theta)] for theta in _THETAS), strict=True))
_SIZE_NOW = [size_at(theta) for theta in _THETAS]
_SIZE_USUAL = [size_at(usual) for usual in _USUALS]
_BIG_NOW = [_chance_of_big(size) for size in _SIZE_NOW]
_BIG_USUAL = [_chance_of_big(size) for size in _SIZE_USUAL]
_START = _normalised(
    _bell(usual - _SCORING.prior_mean, _SCORING.usual_sd) * _bell(week, _SCORING.week_sd)
    for usual in _USUALS
    for week in _WEEKS
)
_NEWS_SD = _SCORING.week_sd * math.sqrt(1 - _SCORING.week_carry**2)
_CARRY = [_normalised(_bell(later - _SCORING.week_carry * week, _NEWS_SD) for later in _WEEKS) for week in _WEEKS]
_INTO = list(zip(*_CARRY, strict=True))  # _INTO[later][week]
_DRIFT = 0.5 * _SCORING.usual_drift_sd**2 / STEP**2  # chance of one step up, and of one down


@dataclass(frozen=True, slots=True)
class Size:
    """How big a circle is, and how sure that is.

    Attributes:
        mean: Expected size in points, 0 to 100.
        sd: Standard error in points, with the floor that no repetition removes.
        low: Lower end of the 80 % band, in points.
        high: Upper end of the band, in points.
        p_big: Probability of being big, with a soft line at 50.
    """

    mean: float
    sd: float
    low: float
    high: float
    p_big: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One axis read at one moment: this week and the usual."""

    now: Size
    usual: Size


@dataclass(frozen=True, slots=True)
class Sizes:
    """Both axes of one person at one moment."""

    i: Reading
    you: Reading


def _quantile(masses: Sequence[float], sizes: Sequence[float], share: float) -> float:
    """Return the size below which a share of the mass lies.

    Each mass is spread evenly, one half to each side, between the middles to the neighbouring sizes.
    """
    below = 0.0
    place = 0
    while below + masses[place] < share and place < len(masses) - 1:
        below += masses[place]
        place += 1
    into = min(1.0, (share - below) / masses[place])
    neighbour = max(place - 1, 0) if into < 1 / 2 else min(place + 1, len(sizes) - 1)
    middle = (sizes[place] + sizes[neighbour]) / 2
    return sizes[place] + (middle - sizes[place]) * abs(2 * into - 1)


def _read(masses: Sequence[float], sizes: Sequence[float], big: Sequence[float], floor: float) -> Size:
    mean = sum(map(mul, masses, sizes))
    spread = math.sqrt(sum(mass * (size - mean) ** 2 for mass, size in zip(masses, sizes, strict=True)))
    widen = math.sqrt(1 + (floor / spread) ** 2)
    low = mean - widen * (mean - _quantile(masses, sizes, LOWER_TAIL))
    high = mean + widen * (_quantile(masses, sizes, UPPER_TAIL) - mean)
    p_big = min(1.0, sum(map(mul, masses, big)))
    return Size(mean=mean, sd=widen * spread, low=max(0.0, low), high=min(100.0, high), p_big=p_big)


@dataclass(frozen=True, slots=True)
class Filter:
    """What is known of one axis: the probability of every cell of the grid, a row for each usual.

    Attributes:
        cells: Probabilities, adding up to one.
        answers: How many answers they rest on, doubtful ones counted by their weight.
    """

    cells: tuple[float, ...]
    answers: float

    @classmethod
    def start(cls) -> Self:
        """Return what is known before any answer."""
        return cls(_START, answers=0.0)

    def answered(self, keyed: Sequence[int], weight: float = FULL_WEIGHT) -> Self:
        """Return what is known after some answers of one day.

        Args:
            keyed: Answers 0 to 4, reversed statements already turned round; their order does not matter.
            weight: 1, or less for answers that are doubtful.

        Raises:
            ValueError: An answer lies outside 0 to 4 or the weight outside 0 to 1.
        """
        if not all(value in range(ANSWER_VALUES) for value in keyed):
            raise ValueError(f"Answers go from 0 to {ANSWER_VALUES - 1}.")
        if not 0 < weight <= 1:
            raise ValueError("A weight lies above 0 and is at most 1.")
        if not keyed:
            return self
        counts = [keyed.count(value) for value in range(ANSWER_VALUES)]
        exponent = _SCORING.power * weight
        fit = [math.exp(exponent * sum(map(mul, counts, logs))) for logs in zip(*_LOG_ANSWER, strict=True)]
        return type(self)(
            _normalised(
                cell
                for row, cells in enumerate(_ROWS)
                for cell in map(mul, self.cells[cells], fit[row : row + WEEK_CELLS])
            ),
            answers=self.answers + weight * len(keyed),
        )

    def weeks(self, number: int) -> Self:
        """Return what is known after some weeks without answers: the band widens by itself.

        Raises:
            ValueError: The number is negative.
        """
        if number < 0:
            raise ValueError("Weeks do not run backwards.")
        cells: Sequence[float] = self.cells
        for _ in range(number):
            cells = _drifted([sum(map(mul, cells[row], into)) for row in _ROWS for into in _INTO])
        return type(self)(tuple(cells), self.answers)

    def reading(self, *, floor: bool = True) -> Reading:
        """Return this week and the usual.

        Args:
            floor: Whether the error that no repetition removes is added; off only to compare two windows of one person.
        """
        points = floor_after(self.answers) if floor else 0.0
        total = sum(self.cells)  # cells that were stored in single precision add up to one only nearly
        usual = [sum(self.cells[row]) / total for row in _ROWS]
        now = [0.0] * len(_THETAS)
        for place, cell in enumerate(self.cells):
            now[place // WEEK_CELLS + place % WEEK_CELLS] += cell / total
        return Reading(
            now=_read(now, _SIZE_NOW, _BIG_NOW, points),
            usual=_read(usual, _SIZE_USUAL, _BIG_USUAL, points),
        )

    def to_bytes(self) -> bytes:
        """Return it in single precision, which keeps sizes to far more than two decimals."""
        return _PACKING.pack(*self.cells, self.answers)

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Return the filter that `to_bytes` wrote.

        Raises:
            ValueError: The content is no filter.
        """
        if len(content) != _PACKING.size:
            raise ValueError(f"A filter takes {_PACKING.size} bytes, not {len(content)}.")
        *cells, answers = _PACKING.unpack(content)
        # The sum comes first: it is no number where a cell is none, and then neither smallest nor greatest says so.
        likely = math.isclose(sum(cells), 1, rel_tol=1e-3) and min(cells) >= 0 and max(cells) <= 1
        if not likely or not 0 <= answers < math.inf:
            raise ValueError("These bytes are no filter.")
        return cls(tuple(cells), answers)


def _drifted(cells: Sequence[float]) -> list[float]:
    """Let the usual take its weekly step, reflecting at both ends of the grid."""
    last = CELLS - WEEK_CELLS
    lower = [*cells[:WEEK_CELLS], *cells[:last]]
    upper = [*cells[WEEK_CELLS:], *cells[last:]]
    stays = 1 - 2 * _DRIFT
    return [stays * cell + _DRIFT * (down + up) for cell, down, up in zip(cells, lower, upper, strict=True)]


_ITEMS = {item.id: item for item in INSTRUMENT.items}


def keyed(raw: Mapping[str, int | None], axis: Axis) -> list[int]:
    """Return the given answers of an axis, reversed statements turned round, skipped ones left out.

    Raises:
        KeyError: An id is no statement.
    """
    pairs = [(_ITEMS[item_id], value) for item_id, value in raw.items() if value is not None]
    highest = ANSWER_VALUES - 1
    return [value if item.key > 0 else highest - value for item, value in pairs if item.axis is axis]


def enough(raw: Mapping[str, int | None]) -> bool:
    """Tell whether a first form holds enough answers on each axis to show a size."""
    return all(len(keyed(raw, axis)) >= ENOUGH_ANSWERS for axis in Axis)


@dataclass(frozen=True, slots=True)
class Grids:
    """What is known of both axes of one person; nothing said about one moves the other."""

    i: Filter
    you: Filter

    @classmethod
    def start(cls) -> Self:
        """Return what is known before any answer."""
        return cls(Filter.start(), Filter.start())

    def answered(self, raw: Mapping[str, int | None], weight: float = FULL_WEIGHT) -> Self:
        """Return what is known after a form.

        Args:
            raw: Raw answers 0 to 4 by item id as tapped, None for Skip; reversed by key here.
            weight: 1, or less for answers that are doubtful.

        Raises:
            KeyError: An id is no statement.
            ValueError: An answer lies outside 0 to 4 or the weight outside 0 to 1.
        """
        return type(self)(self.i.answered(keyed(raw, Axis.I), weight), self.you.answered(keyed(raw, Axis.YOU), weight))

    def weeks(self, number: int) -> Self:
        """Return what is known after some weeks without answers."""
        return type(self)(self.i.weeks(number), self.you.weeks(number))

    def sizes(self) -> Sizes:
        """Return both sizes, this week's and usual."""
        return Sizes(i=self.i.reading(), you=self.you.reading())

    def to_bytes(self) -> bytes:
        """Return both filters in a fixed number of bytes."""
        return self.i.to_bytes() + self.you.to_bytes()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Return the grids that `to_bytes` wrote.

        Raises:
            ValueError: The content is no pair of filters.
        """
        middle = len(content) // 2
        return cls(Filter.from_bytes(content[:middle]), Filter.from_bytes(content[middle:]))


def guessed(raw: Mapping[str, int | None]) -> Sizes:
    """Return the sizes that guesses about a partner amount to: the same model, fresh from the start.

    Args:
        raw: Guessed raw answers by item id, None for Skip.
    """
    return Grids.start().answered(raw).sizes()
