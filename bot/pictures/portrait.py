"""One person's circles, or two people's side by side with equal weight."""

from functools import lru_cache

from PIL import Image

from bot.pictures.circles import Axis, draw_circle
from bot.pictures.grounds import Ground, kept
from bot.pictures.lettering import fitted, named, write
from bot.pictures.masks import disc
from bot.pictures.style import Layout, Point, style
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
    image = _ground(layout, len(drawing.figures), shift).laid()
    for place, figure in enumerate(drawing.figures):
        _draw_figure(image, figure, layout, (place, len(drawing.figures)), shift)
    _draw_labels(image, drawing.figures[0], layout, shift)
    line = fitted(drawing.line, style().type.line, layout.line_width)
    write(image, line, (image.width // 2, layout.line_baseline + shift), style().colours.quiet)
    return image


def _draw_figure(image: Image.Image, figure: Figure, layout: Layout, place: tuple[int, int], shift: int) -> None:
    """Draw a figure at its place, given as which of how many."""
    if figure.name is not None:
        heading = named(figure.name, figure.instead, style().type.heading, layout.heading_width)
        middle = image.width // 2 if place[1] == ONE_FIGURE else _mirrored(layout.i[0], place)
        write(image, heading, (middle, layout.heading_baseline), style().colours.ink)
    circles: tuple[tuple[Axis, Circle, Point], ...] = (("i", figure.i, layout.i), ("you", figure.you, layout.you))
    for axis, circle, (x, y) in circles:
        draw_circle(image, circle, axis, (_mirrored(x, place), y + shift), layout.radius)


def _mirrored(x: int, place: tuple[int, int]) -> int:
    """Return a place of the first figure, or the one across from it for the second: the halves mirror each other."""
    return style().canvas.width - x if place[0] else x


def _draw_labels(image: Image.Image, figure: Figure, layout: Layout, shift: int) -> None:
    """Draw the words for "I" and "you", once for all."""
    for text, (x, y) in ((figure.i.label, layout.i_label), (figure.you.label, layout.you_label)):
        write(image, fitted(text, style().type.label, layout.label_width), (x, y + shift), style().colours.ink)


@lru_cache(maxsize=4)
def _ground(layout: Layout, figures: int, shift: int) -> Ground:
    """Return what lies under the circles and is the same in all such pictures."""
    colours, width = style().colours, style().canvas.width
    image = Image.new("RGB", (width, layout.height + shift), colours.paper)
    plate = disc(2 * layout.plate_radius - 1, 2 * layout.plate_radius, 2 * layout.plate_radius + 1)
    for number in range(figures):
        for x, y in (layout.i, layout.you):
            left = _mirrored(x, (number, figures)) - plate.width // 2
            image.paste(colours.plate, (left, y + shift - plate.height // 2), plate)
    return kept(image, colours.paper)
