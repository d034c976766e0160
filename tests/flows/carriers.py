"""Two carriers of calls side by side: the library's own, whose meaning holds, and ours."""

from collections.abc import Callable
from typing import Any

import pytest
from telegram import InputFile
from telegram.error import TelegramError
from telegram.request import BaseRequest, HTTPXRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.telegram.aiohttp_request import AiohttpRequest, Timeouts
from tests.flows.rude import LONG

SECRET = "bot42:made-up"
SHORT = 0.2
"""Seconds of patience where a test lets it run out."""


def ours(pool_size: int = 4, **seconds: float | None) -> AiohttpRequest:
    """Our carrier."""
    return AiohttpRequest(
        pool_size=pool_size, timeouts=Timeouts(**dict.fromkeys(("pool", "connect", "write", "read"), LONG) | seconds)
    )


def theirs(pool_size: int = 4, **seconds: float | None) -> HTTPXRequest:
    """The library's own carrier, set up alike."""
    names = {"media_write": "media_write_timeout"}
    given = {names.get(name, f"{name}_timeout"): value for name, value in seconds.items()}
    patient = dict.fromkeys(("pool_timeout", "connect_timeout", "write_timeout", "read_timeout"), LONG)
    return HTTPXRequest(connection_pool_size=pool_size, httpx_kwargs={"verify": False}, **(patient | given))


Carrier = Callable[..., BaseRequest]
both = pytest.mark.parametrize("carrier", [theirs, ours])


async def failed(carrier: BaseRequest, url: str, **given: Any) -> TelegramError:
    """What a call raises that goes wrong."""
    with pytest.raises(TelegramError) as caught:
        await carrier.post(f"{url}/{SECRET}/getMe", **given)
    return caught.value


def uploading(**given: object) -> RequestData:
    """Parameters and files of a call, collected as the library's `Bot` does it; bytes are files."""
    files = {name: InputFile(value) if isinstance(value, bytes) else value for name, value in given.items()}
    return RequestData([RequestParameter.from_input(name, value) for name, value in files.items()])
