from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.dance.starters import YEAR, Choice, StarterKind, choose_neutral
from bot.scenes import diaries, starter
from bot.scenes.diaries import Entry, week_number
from bot.scenes.starter import joint_for
from storage import rounds
from storage.couples import close, pair
from storage.records import Couple, Person
from storage.store import Tx, open_store
from tests.bench.starters import FIRST_WEEK, HABITS, SEED, Given, Habit, couples, pool, singles, tally
from tests.contract.people import NOW, add_couple, add_round
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


async def test_a_pair_that_forms_again_goes_on_where_both_were(tmp_path: Path) -> None:
    """What both were told in an earlier pair of theirs does not come again, and what only one was told plays no part."""
    async with open_store(*sqlite_place(tmp_path).settings) as store:
        kim, alex, before = await add_couple(store)
        both, one = Entry(id="s-both", week=2_900, couple=before.id), Entry(id="s-one", week=2_901, couple=before.id)
        for person, entry in ((kim, both), (alex, both), (kim, one)):
            await store.write(lambda tx, person=person, entry=entry: diaries.add(tx, person.id, "joint", entry))
        await store.write(lambda tx: close(tx, before, NOW))
        again = await store.write(lambda tx: pair_again(tx, kim, alex))
        copies = [await store.read(lambda tx, who=who: diaries.load(tx, who.id, "joint")) for who in (kim, alex)]
    assert [(entry.id, entry.couple) for entry in copies[0]] == [("s-both", again.id), ("s-one", before.id)]
    assert [(entry.id, entry.couple) for entry in copies[1]] == [("s-both", again.id)]


def pair_again(tx: Tx, kim: Person, alex: Person) -> Couple:
    """The two are a pair once more."""
    couple = pair(tx, inviter=alex, invitee=kim, inviter_name="Alex", invitee_name="Kim", now=NOW)
    starter.carry_over(tx, couple)
    return couple


async def test_what_came_with_the_neutral_message_is_noted_for_both(tmp_path: Path) -> None:
    """The starter of a silent round stands in both copies of the joint history."""
    two = [StarterKind(f"s-{number}", "neutral", 0) for number in range(2)]
    async with open_store(*sqlite_place(tmp_path).settings) as store:
        kim, alex, couple = await add_couple(store)
        silent = await add_round(store, couple, 1)
        await store.write(lambda tx: starter.note_silent(tx, couple, silent, two))
        copies = [await store.read(lambda tx, who=who: diaries.load(tx, who.id, "joint")) for who in (kim, alex)]
    week = week_number(silent.reveal_at)
    assert copies[0] == copies[1] == [Entry(two[week % 2].id, week, reason="neutral", couple=couple.id)]
