"""Simulated people: how statements differ, how persons read them, how a week differs from the usual.

A world says how far real answers stray from the scorer's own model. The study behind this project names three of them;
what it leaves open is settled here, once, and listed in docs/measurement.md, "The simulated worlds". With y the answer
after reversing (0 to 4), item j, person p, and all leanings in logits:

    P(y_pj >= k) = 1 / (1 + exp(-(slope_j * (theta_p - place_jk / extreme_p) + lean_pj)))
    place_jk     = shift_j + stretch_j * threshold_k           (extreme_p divides only the part beyond shift_j)
    lean_pj      = reading_pj + facet_p,f(j) + key_j * agrees_p

Readings, facets, agreeing and extremes belong to a person and stay the same from week to week.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from prompts.instrument import ANSWER_VALUES, INSTRUMENT, Axis

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int8]

SCORING = INSTRUMENT.scoring
ITEMS = tuple(item for axis in Axis for item in INSTRUMENT.of_axis(axis))
AXIS_OF = np.array([list(Axis).index(item.axis) for item in ITEMS])
KEYS = np.array([item.key for item in ITEMS])
PLACES = {item.id: place for place, item in enumerate(ITEMS)}
_FACETS = sorted({item.facet for item in ITEMS})
_FACET_OF = np.array([_FACETS.index(item.facet) for item in ITEMS])
ABSENT = -1  # stands where a statement was not asked


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How people and statements are drawn. On theta unless said otherwise.

    Attributes:
        slope: Mean slope of a statement, in logits a unit of theta.
        slope_sd: Its standard deviation between statements (lognormal).
        reversed_slope: What the slope of reversed statements is multiplied by.
        reversed_shift: How far the thresholds of reversed statements lie higher, after turning the answer round.
        shift_sd: Standard deviation of a statement's own shift.
        stretch_sd: Standard deviation of the logarithm of a statement's stretch.
        reading_sd: How much a person reads a statement in an own way, in logits.
        facet_sd: How much a person's answers cluster by facet, in logits.
        agrees_sd: How much a person agrees with whatever is said, in logits.
        extreme_sd: Standard deviation of the logarithm of a person's liking for extreme answers.
        mean: Mean of the usual.
        usual_sd: Standard deviation of the usual between people.
        week_sd: Standard deviation of a week around the usual.
        carry: Correlation of a week's difference with the next week's.
        drift_sd: Weekly drift of the usual.
        axes: Correlation of the two axes, of the usual and of the week alike.
    """

    slope: float
    slope_sd: float
    reversed_slope: float
    reversed_shift: float
    shift_sd: float
    stretch_sd: float
    reading_sd: float
    facet_sd: float
    agrees_sd: float
    extreme_sd: float
    mean: float
    usual_sd: float
    week_sd: float
    carry: float
    drift_sd: float
    axes: float


CLEAN = World(
    slope=SCORING.slope,
    slope_sd=0,
    reversed_slope=1,
    reversed_shift=0,
    shift_sd=0,
    stretch_sd=0,
    reading_sd=0,
    facet_sd=0,
    agrees_sd=0,
    extreme_sd=0,
    mean=SCORING.prior_mean,
    usual_sd=SCORING.usual_sd,
    week_sd=SCORING.week_sd,
    carry=SCORING.week_carry,
    drift_sd=SCORING.usual_drift_sd,
    axes=0,
)
"""The scorer's own model, prior included."""

MESSY = World(
    slope=1.5,
    slope_sd=0.3,
    reversed_slope=0.8,
    reversed_shift=-0.3,
    shift_sd=0.4,
    stretch_sd=0.15,
    reading_sd=0.6,
    facet_sd=0.4,
    agrees_sd=0.5,
    extreme_sd=0.2,
    mean=0.5,
    usual_sd=0.9,
    week_sd=0.5,
    carry=0.6,
    drift_sd=0,
    axes=0.25,
)
"""What real answers may be like; judgement, not data."""

HARSH = replace(MESSY, slope=1.2, reversed_slope=0.7, reading_sd=0.8, facet_sd=0.5, agrees_sd=0.8)
"""Messier than anybody hopes."""


def size_of(theta: Floats) -> Floats:
    """Return the sizes in points at places on theta; the same curve as `bot.dance.sizes.size_at`."""
    at_least = [1 / (1 + np.exp(-SCORING.slope * (theta - threshold))) for threshold in SCORING.thresholds]
    size: Floats = 100 / (ANSWER_VALUES - 1) * np.sum(at_least, axis=0)
    return size


def theta_of(size: Floats) -> Floats:
    """Return the places on theta of sizes in points, between 1 and 99."""
    places = np.linspace(-6, 6, 24_001)
    return np.interp(size, size_of(places), places)


@dataclass(frozen=True, slots=True)
class Wording:
    """How twenty statements of one drawn questionnaire truly work.

    Attributes:
        slopes: One a statement.
        middles: The shift of each statement on theta.
        spreads: Thresholds around it, statements by four.
    """

    slopes: Floats
    middles: Floats
    spreads: Floats


def drawn_wording(world: World, rng: np.random.Generator) -> Wording:
    """Return a questionnaire whose statements differ as the world says."""
    turned = KEYS < 0
    log_sd = np.sqrt(np.log1p((world.slope_sd / world.slope) ** 2))
    slopes = np.exp(rng.normal(np.log(world.slope) - log_sd**2 / 2, log_sd, len(ITEMS)))
    stretch = np.exp(rng.normal(0, world.stretch_sd, len(ITEMS)))
    return Wording(
        slopes=np.where(turned, world.reversed_slope, 1) * slopes,
        middles=rng.normal(0, world.shift_sd, len(ITEMS)) + np.where(turned, world.reversed_shift, 0),
        spreads=stretch[:, None] * np.array(SCORING.thresholds),
    )


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people of one draw, and how each answers.

    Attributes:
        usual: Where they usually are, people by axes, on theta.
        lean: Their leaning towards each statement after reversing, people by statements, in logits.
        extreme: Their liking for extreme answers, 1 for none.
    """

    usual: Floats
    lean: Floats
    extreme: Floats


def paired(world: World, rng: np.random.Generator, number: int) -> Floats:
    """Return standard normal values for both axes, correlated as the world says."""
    values = rng.standard_normal((number, 2))
    values[:, 1] = world.axes * values[:, 0] + np.sqrt(1 - world.axes**2) * values[:, 1]
    return values


def drawn_crowd(world: World, rng: np.random.Generator, number: int) -> Crowd:
    """Return so many people of a world."""
    facets = rng.normal(0, world.facet_sd, (number, len(_FACETS)))
    agrees = rng.normal(0, world.agrees_sd, (number, 1))
    return Crowd(
        usual=world.mean + world.usual_sd * paired(world, rng, number),
        lean=rng.normal(0, world.reading_sd, (number, len(ITEMS))) + facets[:, _FACET_OF] + KEYS * agrees,
        extreme=np.exp(rng.normal(0, world.extreme_sd, number)),
    )


def answered(wording: Wording, crowd: Crowd, theta: Floats, rng: np.random.Generator) -> Whole:
    """Return one answer of everybody to every statement, reversed ones turned round.

    Args:
        wording: How the statements work.
        crowd: Who answers.
        theta: Where each person is now, people by axes.
        rng: Chance.
    """
    spreads = wording.spreads[None] / crowd.extreme[:, None, None]
    distance = theta[:, AXIS_OF] - wording.middles
    logits = wording.slopes[:, None] * (distance[..., None] - spreads) + crowd.lean[..., None]
    chance = rng.random((len(theta), len(ITEMS), 1))
    values: Whole = (chance < 1 / (1 + np.exp(-logits))).sum(axis=2, dtype=np.int8)
    return values


def raw(keyed: Whole) -> dict[str, int | None]:
    """Return one person's answers as tapped, by item id, without what was not asked."""
    return {
        item.id: int(value) if item.key > 0 else ANSWER_VALUES - 1 - int(value)
        for item, value in zip(ITEMS, keyed, strict=True)
        if value != ABSENT
    }
