from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.dance.starters import YEAR, Choice, StarterKind, choose_neutral
from bot.scenes.diaries import week_number
from bot.scenes.starter import joint_for
from storage import rounds
from storage.store import open_store
from tests.bench.starters import FIRST_WEEK, HABITS, SEED, Given, Habit, couples, pool, singles, tally
from tests.contract.people import add_couple, add_round
from tests.databases import sqlite_place

COUPLES = 200
EACH = COUPLES // len(HABITS) + 1


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)
def test_no_couple_gets_a_starter_twice_in_a_year(habit: Habit) -> None:
    """However often two people show something: one starter midweek and one at the reveal hour, each new and truly told."""
    found = couples(habit, range(SEED, SEED + EACH), YEAR)
    assert found.starters == EACH * YEAR * 2
    assert (found.again, found.empty, found.untrue) == (0, 0, 0)


def test_nobody_alone_gets_a_starter_twice_in_a_year() -> None:
    """One starter a week lasts one person for a year, whatever they put off."""
    found = singles(range(SEED, SEED + EACH), YEAR)
    assert found.starters == EACH * YEAR
    assert (found.again, found.empty, found.untrue) == (0, 0, 0)


def given(weeks: Iterable[int], choice: Choice, pair: str | None) -> list[Given]:
    """The same starter in some weeks."""
    return [Given(week, choice, pair) for week in weeks]


def test_the_tally_finds_what_should_not_be() -> None:
    """A week without a starter, one that comes again too early, and an untrue reason are each counted."""
    neutral = choose_neutral(pool(), FIRST_WEEK)
    fitting = Choice(next(kind.id for kind in pool() if kind.pair == "Adrift+Isolated"), "pair")
    near = Choice(fitting.id, "neighbour")
    own = Choice(next(kind.id for kind in pool() if kind.pair == "own:Adrift"), "state")
    assert tally(given((0, 2, 2 + YEAR), neutral, None), 3).again == 1
    assert tally(given((0, 2), neutral, None), 3).empty == 1
    assert tally(given((0,), fitting, "Adrift+Isolated"), 1).untrue == 0
    assert tally(given((0,), fitting, "Adrift+Adrift"), 1).untrue == 1
    assert tally(given((0,), near, "Adrift+Adrift"), 1).untrue == 0
    assert tally(given((0,), near, "Engulfed+Engulfed"), 1).untrue == 1
    assert tally(given((0,), near, None), 1).untrue == 1
    assert tally(given((0,), own, "Adrift"), 1).untrue == 0
    assert tally(given((0,), own, "Isolated"), 1).untrue == 1
    assert tally(given((0,), Choice(fitting.id, "neutral"), None), 1).untrue == 1


@pytest.mark.parametrize("order", [1, -1], ids=["the one first", "the other first"])
async def test_what_a_week_without_a_comparison_brought_is_used(tmp_path: Path, order: int) -> None:
    """The starter in the message of a silent round does not come again as a joint one while another fits."""
    two = [StarterKind(f"s-{number}", "neutral", 0) for number in range(2)][::order]
    async with open_store(*sqlite_place(tmp_path).settings) as store:
        _kim, _alex, couple = await add_couple(store)
        silent, following = [await add_round(store, couple, number) for number in range(2)]
        await store.write(lambda tx: rounds.mark_silent(tx, silent, silent.reveal_at))
        joint = await store.write(lambda tx: joint_for(tx, couple, following, two, following.reveal_at, pair=None))
    assert joint != choose_neutral(two, week_number(silent.reveal_at)).id
