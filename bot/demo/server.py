"""The stand-in over HTTP, at the addresses and in the forms that Telegram's own server takes."""

import asyncio
import contextlib
import hmac
import mimetypes
import socket
from collections.abc import AsyncIterator, Iterator, Mapping

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.demo.calls import Upload
from bot.demo.errors import ConnectionCutError, refusal
from bot.demo.standin import Reply, StandIn

_KEEP_ALIVE = 75
"""Seconds that an idle connection stays open: longer than clients keep theirs, or a call meets a closing connection."""
_STOP_WITHIN = 5
"""Seconds that open connections get to end when the server stops."""


class _Cut(Response):
    """Announces a byte that never comes, so that the server breaks the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


def routes(stand_in: StandIn) -> list[Route]:
    """The stand-in's addresses, to be joined with others in one app.

    Args:
        stand_in: The core that answers.

    Returns:
        ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``.
    """

    def allowed(request: Request) -> bool:
        return hmac.compare_digest(request.path_params["token"].encode(), stand_in.token.encode())

    async def method(request: Request) -> Response:
        if not allowed(request):
            return _response(stand_in.refuse_token())
        try:
            params, files = await _parameters(request)
        except (ValueError, HTTPException) as error:
            return _response(Reply(400, refusal(400, f"Bad Request: can't parse the parameters: {error}")))
        try:
            return _response(await stand_in.call(request.path_params["method"], params, files))
        except ConnectionCutError:
            return _Cut()

    async def file(request: Request) -> Response:
        path = request.path_params["path"]
        if not allowed(request):
            return _response(stand_in.refuse_token())
        try:
            content = stand_in.file_bytes(path)
        except KeyError:
            return _response(Reply(404, refusal(404, "Not Found")))
        return Response(content, media_type=mimetypes.guess_type(path)[0] or "application/octet-stream")

    return [
        Route("/bot{token}/{method}", method, methods=["GET", "POST"]),
        Route("/file/bot{token}/{path:path}", file),
    ]


def create_app(stand_in: StandIn) -> Starlette:
    """The stand-in as an app of its own."""
    return Starlette(routes=routes(stand_in))


def _response(reply: Reply) -> Response:
    return Response(reply.encoded(), reply.status, media_type="application/json")


async def _parameters(request: Request) -> tuple[Mapping[str, object], dict[str, Upload]]:
    params: dict[str, object] = dict(request.query_params)
    if request.method == "GET":
        return params, {}
    if request.headers.get("content-type", "").startswith("application/json"):
        body = await request.json()
        if not isinstance(body, dict):
            raise ValueError("not an object")
        return params | body, {}
    files: dict[str, Upload] = {}
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files[name] = Upload(
                    value.filename or name, await value.read(), value.content_type or "application/octet-stream"
                )
            else:
                params[name] = value
    return params, files


def at_once(listener: socket.socket) -> None:
    """Let every connection of a listening socket send small answers at once.

    Otherwise the second half of an answer waits about 40 ms for the other side to confirm the first: asyncio
    switches this off only for sockets that were opened with the protocol's number, and accepted ones inherit it.
    """
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, stand_in: StandIn, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve an app in this event loop for as long as the context is open; the stand-in is closed at its end.

    Args:
        app: The app, with the stand-in's routes in it.
        stand_in: Woken first at the end: a parked poll would hold the server up.
        host: The address to listen on.
        port: The port; 0 for any free one.

    Yields:
        The root address, such as ``http://127.0.0.1:8000``; the bot's ``BOT_API_URL``.

    Raises:
        OSError: If the port is taken.
    """
    with socket.create_server((host, port)) as listener:
        at_once(listener)
        # A cut connection is a fault that a test asked for; uvicorn would call it an error of the app.
        config = uvicorn.Config(
            app,
            log_level="critical",
            lifespan="off",
            timeout_graceful_shutdown=_STOP_WITHIN,
            timeout_keep_alive=_KEEP_ALIVE,
        )
        server = _Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            await stand_in.close()
            server.should_exit = True
            await task
