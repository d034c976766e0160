"""After a restore: what was planned when the backup was made falls due anew, counted from now."""

from datetime import datetime

from bot.scenes import calendar
from storage import couples, people, plans, rounds, shared
from storage.records import Plan
from storage.store import Tx


def replan(tx: Tx, now: datetime) -> None:
    """Plan every weekly nudge from now on, and let go of what was to happen between the backup and now.

    Nobody can know what was sent in that time, so no reminder, no starter and no message without a comparison follows it.
    What both had chosen to show still opens, and the planner begins the rounds of this week by itself.

    Args:
        tx: The unit of work.
        now: The present instant.
    """
    for plan in plans.due(tx, now, None):
        if plan.kind in ("reminder", "midweek") or (plan.kind == "reveal" and not _opens(tx, plan)):
            plans.done(tx, plan)
    for number in sorted(people.numbers(tx)):
        person = people.find_by_id(tx, number)
        if person is not None:
            calendar.plan_nudge(tx, person, now)


def _opens(tx: Tx, plan: Plan) -> bool:
    couple, week = couples.find(tx, plan.couple_id or 0), rounds.get(tx, plan.round_id or 0)
    return couple is not None and week is not None and shared.both_show(tx, couple, week)
