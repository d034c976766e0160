"""How much the planner does in one transaction, for taps wait behind it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import pytest

from bot.delivery.planner import BATCH, RESTS, WEIGHTS, _light_enough, plan_due, rest
from storage.records import Plan
from storage.store import Store, Tx

NOW = datetime(2027, 1, 13, 19, 0, tzinfo=UTC)


def plans(*kinds: str) -> list[Plan]:
    """Plans of these kinds, all due."""
    return [Plan(id=number, key=str(number), kind=kind, due_at=NOW) for number, kind in enumerate(kinds)]


@pytest.mark.parametrize(("kind", "carried"), [("nudge", BATCH), ("open", BATCH // WEIGHTS["open"])])
def test_a_transaction_carries_few_plans_that_weigh_much(kind: str, carried: int) -> None:
    """Comparisons open a few at a time, nudges are packed many at a time, and their order stays."""
    due = plans(*[kind] * (BATCH + 1))
    assert list(_light_enough(due)) == due[:carried]


def test_what_is_due_is_always_begun() -> None:
    """Whatever comes first is carried, so that nothing can stand still; nothing is carried out of turn."""
    assert all(weight <= BATCH for weight in WEIGHTS.values())
    due = plans(*["nudge"] * (BATCH - 1), "open", "nudge")
    assert list(_light_enough(due)) == due[: BATCH - 1]
    assert list(_light_enough([])) == []


@dataclass
class SlowStore:
    """A store in which every transaction takes its time, and what each of them is to say."""

    says: list[tuple[int, bool]]
    times: list[tuple[float, float]] = field(default_factory=list)

    async def write(self, _unit: Callable[[Tx], object]) -> tuple[int, bool]:
        """One transaction."""
        clock = asyncio.get_running_loop().time
        began = clock()
        await asyncio.sleep(0.01)
        self.times.append((began, clock()))
        return self.says.pop(0)


async def test_between_transactions_the_planner_rests_longer_than_they_took() -> None:
    """Whoever taps finds most of the time free, however much is due; all of it is handled in the end."""
    store = SlowStore([(BATCH, True), (BATCH, True), (3, False), (0, False)])

    async def between(seconds: float) -> bool:
        await rest(seconds)
        return True

    assert await plan_due(cast("Store", store), NOW, (), between) == 2 * BATCH + 3
    assert store.says == []
    for (began, ended), (again, _) in zip(store.times[:2], store.times[1:3], strict=True):
        assert again - ended >= RESTS * (ended - began) * 0.9  # the loop's clock has its grain


async def test_a_stop_waits_for_one_transaction_at_most() -> None:
    """Whoever is told to go no further plans nothing more, however much is due; the rest stays for who leads next."""
    store = SlowStore([(BATCH, True), (BATCH, True), (0, False)])

    async def no_further(_seconds: float) -> bool:
        return False

    assert await plan_due(cast("Store", store), NOW, (), no_further) == BATCH
    assert len(store.says) == 2
