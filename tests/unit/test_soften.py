import pytest

from bot.dance.soften import hard_words
from prompts.catalogue import load

PHRASES = tuple(load("en").label("share.hard_words").split(" · "))


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (("You always leave first",), "you always"),
        (("well, YOU\nNEVER listen",), "you never"),
        (("a moment", "I feel that you do not care", "a wish"), "I feel that you"),
        (("I feel like you left",), "I feel like you"),
        (("you came late", "alone", "a message"), None),
        (("you nevertheless came",), None),
        (("bayou always",), None),
        ((), None),
    ],
)
def test_the_check_names_whole_words_and_nothing_else(written: tuple[str, ...], found: str | None) -> None:
    """The first phrase that is hard to hear is found, whatever its case and line breaks; within other words it is not."""
    assert hard_words(written, PHRASES) == found


def test_the_shape_of_an_apostrophe_makes_no_difference() -> None:
    """Phones write curly apostrophes where a phrase has a straight one."""
    assert hard_words(["you don\u2019t care"], ["you don't"]) == "you don't"
