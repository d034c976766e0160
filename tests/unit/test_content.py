import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import combinations

import pytest

from prompts.catalogue import load
from prompts.content import ITEM_IDS, PAIRS, STATES, THEMES
from tests.unit.pages import CODE, page
from tests.word_rules import words

WORDS = load("en")
PAGE = page("docs/content.md")
WHY_WORDS = 22
ALIKE = 0.72
"""From this share of common stretches on, two texts read like one."""


def rows() -> dict[str, list[str]]:
    """The cells of each idea's row, by its theme."""
    table = PAGE.partition("## The ideas")[2].partition("## The starters")[0]
    lines = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]
    return {CODE.findall(cells[1])[0]: cells for cells in lines}


def names(theme: str, column: int) -> list[str]:
    """What one cell of an idea's row names."""
    return CODE.findall(rows()[theme][column])


def test_each_idea_has_its_row() -> None:
    """The page tells each theme in a sentence, in the order of the code, and no other."""
    assert tuple(rows()) == THEMES
    assert all(cells[0].endswith(".") and len(cells) == 6 for cells in rows().values())


@pytest.mark.parametrize("theme", THEMES)
def test_each_idea_is_told_on_a_screen_that_exists(theme: str) -> None:
    """Every idea has a place in /about, and every screen that its row names is one that can be shown."""
    told, also = names(theme, 2), names(theme, 3)
    assert told
    assert all(re.fullmatch(r"about_[1-5]", name) for name in told)
    assert {*told, *also} <= set(WORDS.screens)


@pytest.mark.parametrize("theme", THEMES)
def test_each_idea_has_thoughts_and_the_page_names_them(theme: str) -> None:
    """A row names exactly the thoughts of its theme, and there are at least three."""
    thoughts = [thought.id for thought in WORDS.thoughts if thought.theme == theme]
    assert names(theme, 5) == thoughts
    assert len(thoughts) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_each_idea_has_starters_for_two_and_for_one(theme: str) -> None:
    """Whatever the pair, and alone as well, a person can meet every idea."""
    pairs = Counter(starter.pair.partition(":")[0] for starter in WORDS.starters if starter.theme == theme)
    assert pairs["neutral"] >= 8
    assert pairs["own"] >= 4
    assert sum(pairs[pair] for pair in PAIRS) >= 8


def test_no_screen_of_about_and_no_statement_is_left_out() -> None:
    """All five screens of /about serve an idea, and each statement asks about exactly one."""
    told = {name for theme in THEMES for name in names(theme, 2)}
    assert told == {f"about_{number}" for number in range(1, 6)}
    assert sorted(name for theme in THEMES for name in names(theme, 4)) == sorted(ITEM_IDS)


@pytest.mark.parametrize("group", ["pairs", "neutral", "own"])
def test_most_starters_are_light_or_warm(group: str) -> None:
    """About 40 of 100 starters are light, 40 warm and 20 deep."""
    wanted = {"pairs": PAIRS, "neutral": ("neutral",), "own": ("own", *(f"own:{state}" for state in STATES))}[group]
    depths = Counter(starter.depth for starter in WORDS.starters if starter.pair in wanted)
    share = {depth: count / depths.total() for depth, count in depths.items()}
    assert share == pytest.approx({"light": 0.4, "warm": 0.4, "deep": 0.2}, abs=0.06)


def test_nobody_adrift_alone_is_sent_deep() -> None:
    """Rest and kindness come first."""
    assert "deep" not in {starter.depth for starter in WORDS.starters if starter.pair == "own:Adrift"}


def test_a_reason_is_one_short_sentence() -> None:
    """Why this one is told in a sentence or two of at most 22 words."""
    assert [starter.id for starter in WORDS.starters if len(words(starter.why)) > WHY_WORDS] == []


def nearly_the_same(texts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Names of texts that read like one; only those are compared that share a third of their words."""
    bags = [(name, text.lower(), frozenset(words(text.lower()))) for name, text in texts]
    return [
        (one, other)
        for (one, text, bag), (other, compared, others) in combinations(bags, 2)
        if 3 * len(bag & others) >= min(len(bag), len(others))
        and SequenceMatcher(None, text, compared, autojunk=False).ratio() >= ALIKE
    ]


def test_no_two_texts_are_nearly_the_same() -> None:
    """Nobody reads in other words what they have read before."""
    assert nearly_the_same([(starter.id, starter.text) for starter in WORDS.starters]) == []
    assert nearly_the_same([(starter.id, starter.why) for starter in WORDS.starters]) == []
    assert nearly_the_same([(thought.id, thought.text) for thought in WORDS.thoughts]) == []
    assert nearly_the_same([("a", "Which wish is yours today?"), ("b", "Which wish was yours today?")]) == [("a", "b")]
