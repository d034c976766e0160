"""One circle: its soft rim, its texture, and the ring of the usual."""

from math import ceil, sqrt
from typing import Literal

from PIL import Image

from bot.pictures import masks
from bot.pictures.style import Point, style
from bot.scenes.screen import Circle, Span

Axis = Literal["i", "you"]

BIGGEST = 100.0
"""The size whose circle has the full radius."""


def radius_of(size: float, full: float) -> float:
    """Return the radius of a size, so that the area is proportional to it.

    Args:
        size: 0 to 100; what lies outside counts as the nearer end.
        full: The radius of a circle of 100.
    """
    return full * sqrt(min(max(size, 0.0), BIGGEST) / BIGGEST)


def draw_circle(image: Image.Image, circle: Circle, axis: Axis, centre: Point, full: int) -> None:
    """Draw a circle, and its usual as a ring.

    Args:
        image: Is drawn upon.
        circle: The sizes; a band that does not hold the size is widened to it.
        axis: Which texture and colour.
        centre: In pixels.
        full: The radius of a circle of 100, in pixels.
    """
    look = style().circle
    draw_span(image, circle, axis, centre, full)
    if circle.usual is not None:
        usual = max(radius_of(circle.usual, full), look.smallest)
        _paste(image, style().colours.ink, centre, masks.ring(_half_pixels(usual), look.ring_width, look.ring_strength))


def draw_span(
    image: Image.Image, span: Circle | Span, axis: Axis, centre: Point, full: int, *, plain: bool = False
) -> None:
    """Draw a size with the soft rim of its band.

    Args:
        image: Is drawn upon.
        span: The sizes; a band that does not hold the size is widened to it.
        axis: Which texture and colour.
        centre: In pixels.
        full: The radius of a circle of 100, in pixels.
        plain: Without texture.
    """
    look = style().circle
    middle = max(radius_of(span.size, full), look.smallest)
    inside = max(middle - radius_of(span.low, full), look.softest_edge)
    outside = max(radius_of(span.high, full) - middle, look.softest_edge)
    if plain:
        inside, outside = (max(1, round(width / look.plain_rim)) * look.plain_rim for width in (inside, outside))
    draw_orb(image, axis, centre, (middle - inside, middle, middle + outside), plain=plain)


def draw_orb(
    image: Image.Image, axis: Axis, centre: Point, radii: tuple[float, float, float], *, plain: bool = False
) -> None:
    """Draw a soft circle.

    Args:
        image: Is drawn upon.
        axis: Which texture and colour.
        centre: In pixels.
        radii: Where the rim begins, is half faded and ends, in pixels, rising.
        plain: Without texture, for circles so small that it would only be unrest.
    """
    low, middle, high = (_half_pixels(radius) for radius in radii)
    mask = masks.disc(min(low, middle - 1), middle, max(high, middle + 1))
    if plain:
        _paste(image, style().colours.i if axis == "i" else style().colours.you, centre, mask)
    else:
        _paste(image, _glow(mask.size, middle) if axis == "i" else _stripes(mask.size), centre, mask)


def _glow(size: Point, radius: int) -> Image.Image:
    """Return the filling of "I": a little lighter in the middle; the radius counts in half pixels."""
    colours, look = style().colours, style().circle
    half = max(2, round(radius * look.glow_half))
    glow = masks.disc(min(half - 1, round(radius * look.glow_from)), half, max(half + 1, round(radius * look.glow_to)))
    fill = Image.new("RGB", size, colours.i)
    _paste(fill, colours.i_light, (size[0] // 2, size[1] // 2), glow)
    return fill


def _stripes(size: Point) -> Image.Image:
    """Return the filling of "you": fine stripes, the same from the centre outwards at every size."""
    colours = style().colours
    fill = Image.new("RGB", size, colours.you)
    pattern = masks.stripes(style().circle.stripe_period)
    left, top = (pattern.width - size[0]) // 2, (pattern.height - size[1]) // 2
    fill.paste(colours.you_light, (0, 0), pattern.crop((left, top, left + size[0], top + size[1])))
    return fill


def _half_pixels(length: float) -> int:
    """Return a length in half pixels, at least one."""
    return max(1, round(2 * length))


def _paste(image: Image.Image, fill: Image.Image | tuple[int, int, int], centre: Point, mask: Image.Image) -> None:
    """Paste a filling through a mask around a centre; what does not fit on the image is cut off."""
    corner = (centre[0] - ceil(mask.width / 2), centre[1] - ceil(mask.height / 2))
    image.paste(fill, (*corner, corner[0] + mask.width, corner[1] + mask.height), mask)
