"""A stand-in on a real port, with real clients, for the tests that talk to it over HTTP."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import telegram
from PIL import Image
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.request import HTTPXRequest

from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn

TOKEN = "42:test-token"
KIM = 7
PATIENCE = 10
PULSE = 0.01
KEYBOARD = InlineKeyboardMarkup(
    [[InlineKeyboardButton("Yes", callback_data="v1:yes"), InlineKeyboardButton("Read", url="https://a.org/")]]
)


@dataclass
class Place:
    """A stand-in that is being served."""

    stand_in: StandIn
    root: str
    instants: list[datetime]
    bots: list[telegram.Bot] = field(default_factory=list)

    async def bot(self, token: str = TOKEN, seconds: float = PATIENCE) -> telegram.Bot:
        """A real client of this server."""
        request, polling = (
            HTTPXRequest(read_timeout=seconds, httpx_kwargs={"trust_env": False, "verify": False}) for _ in range(2)
        )
        bot = telegram.Bot(token, f"{self.root}/bot", f"{self.root}/file/bot", request, polling)
        await request.initialize()
        await polling.initialize()
        self.bots.append(bot)
        return bot

    async def raw(self, verb: str, path: str, **options: Any) -> httpx.Response:
        """One plain request to this server."""
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.request(verb, f"{self.root}{path}", **options)


@asynccontextmanager
async def served() -> AsyncIterator[Place]:
    """A served stand-in to which Kim has written."""
    instants = [datetime(2026, 3, 1, 19, 0, 0, 500_000, tzinfo=UTC)]
    stand_in = StandIn(TOKEN, now=lambda: instants[-1], allow_loopback_webhook=True, webhook_backoff=(0.0, 0.01))
    stand_in.add_user(KIM, "Kim", "de")
    stand_in.open_link(KIM, "ABC")
    async with serving(create_app(stand_in), stand_in) as root:
        here = Place(stand_in, root, instants)
        yield here
        for bot in here.bots:
            await bot.shutdown()
            for request in bot._request:
                await request.shutdown()


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something to happen."""
    for _ in range(int(PATIENCE / PULSE)):
        if happened():
            return
        await asyncio.sleep(PULSE)
    pytest.fail("it did not happen")


def picture(width: int = 600, height: int = 300) -> bytes:
    """A picture to upload."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()
