"""`python -m tests.sheet` (or `make sheet`): renews the goldens and the contact sheet; look at both before committing."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from bot.pictures.painter import paint
from tests.colour import EYES, picture_seen
from tests.gallery import GALLERY, GOLDENS, small

SHEET = Path(__file__).parents[1] / "docs" / "contact-sheet.jpg"
WIDTH = 320
"""Of a bubble: about a phone's."""
GAP = 20
COLUMNS = 6
ROUNDING = 16
QUALITY = 82
CHATS = {"light": (200, 221, 200), "dark": (14, 22, 33)}
"""Grounds of Telegram's own themes."""
WITH_OTHER_EYES = ("between", "pair", "histories-12", "card")


def bubble(image: Image.Image, ground: tuple[int, int, int]) -> Image.Image:
    """A picture as it stands in a chat: small, with round corners."""
    image = small(image, WIDTH)
    mask = Image.new("L", (4 * image.width, 4 * image.height))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), 4 * ROUNDING, fill=255)
    tile = Image.new("RGB", image.size, ground)
    tile.paste(image, mask=mask.reduce(4))
    return tile


def block(images: Iterable[Image.Image], ground: tuple[int, int, int]) -> Image.Image:
    """Bubbles in columns, each placed where there is most room."""
    bubbles = [bubble(image, ground) for image in images]
    heights = [GAP] * COLUMNS
    places = []
    for each in bubbles:
        column = heights.index(min(heights))
        places.append((GAP + column * (WIDTH + GAP), heights[column]))
        heights[column] += each.height + GAP
    sheet = Image.new("RGB", (GAP + COLUMNS * (WIDTH + GAP), max(heights)), ground)
    for each, place in zip(bubbles, places, strict=True):
        sheet.paste(each, place)
    return sheet


def stacked(blocks: list[Image.Image]) -> Image.Image:
    """Blocks below each other."""
    whole = Image.new("RGB", (blocks[0].width, sum(each.height for each in blocks)))
    top = 0
    for each in blocks:
        whole.paste(each, (0, top))
        top += each.height
    return whole


def main() -> None:
    """Paint everything once more."""
    painted = {name: Image.open(BytesIO(paint(picture))).convert("RGB") for name, picture in GALLERY.items()}
    for path in GOLDENS.iterdir():
        path.unlink()
    for name, image in painted.items():
        small(image).save(GOLDENS / f"{name}.png", optimize=True)
    others = [matrix for name, matrix in EYES.items() if name != "full colour"]
    elsewhere = [picture_seen(painted[name], matrix) for matrix in others for name in WITH_OTHER_EYES]
    names = list(painted)
    blocks = [
        block((painted[name] for name in names), CHATS["light"]),
        block((painted[name] for name in names[::3]), CHATS["dark"]),
        block(elsewhere, CHATS["light"]),
    ]
    stacked(blocks).save(SHEET, quality=QUALITY, optimize=True)
    print(f"{len(painted)} goldens in {GOLDENS}, and {SHEET} ({SHEET.stat().st_size // 1000} KB)")


if __name__ == "__main__":
    main()
