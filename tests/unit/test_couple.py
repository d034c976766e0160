import pytest

from bot.dance.couple import difference, guess_gap, pair_of
from bot.dance.patterns import Wording, patterns, wording
from bot.dance.sizes import Size


def circle(mean: float, sd: float = 8) -> Size:
    """Return a circle of some size."""
    return Size(mean=mean, sd=sd, low=mean - sd, high=mean + sd, p_big=0.5)


@pytest.mark.parametrize(
    ("mine", "theirs", "pair"),
    [
        ((0.9, 0.1), (0.1, 0.9), "Engulfed+Isolated"),
        ((0.1, 0.9), (0.9, 0.1), "Engulfed+Isolated"),
        ((0.9, 0.9), (0.9, 0.9), "Integrated+Integrated"),
        ((0.95, 0.4), (0.1, 0.1), "Adrift+Isolated"),
        ((0.5, 0.5), (0.9, 0.9), None),
        ((0.9, 0.9), (0.5, 0.5), None),
    ],
)
def test_a_pair_is_named_alphabetically(
    mine: tuple[float, float], theirs: tuple[float, float], pair: str | None
) -> None:
    """The pair of likelier states is the same from both sides, and absent when either is unclear."""
    assert pair_of(wording(patterns(*mine)), wording(patterns(*theirs))) == pair


def test_unclear_is_what_was_said() -> None:
    """A pair follows the words that were said, not the probabilities behind them."""
    clear = wording(patterns(0.9, 0.9))
    assert pair_of(clear, Wording("unclear", ())) is None


@pytest.mark.parametrize(
    ("mine", "theirs", "said"),
    [(75, 50, "larger"), (50, 75, "smaller"), (60, 50, "alike"), (50, 60, "alike"), (50, 50, "alike")],
)
def test_circles_differ_only_when_it_is_sure(mine: float, theirs: float, said: str) -> None:
    """Two people's circles are much alike unless one is surely more than 5 points larger."""
    assert difference(circle(mine), circle(theirs)) == said


@pytest.mark.parametrize(
    ("guess", "own", "said"),
    [(50, 75, "larger"), (75, 50, "smaller"), (50, 60, None), (60, 50, None), (50, 65.2, None), (50, 65.3, "larger")],
)
def test_a_guess_gap_is_said_only_when_clear(guess: float, own: float, said: str | None) -> None:
    """The partner's own circle is larger or smaller than guessed only with 70 % for more than 10 points."""
    assert guess_gap(circle(guess, 6), circle(own, 8)) == said
