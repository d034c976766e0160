"""How two sizes moved: a path through the plane of both, and the same weeks as a strip of small circles.

Uncertainty is drawn as large as it is. Each week is a cloud that thins out past its 80 % band, so weeks that cannot be told
apart melt into one. The line through them is faint and has no arrow: most of what it does is chance.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor

from PIL import Image, ImageDraw

from bot.pictures.circles import BIGGEST, Axis, draw_orb, draw_span
from bot.pictures.grounds import Ground, kept
from bot.pictures.lettering import fitted, named, write
from bot.pictures.masks import cloud, disc
from bot.pictures.style import Colour, HistoryLayout, Point, style
from bot.scenes.screen import History, Moment, Span, Track

ONE_TRACK, TWO_TRACKS = 1, 2

DETAIL = 2
"""How many times larger lines and dots are drawn first, so that they are smooth."""

COARSE = 4
"""How many times smaller clouds are drawn first: nothing in them is fine."""

SOLID = 255
"""The strongest alpha."""

KEPT_CLOUDS = 32
"""How many clouds stay in memory: seldom more than 10 KB each."""

KEPT_ROWS = 4
"""How many rows of plates stay in memory: at most 300 KB each. Both people's are alike, and so are many histories'."""

Place = tuple[float, float]
Box = tuple[int, int, int, int]


def draw_history(history: History) -> Image.Image:
    """Return the picture of one person's weeks or two people's.

    Raises:
        ValueError: When there are not one or two tracks, or they are empty or not as long as each other, or a size is not a
            number.
    """
    lengths = {len(track.moments) for track in history.tracks}
    if len(history.tracks) not in {ONE_TRACK, TWO_TRACKS} or len(lengths) != 1 or 0 in lengths:
        raise ValueError("A history has one track, or two that are as long as each other, and none is empty.")
    layout = style().history if len(history.tracks) == ONE_TRACK else style().histories
    image = _ground(layout, (history.i, history.you), history.corners, history.line).laid()
    tracks = tuple(zip(history.tracks, (style().colours.first, style().colours.second), (False, True), strict=False))
    for track, ink, _ in tracks:
        _draw_clouds(image, layout, track, ink)
    for number, (track, ink, hollow) in enumerate(tracks):
        _draw_path(image, layout, track, ink, hollow=hollow)
        _draw_strip(image, layout, track, number)
        _draw_rows(image, layout, history, number)
    if len(history.tracks) == TWO_TRACKS:
        _draw_names(image, layout, tracks)
    _draw_days(image, layout, history)
    return image


def _draw_clouds(image: Image.Image, layout: HistoryLayout, track: Track, ink: Colour) -> None:
    """Draw what is likely of each week; where weeks agree it grows denser."""
    side = layout.side // COARSE
    boxes = [_cloud_box(moment, layout.cloud_reach, side) for moment in track.moments]
    left, top, right, bottom = _around(boxes, side)
    layer = Image.new("L", (right - left, bottom - top))
    alpha = round(SOLID * min(layout.cloud_most, 1 - (1 - layout.cloud_all) ** (1 / len(boxes))))
    for west, north, east, south in boxes:
        mask = _cloud(layout.cloud_reach, alpha, east - west, south - north)
        layer.paste(SOLID, (west - left, north - top, east - left, south - top), mask)
    grown = layer.resize((layer.width * COARSE, layer.height * COARSE), Image.Resampling.BICUBIC)
    image.paste(ink, (layout.corner[0] + left * COARSE, layout.corner[1] + top * COARSE), grown)


@lru_cache(maxsize=KEPT_CLOUDS)
def _cloud(reach: float, alpha: int, width: int, height: int) -> Image.Image:
    """Return what is likely of a week as a mask of a size in pixels; the bands of most weeks are as wide as each other."""
    levels = [level * alpha // SOLID for level in range(SOLID + 1)]
    return cloud(reach).point(levels).resize((width, height), Image.Resampling.BILINEAR)


def _cloud_box(moment: Moment, reach: float, side: int) -> Box:
    """Return the box of a week's cloud in a plane of a side in pixels; a part of it may lie outside."""
    left, right = _reach(moment.i, reach, side)
    bottom, top = _reach(moment.you, reach, side)
    return left, side - top, right, side - bottom


def _reach(span: Span, reach: float, side: int) -> tuple[int, int]:
    """Return from where to where the cloud of a size goes, in pixels of a side; at least a few."""
    low, high = (span.size + reach * (end - span.size) for end in (min(span.low, span.size), max(span.high, span.size)))
    return round(low * side / BIGGEST) - 1, round(high * side / BIGGEST) + 1


def _around(boxes: Sequence[Box], side: int) -> Box:
    """Return the part of a plane of a side in which all boxes lie."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return max(0, min(lefts)), max(0, min(tops)), min(side, max(rights)), min(side, max(bottoms))


def _draw_path(image: Image.Image, layout: HistoryLayout, track: Track, ink: Colour, *, hollow: bool) -> None:
    """Draw a dot for each week, the latest the largest, and a faint line where no week is missing between two."""
    room = ceil(layout.dot_latest * style().mark.diamond) + 1
    spots = [_place(moment, layout.side) for moment in track.moments]
    boxes = [(floor(x) - room, floor(y) - room, ceil(x) + room, ceil(y) + room) for x, y in spots]
    left, top, right, bottom = _around(boxes, layout.side)
    layer = Image.new("L", (DETAIL * (right - left), DETAIL * (bottom - top)))
    pen = ImageDraw.Draw(layer)
    places = [(DETAIL * (x - left), DETAIL * (y - top)) for x, y in spots]
    for (start, end), moment in zip(pairwise(places), track.moments[1:], strict=True):
        if moment.follows:
            pen.line((*start, *end), round(SOLID * layout.line_strength), round(DETAIL * layout.line_width))
    for age, (place, moment) in enumerate(zip(reversed(places), reversed(track.moments), strict=True)):
        radius = DETAIL * (layout.dot if age else layout.dot_latest)
        _mark(pen, place, radius, unusual=moment.unusual, hollow=hollow)
    image.paste(ink, (layout.corner[0] + left, layout.corner[1] + top), layer.reduce(DETAIL))


def _place(moment: Moment, side: int) -> Place:
    """Return where the middle of a week lies."""
    return side * moment.i.size / BIGGEST, side * (1 - moment.you.size / BIGGEST)


def _mark(pen: ImageDraw.ImageDraw, place: Place, radius: float, *, unusual: bool, hollow: bool) -> None:
    """Draw the mark of a week into a mask: a dot, open for the second person, a diamond for an unusual week."""
    x, y = place
    inside = 0 if hollow or unusual else SOLID
    width = max(1, round(radius * style().mark.open_line))
    if unusual:
        far = radius * style().mark.diamond
        pen.polygon([(x - far, y), (x, y - far), (x + far, y), (x, y + far)], inside, SOLID, width)
    else:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), inside, SOLID, width)


@lru_cache(maxsize=8)
def _sign(radius: int, *, unusual: bool, hollow: bool) -> Image.Image:
    """Return a mark as it stands beside a name or under a week."""
    side = 4 * radius
    sign = Image.new("L", (DETAIL * side, DETAIL * side))
    middle = DETAIL * side / 2
    _mark(ImageDraw.Draw(sign), (middle, middle), DETAIL * radius, unusual=unusual, hollow=hollow)
    return sign.reduce(DETAIL)


def _draw_sign(image: Image.Image, sign: Image.Image, at: Point, ink: Colour) -> None:
    image.paste(ink, (at[0] - sign.width // 2, at[1] - sign.height // 2), sign)


def _columns(layout: HistoryLayout, number: int) -> list[int]:
    """Return the middles of so many weeks, centred in the strip."""
    step = min(layout.strip_step, layout.strip_width / number)
    start = layout.strip_middle - step * (number - 1) / 2
    return [round(start + step * place) for place in range(number)]


def _draw_strip(image: Image.Image, layout: HistoryLayout, track: Track, number: int) -> None:
    """Draw each week as two small circles, "I" above "you"; a thread joins weeks between which none is missing."""
    colours, columns = style().colours, _columns(layout, len(track.moments))
    full = round(min(layout.strip_radius, layout.strip_width / len(track.moments) / 2 - layout.strip_gap))
    axes: tuple[Axis, ...] = ("i", "you")
    row = _row(tuple(columns), tuple(moment.follows for moment in track.moments[1:]), full)
    for axis, y in zip(axes, layout.strip_rows[2 * number :], strict=False):
        image.paste(row, (columns[0] - row.height // 2, y - row.height // 2))
        for x, moment in zip(columns, track.moments, strict=True):
            draw_span(image, moment.i if axis == "i" else moment.you, axis, (x, y), full, plain=True)
    for x, moment in zip(columns, track.moments, strict=True):
        if moment.unusual:
            sign = _sign(layout.sign, unusual=True, hollow=False)
            _draw_sign(image, sign, (x, layout.strip_marks), colours.first)


@lru_cache(maxsize=KEPT_ROWS)
def _row(columns: Sequence[int], follows: Sequence[bool], full: int) -> Image.Image:
    """Return the plates of a row of the strip with the threads between them: the same in both rows, and for both people.

    Args:
        columns: The middles of the weeks, in pixels from any edge.
        follows: For each but the first, whether no week is missing before it.
        full: The radius of a circle of 100, in pixels.
    """
    colours = style().colours
    plate = disc(2 * full + 1, 2 * full + 2, 2 * full + 3)
    middle = plate.height // 2
    row = Image.new("RGB", (columns[-1] - columns[0] + plate.width, plate.height), colours.paper)
    places = [x - columns[0] for x in columns]
    for (before, x), joined in zip(pairwise(places), follows, strict=True):
        if joined:
            row.paste(colours.hairline, (before + middle, middle - 1, x + middle, middle + 1))
    for x in places:
        row.paste(colours.plate, (x, 0), plate)
    return row


def _draw_rows(image: Image.Image, layout: HistoryLayout, history: History, number: int) -> None:
    """Draw the words beside the two rows of a track."""
    kind = style().type.small
    x = _columns(layout, len(history.tracks[number].moments))[0] - layout.row_away
    for word, y in zip((history.i, history.you), layout.strip_rows[2 * number :], strict=False):
        write(image, fitted(word, kind, layout.row_width), (x, y + kind.size // 3), style().colours.ink)


def _draw_names(image: Image.Image, layout: HistoryLayout, tracks: Sequence[tuple[Track, Colour, bool]]) -> None:
    """Draw whose dots are whose, above the plane and beside the strip."""
    colours, kind = style().colours, style().type.heading
    for number, (track, ink, hollow) in enumerate(tracks):
        sign = _sign(layout.sign, unusual=False, hollow=hollow)
        name = named(track.name or "", track.instead, kind, layout.name_width)
        middle = image.width // 4 + number * image.width // 2
        write(image, name, (middle + layout.sign, layout.name_baseline), colours.ink)
        left = middle - round(name.width / 2) - 2 * layout.sign
        _draw_sign(image, sign, (left, layout.name_baseline - layout.name_lift), ink)
        rows = layout.strip_rows[2 * number : 2 * number + 2]
        first = _columns(layout, len(track.moments))[0]
        _draw_sign(image, sign, (first - layout.sign_away, sum(rows) // 2), ink)


def _draw_days(image: Image.Image, layout: HistoryLayout, history: History) -> None:
    """Draw the days of the first and the last week under them."""
    columns = _columns(layout, len(history.tracks[0].moments))
    for day, x in ((history.first, columns[0]), (history.last, columns[-1])):
        if day:
            text = fitted(day, style().type.small, layout.day_width)
            write(image, text, (x, layout.day_baseline), style().colours.quiet)


@lru_cache(maxsize=4)
def _ground(layout: HistoryLayout, axes: tuple[str, str], corners: tuple[str, ...], line: str) -> Ground:
    """Return what is the same whoever's weeks these are: the plane with its axes, and the words."""
    image = Image.new("RGB", (style().canvas.width, layout.height), style().colours.paper)
    _draw_plane(image, layout)
    _draw_axes(image, layout, axes)
    _draw_corners(image, layout, corners)
    set_line = fitted(line, style().type.line, layout.side)
    write(image, set_line, (image.width // 2, layout.line_baseline), style().colours.quiet)
    return kept(image, style().colours.paper)


def _draw_axes(image: Image.Image, layout: HistoryLayout, axes: tuple[str, str]) -> None:
    """Draw along each side what grows there: a small circle, the word, a big circle."""
    kind, ink = style().type.label, style().colours.ink
    (left, top), drop = layout.corner, kind.size // 3
    right, bottom = left + layout.side, top + layout.side
    below, beside, inset = bottom + layout.orb_away, left - layout.orb_away, layout.orb_inset
    for radius, i_at, you_at in (
        (layout.orb_small, left + inset, bottom - inset),
        (layout.orb_big, right - inset, top + inset),
    ):
        radii = (radius - 1, radius, radius + 1)
        draw_orb(image, "i", (i_at, below), radii, plain=True)
        draw_orb(image, "you", (beside, you_at), radii, plain=True)
    i, you = axes
    write(image, fitted(i, kind, layout.side // 2), ((left + right) // 2, below + drop), ink)
    write(image, fitted(you, kind, layout.axis_width), (beside, (top + bottom) // 2 + drop), ink)


def _draw_corners(image: Image.Image, layout: HistoryLayout, corners: tuple[str, ...]) -> None:
    """Draw the words of the corners, small and faint, clockwise from the upper left."""
    left, top = layout.corner
    west, east = left + layout.corner_inset, left + layout.side - layout.corner_inset
    north, south = top + layout.corner_top, top + layout.side - layout.corner_bottom
    places = ((west, north), (east, north), (east, south), (west, south))
    for word, at in zip(corners, places, strict=False):
        write(image, fitted(word, style().type.small, 2 * layout.corner_inset), at, style().colours.faint)


def _draw_plane(image: Image.Image, layout: HistoryLayout) -> None:
    """Draw the square of both sizes, with a hairline through the middle of each."""
    colours = style().colours
    square = Image.new("L", (layout.side * DETAIL, layout.side * DETAIL))
    ends = (0, 0, square.width - 1, square.height - 1)
    ImageDraw.Draw(square).rounded_rectangle(ends, layout.rounding * DETAIL, fill=SOLID)
    left, top = layout.corner
    image.paste(colours.plate, layout.corner, square.reduce(DETAIL))
    pen, half = ImageDraw.Draw(image), layout.side // 2
    pen.line((left + half, top, left + half, top + layout.side), colours.hairline, width=2)
    pen.line((left, top + half, left + layout.side, top + half), colours.hairline, width=2)
