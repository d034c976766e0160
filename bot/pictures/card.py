"""The invitation: a few warm words, a code to point a camera at, and the two circles behind it."""

from functools import lru_cache

import segno
from PIL import Image, ImageDraw

from bot.pictures.circles import draw_orb
from bot.pictures.lettering import Setting, wrapped, write
from bot.pictures.style import Colour, style
from bot.scenes.screen import InvitationCard

DARK, LIGHT = 0, 255

CORNER_DETAIL = 4
"""How many times larger the rounded panel is drawn first, so that its corners are smooth."""


def draw_card(card: InvitationCard) -> Image.Image:
    """Return the picture of an invitation.

    Raises:
        ValueError: When the link is empty or longer than a QR code holds.
    """
    layout, kinds, colours = style().card, style().type, style().colours
    image = _ground().copy()
    _draw_code(image, card.link)
    title = wrapped(card.heading, kinds.title, layout.title_width, layout.title_lines)
    _write_lines(image, title, layout.title_baseline, layout.title_leading, colours.ink)
    line = wrapped(card.line, kinds.line, layout.line_width, layout.line_lines)
    _write_lines(image, line, layout.line_baseline, layout.line_leading, colours.quiet)
    return image


def code_matrix(link: str) -> Image.Image:
    """Return a QR code with one pixel a module, dark on light, without its quiet zone.

    Raises:
        ValueError: When the link is empty or longer than a QR code holds.
    """
    rows = segno.make_qr(link, error="l").matrix  # a screen has no scratches; segno raises the level where that is free
    pixels = bytes(DARK if module else LIGHT for row in rows for module in row)
    return Image.frombytes("L", (len(rows[0]), len(rows)), pixels)


def _draw_code(image: Image.Image, link: str) -> None:
    """Draw the code into its panel, every module the same whole number of pixels."""
    layout, colours = style().card, style().colours
    left, top, right, bottom = layout.code_box
    code = code_matrix(link)
    module = _cut((right - left) // (code.width + 2 * layout.code_quiet), layout.code_step)
    code = code.resize((code.width * module, code.height * module), Image.Resampling.NEAREST)
    x = _cut((left + right - code.width) // 2, layout.code_block)
    y = _cut((top + bottom - code.height) // 2, layout.code_block)
    image.paste(colours.code, (x, y), code.point([LIGHT - level for level in range(LIGHT + 1)]))


def _cut(length: int, step: int) -> int:
    """Return a length cut down to a multiple of `step`; one shorter than a step stays, at least one pixel."""
    return length // step * step or max(1, length)


@lru_cache(maxsize=1)
def _ground() -> Image.Image:
    """Return what is the same on all invitations: the two circles and the panel of the code."""
    layout, colours = style().card, style().colours
    image = Image.new("RGB", (style().canvas.width, layout.height), colours.paper)
    radii = (layout.low, layout.middle, layout.high)
    draw_orb(image, "i", layout.i, radii)
    draw_orb(image, "you", layout.you, radii)
    left, top, right, bottom = layout.code_box
    size = (right - left, bottom - top)
    panel = Image.new("L", (size[0] * CORNER_DETAIL, size[1] * CORNER_DETAIL))
    ImageDraw.Draw(panel).rounded_rectangle(
        (0, 0, panel.width - 1, panel.height - 1), layout.code_corner * CORNER_DETAIL, fill=LIGHT
    )
    image.paste(colours.code_ground, layout.code_box, panel.resize(size, Image.Resampling.BOX))
    return image


def _write_lines(image: Image.Image, lines: tuple[Setting, ...], baseline: int, leading: float, colour: Colour) -> None:
    """Draw lines below each other; the leading counts in sizes of the type."""
    for number, line in enumerate(lines):
        write(image, line, (image.width // 2, baseline + round(number * leading * line.size)), colour)
