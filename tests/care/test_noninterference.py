"""What one person keeps to themselves reaches nobody: two worlds that differ in nothing else look the same."""

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.care.cast import VISIBLE_BY_NATURE
from tests.care.leaks import KNOWN, LEAKS
from tests.care.stories import first_to_find, scripted, tell
from tests.unit.pages import page

SCALE = float(os.environ.get("SCALE", "1"))
STORIES_OF_CI = 300
STORIES = round(STORIES_OF_CI * SCALE)


@settings(
    max_examples=STORIES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.randoms(use_true_random=False))
def test_nobody_learns_what_was_not_shown(dice: Random) -> None:
    """All that reaches a person, and when, is the same in two worlds that differ in what the other did not show."""
    script = scripted(dice)
    note(repr(script))
    tell(script)


def test_what_is_visible_by_nature_is_said() -> None:
    """Whatever the property lets pass stands in docs/privacy.md, under what can be seen by nature."""
    said = " ".join(
        page("docs/privacy.md").split("**What can be seen by nature**")[1].split("**Whoever runs")[0].split()
    )
    for tap, sentence in VISIBLE_BY_NATURE.items():
        assert sentence in said, tap


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_found(name: str) -> None:
    """Each of these leaks is found by as many stories as CI tells, so the property can fail."""
    with LEAKS[name]():
        assert first_to_find((KNOWN.get(name, 0), *range(STORIES_OF_CI))) is not None
