import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dance.patterns import State, Wording, balance, patterns, wording
from bot.dance.sizes import Size

INTEGRATED, ENGULFED, ISOLATED, ADRIFT = State


def circle(mean: float, sd: float = 8, p_big: float = 0.5) -> Size:
    """Return a circle of some size."""
    return Size(mean=mean, sd=sd, low=mean - sd, high=mean + sd, p_big=p_big)


def test_patterns_are_products() -> None:
    """A state's probability is the product of what it needs of both circles."""
    assert patterns(0.8, 0.25) == pytest.approx({INTEGRATED: 0.2, ENGULFED: 0.05, ISOLATED: 0.6, ADRIFT: 0.15})


@pytest.mark.parametrize(
    ("p_i", "p_you", "said"),
    [
        (1.0, 0.7, Wording("named", (INTEGRATED,))),
        (0.1, 0.9, Wording("named", (ENGULFED,))),
        (0.9, 0.1, Wording("named", (ISOLATED,))),
        (0.1, 0.1, Wording("named", (ADRIFT,))),
        (0.95, 0.4, Wording("between", (ISOLATED, INTEGRATED))),
        (0.5, 0.15, Wording("between", (ISOLATED, ADRIFT))),
        (0.6, 0.6, Wording("unclear", ())),
        (0.5, 0.5, Wording("unclear", ())),
    ],
)
def test_a_word_needs_certainty(p_i: float, p_you: float, said: Wording) -> None:
    """One state is named from .70 on, two from .80 together, else there is no clear pattern."""
    assert wording(patterns(p_i, p_you)) == said


@settings(deadline=None)  # the machine may be busy
@given(p_i=st.floats(0, 1), p_you=st.floats(0, 1))
def test_words_follow_the_likeliest(p_i: float, p_you: float) -> None:
    """Probabilities add up to one and nothing less likely is named before something likelier."""
    chances = patterns(p_i, p_you)
    assert sum(chances.values()) == pytest.approx(1)
    said = wording(chances)
    assert len(said.states) == {"named": 1, "between": 2, "unclear": 0}[said.kind]
    named = [chances[state] for state in said.states]
    assert named == sorted(chances.values(), reverse=True)[: len(named)]


@pytest.mark.parametrize(
    ("i", "you", "said"),
    [
        (circle(75), circle(50), "I"),
        (circle(50), circle(75), "you"),
        (circle(60), circle(60), "same"),
        (circle(20), circle(22), "same"),
        (circle(60), circle(50), None),
        (circle(60, 20), circle(60, 20), None),
    ],
)
def test_balance_says_only_what_is_sure(i: Size, you: Size, said: str | None) -> None:
    """A circle looks larger, or both look the same, small or big; else nothing is said."""
    assert balance(i, you) == said


def test_balance_keeps_its_limits() -> None:
    """Larger means 80 % sure of more than 5 points, the same means 70 % sure of less than 15."""
    one = circle(50, 6)  # with another of 8 the difference has an error of 10
    assert balance(circle(63.5, 8), one) == "I"
    assert balance(circle(63.3, 8), one) is None
    same = circle(50, 10)
    assert balance(same, circle(50, 10.4)) == "same"
    assert balance(same, circle(50, 10.6)) is None
