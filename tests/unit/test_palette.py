"""The palette, seen by other eyes and on Telegram's two grounds: nothing rests on hue alone."""

from itertools import combinations

import pytest

from bot.pictures.style import style
from tests.colour import EYES, contrast, difference, seen

CHATS = {"light": (200, 221, 200), "light plain": (255, 255, 255), "dark": (14, 22, 33), "dark plain": (24, 37, 51)}
"""Grounds that a picture stands on in Telegram's own themes, in round figures."""

TEXT = 4.5
"""Least contrast of words (WCAG 2.2, 1.4.3)."""

GRAPHIC = 3.0
"""Least contrast of lines and large words that carry meaning (WCAG 2.2, 1.4.11)."""

SHAPE = 2.2
"""Least contrast of a filled circle with its plate: large, and with its size in words beside it."""

CAMERA = 4.0
"""Least contrast at which a code is read without fail (ISO/IEC 15415 asks for less)."""

APART = 20.0
"""Least ΔE*ab between two things that must not be taken for each other; about 2.3 is just noticed side by side."""

LIGHTNESS_APART = 1.6
"""Least contrast between "I" and "you" and between two people's colours, so that grey tells them apart."""

COLOURS = style().colours


@pytest.mark.parametrize("eyes", EYES)
def test_words_can_be_read(eyes: str) -> None:
    """Words stand out from their ground for all eyes."""
    for ground in (COLOURS.paper, COLOURS.plate):
        for ink in (COLOURS.ink, COLOURS.quiet):
            assert contrast(seen(ink, EYES[eyes]), seen(ground, EYES[eyes])) >= TEXT
        assert contrast(seen(COLOURS.faint, EYES[eyes]), seen(ground, EYES[eyes])) >= GRAPHIC


@pytest.mark.parametrize("eyes", EYES)
def test_circles_and_paths_stand_out(eyes: str) -> None:
    """Circles stand out from their plates, and dots and rings from what lies under them."""
    plate = seen(COLOURS.plate, EYES[eyes])
    for fill in (COLOURS.i, COLOURS.you):
        assert contrast(seen(fill, EYES[eyes]), plate) >= SHAPE
        assert contrast(seen(COLOURS.ink, EYES[eyes]), seen(fill, EYES[eyes])) >= SHAPE
    for dots in (COLOURS.first, COLOURS.second):
        assert contrast(seen(dots, EYES[eyes]), plate) >= TEXT


@pytest.mark.parametrize("eyes", EYES)
def test_what_differs_looks_different(eyes: str) -> None:
    """The circles of "I" and "you", both people's dots and the plate are far apart for all eyes, by lightness where hue is gone."""
    palette = [seen(colour, EYES[eyes]) for colour in (COLOURS.i, COLOURS.you, COLOURS.plate)]
    assert min(difference(one, other) for one, other in combinations(palette, 2)) >= APART
    pairs = ((COLOURS.i, COLOURS.you), (COLOURS.first, COLOURS.second))
    for one, other in pairs:
        assert contrast(seen(one, EYES[eyes]), seen(other, EYES[eyes])) >= LIGHTNESS_APART


@pytest.mark.parametrize("chat", CHATS)
def test_a_picture_is_a_sheet_of_its_own_in_every_chat(chat: str) -> None:
    """The paper stands out from a dark ground, and is never darker than a light one: no glare and no hole."""
    ground, paper = CHATS[chat], COLOURS.paper
    if chat.startswith("dark"):
        assert contrast(paper, ground) >= TEXT
        assert max(paper) < 250
    else:
        assert difference(paper, ground) >= 5
        assert contrast(paper, ground) < 1.3


@pytest.mark.parametrize("eyes", EYES)
def test_a_camera_can_read_the_code(eyes: str) -> None:
    """Every colour in the code is dark enough on its ground."""
    ground = seen(COLOURS.code_ground, EYES[eyes])
    for dark in (COLOURS.code, COLOURS.i_deep, COLOURS.you_deep, COLOURS.first):
        assert contrast(seen(dark, EYES[eyes]), ground) >= CAMERA


def test_other_eyes_leave_grey_as_it_is() -> None:
    """The simulation changes no grey: each row of a matrix adds up to one."""
    for matrix in EYES.values():
        for level in (0, 90, 200, 255):
            assert max(abs(part - level) for part in seen((level,) * 3, matrix)) <= 1


def test_known_distances() -> None:
    """Black and white are 21 : 1 and 100 apart; red and green that deuteranopia confuses come closer together."""
    black, white = (0, 0, 0), (255, 255, 255)
    assert contrast(black, white) == pytest.approx(21)
    assert difference(black, white) == pytest.approx(100, abs=0.1)
    red, green = (200, 70, 60), (110, 130, 40)
    eyes = EYES["deuteranopia"]
    assert difference(seen(red, eyes), seen(green, eyes)) < difference(red, green) / 2
