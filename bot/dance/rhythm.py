"""The only calendar arithmetic: weekly slots, a couple's rounds, quiet hours, and what clocks do in spring and autumn.

Everything is reckoned from the wall clock of an IANA zone and handed back as an aware UTC datetime: 168 hours
after Sunday 19:00 is not always Sunday 19:00. Where a wall-clock time does not exist (the clock jumps forward, or
a whole day is left out), the moment moves forward by what was left out; where it exists twice, the first one counts.

A zone is an IANA name; an unknown one raises `zoneinfo.ZoneInfoNotFoundError` (or `ValueError` if it is no name at all).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import blake2b
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
"""A round is a week by the wall clock (design, "The round")."""

DAY_MINUTES = 24 * 60
"""Minutes of a day on the clock face."""

REVEAL_AFTER = timedelta(hours=48)
"""From the last slot of a round to its reveal hour (design, "The round")."""

SETTLED_AFTER = timedelta(days=4)
"""No two rounds begin closer than this, however slots move; also when midweek begins (design: no nudge within 4 days)."""

MIDWEEK_WITHIN = timedelta(hours=24)
"""How long midweek waits for an hour in which both are awake: every hour of the day comes once."""

CLOCK_SLACK = timedelta(hours=4)
"""How far an arc may outgrow half a week before a couple's round changes the slot that it begins with.

Two zones drift at most two hours against each other in a year (Berlin and Sydney), a missing hour can move each
slot by one more. Without this, slots half a week apart would swap their order every spring and autumn.
"""

_LONGEST_DELAY = timedelta(days=2)
"""No quiet hours hold a nudge back longer: they span less than a day, a day left out (Samoa, 2011) adds one."""

_MOMENT = timedelta.resolution
_DAY = timedelta(days=1)
_NO_JITTER = timedelta()


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment of every week on somebody's wall clock.

    Attributes:
        weekday: Monday = 0.
        minute: Minute of the day, 0 to 1439.
        zone: IANA name.

    Raises:
        ValueError: If the weekday or the minute is out of range.
    """

    weekday: int
    minute: int
    zone: str

    def __post_init__(self) -> None:
        if not (0 <= self.weekday < WEEK.days and 0 <= self.minute < DAY_MINUTES):
            raise ValueError(f"no such moment of the week: weekday {self.weekday}, minute {self.minute}")


@dataclass(frozen=True, slots=True)
class RoundTimes:
    """When a couple's round begins, and when it comes to its end.

    Attributes:
        begins_at: Its first slot.
        last_slot_at: Its last slot; the first one again if both have the same moment.
        reveal_at: The reveal hour: the last slot + 48 hours.
    """

    begins_at: datetime
    last_slot_at: datetime
    reveal_at: datetime


Quiet = tuple[str | None, int, int]
"""Somebody's quiet hours: IANA zone or None if unknown, first minute of the day, first minute awake again."""


def next_after(slot: Slot, instant: datetime) -> datetime:
    """When the slot comes next: strictly later than the instant, at most 8 days.

    Args:
        slot: The moment of the week.
        instant: Aware; any zone.

    Returns:
        The moment in UTC. A time that the clock jumps over moves forward by the jump (02:30 becomes 03:30; a day
        left out becomes the next day); a time that comes twice counts the first time only.
    """
    return next(moment for moment in _occurrences(slot, instant) if moment > instant)


def round_after(a: Slot, b: Slot, instant: datetime) -> RoundTimes:
    """The first round of two slots that begins strictly later than the instant.

    The round spans the shortest arc of the week that holds both slots. If both arcs are equally long (exactly half
    a week apart), it begins with the slot that comes first on a calendar page from Monday to Sunday (then by
    minute, then by the zone's name). This depends neither on who is named first nor on the instant, so that every
    week decides alike.

    Args:
        a: One person's slot.
        b: The other's; the order of the two makes no difference.
        instant: Aware; any zone.
    """
    rounds = ((_round(first, second, instant), first) for first, second in ((a, b), (b, a)))
    return min(rounds, key=lambda choice: (_arc(choice[0]), choice[1].weekday, choice[1].minute, choice[1].zone))[0]


def following_round(a: Slot, b: Slot, times: RoundTimes) -> RoundTimes:
    """The round after a round, also when a slot or a zone has changed in between.

    With unchanged slots that is one week later by the wall clock, with the same slot first, even where clock
    changes make the other arc the shorter one for some weeks. Otherwise it is the first round of the new slots
    that begins more than 4 days after the present one began: so between 4 and 11 days later, give or take a clock
    change. After a change it may begin before the present round's reveal hour (by 1.5 days at the most).

    Args:
        a: One person's slot as it counts from now on.
        b: The other's; the order of the two makes no difference.
        times: The present round.
    """
    settled = times.begins_at + SETTLED_AFTER
    for first, second in ((a, b), (b, a)):
        if _falls_on(first, times.begins_at) and _falls_on(second, times.last_slot_at):
            following = _round(first, second, settled)
            if _arc(following) <= WEEK / 2 + CLOCK_SLACK:
                return following
    return round_after(a, b, settled)


def midweek_after(times: RoundTimes, a: Quiet, b: Quiet, *, jitter: timedelta = _NO_JITTER) -> datetime | None:
    """The first moment from 4 to 5 days after a round began at which both are awake, or None if there is none.

    Args:
        times: The round.
        a: One person's zone and quiet hours.
        b: The other's; the order of the two makes no difference.
        jitter: How much later (see `couple_jitter`), unless one of them is no longer awake then.
    """
    moment = shared_waking(a, b, times.begins_at + SETTLED_AFTER, MIDWEEK_WITHIN)
    return None if moment is None else _later(moment, jitter, a, b)


def is_quiet(zone: str | None, quiet_from: int, quiet_to: int, instant: datetime) -> bool:
    """Whether a message should make no sound for somebody at an instant.

    Args:
        zone: IANA name, or None if unknown: then every hour may be night, and all is quiet.
        quiet_from: Minute of the day at which quiet hours begin, 0 to 1439.
        quiet_to: Minute of the day at which they are over; earlier than `quiet_from` if they span midnight, equal
            if there are none.
        instant: Aware; any zone.
    """
    if zone is None:
        return True
    local = instant.astimezone(_zone(zone))
    minute = local.hour * 60 + local.minute
    return (minute - quiet_from) % DAY_MINUTES < (quiet_to - quiet_from) % DAY_MINUTES


def next_waking(zone: str | None, quiet_from: int, quiet_to: int, instant: datetime) -> datetime:
    """The first moment from an instant on that lies outside somebody's quiet hours, in UTC.

    It is the instant itself if they are awake, and also if their zone is unknown: waiting would not help, and what
    comes then comes without a sound (see `is_quiet`). When the clock is set back into the quiet hours, they last
    until the clock shows their end again; when it jumps over their end, they end with the jump.

    Args:
        zone: IANA name or None if unknown.
        quiet_from: Minute of the day at which quiet hours begin.
        quiet_to: Minute of the day at which they are over.
        instant: Aware; any zone.
    """
    if zone is None or not is_quiet(zone, quiet_from, quiet_to, instant):
        return instant.astimezone(UTC)
    local = instant.astimezone(_zone(zone))
    shown = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    end = instant.astimezone(UTC) + (timedelta(minutes=quiet_to) - shown) % _DAY
    if end.astimezone(_zone(zone)).utcoffset() == local.utcoffset():
        return end
    return next_waking(zone, quiet_from, quiet_to, _clock_change(_zone(zone), instant.astimezone(UTC), end))


def shared_waking(a: Quiet, b: Quiet, instant: datetime, within: timedelta) -> datetime | None:
    """The first moment from an instant on at which both are known to be awake, in UTC.

    Args:
        a: One person's zone and quiet hours.
        b: The other's; the order of the two makes no difference.
        instant: Aware; any zone.
        within: How far to look; a moment exactly that much later still counts.

    Returns:
        The moment, or None if there is none or if a zone is unknown.
    """
    if a[0] is None or b[0] is None:
        return None
    moment = instant.astimezone(UTC)
    while moment <= instant + within:
        moment = next_waking(*a, moment)
        later = next_waking(*b, moment)
        if later == moment:
            return moment if moment <= instant + within else None
        moment = later
    return None


def nudge_at(
    slot: Slot, quiet_from: int, quiet_to: int, instant: datetime, *, jitter: timedelta = _NO_JITTER
) -> datetime:
    """When the next weekly nudge may come: the slot, moved to the end of quiet hours when it lies in them.

    Args:
        slot: The person's slot.
        quiet_from: Minute of the day at which quiet hours begin, by the slot's zone.
        quiet_to: Minute of the day at which they are over.
        instant: Aware; any zone.
        jitter: How much later than that (see `couple_jitter`), unless it would lie in quiet hours; at most a day.

    Returns:
        The first such moment strictly later than the instant, in UTC: a nudge that quiet hours hold back is still to
        come when the slot itself has passed.
    """
    held_back = instant - _LONGEST_DELAY - jitter
    quiet = (slot.zone, quiet_from, quiet_to)
    nudges = (_later(next_waking(*quiet, at), jitter, quiet) for at in _occurrences(slot, held_back))
    return next(moment for moment in nudges if moment > instant)


def week_number(first_day: date, today: date) -> int:
    """How many 7-day steps lie between the local day of the first check-in and today; 0 also for a day before it."""
    return max(0, (today - first_day).days // WEEK.days)


def local_day(zone: str | None, instant: datetime) -> date:
    """What day it is for somebody at an instant; the day in UTC if their zone is unknown."""
    return instant.astimezone(UTC if zone is None else _zone(zone)).date()


def couple_jitter(couple_id: int, spread_minutes: int) -> timedelta:
    """A couple's own small delay, so that not everybody is written to in the same second.

    It is always the same for a couple and never differs between its two people: a difference could tell one of
    them something about the other.

    Args:
        couple_id: Tells it from other couples; no running number, which would count them.
        spread_minutes: The longest delay in minutes, 0 or more.

    Returns:
        Whole seconds between 0 and the spread, both included.
    """
    drawn = int.from_bytes(blake2b(f"couple {couple_id}".encode(), digest_size=8).digest(), "big")
    return timedelta(seconds=drawn % (spread_minutes * 60 + 1))


def _later(moment: datetime, jitter: timedelta, *awake: Quiet) -> datetime:
    """The moment plus the jitter, or the moment itself where quiet hours of somebody have begun by then."""
    later = moment + jitter
    return moment if any(is_quiet(*quiet, later) for quiet in awake) else later


def _occurrences(slot: Slot, instant: datetime) -> Iterator[datetime]:
    """The slot's moments in order, from one that may lie up to 8 days before the instant, without an end."""
    zone = _zone(slot.zone)
    # A time that was left out can show up a day later than it says, so begin to look a day early.
    yesterday = instant.astimezone(zone).date() - _DAY
    day = yesterday + timedelta(days=(slot.weekday - yesterday.weekday()) % WEEK.days)
    while True:
        # fold=0 is both rules at once: the first of two, and the offset before a jump, which lands after it.
        shown = datetime(day.year, day.month, day.day, slot.minute // 60, slot.minute % 60, tzinfo=zone, fold=0)
        yield shown.astimezone(UTC)
        day += WEEK


def _round(first: Slot, second: Slot, instant: datetime) -> RoundTimes:
    begins_at = next_after(first, instant)
    last_slot_at = next_after(second, begins_at - _MOMENT)
    return RoundTimes(begins_at, last_slot_at, last_slot_at + REVEAL_AFTER)


def _arc(times: RoundTimes) -> timedelta:
    return times.last_slot_at - times.begins_at


def _falls_on(slot: Slot, instant: datetime) -> bool:
    return next_after(slot, instant - _MOMENT) == instant


def _clock_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The moment (in UTC, to the second) at which the offset of `before` ends; `after` must have another one."""
    offset = before.astimezone(zone).utcoffset()
    same, changed = int(before.timestamp()), int(after.timestamp())
    while changed - same > 1:
        middle = (same + changed) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            same = middle
        else:
            changed = middle
    return datetime.fromtimestamp(changed, UTC)


@cache
def _zone(name: str) -> ZoneInfo:
    """The zone of a name, read once: zoneinfo itself keeps only the last eight."""
    return ZoneInfo(name)
