from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dance.rhythm import (
    REVEAL_AFTER,
    RoundTimes,
    Slot,
    couple_jitter,
    following_round,
    is_quiet,
    local_day,
    midweek_after,
    next_after,
    next_waking,
    nudge_at,
    round_after,
    shared_waking,
    week_number,
)

BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"
MONDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 0, 2, 3, 4, 5, 6


def at(text: str, zone: str = "UTC", *, fold: int = 0) -> datetime:
    """An instant in UTC from what a clock showed."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def clock(hour: int, minute: int = 0) -> int:
    """Minute of the day."""
    return hour * 60 + minute


def shown(instant: datetime, zone: str) -> str:
    """What the clock of a zone shows at an instant."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize(("weekday", "minute"), [(-1, 0), (7, 0), (0, -1), (0, 1440)])
def test_a_slot_is_a_moment_of_the_week(weekday: int, minute: int) -> None:
    """A weekday is 0 to 6 and a minute 0 to 1439, or there is no such slot."""
    with pytest.raises(ValueError, match="no such moment"):
        Slot(weekday, minute, BERLIN)


def test_an_unknown_zone_is_an_error() -> None:
    """A zone that tzdata does not know is never taken for another one."""
    with pytest.raises(ZoneInfoNotFoundError):
        next_after(Slot(SUNDAY, clock(19), "Mars/Olympus_Mons"), at("2026-01-01"))


def test_a_slot_keeps_its_hour_on_the_wall() -> None:
    """Sunday 19:00 stays Sunday 19:00 across the spring change, though only 167 hours go by."""
    slot = Slot(SUNDAY, clock(19), BERLIN)
    before = next_after(slot, at("2026-03-22 00:00"))
    after = next_after(slot, before)
    assert shown(after, BERLIN) == "Sun 2026-03-29 19:00"
    assert after - before == timedelta(hours=167)


def test_the_next_slot_is_strictly_later() -> None:
    """At the very moment of a slot, the next one is a week away; a microsecond before, it is now."""
    slot = Slot(SUNDAY, clock(19), BERLIN)
    moment = at("2026-06-07 19:00", BERLIN)
    assert next_after(slot, moment) == moment + timedelta(days=7)
    assert next_after(slot, moment - timedelta.resolution) == moment
    assert next_after(slot, moment).tzinfo is UTC


@pytest.mark.parametrize(
    ("slot", "instant", "expected"),
    [
        (Slot(SUNDAY, clock(2, 30), BERLIN), at("2026-03-28 12:00"), "Sun 2026-03-29 03:30"),
        (Slot(MONDAY, clock(0, 30), BERLIN), at("2026-03-28 12:00"), "Mon 2026-03-30 00:30"),
        (Slot(SUNDAY, clock(2, 15), "Australia/Lord_Howe"), at("2026-10-03 00:00"), "Sun 2026-10-04 02:45"),
        (Slot(FRIDAY, clock(19), "Pacific/Apia"), at("2011-12-25 00:00"), "Sat 2011-12-31 19:00"),
        (Slot(SUNDAY, clock(2, 30), "Africa/Casablanca"), at("2025-04-05 00:00"), "Sun 2025-04-06 03:30"),
        (Slot(FRIDAY, clock(0, 30), "Africa/Cairo"), at("2026-04-23 00:00"), "Fri 2026-04-24 01:30"),
    ],
)
def test_a_time_that_is_left_out_moves_forward(slot: Slot, instant: datetime, expected: str) -> None:
    """A time that the clock jumps over, be it by half an hour or by Samoa's whole day, comes later by the jump."""
    assert shown(next_after(slot, instant), slot.zone) == expected


def test_a_day_that_is_left_out_is_not_lost_in_the_hours_after_it() -> None:
    """On Samoa's Saturday, the slot of the Friday that never was is still to come at its hour."""
    slot = Slot(FRIDAY, clock(19), "Pacific/Apia")
    assert shown(next_after(slot, at("2011-12-31 08:00", "Pacific/Apia")), slot.zone) == "Sat 2011-12-31 19:00"
    assert shown(next_after(slot, at("2011-12-31 19:00", "Pacific/Apia")), slot.zone) == "Fri 2012-01-06 19:00"


@pytest.mark.parametrize(
    ("slot", "day", "time"),
    [
        (Slot(SUNDAY, clock(2, 30), BERLIN), "2026-10-25", "02:30"),
        (Slot(SUNDAY, clock(1, 45), "Australia/Lord_Howe"), "2026-04-05", "01:45"),
        (Slot(SUNDAY, clock(2, 30), "Africa/Casablanca"), "2025-02-23", "02:30"),
        (Slot(SUNDAY, clock(0, 30), "America/Havana"), "2026-11-01", "00:30"),
    ],
)
def test_a_time_that_comes_twice_counts_once(slot: Slot, day: str, time: str) -> None:
    """In the hour that the clock repeats, the slot is its first time, and the second time is none."""
    first, second = (at(f"{day} {time}", slot.zone, fold=fold) for fold in (0, 1))
    assert first < second
    assert next_after(slot, first - timedelta(days=1)) == first
    for passed in (first, first + timedelta(minutes=5), second - timedelta.resolution):
        assert next_after(slot, passed) > second + timedelta(days=6)


def test_monday_after_midnight_keeps_its_time_in_autumn() -> None:
    """Monday 00:30 in Berlin comes once in the week in which the Sunday before it has 25 hours."""
    slot = Slot(MONDAY, clock(0, 30), BERLIN)
    before = next_after(slot, at("2026-10-18 00:00"))
    assert shown(next_after(slot, before), BERLIN) == "Mon 2026-10-26 00:30"
    assert next_after(slot, before) - before == timedelta(hours=169)


def test_a_round_spans_the_shortest_arc() -> None:
    """With Saturday and Monday the round begins on Saturday and its reveal hour is two days after Monday's slot."""
    a, b = Slot(MONDAY, clock(20), BERLIN), Slot(SATURDAY, clock(10), BERLIN)
    times = round_after(a, b, at("2026-06-01 00:00"))
    assert shown(times.begins_at, BERLIN) == "Sat 2026-06-06 10:00"
    assert shown(times.last_slot_at, BERLIN) == "Mon 2026-06-08 20:00"
    assert shown(times.reveal_at, BERLIN) == "Wed 2026-06-10 20:00"


def test_a_shared_moment_is_a_round_of_one_slot() -> None:
    """Where both keep the same moment, the round begins with it and the reveal hour is 48 hours later."""
    slot = Slot(SUNDAY, clock(19), BERLIN)
    sunday = at("2026-06-07 19:00", BERLIN)
    assert round_after(slot, slot, at("2026-06-01")) == RoundTimes(sunday, sunday, sunday + REVEAL_AFTER)


def test_the_same_hour_in_two_zones_begins_in_the_east() -> None:
    """Sunday 19:00 in each one's own zone begins where Sunday evening comes first."""
    times = round_after(Slot(SUNDAY, clock(19), NEW_YORK), Slot(SUNDAY, clock(19), BERLIN), at("2026-06-01"))
    assert shown(times.begins_at, BERLIN) == "Sun 2026-06-07 19:00"
    assert shown(times.last_slot_at, NEW_YORK) == "Sun 2026-06-07 19:00"


def test_a_round_begins_after_the_instant_even_within_an_arc() -> None:
    """Between the two slots of a week, the next round is the next week's."""
    a, b = Slot(SATURDAY, clock(10), BERLIN), Slot(MONDAY, clock(20), BERLIN)
    times = round_after(a, b, at("2026-06-07 12:00"))
    assert shown(times.begins_at, BERLIN) == "Sat 2026-06-13 10:00"


@pytest.mark.parametrize("instant", ["2026-06-01 00:00", "2026-06-02 00:00", "2026-06-05 00:00", "2026-06-07 00:00"])
def test_half_a_week_apart_the_calendar_page_decides(instant: str) -> None:
    """Exactly half a week apart, the round begins with the slot nearer to Monday, whoever's it is and in any week."""
    a, b = Slot(MONDAY, clock(8), BERLIN), Slot(THURSDAY, clock(20), BERLIN)
    for times in (round_after(a, b, at(instant)), round_after(b, a, at(instant))):
        assert shown(times.begins_at, BERLIN)[:3] == "Mon"
        assert times.last_slot_at - times.begins_at == timedelta(days=3, hours=12)


def test_the_order_of_slots_half_a_week_apart_outlasts_clock_changes() -> None:
    """Unchanged slots keep their order through the weeks in which only one of two countries has changed its clock."""
    a, b = Slot(WEDNESDAY, clock(20), BERLIN), Slot(SUNDAY, clock(17, 30), "Australia/Sydney")
    times = round_after(a, b, at("2026-01-01"))
    anew = set()
    for _ in range(60):
        times = following_round(a, b, times)
        assert shown(times.begins_at, BERLIN).startswith("Wed")
        anew.add(shown(round_after(a, b, times.begins_at - timedelta.resolution).begins_at, BERLIN)[:3])
    assert anew == {"Wed", "Sun"}


def test_a_changed_slot_counts_from_the_next_round() -> None:
    """After a slot has moved, the next round is the new slots' first that begins more than 4 days after this one."""
    sunday, friday = Slot(SUNDAY, clock(19), BERLIN), Slot(FRIDAY, clock(19), BERLIN)
    present = round_after(sunday, sunday, at("2026-06-01"))
    assert shown(following_round(friday, friday, present).begins_at, BERLIN) == "Fri 2026-06-12 19:00"
    wednesday = Slot(WEDNESDAY, clock(19), BERLIN)
    assert shown(following_round(wednesday, wednesday, present).begins_at, BERLIN) == "Wed 2026-06-17 19:00"


def test_a_round_that_outgrew_half_a_week_is_drawn_anew() -> None:
    """The order of slots is kept only while the arc stays near half a week; else the shortest arc decides again."""
    monday, saturday = Slot(MONDAY, clock(19), BERLIN), Slot(SATURDAY, clock(19), BERLIN)
    begins, last = at("2026-06-01 19:00", BERLIN), at("2026-06-06 19:00", BERLIN)
    following = following_round(monday, saturday, RoundTimes(begins, last, last + REVEAL_AFTER))
    assert shown(following.begins_at, BERLIN) == "Sat 2026-06-06 19:00"
    assert shown(following.last_slot_at, BERLIN) == "Mon 2026-06-08 19:00"


def test_midweek_is_the_first_hour_that_both_are_awake() -> None:
    """Midweek is four days after the round began, or later on that day when one of the two still sleeps."""
    berlin, tokyo = (BERLIN, clock(22), clock(8)), ("Asia/Tokyo", clock(22), clock(8))
    slot = Slot(SUNDAY, clock(19), BERLIN)
    times = round_after(slot, slot, at("2026-06-01"))
    assert midweek_after(times, berlin, berlin) == times.begins_at + timedelta(days=4)
    moment = midweek_after(times, berlin, tokyo)
    assert moment == midweek_after(times, tokyo, berlin)
    assert moment is not None
    assert shown(moment, BERLIN) == "Fri 2026-06-12 08:00"


def test_midweek_needs_an_hour_that_both_share() -> None:
    """Where no hour is shared, or a zone is unknown, there is no midweek moment."""
    slot = Slot(SUNDAY, clock(19), BERLIN)
    times = round_after(slot, slot, at("2026-06-01"))
    early, late = (BERLIN, clock(8), clock(6)), (BERLIN, clock(22), clock(20))
    assert midweek_after(times, early, late) is None
    assert midweek_after(times, early, (None, 0, 0)) is None
    assert midweek_after(times, (None, 0, 0), early) is None


def test_shared_waking_looks_no_further_than_told() -> None:
    """A shared hour that comes later than asked for is none; one at the very end still counts."""
    sleeper = (BERLIN, clock(22), clock(8))
    night = at("2026-06-05 00:00", BERLIN)
    assert shared_waking(sleeper, sleeper, night, timedelta(hours=7)) is None
    assert shared_waking(sleeper, sleeper, night, timedelta(hours=8)) == at("2026-06-05 08:00", BERLIN)


@pytest.mark.parametrize(
    ("quiet_from", "quiet_to", "time", "expected"),
    [
        (clock(22), clock(8), "21:59", False),
        (clock(22), clock(8), "22:00", True),
        (clock(22), clock(8), "03:00", True),
        (clock(22), clock(8), "07:59", True),
        (clock(22), clock(8), "08:00", False),
        (clock(1), clock(5), "00:59", False),
        (clock(1), clock(5), "01:00", True),
        (clock(1), clock(5), "05:00", False),
        (clock(7), clock(7), "07:00", False),
        (clock(0), clock(0), "12:00", False),
    ],
)
def test_quiet_hours_hold_their_beginning_and_not_their_end(
    quiet_from: int, quiet_to: int, time: str, expected: bool
) -> None:
    """Quiet hours may span midnight, begin on their first minute, end on their last, and are none when both agree."""
    assert is_quiet(BERLIN, quiet_from, quiet_to, at(f"2026-06-05 {time}", BERLIN)) is expected


def test_an_unknown_zone_is_always_quiet() -> None:
    """Whoever has told no zone is never woken by a sound, and nothing waits for an hour that nobody knows."""
    noon = at("2026-06-05 12:00")
    assert is_quiet(None, clock(7), clock(7), noon)
    assert next_waking(None, clock(22), clock(8), noon) == noon


@pytest.mark.parametrize(
    ("quiet_to", "instant", "expected"),
    [
        (clock(8), at("2026-03-28 23:00", BERLIN), at("2026-03-29 08:00", BERLIN)),
        (clock(8), at("2026-10-24 23:00", BERLIN), at("2026-10-25 08:00", BERLIN)),
        (clock(2, 30), at("2026-03-28 23:00", BERLIN), at("2026-03-29 03:00", BERLIN)),
        (clock(2, 30), at("2026-10-24 23:00", BERLIN), at("2026-10-25 02:30", BERLIN)),
        (clock(2, 30), at("2026-10-25 02:10", BERLIN, fold=1), at("2026-10-25 02:30", BERLIN, fold=1)),
        (clock(8), at("2026-06-05 12:00", BERLIN), at("2026-06-05 12:00", BERLIN)),
    ],
)
def test_waking_follows_the_wall_clock(quiet_to: int, instant: datetime, expected: datetime) -> None:
    """Quiet hours end when the clock shows their end: with a jump over it, and again after a clock set back."""
    assert next_waking(BERLIN, clock(22), quiet_to, instant) == expected


def test_a_nudge_in_quiet_hours_waits_for_their_end() -> None:
    """A slot at 23:00 becomes the next morning's end of quiet hours, and is still to come when the slot has passed."""
    slot = Slot(SUNDAY, clock(23), BERLIN)
    morning = at("2026-06-08 08:00", BERLIN)
    for instant in (at("2026-06-05 12:00"), at("2026-06-07 23:30", BERLIN), morning - timedelta.resolution):
        assert nudge_at(slot, clock(22), clock(8), instant) == morning
    assert nudge_at(slot, clock(22), clock(8), morning) == morning + timedelta(days=7)


def test_a_nudge_that_waits_out_a_missing_day_is_not_lost() -> None:
    """Samoa's Thursday night nudge waits for Saturday morning, and is still to come when Saturday has begun."""
    slot = Slot(THURSDAY, clock(23), "Pacific/Apia")
    for instant in (at("2011-12-29 20:00", "Pacific/Apia"), at("2011-12-31 00:30", "Pacific/Apia")):
        assert shown(nudge_at(slot, clock(22), clock(8), instant), slot.zone) == "Sat 2011-12-31 08:00"


def test_a_nudge_outside_quiet_hours_is_its_slot() -> None:
    """A slot in waking hours is the nudge, later only by the couple's own delay."""
    slot = Slot(SUNDAY, clock(19), BERLIN)
    sunday = at("2026-06-07 19:00", BERLIN)
    assert nudge_at(slot, clock(22), clock(8), at("2026-06-01")) == sunday
    late = timedelta(minutes=7)
    assert nudge_at(slot, clock(22), clock(8), at("2026-06-01"), jitter=late) == sunday + late
    assert nudge_at(slot, clock(22), clock(8), sunday, jitter=late) == sunday + late


def test_a_delay_stops_short_of_quiet_hours() -> None:
    """A delay that would lead into quiet hours is left out, and one after them begins at their end."""
    late = timedelta(minutes=7)
    friday = at("2026-06-05")
    short = nudge_at(Slot(SUNDAY, clock(21, 55), BERLIN), clock(22), clock(8), friday, jitter=late)
    assert short == at("2026-06-07 21:55", BERLIN)
    held = nudge_at(Slot(SUNDAY, clock(23), BERLIN), clock(22), clock(8), friday, jitter=late)
    assert held == at("2026-06-08 08:07", BERLIN)


def test_a_midweek_delay_stops_short_of_anybodys_quiet_hours() -> None:
    """Midweek comes later by the delay only where both are awake then."""
    slot = Slot(SUNDAY, clock(19), BERLIN)
    times = round_after(slot, slot, at("2026-06-01"))
    early, late = (BERLIN, clock(19, 5), clock(8)), (BERLIN, clock(22), clock(8))
    thursday = at("2026-06-11 19:00", BERLIN)
    for minutes, expected in ((4, thursday + timedelta(minutes=4)), (5, thursday)):
        jitter = timedelta(minutes=minutes)
        assert midweek_after(times, early, late, jitter=jitter) == expected
        assert midweek_after(times, late, early, jitter=jitter) == expected


@pytest.mark.parametrize(("days", "week"), [(-1, 0), (0, 0), (6, 0), (7, 1), (13, 1), (364, 52)])
def test_weeks_are_steps_of_seven_days(days: int, week: int) -> None:
    """The week number grows every seven local days and is never negative, even after a journey to the west."""
    first = date(2026, 3, 25)
    assert week_number(first, first + timedelta(days=days)) == week


def test_the_day_is_the_persons_own() -> None:
    """At one instant it can be three days' date: in Kiritimati, in UTC for an unknown zone, and in Pago Pago."""
    instant = at("2026-06-05 10:30")
    assert local_day("Pacific/Kiritimati", instant) == date(2026, 6, 6)
    assert local_day(None, instant) == date(2026, 6, 5)
    assert local_day("Pacific/Pago_Pago", instant) == date(2026, 6, 4)


def test_jitter_is_stable() -> None:
    """A couple's delay is the same in every process and version: it is no draw, and these values may not change."""
    assert [couple_jitter(couple, 30).total_seconds() for couple in (1, 2, 3)] == [1234, 3, 294]


@given(st.integers(1, 2**63), st.integers(0, 120))
def test_jitter_stays_in_its_spread(couple: int, spread: int) -> None:
    """A couple's delay is whole seconds between nothing and the spread."""
    delay = couple_jitter(couple, spread)
    assert timedelta() <= delay <= timedelta(minutes=spread)
    assert delay.microseconds == 0


def test_jitter_spreads_couples_out() -> None:
    """A thousand couples with one slot do not fall on a few seconds."""
    assert len({couple_jitter(couple, 30) for couple in range(1000)}) > 700
