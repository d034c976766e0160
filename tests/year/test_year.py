"""Ten couples live a year through the real scenes, storage and delivery."""

import os

from tests.year.kinds import HOUSEHOLDS, households
from tests.year.measure import GOAL_SECONDS, live, table
from tests.year.tally import middle

COUPLES = max(1, round(10 * float(os.environ.get("SCALE", "1"))))


async def test_a_year_goes_by_without_a_mistake() -> None:
    """Nothing comes outside its hour, twice or not at all, nothing is said again, every screen leads on.

    And a check-in takes less than two minutes, and so does the whole week of somebody who knows what recurs.
    """
    year = await live(households(COUPLES))
    assert not year.wrong, "\n".join([*table(year), *year.examples])
    assert not year.dead_ends
    assert middle(week.questions for week in year.weeks if week.questions) < GOAL_SECONDS
    assert middle(week.practised for week in year.weeks) < GOAL_SECONDS
    assert {"nudge", "reminder", "silence", "comparison", "midweek", "closed", "paired"} <= year.happened.keys()


def test_every_kind_of_person_lives_in_the_town() -> None:
    """Ten households hold whoever travels, pauses, leaves, blocks, deletes, reads no pictures, is alone or silent."""
    ten = {kind.name for kinds, _ in HOUSEHOLDS[:10] for kind in kinds}
    assert {"eager", "lazy", "travelling", "pausing", "leaving, coming back", "blocking the bot"} <= ten
    assert {"deleting everything", "text only", "alone", "silent", "hurried", "tapping everything"} <= ten
