"""The other way in: Telegram calls the bot. Answers 200 after the commit, never before."""

import hmac
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.scenes.turn import Clock
from bot.telegram.hold import Hold
from bot.telegram.letters import LARGEST, keep
from storage.records import Letter
from storage.store import Store

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 -- the header's name
MAX_BODY = 1024 * 1024
"""Bytes. An update is a few kilobytes."""

log = logging.getLogger(__name__)


def web(
    *,
    store: Store,
    secret: str,
    hand: Callable[[Sequence[Letter]], None],
    clock: Clock,
    path: str = "/",
    hold: Hold | None = None,
    healthy: Callable[[], bool] = lambda: True,
    failed: Callable[[Exception], None] = lambda _error: None,
) -> Starlette:
    """Build the web application that Telegram calls.

    Args:
        store: Where the inbox is.
        secret: What Telegram sends along with every call, as it was told by ``setWebhook``.
        hand: Takes letters that are in the inbox.
        clock: Says when they came.
        path: Where Telegram calls.
        hold: Which chats are handled here; all of them if this is left out.
        healthy: Whether updates are handled: ``/healthz`` says so, and none is taken in otherwise.
        failed: Told that the inbox failed: the process has to stop, loudly.

    Raises:
        ValueError: If there is no secret: then anybody could speak for anybody.
    """
    if not secret:
        raise ValueError("A webhook needs a secret: set WEBHOOK_SECRET.")

    async def receive(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return _say(HTTPStatus.FORBIDDEN)
        if not healthy():
            return _say(HTTPStatus.SERVICE_UNAVAILABLE)
        body = await _body(request)
        if body is None:
            return _say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        update = _update(body)
        if update is None:
            return _say(HTTPStatus.BAD_REQUEST)
        try:
            letters = await keep(store, [update], clock, hold)
        except Exception as error:  # noqa: BLE001 -- Telegram sends it again
            log.error("An update could not be stored: %s", type(error).__name__)  # noqa: TRY400 -- its words may be private
            failed(error)
            return _say(HTTPStatus.INTERNAL_SERVER_ERROR)
        hand(letters)
        return _say(HTTPStatus.OK)

    async def health(_: Request) -> Response:
        return _say(HTTPStatus.OK if healthy() else HTTPStatus.SERVICE_UNAVAILABLE)

    return Starlette(routes=[Route("/healthz", health), Route(path, receive, methods=["POST"])])


def _say(status: HTTPStatus) -> Response:
    return PlainTextResponse(status.phrase, status)


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)


def _update(body: bytes) -> Mapping[str, Any] | None:
    try:
        update = json.loads(body)
    except ValueError:
        return None
    if not isinstance(update, Mapping):
        return None
    number = update.get("update_id")
    return update if isinstance(number, int) and 0 <= number < LARGEST else None
