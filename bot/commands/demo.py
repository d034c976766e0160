"""`python -m bot demo`: the same program against the local stand-in for Telegram, with two phones on one page."""

import asyncio
import contextlib
import secrets
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from bot import app, listening
from bot.commands.stopping import run_until_stopped
from bot.demo import page, server
from bot.demo.clock import ShiftableClock
from bot.demo.phones import Owner, StandInPhones
from bot.demo.standin import StandIn
from bot.settings import SQLITE, Settings
from bot.trouble import Trouble

PORTS_TRIED = 50
OWNERS = (Owner(1001, "Kim"), Owner(1002, "Noor"))
LANGUAGE = "en"


def run(settings: Settings, *, port: int) -> int:
    """Serve the page until stopped."""
    run_until_stopped(_serve(settings, port))
    return 0


async def _serve(settings: Settings, port: int) -> None:
    async with serving(settings, free_socket(port)) as address:
        print(f"You & I, on two phones: {address}")
        print("Stop with Ctrl+C. What happens here stays in a temporary folder and goes with it.", flush=True)
        await asyncio.Event().wait()


def free_socket(first: int) -> socket.socket:
    """A listening socket on the first free port from *first* on; 0 takes any.

    Raises:
        Trouble: If none of the next ports is free.
    """
    for port in range(first, first + PORTS_TRIED):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((listening.LOOPBACK, port))
        except OSError:
            listener.close()
        else:
            server.at_once(listener)
            return listener
    raise Trouble(f"No port from {first} to {first + PORTS_TRIED - 1} is free. Choose another: --port NUMBER")


@asynccontextmanager
async def serving(settings: Settings, listener: socket.socket) -> AsyncIterator[str]:
    """Serve the stand-in and its page, with the bot at it, on a listening socket.

    Yields:
        The page's address.
    """
    stage = Stage(settings, f"http://{listening.LOOPBACK}:{listener.getsockname()[1]}")
    async with listening.serving(stage, listener) as address:
        try:
            await stage.begin()
            yield address
        finally:
            await stage.end()


class Stage:
    """A stand-in, a bot and a page: all of it can be exchanged for fresh ones while the address stays."""

    def __init__(self, settings: Settings, address: str) -> None:
        """Make the first stand-in; nothing runs before `begin`."""
        self._settings = settings
        self._address = address
        self._clock = ShiftableClock()
        self._open = AsyncExitStack()
        self._bot: app.App | None = None
        self._stand_in = self._fresh()
        self._phones = StandInPhones(
            self._stand_in,
            OWNERS,
            bot_username=self._stand_in.bot.username or "",
            bot_name=self._stand_in.bot.first_name,
        )
        self._page = Starlette(routes=page.routes(self._phones, self, self._clock, restart=self.restart))
        self._api = Starlette(routes=server.routes(self._stand_in))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the bot at its addresses, and the page at all others."""
        is_api = str(scope.get("path", "")).startswith(("/bot", "/file/bot"))
        await (self._api if is_api else self._page)(scope, receive, send)

    def _fresh(self) -> StandIn:
        number = 10**9 + secrets.randbelow(10**9)
        stand_in = StandIn(f"{number}:{secrets.token_urlsafe(24)}", now=self._clock.now)
        for owner in OWNERS:
            stand_in.add_user(owner.user_id, owner.name, LANGUAGE)
        return stand_in

    async def begin(self) -> None:
        """Start a bot on an empty folder."""
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="you-and-i-")))
        settings = replace(
            self._settings,
            bot_token=self._stand_in.token,
            bot_api_url=self._address,
            database_url=f"{SQLITE}{folder / 'demo.db'}",
            key_store_url=f"{SQLITE}{folder / 'demo-keys.db'}",
            master_key_file=folder / "demo-master.key",
            open_to="everyone",
            webhook_url="",
            metrics_port=0,
            # Whoever tries the demo out looks at the phones; only what is wrong is worth a line.
            log_level="WARNING" if self._settings.log_level == "INFO" else self._settings.log_level,
        )
        self._bot = await self._open.enter_async_context(app.running(settings, self._clock))

    async def end(self) -> None:
        """Stop the bot and forget the folder."""
        await self._stand_in.close()
        self._bot = None
        await self._open.aclose()

    async def restart(self) -> None:
        """Start over: two empty phones and a bot that knows nobody."""
        await self.end()
        self._open = AsyncExitStack()
        self._stand_in = self._phones.people = self._fresh()
        self._api = Starlette(routes=server.routes(self._stand_in))
        await self.begin()

    async def next_due(self) -> datetime | None:
        """The next instant at which something falls due for the bot."""
        return await self._bot.next_due() if self._bot else None

    async def settled(self) -> None:
        """Wait until the bot has nothing left to do now."""
        if self._bot:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bot.settled(), timeout=20)
