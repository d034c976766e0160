"""The same property of the whole program, over HTTP."""

import os
from pathlib import Path

import pytest

from tests.care.leaks import LEAKS
from tests.care.over_http import FIRST, short_story, tell_over_http
from tests.care.scripts import Script, Secret, Step
from tests.care.twins import Leak

SCALE = float(os.environ.get("SCALE", "1"))
STORIES = round(10 * SCALE)
"""`make bench` tells fifty."""

A_WEEK = 7 * 24 * 60
LEAVES = Script("compared", kim_reads=True, steps=(Step(A_WEEK, ((Secret(10, "leaves", 0),), ()), "looks", 0),))


@pytest.mark.parametrize("number", range(FIRST, FIRST + STORIES))
async def test_two_programs_look_the_same(tmp_path: Path, number: int) -> None:
    """Every call about the reader's chat, and the chat in the end, are the same in both worlds, byte for byte."""
    assert await tell_over_http(short_story(number), tmp_path)


async def test_a_planted_leak_is_found_over_http(tmp_path: Path) -> None:
    """A message that tells who left is found over HTTP as well."""
    leak = LEAKS["the message tells who left"]
    with leak(), pytest.raises(Leak):
        await tell_over_http(LEAVES, tmp_path)
