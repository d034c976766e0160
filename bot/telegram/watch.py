"""Whether the bot lives, for whoever watches it: numbers only, no names, no ids."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.telegram.pulse import Pulse
from storage.counts import Counts

STALE_SECONDS = 120.0
"""A poll takes 40 s at most, and the longest pause between two is 30 s: after that much silence something is wrong."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats)."""


def web(
    *,
    pulse: Pulse,
    polling: bool,
    count: Callable[[], Awaitable[Counts]],
    dropped: Callable[[], int],
    leads: Callable[[], bool],
) -> Starlette:
    """Build the web application that a watcher asks.

    Args:
        pulse: When Telegram answered last.
        polling: Whether the bot asks for updates. If Telegram calls instead, silence means only that nobody wrote.
        count: Counts what stands in the tables.
        dropped: How many messages expired before their turn came, since the start.
        leads: Whether this process sends what nobody waits for; of several exactly one does.
    """

    async def health(_: Request) -> Response:
        status = HTTPStatus.SERVICE_UNAVAILABLE if polling and pulse.age > STALE_SECONDS else HTTPStatus.OK
        return PlainTextResponse(status.phrase, status)

    async def metrics(_: Request) -> Response:
        return Response(_text(await count(), pulse.age, dropped(), leads=leads()), media_type=CONTENT_TYPE)

    return Starlette(routes=[Route("/healthz", health), Route("/metrics", metrics)])


def _text(counted: Counts, age: float, dropped: int, *, leads: bool) -> str:
    numbers = (
        ("inbox_open", "gauge", "Updates that are not handled yet.", f"{counted.inbox_open}"),
        ("outbox_open", "gauge", "Messages still to go or on their way.", f"{counted.outbox_open}"),
        ("outbox_dropped_total", "counter", "Messages that expired before their turn came.", f"{dropped}"),
        ("leads", "gauge", "Whether this process sends what nobody waits for.", f"{leads:d}"),
        ("people", "gauge", "People who use the bot.", f"{counted.people}"),
        ("last_poll_age_seconds", "gauge", "Seconds since Telegram answered a poll, or called.", f"{age:.1f}"),
    )
    return "".join(
        f"# HELP you_and_i_{name} {what}\n# TYPE you_and_i_{name} {kind}\nyou_and_i_{name} {value}\n"
        for name, kind, what, value in numbers
    )
