"""How much the planner does in one transaction, for taps wait behind it."""

from datetime import UTC, datetime

import pytest

from bot.delivery.planner import BATCH, WEIGHTS, _light_enough
from storage.records import Plan

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
