"""PostgreSQL itself, killed under the bot while people live with it, and started again."""

from pathlib import Path

import pytest

from tests.crash.campaign import PEOPLE, SCALE
from tests.crash.outage import outages
from tests.databases import own_server, place_on

KILLS = max(2, round(5 * SCALE))

pytestmark = pytest.mark.faulty


async def test_when_postgres_is_killed_the_bot_goes_on_or_stops_loudly_and_loses_nothing(tmp_path: Path) -> None:
    """Whatever was committed stays; the bot goes on, or ends with one line and code 1, and does its work at the next start."""
    with own_server() as server:
        report = await outages(tmp_path, server, place_on(server, tmp_path), lives=PEOPLE, kills=KILLS)
    assert report.violations == []
    assert report.server_kills == KILLS
    assert report.acts == report.screens > KILLS
