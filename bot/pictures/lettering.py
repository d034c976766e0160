"""Text on pictures: made harmless, fitted, and drawn with the font that has each letter."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import ceil
from operator import attrgetter, itemgetter
from unicodedata import bidirectional, category, normalize

from PIL import Image, ImageDraw

from bot.pictures.fonts import can_shape, carrier, font, is_attached
from bot.pictures.style import Colour, Point, Type, style

LONGEST_INPUT = 1024
"""Code points that are looked at; more never fits on a picture and could only cost time."""

LONGEST_TEXT = 240
"""Letters that are set; about twice what the widest line holds at the smallest type."""

KEPT_TEXTS = 32
"""How many texts stay in memory: enough for the labels and lines of every picture, and names soon leave it."""

MARKS_A_LETTER = 3
"""Marks kept on one letter; pointed Hebrew and vocalised Arabic need three, and stacks of more only hide their neighbours."""

LEFTWARDS = frozenset({"R", "AL"})
"""Unicode's classes of letters that run from right to left."""

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


@lru_cache(maxsize=KEPT_TEXTS)
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


def named(name: str, instead: str, kind: Type, width: int) -> Setting:
    """Return a name as it fits, or what stands for it where no font has a letter of it."""
    setting = fitted(name, kind, width)
    return setting if setting.runs else fitted(instead, kind, width)


@lru_cache(maxsize=KEPT_TEXTS)
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
    mask = _inked(setting)
    corner = (at[0] - mask.width // 2, at[1] - ceil(setting.size * ABOVE))
    image.paste(colour, (*corner, corner[0] + mask.width, corner[1] + mask.height), mask)


@lru_cache(maxsize=KEPT_TEXTS)
def _inked(setting: Setting) -> Image.Image:
    """Return a line as an alpha mask with its room around it."""
    above, below = ceil(setting.size * ABOVE), ceil(setting.size * BELOW)
    mask = Image.new("L", (ceil(setting.width) + 2 * below, above + below))
    pen = ImageDraw.Draw(mask)
    x = float(below)
    for text, name in setting.runs:
        pen.text((x, above), text, fill=255, font=font(name, setting.size), anchor="ls")
        x += font(name, setting.size).getlength(text)
    return mask


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
        if is_attached(char):
            if inside and len(clusters[-1]) <= MARKS_A_LETTER:
                clusters[-1] += char
        elif kind.startswith("Z") or kind == "Cc":
            clusters.append(" ")
        elif not kind.startswith("C"):
            clusters.append(char)
    return clusters


def _set(letters: list[Letter], size: int) -> Setting:
    """Return letters as runs of one font each, in the order in which they are seen."""
    directions = _directions(letters)
    stretches = [
        (leftwards, [letter for _, letter in stretch])
        for leftwards, stretch in groupby(zip(directions, letters, strict=True), itemgetter(0))
    ]
    if directions and _first_direction(letters):
        stretches.reverse()
    runs = tuple(run for leftwards, stretch in stretches for run in _runs(stretch, leftwards=leftwards))
    return Setting(runs, size, sum(font(name, size).getlength(text) for text, name in runs))


def _runs(letters: list[Letter], *, leftwards: bool) -> list[tuple[str, str]]:
    """Return the runs of one direction from left to right."""
    runs = [
        ("".join(_as_seen([letter.text for letter in run])), name) for name, run in groupby(letters, attrgetter("font"))
    ]
    return runs[::-1] if leftwards else runs


def _as_seen(letters: list[str]) -> list[str]:
    """Return the letters of a run in the order in which they are handed to the font: shaping turns them by itself."""
    if can_shape() or not any(bidirectional(letter[0]) in LEFTWARDS for letter in letters):
        return letters
    return letters[::-1]


def _directions(letters: list[Letter]) -> list[bool]:
    """Return for each letter whether it stands in a stretch that runs from right to left.

    What has no direction of its own takes that of its neighbours where these agree, else that of the whole line: the part of
    Unicode's bidirectional algorithm that names need.
    """
    whole = _first_direction(letters)
    own = [_direction(letter) for letter in letters]
    before = _carried(own, whole)
    after = _carried(own[::-1], whole)[::-1]
    return [left if left == right else whole for left, right in zip(before, after, strict=True)]


def _carried(directions: list[bool | None], start: bool) -> list[bool]:
    """Return the directions with each gap filled by what came before it."""
    filled: list[bool] = []
    for direction in directions:
        filled.append(direction if direction is not None else filled[-1] if filled else start)
    return filled


def _direction(letter: Letter) -> bool | None:
    """Return whether a letter runs from right to left, or None when it has no direction of its own."""
    kind = bidirectional(letter.text[0])
    return True if kind in LEFTWARDS else False if kind == "L" else None


def _first_direction(letters: list[Letter]) -> bool:
    """Return whether the first letter with a direction runs from right to left."""
    return next((direction for direction in map(_direction, letters) if direction is not None), False)


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
