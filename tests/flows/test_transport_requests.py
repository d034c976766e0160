import io
import json
import logging
import traceback
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

import pytest
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartParser
from telegram import Bot, InputFile, InputMediaDocument, InputMediaPhoto
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest

from bot.telegram.aiohttp_request import AiohttpRequest
from tests.flows.carriers import SECRET, SHORT, Carrier, both, failed, ours, theirs, uploading
from tests.flows.rude import Caller, answer, polite, rude
from tests.flows.standin_place import picture

PROXY_SETTINGS = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a test sets is set."""
    for name in PROXY_SETTINGS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def form(caller: Caller) -> list[tuple[object, ...]]:
    """The fields and files of a connection's last request, in an order of their own."""
    head, body = caller.heads[-1], caller.bodies[-1]
    headers = Headers(dict(line.split(": ", 1) for line in head.splitlines()[1:] if line))
    kind = headers.get("content-type", "")
    if kind == "application/json":
        given = json.loads(body)
        return sorted((name, value if isinstance(value, str) else json.dumps(value)) for name, value in given.items())
    if "multipart" not in kind:
        return sorted(parse_qsl(body.decode(), keep_blank_values=True))

    async def stream() -> AsyncIterator[bytes]:
        yield body

    parsed = await MultiPartParser(headers, stream()).parse()
    try:
        return sorted(
            [
                (name, value.filename, value.content_type, await value.read())
                if isinstance(value, UploadFile)
                else (name, value)
                for name, value in parsed.multi_items()
            ]
        )
    finally:
        await parsed.close()


SENT = {
    "nothing": {},
    "words": {"chat_id": 7, "text": "Ü & I = 100 %\n<b>?</b>", "silent": True, "rows": [[{"text": "Ja"}]]},
    "a picture": {"chat_id": 7, "photo": InputFile(picture(), filename="you and I.png")},
    "a name in another script": {"document": InputFile(b"{}", filename="я и ты.json"), "caption": "für Kim"},
    "an open file": {"document": InputFile(io.BytesIO(b"abc"), filename="a.txt")},
    "many": {
        "media": [InputMediaPhoto(picture(), caption="one"), InputMediaDocument(b"two", filename="two.bin")],
        "chat_id": 7,
    },
}


@pytest.mark.parametrize("what", SENT)
async def test_both_carriers_send_the_same(what: str) -> None:
    """Parameters, files, their names and kinds arrive alike, whichever carrier brings them."""
    data = uploading(**SENT[what])
    arrived = []
    for carrier in (theirs, ours):
        async with rude(polite) as server, carrier() as request:
            await request.post(f"{server.address}/{SECRET}/send", data)
        (caller,) = server.callers
        arrived.append(await form(caller))
        head = caller.heads[0]
        assert head.startswith(f"POST /{SECRET}/send HTTP/1.1")
        assert BaseRequest.USER_AGENT in head
    assert arrived[0] == arrived[1]
    assert len(arrived[0]) == len(data.json_parameters) + len(data.multipart_data)


async def test_a_large_file_arrives_whole() -> None:
    """What goes out in many pieces is put together again."""
    content = bytes(range(256)) * 4096
    async with rude(polite) as server, ours() as request:
        await request.post(f"{server.address}/{SECRET}/send", uploading(document=content))
    (found,) = await form(server.callers[0])
    assert found[-1] == content


GOOD = b'{"ok": true, "result": {"message_id": 7}}'
UNREAD = [
    ("editMessageText", GOOD, "True"),
    ("sendMessage", GOOD, "{'message_id': 7}"),
    ("editMessageText", GOOD[:-9], "TelegramError('Invalid server response')"),
]


@pytest.mark.faulty
@pytest.mark.parametrize(("method", "said", "read"), UNREAD, ids=str)
async def test_an_answer_that_nobody_reads_counts_as_a_bare_yes(method: str, said: bytes, read: str) -> None:
    """Of a call whose result is not wanted only a whole, good answer is a yes; others keep what they said."""

    async def say(caller: Caller) -> None:
        await caller.hear()
        await caller.say(answer(said))

    async with rude(say) as server, AiohttpRequest(unread=["editMessageText"]) as request:
        try:
            told = repr(await request.post(f"{server.address}/{SECRET}/{method}"))
        except TelegramError as error:
            told = repr(error)
    assert told == read


@both
async def test_a_file_is_fetched(carrier: Carrier) -> None:
    """What Telegram keeps comes as it is, by a GET without a body."""

    async def file(caller: Caller) -> None:
        await caller.hear()
        await caller.say(answer(b"a picture"))

    async with rude(file) as server, carrier() as request:
        assert await request.retrieve(f"{server.address}/file/{SECRET}/photo.jpg") == b"a picture"
    assert server.callers[0].heads[0].startswith(f"GET /file/{SECRET}/photo.jpg")
    assert server.callers[0].bodies == [b""]


@both
async def test_a_carrier_opens_and_closes_again(carrier: Carrier) -> None:
    """It may be closed twice, and opened anew; closed, it carries nothing."""
    async with rude(polite) as server:
        request = carrier()
        await request.initialize()
        await request.initialize()
        url = f"{server.address}/{SECRET}/getMe"
        assert await request.post(url) is True
        await request.shutdown()
        await request.shutdown()
        with pytest.raises(NetworkError, match=r"initiali[sz]ed"):
            await request.post(url)
        await request.initialize()
        assert await request.post(url) is True
        await request.shutdown()
    assert len(server.callers) == 2


async def test_the_library_carries_its_calls_with_it() -> None:
    """A bot of the library works with our carrier for both of its lines."""

    async def introduced(caller: Caller) -> None:
        while await caller.hear():
            await caller.say(
                answer(
                    b'{"ok": true, "result": {"id": 42, "is_bot": true, "first_name": "You", "username": "you_bot"}}'
                )
            )

    async with (
        rude(introduced) as server,
        Bot("42:made-up", f"{server.address}/bot", request=ours(), get_updates_request=ours()) as bot,
    ):
        assert bot.username == "you_bot"


WAYS = [
    ({"HTTP_PROXY": "http://{proxy}"}, "http://telegram.example", "POST http://telegram.example/"),
    ({"http_proxy": "{proxy}"}, "http://telegram.example:8081", "POST http://telegram.example:8081/"),
    ({"ALL_PROXY": "http://{proxy}"}, "http://telegram.example", "POST http://telegram.example/"),
    ({"HTTPS_PROXY": "http://{proxy}"}, "https://telegram.example", "CONNECT telegram.example:443"),
    ({"HTTP_PROXY": "http://{proxy}", "NO_PROXY": "other.example"}, "http://telegram.example", "POST http://tele"),
    ({"HTTP_PROXY": "http://you:I%21@{proxy}"}, "http://telegram.example", "POST http://telegram.example/"),
]


@both
@pytest.mark.parametrize(("setting", "to", "line"), WAYS, ids=str)
async def test_proxies_of_the_environment_are_used(
    carrier: Carrier, setting: dict[str, str], to: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual variables say which way a call takes, with the name and password that stand in them."""

    async def proxy(caller: Caller) -> None:
        await caller.hear()
        await caller.say(answer() if caller.heads[0].startswith("POST") else answer(b"", "403 Forbidden"))

    async with rude(proxy) as server:
        for name, value in setting.items():
            monkeypatch.setenv(name, value.format(proxy=f"127.0.0.1:{server.port}"))
        async with carrier() as request:
            if "https" in to:
                error = await failed(request, to)
                assert type(error) is NetworkError
                if carrier is ours:
                    assert type(error.__cause__).__name__ == "Unreachable"
            else:
                assert await request.post(f"{to}/{SECRET}/getMe") is True
    (head,) = server.callers[0].heads
    assert head.startswith(line)
    assert ("proxy-authorization: basic" in head.lower()) is ("@" in str(setting))


@both
@pytest.mark.parametrize("exempt", ["127.0.0.1", "*", "one.example,127.0.0.1"])
async def test_some_servers_need_no_proxy(carrier: Carrier, exempt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What NO_PROXY names is called straight."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", exempt)
    async with rude(polite) as server, carrier() as request:
        assert await request.post(f"{server.address}/{SECRET}/getMe") is True


async def hang_up(caller: Caller) -> None:
    """Read and close."""
    await caller.hear()


async def babble(caller: Caller) -> None:
    """Answer in no known language."""
    await caller.hear()
    await caller.say(b"220 mail.example ready\r\n\r\n")


async def be_silent(caller: Caller) -> None:
    """Say nothing, until the caller goes."""
    await caller.hear()
    await caller.hear()


@pytest.mark.parametrize("manner", [hang_up, babble, be_silent])
async def test_no_error_tells_the_token(manner: object, caplog: pytest.LogCaptureFixture) -> None:
    """Neither an error nor anything that it was caused by holds the address, even without redaction."""
    caplog.set_level(logging.DEBUG)
    told = []
    async with rude(manner) as server, ours(read=SHORT, connect=SHORT) as request:
        for url in (server.address, server.address.replace("http:", "https:"), "http://127.0.0.1:1"):
            error = await failed(request, url)
            told.append("".join(traceback.format_exception(error)))
            told.append(repr(error.__cause__))
    assert "made-up" not in "".join(told)
    assert not [each for each in caplog.records if each.name.startswith("aiohttp")]
