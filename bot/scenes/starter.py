"""Conversation starters: one's own, and the ones that both receive."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.dance.starters import DEPTHS, YEAR, Choice, StarterKind, choose_joint, choose_neutral, choose_own
from bot.scenes import calendar, diaries, weeks
from bot.scenes.diaries import Entry
from bot.scenes.keyboard import Row, button, footer, row
from bot.scenes.results import Result
from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import Turn
from prompts.catalogue import Catalogue
from storage import checkins, rounds, shared
from storage.records import Couple, Round
from storage.store import Tx

Kind = StarterKind
Instant = datetime

DEEPEST = len(DEPTHS) - 1

LIGHTER_WEEKS = 4
"""For so long the answer to "Did it help?" counts for one's own starters (the design's choice for what is recent)."""

DEPTH_AFTER = {"no": 0, "little": 1}
"""How deep one's own starters go after a talk that helped little, or not; else there is no limit."""


def kinds(words: Catalogue) -> tuple[Kind, ...]:
    """What the model needs to know of the starters: not their words."""
    return tuple(Kind(id=one.id, pair=one.pair, depth=DEPTHS.index(one.depth)) for one in words.starters)


def _find(words: Catalogue, starter_id: str) -> tuple[str, str]:
    """Text and reason of a starter; a neutral one where it has left the catalogue."""
    for one in words.starters:
        if one.id == starter_id:
            return one.text, one.why
    fallback = next(one for one in words.starters if one.pair == "neutral")
    return fallback.text, fallback.why


def text_of(turn: Turn, starter_id: str) -> str:
    """The words of a starter."""
    return _find(turn.words, starter_id)[0]


def neutral_of_week(words: Catalogue, week: int) -> str:
    """The neutral starter of a week, picked by the week number alone."""
    neutral = [one for one in words.starters if one.pair == "neutral"]
    return neutral[week % len(neutral)].text


def _used(entries: Iterable[Entry]) -> dict[str, int]:
    return {entry.id: entry.week for entry in entries}


def joint_for(tx: Tx, couple: Couple, current: Round, pool: Iterable[Kind], now: Instant, *, pair: str | None) -> str:
    """Choose the next joint starter from joint history alone and note it for both.

    Either one's copy of that history is the same, so a seat that has emptied quietly changes nothing. What came in
    weeks without a comparison counts as used, so that it does not come again as a joint starter.
    """
    pool = tuple(pool)
    readers = [seat.person_id for seat in couple.seats if seat.person_id is not None]
    copies = {reader: diaries.load(tx, reader, "joint") for reader in readers}
    history = [entry for entry in copies[readers[0]] if entry.couple == couple.id]
    week = diaries.week_number(now)
    used = _used(history)
    for revealed_at in rounds.silent_since(tx, couple.id, now - timedelta(weeks=YEAR)):
        silent = diaries.week_number(revealed_at)
        message = choose_neutral(pool, silent).id
        used[message] = max(silent, used.get(message, silent))
    chosen: Choice = choose_joint(
        pool, pair=pair, used=used, week=week, depth_allowed=_depth(tx, couple), seed=calendar.seed(couple)
    )
    entry = Entry(id=chosen.id, week=week, ref=current.id, reason=chosen.reason, couple=couple.id)
    for reader, copy in copies.items():
        diaries.save(tx, reader, "joint", [*copy, entry])
    return chosen.id


def note_silent(tx: Tx, couple: Couple, current: Round, pool: Iterable[Kind]) -> None:
    """Note for both what comes with the neutral message of a round."""
    week = diaries.week_number(current.reveal_at)
    entry = Entry(id=choose_neutral(tuple(pool), week).id, week=week, reason="neutral", couple=couple.id)
    for seat in couple.seats:
        if seat.person_id is not None:
            diaries.add(tx, seat.person_id, "joint", entry)


def carry_over(tx: Tx, couple: Couple) -> None:
    """What two people received together as an earlier pair counts for the new one, so that nothing comes again.

    Joint history is what stands in both copies. From now on it stands in each as that of this pair, so that it goes on
    to count in the same way when a seat has emptied quietly.
    """
    copies = {
        seat.person_id: diaries.load(tx, seat.person_id, "joint") for seat in couple.seats if seat.person_id is not None
    }
    common = set.intersection(*({_moment(entry) for entry in copy} for copy in copies.values()))
    for reader, copy in copies.items() if common else ():
        ours = [replace(entry, couple=couple.id) if _moment(entry) in common else entry for entry in copy]
        diaries.save(tx, reader, "joint", ours)


def _moment(entry: Entry) -> tuple[int, int, str]:
    return entry.couple, entry.week, entry.id


def _depth(tx: Tx, couple: Couple) -> int:
    """Deeper only with comparisons that both opened: light before the first, deep from the second on."""
    reader = next(seat.person_id for seat in couple.seats if seat.person_id is not None)
    return sum(1 for kept in shared.kept(tx, reader, limit=DEEPEST) if kept.opened_at >= couple.created_at)


def midweek(turn: Turn, tx: Tx) -> Screen | None:
    """The midweek starter as both receive it at the same moment."""
    if turn.person.paused:
        return None
    entries = [entry for entry in diaries.load(tx, turn.person.id, "joint") if str(entry.ref) == turn.tap.args[0]]
    return _joint(turn, entries[-1], with_reason=False) if entries else None


def joint_row(turn: Turn, week: int, starter_id: str) -> Row:
    """What can be done with a joint starter, under its own message and under a comparison."""
    return row(
        button(turn, "button.why", "joint.why", week, starter_id),
        button(turn, "button.we_talked", "joint.talked", week, starter_id),
    )


def _joint(turn: Turn, entry: Entry, *, with_reason: bool) -> Screen:
    text, why = _find(turn.words, entry.id)
    return Screen(
        turn.words.render("starter_joint", starter=text, why=why if with_reason else None, reason=entry.reason),
        (
            joint_row(turn, entry.week, entry.id),
            row(button(turn, "button.another", "starter.another"), button(turn, "button.not_now", "joint.later")),
            footer(turn),
        ),
        Tap("joint", (str(entry.week), entry.id)),
    )


def _entry(turn: Turn, tx: Tx) -> Entry | None:
    """The joint starter that a tap is about: the calendar week and the starter's id."""
    for entry in diaries.load(tx, turn.person.id, "joint"):
        if (str(entry.week), entry.id) == turn.tap.args:
            return entry
    return None


def joint(turn: Turn, tx: Tx) -> Screen:
    """Paint a joint starter again."""
    entry = _entry(turn, tx)
    return _joint(turn, entry, with_reason=False) if entry else own(turn, tx)


def why_joint(turn: Turn, tx: Tx) -> Screen:
    """Why this joint starter."""
    entry = _entry(turn, tx)
    return _joint(turn, entry, with_reason=True) if entry else own(turn, tx)


def talked(turn: Turn, tx: Tx) -> Screen:
    """We talked: kept for oneself; for the couple it counts only when both tapped it."""
    found = _entry(turn, tx)
    if found is not None and not found.talked:
        entries = diaries.load(tx, turn.person.id, "joint")
        marked = [replace(entry, talked=True) if entry == found else entry for entry in entries]
        diaries.save(tx, turn.person.id, "joint", marked)
    return Screen(
        turn.words.render("talked"),
        (row(button(turn, "button.own_starter", "starter")), footer(turn)),
        Tap("home"),
        notice=turn.words.label("notice.thanks"),
    )


def later(turn: Turn, _tx: Tx) -> Screen:
    """Not now: a full answer."""
    return Screen(turn.words.render("starter_later"), (footer(turn),), Tap("home"))


def own(turn: Turn, tx: Tx) -> Screen:
    """`/starter`: one for oneself, the same until another is asked for."""
    latest = _latest_own(diaries.load(tx, turn.person.id, "own"))
    if latest is not None and not latest.refused and latest.week == diaries.week_number(turn.now):
        return _own_screen(turn, latest, with_reason=False)
    return another(turn, tx)


def _latest_own(entries: Iterable[Entry]) -> Entry | None:
    """The starter that one had last."""
    return next((entry for entry in reversed([*entries]) if entry.id != diaries.TALK), None)


def _own_depth(entries: Iterable[Entry], week: int) -> int:
    """How deep one's own starters may go: lighter for a while after a talk that helped little, or not."""
    for entry in entries:
        if entry.id == diaries.TALK and week - entry.week < LIGHTER_WEEKS:
            return DEPTH_AFTER.get(entry.reason, DEEPEST)
    return DEEPEST


def another(turn: Turn, tx: Tx) -> Screen:
    """Another one, from the own half of the pool."""
    entries = diaries.load(tx, turn.person.id, "own")
    latest = checkins.latest(tx, turn.person.id)
    result = Result.from_json(latest.result) if latest and latest.result else None
    wish = weeks.wished(latest)
    week = diaries.week_number(turn.now)
    chosen = choose_own(
        kinds(turn.words),
        states=(weeks.WISHES[wish],) if wish else result.spoken().states if result else (),
        used=_used(entries),
        refused=frozenset(entry.id for entry in entries if entry.refused),
        week=week,
        depth_allowed=_own_depth(entries, week),
        seed=turn.person.telegram_id,
    )
    entry = Entry(id=chosen.id, week=week, reason=chosen.reason)
    diaries.save(tx, turn.person.id, "own", [*entries, entry])
    return _own_screen(turn, entry, with_reason=False)


def _own_screen(turn: Turn, entry: Entry, *, with_reason: bool) -> Screen:
    text, why = _find(turn.words, entry.id)
    return Screen(
        turn.words.render("starter_own", starter=text, why=why if with_reason else None),
        (
            row(button(turn, "button.why", "starter.why"), button(turn, "button.another", "starter.another")),
            row(button(turn, "button.not_now", "starter.later")),
            footer(turn),
        ),
        Tap("starter"),
    )


def why_own(turn: Turn, tx: Tx) -> Screen:
    """Why this one."""
    latest = _latest_own(diaries.load(tx, turn.person.id, "own"))
    return another(turn, tx) if latest is None else _own_screen(turn, latest, with_reason=True)


def later_own(turn: Turn, tx: Tx) -> Screen:
    """Not now: this one comes later, if at all."""
    entries = diaries.load(tx, turn.person.id, "own")
    latest = _latest_own(entries)
    if latest is not None:
        put_off = [replace(entry, refused=True) if entry == latest else entry for entry in entries]
        diaries.save(tx, turn.person.id, "own", put_off)
    return later(turn, tx)
