"""Guessing how the partner would answer: offered, never imposed, no points."""

from bot.dance.walk import Form, Stage, Walk
from bot.scenes import portrait, sharing, walk
from bot.scenes.keyboard import button, footer, mark, row
from bot.scenes.screen import Button, Screen, Tap
from bot.scenes.turn import Turn
from storage import checkins, couples
from storage.records import CheckIn
from storage.store import Tx


def _about(turn: Turn, tx: Tx) -> tuple[CheckIn, Walk, str] | None:
    """The finished check-in that the tap is about, its walk and the partner's name; None where none fits."""
    latest = checkins.latest(tx, turn.person.id)
    couple = couples.of(tx, turn.person.id)
    if latest is None or latest.walk is None or couple is None or not turn.tap.args:
        return None
    if turn.tap.args[0] != mark(latest.started_at) or not portrait.can_be_shown(turn, tx, latest, couple):
        return None
    return latest, Walk.from_json(latest.walk), couples.partner_name(tx, couple, turn.person.id)


def offer(turn: Turn, tx: Tx) -> Screen:
    """Ask before the eight guesses of a long form; the two of a weekly one begin at once."""
    about = _about(turn, tx)
    if about is None:
        return portrait.picture(turn, tx)
    check_in, before, partner = about
    if before.form is Form.WEEKLY:
        return begin(turn, tx)
    return Screen(
        turn.words.render("guess_offer", partner=partner),
        (
            row(
                button(turn, "button.yes", "guess.begin", mark(check_in.started_at)),
                button(turn, "button.not_now", "share", mark(check_in.started_at)),
            ),
            footer(turn),
        ),
        Tap("guess.offer", (mark(check_in.started_at),)),
        protect=True,
    )


def begin(turn: Turn, tx: Tx) -> Screen:
    """Start with the first guess."""
    about = _about(turn, tx)
    if about is None:
        return portrait.picture(turn, tx)
    check_in, before, _ = about
    return _kept(turn, tx, check_in, before, before.begin_guesses())


def here(turn: Turn, tx: Tx) -> Screen:
    """Paint the present guess."""
    about = _about(turn, tx)
    if about is None:
        return portrait.picture(turn, tx)
    check_in, before, _ = about
    return _kept(turn, tx, check_in, before, before)


def answer(turn: Turn, tx: Tx) -> Screen:
    """One guess, or a skip; a stale tap only repaints."""
    about = _about(turn, tx)
    if about is None:
        return portrait.picture(turn, tx)
    check_in, before, _ = about
    position, value = turn.tap.args[1:]
    given = None if value == walk.SKIPPED else int(value)
    return _kept(turn, tx, check_in, before, before.guess(int(position), given))


def back(turn: Turn, tx: Tx) -> Screen:
    """One guess back."""
    about = _about(turn, tx)
    if about is None:
        return portrait.picture(turn, tx)
    check_in, before, _ = about
    return _kept(turn, tx, check_in, before, before.guess_back(int(turn.tap.args[1])))


def stop(turn: Turn, tx: Tx) -> Screen:
    """Enough guesses: on to what may be shown."""
    about = _about(turn, tx)
    if about is None:
        return portrait.picture(turn, tx)
    check_in, before, _ = about
    return _kept(turn, tx, check_in, before, before.guess_enough(int(turn.tap.args[1])))


def _kept(turn: Turn, tx: Tx, check_in: CheckIn, before: Walk, after: Walk) -> Screen:
    if after != before:
        checkins.revise(tx, check_in, walk=after.to_json())
    if after.stage is not Stage.GUESSES:
        return sharing.choose(turn, tx)
    couple = couples.of(tx, turn.person.id)
    partner = couples.partner_name(tx, couple, turn.person.id) if couple else ""
    position = after.guess_cursor
    text = turn.words.render(
        "guess",
        number=position + 1,
        total=len(after.guess_order),
        partner=partner,
        statement=turn.words.statements[after.guess_order[position]],
        before=None if after.earlier_guess is None else walk.said(turn, after.earlier_guess),
    )
    moves: list[Button] = []
    if position > 0:
        moves.append(button(turn, "button.back", "guess.back", mark(check_in.started_at), position))
    moves.append(button(turn, "button.skip", "guess.answer", mark(check_in.started_at), position, walk.SKIPPED))
    enough = button(turn, "button.enough_guesses", "guess.stop", mark(check_in.started_at), position)
    return Screen(
        text,
        (*walk.answer_rows(turn, "guess.answer", check_in, position), tuple(moves), row(enough)),
        Tap("guess", (mark(check_in.started_at),)),
        protect=True,
    )
