"""What may the partner see? Three equal choices, a preview of exactly that, and one screen afterwards."""

from dataclasses import dataclass, replace

from bot.scenes import calendar, portrait
from bot.scenes.drawings import drawing, figure
from bot.scenes.keyboard import Row, button, column, footer, mark, row
from bot.scenes.results import Result
from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import Turn
from storage import checkins, couples, rounds, shared
from storage.records import CheckIn, Choice, Couple, Level, Round
from storage.store import Tx

EXPLAINED_ROUNDS = 2
"""In so many of a pair's first rounds these screens explain themselves; later "How it works" does (the design's choice)."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a choice is about."""

    check_in: CheckIn
    couple: Couple
    round: Round
    partner: str


def _matter(turn: Turn, tx: Tx) -> Matter | None:
    """The picture that can still be shown in the present round, or None."""
    couple = couples.of(tx, turn.person.id)
    latest = checkins.latest(tx, turn.person.id)
    if couple is None or latest is None or not portrait.can_be_shown(turn, tx, latest, couple):
        return None
    current = rounds.current(tx, couple.id)
    if current is None:
        return None
    return Matter(latest, couple, current, couples.partner_name(tx, couple, turn.person.id))


def _levels(turn: Turn, check_in: CheckIn) -> tuple[Row, ...]:
    """Three equal buttons, in the same order and look every week; nothing is ever preselected."""
    return column(
        *(
            button(turn, f"level.{level}", "share.preview", mark(check_in.started_at), level)
            for level in (Level.WORDS, Level.SIZES, Level.NOTHING)
        )
    )


def _explains(current: Round) -> bool:
    """Whether the pair is so new that everything is said in full: a function of joint history alone."""
    return current.number < EXPLAINED_ROUNDS


def _how_it_works(turn: Turn) -> Row:
    """What the brief screens no longer say, one tap away, with the way back."""
    return row(button(turn, "button.help", "help", "share"))


def choose(turn: Turn, tx: Tx) -> Screen:
    """Ask what the partner may see this time."""
    matter = _matter(turn, tx)
    if matter is None:
        return _closed(turn, tx)
    return Screen(
        turn.words.render("share", partner=matter.partner, explains=_explains(matter.round)),
        (*_levels(turn, matter.check_in), _how_it_works(turn), footer(turn)),
        Tap("share", (mark(matter.check_in.started_at),)),
        protect=True,
    )


def preview(turn: Turn, tx: Tx) -> Screen:
    """Show exactly what the partner would see, made by the function that makes it for the partner."""
    matter = _matter(turn, tx)
    if matter is None or matter.check_in.result is None or turn.tap.args[0] != mark(matter.check_in.started_at):
        return choose(turn, tx)
    level = Level(turn.tap.args[1])
    own_name = couples.own_name(tx, matter.couple, turn.person.id)
    rows = (
        row(button(turn, "button.share_this", "share.set", mark(matter.check_in.started_at), level)),
        *_levels(turn, matter.check_in),
        _how_it_works(turn),
        footer(turn),
    )
    place = Tap("share.preview", (mark(matter.check_in.started_at), level.value))
    if level is Level.NOTHING:
        return Screen(turn.words.render("share_nothing", partner=matter.partner), rows, place, protect=True)
    seen = Result.from_json(shared.cut(matter.check_in.result, level))
    text = turn.words.render(
        "share_preview",
        partner=matter.partner,
        name=own_name,
        result=seen,
        level=level.value,
        explains=_explains(matter.round),
        wish=level is Level.WORDS and Result.from_json(matter.check_in.result).wish not in {None, shared.PRIVATE_WISH},
    )
    return Screen(
        text,
        rows,
        place,
        picture=drawing(turn, figure(turn, seen, own_name)),
        protect=True,
    )


def confirm(turn: Turn, tx: Tx) -> Screen:
    """Keep the choice; a passing notice says which, the screen that stays is the same for all three."""
    matter = _matter(turn, tx)
    if matter is None or turn.tap.args[0] != mark(matter.check_in.started_at):
        return choose(turn, tx)
    level = Level(turn.tap.args[1])
    couples.lock(tx, matter.couple.id)
    kept = rounds.choose(
        tx,
        Choice(
            person_id=turn.person.id,
            round_id=matter.round.id,
            check_in_id=matter.check_in.id,
            level=level,
            chosen_at=turn.now,
        ),
    )
    if not kept:  # it opened between looking and locking
        return _closed(turn, tx)
    calendar.after_choice(tx, matter.couple, matter.round, turn.now)
    noted = turn.words.label("notice.noted", level=turn.words.label(f"level.{level}"))
    return _that_is_all(turn, matter.round, matter.partner, noted)


def _closed(turn: Turn, tx: Tx) -> Screen:
    """The own picture, and a passing word to whoever was still choosing: the other's choice may have opened it meanwhile."""
    return replace(portrait.picture(turn, tx), notice=turn.words.label("notice.closed"))


def afterwards(turn: Turn, tx: Tx) -> Screen:
    """The screen that stays after any choice."""
    couple = couples.of(tx, turn.person.id)
    current = rounds.current(tx, couple.id) if couple else None
    if couple is None or current is None or rounds.has_ended(current):
        return portrait.picture(turn, tx)
    return _that_is_all(turn, current, couples.partner_name(tx, couple, turn.person.id), None)


def _that_is_all(turn: Turn, current: Round, partner: str, notice: str | None) -> Screen:
    change = row(button(turn, "button.change", "share"), button(turn, "button.own_starter", "starter"))
    when = row(button(turn, "button.when", "zone")) if turn.person.zone is None else None
    text = turn.words.render("share_done", latest=calendar.moment(turn, current.reveal_at), explains=_explains(current))
    thank = row(button(turn, "button.say_thanks", "thanks", partner=partner))
    return Screen(text, (change, thank, *((when,) if when else ()), footer(turn)), Tap("share.done"), notice=notice)
