import subprocess
import sys

import pytest
from PIL import Image

from bot import memory
from bot.pictures import card, grounds, history, portrait
from bot.pictures.style import style
from tests.processes import ROOT, environment

ROOM = 7_000_000
"""Bytes that all pictures kept after the warm-up may take; it was 26 million when grounds were kept whole."""

COUNT = """
import gc
from PIL import Image
from bot.pictures.painter import warm
warm()
held = {id(each.im): each for each in gc.get_objects() if isinstance(each, Image.Image)}
print(len(held), sum(each.width * each.height * len(each.getbands()) * (4 if each.mode == "F" else 1) for each in held.values()))
"""
"""What a fresh process says after its warm-up: how many images it keeps, and their bytes."""


def test_the_warm_up_keeps_little() -> None:
    """What the painter keeps ready while nobody wants a picture has a bound."""
    said = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", COUNT], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    images, room = map(int, said.stdout.split())
    assert images > 20
    assert room < ROOM


@pytest.mark.parametrize("size", [(1080, 716), (1, 1), (grounds.STEP, grounds.STEP), (grounds.STEP + 1, 95)])
def test_a_kept_ground_looks_the_same(size: tuple[int, int]) -> None:
    """A ground laid from its parts has every pixel of the one that was drawn, whatever its size."""
    paper, other = (244, 237, 228), (1, 2, 3)
    image = Image.new("RGB", size, paper)
    image.paste(other, (size[0] // 3, 0, size[0] // 3 + 70, 64))
    image.paste((9, 8, 7), (0, size[1] - 1, size[0], size[1]))
    image.putpixel((size[0] - 1, size[1] // 2), other)
    assert grounds.kept(image, paper).laid().tobytes() == image.tobytes()


def test_a_ground_is_laid_anew_for_every_picture() -> None:
    """What is painted upon one picture is on no other."""
    ground = portrait._ground(style().one, 1, 0)
    ground.laid().paste((0, 0, 0), (0, 0, 1080, 700))
    assert ground.laid().getpixel((286, 270)) == style().colours.plate


def test_plain_parts_of_a_ground_take_no_room() -> None:
    """Paper, plates and panels are kept as a colour: at most a third of any ground is kept as pixels."""
    words = ("you", "I", "Engulfed", "Integrated")
    for ground in (
        portrait._ground(style().two, 2, 0),
        history._ground(style().histories, ("I", "you"), words, "Neither measures love."),
        card._ground(),
    ):
        pieces = [part for part, _ in ground.parts if isinstance(part, Image.Image)]
        assert 3 * sum(piece.width * piece.height for piece in pieces) < ground.size[0] * ground.size[1]


def test_without_glibc_nothing_is_asked_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the C library is another one, or none can be looked at, memory is left to it."""

    def nowhere(_name: None) -> None:
        raise OSError

    monkeypatch.setattr(memory.ctypes, "CDLL", nowhere)
    memory._glibc.cache_clear()
    try:
        memory.share_one_heap()
        memory.give_back()
        assert memory._glibc() is None
    finally:
        memory._glibc.cache_clear()
