"""Rows of buttons that many screens share."""

from datetime import datetime

from bot.scenes.screen import Button, Tap
from bot.scenes.turn import Turn

Row = tuple[Button, ...]


def button(turn: Turn, label: str, kind: str, *args: object, **values: str) -> Button:
    """One button with the words of *label*, filled with *values*, that means *kind* with *args*."""
    return Button(turn.words.label(label, **values), tap=Tap(kind, tuple(str(arg) for arg in args)))


def mark(instant: datetime) -> str:
    """How a button names a row: by the second it was made. A running number would count what the partner does."""
    return str(int(instant.timestamp()))


def row(*buttons: Button) -> Row:
    """Buttons side by side."""
    return buttons


def column(*buttons: Button) -> tuple[Row, ...]:
    """Buttons one below the other."""
    return tuple((one,) for one in buttons)


def footer(turn: Turn) -> Row:
    """The last row of every screen but questions: the way everywhere, and to people who can help."""
    return (button(turn, "button.menu", "home"), button(turn, "button.safety", "safety"))
