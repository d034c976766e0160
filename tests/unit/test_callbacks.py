import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.scenes.screen import Tap
from bot.telegram.callbacks import MAX_BYTES, decode, encode

PART = st.text(alphabet=sorted(set(string.printable) - set(string.whitespace) - {":"}), max_size=12)
KIND = PART.filter(bool)


@given(kind=KIND, args=st.lists(PART, max_size=3))
def test_whatever_is_written_is_read_back(kind: str, args: list[str]) -> None:
    """A tap survives the way to Telegram and back, and fits."""
    tap = Tap(kind, tuple(args))
    data = encode(tap)
    assert decode(data) == tap
    assert len(data.encode()) <= MAX_BYTES


@given(data=st.text(max_size=80))
def test_whatever_is_read_can_be_written(data: str) -> None:
    """Forged data is either refused or a tap that is written exactly so."""
    tap = decode(data)
    assert tap is None or encode(tap) == data


def test_the_version_stands_first() -> None:
    """Callback data is version, kind and values, joined by colons."""
    assert encode(Tap("walk.answer", ("42", "3", "0"))) == "v1:walk.answer:42:3:0"


@pytest.mark.parametrize(
    "data", ["", "v1", "v1:", "v2:walk.answer:1", "walk.answer", "v1:caf\u00e9", "v1:a\n", "v1:" + "a" * 62]
)
def test_what_is_not_ours_is_nothing(data: str) -> None:
    """Empty, malformed, foreign, overlong data and other versions are no tap."""
    assert decode(data) is None


@pytest.mark.parametrize(
    "tap", [Tap(""), Tap("a:b"), Tap("a", ("b:c",)), Tap("a", ("\u00fc",)), Tap("a", ("x" * 62,)), Tap("a", ("\n",))]
)
def test_a_button_that_does_not_fit_fails_when_it_is_built(tap: Tap) -> None:
    """A colon, a letter beyond ASCII, an empty kind or too many bytes raise at once."""
    with pytest.raises(ValueError, match="tap"):
        encode(tap)


def test_sixty_four_bytes_still_fit() -> None:
    """The limit itself is allowed."""
    data = encode(Tap("k", ("x" * 59,)))
    assert len(data) == 64
    assert decode(data) is not None
