"""What is sealed has one length, whatever it holds: the longest of each kind fits the room that the shortest gets."""

from dataclasses import replace

import pytest

from bot.dance.patterns import State
from bot.dance.walk import WISHES
from bot.scenes.names import LONGEST_NAME, cleaned
from bot.scenes.results import Measure, Result
from bot.scenes.reveal import Comparison
from prompts.catalogue import load
from storage.checkins import RESULT
from storage.records import Level
from storage.shared import KEEPSAKE
from storage.vault import pad

STARTERS = [one.id for one in load("en").starters]
LONGEST_STATES = sorted((state.value for state in State), key=len)[-2:]
LATEST_WEEK = 9_999

SHORTEST = Result(Measure(0.0, 0.0, 9.0), Measure(0.0, 0.0, 9.0), ("unclear",))
ONE_AXIS = Measure(99.99, 88.88, 100.0, 99.99, 88.88, 100.0, p_big=0.9999)
LONGEST = Result(
    ONE_AXIS,
    ONE_AXIS,
    ("between", *LONGEST_STATES),
    0.3,
    LATEST_WEEK,
    max(WISHES, key=len),
    shifts={"I": ("changed", "smaller"), "you": ("changed", "smaller")},
)
SHOWN = Measure(100, 100, 100)

PLAIN = Comparison(
    partner_name="K",
    own_name="N",
    level=Level.SIZES,
    partner=replace(SHORTEST, wording=()),
    own=SHORTEST,
    own_level=Level.SIZES,
    wish=None,
    guess_i=None,
    guess_you=None,
    guessed=True,
    starter=min(STARTERS, key=len),
)
SHOWN_WHOLE = Result(SHOWN, SHOWN, LONGEST.wording)


def test_every_result_is_sealed_alike() -> None:
    """A picture with everything that may be said of it is as long as one of which nothing can be said."""
    lengths = {len(pad(result.to_json().encode(), RESULT.room)) for result in (SHORTEST, LONGEST)}
    assert lengths == {RESULT.room}


@pytest.mark.parametrize("character", ["K", "\N{SUNFLOWER}", '"', "\\", "न"])
def test_every_comparison_is_sealed_alike(character: str) -> None:
    """Neither what was shown, nor what was guessed, nor names of any script change the length of a reader's copy."""
    name = cleaned("K" + character * LONGEST_NAME)
    assert len(name) == LONGEST_NAME
    full = Comparison(
        partner_name=name,
        own_name=name,
        level=Level.WORDS,
        partner=SHOWN_WHOLE,
        own=SHOWN_WHOLE,
        own_level=Level.WORDS,
        wish=max(WISHES, key=len),
        guess_i="smaller",
        guess_you="smaller",
        guessed=False,
        starter=max(STARTERS, key=len),
    )
    assert Comparison.from_json(full.to_json()) == full
    lengths = {len(pad(copy.to_json().encode(), KEEPSAKE.room)) for copy in (PLAIN, full)}
    assert lengths == {KEEPSAKE.room}
