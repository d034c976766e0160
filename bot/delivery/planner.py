"""Due plans become parcels: what falls due is decided here, what it says is decided when it is sent."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from bot.dance import rhythm
from bot.scenes import calendar, nudges, reveal, starter, talk_clock
from bot.scenes.starter import Kind
from storage import couples, outbox, people, plans, rounds, shared
from storage.records import Couple, OnUnknown, Person, Plan
from storage.store import Store, Tx

BATCH = 40
"""What the plans of one transaction weigh at most, so that no tap waits long behind it."""

WEIGHTS: Mapping[str, int] = MappingProxyType({"open": BATCH})
"""What a plan weighs that does more than pack parcels: opening a comparison took 6 ms of one core when it was measured, so that
one fills a transaction."""

RESTS = 3.0
"""While more is due, the planner rests so many times as long as a transaction took, and leaves the time to whoever taps. It still
opens and packs faster than Telegram lets anything go out."""

SILENT_ROUNDS = 6
"""After so many rounds without a comparison the pair closes (the design's choice)."""

SOON = 1
"""Priority of what both wait for."""

LATER = 2
"""Priority of nudges."""

SILENCE_KEEPS = timedelta(days=2)
"""After this the neutral message would fall into the next week."""


@dataclass(frozen=True, slots=True)
class Handling:
    """How a kind of parcel is carried.

    Attributes:
        on_unknown: Nudges at most once, what both wait for at least once.
        priority: What both wait for goes first.
        keeps: How long it is worth sending.
    """

    on_unknown: OnUnknown
    priority: int
    keeps: timedelta


HANDLING: Mapping[str, Handling] = MappingProxyType(
    {
        "comparison": Handling(OnUnknown.RETRY, SOON, calendar.NOTICE_KEEPS),
        "closed": Handling(OnUnknown.RETRY, SOON, calendar.NOTICE_KEEPS),
        "silence": Handling(OnUnknown.RETRY, SOON, SILENCE_KEEPS),
        "midweek": Handling(OnUnknown.RETRY, SOON, calendar.NUDGE_KEEPS),
        "nudge": Handling(OnUnknown.DROP, LATER, calendar.NUDGE_KEEPS),
        "reminder": Handling(OnUnknown.DROP, LATER, calendar.NUDGE_KEEPS),
    }
)


@dataclass(frozen=True, slots=True)
class Due:
    """A plan that fell due, with what its handler needs."""

    plan: Plan
    now: datetime
    starters: tuple[Kind, ...]


Between = Callable[[float], Awaitable[bool]]
"""What is done between two transactions, with the seconds that the last one took; returns whether to go on."""


async def at_once(_seconds: float) -> bool:
    """Go on without a rest."""
    return True


async def plan_due(store: Store, now: datetime, starters: tuple[Kind, ...], between: Between = at_once) -> int:
    """Turn every due plan into parcels and further plans; safe to run twice.

    Args:
        store: The plans.
        now: What is due by then.
        starters: What a couple may be given to talk about.
        between: Asked after each transaction that left something to do: taps want time, and a stop must not wait for thousands.

    Returns:
        How many plans were due.
    """
    total = 0
    while True:
        began = time.perf_counter()
        done, more = await store.write(lambda tx: _batch(tx, now, starters))
        total += done
        if not done or (more and not await between(time.perf_counter() - began)):
            return total


async def rest(seconds: float) -> None:
    """Leave the time to whoever taps, after a transaction that took so long."""
    await asyncio.sleep(RESTS * seconds)


def _batch(tx: Tx, now: datetime, starters: tuple[Kind, ...]) -> tuple[int, bool]:
    """Handle what one transaction can carry; returns how many plans that was, and whether others had to wait."""
    found = plans.due(tx, now, BATCH)
    due = list(_light_enough(found))
    for plan in due:
        # An earlier one of this batch may have moved it, or taken it back.
        if plans.done(tx, plan):
            HANDLERS[plan.kind](tx, Due(plan, now, starters))
    return len(due), len(due) < len(found) or len(found) == BATCH


def _light_enough(due: Iterable[Plan]) -> Iterator[Plan]:
    """The first plans that one transaction can carry."""
    weight = 0
    for plan in due:
        weight += WEIGHTS.get(plan.kind, 1)
        if weight > BATCH:
            return
        yield plan


def _nudge(tx: Tx, due: Due) -> None:
    person = people.find_by_id(tx, due.plan.person_id)
    if person is None:
        return
    calendar.plan_following_nudge(tx, person, max(due.now, due.plan.due_at))
    late = due.now - due.plan.due_at > calendar.NUDGE_KEEPS
    # Whoever gets no nudge gets no reminder of it either.
    if late or not person.reachable or not nudges.is_due(tx, person, due.now):
        return
    if _pack(tx, due, "nudge", person.id, _day(person, due)):
        calendar.plan_reminder(tx, person, due.plan.due_at + calendar.REMINDER_AFTER)


def _reminder(tx: Tx, due: Due) -> None:
    person = people.find_by_id(tx, due.plan.person_id)
    if person is None or due.now - due.plan.due_at > calendar.NUDGE_KEEPS or not person.reachable:
        return
    _pack(tx, due, "reminder", person.id, _day(person, due))


def _round(tx: Tx, due: Due) -> None:
    couple = _open_couple(tx, due)
    if couple is not None:
        calendar.next_round(tx, couple, due.now)


def _open(tx: Tx, due: Due) -> None:
    """Both chose to show a minute ago: it opens for both at the same moment."""
    couple = _open_couple(tx, due)
    current = rounds.get(tx, due.plan.round_id or 0)
    if couple is None or current is None or current.opened_at is not None or current.silent_at is not None:
        return
    if reveal.open_comparison(tx, couple, current, due.starters, due.now):
        _to_both(tx, due, couple, "comparison", current.id)


def _reveal(tx: Tx, due: Due) -> None:
    """The reveal hour: without a comparison both read the same message, and after six such rounds the pair closes."""
    couple = _open_couple(tx, due)
    current = rounds.get(tx, due.plan.round_id or 0)
    if couple is None or current is None or current.opened_at is not None:
        return
    if shared.both_show(tx, couple, current):
        plans.drop(tx, f"open:{current.id}")
        _open(tx, due)
        return
    rounds.mark_silent(tx, current, due.now)
    if rounds.silent_in_a_row(tx, couple.id) >= SILENT_ROUNDS:
        _to_both(tx, due, couple, "closed", couple.id)
        couples.close(tx, couple, due.now)
        plans.drop_for_couple(tx, couple.id)
        return
    starter.note_silent(tx, couple, current, due.starters)
    _to_both(tx, due, couple, "silence", current.id)


def _midweek(tx: Tx, due: Due) -> None:
    """One starter for both at the same moment."""
    couple = _open_couple(tx, due)
    current = rounds.get(tx, due.plan.round_id or 0)
    if couple is None or current is None or due.now - due.plan.due_at > calendar.NUDGE_KEEPS:
        return
    reveal.choose_midweek(tx, couple, current, due.starters, due.now)
    _to_both(tx, due, couple, "midweek", current.id)


def _talk(tx: Tx, due: Due) -> None:
    """What the clock does in a talk of two people."""
    couple = _open_couple(tx, due)
    if couple is not None:
        talk_clock.tick(tx, couple.id, due.now)


HANDLERS: Mapping[str, Callable[[Tx, Due], None]] = MappingProxyType(
    {
        "nudge": _nudge,
        "reminder": _reminder,
        plans.ROUND: _round,
        "open": _open,
        "reveal": _reveal,
        "midweek": _midweek,
        "talk": _talk,
    }
)


def _open_couple(tx: Tx, due: Due) -> Couple | None:
    """The couple of the plan, locked, unless it has closed."""
    couples.lock(tx, due.plan.couple_id or 0)
    couple = couples.find(tx, due.plan.couple_id or 0)
    return None if couple is None or couple.closed_at is not None else couple


def _to_both(tx: Tx, due: Due, couple: Couple, kind: str, ref: int) -> None:
    for seat in couple.seats:
        if seat.person_id is not None:
            _pack(tx, due, kind, seat.person_id, ref)


def _day(person: Person, due: Due) -> date:
    """The day of a nudge or a reminder: of one kind no second one comes in it, however slots and zones were changed."""
    return rhythm.local_day(person.zone, due.plan.due_at)


def _pack(tx: Tx, due: Due, kind: str, person_id: int, about: int | date) -> bool:
    """Pack a parcel about a couple, a round or a day; its key makes it one, however often this runs.

    Returns:
        Whether it is new.
    """
    handling = HANDLING[kind]
    return outbox.put(
        tx,
        key=f"{kind}:{person_id}:{about}",
        kind=kind,
        person_id=person_id,
        ref=about if isinstance(about, int) else None,
        on_unknown=handling.on_unknown,
        priority=handling.priority,
        available_at=due.now,
        expires_at=due.now + handling.keeps,
        now=due.now,
    )
