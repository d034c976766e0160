"""A fast slice of `python -m tests.bench.instrument`: simulated people against what docs/measurement.md promises."""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pytest

from bot.dance.patterns import State, patterns, wording
from bot.dance.sizes import size_at
from tests.bench.recovery import careless, measure, proof
from tests.bench.recovery.forms import First, first_forms, opposite, states, words
from tests.bench.recovery.lives import NOTHING, lived
from tests.bench.recovery.targets import GOALS, MISSES, Goal, failing, least, most, verdict
from tests.bench.recovery.twin import Twin
from tests.bench.recovery.worlds import CLEAN, HARSH, ITEMS, MESSY, World, raw, size_of, theta_of

SLICE = measure.Effort(draws=12, people=200, followed=40, proven=8)


def goals(quantities: Iterable[str]) -> list[Goal]:
    """Return the goals of some quantities."""
    wanted = set(quantities)
    return [goal for goal in GOALS if goal.key in wanted]


def under(name: str, found: measure.Quantities) -> measure.Quantities:
    """Return quantities under the names that goals have."""
    return {f"{name}.{key}": value for key, value in found.items()}


@cache
def some_people() -> First:
    """Return people of one draw of the messy world."""
    return first_forms(MESSY, measure.chance(0, 0), 60, Twin())


def test_the_twin_is_the_scorer() -> None:
    """What stands for thousands of people here gives the sizes, and the words about change, of bot.dance (T12, T16)."""
    found = measure.proven(SLICE)
    assert failing(found, goals(found)) == []


@pytest.mark.parametrize(("name", "world"), [("messy", MESSY), ("clean", CLEAN)])
def test_first_forms_keep_their_promises(name: str, world: World) -> None:
    """Errors, bands, names and probabilities of a first form hold what T1 to T10 and T15 ask."""
    found = under(f"{name}.first", measure.first(world, SLICE))
    assert failing(found, goals(found)) == []


def test_weeks_keep_their_promises() -> None:
    """Errors and bands from week 1 to 24 hold what T3 and T11 ask."""
    found = under("messy.weeks", measure.weeks(MESSY, SLICE))
    assert failing(found, goals(found)) == []


def test_a_harsh_world_is_survived() -> None:
    """Where people answer worse than hoped, bands still hold 74 %, the first one and those of all weeks (T4)."""
    found = under("harsh.first", measure.first(HARSH, SLICE)) | under("harsh.weeks", measure.weeks(HARSH, SLICE))
    assert failing(found, goals(found)) == []


def test_lasting_change_is_seldom_said_by_chance() -> None:
    """At most 6 % are told of a change that is none, and at least 70 % of one of 30 points (T12)."""
    found = {
        f"change.{points}.{key}": value for points in (0, 30) for key, value in measure.change(points, SLICE).items()
    }
    assert failing(found, goals(found)) == []


def test_careless_lines_are_found_and_attentive_people_not_doubted() -> None:
    """Every straight line is found, and at most one in a hundred attentive people is taken for one (T13)."""
    found = measure.carelessness(SLICE)
    assert failing(found, goals(found)) == []
    assert careless.lines_found(measure.chance(6, 1), 50) == 1


def test_guesses_are_spoken_of_in_the_right_direction() -> None:
    """A gap that is spoken of lies in that direction in 88 % of cases (T14)."""
    found = measure.guessing(SLICE)
    assert failing(found, goals(found)) == []


def test_words_are_those_of_the_bot() -> None:
    """The simulation says of everybody what bot.dance.patterns says."""
    people = some_people()
    said = words(people.read)
    for person, (p_i, p_you) in enumerate(people.read.p_big.tolist()):
        expected = wording(patterns(p_i, p_you))
        kind = "named" if said.named[person] else "between" if said.between[person] else "unclear"
        number = {"named": 1, "between": 2, "unclear": 0}[kind]
        order = [list(State)[place] for place in said.order[person, :number]]
        assert (kind, tuple(order)) == (expected.kind, expected.states)


def test_true_states_are_those_of_the_sizes() -> None:
    """A state is made of two sizes against the line, and its opposite differs in both."""
    corners = np.array([[60.0, 60.0], [40.0, 60.0], [60.0, 40.0], [40.0, 40.0]])
    found = states(corners)
    assert [list(State)[place] for place in found] == list(State)
    assert (states(100 - corners) == opposite(found)).all()


def test_the_curve_is_the_scorers() -> None:
    """Sizes and places on theta lead to each other by the curve of bot.dance."""
    places = np.array([-2.0, 0.0, 1.5])
    assert size_of(places) == pytest.approx([size_at(place) for place in places])
    assert theta_of(size_of(places)) == pytest.approx(places, abs=1e-6)


def test_simulated_weeks_follow_the_forms() -> None:
    """A week has all statements, the six of its rotation, or none; long forms are eight weeks or more apart."""
    lives = lived(MESSY, measure.chance(3, 0), 20)
    asked = (lives.keyed >= 0).sum(axis=2)
    assert (asked[0] == len(ITEMS)).all()
    assert set(np.unique(asked)) == {0, 6, len(ITEMS)}
    assert ((asked == 0) == (lives.forms == NOTHING)).all()
    for person in range(20):
        assert (np.diff(np.flatnonzero(asked[:, person] == len(ITEMS))) >= 8).all()
    assert len(proof.courses(lives, 0)) == (asked[:, 0] > 0).sum()


def test_raw_answers_are_as_tapped() -> None:
    """Reversed statements are turned back, and what was not asked is absent."""
    found = raw(np.array([3] * 19 + [-1], dtype=np.int8))
    assert (found["I01"], found["I02"], len(found)) == (3, 1, 19)


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [(0.95, 0, "excellent"), (0.85, 0, "holds"), (0.79, 0.004, MISSES), (0.79, 0.006, "misses, within chance")],
)
def test_a_verdict_knows_chance(value: float, error: float, said: str) -> None:
    """A target is missed only by more than two standard errors."""
    goal = Goal("T", "anything", "any", least(0.8), least(0.9))
    assert verdict(goal, measure.Found(value, error=error)) == said
    assert verdict(Goal("T", "anything", "any", most(1), None), measure.Found(value)) == "holds"
