"""What falls due when: the plans that conversations make, and how a moment is told to a person."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from bot.dance import rhythm
from bot.dance.rhythm import RoundTimes, Slot
from bot.scenes.turn import Turn
from storage import couples, outbox, plans, rounds, shared
from storage.records import Couple, Person, Round, Seat
from storage.store import Tx

CHANGE_OF_MIND = timedelta(seconds=60)
"""Between both having chosen and the opening, either may still change it (the design's choice)."""

REMINDER_AFTER = timedelta(hours=24)
"""The one reminder follows the nudge by a day (the design's choice)."""

NOTICE_KEEPS = timedelta(days=14)
"""What both wait for is tried for this long when Telegram cannot be reached."""

NUDGE_KEEPS = timedelta(hours=6)
"""A nudge that is later than this would be a nuisance, and is dropped."""

SPREAD_MINUTES = 30
"""How far couples of one slot are spread: still "around 19:00", and within the hour that was chosen.

If 60,000 messages fall due in one hour, 2,000 a minute for half of it, and 1,500 a minute go out (SEND_RATE), the
last one waits ten minutes.
"""

RESTING = timedelta(days=4)
"""No nudge within this time of a finished check-in (the design's choice)."""


def day(turn: Turn, instant: datetime) -> str:
    """A date in the person's words, such as "29 November"."""
    return str(format_date(instant.astimezone(_zone(turn.person)), "d MMMM", locale=turn.person.language))


def short_day(turn: Turn, instant: datetime) -> str:
    """A date as it stands under a picture, such as "29 Nov"."""
    return str(format_date(instant.astimezone(_zone(turn.person)), "d MMM", locale=turn.person.language))


def full_day(turn: Turn, instant: datetime) -> str:
    """A date with its year, such as "29 Nov 2026"."""
    return str(format_date(instant.astimezone(_zone(turn.person)), "d MMM y", locale=turn.person.language))


def moment(turn: Turn, instant: datetime) -> str | None:
    """Weekday and time in the person's own zone, such as "Tuesday 19:00"; None while the zone is unknown."""
    if turn.person.zone is None:
        return None
    return str(format_datetime(instant.astimezone(_zone(turn.person)), "EEEE HH:mm", locale=turn.person.language))


def _zone(person: Person) -> ZoneInfo:
    return ZoneInfo(person.zone or "UTC")


def plan_nudge(tx: Tx, person: Person, now: datetime) -> None:
    """Plan the next weekly nudge; none while paused or while nobody knows what time it is for the person."""
    key = f"nudge:{person.id}"
    if person.paused or person.zone is None or person.adult_at is None:
        plans.drop(tx, key)
        return
    slot = Slot(person.weekday, person.minute, person.zone)
    couple = couples.of(tx, person.id)
    # Alone there is nobody to compare with: one's own number spreads as well.
    jitter = _jitter(couple) if couple else rhythm.couple_jitter(person.telegram_id, SPREAD_MINUTES)
    due_at = rhythm.nudge_at(slot, person.quiet_from, person.quiet_to, now, jitter=jitter)
    plans.replace(tx, key=key, kind="nudge", due_at=due_at, person_id=person.id)


def plan_following_nudge(tx: Tx, person: Person, last: datetime) -> None:
    """Plan the nudge of the slot after the one whose nudge fell due at *last*, also where the jitter has changed."""
    plan_nudge(tx, person, last + timedelta(minutes=SPREAD_MINUTES))


def plan_reminder(tx: Tx, person: Person, at: datetime) -> None:
    """Plan the one reminder, moved out of quiet hours."""
    due_at = rhythm.next_waking(person.zone, person.quiet_from, person.quiet_to, at)
    plans.replace(tx, key=f"reminder:{person.id}", kind="reminder", due_at=due_at, person_id=person.id)


def no_reminder(tx: Tx, person: Person) -> None:
    """Take the reminder back, planned or already packed."""
    plans.drop(tx, f"reminder:{person.id}")
    outbox.cancel_for(tx, person.id, ("nudge", "reminder"))


def after_check_in(tx: Tx, person: Person) -> None:
    """A finished check-in needs no nudge any more."""
    no_reminder(tx, person)


def slots(couple: Couple) -> tuple[Slot, Slot]:
    """Both slots as they count for the coming round."""
    first, second = couple.seats
    return _slot(first), _slot(second)


def _slot(seat: Seat) -> Slot:
    return Slot(seat.weekday, seat.minute, seat.zone)


def _quiet(seat: Seat) -> rhythm.Quiet:
    """Somebody's zone and quiet hours as the rhythm takes them: no zone where every hour may be their night."""
    always = (seat.quiet_from, seat.quiet_to) == couples.ALWAYS_QUIET
    return (None if always else seat.zone, seat.quiet_from, seat.quiet_to)


def begin_rounds(tx: Tx, couple: Couple, now: datetime) -> None:
    """Round 0 begins with the pair: its comparison opens on any day; the weekly rhythm begins with the next slot."""
    times = rhythm.round_after(*slots(couple), now)
    first = rounds.add(tx, couple_id=couple.id, number=0, begins_at=now, reveal_at=times.reveal_at)
    _plan_reveal(tx, couple, first.id, times.reveal_at)
    plan_round(tx, couple, times.begins_at, now)


def plan_round(tx: Tx, couple: Couple, begins_at: datetime, now: datetime) -> None:
    """Plan the beginning of the couple's next round: a little before its slot, by which it has to be there.

    Whoever opens the questions at the very minute finds the new ones, and the couples of one slot are not all begun at
    that minute. Nothing is sent at a beginning.
    """
    early = begins_at - _jitter(couple)
    due_at = early if early > now else begins_at
    plans.replace(tx, key=f"round:{couple.id}", kind=plans.ROUND, due_at=due_at, couple_id=couple.id)


def take_over(tx: Tx, person: Person, now: datetime) -> None:
    """Changed slots, zones and quiet hours count from the couple's next round on, which is planned anew.

    Round 0 is only the time until the rhythm begins: as long as its last slot has not come, its reveal hour moves along.
    It is reckoned from when the pair formed, so that a change that is taken back leaves everything as it was.
    """
    couple = couples.of(tx, person.id)
    current = rounds.current(tx, couple.id) if couple else None
    if couple is None or current is None:
        return
    couples.lock(tx, couple.id)
    couples.set_slot(tx, couple, person)
    both = slots(couples.get(tx, couple.id))
    last_slot_at = current.reveal_at - rhythm.REVEAL_AFTER
    if current.number > 0:
        present = RoundTimes(current.begins_at, last_slot_at, current.reveal_at)
        plan_round(tx, couple, rhythm.following_round(*both, present).begins_at, now)
        return
    times = rhythm.round_after(*both, current.begins_at)
    if times.last_slot_at <= now:
        times = rhythm.round_after(*both, now)
    plan_round(tx, couple, times.begins_at, now)
    if not rounds.has_ended(current) and last_slot_at > now:
        rounds.set_reveal(tx, current, times.reveal_at)
        _plan_reveal(tx, couple, current.id, times.reveal_at)


def next_round(tx: Tx, couple: Couple, now: datetime) -> None:
    """A round's first slot has come, or is about to: begin it, and plan the one after.

    A round 0 that has not opened yet goes on to its reveal hour, so that nobody chooses twice for one comparison.
    After a long standstill the past rounds are left out, and so is one whose reveal hour has passed.
    """
    both = slots(couple)
    times = rhythm.round_after(*both, now - RESTING)
    if times.begins_at > now + _jitter(couple):
        plan_round(tx, couple, times.begins_at, now)
        return
    current = rounds.current(tx, couple.id)
    free = current is None or current.number > 0 or current.opened_at is not None or current.reveal_at <= now
    if free and times.reveal_at > now:
        _begin_round(tx, couple, times, 1 if current is None else current.number + 1)
    plan_round(tx, couple, rhythm.following_round(*both, times).begins_at, now)


def _plan_reveal(tx: Tx, couple: Couple, round_id: int, at: datetime) -> None:
    due_at = at + _jitter(couple)
    plans.replace(tx, key=f"reveal:{round_id}", kind="reveal", due_at=due_at, couple_id=couple.id, round_id=round_id)


def seed(couple: Couple) -> int:
    """Makes couples differ: the second in which they formed. A running number would count what other pairs there are."""
    return int(couple.created_at.timestamp())


def _jitter(couple: Couple) -> timedelta:
    return rhythm.couple_jitter(seed(couple), SPREAD_MINUTES)


def _begin_round(tx: Tx, couple: Couple, times: RoundTimes, number: int) -> None:
    begun = rounds.add(tx, couple_id=couple.id, number=number, begins_at=times.begins_at, reveal_at=times.reveal_at)
    _plan_reveal(tx, couple, begun.id, times.reveal_at)
    first, second = couple.seats
    shared_hour = rhythm.midweek_after(times, _quiet(first), _quiet(second), jitter=_jitter(couple))
    if shared_hour is not None:
        plans.replace(
            tx,
            key=f"midweek:{begun.id}",
            kind="midweek",
            due_at=shared_hour,
            couple_id=couple.id,
            round_id=begun.id,
        )


def after_choice(tx: Tx, couple: Couple, current: Round, now: datetime) -> None:
    """Plan the opening when both show something, and take it back when one no longer does."""
    key = f"open:{current.id}"
    if shared.both_show(tx, couple, current):
        plans.replace(tx, key=key, kind="open", due_at=now + CHANGE_OF_MIND, couple_id=couple.id, round_id=current.id)
    else:
        plans.drop(tx, key)
