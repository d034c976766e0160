"""The demo as a visitor meets it: the real bot, the stand-in, the page, and a browser."""

import asyncio
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.telegram.courier import TelegramCourier
from tests.browser.chromium import needs_chromium
from tests.browser.demo import PATIENCE, Demo

ROOM = {"width": 1280, "height": 860}
TALL = {"width": 1280, "height": 980}
"""A window in which the phones have their full height."""

pytestmark = needs_chromium


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

    def try_it(self) -> "Visit":
        """Choose to play both phones oneself."""
        self.page.get_by_role("button", name="Try it yourself").click()
        return self

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


def tell_clock(phone: Locator) -> None:
    """Say where one lives, so that weekly questions can come."""
    for words in ("/settings", "Berlin"):
        phone.get_by_role("textbox").fill(words)
        phone.get_by_role("textbox").press("Enter")
        if words == "/settings":
            tap(phone, "Your clock")
            expect(newest(phone)).to_contain_text("What time is it for you now?")
    phone.get_by_role("button", name=re.compile("^Berlin")).last.click()
    expect(newest(phone)).to_contain_text("Your clock: Berlin")


def newest(phone: Locator) -> Locator:
    """The newest message of a chat."""
    return phone.locator(".message").last


def test_two_visitors_come_to_a_comparison(visit: Visit) -> None:
    """From two empty phones to both comparisons, by thumbs alone, without a complaint or a foreign address."""
    kim, noor = visit.try_it().kim, visit.noor
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

    tell_clock(kim)
    next_week = visit.page.get_by_role("button", name="Next week")
    for _ in range(2):  # nobody is asked within four days of a check-in, so the first week may bring nothing
        next_week.click()
        expect(next_week).to_be_enabled()
    expect(kim.locator(".message", has_text="Your weekly questions are ready.").first).to_be_visible()

    assert visit.complaints == []
    assert all(url.startswith(visit.address) for url in visit.requests)


def test_starting_over_begins_anew(visit: Visit) -> None:
    """After starting over both phones are empty, and the bot knows nobody."""
    tap(visit.try_it().kim, "Start")
    tap(visit.kim, "I'm 18 or over, let's begin")
    expect(visit.kim.get_by_role("button", name="Very true")).to_be_visible()
    visit.page.get_by_role("button", name="Start over").click()
    visit.page.locator("#sure").get_by_role("button", name="Start over").click()
    expect(visit.kim.locator(".message")).to_have_count(0)
    tap(visit.try_it().kim, "Start")
    expect(newest(visit.kim)).to_contain_text("Hello. This is You & I.")
    assert visit.complaints == []


A_MONTH = 90.0
"""Seconds for the whole play without its pauses, on a machine that does other things too."""

A_LOOK = 0.02
"""Seconds between two looks at what another thread allows."""


def test_a_month_can_be_played(visit: Visit) -> None:
    """The play reaches its end by the buttons alone, with a silent week and a talk in it, and the phones are free after."""
    visit.keep("0-opening")
    visit.page.goto(f"{visit.address}?pace=0")
    visit.page.get_by_role("button", name="Play a month").click()
    caption = visit.page.locator("#caption-text")
    expect(caption).to_contain_text("A Wednesday evening.")
    expect(caption).to_contain_text("That was a month.", timeout=A_MONTH * 1000)
    said = {phone: phone.locator(".theirs .text").all_inner_texts() for phone in (visit.kim, visit.noor)}
    for phone, texts in said.items():
        assert sum("There is no comparison this week." in text for text in texts) == 1
        assert phone.locator(".picture").count() > 4
    for phone, other in ((visit.kim, "Noor"), (visit.noor, "Kim")):
        assert sum("side by side" in text and f"{other}: " in text for text in said[phone]) == 3
    # Each typed the last words of a talk; the bot's own messages of it were edited since.
    expect(visit.kim.locator(".mine", has_text="How you laugh")).to_have_count(1)
    expect(visit.noor.locator(".mine", has_text="Your patience")).to_have_count(1)
    assert any("For an ordinary day" in text or "an ordinary day" in text for text in said[visit.kim])
    expect(visit.page.get_by_role("button", name="Stop")).to_be_hidden()
    cut = "labels => labels.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
    assert visit.page.locator(".keyboard button span").evaluate_all(cut) == []
    visit.kim.get_by_role("textbox").fill("/help")
    visit.kim.get_by_role("textbox").press("Enter")
    expect(newest(visit.kim)).to_contain_text("/checkin")
    assert visit.complaints == []
    assert all(url.startswith(visit.address) for url in visit.requests)


def test_the_play_waits_for_what_is_on_its_way(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that comes by itself would push away the button that is tapped next: nobody plays on before it is there."""
    sends, may_go = TelegramCourier.send, threading.Event()

    async def sends_late(*args: Any, **kwargs: Any) -> Any:
        while not may_go.is_set():
            await asyncio.sleep(A_LOOK)
        return await sends(*args, **kwargs)

    monkeypatch.setattr(TelegramCourier, "send", sends_late)
    visit.page.goto(f"{visit.address}?pace=0")
    visit.page.get_by_role("button", name="Play a month").click()
    expect(visit.noor.locator(".theirs", has_text="are a pair now")).to_have_count(1, timeout=A_MONTH * 1000)
    visit.page.wait_for_timeout(1000)  # far longer than it takes to type a command
    expect(visit.page.locator(".mine", has_text="/settings")).to_have_count(0)
    may_go.set()
    expect(visit.page.locator("#caption-text")).to_contain_text("Noor answers too")
    visit.page.get_by_role("button", name="Stop", exact=True).first.click()
    expect(visit.page.locator("#caption-text")).to_contain_text("Stopped.")


def test_the_play_can_be_stopped(visit: Visit) -> None:
    """Stop ends the play at once; what was played stays, and the phones belong to the visitor."""
    visit.page.get_by_role("button", name="Play a month").click()
    expect(visit.kim.get_by_role("button", name="Very true")).to_be_visible()
    visit.page.get_by_role("button", name="Stop", exact=True).first.click()
    expect(visit.page.locator("#caption-text")).to_contain_text("Stopped.")
    tap(visit.kim, "Skip")
    expect(visit.kim.get_by_role("button", name="Back")).to_be_visible()
