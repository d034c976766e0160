"""Delivery of updates to the bot's own address, one after the other, again and again until it says 2xx."""

import asyncio
import contextlib
import ipaddress
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from bot.demo.calls import Call
from bot.demo.errors import Json, bad_request
from bot.demo.updates import UpdateQueue

Post = Callable[[str, bytes, Mapping[str, str]], Awaitable[int]]
"""Posts a body with headers to an address; returns the HTTP status, raises ``OSError`` when nobody is there."""

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_USUAL_CONNECTIONS = 40
_MOST_CONNECTIONS = 100
_ANSWER_WITHIN = 60.0
"""Seconds until a silent bot counts as failed; Telegram names no figure."""
BACKOFF = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Real seconds before each next attempt, the last one over and over; Telegram names no figures."""


@dataclass(frozen=True, slots=True)
class _Target:
    url: str
    secret: str
    connections: int


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Post over HTTP or HTTPS with nothing but the standard library.

    Args:
        url: Where to.
        body: What.
        headers: Further headers.

    Returns:
        The HTTP status.

    Raises:
        OSError: If nobody answers, or not in HTTP.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or (443 if secure else 80), ssl=secure or None
    )
    try:
        writer.write(_request(parts, body, headers))
        await writer.drain()
        answer = (await reader.readline()).split()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    if len(answer) < 2 or not answer[1].isdigit():  # noqa: PLR2004 - "HTTP/1.1 200"
        raise ConnectionResetError("Wrong response from the webhook")
    return int(answer[1])


def _request(parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Webhook:
    """The bot's address, and the task that delivers to it."""

    def __init__(
        self,
        queue: UpdateQueue,
        now: Callable[[], datetime],
        *,
        allow_loopback_http: bool = False,
        send: Post = post,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self._queue = queue
        self._now = now
        self._allow_loopback_http = allow_loopback_http
        self._send = send
        self._backoff = backoff
        self._target: _Target | None = None
        self._task: asyncio.Task[None] | None = None
        self._last_error: Json = {}

    @property
    def is_set(self) -> bool:
        """Whether updates go to an address now."""
        return self._target is not None

    async def set(self, call: Call) -> bool:
        """``setWebhook``; an empty address takes it away.

        Raises:
            ApiError: If address, secret or connections are not acceptable.
        """
        url = call.text("url")
        if not url:
            return await self.delete(call)
        self._check_address(url)
        secret = call.text("secret_token")
        if secret and not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        connections = call.integer("max_connections", _USUAL_CONNECTIONS)
        if not 1 <= connections <= _MOST_CONNECTIONS:
            raise bad_request("max_connections must be between 1 and 100")
        self._queue.ask_for(call.names("allowed_updates"))
        self._queue.end_poll()
        await self.delete(call)
        self._target = _Target(url, secret, connections)
        self._task = asyncio.create_task(self._deliver(self._target))
        return True

    async def delete(self, call: Call) -> bool:
        """``deleteWebhook``."""
        if call.flag("drop_pending_updates"):
            self._queue.drop()
        self._target = None
        self._last_error = {}
        await self.close()
        return True

    def info(self) -> Json:
        """``getWebhookInfo``."""
        info: Json = {"url": self._target.url if self._target else "", "has_custom_certificate": False}
        info["pending_update_count"] = len(self._queue.pending())
        if self._target:
            info |= {"max_connections": self._target.connections} | self._last_error
        return info | ({"allowed_updates": list(self._queue.allowed)} if self._queue.allowed else {})

    async def close(self) -> None:
        """Stop delivering and wait until that is done."""
        task, self._task = self._task, None
        if task:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _check_address(self, url: str) -> None:
        parts = urlsplit(url)
        loopback = parts.scheme == "http" and self._allow_loopback_http and _is_loopback(parts.hostname or "")
        if parts.scheme != "https" and not loopback:
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if not parts.hostname:
            raise bad_request("bad webhook: Failed to resolve host: Name or service not known")

    async def _deliver(self, target: _Target) -> None:
        failures = 0
        while await self._queue.arrival():
            update = self._queue.pending()[0]
            if await self._attempt(target, update):
                self._queue.confirm(update["update_id"])
                failures = 0
            else:
                await asyncio.sleep(self._backoff[min(failures, len(self._backoff) - 1)])
                failures += 1

    async def _attempt(self, target: _Target, update: Json) -> bool:
        headers = {"Content-Type": "application/json"} | ({SECRET_HEADER: target.secret} if target.secret else {})
        try:
            async with asyncio.timeout(_ANSWER_WITHIN):
                status = await self._send(target.url, json.dumps(update).encode(), headers)
        except OSError as error:
            return self._failed(str(error) or "Connection timed out")
        return status // 100 == 2 or self._failed(f"Wrong response from the webhook: {status}")  # noqa: PLR2004 - 2xx

    def _failed(self, why: str) -> bool:
        self._last_error = {"last_error_date": int(self._now().timestamp()), "last_error_message": why}
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
