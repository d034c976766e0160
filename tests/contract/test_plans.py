import asyncio
from datetime import timedelta

from sqlalchemy import text

from storage import plans
from storage.store import Store, Tx, open_store
from tests.contract.people import NOW, add_couple, add_person, add_round
from tests.databases import Place

HOUR = timedelta(hours=1)


async def test_the_same_plan_put_twice_is_one_plan(store: Store) -> None:
    """A key is planned once; the first stands until it is moved or replaced."""
    person = await add_person(store, 1)

    def unit(tx: Tx) -> tuple[bool, bool]:
        first = plans.put(tx, key="nudge:1", kind="nudge", due_at=NOW, person_id=person.id)
        return first, plans.put(tx, key="nudge:1", kind="nudge", due_at=NOW + HOUR, person_id=person.id)

    assert await store.write(unit) == (True, False)
    [plan] = await store.write(lambda tx: plans.due(tx, NOW, 10))
    assert (plan.key, plan.kind, plan.due_at, plan.person_id) == ("nudge:1", "nudge", NOW, person.id)


async def test_plans_fall_due_in_order(store: Store) -> None:
    """What is due comes oldest first, as many as asked for, and not before its time."""

    def unit(tx: Tx) -> None:
        for number in (3, 1, 2):
            plans.put(tx, key=f"k{number}", kind="round", due_at=NOW + number * HOUR)

    await store.write(unit)
    assert await store.read(plans.next_due) == NOW + HOUR
    assert await store.write(lambda tx: plans.due(tx, NOW, 10)) == []
    assert [plan.key for plan in await store.write(lambda tx: plans.due(tx, NOW + 3 * HOUR, 2))] == ["k1", "k2"]


async def test_a_plan_is_done_once(store: Store) -> None:
    """A plan that was carried out, or moved meanwhile, is not carried out with what was read before."""
    await store.write(lambda tx: plans.put(tx, key="k", kind="open", due_at=NOW))
    [plan] = await store.write(lambda tx: plans.due(tx, NOW, 1))
    assert await store.write(lambda tx: plans.move(tx, "k", NOW + HOUR))
    assert not await store.write(lambda tx: plans.done(tx, plan))
    [moved] = await store.write(lambda tx: plans.due(tx, NOW + HOUR, 1))
    assert await store.write(lambda tx: plans.done(tx, moved))
    assert not await store.write(lambda tx: plans.done(tx, moved))
    assert not await store.write(lambda tx: plans.move(tx, "k", NOW))
    assert await store.read(plans.next_due) is None


async def test_plans_can_be_replaced_and_dropped(store: Store) -> None:
    """By key, by person and kind, and by couple."""
    kim, _alex, couple = await add_couple(store)
    week = await add_round(store, couple)

    def unit(tx: Tx) -> None:
        plans.replace(tx, key="a", kind="nudge", due_at=NOW, person_id=kim.id)
        plans.replace(tx, key="a", kind="reminder", due_at=NOW + HOUR, person_id=kim.id)
        plans.put(tx, key="b", kind="nudge", due_at=NOW, person_id=kim.id)
        plans.put(tx, key="c", kind="reveal", due_at=NOW, couple_id=couple.id, round_id=week.id)
        plans.put(tx, key="d", kind="round", due_at=NOW, couple_id=couple.id)

    await store.write(unit)

    async def left() -> list[str]:
        return sorted(plan.key for plan in await store.write(lambda tx: plans.due(tx, NOW + HOUR, 10)))

    await store.write(lambda tx: plans.drop_for_person(tx, kim.id, ["nudge"]))
    assert await left() == ["a", "c", "d"]
    await store.write(lambda tx: plans.drop(tx, "d"))
    await store.write(lambda tx: plans.drop_for_person(tx, kim.id))
    assert await left() == ["c"]
    await store.write(lambda tx: plans.drop_for_couple(tx, couple.id))
    assert await left() == []


async def test_planners_at_once_carry_out_each_plan_once(store: Store) -> None:
    """However many planners run at the same time, no plan is done twice and none is lost."""

    def fill(tx: Tx) -> None:
        for number in range(40):
            plans.put(tx, key=f"k{number}", kind="nudge", due_at=NOW)

    def carry_out(tx: Tx) -> list[str]:
        return [plan.key for plan in plans.due(tx, NOW, 10) if plans.done(tx, plan)]

    await store.write(fill)
    done = await asyncio.gather(*(store.write(carry_out) for _ in range(6)))
    keys = [key for batch in done for key in batch]
    assert len(keys) == len(set(keys))
    keys += await store.write(lambda tx: [plan.key for plan in plans.due(tx, NOW, 40)])
    assert len(keys) == 40


async def test_a_planner_passes_over_what_another_holds(postgres: Place) -> None:
    """On PostgreSQL planners do not wait for each other."""
    async with open_store(*postgres.settings) as store:
        for number in range(4):
            await store.write(lambda tx, number=number: plans.put(tx, key=f"k{number}", kind="nudge", due_at=NOW))

        def slowly(tx: Tx) -> list[int]:
            held = [plan.id for plan in plans.due(tx, NOW, 2)]
            tx.connection.execute(text("SELECT pg_sleep(0.1)"))
            return held

        one, two = await asyncio.gather(store.write(slowly), store.write(slowly))
        assert len(one) == len(two) == 2
        assert not set(one) & set(two)
