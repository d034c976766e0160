"""The numbers of people who can help: only such as were seen on a page, and not for ever."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot import app
from prompts.catalogue import load
from tests.driver import StoryClock

UNCHECKED = (
    "88788",
    "sheltersafe",
    "0800 027 1234",
    "0800 222 555",
    "1712",
    "0800 30 030",
    "116 006",
    "020-50 50 50",
    "080 005 005",
    "0800 428 428",
    "Ligue 180",
)
"""Numbers and names that were written down from memory; in Canada "988", which elsewhere was seen."""


def test_no_line_from_memory_is_given_to_anybody() -> None:
    """What nobody has looked up stays out of the card."""
    lines = load("en").help_lines.lines
    given = "\n".join(repr(line) for line in lines)
    assert [number for number in UNCHECKED if number in given] == []
    assert [line for line in lines if line.country in {"CA", "AT", "BE", "PT", "SE", "NO", "FI", "ZA", "BR"}] == []


@pytest.mark.parametrize(("days", "warned"), [(0, False), (180, False), (181, True)])
def test_the_start_warns_of_lines_that_nobody_looked_up_for_long(
    days: int, caplog: pytest.LogCaptureFixture, *, warned: bool
) -> None:
    """After 180 days whoever runs the bot is told which file to look at."""
    words = load("en")
    noon = datetime.combine(words.help_lines.checked, datetime.min.time(), UTC) + timedelta(hours=12)
    with caplog.at_level(logging.WARNING):
        app._warn_of_old_help_lines({"en": words}, StoryClock(noon + timedelta(days=days)))
    assert ("prompts/en/help_lines.yaml" in caplog.text) == warned
