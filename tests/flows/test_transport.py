import asyncio
import gzip
import re
import socket
from typing import Any

import pytest
from telegram.error import NetworkError, TelegramError, TimedOut

from bot.telegram.aiohttp_request import Cut, PoolFull, Silence, Unreachable
from tests.flows.carriers import SECRET, SHORT, Carrier, both, failed, ours, theirs, uploading
from tests.flows.rude import LONG, Caller, Manner, Rude, answer, be_silent, hang_up, polite, reset, rude

pytestmark = pytest.mark.faulty

QUOTED = re.compile(r"(?<=Parsing the server response ).*(?= failed)")
"""What the library repeats of a page that it cannot read."""

BIG = 24 * 1024 * 1024
"""Bytes: more than the buffers of two sockets take."""


async def stop_halfway(caller: Caller) -> None:
    """Announce more than is sent, and close."""
    await caller.hear()
    await caller.say(answer(b'{"ok": true, "result": true}')[:-9])


async def stall_halfway(caller: Caller) -> None:
    """Announce more than is sent, and say no more."""
    await stop_halfway(caller)
    await asyncio.sleep(LONG)


async def babble(caller: Caller) -> None:
    """Answer in no known language."""
    await caller.hear()
    await caller.say(b"220 mail.example ready\r\n\r\n")


async def never_read(_caller: Caller) -> None:
    """Take the connection and not a byte from it."""
    await asyncio.sleep(LONG)


AFTER_IT_LEFT: dict[Manner, tuple[type[TelegramError], type[Exception]]] = {
    hang_up: (NetworkError, Cut),
    reset: (NetworkError, Cut),
    be_silent: (TimedOut, Silence),
    stop_halfway: (NetworkError, Cut),
    stall_halfway: (TimedOut, Silence),
    babble: (NetworkError, Cut),
}


@both
@pytest.mark.parametrize("manner", AFTER_IT_LEFT)
async def test_what_breaks_after_the_request_left_is_unknown_and_not_repeated(carrier: Carrier, manner: Manner) -> None:
    """Both carriers raise the same kind of error, ours says that nobody knows, and the server hears the call once."""
    kind, why = AFTER_IT_LEFT[manner]
    async with rude(manner) as server, carrier(read=SHORT) as request:
        error = await failed(request, server.address)
    assert type(error) is kind
    assert server.heard == 1
    if carrier is ours:
        assert type(error.__cause__) is why


async def nobody(_server: Rude) -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


async def no_name(_server: Rude) -> str:
    """An address that no name server knows."""
    return "http://nobody.invalid"


async def no_handshake(server: Rude) -> str:
    """A server that is silent where a handshake should be."""
    return server.address.replace("http:", "https:")


@both
@pytest.mark.parametrize(("where", "kind"), [(nobody, NetworkError), (no_name, NetworkError), (no_handshake, TimedOut)])
async def test_what_never_left_is_known_as_such(carrier: Carrier, where: Any, kind: type[TelegramError]) -> None:
    """Without a connection both carriers raise the same kind of error, and ours says that nothing was sent."""
    async with rude(never_read) as server, carrier(connect=SHORT) as request:
        error = await failed(request, await where(server))
    assert type(error) is kind
    assert server.heard == 0
    if carrier is ours:
        assert type(error.__cause__) is Unreachable


@both
async def test_a_full_pool_is_waited_for_and_then_given_up(carrier: Carrier) -> None:
    """With every connection in use a call waits as long as it may, and surely was not sent."""
    async with rude(be_silent) as server, carrier(pool_size=1) as request:
        first = asyncio.create_task(failed(request, server.address, read_timeout=3 * SHORT))
        while not server.heard:
            await asyncio.sleep(0)
        error = await failed(request, server.address, pool_timeout=SHORT)
        assert isinstance(error, TimedOut)
        assert "Pool timeout" in error.message
        assert not first.done()
        if carrier is ours:
            assert type(error.__cause__) is PoolFull
        waiting = asyncio.create_task(failed(request, server.address, pool_timeout=None, read_timeout=SHORT))
        assert isinstance(await first, TimedOut)
        assert isinstance(await waiting, TimedOut)
    assert server.heard == 2


@both
async def test_a_cancelled_call_gives_its_connection_back(carrier: Carrier) -> None:
    """Whoever stops waiting for an answer takes no place in the pool any more."""

    async def silent_once(caller: Caller) -> None:
        await (be_silent if caller.number == 1 else polite)(caller)

    async with rude(silent_once) as server, carrier(pool_size=1, pool=SHORT) as request:
        call = asyncio.create_task(request.post(f"{server.address}/{SECRET}/getMe"))
        while not server.heard:
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await request.post(f"{server.address}/{SECRET}/getMe") is True


@both
async def test_a_call_may_bring_its_own_patience(carrier: Carrier) -> None:
    """A timeout given with a call holds instead of the one from the start; None waits for as long as it takes."""

    async def slow(caller: Caller) -> None:
        while await caller.hear():
            await asyncio.sleep(2 * SHORT)
            await caller.say(answer())

    async with rude(slow) as server, carrier(read=SHORT) as request:
        assert request.read_timeout == SHORT
        url = f"{server.address}/{SECRET}/getMe"
        assert isinstance(await failed(request, server.address), TimedOut)
        assert await request.post(url, read_timeout=LONG) is True
        assert await request.post(url, read_timeout=None) is True


@both
async def test_a_server_that_takes_nothing_is_given_up(carrier: Carrier) -> None:
    """An upload of which the network takes no more piece in time ends; nobody knows what arrived."""
    async with rude(never_read) as server, carrier(media_write=SHORT) as request:
        error = await failed(request, server.address, request_data=uploading(document=bytes(BIG)))
    assert type(error) is TimedOut
    if carrier is ours:
        assert type(error.__cause__) is Silence


@both
async def test_connections_are_kept(carrier: Carrier) -> None:
    """Calls one after the other use one connection; one that the server closed in between is not used again."""

    async def twice(caller: Caller) -> None:
        for _ in range(2):
            await caller.hear()
            await caller.say(answer())

    async with rude(twice) as server, carrier() as request:
        for _ in range(5):
            assert await request.post(f"{server.address}/{SECRET}/getMe") is True
            await asyncio.sleep(0.02)  # the server's goodbye arrives
    assert [len(caller.heads) for caller in server.callers] == [2, 2, 1]


@both
async def test_a_goodbye_that_crosses_with_a_call_is_unknown(carrier: Carrier) -> None:
    """A call on a kept connection that the server is just closing is never sent a second time by itself."""

    async def once(caller: Caller) -> None:
        await polite(caller) if caller.number > 1 else None
        await caller.hear()
        await caller.say(answer())
        await caller.hear()
        await caller.break_off()

    async with rude(once) as server, carrier() as request:
        assert await request.post(f"{server.address}/{SECRET}/getMe") is True
        error = await failed(request, server.address)
        assert type(error) is NetworkError
        if carrier is ours:
            assert type(error.__cause__) is Cut
        assert [len(caller.heads) for caller in server.callers] == [2]
        assert await request.post(f"{server.address}/{SECRET}/getMe") is True


ANSWERS = {
    "fine": answer(),
    "fine, packed": answer(gzip.compress(b'{"ok": true, "result": true}'), Content_Encoding="gzip"),
    "no JSON": answer(b"<html>"),
    "bad": answer(b'{"ok": false, "description": "Bad Request: chat not found"}', "400 Bad Request"),
    "unauthorised": answer(b'{"ok": false, "description": "Unauthorized"}', "401 Unauthorized"),
    "blocked": answer(b'{"ok": false, "description": "Forbidden: bot was blocked by the user"}', "403 Forbidden"),
    "no method": answer(b'{"ok": false, "description": "Not Found"}', "404 Not Found"),
    "two pollers": answer(b'{"ok": false, "description": "Conflict"}', "409 Conflict"),
    "too many": answer(
        b'{"ok": false, "description": "Too Many Requests", "parameters": {"retry_after": 7}}', "429 Too Many Requests"
    ),
    "moved chat": answer(
        b'{"ok": false, "description": "moved", "parameters": {"migrate_to_chat_id": -100}}', "400 Bad Request"
    ),
    "out of order": answer(b'{"ok": false, "description": "Internal"}', "500 Internal Server Error"),
    "a gateway": answer(b"<html>bad gateway</html>", "502 Bad Gateway"),
    "elsewhere": answer(b"", "302 Found", Location="/elsewhere"),
    "a teapot": answer(b"{}", "418 I'm a teapot"),
}


@pytest.mark.parametrize("said", ANSWERS)
async def test_every_answer_means_what_it_means_to_the_library(said: str) -> None:
    """Both carriers give the same result, or the same error in the same words, but ours repeats no page; nothing is asked twice."""
    told = []
    for carrier in (theirs, ours):

        async def reply(caller: Caller) -> None:
            while await caller.hear():
                await caller.say(ANSWERS[said])

        async with rude(reply) as server, carrier() as request:
            try:
                told.append(repr(await request.post(f"{server.address}/{SECRET}/getMe")))
            except TelegramError as error:
                told.append(repr(error))
        assert server.heard == 1
    assert QUOTED.sub("", told[0]) == QUOTED.sub("", told[1])
