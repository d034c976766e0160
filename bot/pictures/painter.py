"""A picture's description becomes JPEG bytes."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from io import BytesIO
from json import dumps

from PIL import Image, ImageFile

from bot.memory import give_back
from bot.pictures.card import draw_card
from bot.pictures.fonts import FontReport, report
from bot.pictures.history import draw_history
from bot.pictures.portrait import draw_portrait
from bot.pictures.style import style
from bot.scenes.screen import Circle, Drawing, Figure, History, InvitationCard, Moment, Picture, Span, Track

__all__ = ["FontReport", "ThreadPainter", "digest", "paint", "report", "warm"]

HALF = 50.0
"""The middle of the scale of sizes."""

BLOCK = 4096
"""Bytes that the encoder makes at a time: about 0.2 ms of work."""

SCRIPTS = ("Aa Бб Γγ", "אב اب")
"""Letters of every script that a bundled font is for: looking for one the first time means opening fonts."""


# The encoder lets other threads take their turn between blocks only: with Pillow's 64 KiB a picture is one block, and whoever
# taps would wait for it for 3 ms. The bytes are the same.
ImageFile.MAXBLOCK = BLOCK


def paint(picture: Picture) -> bytes:
    """Return a picture as JPEG: the same description gives the same bytes.

    Raises:
        ValueError: When a drawing has not one figure or two, a size is not a number, or a link does not fit into a code.
        OSError: When a bundled font is missing.
    """
    image = _draw(picture)
    content = BytesIO()
    image.save(content, "JPEG", quality=style().canvas.quality, subsampling="4:2:0")
    return content.getvalue()


def _draw(picture: Picture) -> Image.Image:
    match picture:
        case Drawing():
            return draw_portrait(picture)
        case History():
            return draw_history(picture)
        case InvitationCard():
            return draw_card(picture)


def digest(picture: Picture) -> str:
    """Return a name for a picture that changes whenever it would look different: 64 hexadecimal characters."""
    content = dumps([style().version, type(picture).__name__, asdict(picture)], sort_keys=True)
    return sha256(content.encode()).hexdigest()


@cache
def warm() -> None:
    """Paint what nobody sees, once: so the first picture that somebody waits for finds type, masks and grounds ready.

    Raises:
        OSError: When a bundled font is missing.
    """
    letters, *_ = SCRIPTS
    middle = Circle(letters, HALF, HALF - HALF / 4, HALF + HALF / 4, HALF)
    week = Moment(Span(HALF, 0, 2 * HALF), Span(HALF, 0, 2 * HALF))
    for names in ((None,), SCRIPTS):
        paint(Drawing(tuple(Figure(name, middle, middle) for name in names), letters))
        paint(History(tuple(Track(name, (week,)) for name in names), letters, letters, letters, letters, letters))
    paint(InvitationCard(letters, "https://t.me/", letters))


class ThreadPainter:
    """Paints beside the event loop, one picture after the other in one thread."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="painter")

    def warm_up(self) -> None:
        """Get type, masks and grounds ready, in the thread, and keep no memory beyond them.

        Raises:
            RuntimeError: After `close`.
        """
        self._thread.submit(warm)
        self._thread.submit(give_back)

    async def paint(self, picture: Picture) -> bytes:
        """Return a picture as JPEG.

        Raises:
            ValueError: As `paint` does.
            RuntimeError: After `close`.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, paint, picture)

    def close(self) -> None:
        """Let the picture at hand be finished, and end the thread."""
        self._thread.shutdown(wait=True, cancel_futures=True)
