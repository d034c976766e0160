"""The bundled fonts: what they hold, and what becomes known of those that are missing."""

from pathlib import Path

import pytest
from PIL import ImageFont

from bot.pictures import fonts
from bot.pictures.fonts import report

FOLDER = Path(str(fonts.FONT_FOLDER))


@pytest.mark.parametrize("name", report().found)
def test_a_font_has_what_it_draws(name: str) -> None:
    """A letter is in a font's map if the font draws anything else for it than its box for a missing letter."""
    probe = ImageFont.truetype(str(FOLDER / name), 24, layout_engine=ImageFont.Layout.BASIC)

    def drawn(char: str) -> tuple[tuple[int, int], bytes]:
        mask = probe.getmask(char)
        return mask.size, bytes(mask)

    missing = drawn("\uffff")
    chosen = (*range(0x20, 0x180, 5), *range(0x370, 0x780, 7), *range(0x1E00, 0x2130, 31), 0x674E, 0x1F338)
    letters = [char for char in map(chr, chosen) if not fonts.is_attached(char) and char.isprintable()]
    assert [fonts._has(name, char) for char in letters] == [drawn(char) != missing for char in letters]


def test_the_fonts_are_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``check`` learns which fonts are there and which are missing, without an error."""
    assert report().missing == ()
    assert len(report().found) == 4
    for cache in (fonts.font, fonts._content):
        cache.cache_clear()
    monkeypatch.setattr(fonts, "FONT_FOLDER", tmp_path)
    assert report().found == ()
    monkeypatch.undo()
    assert report().missing == ()


def test_every_font_has_its_licence_beside_it() -> None:
    """A bundled font is never without the licence that it must travel with."""
    for path in FOLDER.glob("*.ttf"):
        family = "Noto" if path.name.startswith("Noto") else "Vollkorn"
        assert "SIL OPEN FONT LICENSE" in (FOLDER / f"{family}-LICENSE.txt").read_text("utf-8")
