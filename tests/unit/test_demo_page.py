import json
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

import httpx
import pytest
from starlette.applications import Starlette

from bot.demo.clock import ShiftableClock
from bot.demo.errands import LARGEST_ERRAND
from bot.demo.page import FOLDER, MOMENT, Desk, routes
from bot.demo.phones import Happening
from tests.two_phones import KIM, NOOR, START, FakePacemaker, FakePhones, furnish

HERE = "http://127.0.0.1:8000"
PAGE = {"X-Two-Phones": "1"}
ASSETS = ("page.css", "page.js", "chat.js", "rich.js", "answering.js", "leanings.json", "icon.svg")


def browser(app: Starlette) -> httpx.AsyncClient:
    """Asks the application without a socket."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HERE)


class Demo(NamedTuple):
    """All that stands behind the page."""

    web: httpx.AsyncClient
    phones: FakePhones
    clock: ShiftableClock
    pacemaker: FakePacemaker
    restarts: list[str]


@pytest.fixture
def demo() -> Demo:
    """A furnished page with something due in 50 seconds and in three days."""
    clock = ShiftableClock(START, wall=lambda: START)
    phones, pacemaker, restarts = FakePhones(clock), FakePacemaker(clock, timedelta(seconds=50), timedelta(days=3)), []
    furnish(phones)

    async def restart() -> None:
        restarts.append("again")

    app = Starlette(routes=routes(phones, pacemaker, clock, restart=restart))
    return Demo(browser(app), phones, clock, pacemaker, restarts)


async def test_the_page_may_load_nothing_from_elsewhere(demo: Demo) -> None:
    """The page forbids the browser every foreign source, and names none."""
    page = await demo.web.get("/")
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "http" not in page.text


@pytest.mark.parametrize("name", ASSETS)
async def test_the_page_has_all_its_parts(demo: Demo, name: str) -> None:
    """Each part is served with its type, and the browser may not guess another."""
    part = await demo.web.get(f"/page/{name}")
    assert part.status_code == 200
    assert part.headers["x-content-type-options"] == "nosniff"
    assert "text/plain" not in part.headers["content-type"]


@pytest.mark.parametrize("name", ["index.html", "../page.py", "%2e%2e%2fclock.py", "nothing.js"])
async def test_no_other_file_is_served(demo: Demo, name: str) -> None:
    """Only the named parts are served."""
    assert (await demo.web.get(f"/page/{name}")).status_code == 404


def test_no_script_writes_markup() -> None:
    """Bot text cannot become markup: no script has a way to write it."""
    for name in (name for name in ASSETS if name.endswith(".js")):
        script = (FOLDER / name).read_text(encoding="utf-8")
        assert not any(
            way in script for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")
        ), name


async def test_a_phone_shows_its_own_chat(demo: Demo) -> None:
    """Each phone gets its owner's messages, the commands and the other's name."""
    left, right = [(await demo.web.get(f"/phones/{n}")).json() for n in (1, 2)]
    assert (left["name"], left["other"], right["name"]) == ("Kim", "Noor", "Noor")
    assert left["messages"] == demo.phones.chats[KIM.user_id]
    assert right["messages"] == demo.phones.chats[NOOR.user_id]
    assert left["commands"][0] == {"command": "start", "description": "Where you left off"}
    assert left["bot"] == {"name": "You & I", "username": "you_and_i_bot"}


async def test_there_are_two_phones(demo: Demo) -> None:
    """A third phone does not exist."""
    assert [(await demo.web.get(f"/phones/{n}")).status_code for n in (0, 1, 2, 3)] == [404, 200, 200, 404]


@pytest.mark.parametrize(
    ("deed", "errand", "noted"),
    [
        ("say", {"text": "hello"}, ("say", NOOR.user_id, "hello")),
        ("tap", {"message_id": 2, "data": "Skip"}, ("tap", NOOR.user_id, 2, "Skip")),
        ("open", {"payload": "abcDEF123"}, ("open", NOOR.user_id, "abcDEF123")),
    ],
)
async def test_a_deed_reaches_the_right_phone_a_moment_later(
    demo: Demo, deed: str, errand: object, noted: object
) -> None:
    """What the visitor does is passed on, and takes the few seconds that a person needs."""
    reply = await demo.web.post(f"/phones/2/{deed}", json=errand, headers=PAGE)
    assert reply.status_code == 200
    assert demo.phones.deeds == [noted]
    assert demo.clock.now() == START + MOMENT
    assert reply.json()["now"] == (START + MOMENT).timestamp()


async def test_two_answers_are_never_hurried(demo: Demo) -> None:
    """However fast the visitor taps, more than two seconds lie between two answers."""
    times = [demo.clock.now()]
    for data in ("answer:0:1", "answer:1:3"):
        await demo.web.post("/phones/2/tap", json={"message_id": 2, "data": data}, headers=PAGE)
        times.append(demo.clock.now())
    assert all(later - earlier > timedelta(seconds=2) for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    ("deed", "errand", "field"),
    [
        ("say", {}, "text"),
        ("say", {"text": "  "}, "text"),
        ("say", {"text": "x" * 4097}, "text"),
        ("tap", {"message_id": "2", "data": "x"}, "message_id"),
        ("tap", {"message_id": True, "data": "x"}, "message_id"),
        ("tap", {"message_id": 2, "data": 5}, "data"),
        ("open", {"payload": "x" * 65}, "payload"),
        ("share", {"text": None}, "text"),
        ("say", ["text"], "json"),
    ],
)
async def test_an_errand_that_cannot_be_used_is_refused(demo: Demo, deed: str, errand: object, field: str) -> None:
    """A missing or wrong field is named, and nothing happens."""
    reply = await demo.web.post(f"/phones/1/{deed}", json=errand, headers=PAGE)
    assert (reply.status_code, reply.text) == (400, field)
    assert demo.phones.deeds == []
    assert demo.clock.now() == START


async def test_what_a_phone_cannot_do_is_a_conflict(demo: Demo) -> None:
    """A button that has gone meanwhile is a conflict, not a failure."""
    reply = await demo.web.post("/phones/2/tap", json={"message_id": 99, "data": "x"}, headers=PAGE)
    assert reply.status_code == 409


async def test_broken_json_is_refused(demo: Demo) -> None:
    """Content that is not JSON is refused."""
    headers = PAGE | {"Content-Type": "application/json"}
    assert [(await demo.web.post("/clock/day", content=c, headers=headers)).status_code for c in (b"{", b"\xff")] == [
        400,
        400,
    ]
    assert (await demo.web.post("/clock/day", content=b" " * (LARGEST_ERRAND + 1), headers=headers)).status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        (PAGE | {"Origin": "http://evil.example"}, 403),
        (PAGE | {"Origin": "null"}, 403),
        (PAGE | {"Origin": "http://127.0.0.1:9000"}, 403),
        (PAGE | {"Host": "evil.example"}, 403),
        (PAGE | {"Content-Type": "text/plain"}, 415),
        (PAGE | {"Origin": HERE}, 200),
    ],
)
async def test_a_foreign_page_can_do_nothing(demo: Demo, headers: dict[str, str], status: int) -> None:
    """Only this page, from this very address, with JSON, can act."""
    content = json.dumps({"text": "hello"})
    reply = await demo.web.post(
        "/phones/1/say", content=content, headers={"Content-Type": "application/json"} | headers
    )
    assert reply.status_code == status
    assert bool(demo.phones.deeds) == (status == 200)


@pytest.mark.parametrize(
    "path", ["/", "/phones/1", "/phones/events", "/phones/1/files/AgAC-circles", "/clock", "/page/page.js"]
)
async def test_a_foreign_name_for_this_machine_sees_nothing(demo: Demo, path: str) -> None:
    """A foreign name that points here reads nothing, and localhost reads all."""
    assert (await demo.web.get(path, headers={"Host": "evil.example"})).status_code == 403
    if path != "/phones/events":
        assert (await demo.web.get(path, headers={"Host": "localhost:8000"})).status_code == 200


async def test_a_picture_is_shown_and_anything_else_is_a_download(demo: Demo) -> None:
    """Only pictures open in the page; a file that the bot sends never runs there."""
    picture, document = [await demo.web.get(f"/phones/1/files/{name}") for name in ("AgAC-circles", "BQAC-export")]
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content == demo.phones.files["AgAC-circles"]
    assert document.headers["content-type"] == "application/octet-stream"
    assert document.headers["content-disposition"] == "attachment"
    assert (await demo.web.get("/phones/1/files/none")).status_code == 404


async def test_a_shared_text_arrives_on_the_other_phone_only(demo: Demo) -> None:
    """What one person shares stands in the other's phone, after the newest message there, and the bot hears nothing."""
    await demo.web.post("/phones/1/share", json={"text": "Shall we try this?"}, headers=PAGE)
    assert (await demo.web.get("/phones/1")).json()["notes"] == []
    (note,) = (await demo.web.get("/phones/2")).json()["notes"]
    assert note == {"sender": "Kim", "text": "Shall we try this?", "date": (START + MOMENT).timestamp(), "after": 2}
    assert demo.phones.deeds == []


async def test_the_clock_tells_what_is_next(demo: Demo) -> None:
    """The clock says when it is, what is due next, and whether that is within a minute."""
    assert (await demo.web.get("/clock")).json() == {
        "now": START.timestamp(),
        "next_due": START.timestamp() + 50,
        "soon": True,
        "can_restart": True,
    }


@pytest.mark.parametrize(
    ("step", "now", "stops"),
    [
        ("next", timedelta(seconds=50), 1),
        ("minute", timedelta(minutes=1), 2),
        ("day", timedelta(days=1), 2),
        ("week", timedelta(weeks=1), 3),
    ],
)
async def test_the_visitor_moves_the_clock(demo: Demo, step: str, now: timedelta, stops: int) -> None:
    """Each step ends where it should and stops at all that is due on the way."""
    reply = await demo.web.post(f"/clock/{step}", json={}, headers=PAGE)
    assert reply.json()["now"] == (START + now).timestamp()
    assert len(demo.pacemaker.stops) == stops


async def test_there_are_no_other_steps(demo: Demo) -> None:
    """An unknown step moves nothing."""
    assert (await demo.web.post("/clock/year", json={}, headers=PAGE)).status_code == 404
    assert demo.clock.now() == START


async def test_without_a_pacemaker_the_clock_still_moves() -> None:
    """Without knowledge of what is due, a step is only a step, and there is no starting over."""
    clock = ShiftableClock(START, wall=lambda: START)
    web = browser(Starlette(routes=routes(FakePhones(clock), None, clock)))
    assert (await web.post("/clock/next", json={}, headers=PAGE)).json()["now"] == START.timestamp()
    now = (await web.post("/clock/day", json={}, headers=PAGE)).json()
    assert now == {
        "now": (START + timedelta(days=1)).timestamp(),
        "next_due": None,
        "soon": False,
        "can_restart": False,
    }
    assert (await web.post("/phones/restart", json={}, headers=PAGE)).status_code == 404


async def test_starting_over_forgets_what_was_shared(demo: Demo) -> None:
    """Starting over calls the composer once and empties what the page itself kept."""
    await demo.web.post("/phones/1/share", json={"text": "Shall we try this?"}, headers=PAGE)
    assert (await demo.web.post("/phones/restart", json={}, headers=PAGE)).status_code == 200
    assert demo.restarts == ["again"]
    assert (await demo.web.get("/phones/2")).json()["notes"] == []


async def heard(stream: AsyncIterator[str]) -> tuple[str, dict[str, object]]:
    """The next event's name and data."""
    lines = dict(line.split(": ", 1) for line in (await anext(stream)).strip().splitlines())
    return lines["event"], json.loads(lines["data"])


async def test_an_open_page_hears_what_happens() -> None:
    """A page that connects is greeted, then told which phone changed and what notice passes there."""
    clock = ShiftableClock(START)
    phones = FakePhones(clock)
    stream = Desk(phones, None, clock, None).stream()
    assert await heard(stream) == ("hello", {})
    phones.tell(Happening(NOOR.user_id))
    assert await heard(stream) == ("phone", {"phone": 2})
    phones.tell(Happening(KIM.user_id, "Noted", alert=True))
    assert await heard(stream) == ("notice", {"phone": 1, "text": "Noted", "alert": True})
    await stream.aclose()
    assert phones.watches == []


async def test_a_quiet_page_is_still_breathing(monkeypatch: pytest.MonkeyPatch) -> None:
    """When nothing happens, a comment goes out now and then, so that a page that has gone is noticed."""
    monkeypatch.setattr("bot.demo.page.BREATH", 0.001)
    clock = ShiftableClock(START)
    stream = Desk(FakePhones(clock), None, clock, None).stream()
    await anext(stream)
    assert (await anext(stream)).startswith(":")
    await stream.aclose()


async def test_a_stand_in_that_closes_ends_the_stream() -> None:
    """When the stand-in closes its watch, the stream ends, and the page connects again."""
    clock = ShiftableClock(START)

    class Closing(FakePhones):
        async def watch(self) -> AsyncIterator[Happening]:
            yield Happening(KIM.user_id)

    stream = Desk(Closing(clock), None, clock, None).stream()
    assert [name async for name in stream][1:] == ['event: phone\ndata: {"phone": 1}\n\n']
