"""What a result may say of itself: told from its wording, from its bands, and from whole blocks of weeks."""

import pytest

from bot.dance.course import Course, advance
from bot.dance.walk import Form, statements_of
from bot.scenes.results import Measure, Result, with_shifts
from prompts.catalogue import load
from prompts.instrument import INSTRUMENT

WORDS = load("en")


def measure(size: float) -> Measure:
    """A size with a band of ten points each way."""
    return Measure(size=size, low=size - 10, high=size + 10, usual=size, p_big=0.5)


@pytest.mark.parametrize(
    ("wording", "i", "you"),
    [
        (("named", "integrated"), "big", "big"),
        (("named", "engulfed"), "small", "big"),
        (("named", "isolated"), "big", "small"),
        (("named", "adrift"), "small", "small"),
        (("between", "integrated", "isolated"), "big", "middle"),
        (("between", "adrift", "engulfed"), "small", "middle"),
        (("between", "engulfed", "isolated"), "middle", "middle"),
        (("unclear",), "middle", "middle"),
    ],
)
def test_big_and_small_are_told_from_the_wording_alone(wording: tuple[str, ...], i: str, you: str) -> None:
    """A circle is called big or small only where every state that was said has it so."""
    assert Result(measure(50), measure(50), wording).magnitudes() == (i, you)


@pytest.mark.parametrize(
    ("wording", "i", "you", "said"),
    [
        (("unclear",), 75, 45, "I"),
        (("unclear",), 45, 75, "you"),
        (("named", "integrated"), 70, 71, "same"),
        (("named", "adrift"), 30, 31, "same"),
        (("named", "engulfed"), 30, 80, None),
        (("between", "integrated", "isolated"), 80, 50, None),
    ],
)
def test_the_balance_is_said_where_the_words_have_not_said_it(
    wording: tuple[str, ...], i: float, you: float, said: str | None
) -> None:
    """Which circle looks larger, or that both are about the same size, is said only where no word has."""
    assert Result(measure(i), measure(you), wording).balance() == said


def test_a_result_survives_its_storage() -> None:
    """What is written down reads back equal, shifts and all."""
    result = Result(
        measure(61.25), measure(40), ("between", "integrated", "isolated"), 0.3, 17, "room", unusual=True,
        shifts={"I": ("maybe", "larger")},
    )  # fmt: skip
    assert Result.from_json(result.to_json()) == result


def two_blocks(before: int, after: int) -> list[Course]:
    """A person who answers in one way for eight weeks and in another for the next eight."""
    courses: list[Course] = []
    for week in range(16):
        form = Form.FIRST if week == 0 else Form.FULL if week == 8 else Form.WEEKLY
        level = before if week < 8 else after
        raw = {item: level if INSTRUMENT.item(item).key > 0 else 4 - level for item in statements_of(form, week)}
        courses.append(advance(courses[-1] if courses else None, form=form, week=week, raw=raw))
    return courses


def test_lasting_change_is_spoken_of_between_whole_blocks() -> None:
    """Two blocks of eight weeks that clearly differ are said to differ, at the check-in that completes the second."""
    courses = two_blocks(before=1, after=3)
    result = Result(measure(70), measure(70), ("named", "integrated"), week=15)
    said = with_shifts(result, *courses[-2:]).shifts
    assert said == {"I": ("changed", "larger"), "you": ("changed", "larger")}
    assert with_shifts(result, *courses[-3:-1]).shifts == {}
    assert with_shifts(result, None, courses[0]).shifts == {}
    text = WORDS.render("picture", result=result, weekly=True, hurried=False, thought="x", shifts=said)
    assert 'Compared with your first eight weeks, your "I" has probably become larger.' in text


def test_nothing_is_said_of_chance() -> None:
    """Answers that stay the same are never called a change."""
    assert with_shifts(Result(measure(50), measure(50)), *two_blocks(before=2, after=2)[-2:]).shifts == {}


def test_the_ring_is_explained_where_it_is_drawn() -> None:
    """From week 4 the thin rings are named under the picture; before that nothing is said of them."""
    for week, drawn in ((3, False), (4, True)):
        result = Result(measure(50), measure(50), ("unclear",), week=week)
        text = WORDS.render("picture", result=result, weekly=True, hurried=False, thought="x", shifts={})
        assert ("thin rings" in text) is drawn
