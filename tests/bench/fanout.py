"""`python -m tests.bench.fanout`: how messages that nobody waits for go out. SCALE=1 is 200,000 at once, and a week of 1,000,000 people.

The real planner, outbox, sender and pace on a real SQLite file write to a server that takes Telegram's limits seriously.
Time is virtual: what the machine itself needs is measured elsewhere.
"""

import asyncio
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import delete, insert

from bot import app
from bot.dance.rhythm import couple_jitter
from bot.delivery.leader import Leader
from bot.delivery.pace import Pace
from bot.delivery.planner import plan_due
from bot.delivery.sender import LEASE, Sender
from bot.scenes import calendar, starter
from bot.scenes.turn import House
from bot.settings import Settings
from bot.telegram.stage import Stage, voices
from prompts.catalogue import load
from storage import outbox, plans
from storage.store import Store, Tx
from storage.tables import person, plan
from tests.bench import virtual
from tests.bench.flood import Carrier, Server
from tests.databases import sqlite_place
from tests.year.inline import inline_store

SCALE = float(os.environ.get("SCALE", "1"))
AT_ONCE = 200_000
PEOPLE = 1_000_000
PEAK = 60_000
"""The most that fall due in one hour."""

SEND_RATE = Settings(bot_token="1:x").send_rate
SHARE = 0.98
"""Of SEND_RATE, at least, goes out while there is more to send than time."""

LATEST = 15 * 60.0
"""Seconds after which a nudge is late."""

TAPS = 4.0
"""Messages a second to people who tap meanwhile: with SEND_RATE less than Telegram's limit."""

LONGEST_REST = 60.0
"""Seconds that the planner rests at most while nothing is planned at all."""

ANSWERED_SECONDS = 3600.0
"""Seconds between two looks at who has answered by now."""

FILL = 10_000
"""Rows in one statement when a database is filled."""

Work = Callable[[], Awaitable[object]]


@dataclass
class Found:
    """What came of it.

    Attributes:
        late: Seconds between falling due and arriving, of every message.
        took: Seconds from the first to the last.
        floods: How often the server said that it is too much.
        waited: Seconds that people who tapped waited for their message.
        dropped: Messages that expired before their turn.
        counted: How many of those the sender counted.
    """

    late: list[float] = field(default_factory=list)
    took: float = 0.0
    floods: int = 0
    waited: list[float] = field(default_factory=list)
    dropped: int = 0
    counted: int = 0

    @property
    def rate(self) -> float:
        """Messages a second, those to people who tapped included."""
        return (len(self.late) + len(self.waited)) / self.took


async def send_out(due: Iterable[float], *, taps: float = 0.0, rate: float = SEND_RATE) -> Found:
    """Let people be nudged who are due at these seconds, while others tap so often a second."""
    moments = list(due)
    with tempfile.TemporaryDirectory() as folder:
        async with inline_store(sqlite_place(Path(folder))) as store:
            return await _Post(store, rate).deliver(moments, taps)


class _Post:
    """The delivery of one bot, and the server that it writes to."""

    def __init__(self, store: Store, rate: float) -> None:
        self._store = store
        self._clock = virtual.clock()
        self._server = Server(self._clock.monotonic, random.Random(1))  # noqa: S311 - a simulation
        self._carrier = Carrier(self._server)
        self._pace = Pace(rate, monotonic=self._clock.monotonic)
        words = load("en")
        self._kinds = starter.kinds(words)
        stage = Stage(app.routes(), voices({"en": words}), House("bot"))
        self._leader = Leader(store, owner="bench", clock=self._clock)
        self._sender = Sender(
            store=store,
            courier=self._carrier,
            render=partial(app.render, stage=stage, clock=self._clock),
            pace=self._pace,
            leader=self._leader,
            clock=self._clock,
            owner="bench",
        )
        self._kicked = asyncio.Event()
        self._waited: list[tuple[float, float]] = []

    async def deliver(self, due: list[float], taps: float) -> Found:
        """Nudge everybody, and return what came of it once nothing is left."""
        await self._store.write(partial(_fill, due=due))
        await self._leader.renew()
        taking_back = self._every(ANSWERED_SECONDS, lambda: self._store.write(_everybody_answers))
        around = [
            asyncio.create_task(self._plan()),
            asyncio.create_task(self._send()),
            asyncio.create_task(self._every(app.RENEW_SECONDS, self._leader.renew)),
            asyncio.create_task(self._every(app.RECLAIM_SECONDS, self._sender.reclaim)),
            asyncio.create_task(taking_back),
            asyncio.create_task(self._tap(taps)),
        ]
        await asyncio.sleep(max(due) + 2 * app.SEND_SECONDS)
        while await self._store.read(partial(outbox.open_count, now=self._clock.now())):
            await asyncio.sleep(app.RECLAIM_SECONDS)
        await asyncio.sleep(LEASE.total_seconds() + 2 * app.RECLAIM_SECONDS)
        for task in around:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        arrived = self._carrier.arrived
        began, ended = min(due), max(arrived.values())
        return Found(
            late=[arrived[number] - moment for number, moment in enumerate(due, 1) if number in arrived],
            took=ended - began,
            floods=self._server.floods,
            waited=[waited for at, waited in self._waited if began <= at <= ended],
            dropped=len(due) - len(arrived),
            counted=self._sender.dropped,
        )

    async def _every(self, seconds: float, work: Work) -> None:
        while True:
            await work()
            await asyncio.sleep(seconds)

    async def _plan(self) -> None:
        """Look every second, as the program does; seconds in which nothing is due are slept through."""
        while True:
            if await plan_due(self._store, self._clock.now(), self._kinds):
                self._kicked.set()
            due = await self._store.read(plans.next_due)
            rest = (due - self._clock.now()).total_seconds() if due else LONGEST_REST
            await asyncio.sleep(max(app.PLAN_SECONDS, rest))

    async def _send(self) -> None:
        """Send what there is, every second while there is something left, and at once after planning."""
        while True:
            self._kicked.clear()
            await self._sender.tick()
            if not await self._store.read(outbox.next_available):
                await self._kicked.wait()
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._kicked.wait(), app.SEND_SECONDS)

    async def _tap(self, taps: float) -> None:
        """People who tap, each of whom gets a new message; they wait for Telegram and for nobody else."""
        chance = random.Random(2)  # noqa: S311 - a simulation
        number = 10**9
        under_way: set[asyncio.Task[None]] = set()
        while taps:
            await asyncio.sleep(chance.expovariate(taps))
            number += 1
            task = asyncio.create_task(self._show(number))
            under_way.add(task)
            task.add_done_callback(under_way.discard)

    async def _show(self, chat: int) -> None:
        began = self._clock.monotonic()
        self._pace.count()
        while wait := await self._server.take(chat):
            self._pace.pause(wait)
            await asyncio.sleep(wait)
        self._waited.append((began, self._clock.monotonic() - began))


def _everybody_answers(tx: Tx) -> None:
    """Whoever was nudged answers, so that no reminder follows."""
    tx.connection.execute(delete(plan).where(plan.c.kind == "reminder"))


def _fill(tx: Tx, due: list[float]) -> None:
    """People without quiet hours, each with a nudge that falls due so many seconds after the start."""
    rows = list(enumerate(due, 1))
    for begin in range(0, len(rows), FILL):
        some = rows[begin : begin + FILL]
        tx.connection.execute(insert(person), [_person(number) for number, _ in some])
        tx.connection.execute(insert(plan), [_plan(number, moment) for number, moment in some])


def _person(number: int) -> dict[str, object]:
    return {
        "id": number,
        "telegram_id": number,
        "language": "en",
        "zone": "UTC",
        "weekday": 6,
        "minute": 12 * 60,
        "quiet_from": 0,
        "quiet_to": 0,
        "paused": False,
        "text_only": False,
        "reachable": True,
        "created_at": virtual.START,
        "adult_at": virtual.START,
        "owed": False,
    }


def _plan(number: int, moment: float) -> dict[str, object]:
    at = virtual.START + timedelta(seconds=moment)
    return {"key": f"nudge:{number}", "kind": "nudge", "due_at": at, "person_id": number}


def at_once(number: int) -> list[float]:
    """So many people who are due in one second."""
    return [0.0] * number


def hour(number: int, seconds: float = 3600.0) -> list[float]:
    """So many people of one hour, two of each couple, spread as the calendar spreads them (in a shorter hour, too)."""
    shorter = seconds / 3600.0
    return [
        couple_jitter(couple, calendar.SPREAD_MINUTES).total_seconds() * shorter
        for couple in range(1, number // 2 + 1)
        for _ in range(2)
    ]


def week(number: int, peak: int) -> list[float]:
    """A week in which so many people are due, most of them in the evening, and never more than the peak in an hour."""
    evenings = [day * 24 + at for day in range(7) for at in (19, 20)]
    rest = [number_ for number_ in range(7 * 24) if number_ not in evenings]
    busy = min(peak, number // len(evenings))
    quiet = max(0, number - busy * len(evenings))
    each = [(at, busy) for at in evenings] + [
        (at, quiet // len(rest) + (place < quiet % len(rest))) for place, at in enumerate(rest)
    ]
    return [at * 3600.0 + later for at, count in sorted(each) for later in hour(count + count % 2)[:count]]


def report(name: str, found: Found) -> bool:
    """Print a line; return whether all is as it should be."""
    waits = sorted(found.waited) or [0.0]
    late = max(found.late)
    print(
        f"{name:<44}{len(found.late):>10,}{found.rate:>9.2f}/s{late / 60:>9.1f} min{found.floods:>8}{found.dropped:>9}"
        f"{1000 * waits[len(waits) // 2]:>8.0f} ms{1000 * waits[-1]:>8.0f} ms"
    )
    return found.floods == 0


def main() -> int:
    """Print the table; return 1 when a rule is broken."""
    print(f"Fan-out in virtual time. SEND_RATE {SEND_RATE:g}/s; Python {platform.python_version()}\n")
    print(
        f"{'':<44}{'sent':>10}{'rate':>11}{'latest':>13}{'floods':>8}{'dropped':>9}{'tap, median':>11}{'longest':>11}"
    )
    began = time.monotonic()
    full = virtual.run(send_out(at_once(round(AT_ONCE * SCALE)), taps=TAPS))
    good = report(f"{round(AT_ONCE * SCALE):,} due at once, {TAPS:g} taps/s", full)
    good &= full.rate >= SHARE * SEND_RATE and full.dropped == 0
    people = round(PEOPLE * SCALE)
    spread = virtual.run(send_out(week(people, PEAK), taps=SCALE))
    good &= report(f"a week of {people:,} people, {SCALE:g} taps/s", spread)
    good &= max(spread.late) <= LATEST and spread.dropped == 0
    print(f"\n{time.monotonic() - began:.0f} s")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
