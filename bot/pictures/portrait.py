"""One person's circles, or two people's side by side with equal weight."""

from functools import lru_cache

from PIL import Image, ImageDraw

from bot.pictures.circles import Axis, draw_circle
from bot.pictures.lettering import fitted, write
from bot.pictures.masks import disc
from bot.pictures.style import Layout, style
from bot.scenes.screen import Circle, Drawing, Figure

ONE_FIGURE, TWO_FIGURES = 1, 2


def draw_portrait(drawing: Drawing) -> Image.Image:
    """Return the picture of one figure or two.

    Raises:
        ValueError: When there are none or more than two, or when a size is not a number.
    """
    if len(drawing.figures) not in {ONE_FIGURE, TWO_FIGURES}:
        raise ValueError("A drawing has one figure or two.")
    layout = style().one if len(drawing.figures) == ONE_FIGURE else style().two
    shift = layout.heading_room if any(figure.name is not None for figure in drawing.figures) else 0
    image = _ground(layout, len(drawing.figures), shift).copy()
    share = style().canvas.width // len(drawing.figures)
    for place, figure in enumerate(drawing.figures):
        _draw_figure(image, figure, layout, (place * share, share), shift)
    line = fitted(drawing.line, style().type.line, layout.line_width)
    write(image, line, (image.width // 2, layout.line_baseline + shift), style().colours.quiet)
    return image


def _draw_figure(image: Image.Image, figure: Figure, layout: Layout, columns: tuple[int, int], shift: int) -> None:
    """Draw a figure into its share of the picture, given as left edge and width."""
    left, width = columns
    if figure.name is not None:
        heading = fitted(figure.name, style().type.heading, layout.heading_width)
        write(image, heading, (left + width // 2, layout.heading_baseline), style().colours.ink)
    circles: tuple[tuple[Axis, Circle], ...] = (("i", figure.i), ("you", figure.you))
    for axis, circle in circles:
        x, y = layout.i if axis == "i" else layout.you
        draw_circle(image, circle, axis, (left + x, y + shift), layout.radius)
        label = fitted(circle.label, style().type.label, layout.label_width)
        write(image, label, (left + x, layout.label_baseline + shift), style().colours.ink)


@lru_cache(maxsize=4)
def _ground(layout: Layout, figures: int, shift: int) -> Image.Image:
    """Return what lies under the circles and is the same in all such pictures."""
    colours, width = style().colours, style().canvas.width
    image = Image.new("RGB", (width, layout.height + shift), colours.paper)
    plate = disc(2 * layout.plate_radius - 1, 2 * layout.plate_radius, 2 * layout.plate_radius + 1)
    for left in range(0, width, width // figures):
        for x, y in (layout.i, layout.you):
            image.paste(colours.plate, (left + x - plate.width // 2, y + shift - plate.height // 2), plate)
    if layout.divider is not None:
        top, bottom = layout.divider
        ImageDraw.Draw(image).line((width // 2, top, width // 2, bottom + shift), colours.hairline, width=2)
    return image
