"""Serving a small web application inside the program: quietly, and with its own end."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from bot.trouble import Trouble

LOOPBACK = "127.0.0.1"
"""Nothing is served to other machines; a reverse proxy on this one leads to it."""

STOP_WITHIN = 1
"""Seconds that open connections get to end when the program stops."""


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone: the program has its own way to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def take_port(port: int, setting: str) -> socket.socket:
    """Take a port of this machine before anything is served on it.

    Args:
        port: Which; 0 takes any free one.
        setting: What the operator calls it.

    Raises:
        Trouble: If somebody else has it, or it is not allowed.
    """
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise Trouble(
            f"Port {port} cannot be taken ({error.strerror}). Stop what listens there, or choose another: {setting}={port + 1}"
        ) from error


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[str]:
    """Serve an application in this event loop for as long as the context is open.

    Args:
        app: What answers.
        listener: Where; it is closed at the end.

    Yields:
        Its address, such as ``http://127.0.0.1:8000``.
    """
    with listener:
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=STOP_WITHIN,
        )
        server = _Server(config)
        served = asyncio.create_task(server.serve(sockets=[listener]), name="web server")
        try:
            yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await served
