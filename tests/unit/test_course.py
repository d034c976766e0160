from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dance.change import Shift, lasting_change, shifts
from bot.dance.course import Course, advance
from bot.dance.sizes import Grids
from bot.dance.walk import Form, statements_of
from prompts.instrument import INSTRUMENT, Axis
from storage.checkins import GRIDS
from storage.vault import pad


def answers(form: Form, week: int, level: int) -> dict[str, int | None]:
    """Return raw answers that all mean the same level, reversed statements turned round."""
    keys = {item.id: item.key for item in INSTRUMENT.items}
    return {item_id: level if keys[item_id] > 0 else 4 - level for item_id in statements_of(form, week)}


def lived(levels: Sequence[int | None]) -> list[Course]:
    """Return the courses of somebody with one level a week (None for a missed week), a long form every eighth."""
    courses: list[Course] = []
    for week, level in enumerate(levels):
        if level is None:
            continue
        form = Form.WEEKLY if week % 8 else (Form.FULL if week else Form.FIRST)
        before = courses[-1] if courses else None
        courses.append(advance(before, form=form, week=week, raw=answers(form, week, level)))
    return courses


def test_weeks_pass_between_check_ins() -> None:
    """A course is the filter with its weeks and answers in order."""
    first, later = answers(Form.FIRST, 0, 3), answers(Form.WEEKLY, 3, 1)
    course = advance(advance(None, form=Form.FIRST, week=0, raw=first), form=Form.WEEKLY, week=3, raw=later, weight=0.3)
    assert course.grids == Grids.start().answered(first).weeks(3).answered(later, 0.3)
    assert course.block == course.grids


def test_a_long_form_continues_the_course() -> None:
    """A full form never begins the running filter anew, but eight weeks on it begins the next block."""
    courses = lived([3, *[None] * 7, 1])
    last = courses[-1]
    raw = answers(Form.FULL, 8, 1)
    assert last.grids == courses[0].grids.weeks(8).answered(raw)
    assert (last.block_week, last.block) == (8, Grids.start().answered(raw))


def test_a_block_ends_after_eight_weeks() -> None:
    """Weekly answers after the eighth week of a block wait for a long form; an early long form joins the block."""
    courses = lived([3] * 8)
    weekly = answers(Form.WEEKLY, 9, 1)
    assert advance(courses[-1], form=Form.WEEKLY, week=9, raw=weekly).block == courses[-1].block
    early = advance(courses[2], form=Form.FULL, week=5, raw=answers(Form.FULL, 5, 3))
    assert early.block_week == 0


def test_weeks_go_forward() -> None:
    """A check-in before the last one is an error, a second one in the same week is not."""
    (course,) = lived([3])
    raw = answers(Form.WEEKLY, 1, 3)
    later = advance(course, form=Form.WEEKLY, week=4, raw=raw)
    assert advance(later, form=Form.WEEKLY, week=4, raw=raw).week == 4
    with pytest.raises(ValueError, match="backwards"):
        advance(later, form=Form.WEEKLY, week=3, raw=raw)


@settings(deadline=None)  # the machine may be busy
@given(level=st.integers(0, 4), week=st.integers(0, 9_999))
def test_a_course_survives_being_stored(level: int, week: int) -> None:
    """A course comes back from its bytes, a second time with the same bytes."""
    course = advance(None, form=Form.FIRST, week=week, raw=answers(Form.FIRST, week, level))
    again = Course.from_bytes(course.to_bytes())
    assert (again.week, again.block_week) == (week, week)
    assert again.to_bytes() == course.to_bytes()
    assert again.grids.sizes().i.now.mean == pytest.approx(course.grids.sizes().i.now.mean, abs=1e-3)


def test_a_course_fills_one_room() -> None:
    """A sealed course has one length, whatever it holds, so that nothing can be told from it."""
    courses = [Course(week=0, grids=Grids.start(), block_week=0, block=Grids.start()), *lived([4] * 10)]
    assert {len(pad(course.to_bytes(), GRIDS.room)) for course in courses} == {GRIDS.room}


@pytest.mark.parametrize("content", [b"", b"x" * 8, b"x" * 100])
def test_damaged_bytes_are_refused(content: bytes) -> None:
    """Bytes that hold no course are an error."""
    with pytest.raises(ValueError, match=r"no course|filter"):
        Course.from_bytes(content)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (50.0, 50.0, None),
        (50.0, 62.7, None),
        (50.0, 62.9, "maybe"),
        (50.0, 66.4, "maybe"),
        (50.0, 66.5, "changed"),
        (66.5, 50.0, "changed"),
    ],
)
def test_change_needs_certainty(before: float, after: float, said: str | None) -> None:
    """A change is probable from 1.645 standard errors on, possible from 1.28 on, either way."""
    assert lasting_change(before, 6.0, after, 8.0) == said


def test_a_lasting_change_is_said_once() -> None:
    """Two blocks far apart speak at the check-in that completes the second, and not again before the third."""
    courses = lived([3] * 8 + [0] * 16)
    spoken = {
        course.week: shifts(courses[: place + 1])
        for place, course in enumerate(courses)
        if shifts(courses[: place + 1])
    }
    smaller = Shift("changed", "smaller")
    assert spoken == {15: {Axis.I: smaller, Axis.YOU: smaller}, 23: {Axis.I: smaller, Axis.YOU: smaller}}


def test_a_block_that_ends_in_silence_counts() -> None:
    """When the last weeks of a block are missed, the next long form completes it."""
    courses = lived([1] * 8 + [3] * 5 + [None] * 3 + [3])
    assert shifts(courses[:-1]) == {}
    assert shifts(courses)[Axis.I] == Shift("changed", "larger")


def test_the_same_again_is_no_change() -> None:
    """Equal weeks say nothing, and neither does one block or no check-in."""
    courses = lived([2] * 16)
    assert shifts(courses) == {}
    assert shifts(courses[:8]) == {}
    assert shifts([]) == {}
