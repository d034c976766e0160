from datetime import timedelta
from functools import partial

from bot.delivery.restored import replan
from storage import people, plans, rounds
from storage.records import Level, Plan
from storage.store import Store
from tests.contract.people import NOW, add_couple, add_round, show

TEN_DAYS_ON = NOW + timedelta(days=10)


async def all_plans(store: Store) -> dict[str, Plan]:
    """Every plan by its key."""
    due = await store.write(lambda tx: plans.due(tx, NOW + timedelta(days=400), None))
    return {plan.key: plan for plan in due}


async def test_after_a_restore_the_past_stays_past(store: Store) -> None:
    """What was to happen between the backup and now is let go, and the weekly nudge comes at the next slot from now."""
    kim, alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    place = {"zone": "Europe/Berlin", "weekday": 6, "minute": 19 * 60, "adult_at": NOW}
    await store.write(lambda tx: people.change(tx, kim.id, **place))  # type: ignore[arg-type]
    for key, kind, about in (
        (f"nudge:{kim.id}", "nudge", {"person_id": kim.id}),
        (f"reminder:{alex.id}", "reminder", {"person_id": alex.id}),
        (f"midweek:{week.id}", "midweek", {"couple_id": couple.id, "round_id": week.id}),
        (f"reveal:{week.id}", "reveal", {"couple_id": couple.id, "round_id": week.id}),
        (f"round:{couple.id}", plans.ROUND, {"couple_id": couple.id}),
    ):
        put = partial(plans.put, key=key, kind=kind, due_at=NOW + timedelta(days=2), **about)
        assert await store.write(put)
    await store.write(partial(replan, now=TEN_DAYS_ON))
    left = await all_plans(store)
    assert sorted(left) == sorted([f"nudge:{kim.id}", f"round:{couple.id}"])
    due_at = left[f"nudge:{kim.id}"].due_at
    assert TEN_DAYS_ON < due_at <= TEN_DAYS_ON + timedelta(days=7)
    assert await store.read(lambda tx: rounds.silent_in_a_row(tx, couple.id)) == 0


async def test_what_both_showed_still_opens_after_a_restore(store: Store) -> None:
    """A comparison that both had chosen to show is not lost with the time between."""
    kim, alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    await show(store, kim, week, Level.SIZES)
    await show(store, alex, week, Level.SIZES)
    about = {"couple_id": couple.id, "round_id": week.id}
    await store.write(partial(plans.put, key="reveal", kind="reveal", due_at=NOW, **about))
    await store.write(partial(replan, now=TEN_DAYS_ON))
    assert list(await all_plans(store)) == ["reveal"]
