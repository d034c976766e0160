"""The bundled fonts: which are there, and which of them has a letter."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from unicodedata import category, normalize

from PIL import ImageFont, features

from bot.pictures.style import style

FONT_FOLDER = files("prompts") / "fonts"

PROBE_SIZE = 24
"""Type size in pixels at which letters are compared with the box that stands for a missing one."""

NO_LETTER = "\uffff"
"""A code point that never is a letter: every font draws its box for it."""

JOINER_APART = "\u200c"
"""Zero width non-joiner: invisible, and part of the spelling of Persian names."""

KEPT_LETTERS = 4096
"""How many answers about letters stay in memory."""


@dataclass(frozen=True, slots=True)
class FontReport:
    """What ``check`` says about type.

    Attributes:
        found: File names of the bundled fonts that can be read.
        missing: File names of those that cannot.
        shaping: Whether text can be shaped (raqm), which Arabic and stacked accents need.
    """

    found: tuple[str, ...]
    missing: tuple[str, ...]
    shaping: bool


def report() -> FontReport:
    """Return which fonts can be read and whether text can be shaped; raises nothing."""
    kinds = style().type
    wanted = dict.fromkeys((kinds.heading.font, kinds.label.font, kinds.line.font, kinds.title.font, *kinds.others))
    found = tuple(name for name in wanted if _readable(name))
    return FontReport(found, tuple(name for name in wanted if name not in found), can_shape())


@lru_cache(maxsize=1)
def can_shape() -> bool:
    """Return whether Pillow was built with text shaping."""
    return bool(features.check("raqm"))


@lru_cache(maxsize=64)
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a bundled font at a size in pixels.

    Raises:
        OSError: When the file is missing or not a font.
    """
    layout = ImageFont.Layout.RAQM if can_shape() else ImageFont.Layout.BASIC
    return ImageFont.truetype(BytesIO(_content(name)), size, layout_engine=layout)


@lru_cache(maxsize=KEPT_LETTERS)
def carrier(first: str, letter: str) -> tuple[str, str] | None:
    """Return the font that can draw a letter, and the letter as it can draw it.

    A mark that a font lacks is left out, and a fancy letter becomes the plain one that Unicode holds to be the same.

    Args:
        first: File name of the font asked first.
        letter: A letter with its marks.

    Returns:
        File name and text, or None when no font has the letter.
    """
    for form in dict.fromkeys((letter, normalize("NFKC", letter))):
        base = form.rstrip("".join(char for char in form if is_attached(char)))
        for name in (first, *style().type.others):
            if base and all(_has(name, char) for char in base):
                return name, base + "".join(char for char in form[len(base) :] if _can_attach(name, char))
    return None


def is_attached(char: str) -> bool:
    """Return whether a character only changes the letter before it."""
    return char == JOINER_APART or category(char).startswith("M")


def _can_attach(name: str, char: str) -> bool:
    """Return whether an attached character can be drawn; the joiner is nothing to draw, but means something to shaping only."""
    return can_shape() if char == JOINER_APART else _has(name, char)


@lru_cache(maxsize=KEPT_LETTERS)
def _has(name: str, char: str) -> bool:
    """Return whether a font has its own shape for a character."""
    return _shape(name, char) != _missing(name)


@lru_cache(maxsize=16)
def _missing(name: str) -> tuple[tuple[int, int], bytes]:
    """Return the box that a font draws for a missing letter."""
    return _shape(name, NO_LETTER)


def _shape(name: str, char: str) -> tuple[tuple[int, int], bytes]:
    """Return what a font draws for a single character, without shaping."""
    mask = _probe(name).getmask(char)
    return mask.size, bytes(mask)


@lru_cache(maxsize=16)
def _probe(name: str) -> ImageFont.FreeTypeFont:
    """Return a font as it is asked for its letters."""
    return ImageFont.truetype(BytesIO(_content(name)), PROBE_SIZE, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=16)
def _content(name: str) -> bytes:
    """Return the bytes of a bundled font."""
    return (FONT_FOLDER / name).read_bytes()


def _readable(name: str) -> bool:
    """Return whether a bundled font is there and is one."""
    try:
        font(name, PROBE_SIZE)
    except OSError:
        return False
    return True
