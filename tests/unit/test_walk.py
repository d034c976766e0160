import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dance.walk import LONGEST_LOOK, ODD_WEEKS, WISHES, Form, Reply, Stage, Walk
from prompts.instrument import INSTRUMENT
from storage.checkins import WALK
from storage.vault import pad

START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def begin(form: Form = Form.FIRST, week: int = 0) -> Walk:
    """Return a fresh walk."""
    return Walk.begin(form, week, START)


def answered(walk: Walk, values: Sequence[int | None], pace: timedelta = 5 * SECOND) -> Walk:
    """Return the walk after these answers, five seconds each."""
    for value in values:
        walk = walk.answer(walk.cursor, value, walk.shown_at + pace)
    return walk


def finished(form: Form = Form.FIRST) -> Walk:
    """Return a walk at its end."""
    walk = begin(form)
    return answered(walk, [3] * walk.total).with_wish("fine").with_odd("no")


def test_the_first_form_goes_to_the_wish_and_ends() -> None:
    """After 20 statements the first form asks the wish and is done."""
    walk = answered(begin(), [3] * 20)
    assert (walk.stage, walk.current, walk.position) == (Stage.WISH, None, 20)
    assert walk.with_wish("room").stage is Stage.DONE


@pytest.mark.parametrize(("form", "total"), [(Form.WEEKLY, 6), (Form.FULL, 20)])
def test_later_forms_ask_about_an_odd_week(form: Form, total: int) -> None:
    """Weekly and full forms ask the wish, then about an odd week, then they are done."""
    walk = answered(begin(form, 8), [None] * total)
    assert walk.total == total
    walk = walk.with_wish("quiet")
    assert walk.stage is Stage.ODD_WEEK
    assert walk.with_odd("yes").stage is Stage.DONE


def test_six_again_in_the_first_week_are_those_of_week_one() -> None:
    """A weekly form in week 0 asks the statements and guesses of week 1."""
    walk = begin(Form.WEEKLY, 0)
    assert walk.order == INSTRUMENT.weekly(1)
    done = answered(walk, [1] * 6).with_wish("fine").with_odd("no")
    assert done.begin_guesses().guess_order == INSTRUMENT.weekly_guesses(1)


def test_time_is_taken_from_shown_to_tap() -> None:
    """A reply records the time between showing the statement and the tap, rounded down to tenths."""
    walk = begin().answer(0, 2, START + timedelta(seconds=1.99))
    assert walk.replies == (Reply(2, 19),)
    assert walk.replies[0].seconds == pytest.approx(1.9)


def test_looking_twice_adds_up() -> None:
    """After Back the second look is added to the first."""
    walk = answered(begin(), [2, 2])
    walk = walk.back(2, walk.shown_at + SECOND)
    walk = walk.answer(1, 4, walk.shown_at + SECOND)
    assert walk.replies == (Reply(2, 50), Reply(4, 60))


def test_a_clock_set_back_takes_no_time() -> None:
    """A tap before its showing counts as no time, never as negative time."""
    assert begin().answer(0, 1, START - SECOND).replies == (Reply(1, 0),)


def test_a_long_look_is_capped() -> None:
    """A night between two taps does not grow the stored number."""
    assert begin().answer(0, 1, START + timedelta(days=3)).replies == (Reply(1, LONGEST_LOOK),)


def test_back_keeps_what_was_tapped() -> None:
    """Back shows the earlier reply and keeps it until it is changed."""
    walk = answered(begin(), [0, 1, 2])
    back = walk.back(3, START)
    assert back.current == "I02"
    assert back.earlier is not None
    assert back.earlier.value == 2
    assert back.raw() == walk.raw()
    assert walk.earlier is None
    assert begin().back(0, START) == begin()


def test_back_leads_from_the_later_questions_too() -> None:
    """Back leads from the odd week to the wish and from the wish to the last statement."""
    walk = answered(begin(Form.WEEKLY, 1), [3] * 6).with_wish("both")
    walk = walk.back(7, START)
    assert (walk.stage, walk.wish) == (Stage.WISH, None)
    walk = walk.back(6, START)
    assert (walk.stage, walk.cursor) == (Stage.STATEMENTS, 5)
    done = finished()
    assert done.back(done.position, START) is done


def test_a_sketch_needs_ten_answers_of_the_long_form() -> None:
    """The sketch opens at statement 11 of the long form once ten are answered."""
    assert not answered(begin(), [3] * 9).can_sketch
    assert answered(begin(), [3] * 10).can_sketch
    assert not answered(begin(), [3] * 9 + [None]).can_sketch
    assert answered(begin(), [3] * 9 + [None, 2]).can_sketch
    assert not answered(begin(), [3] * 10).back(10, START).can_sketch
    assert not answered(begin(), [3] * 20).can_sketch
    assert not answered(begin(Form.WEEKLY, 1), [3] * 6).can_sketch


def test_guesses_come_only_after_the_end() -> None:
    """Guesses begin after the own part, once, and never touch it."""
    assert begin().begin_guesses() == begin()
    done = finished()
    guessing = done.begin_guesses()
    assert (guessing.stage, guessing.current_guess) == (Stage.GUESSES, "I01")
    assert guessing.begin_guesses(("Y01",)) is guessing
    for place in range(8):
        guessing = guessing.guess(place, 4)
    assert guessing.stage is Stage.DONE
    assert guessing.current_guess is None
    assert guessing.begin_guesses() is guessing
    assert guessing.raw() == done.raw()
    assert guessing.guesses_raw() == dict.fromkeys(INSTRUMENT.guess_order, 4)


def test_a_guess_can_be_changed_and_ended_early() -> None:
    """Back in the guesses keeps them, and enough is enough."""
    walk = finished().begin_guesses().guess(0, 1).guess(1, 2).guess_back(2)
    assert walk.earlier_guess == 2
    assert walk.guess_back(0) is walk
    walk = walk.guess_enough(1)
    assert walk.stage is Stage.DONE
    assert list(walk.guesses_raw().values()) == [1, 2, None, None, None, None, None, None]
    assert walk.guess_enough(1) is walk
    assert walk.earlier_guess is None


@pytest.mark.parametrize("order", [("I02",), ("Y99",)])
def test_sensitive_statements_cannot_be_guessed(order: tuple[str, ...]) -> None:
    """A guess about a sensitive or unknown statement is refused."""
    with pytest.raises(ValueError, match="may be guessed"):
        finished().begin_guesses(order)


@pytest.mark.parametrize(
    "move",
    [
        lambda walk: walk.answer(0, 5, START),
        lambda walk: walk.answer(0, -1, START),
        lambda walk: walk.with_wish("love"),
        lambda walk: walk.with_odd("maybe"),
        lambda walk: walk.guess(0, 9),
    ],
)
def test_a_wrong_code_is_refused(move: Callable[[Walk], Walk]) -> None:
    """Values that no button carries are errors, not answers."""
    with pytest.raises(ValueError, match="No such"):
        move(begin())


def test_an_instant_needs_its_zone() -> None:
    """A naive instant is refused."""
    with pytest.raises(ValueError, match="zone"):
        begin().answer(0, 1, START.replace(tzinfo=None))


@pytest.mark.parametrize(
    "change",
    [
        {"cursor": 3},
        {"cursor": -1},
        {"week": -1},
        {"wish": "room"},
        {"odd_week": "yes"},
        {"guess_order": "I01"},
        {"guesses": [1]},
        {"guess_cursor": 1},
        {"replies": [[7, 3]]},
        {"form": "monthly"},
        {"order": None},
        {"shown_at": "now"},
        {"shown_at": 10**30},
    ],
)
def test_a_damaged_walk_is_refused(change: dict[str, object]) -> None:
    """JSON that no order of moves could lead to is an error."""
    entry = json.loads(begin().to_json()) | change
    with pytest.raises(ValueError, match=r"walk|Form"):
        Walk.from_json(json.dumps(entry))


def test_something_else_is_no_walk() -> None:
    """JSON that is no walk at all is an error."""
    with pytest.raises(ValueError, match="no walk"):
        Walk.from_json("[]")


def test_the_largest_walk_fits_its_sealed_box() -> None:
    """20 replies and 8 guesses take less than 900 bytes, so that every walk has the same length once it is sealed."""
    walk = begin(Form.FULL, 99_999)
    for place in range(20):
        walk = walk.answer(place, None, walk.shown_at + timedelta(days=1, microseconds=1))
    walk = walk.with_wish("closeness").with_odd("quiet").begin_guesses()
    for place in range(7):
        walk = walk.guess(place, None)
    content = walk.guess(7, None).to_json().encode()
    assert len(content) < 900
    assert len(pad(content, WALK.room)) == WALK.room


def _rest(walk: Walk, value: int | None, now: datetime) -> Walk:
    """Answer all that is left of the statements."""
    while walk.stage is Stage.STATEMENTS:
        walk = walk.answer(walk.position, value, now)
    return walk


# Any order of taps, including those no keyboard would offer: (position, value, choice, now) is what a tap may carry.
MOVES: dict[str, Callable[[Walk, int, int | None, int, datetime], Walk]] = {
    "answer": lambda walk, position, value, _, now: walk.answer(position, value, now),
    "answer here": lambda walk, _position, value, _, now: walk.answer(walk.position, value, now),
    "rest": lambda walk, _position, value, _, now: _rest(walk, value, now),
    "back": lambda walk, position, _value, _, now: walk.back(position, now),
    "back here": lambda walk, _position, _value, _, now: walk.back(walk.position, now),
    "wish": lambda walk, _position, _value, choice, _now: walk.with_wish(WISHES[choice % len(WISHES)]),
    "odd": lambda walk, _position, _value, choice, _now: walk.with_odd(ODD_WEEKS[choice % len(ODD_WEEKS)]),
    "guesses": lambda walk, *_: walk.begin_guesses(),
    "guess": lambda walk, position, value, *_: walk.guess(position, value),
    "guess here": lambda walk, _position, value, *_: walk.guess(walk.guess_cursor, value),
    "guess back": lambda walk, position, *_: walk.guess_back(position),
    "enough": lambda walk, position, *_: walk.guess_enough(position),
}
Tap = tuple[str, int, int | None, int, int]
positions = st.integers(-1, 22)
values = st.none() | st.integers(0, 4)
taps = st.tuples(st.sampled_from(sorted(MOVES)), positions, values, st.integers(0, 9), st.integers(-500, 20_000))


@settings(deadline=None)  # the machine may be busy
@given(form=st.sampled_from(Form), week=st.integers(0, 60), moves=st.lists(taps, max_size=60))
def test_no_order_of_taps_corrupts_a_walk(form: Form, week: int, moves: list[Tap]) -> None:
    """Whatever is tapped, the walk stays sound, moves by at most one step and survives being written down."""
    walk, now = Walk.begin(form, week, START), START
    for name, position, value, choice, milliseconds in moves:
        now += timedelta(milliseconds=milliseconds)
        before, walk = walk, MOVES[name](walk, position, value, choice, now)
        assert set(walk.raw()) <= set(walk.order)
        assert set(walk.guesses_raw()) <= set(walk.guess_order)
        assert walk.current == (walk.order[walk.cursor] if walk.cursor < walk.total else None)
        assert len(walk.to_json().encode()) < 900
        assert Walk.from_json(walk.to_json()) == walk
        assert name == "rest" or abs(walk.position - before.position) <= 1
        if before.stage in {Stage.DONE, Stage.GUESSES}:
            assert (walk.replies, walk.wish, walk.odd_week) == (before.replies, before.wish, before.odd_week)


@settings(deadline=None)  # the machine may be busy
@given(moves=st.lists(taps, max_size=40), stale=positions, value=values)
def test_a_stale_tap_returns_the_very_same_walk(moves: list[Tap], stale: int, value: int | None) -> None:
    """A tap for another position than the present one changes nothing at all."""
    walk = begin(Form.WEEKLY, 3)
    for name, position, earlier_value, choice, _ in moves:
        walk = MOVES[name](walk, position, earlier_value, choice, START)
    if stale != walk.position:
        assert walk.answer(stale, value, START) is walk
        assert walk.back(stale, START) is walk
    if stale != walk.guess_cursor:
        assert walk.guess(stale, value) is walk
        assert walk.guess_back(stale) is walk
        assert walk.guess_enough(stale) is walk
