"""The demo as a visitor meets it: the real bot, the stand-in, the page, and a browser."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.commands.demo import free_socket, serving
from bot.settings import Settings
from tests.browser.chromium import needs_chromium

PATIENCE = 15.0
"""Seconds for one thing that one waits for; a walk of twenty answers is waited for thrice as long."""

ROOM = {"width": 1280, "height": 860}
TALL = {"width": 1280, "height": 980}
"""A window in which the phones have their full height."""

pytestmark = needs_chromium


class Demo:
    """`python -m bot demo` in a thread of its own."""

    def __init__(self) -> None:
        self.address = ""
        self._loop = asyncio.new_event_loop()
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="demo", daemon=True)

    def start(self) -> str:
        """Serve, and return the address."""
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        assert self._failure is None, self._failure
        return self.address

    def stop(self) -> None:
        """Serve no more."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        assert self._failure is None, self._failure

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as failure:  # noqa: BLE001 - the test's own thread raises it
            self._failure = failure
            self._ready.set()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _serve(self) -> None:
        async with serving(Settings(), free_socket(0)) as self.address:
            self._ready.set()
            await self._over.wait()


class Visit:
    """A visitor's page, and what the browser had to say about it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(address)
        self.kim, self.noor = page.locator(".left"), page.locator(".right")

    def keep(self, name: str) -> None:
        """Keep a picture of the page, where somebody wants some."""
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.wait_for_timeout(400)  # what moves in comes to rest
            self.page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """The demo, just opened."""
    expect.set_options(timeout=PATIENCE * 1000)
    demo = Demo()
    address = demo.start()
    context = browser.new_context(viewport=ROOM, timezone_id="UTC", reduced_motion="reduce")
    yield Visit(context.new_page(), address)
    context.close()
    demo.stop()


def tap(phone: Locator, label: str) -> None:
    """Tap the newest button with these words."""
    phone.get_by_role("button", name=label, exact=True).last.click()


def answer(phone: Locator, then: str) -> None:
    """Let the page answer the rest, until a message begins so."""
    phone.locator(".rest").click()
    expect(phone.locator(".message", has_text=then).last).to_be_visible(timeout=3 * PATIENCE * 1000)


def newest(phone: Locator) -> Locator:
    """The newest message of a chat."""
    return phone.locator(".message").last


def test_two_visitors_come_to_a_comparison(visit: Visit) -> None:
    """From two empty phones to both comparisons, by thumbs alone, without a complaint or a foreign address."""
    kim, noor = visit.kim, visit.noor
    visit.keep("1-empty")
    tap(kim, "Start")
    expect(newest(kim)).to_contain_text("Hello. This is You & I.")
    visit.keep("2-welcome")
    tap(kim, "I'm 18 or over, let's begin")
    expect(kim.get_by_role("button", name="Very true")).to_be_visible()
    visit.keep("3-question")
    answer(kim, "Only you can see this.")
    visit.keep("4-own-picture")

    tap(kim, "Invite your partner")
    tap(kim, "Kim")
    expect(newest(kim)).to_contain_text("t.me")
    visit.keep("5-invitation")
    tap(kim, "Send the invitation")
    noor.locator(".note").get_by_role("button", name="Open the invitation").click()
    expect(newest(noor)).to_contain_text("Kim invites you to You & I.")
    visit.keep("6-invited")
    tap(noor, "I choose this freely")
    tap(noor, "Noor")
    expect(newest(noor)).to_contain_text("You and Kim are a pair now.")
    expect(newest(kim)).to_contain_text("You and Noor are a pair now.")
    visit.keep("7-paired")
    tap(noor, "Begin")
    answer(noor, "Only you can see this.")

    for phone, offer in ((noor, "What may Kim see?"), (kim, "Show this picture")):
        tap(phone, offer)
        tap(phone, "Sizes and words")
        tap(phone, "Share this")
        expect(newest(phone)).to_contain_text("That is all for this week.")
    visit.keep("8-chosen")
    visit.page.get_by_role("button", name="Opens in a minute: skip").click()
    expect(newest(kim)).to_contain_text("Noor:")
    expect(newest(noor)).to_contain_text("Kim:")
    for phone in (kim, noor):
        picture = newest(phone).get_by_role("button", name="Picture").locator("img")
        expect(picture).to_be_visible()
        assert picture.evaluate("async image => { await image.decode(); return image.naturalWidth }") > 0
    visit.keep("9-compared")
    visit.page.set_viewport_size(TALL)
    for phone in (kim, noor):
        expect(phone.locator(".toast.shown")).to_have_count(0)
        newest(phone).get_by_role("button", name="Picture").evaluate("picture => picture.scrollIntoView()")
    visit.keep("two-phones")

    assert visit.complaints == []
    assert all(url.startswith(visit.address) for url in visit.requests)


def test_starting_over_begins_anew(visit: Visit) -> None:
    """After starting over both phones are empty, and the bot knows nobody."""
    tap(visit.kim, "Start")
    tap(visit.kim, "I'm 18 or over, let's begin")
    expect(visit.kim.get_by_role("button", name="Very true")).to_be_visible()
    visit.page.get_by_role("button", name="Start over").click()
    visit.page.locator("#sure").get_by_role("button", name="Start over").click()
    expect(visit.kim.locator(".message")).to_have_count(0)
    tap(visit.kim, "Start")
    expect(newest(visit.kim)).to_contain_text("Hello. This is You & I.")
    assert visit.complaints == []
