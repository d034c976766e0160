"""Every picture looks as it did when somebody last looked at it.

After a wanted change of look run ``make sheet``, and look at the contact sheet before it is committed.
"""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from bot.pictures.painter import paint
from tests.gallery import GALLERY, GOLDENS, small

MEAN_TOLERANCE = 0.4
"""Mean difference in levels of 255, of the worst channel: a circle of a pair that is five sizes larger makes twice as much."""

PEAK_TOLERANCE = 40
"""Largest difference of one pixel of the small picture: another version of a library may smooth an edge or set a letter by a
fraction of a pixel otherwise; a missing letter, ring or dot makes more."""

LARGEST_FILE = 120_000


@pytest.mark.parametrize("name", GALLERY)
def test_the_look_is_the_golden_one(name: str) -> None:
    """Neither the whole nor any part of a picture differs from the one that was last looked at."""
    content = paint(GALLERY[name])
    assert len(content) <= LARGEST_FILE
    image = small(Image.open(BytesIO(content)))
    golden = Image.open(GOLDENS / f"{name}.png").convert("RGB")
    assert image.size == golden.size
    difference = ImageStat.Stat(ImageChops.difference(image, golden))
    assert max(difference.mean) <= MEAN_TOLERANCE
    assert max(high for _, high in difference.extrema) <= PEAK_TOLERANCE


def test_every_golden_is_of_a_picture() -> None:
    """No golden is left of a picture that is gone."""
    assert {path.stem for path in GOLDENS.iterdir()} == set(GALLERY)
