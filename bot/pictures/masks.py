"""Soft alpha masks of discs and rings, cut from one map of distances and kept.

Each pixel's alpha follows from its exact distance to the centre, so an edge is smooth without being drawn larger first. Radii
arrive in half pixels: finer steps cannot be seen, and coarser keys let the caches hit.
"""

from array import array
from collections.abc import Sequence
from functools import lru_cache
from math import ceil, exp, log, pi, sin
from typing import cast

from PIL import Image, ImageMath

REACH = 256
"""Half the side of the map in pixels; every radius of the style stays below."""

KEPT_MASKS = 96
"""How many masks of a kind stay in memory: at most 260 KB each, so 25 MB if all were large, about 8 MB in practice."""

RING_REACH = 4.0
"""Distance in pixels from a ring's middle at which it has surely faded."""

LEVELS = 255
"""The strongest alpha of an 8-bit mask."""

BENDS = 32
"""Steps of the bend of a rim: finer ones move its middle by less than a level."""

AT_EDGE = 180
"""What Pillow's radial gradient holds in the middle of its edges; 255 is in its corners."""

CLOUD_DETAIL = 4
"""How many times smaller than Pillow's gradient of 256 pixels a cloud is kept: about as large as it is drawn."""

EIGHTY_PERCENT = 1.2816
"""Half the width of an 80 % band of a normal distribution, in standard deviations."""


@lru_cache(maxsize=1)
def _distances() -> Image.Image:
    """Return a float image of every pixel's distance to its upper left corner, in pixels: a quarter of any mask."""
    row = Image.frombytes("F", (REACH, 1), array("f", [x + 0.5 for x in range(REACH)]).tobytes())
    across = row.resize((REACH, REACH), Image.Resampling.NEAREST)
    down = across.transpose(Image.Transpose.TRANSPOSE)
    return cast(
        "Image.Image", ImageMath.lambda_eval(lambda a: (a["x"] * a["x"] + a["y"] * a["y"]) ** 0.5, x=across, y=down)
    )


def _by_distance(start: float, end: float, levels: Sequence[int]) -> Image.Image:
    """Return a mask in which the distances from `start` to `end`, in pixels, run through 256 `levels`."""
    edge = min(REACH, ceil(end) + 1)
    scale = LEVELS / (end - start)
    shift = 0.5 - start * scale  # the conversion to whole levels cuts off, so this rounds
    near = _distances().crop((0, 0, edge, edge))
    return _around(near.point(lambda distance: distance * scale + shift).convert("L").point(levels))


def _around(quarter: Image.Image) -> Image.Image:
    """Return a mask whose four quarters mirror each other, from the lower right one."""
    edge = quarter.width
    half = Image.new("L", (2 * edge, edge))
    half.paste(quarter, (edge, 0))
    half.paste(quarter.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (0, 0))
    whole = Image.new("L", (2 * edge, 2 * edge))
    whole.paste(half, (0, edge))
    whole.paste(half.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (0, 0))
    return whole


@lru_cache(maxsize=KEPT_MASKS)
def disc(low: int, middle: int, high: int) -> Image.Image:
    """Return a disc that fades from `low` to `high` and is half gone at `middle`.

    So what is more there than not is the circle of `middle`, and the width of the fade is the uncertainty.

    Args:
        low: Where the fade begins, in half pixels.
        middle: Where half is left, in half pixels; strictly between the other two.
        high: Where nothing is left, in half pixels.
    """
    bend = log(0.5) / log((middle - low) / (high - low))
    return _by_distance(low / 2, high / 2, _fade(round(bend * BENDS)))


@lru_cache(maxsize=128)
def _fade(bend: int) -> Sequence[int]:
    """Return the levels from the inside of a rim to its outside, by how far its middle is bent to one side."""
    return [round(LEVELS * (1 - _eased((level / LEVELS) ** (bend / BENDS)))) for level in range(LEVELS + 1)]


@lru_cache(maxsize=KEPT_MASKS)
def ring(radius: int, width: float, strength: float) -> Image.Image:
    """Return a thin ring.

    Args:
        radius: Of the middle of the line, in half pixels.
        width: Of the line, in pixels; well below `RING_REACH`.
        strength: Alpha of the line, from 0 to 1.
    """
    away = (abs(level / LEVELS * 2 - 1) * RING_REACH for level in range(LEVELS + 1))
    levels = [round(LEVELS * strength * min(1.0, max(0.0, width / 2 + 0.5 - distance))) for distance in away]
    return _by_distance(radius / 2 - RING_REACH, radius / 2 + RING_REACH, levels)


@lru_cache(maxsize=1)
def cloud(reach: float) -> Image.Image:
    """Return a square cloud as dense as a normal distribution, to be resized to what is likely.

    Args:
        reach: Where it has thinned out, counted in half widths of the 80 % band.
    """
    ends = exp(-((reach * EIGHTY_PERCENT) ** 2) / 2)
    parts = (exp(-((level / AT_EDGE * reach * EIGHTY_PERCENT) ** 2) / 2) for level in range(LEVELS + 1))
    levels = [max(0, round(LEVELS * (part - ends) / (1 - ends))) for part in parts]
    return Image.radial_gradient("L").point(levels).reduce(CLOUD_DETAIL)


@lru_cache(maxsize=1)
def stripes(period: int) -> Image.Image:
    """Return soft diagonal stripes as large as the largest mask.

    Args:
        period: From one stripe to the next along a row, in pixels.
    """
    wave = bytes(round(LEVELS / 2 * (1 + sin(2 * pi * x / period))) for x in range(period))
    row = wave * (2 * REACH // period + 2)
    return Image.frombytes(
        "L", (2 * REACH, 2 * REACH), b"".join(row[y % period :][: 2 * REACH] for y in range(2 * REACH))
    )


def _eased(part: float) -> float:
    """Return a step from 0 to 1 that starts and ends gently (Hermite's smoothstep)."""
    return part * part * (3 - 2 * part)
