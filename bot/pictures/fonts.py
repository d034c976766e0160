"""The bundled fonts: which are there, and which of them has a letter."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from struct import iter_unpack, unpack_from
from unicodedata import category, normalize

from PIL import ImageFont, features

from bot.pictures.style import style

FONT_FOLDER = files("prompts") / "fonts"

PROBE_SIZE = 24
"""Type size in pixels at which it is tried whether a font can be read."""

SEGMENTS = 4
"""The format of a character map that lists stretches of code points up to `LAST`."""

LAST = 0xFFFF
"""The end of every such map; never a letter."""

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


def _has(name: str, char: str) -> bool:
    """Return whether a font has its own shape for a character."""
    return ord(char) in _characters(name)


@lru_cache(maxsize=16)
def _characters(name: str) -> frozenset[int]:
    """Return the code points that a font has a shape for, from its character map (OpenType 1.9, "cmap")."""
    content = _content(name)
    (tables,) = unpack_from(">H", content, 4)
    places = {tag: offset for tag, _, offset, _ in iter_unpack(">4sIII", content[12 : 12 + 16 * tables])}
    cmap = places[b"cmap"]
    (maps,) = unpack_from(">H", content, cmap + 2)
    found: set[int] = set()
    for _, _, offset in iter_unpack(">HHI", content[cmap + 4 : cmap + 4 + 8 * maps]):
        (kind,) = unpack_from(">H", content, cmap + offset)
        if kind == SEGMENTS:
            found.update(_segments(content, cmap + offset))
    return frozenset(found - {LAST})


def _segments(content: bytes, at: int) -> Iterator[int]:
    """Yield the code points of a character map of format 4, which holds all that the bundled fonts have."""
    (twice,) = unpack_from(">H", content, at + 6)
    row = f">{twice // 2}H"
    ends, starts, deltas, ranges = (unpack_from(row, content, at + 14 + place) for place in _rows(twice))
    for number, (end, start, delta, shift) in enumerate(zip(ends, starts, deltas, ranges, strict=True)):
        for code in range(start, end + 1):
            glyph = code
            if shift:
                (glyph,) = unpack_from(">H", content, at + 16 + 3 * twice + 2 * number + shift + 2 * (code - start))
            if glyph and (glyph + delta) % (LAST + 1):
                yield code


def _rows(twice: int) -> tuple[int, int, int, int]:
    """Return where the four rows of a map of format 4 begin: two bytes of padding follow the first."""
    return 0, twice + 2, 2 * twice + 2, 3 * twice + 2


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
