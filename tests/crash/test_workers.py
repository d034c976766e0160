"""Several workers behind a proxy on one PostgreSQL, killed one after the other while people tap."""

import os
from pathlib import Path

from tests.crash.crowd import Plan
from tests.crash.workers import live
from tests.databases import postgres_place

SCALE = float(os.environ.get("SCALE", "1"))


async def test_whichever_worker_dies_nothing_is_lost_doubled_or_out_of_order(tmp_path: Path) -> None:
    """Every update takes effect once and in order, a screen follows each, no nudge comes twice, nothing is left lying."""
    plan = Plan(workers=3, people=max(12, round(40 * SCALE)), rounds=2, every=1.5, kills=3)
    with postgres_place(tmp_path) as place:
        report = await live(place, tmp_path, plan)
    assert report.kills > 1
    assert report.taps > plan.people * plan.rounds * 6
