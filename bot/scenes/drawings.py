"""From a result to the pure description of a picture."""

from bot.scenes.results import Measure, Result
from bot.scenes.screen import Circle, Drawing, Figure
from bot.scenes.turn import Turn


def figure(turn: Turn, result: Result, name: str | None = None) -> Figure:
    """The two circles of a result, with the ring of the usual from week 4."""
    return Figure(
        name=name,
        i=_circle(turn, "circle.i", result.i, ring=result.has_usual),
        you=_circle(turn, "circle.you", result.you, ring=result.has_usual),
    )


def _circle(turn: Turn, label: str, measure: Measure, *, ring: bool) -> Circle:
    return Circle(turn.words.label(label), measure.size, measure.low, measure.high, measure.usual if ring else None)


def drawing(turn: Turn, *figures: Figure) -> Drawing:
    """A picture with its one line."""
    return Drawing(figures, turn.words.label("picture.line"))
