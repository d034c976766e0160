"""The bot on SQLite, killed at random instants and at every named point while people live with it, and started again."""

from pathlib import Path

import pytest

from tests.crash.campaign import PEOPLE, RANDOMLY, assert_alive, campaign
from tests.crash.points import LIVING
from tests.databases import sqlite_place

pytestmark = pytest.mark.faulty


async def test_killed_anywhere_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path) -> None:
    """Every tap has its screen and its effect once, no nudge doubles, what is for both reaches both, nothing is stuck."""
    place = sqlite_place(tmp_path)
    report = await campaign(tmp_path, place, lives=PEOPLE, points=LIVING, randomly=RANDOMLY)
    assert report.violations == []
    assert_alive(report, LIVING)
