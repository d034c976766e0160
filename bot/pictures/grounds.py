"""Grounds: what is the same under many pictures, kept as its few parts that are not plain.

Most of a ground is paper or plate. Kept whole, the grounds of all kinds of pictures took 23 MB, in parts they take 4; laying one
takes at most a quarter of a millisecond longer than copying it whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import cast

from PIL import Image

from bot.pictures.style import Colour, Point

STEP = 32
"""Side in pixels of the squares that are told apart: smaller ones keep less, larger ones are sooner laid."""

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies under a picture.

    Attributes:
        size: In pixels.
        paper: The colour of whatever nothing else covers.
        parts: Colours and pieces, with the boxes that they fill.
    """

    size: Point
    paper: Colour
    parts: tuple[tuple[Colour | Image.Image, Box], ...]

    def laid(self) -> Image.Image:
        """Return the ground, to be painted upon."""
        image = Image.new("RGB", self.size, self.paper)
        for part, box in self.parts:
            image.paste(part, box)
        return image


def kept(image: Image.Image, paper: Colour) -> Ground:
    """Return a ground that looks like an image.

    Args:
        image: RGB.
        paper: Its most frequent colour.
    """
    return Ground(image.size, paper, tuple(_parts(image, paper)))


def _parts(image: Image.Image, paper: Colour) -> Iterator[tuple[Colour | Image.Image, Box]]:
    """Yield the parts of an image that are not paper, a row of squares after the other."""
    for top in range(0, image.height, STEP):
        bottom = min(top + STEP, image.height)
        squares = [(_plain(image, left, top), left) for left in range(0, image.width, STEP)]
        for colour, alike in groupby(squares, itemgetter(0)):
            if colour != paper:
                lefts = [left for _, left in alike]
                box = (lefts[0], top, min(lefts[-1] + STEP, image.width), bottom)
                yield (image.crop(box) if colour is None else colour), box


def _plain(image: Image.Image, left: int, top: int) -> Colour | None:
    """Return the one colour of a square, or None if it has several."""
    right, bottom = min(left + STEP, image.width), min(top + STEP, image.height)
    found = image.crop((left, top, right, bottom)).getcolors(1)
    return cast("Colour", found[0][1]) if found else None
