"""`make tour`: the README's pictures and its short animated tour, made from the demo by one command."""

import io
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import launched
from tests.browser.demo import Demo

DOCS = Path(__file__).parent.parent.parent / "docs"
WINDOW = {"width": 1180, "height": 900}
PACE = 1.0
"""How long the play's pauses last, as a part of what a visitor gets."""

EVERY = 0.5
"""Seconds between two looks."""

WIDE = 720
"""Pixels: what a README shows without scaling on a phone held sideways."""

QUALITY = 55
LONGEST = 2400
"""Milliseconds that one look stays at most: while something is read."""

A_MOMENT = 600
"""Milliseconds until what was scrolled has come to rest."""

LIMIT = 400.0
"""Seconds after which the play must have ended."""


def frames(page: Page) -> list[tuple[Image.Image, int]]:
    """Looks at the play, each with how long it stays; a look that shows nothing new lengthens the one before."""
    taken: list[tuple[Image.Image, int]] = []
    end = time.monotonic() + LIMIT
    over, last = False, b""
    while not over and time.monotonic() < end:
        over = page.locator("#caption").get_attribute("data-scene") == "playOver"
        shot = page.screenshot()
        if shot == last:
            image, stays = taken[-1]
            taken[-1] = (image, min(LONGEST, stays + round(EVERY * 1000)))
        else:
            picture = Image.open(io.BytesIO(shot)).convert("RGB")
            small = picture.resize((WIDE, round(picture.height * WIDE / picture.width)), Image.Resampling.LANCZOS)
            taken.append((small, round(EVERY * 1000)))
        last = shot
        page.wait_for_timeout(EVERY * 1000)
    assert over, page.locator("#caption-text").text_content()
    return taken


def main() -> None:
    """Write docs/tour.webp and docs/two-phones.png."""
    demo = Demo()
    address = demo.start()
    with sync_playwright() as playwright, launched(playwright) as browser:
        context = browser.new_context(viewport=WINDOW, timezone_id="Europe/Berlin", reduced_motion="reduce")
        page = context.new_page()
        page.goto(f"{address}?pace={PACE}")
        page.get_by_role("button", name="Play a month").wait_for()
        page.get_by_role("button", name="Play a month").click()
        looks = frames(page)
        for phone in page.locator(".phone").all():
            compared = phone.locator(".message", has_text="side by side").last
            compared.evaluate("message => message.scrollIntoView({ block: 'start' })")
        page.wait_for_timeout(A_MOMENT)
        page.screenshot(path=DOCS / "two-phones.png")
    demo.stop()
    images, stays = zip(*looks, strict=True)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "tour.webp"
        first, *others = images
        first.save(made, save_all=True, append_images=others, duration=list(stays), loop=0, quality=QUALITY, method=4)
        (DOCS / "tour.webp").write_bytes(made.read_bytes())
    print(f"{len(images)} looks, {sum(stays) / 1000:.0f} s, {(DOCS / 'tour.webp').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
