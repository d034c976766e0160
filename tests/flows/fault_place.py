"""The real program in a world where things go wrong, and where waiting costs no time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import select
from telegram.request import BaseRequest, RequestData

from bot import app, ways_in
from bot.delivery import leader
from bot.delivery.pace import Pace
from bot.demo.faults import EVERY_METHOD, Late
from bot.telegram.intake import Intake
from bot.telegram.panel import Panel
from storage import people
from storage.records import Person as Stored
from storage.store import Tx
from storage.tables import outbox
from tests.beginnings import Tell, since
from tests.driver import Person, StoryClock, World, text_of
from tests.flows.fault_table import FAULTS, NO_PICTURE, SHUT, TOO_LATE
from tests.gate import Gate, gate

PATIENCE = TOO_LATE / 4
"""Seconds that a call waits for an answer that is going to be late; ten in the program."""

MANY = 100
"""More calls than a chat sees in a test."""

NEXT_LOOK = "owed"
"""The tick that paints what is owed."""

Sleep = Callable[[float], Awaitable[object]]


def leaping(clock: StoryClock) -> Sleep:
    """A sleep that moves the story on instead of waiting; many sleepers share one leap."""

    async def leap(seconds: float) -> None:
        until = clock.monotonic() + seconds
        await asyncio.sleep(0)
        clock.advance(timedelta(seconds=max(0.0, until - clock.monotonic())))

    return leap


def resting(clock: StoryClock) -> Sleep:
    """A sleep that ends when the story has moved on."""

    async def rest(seconds: float) -> None:
        until = clock.monotonic() + seconds
        while clock.monotonic() < until:
            await asyncio.sleep(0.001)

    return rest


@contextmanager
def sleeping(
    world: World, *, sleep: Callable[[StoryClock], Sleep] = leaping, poll_seconds: float = 30.0
) -> Iterator[None]:
    """Let the story's time pass for every pause of the program, and let nothing wait long for a late answer.

    Args:
        world: Whose clock counts.
        sleep: How screens and parcels wait.
        poll_seconds: How long a poll may be held open.
    """
    waiting = sleep(world.clock)
    asking = partial(Intake, sleep=resting(world.clock), poll_seconds=poll_seconds)
    with (
        patch.object(app, "Pace", partial(Pace, sleep=waiting)),
        patch.object(app, "Panel", partial(Panel, sleep=waiting)),
        patch.object(ways_in, "Intake", asking),
        patch.object(BaseRequest, "_request_wrapper", _hurried(BaseRequest._request_wrapper, world)),
        # A test says when the next look comes; a slow machine must not.
        patch.object(app, "OWED_SECONDS", timedelta(days=1).total_seconds()),
        # Whoever sends would have kept the role, had time not leapt.
        patch.object(leader, "TTL", timedelta(days=1)),
    ):
        yield


def _hurried(request: Callable[..., Awaitable[bytes]], world: World) -> Callable[..., Awaitable[bytes]]:
    """The library's way of making a request, with little patience for a call whose answer is going to be late."""

    def is_late(url: str, data: RequestData | None) -> bool:
        chat = data.parameters.get("chat_id") if data is not None else None
        return any(
            isinstance(rule.what, Late)
            and url.lower().partition("?")[0].endswith(rule.method)
            and rule.chat_id in (None, chat)
            for rule in world.stand_in.faults._rules
        )

    async def hurried(
        self: BaseRequest, url: str, method: str, request_data: RequestData | None = None, **limits: object
    ) -> bytes:
        if is_late(url, request_data):
            limits["read_timeout"] = PATIENCE
        return await request(self, url, method, request_data, **limits)

    return hurried


@asynccontextmanager
async def harsh(tell: Tell, folder: Path, **given: Any) -> AsyncIterator[tuple[World, Gate]]:
    """A world that goes on from a beginning, running, whose only way to Telegram can be shut; see `sleeping`."""
    async with since(tell, folder) as world, gate() as way:
        way.target = world.settings.bot_api_url
        world.settings = replace(world.settings, bot_api_url=way.address)
        with sleeping(world, **given):
            async with world.running():
                yield world, way


def expect(person: Person, call: str, fault: str) -> None:
    """Let a fault meet the next such call for somebody; a closed chat meets every call until it is `over`."""
    faults = person.world.stand_in.faults
    if fault in SHUT:
        faults.add(EVERY_METHOD, FAULTS[fault], chat_id=person.user_id, times=MANY)
    else:
        # A picture that Telegram does not know any more is painted again, and only then given up.
        faults.add(call, FAULTS[fault], chat_id=person.user_id, times=2 if fault == NO_PICTURE else 1)


def over(person: Person, fault: str) -> None:
    """What went wrong has happened, and is over now."""
    faults = person.world.stand_in.faults
    assert faults.left() < MANY if fault in SHUT else faults.left() <= (fault == NO_PICTURE), fault
    faults.clear()


async def look(world: World) -> None:
    """Let the program look after screens that it owes, as it does every ten seconds."""
    assert world.bot is not None
    await world.bot.clockwork.run(NEXT_LOOK)
    await world.settled()


async def stored(person: Person) -> Stored:
    """A person as the bot knows them."""
    assert person.world.bot is not None
    found = await person.world.bot.store.read(partial(people.find, telegram_id=person.user_id))
    assert found is not None
    return found


async def parcels(world: World, kind: str) -> list[tuple[str, str | None]]:
    """State and reason of every parcel of a kind, oldest first."""

    def rows(tx: Tx) -> list[tuple[str, str | None]]:
        query = select(outbox.c.state, outbox.c.last_error).where(outbox.c.kind == kind).order_by(outbox.c.id)
        return [(row.state, row.last_error) for row in tx.connection.execute(query)]

    assert world.bot is not None
    return await world.bot.store.read(rows)


def copies(person: Person, beginning: str) -> list[int]:
    """The messages from the bot that begin with these words."""
    return [each["message_id"] for each in person.from_bot if text_of(each).startswith(beginning)]


def calls(world: World, method: str, person: Person | None = None) -> int:
    """How often the bot called a method, for a chat or at all."""
    return sum(
        request.method == method and (person is None or str(request.params.get("chat_id")) == str(person.user_id))
        for request in world.stand_in.requests
    )
