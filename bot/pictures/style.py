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
    i_deep: Colour
    you_deep: Colour
    first: Colour
    second: Colour
    faint: Colour


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
    small: Type


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
    plain_rim: float


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
        i_label: Middle and baseline of the word for "I"; both people's circles share it.
        you_label: Of the word for "you".
        label_width: Room for each of them.
        line_baseline: Of the line at the bottom.
        line_width: Room for it.
    """

    heading_room: int
    heading_baseline: int
    heading_width: int
    height: int
    radius: int
    plate_radius: int
    i: Point
    you: Point
    i_label: Point
    you_label: Point
    label_width: int
    line_baseline: int
    line_width: int


@dataclass(frozen=True, slots=True)
class CardLayout:
    """Where the parts of an invitation stand, in pixels.

    Leadings count in sizes of the type, the quiet zone and the softness of the code's corners in modules.
    """

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
    code_soft: float
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
class HistoryLayout:
    """Where the parts of a history stand; lengths in pixels.

    Attributes:
        height: Of the picture.
        corner: Upper left corner of the plane.
        side: Of the plane.
        rounding: Radius of its corners.
        cloud_reach: Where a cloud has thinned out, in half widths of the 80 % band.
        cloud_most: Strongest alpha of one cloud.
        cloud_all: Alpha of all clouds together where all weeks agree.
        dot: Radius of a week's dot.
        dot_latest: Radius of the latest.
        line_width: Of the path.
        line_strength: Its alpha.
        orb_small: Radius of the small circle at the beginning of an axis.
        orb_big: Radius of the big one at its end.
        orb_inset: From the ends of the axis to the circles.
        orb_away: From the plane to the circles and the words of the axes.
        axis_width: Room for the word beside the plane.
        corner_inset: From the sides of the plane to the middle of a word in its corner.
        corner_top: From the upper side to the baseline of such a word.
        corner_bottom: From the lower side to it.
        strip_rows: Middles of the rows of circles.
        strip_middle: Middle of the strip.
        strip_width: Room for all weeks.
        strip_step: Most room for one week.
        strip_radius: Largest radius of a circle of 100.
        strip_gap: Least room beside it.
        strip_marks: Middle of the marks of unusual weeks.
        sign_away: From the first week to the sign that tells whose row it is.
        row_away: From the first week to the word beside a row.
        row_width: Room for it.
        sign: Radius of a sign beside a name or under a week.
        name_baseline: Of the names of two people.
        name_lift: From there up to the sign beside the name.
        name_width: Room for each.
        day_baseline: Of the days.
        day_width: Room for each.
        line_baseline: Of the line at the bottom.
    """

    height: int
    corner: Point
    side: int
    rounding: int
    cloud_reach: float
    cloud_most: float
    cloud_all: float
    dot: float
    dot_latest: float
    line_width: float
    line_strength: float
    orb_small: int
    orb_big: int
    orb_inset: int
    orb_away: int
    axis_width: int
    corner_inset: int
    corner_top: int
    corner_bottom: int
    strip_rows: tuple[int, ...]
    strip_middle: int
    strip_width: int
    strip_step: int
    strip_radius: int
    strip_gap: int
    strip_marks: int
    sign_away: int
    row_away: int
    row_width: int
    sign: int
    name_baseline: int
    name_lift: int
    name_width: int
    day_baseline: int
    day_width: int
    line_baseline: int


@dataclass(frozen=True, slots=True)
class MarkStyle:
    """How the mark of a week is drawn, in parts of its radius: the line of an open one, and how far a diamond reaches."""

    open_line: float
    diamond: float


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
        mark: How the mark of a week is drawn.
        history: The layout of one person's weeks.
        histories: The layout of two people's weeks.
    """

    version: str
    canvas: Canvas
    colours: Colours
    type: Typography
    circle: CircleStyle
    one: Layout
    two: Layout
    card: CardLayout
    mark: MarkStyle
    history: HistoryLayout
    histories: HistoryLayout


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
        mark=MarkStyle(**tables["mark"]),
        history=HistoryLayout(**_fixed(tables["history"])),
        histories=HistoryLayout(**_fixed(tables["history"] | tables["histories"])),
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
