"""Stopping when asked to: Ctrl+C, or SIGTERM from whatever looks after the process."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_until_stopped(work: Coroutine[object, object, None]) -> None:
    """Run something until it ends or the process is asked to stop; then it is cancelled and ends in good order.

    Raises:
        Exception: Whatever the work raised.
    """
    asyncio.run(_stoppable(work))


async def _stoppable(work: Coroutine[object, object, None]) -> None:
    task = asyncio.create_task(work, name="work")
    asked = asyncio.Event()

    def stop() -> None:
        # Once only: an impatient second Ctrl+C must not cut the good order short.
        if not asked.is_set():
            asked.set()
            task.cancel()

    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop)
    with suppress(asyncio.CancelledError):
        await task
