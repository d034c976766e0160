"""`python -m bot demo`: the same program against the local stand-in for Telegram, with two phones on one page."""

import asyncio
import secrets
import socket
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import uvicorn

from bot import app
from bot.demo import page
from bot.demo.clock import ShiftableClock
from bot.settings import SQLITE, Settings
from bot.trouble import Trouble

PORTS_TRIED = 50
LOOPBACK = "127.0.0.1"


def run(settings: Settings, port: int) -> int:
    """Serve the page until stopped."""
    asyncio.run(_serve(settings, port))
    return 0


def free_socket(first: int) -> socket.socket:
    """A listening socket on the first free port from *first* on.

    Raises:
        Trouble: If none of the next ports is free.
    """
    for port in range(first, first + PORTS_TRIED):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
            listener.listen()
        except OSError:
            listener.close()
        else:
            return listener
    raise Trouble(f"No port from {first} to {first + PORTS_TRIED - 1} is free. Choose another: --port NUMBER")
