"""What stands under a picture fits under a picture, in the longest week that can happen."""

from itertools import product

from bot.scenes.history import WINDOW, Week
from bot.scenes.names import LONGEST_NAME
from bot.scenes.results import Measure, Result
from bot.scenes.reveal import Comparison
from prompts.catalogue import Catalogue, load
from tests.telegram_html import CAPTION_LIMIT, length

WORDS = load("en")
LONG_NAME = "W" * LONGEST_NAME
WIDE = Measure(size=55.5, low=38.5, high=72.5, usual=55.5)
LONGEST = Result(WIDE, WIDE, ("between", "integrated", "engulfed"))


def longest(texts: list[str]) -> str:
    """The longest of some texts."""
    return max(texts, key=len)


def test_a_comparison_fits_under_its_picture() -> None:
    """Long names, both guesses, a common wish and the longest starter together stay within Telegram's caption."""
    copy = Comparison(LONG_NAME, LONG_NAME, "words", LONGEST, LONGEST, "words", "room", "smaller", "smaller", True, "s")
    wish = longest(list(WORDS.wish.labels.values()))
    starter = longest([one.text for one in WORDS.starters])
    for alike in (True, False):
        assert length(WORDS.render("comparison", copy=copy, wish=wish, alike=alike, starter=starter)) <= CAPTION_LIMIT


def test_an_own_picture_fits() -> None:
    """The longest words and the longest thought stay within the caption."""
    thought = longest([one.text for one in WORDS.thoughts])
    for wording in [("between", "integrated", "engulfed"), ("named", "isolated"), ("named", "adrift"), ("unclear",)]:
        result = Result(WIDE, WIDE, wording, week=20)
        shifts = {"I": ("changed", "smaller"), "you": ("maybe", "smaller")}
        text = WORDS.render("picture", result=result, weekly=False, hurried=True, thought=thought, shifts=shifts)
        assert length(text) <= CAPTION_LIMIT


def test_a_preview_fits() -> None:
    """The preview stays within the caption at both levels, told in full and briefly."""
    for level, explains in product(("words", "sizes"), (True, False)):
        values = {"partner": LONG_NAME, "name": LONG_NAME, "result": LONGEST, "level": level}
        text = WORDS.render("share_preview", **values, explains=explains, wish=True)
        assert length(text) <= CAPTION_LIMIT


FARTHEST = Measure(size=100, low=59.5, high=100)
DAY = "30 Sept"
FULL_DAY = "30 Sept 2027"


def test_a_history_fits() -> None:
    """A whole window of the widest weeks, all of them unusual, with lasting change on both axes, stays within the caption."""
    weeks = [Week(DAY, ((FARTHEST, FARTHEST),), unusual=True)] * WINDOW
    shifts = {"I": ("changed", "smaller"), "you": ("maybe", "smaller")}
    latest = Result(WIDE, WIDE, ("between", "integrated", "engulfed"), week=60)
    text = WORDS.render(
        "history",
        first=FULL_DAY,
        last=FULL_DAY,
        newest=False,
        latest=latest,
        weeks=weeks,
        within=41,
        shifts=shifts,
        comparable=True,
        pictured=True,
    )
    assert length(text) <= CAPTION_LIMIT


def test_a_history_of_two_fits() -> None:
    """The same for two people with long names."""
    weeks = [Week(DAY, ((FARTHEST, FARTHEST),) * 2)] * WINDOW
    copy = Comparison(LONG_NAME, LONG_NAME, "words", LONGEST, LONGEST, "words", "room", None, None, False, "s")
    text = WORDS.render(
        "history_both", first=FULL_DAY, last=FULL_DAY, latest=copy, weeks=weeks, within=41, pictured=True
    )
    assert length(text) <= CAPTION_LIMIT


def test_an_invitation_fits() -> None:
    """The link and the code stay within the caption."""
    text = WORDS.render(
        "invite_card", link="https://t.me/" + "b" * 32 + "?start=" + "c" * 64, code="C" * 8, until="30 September"
    )
    assert length(text) <= CAPTION_LIMIT


def test_every_starter_leaves_room() -> None:
    """A starter of 35 words has at most 260 characters, which is what the comparison leaves for it."""
    assert isinstance(WORDS, Catalogue)
    assert max(len(one.text) for one in WORDS.starters) <= 260


def test_a_picture_without_a_thought_ends_before_it() -> None:
    """Where every thought came within the year, the picture comes without one, and without an empty line at its end."""
    text = WORDS.render("picture", result=LONGEST, weekly=False, hurried=False, thought=None, shifts={})
    assert "A thought" not in text
    assert text == text.strip()
    assert "\n\n\n" not in text
