"""The rules of a fan-out at small scale: the real planner, outbox, sender and pace in virtual time."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from statistics import median

import pytest

from bot import app
from bot.delivery import planner
from tests.bench import virtual
from tests.bench.fanout import LATEST, PEAK, SEND_RATE, SHARE, at_once, hour, send_out, week
from tests.bench.flood import ANSWERS_AFTER

SMALLER = 100
"""So much shorter is an hour here, with so many fewer people."""


def test_all_at_once_uses_the_whole_rate_and_floods_nobody() -> None:
    """With more to send than time, 98 % of SEND_RATE goes out, and people who tap wait for Telegram alone."""
    found = virtual.run(send_out(at_once(400), taps=4.0))
    assert found.dropped == 0
    assert found.floods == 0
    assert found.rate >= SHARE * SEND_RATE
    assert len(found.waited) > 30
    assert median(found.waited) < 2 * ANSWERS_AFTER


def test_a_rush_of_taps_floods_nobody_either() -> None:
    """However many people tap, theirs and the others together stay below what Telegram takes."""
    found = virtual.run(send_out(at_once(200), taps=12.0))
    assert found.floods == 0
    assert SHARE * SEND_RATE <= found.rate <= 30
    assert median(found.waited) < 2 * ANSWERS_AFTER


def test_the_busiest_hour_is_late_by_a_quarter_of_an_hour_at_most() -> None:
    """60,000 who are due in one hour are spread, and the last of them is not late."""
    found = virtual.run(send_out(hour(PEAK // SMALLER, 3600 / SMALLER), taps=1.0))
    assert len(found.late) == PEAK // SMALLER
    # The ticks do not get shorter with the hour.
    assert max(found.late) <= LATEST / SMALLER + app.PLAN_SECONDS + app.SEND_SECONDS
    assert found.floods == 0


def test_above_capacity_what_expires_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Late nudges go out until they expire; the rest is dropped, each counted once."""
    shorter = replace(planner.HANDLING["nudge"], keeps=timedelta(seconds=20))
    monkeypatch.setattr(planner, "HANDLING", {**planner.HANDLING, "nudge": shorter})
    found = virtual.run(send_out(at_once(300), rate=5.0))
    assert 5.0 * 20 * SHARE <= len(found.late) <= 5.0 * 22
    assert max(found.late) <= 21
    assert found.dropped == found.counted == 300 - len(found.late)


def test_a_week_never_holds_more_than_its_peak() -> None:
    """The simulated week has as many people as asked for, and no hour with more than the peak."""
    moments = week(10_000, 600)
    assert len(moments) == 10_000
    hours = [int(moment // 3600) for moment in moments]
    assert max(hours.count(one) for one in set(hours)) <= 601


def test_time_that_nobody_moves_is_an_error() -> None:
    """A story in which everybody waits for nothing ends loudly."""
    with pytest.raises(RuntimeError, match="nothing will ever happen"):
        virtual.run(_waits_for_nothing())


async def _waits_for_nothing() -> None:
    await asyncio.get_running_loop().create_future()
