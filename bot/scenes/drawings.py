"""From a result to the pure description of a picture."""

from bot.scenes.results import Measure, Result
from bot.scenes.screen import Circle, Drawing, Figure
from bot.scenes.turn import Turn


def figure(turn: Turn, result: Result, name: str | None = None, instead: str = "") -> Figure:
    """The two circles of a result, with the ring of the usual from week 4."""
    return Figure(
        name=name,
        i=_circle(turn, "circle.i", result.i, ring=result.has_usual),
        you=_circle(turn, "circle.you", result.you, ring=result.has_usual),
        instead=instead,
    )


def _circle(turn: Turn, label: str, measure: Measure, *, ring: bool) -> Circle:
    return Circle(turn.words.label(label), measure.size, measure.low, measure.high, measure.usual if ring else None)


def whose(turn: Turn) -> tuple[str, str]:
    """Partner's and own, as pictures of two say it where a name cannot be drawn."""
    return turn.words.label("picture.partner"), turn.words.label("picture.own")


def drawing(turn: Turn, *figures: Figure) -> Drawing:
    """A picture with its one line."""
    return Drawing(figures, turn.words.label("picture.line"))
