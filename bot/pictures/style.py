"""The look, read once from ``style.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from PIL import ImageColor

Colour = tuple[int, int, int]
Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Canvas:
    """What all pictures share: their width in pixels and their JPEG quality."""

    width: int
    quality: int


@dataclass(frozen=True, slots=True)
class Colours:
    """The palette; each name says what it paints."""

    paper: Colour
    plate: Colour
    hairline: Colour
    ink: Colour
    quiet: Colour
    i: Colour
    i_light: Colour
    you: Colour
    you_light: Colour
    code: Colour
    code_ground: Colour


@dataclass(frozen=True, slots=True)
class Type:
    """How one kind of text is set.

    Attributes:
        font: File name of the font asked first.
        size: Its size in pixels where there is room.
        smallest: The size in pixels below which a text is shortened instead.
    """

    font: str
    size: int
    smallest: int


@dataclass(frozen=True, slots=True)
class Typography:
    """All kinds of text, the fonts for other scripts, and the step in pixels by which type shrinks."""

    others: tuple[str, ...]
    step: int
    heading: Type
    label: Type
    line: Type
    title: Type


@dataclass(frozen=True, slots=True)
class CircleStyle:
    """How a circle is drawn; lengths in pixels, the glow in parts of the radius."""

    smallest: float
    softest_edge: float
    glow_from: float
    glow_half: float
    glow_to: float
    stripe_period: int
    ring_width: float
    ring_strength: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a drawing stand, in pixels.

    Attributes:
        heading_room: Added above everything else when a figure has a name.
        heading_baseline: Of the name.
        heading_width: Room for the name.
        height: Of the picture without the room for a heading.
        radius: Of a circle of 100.
        plate_radius: Of the ground under each circle.
        i: Centre of "I".
        you: Centre of "you".
        label_baseline: Of the words under the circles.
        label_width: Room for each of them.
        line_baseline: Of the line at the bottom.
        line_width: Room for it.
        divider: Upper and lower end of the hairline between two figures, or None.
    """

    heading_room: int
    heading_baseline: int
    heading_width: int
    height: int
    radius: int
    plate_radius: int
    i: Point
    you: Point
    label_baseline: int
    label_width: int
    line_baseline: int
    line_width: int
    divider: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class CardLayout:
    """Where the parts of an invitation stand, in pixels; leadings in sizes of the type, the quiet zone in modules."""

    height: int
    title_baseline: int
    title_leading: float
    title_lines: int
    title_width: int
    code_box: tuple[int, int, int, int]
    code_corner: int
    code_quiet: int
    code_step: int
    code_block: int
    i: Point
    you: Point
    low: int
    middle: int
    high: int
    line_baseline: int
    line_leading: float
    line_lines: int
    line_width: int


@dataclass(frozen=True, slots=True)
class Style:
    """The whole look.

    Attributes:
        version: Changes whenever the style file does.
        canvas: What all pictures share.
        colours: The palette.
        type: Kinds of text.
        circle: How a circle is drawn.
        one: The layout of one figure.
        two: The layout of two.
        card: The layout of an invitation.
    """

    version: str
    canvas: Canvas
    colours: Colours
    type: Typography
    circle: CircleStyle
    one: Layout
    two: Layout
    card: CardLayout


@lru_cache(maxsize=1)
def style() -> Style:
    """Return the look.

    Raises:
        TypeError: When the file lacks an entry or has one too many.
        ValueError: When a colour is none.
    """
    content = (files("bot.pictures") / "style.toml").read_bytes()
    tables = tomllib.loads(content.decode())
    return Style(
        version=sha256(content).hexdigest(),
        canvas=Canvas(**tables["canvas"]),
        colours=Colours(**{name: _colour(value) for name, value in tables["colours"].items()}),
        type=_typography(tables["type"]),
        circle=CircleStyle(**tables["circle"]),
        one=Layout(**_fixed(tables["one"])),
        two=Layout(**_fixed(tables["two"])),
        card=CardLayout(**_fixed(tables["card"])),
    )


def _typography(table: Mapping[str, Any]) -> Typography:
    """Return the kinds of text."""
    kinds = {name: Type(**value) if isinstance(value, dict) else value for name, value in table.items()}
    return Typography(**_fixed(kinds))


def _fixed(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table with its lists as tuples, so that the whole cannot change."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}


def _colour(value: str) -> Colour:
    """Return a colour written as ``#rrggbb``."""
    red, green, blue = ImageColor.getrgb(value)[:3]
    return red, green, blue
