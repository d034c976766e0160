"""The web server of whatever this program serves: uvicorn, without its logs and its hold on signals."""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

STOP_WITHIN = 1
"""Seconds that open connections get to end when the program stops."""


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone: the program has its own way to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def quiet(app: ASGIApp) -> uvicorn.Server:
    """Build a server for an application; it takes sockets when it is started."""
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    return _Server(config)
