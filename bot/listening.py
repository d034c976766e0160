"""Serving a small web application inside the program: quietly, and with its own end.

The web server itself is only loaded where something is served: who asks Telegram for updates and shows no metrics starts
without it, which saves two megabytes and a part of the start.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.trouble import Trouble

if TYPE_CHECKING:
    from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"
"""Nothing is served to other machines; a reverse proxy on this one leads to it."""


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
async def serving(app: "ASGIApp", listener: socket.socket) -> AsyncIterator[str]:
    """Serve an application in this event loop for as long as the context is open.

    Args:
        app: What answers.
        listener: Where; it is closed at the end.

    Yields:
        Its address, such as ``http://127.0.0.1:8000``.
    """
    from bot.web_server import quiet  # noqa: PLC0415 -- see above

    with listener:
        server = quiet(app)
        served = asyncio.create_task(server.serve(sockets=[listener]), name="web server")
        try:
            yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await served
