"""Couples of one slot are spread: neither the work of a week's beginning nor its messages fall into one instant."""

from datetime import datetime, timedelta

from bot.dance.rhythm import REVEAL_AFTER, SETTLED_AFTER, WEEK
from bot.delivery.planner import plan_due
from bot.scenes import calendar
from storage import couples, people, plans, rounds
from storage.records import Couple, Plan
from storage.store import Store, Tx
from tests.contract.people import NOW

COUPLES = 30
SPREAD = timedelta(minutes=calendar.SPREAD_MINUTES)
SLOT = NOW + timedelta(days=6, hours=23)
"""Sunday 19:00 in Berlin, in the week after; the pairs form on Sunday 20:00 and in the minutes after."""

FAR = NOW + timedelta(days=100)


def found(tx: Tx) -> list[Couple]:
    """Couples whose people all keep the moment that is proposed, and who have compared already."""
    made = []
    for number in range(COUPLES):
        at = NOW + timedelta(seconds=17 * number)
        two = [people.add(tx, telegram_id=2 * number + seat, language="en", now=at) for seat in (1, 2)]
        for one in two:
            people.change(tx, one.id, zone="Europe/Berlin", weekday=6, minute=19 * 60, adult_at=at)
        kim, noor = (people.get(tx, one.id) for one in two)
        couple = couples.pair(tx, inviter=kim, invitee=noor, inviter_name="Kim", invitee_name="Noor", now=at)
        calendar.begin_rounds(tx, couple, at)
        for one in (kim, noor):
            calendar.plan_nudge(tx, one, at)
        current = rounds.current(tx, couple.id)
        assert current is not None
        assert rounds.mark_opened(tx, current, at)
        plans.drop(tx, f"reveal:{current.id}")
        made.append(couple)
    return made


async def due_at(store: Store, kind: str) -> list[datetime]:
    """When the plans of a kind fall due."""
    every: list[Plan] = await store.write(lambda tx: plans.due(tx, FAR, None))
    return [plan.due_at for plan in every if plan.kind == kind]


def assert_spread(moments: list[datetime], first: datetime, last: datetime, number: int = COUPLES) -> None:
    """All lie within the bounds, and hardly two in the same second."""
    assert len(moments) == number
    assert first <= min(moments)
    assert max(moments) <= last
    assert len(set(moments)) > 0.9 * COUPLES
    assert max(moments) - min(moments) > SPREAD / 2


async def test_a_week_begins_for_one_couple_after_the_other(store: Store) -> None:
    """By the slot every couple's week has begun, which takes the half hour before it; it is still the slot that counts."""
    made = await store.write(found)
    assert_spread(await due_at(store, plans.ROUND), SLOT - SPREAD, SLOT)
    await plan_due(store, SLOT - SPREAD - timedelta(seconds=1), ())
    weeks = [await store.read(lambda tx, couple=couple: rounds.current(tx, couple.id)) for couple in made]
    assert {week.number for week in weeks if week} == {0}
    await plan_due(store, SLOT - timedelta(seconds=1), ())
    weeks = [await store.read(lambda tx, couple=couple: rounds.current(tx, couple.id)) for couple in made]
    assert [(week.number, week.begins_at) for week in weeks if week] == [(1, SLOT)] * COUPLES
    assert_spread(await due_at(store, plans.ROUND), SLOT + WEEK - SPREAD, SLOT + WEEK)


async def test_what_comes_to_many_couples_is_spread_and_comes_to_both_at_once(store: Store) -> None:
    """Nudges, the reveal hour and midweek each fall into the half hour after their moment, for both people alike."""
    await store.write(found)
    nudges = await due_at(store, "nudge")
    assert_spread(nudges, SLOT, SLOT + SPREAD, 2 * COUPLES)
    assert all(nudges.count(moment) % 2 == 0 for moment in nudges)
    await plan_due(store, SLOT - timedelta(seconds=1), ())
    for kind, after in (("reveal", REVEAL_AFTER), ("midweek", SETTLED_AFTER)):
        moments = [moment for moment in await due_at(store, kind) if moment >= SLOT]
        assert_spread(moments, SLOT + after, SLOT + after + SPREAD)


async def test_a_week_that_is_about_to_begin_begins_at_its_slot(store: Store) -> None:
    """What is planned in the half hour before the slot comes with the slot, and not at once."""

    def plan_late(tx: Tx) -> None:
        for couple in found(tx):
            calendar.plan_round(tx, couple, SLOT, SLOT - timedelta(seconds=1))

    await store.write(plan_late)
    assert set(await due_at(store, plans.ROUND)) == {SLOT}
