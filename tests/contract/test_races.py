import os

import pytest

from storage.store import Store
from tests.races import RACES, Arena, left_over

TRIES = max(5, round(25 * float(os.environ.get("SCALE", "1"))))


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
async def test_no_race_for_an_invitation_breaks_a_rule(store: Store, race: type) -> None:
    """However two taps at the same moment meet, at most one pair forms, and each code serves once."""
    arena = Arena(store)
    assert [await race(arena) for _ in range(TRIES)] == [True] * TRIES
    assert await left_over(store) == 0
