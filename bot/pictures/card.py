"""The invitation: a few warm words, a code to point a camera at, and the two circles behind it."""

from functools import lru_cache

import segno
from PIL import Image, ImageDraw, ImageFilter

from bot.pictures.circles import draw_orb
from bot.pictures.grounds import Ground, kept
from bot.pictures.lettering import Setting, wrapped, write
from bot.pictures.style import Colour, Point, style
from bot.scenes.screen import InvitationCard

DARK, LIGHT = 0, 255

CORNER_DETAIL = 4
"""How many times larger what is round is drawn first, so that its corners are smooth."""

KEPT_CODES = 8
"""How many codes stay in memory: an invitation is mostly drawn again soon or never."""

EYE = 7
"""Modules of a side of a finder pattern (ISO/IEC 18004)."""

EYE_ROUNDING = (1.4, 1.0, 0.7)
"""Round corners of its three squares, from the outside, in modules: so small that the middle of each module stays what it is."""

EDGE = 6
"""How steep a softened edge is: about two pixels from light to dark."""


def draw_card(card: InvitationCard) -> Image.Image:
    """Return the picture of an invitation.

    Raises:
        ValueError: When the link is empty or longer than a QR code holds.
    """
    layout, kinds, colours = style().card, style().type, style().colours
    image = _ground().laid()
    _draw_code(image, card.link)
    title = wrapped(card.heading, kinds.title, layout.title_width, layout.title_lines)
    _write_lines(image, title, layout.title_baseline, layout.title_leading, colours.ink)
    line = wrapped(card.line, kinds.line, layout.line_width, layout.line_lines)
    _write_lines(image, line, layout.line_baseline, layout.line_leading, colours.quiet)
    return image


@lru_cache(maxsize=KEPT_CODES)
def code_matrix(link: str) -> Image.Image:
    """Return a QR code with one pixel a module, dark on light, without its quiet zone.

    Raises:
        ValueError: When the link is empty or longer than a QR code holds.
    """
    rows = segno.make_qr(link, error="l").matrix  # a screen has no scratches; segno raises the level where that is free
    pixels = bytes(DARK if module else LIGHT for row in rows for module in row)
    return Image.frombytes("L", (len(rows[0]), len(rows)), pixels)


def _draw_code(image: Image.Image, link: str) -> None:
    """Draw the code into its panel, every module on the same whole number of pixels, softened at its corners."""
    layout, colours = style().card, style().colours
    left, top, right, bottom = layout.code_box
    code = code_matrix(link)
    module = _cut((right - left) // (code.width + 2 * layout.code_quiet), layout.code_step)
    x = _cut((left + right - code.width * module) // 2, layout.code_block)
    y = _cut((top + bottom - code.height * module) // 2, layout.code_block)
    image.paste(colours.code, (x, y), _softened(code, module))
    far = (code.width - EYE) * module
    for (across, down), colour in zip(
        ((0, 0), (far, 0), (0, far)), (colours.i_deep, colours.you_deep, colours.first), strict=True
    ):
        _draw_eye(image, (x + across, y + down), module, colour)


def _softened(code: Image.Image, module: int) -> Image.Image:
    """Return the dark modules as a mask without sharp corners; the middle of each stays what it is."""
    code = code.resize((code.width * module, code.height * module), Image.Resampling.NEAREST)
    blurred = code.filter(ImageFilter.BoxBlur(round(module * style().card.code_soft)))
    return blurred.point([min(LIGHT, max(0, (LIGHT // 2 - level) * EDGE + LIGHT // 2)) for level in range(LIGHT + 1)])


def _draw_eye(image: Image.Image, at: Point, module: int, colour: Colour) -> None:
    """Draw one of the three squares by which a camera finds the code, rounded, with a pupil of a colour."""
    side = EYE * module
    ground = style().colours.code_ground
    image.paste(ground, (*at, at[0] + side, at[1] + side))
    for inset, fill, rounding in zip(
        range(EYE // 2), (style().colours.code, ground, colour), EYE_ROUNDING, strict=True
    ):
        part = _rounded(side - 2 * inset * module, rounding * module)
        image.paste(fill, (at[0] + inset * module, at[1] + inset * module), part)


@lru_cache(maxsize=16)
def _rounded(side: int, radius: float) -> Image.Image:
    """Return a square with round corners as a mask; lengths in pixels."""
    square = Image.new("L", (side * CORNER_DETAIL, side * CORNER_DETAIL))
    ends = (0, 0, square.width - 1, square.height - 1)
    ImageDraw.Draw(square).rounded_rectangle(ends, radius * CORNER_DETAIL, fill=LIGHT)
    return square.reduce(CORNER_DETAIL)


def _cut(length: int, step: int) -> int:
    """Return a length cut down to a multiple of `step`; one shorter than a step stays, at least one pixel."""
    return length // step * step or max(1, length)


@lru_cache(maxsize=1)
def _ground() -> Ground:
    """Return what is the same on all invitations: the two circles and the panel of the code."""
    layout, colours = style().card, style().colours
    image = Image.new("RGB", (style().canvas.width, layout.height), colours.paper)
    radii = (layout.low, layout.middle, layout.high)
    draw_orb(image, "i", layout.i, radii)
    draw_orb(image, "you", layout.you, radii)
    left, _, right, _ = layout.code_box
    image.paste(colours.code_ground, layout.code_box, _rounded(right - left, layout.code_corner))
    return kept(image, colours.paper)


def _write_lines(image: Image.Image, lines: tuple[Setting, ...], baseline: int, leading: float, colour: Colour) -> None:
    """Draw lines below each other; the leading counts in sizes of the type."""
    for number, line in enumerate(lines):
        write(image, line, (image.width // 2, baseline + round(number * leading * line.size)), colour)
