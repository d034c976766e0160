"""Simulated people, so that the promises of docs/measurement.md can be checked. Seeds are fixed."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

import pytest

from bot.dance.care import doubtful
from bot.dance.patterns import State, Wording, patterns, wording
from bot.dance.sizes import Grids, Sizes, size_at
from bot.dance.walk import Form, Walk
from prompts.instrument import INSTRUMENT, Axis

Answering = Callable[[dict[Axis, float]], dict[str, int | None]]
PEOPLE_A_DRAW = 100
DRAWS = 16


@dataclass(frozen=True)
class Simulated:
    """One simulated person after a first form: what is true and what was said."""

    true_i: float
    true_you: float
    sizes: Sizes
    said: Wording

    @property
    def true_state(self) -> State:
        """The state that the true sizes amount to."""
        big_i, big_you = self.true_i >= 50, self.true_you >= 50
        if big_you:
            return State.INTEGRATED if big_i else State.ENGULFED
        return State.ISOLATED if big_i else State.ADRIFT


def drawn_answer(random: Random, slope: float, thresholds: list[float], place: float) -> int:
    """Return an answer drawn from a graded response model."""
    chance = random.random()
    return sum(chance < 1 / (1 + math.exp(-slope * (place - threshold))) for threshold in thresholds)


def clean_world(random: Random) -> Answering:
    """People who answer exactly as the model says."""
    scoring = INSTRUMENT.scoring

    def answer(theta: dict[Axis, float]) -> dict[str, int | None]:
        keyed = {
            item: drawn_answer(random, scoring.slope, list(scoring.thresholds), theta[item.axis])
            for item in INSTRUMENT.items
        }
        return {item.id: value if item.key > 0 else 4 - value for item, value in keyed.items()}

    return answer


def messy_world(random: Random) -> Answering:
    """People who read each statement their own way, cluster by facet, like to agree and like or avoid extremes."""
    items = {}
    for item in INSTRUMENT.items:
        slope = random.lognormvariate(math.log(1.5), 0.3 / 1.5) * (0.8 if item.key < 0 else 1)
        shift = random.gauss(0, 0.4) + (0.3 if item.key < 0 else 0)
        stretch = random.lognormvariate(0, 0.15)
        items[item] = slope, [shift + stretch * threshold for threshold in INSTRUMENT.scoring.thresholds]

    def answer(theta: dict[Axis, float]) -> dict[str, int | None]:
        agrees, extreme = random.gauss(0, 0.5), random.lognormvariate(0, 0.2)
        facet = {item.facet: random.gauss(0, 0.4) for item in items}
        raw: dict[str, int | None] = {}
        for item, (slope, thresholds) in items.items():
            reading = random.gauss(0, 0.6) + facet[item.facet] + item.key * agrees
            place = theta[item.axis] + reading / slope
            value = drawn_answer(random, slope, [threshold / extreme for threshold in thresholds], place)
            raw[item.id] = value if item.key > 0 else 4 - value
        return raw

    return answer


def people(random: Random, world: Callable[[Random], Answering], *, mean: float, spread: float) -> list[Simulated]:
    """Return people of several draws of a world after their first form, with a true correlation of .25."""
    crowd = []
    for _ in range(DRAWS):
        answer = world(random)
        for _ in range(PEOPLE_A_DRAW):
            i = random.gauss(0, 1)
            you = 0.25 * i + math.sqrt(1 - 0.25**2) * random.gauss(0, 1)
            theta = {Axis.I: mean + spread * i, Axis.YOU: mean + spread * you}
            sizes = Grids.start().answered(answer(theta)).sizes()
            said = wording(patterns(sizes.i.now.p_big, sizes.you.now.p_big))
            crowd.append(Simulated(size_at(theta[Axis.I]), size_at(theta[Axis.YOU]), sizes, said))
    return crowd


@cache
def messy() -> list[Simulated]:
    """Return the people of the messy world: usual with SD .9, a week with SD .5."""
    return people(Random(20261122), messy_world, mean=0.25, spread=math.hypot(0.9, 0.5))  # noqa: S311 - a simulation


@cache
def clean() -> list[Simulated]:
    """Return the people of the clean world, spread as the model expects."""
    return people(Random(7), clean_world, mean=0.25, spread=1.3)  # noqa: S311 - a simulation


def errors(crowd: list[Simulated]) -> list[float]:
    """Return shown minus true size of both axes."""
    return [
        error
        for person in crowd
        for error in (person.sizes.i.now.mean - person.true_i, person.sizes.you.now.mean - person.true_you)
    ]


def held(crowd: list[Simulated]) -> float:
    """Return the share of bands that hold the true size."""
    inside = [
        now.low <= true <= now.high
        for person in crowd
        for now, true in ((person.sizes.i.now, person.true_i), (person.sizes.you.now, person.true_you))
    ]
    return sum(inside) / len(inside)


def test_sizes_are_near_the_truth() -> None:
    """In the messy world the typical error of a first form is at most 9.5 points."""
    assert math.sqrt(sum(error**2 for error in errors(messy())) / len(errors(messy()))) <= 9.5


def test_bands_hold_what_they_promise() -> None:
    """An 80 % band holds 78 to 88 % in the messy world, and at least 80 % in the clean one."""
    assert 0.78 <= held(messy()) <= 0.88
    assert held(clean()) >= 0.80


def test_named_states_are_right() -> None:
    """A named state is right in about 9 of 10 cases, four in ten are named, the opposite corner hardly ever."""
    named = [person for person in messy() if person.said.kind == "named"]
    assert len(named) >= 0.42 * len(messy())
    assert sum(person.said.states == (person.true_state,) for person in named) >= 0.87 * len(named)
    opposite = dict(zip(State, reversed(State), strict=True))
    assert sum(person.said.states == (opposite[person.true_state],) for person in named) <= 0.005 * len(messy())


def test_between_holds_the_true_state() -> None:
    """When two states are named, the true one is among them in 93 % of cases."""
    between = [person for person in messy() if person.said.kind == "between"]
    assert sum(person.true_state in person.said.states for person in between) >= 0.93 * len(between)


@pytest.mark.parametrize("least", [0.5, 0.6, 0.7, 0.8, 0.9])
def test_probabilities_mean_what_they_say(least: float) -> None:
    """Among states said with some certainty, about that share is right: within 8 points."""
    said, right = 0.0, 0
    number = 0
    for person in messy():
        chances = patterns(person.sizes.i.now.p_big, person.sizes.you.now.p_big)
        state = max(chances, key=lambda one: chances[one])
        if least <= chances[state] < least + 0.1:
            number, said, right = number + 1, said + chances[state], right + (state is person.true_state)
    assert abs(said - right) <= 0.08 * number


def test_attentive_people_are_not_doubted() -> None:
    """At most one in a hundred attentive people is taken for a straight line."""
    random = Random(3)  # noqa: S311 - a simulation
    answer = messy_world(random)
    doubted = 0
    for _ in range(300):
        raw = answer({axis: random.gauss(0.25, 1) for axis in Axis})
        walk = Walk.begin(Form.FIRST, 0, datetime(2026, 11, 22, tzinfo=UTC))
        for item_id in walk.order:
            walk = walk.answer(walk.cursor, raw[item_id], walk.shown_at + timedelta(seconds=4))
        doubted += doubtful(walk)
    assert doubted <= 3
