"""A stand-in for Telegram: the Bot API without a network, with its people on the other side.

It knows what this bot needs and refuses the rest; it speaks HTML only, and does not fetch files from other servers.
"""

import asyncio
import contextlib
import json
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.demo import editing, messages, profile
from bot.demo.calls import Call, Upload
from bot.demo.chats import User, World
from bot.demo.errors import ApiError, ConnectionCutError, Json, bad_request, refusal
from bot.demo.faults import CutAfter, CutBefore, Faults, Garbled, Instead, Late, Page, What
from bot.demo.people import People
from bot.demo.rate import Rate
from bot.demo.updates import UpdateQueue
from bot.demo.webhook import BACKOFF, Post, Webhook, post

_METHODS: Mapping[str, tuple[str, messages.Handler]] = {
    name.lower(): (name, handler)
    for table in (messages.METHODS, editing.METHODS, profile.METHODS)
    for name, handler in table.items()
}
_TOKEN = re.compile(r"(\d+):\S+")
_REQUESTS_KEPT = 10_000
_HALF_AN_ANSWER = b'{"ok":true,"resu'
_A_PAGE = b"<html><body>Nothing to see here.</body></html>"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call answers.

    Attributes:
        status: The HTTP status.
        body: The JSON body.
        garbled: Bytes that are sent in place of the body, when a fault wants them.
    """

    status: int
    body: Json
    garbled: bytes | None = None

    def encoded(self) -> bytes:
        """The bytes of the answer."""
        return json.dumps(self.body).encode() if self.garbled is None else self.garbled


@dataclass(frozen=True, slots=True)
class Request:
    """A call as it came: the method in Telegram's spelling where it exists, its parameters, the names of its uploads."""

    method: str
    params: Mapping[str, object]
    files: tuple[str, ...] = ()


def _wall() -> datetime:
    return datetime.now(UTC)


class StandIn(People):
    """Telegram for one bot, in memory.

    Attributes:
        token: The bot's token, ``<number>:<anything>``.
        faults: What is to go wrong.
        requests: The latest calls, oldest first.
    """

    def __init__(
        self,
        token: str,
        username: str = "youandi_demo_bot",
        now: Callable[[], datetime] = _wall,
        *,
        first_name: str = "You & I",
        allow_loopback_webhook: bool = False,
        webhook_post: Post = post,
        webhook_backoff: Sequence[float] = BACKOFF,
        rate: Rate | None = None,
    ) -> None:
        """Start with nobody in it.

        Args:
            token: The bot's token.
            username: The bot's name, without "@".
            now: The wall clock, aware; waiting and pauses use real time whatever it says.
            first_name: The bot's name as chats show it.
            allow_loopback_webhook: Whether a webhook may be plain HTTP on this machine.
            webhook_post: How a webhook is called.
            webhook_backoff: Real seconds before each next attempt at a failing webhook, the last one over and over.
            rate: Holds the bot to Telegram's pace; None for no limit.

        Raises:
            ValueError: If the token has another form.
        """
        form = _TOKEN.fullmatch(token)
        if form is None:
            raise ValueError("a token looks like 123456:ABC-DEF")
        updates = UpdateQueue()
        webhook = Webhook(
            updates, now, allow_loopback_http=allow_loopback_webhook, send=webhook_post, backoff=webhook_backoff
        )
        bot = User(int(form[1]), first_name, username=username, is_bot=True)
        super().__init__(World(bot=bot, now=now, updates=updates, webhook=webhook, rate=rate))
        self.token = token
        self.faults = Faults()
        self._closing = asyncio.Event()
        self.requests: deque[Request] = deque(maxlen=_REQUESTS_KEPT)

    @property
    def bot(self) -> User:
        """The bot itself."""
        return self._world.bot

    async def call(self, method: str, params: Mapping[str, object], files: Mapping[str, Upload] | None = None) -> Reply:
        """Carry out one Bot API call.

        Args:
            method: Its name, in any case.
            params: Its parameters; numbers, flags and objects may be text, as in a form.
            files: Its uploads by the name of their form field.

        Returns:
            Status and body; a refusal is an answer too.

        Raises:
            ConnectionCutError: When a declared fault wants the caller to get no answer.
        """
        name, handler = _METHODS.get(method.lower(), (method, None))
        self.requests.append(Request(name, dict(params), tuple(upload.name for upload in (files or {}).values())))
        fault = self.faults.take(name, params)
        if isinstance(fault, Instead):
            return Reply(fault.status, fault.body)
        if isinstance(fault, Page):
            return Reply(fault.status, {}, _A_PAGE)
        if isinstance(fault, CutBefore):
            raise ConnectionCutError
        if handler is None:
            return Reply(404, refusal(404, "Not Found: method not found"))
        return await self._spoilt(fault, await self._carried_out(handler, Call(params, files or {})))

    def refuse_token(self) -> Reply:
        """What a call with another token gets."""
        return Reply(401, refusal(401, "Unauthorized"))

    async def close(self) -> None:
        """Wake every parked poll, late answer and watcher, and stop the webhook, for good."""
        self._closing.set()
        self._world.updates.close()
        await self._world.webhook.close()
        for watch in tuple(self._world.watches):
            await watch.aclose()

    async def _carried_out(self, handler: messages.Handler, call: Call) -> Reply:
        try:
            return Reply(200, {"ok": True, "result": await handler(self._world, call)})
        except ApiError as error:
            return Reply(error.code, error.as_json())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # A parameter of an unforeseen shape; the caller must see a refusal, never a cut connection.
            return Reply(400, bad_request(f"wrong parameter: {error}").as_json())

    async def _spoilt(self, fault: What | None, reply: Reply) -> Reply:
        match fault:
            case CutAfter():
                raise ConnectionCutError
            case Late(seconds):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), seconds)
            case Garbled():
                return Reply(200, reply.body, _HALF_AN_ANSWER)
        return reply
