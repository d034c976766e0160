from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.dance.rhythm import (
    CLOCK_SLACK,
    Quiet,
    RoundTimes,
    Slot,
    following_round,
    is_quiet,
    midweek_after,
    next_after,
    next_waking,
    nudge_at,
    round_after,
    shared_waking,
)

ZONES = sorted(available_timezones())
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
LARGEST_CHANGE = 3 * HOUR
"""The largest change of a clock from 2014 on: Antarctica/Casey's, first in October 2016 and several times since."""
LARGEST_OF_2026 = 2 * HOUR
"""The largest one in 2026: Antarctica/Troll's, in spring and autumn."""

zones = st.sampled_from(ZONES)
minutes = st.integers(0, 1439)
slots = st.builds(Slot, st.integers(0, 6), minutes, zones)
instants = st.datetimes(datetime(2014, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the zone is given apart
long_ago = st.datetimes(datetime(1971, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
quiet = st.tuples(zones, minutes, minutes)
sleepers = st.tuples(st.none() | zones, minutes, minutes)


def is_on_the_wall(slot: Slot, moment: datetime) -> bool:
    """Whether a moment shows the slot's weekday and minute for the first time that day, or stands in for a gap."""
    zone = ZoneInfo(slot.zone)
    local = moment.astimezone(zone)
    if (local.weekday(), local.hour * 60 + local.minute) == (slot.weekday, slot.minute):
        return local.fold == 0
    # The gap rule: the clock read the slot's time had it not jumped, and it jumped within the day before.
    offsets = {(moment - hours * HOUR).astimezone(zone).utcoffset() for hours in range(1, 26)}
    return any(
        offset is not None
        and (unmoved := moment + offset).weekday() == slot.weekday
        and unmoved.hour * 60 + unmoved.minute == slot.minute
        for offset in offsets
    )


@given(slots, long_ago)
@settings(max_examples=250, deadline=None)
def test_the_next_slot_is_near_and_right(slot: Slot, instant: datetime) -> None:
    """In any zone and year the next slot is later, within 8 days, on its weekday and minute or right after a gap."""
    moment = next_after(slot, instant)
    assert instant < moment <= instant + timedelta(days=8)
    assert is_on_the_wall(slot, moment)


@given(slots, long_ago, st.timedeltas(timedelta(), WEEK))
@settings(max_examples=200, deadline=None)
def test_the_next_slot_does_not_depend_on_when_one_asks(slot: Slot, instant: datetime, wait: timedelta) -> None:
    """Asked again before the slot, the answer is the same; asked at the slot or later, it is another one."""
    moment = next_after(slot, instant)
    again = next_after(slot, instant + wait)
    assert again == moment if instant + wait < moment else again > moment


def test_every_zone_has_each_slot_once_a_local_week() -> None:
    """In every zone there is, a year's chain of slots at night steps through the calendar seven days at a time."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number, name in enumerate(ZONES):
        zone = ZoneInfo(name)
        slot = Slot(weekday=(6, 0, 5, 4)[number % 4], minute=(30, 90, 150, 0, 15)[number % 5], zone=name)
        moment = next_after(slot, start)
        day = moment.astimezone(zone).date()
        for _ in range(54):
            later = next_after(slot, moment)
            local = later.astimezone(zone)
            assert local.date() == day + WEEK, (slot, later)
            assert abs(later - moment - WEEK) <= LARGEST_OF_2026, (slot, later)
            assert is_on_the_wall(slot, later), (slot, later)
            moment, day = later, local.date()


def test_no_zone_fires_twice_where_its_clock_changes() -> None:
    """In every zone, a slot in the very hour of a clock change comes once on that day, and the week after again."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for name in ZONES:
        zone = ZoneInfo(name)
        days = [start + timedelta(days=day) for day in range(367)]
        offsets = [day.astimezone(zone).utcoffset() for day in days]
        for day, before, after in zip(days, offsets, offsets[1:], strict=False):
            if before == after:
                continue
            hours = (day + hour * HOUR for hour in range(25))
            change = next(hour for hour in hours if hour.astimezone(zone).utcoffset() == after)
            around = (change - timedelta(minutes=15)).astimezone(zone)
            slot = Slot(around.weekday(), around.hour * 60 + around.minute, name)
            first = next_after(slot, change - timedelta(days=2))
            assert abs(first - change) <= LARGEST_OF_2026, slot
            assert abs(next_after(slot, first) - first - WEEK) <= LARGEST_OF_2026, slot


def check_round(times: RoundTimes, a: Slot, b: Slot) -> None:
    """What holds for every round."""
    arc = times.last_slot_at - times.begins_at
    assert timedelta() <= arc <= WEEK / 2 + CLOCK_SLACK
    assert times.reveal_at - times.last_slot_at == timedelta(hours=48)
    for moment in (times.begins_at, times.last_slot_at):
        assert any(next_after(slot, moment - timedelta.resolution) == moment for slot in (a, b))


@given(slots, slots, instants)
@settings(max_examples=200, deadline=None)
def test_a_round_holds_both_slots(a: Slot, b: Slot, instant: datetime) -> None:
    """A round begins soon after the instant, spans half a week at most, and is the same whoever is named first."""
    times = round_after(a, b, instant)
    check_round(times, a, b)
    assert instant < times.begins_at <= instant + timedelta(days=8)
    assert times.last_slot_at - times.begins_at <= WEEK / 2 + HOUR
    assert times == round_after(b, a, instant)


@given(slots, slots, instants)
@example(Slot(0, 0, "Africa/Abidjan"), Slot(0, 0, "Antarctica/Casey"), datetime(2018, 1, 1, tzinfo=UTC))
@settings(max_examples=60, deadline=None)
def test_rounds_follow_each_other_a_week_apart(a: Slot, b: Slot, instant: datetime) -> None:
    """With unchanged slots, each round begins a week after the last one, by the wall clock, and after its reveal."""
    times = round_after(a, b, instant)
    for _ in range(27):
        following = following_round(a, b, times)
        check_round(following, a, b)
        assert abs(following.begins_at - times.begins_at - WEEK) <= LARGEST_CHANGE
        assert following.begins_at > times.reveal_at
        times = following


@given(slots, slots, slots, slots, instants)
@settings(max_examples=200, deadline=None)
def test_a_round_after_a_change_is_near(a: Slot, b: Slot, new_a: Slot, new_b: Slot, instant: datetime) -> None:
    """However slots move, the next round begins 4 to 11 days after this one and at most 36 hours before its reveal."""
    times = round_after(a, b, instant)
    following = following_round(new_a, new_b, times)
    check_round(following, new_a, new_b)
    assert timedelta(days=4) < following.begins_at - times.begins_at <= timedelta(days=11) + LARGEST_CHANGE
    assert times.reveal_at - following.begins_at < timedelta(hours=36) + LARGEST_CHANGE
    assert following == following_round(new_b, new_a, times)


@given(slots, minutes, minutes, instants, st.integers(0, 120))
@settings(max_examples=200, deadline=None)
def test_quiet_hours_hold_no_nudge(slot: Slot, quiet_from: int, quiet_to: int, instant: datetime, late: int) -> None:
    """A nudge never comes in quiet hours, always after the instant, and never a day and a half after its slot."""
    jitter = timedelta(minutes=late)
    moment = nudge_at(slot, quiet_from, quiet_to, instant, jitter=jitter)
    assert not is_quiet(slot.zone, quiet_from, quiet_to, moment)
    assert instant < moment <= instant + timedelta(days=9)
    assert next_after(slot, moment - timedelta(hours=36)) <= moment


@given(slots, minutes, minutes, instants)
@settings(max_examples=60, deadline=None)
def test_nudges_come_once_a_week(slot: Slot, quiet_from: int, quiet_to: int, instant: datetime) -> None:
    """Each nudge is a week after the last one, give or take a clock change."""
    moment = nudge_at(slot, quiet_from, quiet_to, instant)
    for _ in range(27):
        later = nudge_at(slot, quiet_from, quiet_to, moment)
        assert abs(later - moment - WEEK) <= 2 * LARGEST_CHANGE
        moment = later


@given(quiet, instants)
@settings(max_examples=200, deadline=None)
def test_waking_is_the_first_moment_that_is_not_quiet(sleeper: Quiet, instant: datetime) -> None:
    """Between an instant and the next waking it is quiet all the while, and at the waking it is not."""
    waking = next_waking(*sleeper, instant)
    assert instant <= waking <= instant + timedelta(hours=26)
    assert not is_quiet(*sleeper, waking)
    if waking > instant:
        steps = [instant + (waking - instant) * part / 50 for part in range(50)]
        assert all(is_quiet(*sleeper, moment) for moment in (*steps, waking - timedelta.resolution))


@given(sleepers, sleepers, instants)
@settings(max_examples=200, deadline=None)
def test_a_shared_waking_is_the_first(a: Quiet, b: Quiet, instant: datetime) -> None:
    """At a shared waking both are awake, before it one of them is not, and it is the same whoever is named first."""
    within = timedelta(hours=24)
    waking = shared_waking(a, b, instant, within)
    assert waking == shared_waking(b, a, instant, within)
    assert waking is None or instant <= waking <= instant + within
    before = (instant + part * timedelta(minutes=7) for part in range(24 * 60 // 7))
    for moment in before:
        if waking is None or moment < waking:
            assert is_quiet(*a, moment) or is_quiet(*b, moment)
    assert waking is None or not (is_quiet(*a, waking) or is_quiet(*b, waking))


@given(slots, slots, sleepers, sleepers, instants)
@settings(max_examples=100, deadline=None)
def test_midweek_lies_within_its_day(slot: Slot, other: Slot, a: Quiet, b: Quiet, instant: datetime) -> None:
    """Midweek is 4 to 5 days after the round began, in nobody's quiet hours, or it is not at all."""
    times = round_after(slot, other, instant)
    moment = midweek_after(times, a, b)
    if moment is not None:
        assert timedelta(days=4) <= moment - times.begins_at <= timedelta(days=5)
        assert not is_quiet(*a, moment)
        assert not is_quiet(*b, moment)
