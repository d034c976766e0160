"""The states of a screen that no story of tests/flows/test_transcripts.py comes to, kept word for word like the others.

``.venv/bin/python -m pytest tests/unit/test_every_state.py --snapshot-update`` writes them anew.
"""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, nodes
from syrupy.assertion import SnapshotAssertion

from bot.scenes.history import Week
from bot.scenes.results import Measure, Result
from bot.scenes.reveal import Comparison
from bot.scenes.talk_matter import Note
from prompts.catalogue import load
from tests.telegram_html import visible
from tests.unit.pages import ROOT

SCREENS = ROOT / "prompts" / "en" / "screens"
KEPT = (
    ROOT / "tests" / "flows" / "__snapshots__" / "test_transcripts.ambr",
    Path(__file__).parent / "__snapshots__" / "test_every_state.ambr",
)
WORDS = load("en")
LETTERS = 3
"""A piece of text with fewer is a full stop, a bracket, or an ending."""


def result(i: float, you: float, *wording: str, week: int = 20) -> Result:
    """A result with a band of eight points to each side."""
    sizes = (Measure(size, size - 8, size + 8, size - 3, p_big=0.5) for size in (i, you))
    return Result(*sizes, wording=wording, week=week)


def copy(**changed: Any) -> Comparison:
    """A comparison in words, with guesses."""
    given = {"guess_i": None, "guess_you": None, "guessed": True} | changed
    shown = (result(62, 41, "named", "isolated"), result(44, 66, "named", "engulfed"))
    return Comparison("Noor", "Kim", "words", shown[0], shown[1], "words", None, starter="s-neutral-1", **given)


def a_comparison(copied: Comparison) -> dict[str, Any]:
    """What its screen is told."""
    return {"copy": copied, "wish": None, "alike": False, "starter": "What made you smile today?"}


def a_picture(of: Result, **shifts: tuple[str, str]) -> dict[str, Any]:
    """What its screen is told."""
    return {"result": of, "weekly": True, "hurried": False, "thought": None, "shifts": shifts}


def a_brief_preview() -> dict[str, Any]:
    """What its screen is told once a pair knows it."""
    of = result(44, 66, "named", "engulfed")
    return {"partner": "Kim", "name": "Noor", "result": of, "level": "words", "explains": False, "wish": True}


def a_history(**shifts: tuple[str, str]) -> dict[str, Any]:
    """A path of two weeks, one of them unusual."""
    of = result(44, 66, "named", "engulfed")
    weeks = [Week("4 Jan", ((of.i, of.you),), unusual=True), Week("11 Jan", ((of.i, of.you),))]
    days = {"first": "4 January 2027", "last": "11 January 2027"}
    return (
        days
        | {"newest": True, "latest": of, "weeks": weeks, "within": 8, "shifts": shifts}
        | {
            "comparable": True,
            "pictured": True,
        }
    )


STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "both guesses were off": ("comparison", a_comparison(copy(guess_i="larger", guess_you="smaller"))),
    "no guess was off": ("comparison", a_comparison(copy())),
    "about the same size": ("picture", a_picture(result(70, 71, "named", "integrated"))),
    "one looks larger": ("picture", a_picture(result(75, 45, "unclear"))),
    "a picture with lasting change": (
        "picture",
        a_picture(result(70, 71, "named", "integrated"), I=("changed", "larger"), you=("maybe", "smaller")),
    ),
    "a path with lasting change": ("history", a_history(I=("changed", "larger"), you=("maybe", "smaller"))),
    "an invitation to somebody's bot": ("join", {"inviter": "Kim", "operator": "Ada"}),
    "a name to be typed, for an invitation": ("invite_name", {"suggested": False}),
    "a name to be typed, after one": ("join_name", {"inviter": "Kim", "suggested": False}),
    "kept by somebody": ("privacy", {"operator": "Ada", "retention_days": 60}),
    "help in one's own country first": ("safety", {"help": WORDS.help_lines, "country": "DE"}),
    "between, briefly": ("picture", a_picture(result(75, 50, "between", "integrated", "isolated"))),
    "both in the middle, briefly": ("picture", a_picture(result(50, 50, "between", "engulfed", "isolated"))),
    "choosing in later rounds": ("share", {"partner": "Kim", "explains": False}),
    "a preview in later rounds": ("share_preview", a_brief_preview()),
    "chosen in later rounds": ("share_done", {"latest": "Tuesday 19:00", "explains": False}),
    "chosen in later rounds, the hour unknown": ("share_done", {"latest": None, "explains": False}),
    "a group": ("group", {}),
    "what goes into the share sheet": ("share_invitation", {}),
    "not quite, twice": ("talk_check", {"partner": "Kim", "note": Note(("That you were alone",)), "twice": True}),
    "a voice message": ("talk_listen", {"partner": "Kim", "note": Note((), 7, 8), "again": False}),
    "the last minute, oneself": ("talk_speaking", {"partner": "Kim", "you": True, "left": 1}),
    "the last minute, the other": ("talk_speaking", {"partner": "Kim", "you": False, "left": 1}),
}
"""By what is special, the template and what it is told."""


@pytest.mark.parametrize("state", STATES)
def test_every_other_state_reads_as_it_did(state: str, snapshot: SnapshotAssertion) -> None:
    """No sentence changes unseen that only few people come to read."""
    template, values = STATES[state]
    assert visible(WORDS.render(template, **values)) == snapshot


def pieces() -> Iterator[tuple[str, str]]:
    """Every piece of text between the marks and conditions of a template, with the template's name."""
    parser = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    for path in sorted(SCREENS.glob("*.j2")):
        for data in parser.parse(path.read_text(encoding="utf-8")).find_all(nodes.TemplateData):
            for line in re.sub(r"<[^<>]*>", "\n", data.data).splitlines():
                if len(re.findall(r"[A-Za-z]", line)) >= LETTERS:
                    yield path.name, " ".join(unescape(line).split())


def test_every_piece_of_every_screen_is_kept_somewhere() -> None:
    """Whatever a screen can say, in whatever state, stands in a snapshot: so every changed sentence is seen in the review."""
    kept = " ".join(" ".join(path.read_text(encoding="utf-8") for path in KEPT).split())
    found = list(pieces())
    assert len(found) > len(list(SCREENS.glob("*.j2")))
    assert [(name, piece) for name, piece in found if piece not in kept] == []
