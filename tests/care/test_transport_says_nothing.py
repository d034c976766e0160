"""Whatever goes wrong on the way to Telegram: the token is in the address, and in no error, log or traceback."""

import asyncio
import gc
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from unittest.mock import patch

import pytest
from telegram.error import TelegramError

from bot.scenes.screen import Button, Screen, Tap
from bot.telegram import transport
from bot.telegram.aiohttp_request import Timeouts
from bot.telegram.errors import trail
from bot.telegram.intake import Intake
from bot.telegram.posting import Address, post
from bot.telegram.transport import Line, connect
from tests.care.talkative import NAME, SAID, TOKEN, talkative, told
from tests.driver import A_WEDNESDAY, StoryClock
from tests.flows.rude import LONG, Caller, Manner, answer, be_silent, hang_up, reset, rude

pytestmark = pytest.mark.faulty

SHORT = 0.2
"""Seconds of patience."""
LONGEST = 30.0
"""Seconds that a test may take: it fails then, rather than hang."""
CALLS = 3
"""A message with words, a file with words, and a question for updates."""

SCREEN = Screen(f"{NAME} says {SAID}", ((Button("Menu", tap=Tap("home")),),), Tap("home"))


async def babble(caller: Caller) -> None:
    """Answer in no known language, with all that was said."""
    await caller.hear()
    await caller.say(b"220 " + quoted(caller) + b"\r\n\r\n")


async def stop_halfway(caller: Caller) -> None:
    """Announce more than is sent, and close."""
    await caller.hear()
    await caller.say(answer(quoted(caller) * 2)[:-9])


def quoted(caller: Caller) -> bytes:
    """What the caller said, address and all, as many an error page repeats it."""
    return caller.heads[-1].encode().replace(b"\r\n", b" ") + caller.bodies[-1].replace(b"\r\n", b" ")


def saying(status: str, form: Callable[[bytes], bytes], **fields: str) -> Manner:
    """A server that answers like this, with all that was said."""

    async def manner(caller: Caller) -> None:
        while await caller.hear():
            await caller.say(answer(form(quoted(caller)), status, **fields))

    return manner


def page(said: bytes) -> bytes:
    """A page of a web server that is out of order."""
    return b"<html><body><h1>Internal Server Error</h1><pre>" + said + b"</pre></body></html>"


def refusal(said: bytes) -> bytes:
    """The form of the Bot API, with words that it never says."""
    words = said.decode("utf-8", "replace").replace("\\", "").replace('"', "'")
    return f'{{"ok": false, "error_code": 400, "description": "Bad Request: {words}"}}'.encode()


MANNERS: dict[str, Manner] = {
    "closes": hang_up,
    "resets": reset,
    "is silent": be_silent,
    "babbles": babble,
    "stops halfway": stop_halfway,
    "is out of order": saying("500 Internal Server Error", page, Content_Type="text/html"),
    "is no Bot API": saying("404 Not Found", page, Content_Type="text/html"),
    "wants a login": saying("407 Proxy Authentication Required", page, Proxy_Authenticate="Basic"),
    "sends elsewhere": saying("302 Found", page, Location=f"http://127.0.0.1:1/bot{TOKEN}/getMe"),
    "says no JSON": saying("200 OK", lambda said: b'{"ok": true, "result": ' + said),
    "says another thing": saying("200 OK", lambda _: f'{{"ok": true, "result": "{TOKEN}"}}'.encode()),
    "refuses with all its words": saying("400 Bad Request", refusal),
}


@asynccontextmanager
async def nobody_there() -> AsyncIterator[str]:
    """An address at which nothing listens."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def line_to(root: str) -> AsyncIterator[Line]:
    """The real lines, with little patience, opened without asking who the bot is."""
    short = Timeouts(pool=LONG, connect=LONG, write=LONG, media_write=LONG, read=SHORT)
    with patch.object(transport, "TIMEOUTS", short), patch.object(transport, "POLL_SLACK", 0.0):
        line = connect(TOKEN, root)
        carriers = (line.bot._request[0], line.bot._request[1])
        for carrier in carriers:
            await carrier.initialize()
        try:
            yield line
        finally:
            for carrier in carriers:
                await carrier.shutdown()


def calls(line: Line) -> list[Callable[[], Awaitable[object]]]:
    """What is tried."""
    album: Any = None
    return [
        lambda: post(line.bot, album, Address(7, None), SCREEN),
        lambda: line.bot.send_document(7, f"{NAME}: {SAID}".encode(), caption=SAID, filename="all.json"),
        lambda: line.poll.get_updates(offset=1, seconds=SHORT, allowed=("message",)),
    ]


async def everything_said_of(root: str) -> tuple[list[Exception], str]:
    """What the calls to an address raise; and all that is logged, by us, by the libraries and by the event loop."""
    errors = []
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    try:
        with talkative() as stream:
            async with asyncio.timeout(LONGEST), line_to(root) as line:
                for call in calls(line):
                    try:
                        await call()
                    except Exception as error:  # noqa: BLE001 -- the library stumbles over an answer of another kind
                        errors.append(error)
                forgotten = [asyncio.ensure_future(call()) for call in calls(line)]
                await asyncio.wait(forgotten)
                forgotten.clear()
                await polled(line)
            gc.collect()
            await asyncio.sleep(0.01)
    finally:
        loop.set_debug(False)
    return errors, stream.getvalue()


async def polled(line: Line) -> None:
    """Let the real loop ask for updates, until it waits for the second time."""
    pauses = 0

    async def pause(_seconds: float) -> None:
        nonlocal pauses
        pauses += 1
        if pauses > 1:
            raise EOFError

    store: Any = None
    intake = Intake(
        poll=line.poll, store=store, hand=lambda _: None, clock=StoryClock(A_WEDNESDAY), poll_seconds=SHORT, sleep=pause
    )
    with suppress(EOFError, TelegramError):
        await intake.run()


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that it arose from, also what is not told of it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("name", [*MANNERS, "is not there", "is not there behind a proxy", "is a rude proxy"])
async def test_no_trouble_on_the_way_tells_the_token(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused, cut off, silent or out of its mind: no log, at any level, holds the token or a word of what was sent."""
    async with at(name, monkeypatch) as root:
        errors, logged = await everything_said_of(root)
    assert len(errors) == CALLS
    assert "Task exception was never retrieved" in logged
    assert told(logged) == []
    for error in errors:
        assert told(trail(error)) == []
        if name == "refuses with all its words":
            continue  # these are the words of the other side, which an error keeps; nobody writes them down
        for each in chain(error):
            assert told(f"{each!r} {each}") == [], type(each)
        assert told("".join(traceback.format_exception(error))) == []


@asynccontextmanager
async def at(name: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Where it goes wrong like this."""
    monkeypatch.setenv("NO_PROXY", "")
    if name == "is a rude proxy":
        async with rude(MANNERS["wants a login"]) as server:
            monkeypatch.setenv("HTTP_PROXY", server.address)
            yield "http://telegram.invalid"
    elif name in MANNERS:
        async with rude(MANNERS[name]) as server:
            yield server.address
    else:
        async with nobody_there() as address:
            if "proxy" in name:
                monkeypatch.setenv("HTTP_PROXY", address)
            yield "http://telegram.invalid" if "proxy" in name else address
