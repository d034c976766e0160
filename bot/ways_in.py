"""How updates come in: Telegram is asked, or it calls; and the door for whoever watches the program."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import listening
from bot.scenes.turn import Clock
from bot.settings import Settings
from bot.telegram.consumer import Consumer
from bot.telegram.hold import Hold
from bot.telegram.intake import Intake
from bot.telegram.pulse import Pulse
from bot.telegram.transport import Line
from storage.records import Letter
from storage.store import Store

if TYPE_CHECKING:
    from starlette.applications import Starlette

ANY_PATH = "/{rest:path}"
"""Where Telegram's calls arrive: a proxy may keep the path of WEBHOOK_URL or drop it; the secret is what counts."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The ports of this machine that the program holds, each or none.

    Attributes:
        webhook: Where Telegram calls.
        metrics: Where a watcher asks.
    """

    webhook: socket.socket | None
    metrics: socket.socket | None


@dataclass(frozen=True, slots=True)
class Within:
    """What stands behind the doors.

    Attributes:
        settings: What the operator set.
        store: The inbox.
        line: The lines to Telegram.
        hold: Which chats are handled here.
        consumer: Handles them.
        clock: Says when something came.
        pulse: When Telegram was heard of last.
    """

    settings: Settings
    store: Store
    line: Line
    hold: Hold
    consumer: Consumer
    clock: Clock
    pulse: Pulse


def take_doors(stack: AsyncExitStack, settings: Settings) -> Doors:
    """Take the ports that are needed, before anything runs.

    Raises:
        Trouble: If somebody else has one of them.
    """

    def take(port: int, setting: str) -> socket.socket:
        return stack.enter_context(listening.take_port(port, setting))

    return Doors(
        webhook=take(settings.webhook_port, "WEBHOOK_PORT") if settings.webhook_url else None,
        metrics=take(settings.metrics_port, "METRICS_PORT") if settings.metrics_port else None,
    )


@asynccontextmanager
async def receiving(doors: Doors, within: Within) -> AsyncIterator[asyncio.Task[None] | None]:
    """Take updates in: by webhook where one is set, else by a task that asks for them.

    Yields:
        The task, which never ends by itself; None with a webhook.
    """
    if doors.webhook is not None:
        async with listening.serving(_called(within), doors.webhook):
            yield None
        return
    intake = Intake(
        poll=within.line.poll,
        store=within.store,
        hand=within.consumer.hand,
        clock=within.clock,
        answered=within.pulse.beat,
        room=within.consumer.lanes.room,
    )
    task = asyncio.create_task(intake.run(), name="intake")
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task


def _called(within: Within) -> "Starlette":
    from bot.telegram import webhook  # noqa: PLC0415 -- a web application, which long polling does without

    def hand(letters: Sequence[Letter]) -> None:
        within.pulse.beat()
        within.consumer.hand(letters)

    lanes = within.consumer.lanes
    return webhook.web(
        secret=within.settings.webhook_secret,
        store=within.store,
        hand=hand,
        clock=within.clock,
        path=ANY_PATH,
        hold=within.hold,
        healthy=lambda: lanes.alive,
        failed=lanes.fail,
    )
