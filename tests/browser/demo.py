"""`python -m bot demo` beside a browser."""

import asyncio
import threading

from bot.commands.demo import free_socket, serving
from bot.settings import Settings

PATIENCE = 15.0
"""Seconds for one thing that one waits for; a walk of twenty answers is waited for thrice as long."""


class Demo:
    """`python -m bot demo` in a thread of its own."""

    def __init__(self) -> None:
        self.address = ""
        self._loop = asyncio.new_event_loop()
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="demo", daemon=True)

    def start(self) -> str:
        """Serve, and return the address."""
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        assert self._failure is None, self._failure
        return self.address

    def stop(self) -> None:
        """Serve no more."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        assert self._failure is None, self._failure

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as failure:  # noqa: BLE001 - the test's own thread raises it
            self._failure = failure
            self._ready.set()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _serve(self) -> None:
        async with serving(Settings(), free_socket(0)) as self.address:
            self._ready.set()
            await self._over.wait()
