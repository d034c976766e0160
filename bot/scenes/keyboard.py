"""Rows of buttons that many screens share."""

from dataclasses import replace
from datetime import datetime

from bot.scenes.screen import Button, Tap
from bot.scenes.turn import Turn

Row = tuple[Button, ...]

ROOM = 32
"""Characters that the buttons of a row have together on a narrow phone: 360 points wide, 15 points high."""


def button(turn: Turn, label: str, kind: str, *args: object, **values: str) -> Button:
    """One button with the words of *label*, filled with *values*, that means *kind* with *args*."""
    return Button(turn.words.label(label, **values), tap=Tap(kind, tuple(str(arg) for arg in args)))


def for_good(one: Button) -> Button:
    """The same button, marked as one that cannot be undone."""
    return replace(one, final=True)


def mark(instant: datetime) -> str:
    """How a button names a row: by the second it was made. A running number would count what the partner does."""
    return str(int(instant.timestamp()))


def row(*buttons: Button) -> Row:
    """Buttons side by side."""
    return buttons


def beside(*buttons: Button) -> tuple[Row, ...]:
    """Buttons side by side where every label fits, else one below the other: Telegram's apps cut what does not."""
    room = ROOM // len(buttons)
    return (buttons,) if all(len(one.label) <= room for one in buttons) else column(*buttons)


def column(*buttons: Button) -> tuple[Row, ...]:
    """Buttons one below the other."""
    return tuple((one,) for one in buttons)


def footer(turn: Turn) -> Row:
    """The last row of every screen but questions: the way everywhere, and to people who can help."""
    return (button(turn, "button.menu", "home"), button(turn, "button.safety", "safety"))
