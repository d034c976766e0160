from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.dance.care import doubtful
from bot.dance.walk import Form, Walk

START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
ATTENTIVE = [3, 1, 1, 3, 4, 0, 1, 3, 3, 0, 0, 4, 2, 2, 1, 3, 3, 1, 0, 4]


def tapped(form: Form, values: Sequence[int | None], seconds: Sequence[float]) -> Walk:
    """Return a walk with these raw answers, each after so many seconds."""
    walk = Walk.begin(form, 1, START)
    for value, pause in zip(values, seconds, strict=True):
        walk = walk.answer(walk.cursor, value, walk.shown_at + timedelta(seconds=pause))
    return walk


def test_attentive_answers_are_never_doubted() -> None:
    """Mixed answers at a reading pace are fine on every form."""
    assert not doubtful(tapped(Form.FIRST, ATTENTIVE, [4] * 20))
    assert not doubtful(tapped(Form.WEEKLY, ATTENTIVE[:6], [4] * 6))


@pytest.mark.parametrize(("fast", "expected"), [(9, False), (10, True), (20, True)])
def test_half_of_the_answers_in_under_two_seconds(fast: int, expected: bool) -> None:
    """A form is doubtful when at least half of its answers took less than two seconds."""
    assert doubtful(tapped(Form.FULL, ATTENTIVE, [1.99] * fast + [2.0] * (20 - fast))) is expected


def test_skips_are_absent() -> None:
    """Skipping fast is no carelessness, and only answered statements are counted."""
    assert not doubtful(tapped(Form.WEEKLY, [None] * 6, [0.5] * 6))
    assert not doubtful(tapped(Form.WEEKLY, [None, None, 3, 1, 2, 3], [0.5] * 2 + [4] * 4))
    assert doubtful(tapped(Form.WEEKLY, [None, None, 3, 1, 2, 3], [4] * 2 + [1] * 2 + [4] * 2))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([2] * 20, True),
        ([4] * 9 + ATTENTIVE[9:], True),
        (ATTENTIVE[:11] + [4] * 9, True),
        ([4] * 8 + ATTENTIVE[8:], False),
        ([1] * 5 + [None] + [1] * 4 + ATTENTIVE[10:], True),
    ],
)
def test_a_straight_line_through_the_long_form(values: list[int | None], expected: bool) -> None:
    """Nine equal raw answers in a row are doubtful on the long form, the middle one included."""
    assert doubtful(tapped(Form.FIRST, values, [4] * 20)) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [([4] * 6, True), ([0] * 6, True), ([2] * 6, False), ([4] * 5 + [3], False), ([4] * 5 + [None], False)],
)
def test_six_equal_answers_in_a_week(values: list[int | None], expected: bool) -> None:
    """All six equal are doubtful in a week, unless they all say half true."""
    assert doubtful(tapped(Form.WEEKLY, values, [4] * 6)) is expected
