"""`/thanks`: one of five thank-yous, previewed, at most one a day, never counted, no answer expected."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.scenes import parcels
from bot.scenes.keyboard import Row, beside, button, column, footer, row
from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import Turn
from storage import couples
from storage import thanks as given
from storage.records import Couple
from storage.store import Tx

KINDS = ("listening", "laughing", "room", "near", "ordinary")
"""What for; each has the labels ``button.thanks.<kind>`` and ``share.thanks.<kind>``."""


def thanks(turn: Turn, tx: Tx) -> Screen:
    """The five, or a word for whoever is in no pair, or gave one today."""
    couple = couples.of(tx, turn.person.id)
    if couple is None:
        return alone(turn)
    partner = couples.partner_name(tx, couple, turn.person.id)
    if _gave_today(turn, tx):
        return Screen(turn.words.render("thanks_today", partner=partner), (footer(turn),), Tap("thanks"), protect=True)
    text = turn.words.render("thanks", partner=partner)
    return Screen(text, (*_kinds(turn), footer(turn)), Tap("thanks"), protect=True)


def alone(turn: Turn) -> Screen:
    """What takes two, said to somebody who is in no pair."""
    rows = (*beside(button(turn, "button.invite", "invite"), button(turn, "button.have_code", "code")), footer(turn))
    return Screen(turn.words.render("takes_two"), rows, Tap("home"))


def _kinds(turn: Turn) -> tuple[Row, ...]:
    return column(*(button(turn, f"button.thanks.{kind}", "thanks.preview", kind) for kind in KINDS))


def _gave_today(turn: Turn, tx: Tx) -> bool:
    last = given.last(tx, turn.person.id)
    return last is not None and last[1] >= _today(turn)


def _today(turn: Turn) -> datetime:
    """When the person's day began; the day in UTC while their zone is unknown."""
    zone = UTC if turn.person.zone is None else ZoneInfo(turn.person.zone)
    return turn.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def preview(turn: Turn, tx: Tx) -> Screen:
    """Exactly what the other would read, and the other four."""
    kind = turn.tap.args[0]
    couple = couples.of(tx, turn.person.id)
    if couple is None or _gave_today(turn, tx):
        return thanks(turn, tx)
    partner = couples.partner_name(tx, couple, turn.person.id)
    text = turn.words.render("thanks_preview", partner=partner, kind=kind)
    rows = (row(button(turn, "button.send_it", "thanks.send", kind)), *_kinds(turn), footer(turn))
    return Screen(text, rows, Tap("thanks.preview", (kind,)), protect=True)


def send(turn: Turn, tx: Tx) -> Screen:
    """On its way: the other gets it at once, without a sound in their quiet hours."""
    couple = couples.of(tx, turn.person.id)
    if couple is None or not given.give(tx, turn.person.id, turn.tap.args[0], turn.now, _today(turn)):
        return thanks(turn, tx)
    for seat in couple.seats:
        if seat.person_id not in (turn.person.id, None):
            _pack(turn, tx, seat.person_id or 0)
    partner = couples.partner_name(tx, couple, turn.person.id)
    return Screen(turn.words.render("thanks_sent", partner=partner), (footer(turn),), Tap("home"), protect=True)


def _pack(turn: Turn, tx: Tx, reader_id: int) -> None:
    moment = _number(turn.now)
    parcels.pack(tx, "thanks", key=f"thanks:{reader_id}:{moment}", person_id=reader_id, now=turn.now, ref=moment)


def _number(given_at: datetime) -> int:
    """By what a thank-you is known: one a day is the most that anybody gives."""
    return int(given_at.timestamp())


def message(turn: Turn, tx: Tx) -> Screen | None:
    """What the other reads, in their own language: no name, since a lock screen could show it.

    It is dropped when it was not read before another came, or before the giver left: only the last one is kept.
    """
    couple = couples.of(tx, turn.person.id)
    if couple is None:
        return None
    for seat in couple.seats:
        if seat.person_id not in (turn.person.id, None):
            return _last(turn, tx, couple, seat.person_id or 0)
    return None


def _last(turn: Turn, tx: Tx, couple: Couple, giver_id: int) -> Screen | None:
    last = given.last(tx, giver_id)
    if last is None or last[1] < couple.created_at or turn.tap.args != (str(_number(last[1])),):
        return None
    return _message(turn, last[0])


def _message(turn: Turn, kind: str) -> Screen:
    return Screen(turn.words.render("thanks_message", kind=kind), (footer(turn),), Tap("home"), protect=True)
