from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dance.change import Shift, lasting_change, shifts
from bot.dance.course import BLOCK_WEEKS, Course, advance, resumed, usuals
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
    return walked(
        [
            (week, Form.WEEKLY if week % 8 else Form.FULL, level)
            for week, level in enumerate(levels)
            if level is not None
        ]
    )


def walked(steps: Sequence[tuple[int, Form, int]]) -> list[Course]:
    """Return the courses of somebody with check-ins of some weeks, forms and levels; the first is a first form."""
    courses: list[Course] = []
    for week, wanted, level in steps:
        form = wanted if courses else Form.FIRST
        before = courses[-1] if courses else None
        courses.append(advance(before, form=form, week=week, raw=answers(form, week, level)))
    return courses


def told(courses: Sequence[Course]) -> dict[Axis, Shift]:
    """Return what is said after the last of some courses."""
    before, course = [None, *courses][-2:]
    assert course is not None
    return shifts(before, course)


def told_from_all(courses: Sequence[Course]) -> dict[Axis, Shift]:
    """Return the same from everything that ever was: the first complete block against the latest, once a block."""
    blocks = complete_blocks(courses)
    if len(blocks) < 2 or len(blocks) == len(complete_blocks(courses[:-1])):
        return {}
    found: dict[Axis, Shift] = {}
    for axis, name in ((Axis.I, "i"), (Axis.YOU, "you")):
        one, other = (getattr(grids, name).reading(floor=False).usual for grids in (blocks[0], blocks[-1]))
        certainty = lasting_change(one.mean, one.sd, other.mean, other.sd)
        if certainty is not None:
            found[axis] = Shift(certainty, "larger" if other.mean > one.mean else "smaller")
    return found


def complete_blocks(courses: Sequence[Course]) -> list[Grids]:
    """Return each block as its last check-in left it, oldest first, without one that still runs."""
    last = {course.block_week: course.block for course in courses}
    running = bool(courses) and courses[-1].week - courses[-1].block_week < BLOCK_WEEKS - 1
    return [*last.values()][:-1] if running else [*last.values()]


def as_stored(course: Course) -> Course:
    """Return a course as it comes back from its bytes."""
    return Course.from_bytes(course.to_bytes())


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
    assert {course.first is None for course in courses} == {True, False}
    assert {len(pad(course.to_bytes(), GRIDS.room)) for course in courses} == {GRIDS.room}


def test_the_first_block_goes_along() -> None:
    """From the second block on a course knows what the first one came to, to the last bit, and never another."""
    courses = lived([3] * 8 + [1] * 16)
    (first,) = {course.first for course in courses[8:]}
    assert [course.first for course in courses[:8]] == [None] * 8
    assert first == usuals(courses[7].block)
    assert as_stored(courses[-1]).first == first


def test_whoever_comes_from_the_first_version_goes_on() -> None:
    """Version 0.1.0 kept every course without the first block: the last one gets it from the others."""
    courses = [as_stored(course) for course in lived([3] * 8 + [1] * 12)]
    as_they_were = [replace(course, first=None) for course in courses]
    assert resumed([]) is None
    assert resumed(as_they_were[:8]) == courses[7]
    assert resumed(as_they_were) == replace(courses[-1], first=usuals(courses[7].block))
    assert resumed(courses[-1:]) == courses[-1]


CONTENTS = (
    b"",
    b"x" * 8,
    b"x" * 100,
    Course(week=0, grids=Grids.start(), block_week=0, block=Grids.start()).to_bytes() + b"x",
)


@pytest.mark.parametrize("content", CONTENTS)
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
    spoken = {course.week: shifts(before, course) for before, course in pairwise(courses) if shifts(before, course)}
    smaller = Shift("changed", "smaller")
    assert spoken == {15: {Axis.I: smaller, Axis.YOU: smaller}, 23: {Axis.I: smaller, Axis.YOU: smaller}}


def test_a_block_that_ends_in_silence_counts() -> None:
    """When the last weeks of a block are missed, the next long form completes it."""
    courses = lived([1] * 8 + [3] * 5 + [None] * 3 + [3])
    assert told(courses[:-1]) == {}
    assert told(courses)[Axis.I] == Shift("changed", "larger")


def test_the_same_again_is_no_change() -> None:
    """Equal weeks say nothing, and neither does one block or no check-in."""
    courses = lived([2] * 16)
    assert told(courses) == {}
    assert told(courses[:8]) == {}
    assert told(courses[:1]) == {}


steps = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from([Form.WEEKLY, Form.FULL]), st.integers(0, 4)), min_size=1, max_size=14
)


@settings(deadline=None, max_examples=25)  # the machine may be busy, and a life takes a while
@given(steps=steps)
def test_two_courses_tell_what_all_would(steps: list[tuple[int, Form, int]]) -> None:
    """Whatever weeks are missed and forms are chosen, the last two courses say just what the whole past would say."""
    week, taken = 0, []
    for gap, form, level in steps:
        week += gap
        taken.append((week, form, level))
    courses = walked(taken)
    for number in range(1, len(courses) + 1):
        assert told(courses[:number]) == told_from_all(courses[:number])
