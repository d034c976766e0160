"""Conversation starters: one's own, and the ones that both receive."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.dance.starters import DEPTHS, Choice, StarterKind, choose_joint, choose_own
from bot.scenes import diaries
from bot.scenes.diaries import Entry
from bot.scenes.keyboard import button, footer, row
from bot.scenes.results import Result
from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import Turn
from prompts.catalogue import Catalogue
from storage import checkins, shared
from storage.records import Couple, Round
from storage.store import Tx

Kind = StarterKind
Instant = datetime

DEEPEST = len(DEPTHS) - 1


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
    """Choose the next joint starter from joint history alone and note it for both."""
    readers = [seat.person_id for seat in couple.seats if seat.person_id is not None]
    history = [entry for reader in readers for entry in diaries.load(tx, reader, "joint")]
    week = diaries.week_number(now)
    chosen: Choice = choose_joint(
        tuple(pool), pair=pair, used=_used(history), week=week, depth_allowed=_depth(tx, couple), seed=couple.id
    )
    entry = Entry(id=chosen.id, week=week, ref=current.id, reason=chosen.reason)
    for reader in readers:
        diaries.add(tx, reader, "joint", entry)
    return chosen.id


def _depth(tx: Tx, couple: Couple) -> int:
    """Deeper only with comparisons that both opened: light before the first, deep from the second on."""
    opened = [
        sum(1 for kept in shared.kept(tx, seat.person_id, limit=DEEPEST) if kept.opened_at >= couple.created_at)
        for seat in couple.seats
        if seat.person_id is not None
    ]
    return min(opened, default=0)


def midweek(turn: Turn, tx: Tx) -> Screen | None:
    """The midweek starter as both receive it at the same moment."""
    if turn.person.paused:
        return None
    return _joint(turn, tx, int(turn.tap.args[0]), with_reason=False)


def _joint(turn: Turn, tx: Tx, round_id: int, *, with_reason: bool) -> Screen | None:
    entry = _entry(tx, turn.person.id, round_id)
    if entry is None:
        return None
    text, why = _find(turn.words, entry.id)
    return Screen(
        turn.words.render("starter_joint", starter=text, why=why if with_reason else None, reason=entry.reason),
        (
            row(button(turn, "button.why", "joint.why", round_id), button(turn, "button.another", "starter.another")),
            row(
                button(turn, "button.we_talked", "joint.talked", round_id),
                button(turn, "button.not_now", "joint.later"),
            ),
            footer(turn),
        ),
        Tap("joint", (str(round_id),)),
    )


def _entry(tx: Tx, person_id: int, round_id: int) -> Entry | None:
    """The latest joint starter of a round."""
    found = [entry for entry in diaries.load(tx, person_id, "joint") if entry.ref == round_id]
    return found[-1] if found else None


def joint(turn: Turn, tx: Tx) -> Screen:
    """Paint a joint starter again."""
    return _joint(turn, tx, int(turn.tap.args[0]), with_reason=False) or own(turn, tx)


def why_joint(turn: Turn, tx: Tx) -> Screen:
    """Why this joint starter."""
    return _joint(turn, tx, int(turn.tap.args[0]), with_reason=True) or own(turn, tx)


def talked(turn: Turn, tx: Tx) -> Screen:
    """We talked: kept for oneself; for the couple it counts only when both tapped it."""
    round_id = int(turn.tap.args[0])
    entries = diaries.load(tx, turn.person.id, "joint")
    found = _entry(tx, turn.person.id, round_id)
    if found is not None and not found.talked:
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
    entries = diaries.load(tx, turn.person.id, "own")
    if entries and not entries[-1].refused and entries[-1].week == diaries.week_number(turn.now):
        return _own_screen(turn, entries[-1], with_reason=False)
    return another(turn, tx)


def another(turn: Turn, tx: Tx) -> Screen:
    """Another one, from the own half of the pool."""
    entries = diaries.load(tx, turn.person.id, "own")
    latest = checkins.latest(tx, turn.person.id)
    result = Result.from_json(latest.result) if latest and latest.result else None
    week = diaries.week_number(turn.now)
    chosen = choose_own(
        kinds(turn.words),
        states=result.spoken().states if result else (),
        used=_used(entries),
        refused=frozenset(entry.id for entry in entries if entry.refused),
        week=week,
        depth_allowed=DEEPEST,
        seed=turn.person.id,
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
    entries = diaries.load(tx, turn.person.id, "own")
    return _own_screen(turn, entries[-1], with_reason=True) if entries else another(turn, tx)


def later_own(turn: Turn, tx: Tx) -> Screen:
    """Not now: this one comes later, if at all."""
    entries = diaries.load(tx, turn.person.id, "own")
    if entries:
        diaries.save(tx, turn.person.id, "own", [*entries[:-1], replace(entries[-1], refused=True)])
    return later(turn, tx)
