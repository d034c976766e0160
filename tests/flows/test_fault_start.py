"""Telegram stumbles while the program starts."""

from pathlib import Path

import pytest

from tests.driver import world_at
from tests.flows.fault_table import DONE, FAULTS, UNDONE

pytestmark = pytest.mark.faulty

CALLS = (
    "getWebhookInfo",
    "getMyCommands",
    "setMyCommands",
    "getMyDescription",
    "setMyDescription",
    "getMyShortDescription",
    "setMyShortDescription",
)
"""What the program asks at every start, or tells once, beside getMe."""


@pytest.mark.parametrize("fault", [UNDONE[0], UNDONE[2], UNDONE[3], UNDONE[4], UNDONE[5], DONE[0], DONE[2]])
async def test_a_call_at_the_start(tmp_path: Path, fault: str) -> None:
    """Only getMe is needed to start: whatever becomes of the other calls, people are answered."""
    async with world_at(tmp_path) as world:
        for call in CALLS:
            world.stand_in.faults.add(call, FAULTS[fault])
            async with world.running():
                kim = world.person("Kim")
                await kim.send("/start")
                assert kim.screen.startswith("Hello"), call
            assert world.stand_in.faults.left() == 0, call
            world.stand_in._world.commands.clear()
            world.stand_in._world.words.clear()
