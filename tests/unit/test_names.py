import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.scenes.names import LONGEST_NAME, cleaned

NAMES = [
    ("Kim", "Kim"),
    ("  Kim\n\n  the   Great ", "Kim the Great"),
    ("\u202eKim\u200b\u2066", "Kim"),
    ("Kim\u0302\u0303\u0304\u0305\u0306", "Kim\u0302\u0303\u0304"),
    ("<b>Kim</b>", "<b>Kim< b>"),
    ("evil.example", "evil example"),
    ("evil.\x1fexample", "evil. example"),
    ("evil.\u200bexample", "evil example"),
    ("e\x00\u0301va", "\u00e9va"),
    ("/delete", "delete"),
    ("@kim", "kim"),
    ("#kim", "kim"),
    ("J. R.", "J. R."),
    ("Kim & Co", "Kim & Co"),
    ("K" * 200, "K" * LONGEST_NAME),
    ("Zoë 🌻", "Zoë 🌻"),
    ("🌻", "🌻"),
    ("नूर", "नूर"),
    ("O'Neill-Söze", "O'Neill-Söze"),
]


@pytest.mark.parametrize(("typed", "name"), NAMES)
def test_a_name_is_plain_words_on_one_line(typed: str, name: str) -> None:
    """What people call each other stays; what could disguise a text or be tapped in it goes."""
    assert cleaned(typed) == name


@pytest.mark.parametrize("typed", ["", "   ", "...", "\u200b\u202e", "@#/", "\u0301", "-"])
def test_what_nobody_can_be_called_is_no_name(typed: str) -> None:
    """Without a letter, a digit or a picture there is no name."""
    assert cleaned(typed) == ""


@given(st.text(max_size=500))
def test_any_text_is_cleaned_once_and_for_all(typed: str) -> None:
    """A cleaned name is short, holds no line break, and is cleaned already."""
    name = cleaned(typed)
    assert len(name) <= LONGEST_NAME
    assert not set("\n\r@#/") & set(name)
    assert cleaned(name) == name
