"""One's own picture: circles first, then a few words, for the owner's eyes."""

from collections.abc import Mapping
from datetime import timedelta

from bot.dance.sizes import Grids
from bot.dance.starters import choose_thought
from bot.dance.walk import Walk
from bot.scenes import diaries, weeks
from bot.scenes.drawings import drawing, figure
from bot.scenes.keyboard import Row, beside, button, footer, mark, row
from bot.scenes.results import Result, score
from bot.scenes.screen import Button, Screen, Tap
from bot.scenes.turn import Turn
from storage import checkins, couples, rounds
from storage.records import CheckIn, Couple
from storage.store import Tx

KEPT_PICTURE = timedelta(days=14)
"""When a pair forms, a picture of at most this age can be shown as it is (the design's choice)."""


NO_THOUGHT = ""
"""What the diary holds for a picture that came when every thought had come within the year."""


def picture(turn: Turn, tx: Tx) -> Screen:
    """`/picture`: the latest picture of one's own, as circles and in words."""
    latest = checkins.latest(tx, turn.person.id)
    if latest is None or latest.result is None:
        return Screen(
            turn.words.render("picture_none"),
            (row(button(turn, "button.questions", "checkin")), footer(turn)),
            Tap("picture"),
        )
    return picture_of(turn, tx, latest)


def picture_of(turn: Turn, tx: Tx, latest: CheckIn) -> Screen:
    """The picture of a person's latest check-in, which is finished."""
    result = Result.from_json(latest.result or "")
    couple = couples.of(tx, turn.person.id)
    name = couples.partner_name(tx, couple, turn.person.id) if couple else None
    text = turn.words.render(
        "picture",
        result=result,
        weekly=latest.form == "weekly",
        thought=_thought(turn, tx, latest),
        hurried=result.weight < 1,
        shifts=result.shifts,
    )
    return Screen(
        text,
        (*_next_steps(turn, tx, latest, couple, name), footer(turn)),
        Tap("picture"),
        picture=drawing(turn, figure(turn, result)),
    )


def _thought(turn: Turn, tx: Tx, check_in: CheckIn) -> str | None:
    """One thought under each picture, the same whenever that picture is shown again, none twice in a year."""
    kept = diaries.load(tx, turn.person.id, "thoughts")
    by_check_in = {entry.ref: entry.id for entry in kept}
    texts = {thought.id: thought.text for thought in turn.words.thoughts}
    chosen = by_check_in.get(check_in.id)
    if chosen is None or (chosen != NO_THOUGHT and chosen not in texts):
        week = diaries.week_number(turn.now)
        used = {entry.id: entry.week for entry in kept}
        chosen = choose_thought(tuple(texts), used, week, turn.person.telegram_id) or NO_THOUGHT
        entry = diaries.Entry(id=chosen, week=week, ref=check_in.id)
        diaries.save(tx, turn.person.id, "thoughts", [*kept, entry])
    return texts.get(chosen)


def _next_steps(turn: Turn, tx: Tx, latest: CheckIn, couple: Couple | None, name: str | None) -> tuple[Row, ...]:
    """What can come next: in a pair what to show and the guesses; alone the invitation."""
    words = button(turn, "button.words", "words")
    rest = (*weeks.offers(turn, latest), *beside(words, when_to_come_back(turn)))
    if couple is None or name is None:
        return (row(button(turn, "button.invite", "invite")), *rest)
    rows: list[Row] = []
    if can_be_shown(turn, tx, latest, couple):
        rows.append(row(button(turn, "button.show", "share", mark(latest.started_at), partner=name)))
        if not Walk.from_json(latest.walk or "").guess_order and latest.walk:
            rows.append(row(button(turn, "button.guess", "guess.offer", mark(latest.started_at), partner=name)))
    return (*rows, *rest)


def when_to_come_back(turn: Turn) -> Button:
    """First what time it is for the person, then day and hour."""
    return button(turn, "button.when", "settings" if turn.person.zone else "zone")


def can_be_shown(turn: Turn, tx: Tx, check_in: CheckIn, couple: Couple) -> bool:
    """Whether this picture may be shown in the present round: attentive, of this round, and the round not over.

    A picture from before the pair formed counts for the first round while it is fresh.
    """
    if check_in.result is None or check_in.finished_at is None or Result.from_json(check_in.result).weight < 1:
        return False
    current = rounds.current(tx, couple.id)
    if current is None or rounds.has_ended(current):
        return False
    if current.number == 0 and check_in.finished_at < couple.created_at:
        return turn.now - check_in.finished_at <= KEPT_PICTURE
    return check_in.round_id == current.id


def sketch(turn: Turn, raw: Mapping[str, int | None]) -> Screen:
    """The circles so far: wide rims, no word for the state."""
    result = score(Grids.start().answered(raw, 1.0), weight=1.0, week=0, wish=None, unusual=False)
    return Screen(
        turn.words.render("sketch", result=result),
        (row(button(turn, "button.resume", "walk")), footer(turn)),
        Tap("walk.sketch"),
        picture=drawing(turn, figure(turn, result)),
    )


def words(turn: Turn, _tx: Tx) -> Screen:
    """What the four words mean, and that people pass through all of them."""
    return Screen(
        turn.words.render("words"),
        (row(button(turn, "button.picture", "picture")), footer(turn)),
        Tap("words"),
    )
