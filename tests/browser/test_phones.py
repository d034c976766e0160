import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

import pytest
import uvicorn
from playwright.sync_api import Browser, Locator, Page, expect
from starlette.applications import Starlette

from bot.demo.clock import ShiftableClock
from bot.demo.page import MOMENT, routes
from tests.browser.chromium import needs_chromium
from tests.colour import contrast
from tests.two_phones import ANSWERS, KIM, NOOR, START, STATEMENTS, FakePacemaker, FakePhones, furnish

PATIENCE = 5.0  # seconds, for everything that one waits for

READABLE = 4.5  # WCAG 2.2, 1.4.3
A_LINE = 20  # pixels

pytestmark = needs_chromium


class Demo:
    """A furnished page behind a real server on a free port."""

    def __init__(self) -> None:
        self.clock = ShiftableClock(START)
        self.phones = FakePhones(self.clock)
        self.pacemaker = FakePacemaker(self.clock, timedelta(hours=2), timedelta(days=3))
        furnish(self.phones)
        app = Starlette(routes=routes(self.phones, self.pacemaker, self.clock, restart=self.restart))
        config = uvicorn.Config(
            app, host="127.0.0.1", port=0, log_level="error", timeout_graceful_shutdown=1, lifespan="off", ws="none"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    async def restart(self) -> None:
        """Empty both chats."""
        for chat in self.phones.chats.values():
            chat.clear()

    def start(self) -> str:
        """Serve, and return the address."""
        self.thread.start()
        eventually(lambda: self.server.started)
        return f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        """Serve no more."""
        self.server.should_exit = True
        self.thread.join(PATIENCE)


class Visit:
    """A page that somebody opened, and what the browser had to say about it."""

    def __init__(self, demo: Demo, page: Page, address: str) -> None:
        self.demo, self.page, self.address = demo, page, address
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(address)
        self.left, self.right = page.locator(".left"), page.locator(".right")
        expect(self.left.locator(".message").first).to_be_visible()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A fresh demo, opened."""
    expect.set_options(timeout=PATIENCE * 1000)
    demo = Demo()
    address = demo.start()
    context = browser.new_context(viewport={"width": 1280, "height": 860}, timezone_id="UTC", reduced_motion="reduce")
    yield Visit(demo, context.new_page(), address)
    context.close()
    demo.stop()


def eventually(true: object) -> None:
    """Wait until a condition holds."""
    assert callable(true)
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_page_needs_nothing_from_elsewhere(visit: Visit) -> None:
    """The page loads without a complaint and asks nobody but its own server."""
    expect(visit.page.locator("#now")).to_contain_text("Sun, 11 Oct 2026, 17:00")
    expect(visit.page.locator("#phones h2")).to_have_text(["Kim's phone", "Noor's phone"])
    assert visit.complaints == []
    assert all(url.startswith(visit.address) for url in visit.requests)


def test_what_the_bot_says_is_never_markup(visit: Visit) -> None:
    """Formatting comes from entities alone; markup in a text stays text."""
    body = visit.left.locator(".text", has_text="No markup")
    expect(body).to_contain_text("<b>No markup</b>")
    expect(body.locator("b")).to_have_count(0)
    caption = visit.left.locator(".text", has_text="Your pictures differ")
    expect(caption.locator("strong")).to_have_text("Your pictures differ.")
    expect(caption.locator("strong em")).to_have_text("pictures")


def test_a_tap_reaches_the_bot_and_its_notice_passes(visit: Visit) -> None:
    """A tap is passed on as that person, and the passing notice is shown on that phone."""
    visit.left.get_by_role("button", name="Talk about it").click()
    expect(visit.left.get_by_role("status")).to_have_text("Noted: Talk about it")
    expect(visit.right.get_by_role("status")).to_be_empty()
    assert visit.demo.phones.deeds == [("tap", KIM.user_id, 2, "Talk about it")]
    assert visit.demo.clock.now() >= START + MOMENT


def test_a_notice_that_wants_an_ok_waits(visit: Visit) -> None:
    """An alert stays until it is closed."""
    visit.demo.phones.add(
        KIM.user_id, text="Soon", reply_markup={"inline_keyboard": [[{"text": "Ask", "callback_data": "alert"}]]}
    )
    visit.left.get_by_role("button", name="Ask").click()
    alert = visit.page.locator("#alert")
    expect(alert).to_contain_text("Noted: alert")
    alert.get_by_role("button", name="OK").click()
    expect(alert).to_be_hidden()


def test_a_picture_opens_larger(visit: Visit) -> None:
    """A picture is shown in the chat, opens larger, and Escape closes it."""
    visit.left.get_by_role("button", name="Picture").click()
    large = visit.page.locator("#large")
    expect(large).to_be_visible()
    eventually(lambda: large.locator("img").evaluate("image => image.naturalWidth") == 640)
    visit.page.keyboard.press("Escape")
    expect(large).to_be_hidden()


def test_hidden_and_folded_texts_open(visit: Visit) -> None:
    """A spoiler and a folded quotation open at a tap."""
    spoiler = visit.left.get_by_role("button", name="Hidden text")
    spoiler.press("Enter")
    expect(visit.left.locator(".spoiler.shown")).to_have_text("Secret.")
    more = visit.left.get_by_role("button", name="Show more")
    more.click()
    expect(visit.left.get_by_role("button", name="Show less")).to_have_attribute("aria-expanded", "true")


def test_a_silent_message_says_so(visit: Visit) -> None:
    """Only a message that came silently carries the sign."""
    expect(visit.left.get_by_role("img", name="Came without a sound")).to_have_count(1)
    expect(visit.right.get_by_role("img", name="Came without a sound")).to_have_count(0)


def test_a_button_copies_its_text(visit: Visit) -> None:
    """A copy button puts its text on the clipboard, says so, and asks the bot nothing."""
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    key(visit, "Copy the code").click()
    expect(visit.left.get_by_role("status")).to_have_text("Copied")
    assert visit.page.evaluate("navigator.clipboard.readText()") == "7K3M-9QXA"
    assert visit.demo.phones.deeds == []


def test_a_file_can_be_downloaded(visit: Visit) -> None:
    """A document arrives under its own name with its own bytes."""
    with visit.page.expect_download() as waiting:
        visit.left.get_by_role("link", name="you-and-i.json").click()
    assert waiting.value.suggested_filename == "you-and-i.json"
    assert waiting.value.path().read_bytes() == visit.demo.phones.files["BQAC-export"]


STYLES = ("primary", "success", "danger")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_styles_can_be_read(visit: Visit, theme: Literal["light", "dark"]) -> None:
    """A button of each style has a ground of its own, and its words stand out from it by the WCAG's 4.5 to 1."""
    show_styles(visit)
    visit.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    grounds = set()
    for style in STYLES:
        words, ground = (colour(key(visit, style), name) for name in ("color", "background-color"))
        assert contrast(words, ground) >= READABLE, style
        grounds.add(ground)
    assert len(grounds) == len(STYLES)


def test_styles_differ_where_colours_are_forced(visit: Visit) -> None:
    """Where the visitor's system sets the colours, each style still has a border of its own."""
    show_styles(visit)
    visit.page.emulate_media(forced_colors="active")
    borders = [css(key(visit, label), "border-top-style") for label in (*STYLES, "plain")]
    assert len(
        set(zip(borders, [css(key(visit, label), "border-top-width") for label in (*STYLES, "plain")], strict=True))
    ) == len(borders)


def show_styles(visit: Visit) -> None:
    """A message on Kim's phone with a button of each style, and a plain one."""
    rows = [[{"text": style, "callback_data": style, "style": style}] for style in STYLES]
    visit.demo.phones.add(
        KIM.user_id, text="Styles", reply_markup={"inline_keyboard": [*rows, [{"text": "plain", "callback_data": "p"}]]}
    )
    expect(key(visit, "plain")).to_be_visible()


def key(visit: Visit, label: str) -> Locator:
    """A button on Kim's phone."""
    return visit.left.get_by_role("button", name=label, exact=True)


def css(node: Locator, name: str) -> str:
    """What a property of an element comes to."""
    return str(node.evaluate("(node, name) => getComputedStyle(node).getPropertyValue(name)", name))


def colour(node: Locator, name: str) -> tuple[int, int, int]:
    """A colour of an element."""
    red, green, blue = (int(level) for level in re.findall(r"\d+", css(node, name))[:3])
    return red, green, blue


def test_a_long_message_is_read_from_its_beginning(visit: Visit) -> None:
    """What is longer than the screen shows its beginning, and a button leads to its end and goes."""
    down = visit.left.get_by_role("button", name="To the end of the chat")
    expect(down).to_be_hidden()
    text = "\n".join(f"Line {number}" for number in range(80))
    visit.demo.phones.add(
        KIM.user_id, text=text, reply_markup={"inline_keyboard": [[{"text": "Go", "callback_data": "p"}]]}
    )
    go = key(visit, "Go")
    expect(go).to_be_attached()
    expect(go).not_to_be_in_viewport()
    message, log = (part.bounding_box() for part in (visit.left.locator(".message").last, visit.left.locator(".log")))
    assert message is not None
    assert log is not None
    assert 0 <= message["y"] - log["y"] < A_LINE
    down.click()
    expect(go).to_be_in_viewport()
    expect(down).to_be_hidden()


def test_what_a_link_brings_is_not_shown(visit: Visit) -> None:
    """As in Telegram's apps a chat shows that somebody pressed Start, not the code that the link brought along."""
    visit.demo.phones.add(KIM.user_id, bot=False, text="/start abcDEF123")
    expect(visit.left.locator(".mine .text").last).to_have_text(re.compile(r"^/start\d\d:\d\d$"))


def test_an_invitation_goes_to_the_other_phone(visit: Visit) -> None:
    """A shared text stands on the other phone, and its link opens the bot there."""
    visit.left.get_by_role("button", name="Send", exact=True).first.click()
    note = visit.right.locator(".note")
    expect(note).to_contain_text("Kim, in your own chat")
    expect(note).to_contain_text("Shall we try this?")
    note.get_by_role("button", name="Open the invitation").click()
    expect(visit.right.locator(".message").last).to_contain_text("Kim invites you")
    visit.left.get_by_role("button", name="Open on Noor's phone").click()
    expect(visit.right.locator(".message", has_text="Kim invites you")).to_have_count(2)
    assert visit.demo.phones.deeds == [("open", NOOR.user_id, "abcDEF123")] * 2


def test_a_keyboard_is_enough(visit: Visit) -> None:
    """Without a mouse: choose a command from the menu, type, send, and answer twice from the same place."""
    entry = visit.right.get_by_role("textbox")
    entry.focus()
    visit.page.keyboard.type("/s")
    expect(visit.right.locator(".menu button")).to_have_text(["/startWhere you left off", "/safetyHelp and safety"])
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")
    expect(visit.right.locator(".mine").last).to_contain_text("/safety")
    expect(entry).to_be_focused()
    visit.page.keyboard.type("hello")
    visit.page.keyboard.press("Enter")
    expect(visit.right.locator(".mine").last).to_contain_text("hello")
    visit.right.get_by_role("button", name="Half true").focus()
    for statement in STATEMENTS[1:3]:
        visit.page.keyboard.press("Enter")
        expect(visit.right.locator(".text", has_text=statement)).to_be_visible()
        expect(visit.right.get_by_role("button", name="Half true")).to_be_focused()


def test_the_rest_is_answered_until_the_questions_end(visit: Visit) -> None:
    """The page taps one answer a question and stops at the first question of another kind; the keyboard's place stays in that chat."""
    visit.right.get_by_role("button", name="Answer the rest").click()
    expect(visit.right.get_by_role("button", name="More of both")).to_be_visible()
    expect(visit.right.locator(".rest")).to_be_hidden()
    expect(visit.right.get_by_role("log")).to_be_focused()
    taps = [str(deed[3]).split(":") for deed in visit.demo.phones.deeds]
    assert [int(number) for _, number, _ in taps] == list(range(len(STATEMENTS)))
    assert all(0 <= int(answer) < len(ANSWERS) for _, _, answer in taps)


def test_answering_can_be_stopped(visit: Visit) -> None:
    """Stop ends it at once; the questions stay where they are."""
    visit.right.locator(".rest").click()
    visit.right.get_by_role("button", name="Stop").click()
    expect(visit.right.get_by_role("button", name="Answer the rest")).to_be_visible()
    done = len(visit.demo.phones.deeds)
    visit.page.wait_for_timeout(500)
    assert len(visit.demo.phones.deeds) == done < len(STATEMENTS)


def test_the_visitor_moves_time(visit: Visit) -> None:
    """Next goes to the next due instant, and with nothing left it rests."""
    visit.page.get_by_role("button", name="Next", exact=True).click()
    expect(visit.page.locator("#now")).to_contain_text("19:00")
    expect(visit.page.locator("#due")).to_contain_text("Wed 14 Oct, 17:00")
    visit.page.get_by_role("button", name="Next week").click()
    expect(visit.page.locator("#due")).to_have_text("nothing is planned")
    expect(visit.page.get_by_role("button", name="Next", exact=True)).to_be_disabled()


def test_silence_has_a_reason(visit: Visit) -> None:
    """When a week passes and neither phone says so the page tells why, until something comes."""
    why = visit.page.locator("#caption")
    visit.page.get_by_role("button", name="Next week").click()
    expect(why).to_contain_text("Nothing was due on either phone.")
    settled = visit.demo.pacemaker.settled

    async def settled_with_news() -> None:
        visit.demo.phones.add(KIM.user_id, text="Time for your questions")
        await settled()

    visit.demo.pacemaker.settled = settled_with_news  # type: ignore[method-assign]
    visit.page.get_by_role("button", name="Next week").click()
    expect(why).to_be_hidden()


def test_what_opens_within_a_minute_can_be_skipped_to(visit: Visit) -> None:
    """When something is due within a minute, the page offers to skip to it."""
    visit.demo.pacemaker.due.insert(0, visit.demo.clock.now() + timedelta(seconds=45))
    visit.left.get_by_role("button", name="Another").click()
    visit.page.get_by_role("button", name="Opens in a minute: skip").click()
    eventually(lambda: visit.demo.pacemaker.stops)
    expect(visit.page.locator("#soon")).to_be_hidden()


def test_starting_over_asks_first(visit: Visit) -> None:
    """Starting over asks once, then both phones are empty and can begin again."""
    visit.page.get_by_role("button", name="Start over").click()
    visit.page.get_by_role("button", name="Keep going").click()
    expect(visit.left.locator(".message").first).to_be_visible()
    visit.page.get_by_role("button", name="Start over").click()
    visit.page.locator("#sure").get_by_role("button", name="Start over").click()
    visit.page.get_by_role("button", name="Try it yourself").click()
    expect(visit.left.get_by_role("button", name="Start")).to_be_focused()
    visit.left.get_by_role("button", name="Start").click()
    expect(visit.left.locator(".message").last).to_contain_text("Hello. This is You & I.")
    expect(visit.right.get_by_role("button", name="Start")).to_be_visible()


def test_a_tablet_has_room_for_both_phones(visit: Visit) -> None:
    """On a tablet both phones stand side by side, equally wide and whole, whatever their messages say."""
    visit.page.set_viewport_size({"width": 800, "height": 1100})
    label = "A label of one line that no phone has room for, however wide"
    for person in (KIM, NOOR):
        visit.demo.phones.add(
            person.user_id, text="Long", reply_markup={"inline_keyboard": [[{"text": label, "callback_data": "p"}]]}
        )
    for phone in (visit.left, visit.right):
        expect(phone.get_by_role("button", name=label)).to_be_visible()
    left, right = (phone.bounding_box() for phone in (visit.left, visit.right))
    assert left is not None
    assert right is not None
    assert left["x"] >= 0
    assert left["x"] + left["width"] < right["x"]
    assert right["x"] + right["width"] <= 800
    assert left["width"] == right["width"]


def test_a_narrow_window_stacks_the_phones(visit: Visit) -> None:
    """Below tablet width the phones stand one above the other, and nothing sticks out."""
    visit.page.set_viewport_size({"width": 600, "height": 900})
    left, right = (phone.bounding_box() for phone in (visit.left, visit.right))
    assert left is not None
    assert right is not None
    assert right["y"] >= left["y"] + left["height"]
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 600
