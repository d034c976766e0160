import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dance.patterns import State
from bot.dance.starters import (
    YEAR,
    Choice,
    StarterKind,
    choose_joint,
    choose_neutral,
    choose_own,
    choose_thought,
)

PAIRS = [
    "Integrated+Integrated",
    "Engulfed+Integrated",
    "Integrated+Isolated",
    "Adrift+Integrated",
    "Engulfed+Engulfed",
    "Engulfed+Isolated",
    "Adrift+Engulfed",
    "Isolated+Isolated",
    "Adrift+Isolated",
    "Adrift+Adrift",
]
POOL = [
    *(StarterKind(f"{pair}-{depth}", pair, depth) for pair in PAIRS for depth in range(3)),
    *(StarterKind(f"neutral-{number}", "neutral", 0) for number in range(4)),
    *(StarterKind(f"own-{number}", "own", number % 3) for number in range(6)),
    *(StarterKind(f"own-engulfed-{number}", "own:Engulfed", 0) for number in range(2)),
]
KIND = {kind.id: kind for kind in POOL}
THOUGHTS = [f"t-{number}" for number in range(52)]

uses = st.dictionaries(st.sampled_from(sorted(KIND)), st.integers(0, 100))


def joint(pair: str | None, used: dict[str, int], *, week: int = 60, depth_allowed: int = 2, seed: int = 0) -> Choice:
    """Return a choice for two from the whole pool."""
    return choose_joint(POOL, pair=pair, used=used, week=week, depth_allowed=depth_allowed, seed=seed)


def own(states: list[State], used: dict[str, int], refused: list[str] | None = None, depth_allowed: int = 2) -> Choice:
    """Return a choice for one from the whole pool."""
    return choose_own(
        POOL, states=states, used=used, refused=refused or [], week=60, depth_allowed=depth_allowed, seed=0
    )


def test_the_fitting_pair_comes_first_then_neighbours_then_neutral() -> None:
    """What fits the pair is used up before its neighbours, and those before what fits anybody."""
    used: dict[str, int] = {}
    reasons = []
    for _ in range(3 + 18 + 4):
        choice = joint("Engulfed+Isolated", used)
        assert choice.id not in used
        used[choice.id] = 60
        reasons.append(choice.reason)
    assert reasons == ["pair"] * 3 + ["neighbour"] * 18 + ["neutral"] * 4


def test_the_neutral_ones_of_coming_weeks_come_last() -> None:
    """A neutral starter whose turn in a week without a comparison comes within a year is left for that week."""
    pool = [StarterKind(f"neutral-{number}", "neutral", 0) for number in range(60)]
    soon = {choose_neutral(pool, week).id for week in range(60, 60 + YEAR)}
    used: dict[str, int] = {}
    for _ in pool:
        choice = choose_joint(pool, pair=None, used=used, week=60, depth_allowed=2)
        assert (choice.id in soon) is (len(used) >= 60 - YEAR)
        used[choice.id] = 60


def test_a_neighbour_shares_a_state() -> None:
    """A neighbouring pair shares at least one state with the couple's pair."""
    used = {kind.id: 59 for kind in POOL if kind.pair == "Adrift+Adrift"}
    choice = joint("Adrift+Adrift", used)
    assert choice.reason == "neighbour"
    assert "Adrift" in KIND[choice.id].pair


def test_without_a_pair_only_neutral_ones_fit() -> None:
    """Without an opened comparison a joint starter is neutral, even when all were used."""
    used = {f"neutral-{number}": 50 + number for number in range(4)}
    assert joint(None, {}).reason == "neutral"
    assert joint(None, used) == Choice("neutral-0", "neutral")


def test_when_all_were_used_the_longest_unused_comes() -> None:
    """If everything that fits was used within a year, the longest unused is taken, whichever ring it is in."""
    used = dict.fromkeys(KIND, 59) | {"neutral-2": 30, "own-1": 10}
    assert joint("Engulfed+Isolated", used) == Choice("neutral-2", "neutral")


def test_a_year_later_a_starter_is_fresh_again() -> None:
    """After 52 weeks a starter may come again, the never used before it."""
    used = dict.fromkeys(KIND, 59) | {"Adrift+Adrift-1": 60 - YEAR}
    assert joint("Adrift+Adrift", used) == Choice("Adrift+Adrift-1", "pair")
    del used["Adrift+Adrift-2"]
    assert joint("Adrift+Adrift", used) == Choice("Adrift+Adrift-2", "pair")


def test_depth_is_never_exceeded() -> None:
    """A deeper starter than allowed is not chosen even when it would fit best."""
    used = {"Adrift+Adrift-0": 59}
    choice = joint("Adrift+Adrift", used, depth_allowed=0)
    assert (choice.reason, KIND[choice.id].depth) == ("neighbour", 0)


def test_couples_do_not_all_get_the_same() -> None:
    """The seed alone decides between equals, the same way every time."""
    chosen = [joint(None, {}, seed=seed).id for seed in range(30)]
    assert len(set(chosen)) > 1
    assert chosen == [joint(None, {}, seed=seed).id for seed in range(30)]


def test_an_empty_pool_says_so() -> None:
    """A pool without anything that fits is an error."""
    with pytest.raises(ValueError, match="no starter"):
        choose_joint([], pair=None, used={}, week=1, depth_allowed=2)
    with pytest.raises(ValueError, match="no neutral"):
        choose_neutral([], 1)
    with pytest.raises(ValueError, match="no thought"):
        choose_thought([], {}, 1)


def test_neutral_ones_take_turns_by_week() -> None:
    """The neutral starter depends on the week number alone."""
    assert [choose_neutral(POOL, week).id for week in range(3, 6)] == ["neutral-3", "neutral-0", "neutral-1"]


def test_own_starters_fit_the_state_then_anybody() -> None:
    """Alone, what fits one's own state comes first, then what fits anybody."""
    used: dict[str, int] = {}
    reasons = []
    for _ in range(8):
        choice = own([State.ENGULFED], used)
        used[choice.id] = 60
        reasons.append(choice.reason)
    assert reasons == ["state"] * 2 + ["neutral"] * 6
    assert own([State.ISOLATED], {}).reason == "neutral"


def test_not_now_comes_later() -> None:
    """What was put off comes after everything else that is fresh, but before repeating."""
    used: dict[str, int] = {}
    put_off = ["own-engulfed-0", "own-3"]
    order = []
    for _ in range(8):
        order.append(own([State.ENGULFED], used, put_off).id)
        used[order[-1]] = 60
    assert order[-2:] == put_off


@settings(deadline=None)  # the machine may be busy
@given(pair=st.none() | st.sampled_from(PAIRS), used=uses, week=st.integers(0, 120), seed=st.integers())
def test_none_comes_twice_in_a_year_while_another_fits(
    pair: str | None, used: dict[str, int], week: int, seed: int
) -> None:
    """A starter used within 52 weeks comes only when everything that fits was; halves never mix."""
    choice = joint(pair, used, week=week, seed=seed)
    states = set(pair.split("+")) if pair else set()
    fits = [kind.id for kind in POOL if kind.pair == "neutral" or states & set(kind.pair.split("+"))]
    assert choice.id in fits
    fresh = [kind for kind in fits if kind not in used or week - used[kind] >= YEAR]
    if fresh:
        assert choice.id in fresh
    else:
        assert used[choice.id] == min(used[kind] for kind in fits)
    alone = choose_own(POOL, states=list(State), used=used, week=week, depth_allowed=2, seed=seed)
    assert alone.id.startswith("own")


@settings(deadline=None)  # the machine may be busy
@given(seed=st.integers(), first=st.integers(0, 100))
def test_no_thought_comes_twice_in_a_year(seed: int, first: int) -> None:
    """52 thoughts last 52 weeks, then the longest unused comes; and nothing rather than one of the same year."""
    used: dict[str, int] = {}
    for week in range(first, first + YEAR):
        thought = choose_thought(THOUGHTS, used, week, seed)
        assert thought not in used
        used[thought] = week
    assert used[choose_thought(THOUGHTS, used, first + YEAR, seed)] == first
    assert choose_thought(THOUGHTS, used, first + YEAR - 1, seed) is None
