"""Text on pictures: made harmless, fitted, and drawn with the font that has each letter."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import ceil
from unicodedata import bidirectional, category, normalize

from PIL import Image, ImageDraw

from bot.pictures.fonts import can_shape, carrier, font
from bot.pictures.style import Colour, Point, Type, style

LONGEST_INPUT = 1024
"""Code points that are looked at; more never fits on a picture and could only cost time."""

LONGEST_TEXT = 240
"""Letters that are set; about twice what the widest line holds at the smallest type."""

MARKS_A_LETTER = 3
"""Marks kept on one letter; pointed Hebrew and vocalised Arabic need three, and stacks of more only hide their neighbours."""

JOINER_APART = "\u200c"
"""Zero width non-joiner: invisible, and part of the spelling of Persian names."""

ELLIPSIS = "…"

ABOVE, BELOW = 1.3, 0.5
"""Room for a line above and below its baseline, in sizes of the type; what reaches further is cut off."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with its marks, and the file name of the font that has it."""

    text: str
    font: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A line ready to be drawn.

    Attributes:
        runs: Texts with the file names of their fonts, from left to right.
        size: Of the type, in pixels.
        width: Of the whole, in pixels.
    """

    runs: tuple[tuple[str, str], ...]
    size: int
    width: float


@lru_cache(maxsize=256)
def fitted(text: str, kind: Type, width: int) -> Setting:
    """Return a text in the largest type in which it fits, shortened by an ellipsis if it must be.

    Args:
        text: Anything that people call each other; it may be empty, endless or meant to harm.
        kind: How it is to be set.
        width: Room for it, in pixels.
    """
    letters = _letters(text, kind.font)
    for size in _sizes(kind):
        setting = _set(letters, size)
        if setting.width <= width:
            return setting
    return _shortened(letters, kind, width)


@lru_cache(maxsize=64)
def wrapped(text: str, kind: Type, width: int, lines: int) -> tuple[Setting, ...]:
    """Return a text in the largest type in which it fits on a few lines, the last shortened if it must be.

    Args:
        text: Words.
        kind: How they are to be set.
        width: Room for each line, in pixels.
        lines: How many there may be.
    """
    words = _words(_letters(text, kind.font))
    for size in _sizes(kind):
        rows = _rows(words, size, width)
        if len(rows) <= lines and all(_set(row, size).width <= width for row in rows):
            return tuple(_set(row, size) for row in rows)
    rows = _rows(words, kind.smallest, width)
    rest = [letter for row in rows[lines - 1 :] for letter in (*row, Letter(" ", kind.font))]
    return (*(_shortened(row, kind, width) for row in (*rows[: lines - 1], rest)),)


def write(image: Image.Image, setting: Setting, at: Point, colour: Colour) -> None:
    """Draw a line, centred; nothing of it leaves its room.

    Args:
        image: Is drawn upon.
        setting: The line.
        at: Its middle and its baseline, in pixels.
        colour: Of the letters.
    """
    above, below = ceil(setting.size * ABOVE), ceil(setting.size * BELOW)
    room = Image.new("L", (ceil(setting.width) + 2 * below, above + below))
    pen = ImageDraw.Draw(room)
    x = float(below)
    for text, name in setting.runs:
        pen.text((x, above), text, fill=255, font=font(name, setting.size), anchor="ls")
        x += font(name, setting.size).getlength(text)
    corner = (at[0] - room.width // 2, at[1] - above)
    image.paste(colour, (*corner, corner[0] + room.width, corner[1] + room.height), room)


def _letters(text: str, first: str) -> list[Letter]:
    """Return the letters that can be drawn, without controls, direction marks, piles of accents and double spaces."""
    letters: list[Letter] = []
    for cluster in _clusters(text):
        if cluster != " ":
            drawn = carrier(first, cluster)
            if drawn is not None:
                letters.append(Letter(drawn[1], drawn[0]))
        elif letters and letters[-1].text != " ":
            letters.append(Letter(" ", letters[-1].font))
    return _without_trailing_spaces(letters[:LONGEST_TEXT])


def _clusters(text: str) -> list[str]:
    """Return the letters with their marks; all that separates is one space, all that is invisible is gone."""
    clusters: list[str] = []
    for char in normalize("NFC", text[:LONGEST_INPUT]):
        kind = category(char)
        inside = bool(clusters) and clusters[-1] != " "
        if char == JOINER_APART or kind.startswith("M"):
            if inside and len(clusters[-1]) <= MARKS_A_LETTER:
                clusters[-1] += char
        elif kind.startswith("Z") or kind == "Cc":
            clusters.append(" ")
        elif not kind.startswith("C"):
            clusters.append(char)
    return clusters


def _set(letters: list[Letter], size: int) -> Setting:
    """Return letters as runs of one font each, in the order in which they are seen."""
    runs = [
        (name, "".join(_as_seen([letter.text for letter in run])))
        for name, run in groupby(letters, lambda letter: letter.font)
    ]
    if _runs_leftwards(letters):
        runs.reverse()
    width = sum(font(name, size).getlength(text) for name, text in runs)
    return Setting(tuple((text, name) for name, text in runs), size, width)


def _as_seen(letters: list[str]) -> list[str]:
    """Return the letters of a run in the order in which they are handed to the font: shaping turns them by itself."""
    if can_shape() or not any(bidirectional(letter[0]) in {"R", "AL"} for letter in letters):
        return letters
    return letters[::-1]


def _runs_leftwards(letters: list[Letter]) -> bool:
    """Return whether the first letter with a direction is one of a script that runs from right to left."""
    directions = (bidirectional(letter.text[0]) for letter in letters)
    return next((direction for direction in directions if direction in {"L", "R", "AL"}), "L") != "L"


def _shortened(letters: list[Letter], kind: Type, width: int) -> Setting:
    """Return the longest beginning that fits in the smallest type, with an ellipsis if something is missing."""
    whole = _set(_without_trailing_spaces(letters), kind.smallest)
    if whole.width <= width:
        return whole
    shortest, longest = 0, len(letters)
    while longest - shortest > 1:
        half = (shortest + longest) // 2
        if _with_ellipsis(letters[:half], kind).width <= width:
            shortest = half
        else:
            longest = half
    return _with_ellipsis(letters[:shortest], kind)


def _with_ellipsis(letters: list[Letter], kind: Type) -> Setting:
    """Return a shortened line."""
    return _set([*_without_trailing_spaces(letters), Letter(ELLIPSIS, kind.font)], kind.smallest)


def _rows(words: list[list[Letter]], size: int, width: int) -> list[list[Letter]]:
    """Return words on as few lines as they need; a single word may be too long for its line."""
    rows: list[list[Letter]] = []
    for word in words:
        longer = [*rows[-1], Letter(" ", rows[-1][-1].font), *word] if rows else word
        if rows and _set(longer, size).width <= width:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows


def _words(letters: list[Letter]) -> list[list[Letter]]:
    """Return the letters between the spaces."""
    return [list(word) for space, word in groupby(letters, lambda letter: letter.text == " ") if not space]


def _sizes(kind: Type) -> range:
    """Return the sizes of a kind of text, largest first, without the smallest."""
    return range(kind.size, kind.smallest, -style().type.step)


def _without_trailing_spaces(letters: list[Letter]) -> list[Letter]:
    """Return the letters up to the last one that is seen."""
    end = len(letters)
    while end and letters[end - 1].text == " ":
        end -= 1
    return letters[:end]
