"""The walk through the statements, one at a time, in one message."""

from collections.abc import Callable
from datetime import datetime

from bot.dance import care, rhythm
from bot.dance.change import COMPARED
from bot.dance.course import BLOCK_WEEKS, Course, advance, resumed
from bot.dance.sizes import enough
from bot.dance.walk import Form, Stage, Walk
from bot.scenes import calendar, portrait, results
from bot.scenes.keyboard import Row, button, column, footer, mark, row
from bot.scenes.screen import Button, Screen, Tap
from bot.scenes.turn import Turn
from prompts.catalogue import Question
from prompts.instrument import INSTRUMENT
from storage import checkins, couples, files, people, rounds
from storage.records import CheckIn, Person
from storage.store import Tx

SKIPPED = "s"

FIRST_COMPARABLE_WEEK = COMPARED * BLOCK_WEEKS - 1
"""Before the second block of eight weeks is complete, there is no lasting change to speak of."""


def week_of(turn: Turn) -> int:
    """The person's week number today."""
    return _week(turn.person, turn.now)


def _week(person: Person, now: datetime) -> int:
    first = person.first_day
    return rhythm.week_number(first, rhythm.local_day(person.zone, now)) if first else 0


def checkin(turn: Turn, tx: Tx) -> Screen:
    """`/checkin`: resume, or begin, or say that this week's is done."""
    if checkins.unfinished(tx, turn.person.id) is not None:
        return here(turn, tx)
    latest = checkins.latest(tx, turn.person.id)
    if latest is None:
        return begin(turn, tx)
    if is_done(tx, turn.person, latest, turn.now):
        return _done(turn)
    if _long_form_is_due(turn, tx):
        return Screen(
            turn.words.render("walk_long"),
            (
                *column(
                    button(turn, "button.long", "walk.begin", Form.FULL),
                    button(turn, "button.short", "walk.begin", Form.WEEKLY),
                ),
                footer(turn),
            ),
            Tap("checkin"),
        )
    return begin(turn, tx)


def is_done(tx: Tx, person: Person, latest: CheckIn, now: datetime) -> bool:
    """Whether this time's questions are answered: one check-in a round in a pair; one a week alone."""
    couple = couples.of(tx, person.id)
    current = rounds.current(tx, couple.id) if couple else None
    if current is not None:
        return latest.round_id == current.id
    return latest.week == _week(person, now)


def _done(turn: Turn) -> Screen:
    return Screen(
        turn.words.render("walk_done"),
        (row(button(turn, "button.picture", "picture"), button(turn, "button.starter", "starter")), footer(turn)),
        Tap("checkin"),
    )


def _long_form_is_due(turn: Turn, tx: Tx) -> bool:
    long_ones = [one.week for one in checkins.finished(tx, turn.person.id) if one.form != Form.WEEKLY]
    return bool(long_ones) and week_of(turn) - max(long_ones) >= INSTRUMENT.full_again_every_weeks


def begin(turn: Turn, tx: Tx) -> Screen:
    """Begin a form, the first one, or the weekly or long one that was tapped, unless this week's is done."""
    person = turn.person
    check_in = checkins.unfinished(tx, person.id)
    if check_in is not None:
        return _paint(turn, check_in, _walk(check_in))
    latest = checkins.latest(tx, person.id) if person.first_day is not None else None
    if latest is not None and is_done(tx, person, latest, turn.now):
        return _done(turn)
    form = _form(turn, tx)
    # A moved zone can set the local date back by a day; a week number never goes back with it.
    week = max(week_of(turn), latest.week if latest else 0)
    walk = Walk.begin(form, week, turn.now)
    begun = checkins.begin(tx, person_id=person.id, form=form, week=week, walk=walk.to_json(), now=turn.now)
    return _paint(turn, begun, walk)


def _form(turn: Turn, tx: Tx) -> Form:
    if turn.person.first_day is None:
        return Form.FIRST
    wants_long = turn.tap.kind == "walk.begin" and turn.tap.args == (Form.FULL,)
    return Form.FULL if wants_long and _long_form_is_due(turn, tx) else Form.WEEKLY


def here(turn: Turn, tx: Tx) -> Screen:
    """Paint the present question, wherever the person is in the walk."""
    check_in = checkins.unfinished(tx, turn.person.id)
    if check_in is None:
        return portrait.picture(turn, tx)
    return _paint(turn, check_in, _walk(check_in))


def _walk(check_in: CheckIn) -> Walk:
    return Walk.from_json(check_in.walk or "")


def _paint(turn: Turn, check_in: CheckIn, walk: Walk) -> Screen:
    match walk.stage:
        case Stage.STATEMENTS:
            return _question(turn, check_in, walk)
        case Stage.WISH:
            return _closing(turn, check_in, walk, "walk.wish", turn.words.wish)
        case Stage.ODD_WEEK:
            return _closing(turn, check_in, walk, "walk.odd", turn.words.odd_week)
        case _:
            return _ended(turn, check_in, walk)


def _too_few(walk: Walk) -> bool:
    """A first form with too few answers on an axis gives no size (docs/measurement.md)."""
    return walk.form is Form.FIRST and not enough(walk.raw())


def _ended(turn: Turn, check_in: CheckIn, walk: Walk) -> Screen:
    """All is answered, and something is to be asked before it counts."""
    again_or_not = (
        button(turn, "button.answer_again", "walk.again", mark(check_in.started_at)),
        button(turn, "button.leave_out", "walk.leave_out", mark(check_in.started_at)),
    )
    if _too_few(walk):
        return Screen(turn.words.render("walk_few"), (*column(*again_or_not), footer(turn)), Tap("walk"))
    keep_them = button(turn, "button.keep_answers", "walk.keep", mark(check_in.started_at))
    return Screen(turn.words.render("walk_hurry"), (*column(keep_them, *again_or_not), footer(turn)), Tap("walk"))


def _question(turn: Turn, check_in: CheckIn, walk: Walk) -> Screen:
    words = turn.words
    position = walk.position
    text = words.render(
        "question",
        number=position + 1,
        total=walk.total,
        frame=words.frames[walk.form],
        intro=words.frames["intro"],
        statement=words.statements[walk.order[position]],
        before=said(turn, walk.earlier.value) if walk.earlier else None,
        opening=position == 0 and walk.form is not Form.WEEKLY,
        halfway=walk.can_sketch and position == walk.total // 2,
    )
    moves: list[Button] = []
    if position > 0:
        moves.append(button(turn, "button.back", "walk.back", mark(check_in.started_at), position))
    moves.append(button(turn, "button.skip", "walk.answer", mark(check_in.started_at), position, SKIPPED))
    moves.append(button(turn, "button.pause", "walk.pause"))
    if walk.can_sketch:
        moves.append(button(turn, "button.sketch", "walk.sketch", mark(check_in.started_at)))
    return Screen(text, (*answer_rows(turn, "walk.answer", check_in, position), tuple(moves)), Tap("walk"))


def said(turn: Turn, value: int | None) -> str:
    """An answer, or Skip, in the words of its button."""
    return turn.words.label("button.skip") if value is None else turn.words.answers[value]


def answer_rows(turn: Turn, kind: str, check_in: CheckIn, position: int) -> tuple[Row, ...]:
    """The five answers, one per row."""
    return tuple(
        (Button(label, tap=Tap(kind, (mark(check_in.started_at), str(position), str(value)))),)
        for value, label in enumerate(turn.words.answers)
    )


def _closing(turn: Turn, check_in: CheckIn, walk: Walk, kind: str, question: Question) -> Screen:
    """One of the closing questions: the wish, or whether the week was unusual."""
    rows = tuple(
        (Button(label, tap=Tap(kind, (mark(check_in.started_at), code))),) for code, label in question.labels.items()
    )
    moves = row(
        button(turn, "button.back", "walk.back", mark(check_in.started_at), walk.position),
        button(turn, "button.pause", "walk.pause"),
    )
    return Screen(turn.words.render("walk_closing", question=question.text), (*rows, moves), Tap("walk"))


def _tapped(turn: Turn, tx: Tx) -> CheckIn | None:
    """The unfinished check-in that the tap is about; None for a stale or foreign tap."""
    check_in = checkins.unfinished(tx, turn.person.id)
    if check_in is None or not turn.tap.args or turn.tap.args[0] != mark(check_in.started_at):
        return None
    return check_in


def answer(turn: Turn, tx: Tx) -> Screen:
    """An answer or a skip; a tap on any but the present question only repaints."""
    check_in = _tapped(turn, tx)
    if check_in is None:
        return here(turn, tx)
    walk = _walk(check_in)
    _, position, value = turn.tap.args
    moved = walk.answer(int(position), None if value == SKIPPED else int(value), turn.now)
    return _moved(turn, tx, check_in, walk, moved)


def back(turn: Turn, tx: Tx) -> Screen:
    """One step back; earlier answers stay until they are changed."""
    check_in = _tapped(turn, tx)
    if check_in is None:
        return here(turn, tx)
    walk = _walk(check_in)
    return _moved(turn, tx, check_in, walk, walk.back(int(turn.tap.args[1]), turn.now))


def wish(turn: Turn, tx: Tx) -> Screen:
    """What the person would change about the week."""
    return _with_code(turn, tx, Walk.with_wish)


def odd(turn: Turn, tx: Tx) -> Screen:
    """Whether the week was unusual."""
    return _with_code(turn, tx, Walk.with_odd)


def _with_code(turn: Turn, tx: Tx, move: Callable[[Walk, str], Walk]) -> Screen:
    check_in = _tapped(turn, tx)
    if check_in is None:
        return here(turn, tx)
    walk = _walk(check_in)
    return _moved(turn, tx, check_in, walk, move(walk, turn.tap.args[1]))


def _moved(turn: Turn, tx: Tx, check_in: CheckIn, before: Walk, after: Walk) -> Screen:
    """Keep a move that changed something, and finish the walk where it was the last one."""
    if after == before:
        return _paint(turn, check_in, before)
    if after.stage is Stage.DONE and not _too_few(after) and not care.doubtful(after):
        return finish(turn, tx, check_in, after, weight=1.0)
    checkins.save_walk(tx, check_in, after.to_json())
    return _paint(turn, check_in, after)


def keep(turn: Turn, tx: Tx) -> Screen:
    """Quick answers are kept, and count less."""
    check_in = _tapped(turn, tx)
    if check_in is None or _walk(check_in).stage is not Stage.DONE or _too_few(_walk(check_in)):
        return here(turn, tx)
    return finish(turn, tx, check_in, _walk(check_in), weight=care.DOUBT_WEIGHT)


def again(turn: Turn, tx: Tx) -> Screen:
    """The same form from its first statement."""
    check_in = _tapped(turn, tx)
    if check_in is not None and _walk(check_in).stage is Stage.DONE:
        fresh = Walk.begin(Form(check_in.form), check_in.week, turn.now)
        checkins.save_walk(tx, check_in, fresh.to_json())
    return here(turn, tx)


def leave_out(turn: Turn, tx: Tx) -> Screen:
    """This week is left out; a second tap says so again."""
    check_in = _tapped(turn, tx)
    if check_in is not None and _walk(check_in).stage is Stage.DONE:
        checkins.drop(tx, check_in)
    elif checkins.unfinished(tx, turn.person.id) is not None or _is_finished(turn, tx):
        return here(turn, tx)
    return Screen(turn.words.render("walk_left_out"), (footer(turn),), Tap("home"))


def _is_finished(turn: Turn, tx: Tx) -> bool:
    """Whether the tap is about a check-in that counts."""
    return any(turn.tap.args == (mark(one.started_at),) for one in checkins.pictures(tx, turn.person.id))


def finish(turn: Turn, tx: Tx, check_in: CheckIn, walk: Walk, *, weight: float) -> Screen:
    """Score the walk, keep the picture, and show it to its owner first."""
    person = turn.person
    before = resumed([Course.from_bytes(kept) for kept in checkins.grids_of(tx, person.id)])
    week = check_in.week
    course = advance(before, form=walk.form, week=week, raw=walk.raw(), weight=weight)
    result = results.score(course.grids, weight=weight, week=week, wish=walk.wish, unusual=walk.odd_week == "yes")
    result = results.with_shifts(result, before, course)
    couple = couples.of(tx, person.id)
    current = rounds.current(tx, couple.id) if couple else None
    done = checkins.finish(
        tx,
        check_in,
        walk=walk.to_json(),
        result=result.to_json(),
        grids=course.to_bytes(),
        round_id=current.id if current else None,
        now=turn.now,
    )
    files.forget(tx, person.id)  # a check-in makes new pictures; the earlier ones are hardly asked for again
    if person.first_day is None:
        people.change(tx, person.id, first_day=rhythm.local_day(person.zone, turn.now))
    calendar.after_check_in(tx, person)
    return portrait.picture_of(turn, tx, done)


def pause(turn: Turn, tx: Tx) -> Screen:
    """A pause at any question; everything so far is kept."""
    if checkins.unfinished(tx, turn.person.id) is None:
        return here(turn, tx)
    return Screen(
        turn.words.render("walk_paused"),
        (row(button(turn, "button.resume", "walk")), footer(turn)),
        Tap("walk.pause"),
    )


def sketch(turn: Turn, tx: Tx) -> Screen:
    """The circles so far, with wide rims and no word for them."""
    check_in = checkins.unfinished(tx, turn.person.id)
    if check_in is None or not _walk(check_in).can_sketch:
        return here(turn, tx)
    return portrait.sketch(turn, _walk(check_in).raw())
