"""How long somebody reads who comes every week."""

import pytest

from bot.scenes.screen import Screen, Tap
from tests.year.phone import KNOWN_WORDS_A_MINUTE, WORDS_A_MINUTE, Reader


def screen(text: str) -> Screen:
    """A screen of which only the words matter."""
    return Screen(text, (), Tap("home"))


def seconds(words: int, *, known: bool = False) -> object:
    """What so many words take."""
    return pytest.approx(60 * words / (KNOWN_WORDS_A_MINUTE if known else WORDS_A_MINUTE))


def test_what_recurs_is_passed_over_from_the_next_week_on() -> None:
    """A line is read whole in the week in which it comes first, and faster in later ones."""
    reader, recurs = Reader(), screen("Each choice is a full answer.")
    assert [reader.seconds(recurs, None, week) for week in (3, 3, 4)] == [
        seconds(6),
        seconds(6),
        seconds(6, known=True),
    ]


def test_what_is_asked_and_what_is_measured_is_always_read() -> None:
    """Statements, starters and sizes are read whole in every week."""
    for text in ("<b>I made choices that felt like my own.</b>", '"I": about 60, likely between 48 and 72.'):
        reader = Reader()
        assert [reader.seconds(screen(text), None, week) for week in (1, 2)] == [seconds(8), seconds(8)]


def test_of_a_line_that_stood_there_only_a_new_number_is_read() -> None:
    """Between two statements the progress changes by one number, and the line below it not at all."""
    before, now = screen("3 of 6\nThinking about the past week:"), screen("4 of 6\nThinking about the past week:")
    assert Reader().seconds(now, before, 1) == seconds(1)


def test_of_a_folded_quote_three_lines_are_seen() -> None:
    """What nobody unfolds takes no time."""
    folded = screen(f"<blockquote expandable>The numbers\n{'tenletters ' * 30}</blockquote>")
    assert Reader().seconds(folded, None, 1) == seconds(2 + 2 * 3)


def test_a_mark_by_itself_is_no_word() -> None:
    """Dots between words and colons after a bold name are not read as words."""
    assert Reader().seconds(screen("<b>Kim</b>: a \u00b7 b"), None, 1) == seconds(3)
