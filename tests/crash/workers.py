"""Several real processes behind a proxy, on one PostgreSQL; people who tap; and somebody who kills the processes."""

import asyncio
import itertools
import random
import signal
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import aiohttp

from bot import listening
from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from storage import claims
from storage.connect import on_database
from storage.engine import parse_url
from storage.store import open_store
from tests.crash.crowd import SEED, Plan, come_in
from tests.crash.ledger import in_order, look_away, look_into, put_nudges, until_quiet, watch_the_inbox
from tests.crash.proxy import SECRET, Proxy
from tests.databases import Place
from tests.driver import TOKEN
from tests.processes import Running, running

READY = "Stop with Ctrl+C."


@dataclass
class Report:
    """What happened.

    Attributes:
        taps: How many taps and commands there were.
        kills: How many processes were killed.
        seconds: How long people tapped.
        waits: How long each person waited for each screen, in seconds.
        nudges: How many nudges came, by how often they came to one person.
    """

    taps: int
    kills: int
    seconds: float
    waits: list[float]
    nudges: Counter[int]


@dataclass
class Worker:
    """A process that may die, and is started again."""

    folder: Path
    given: Mapping[str, str]
    patience: float
    complaints: str = ""
    process: Running | None = None
    open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        """Start it, and wait until it takes updates."""
        self.folder.mkdir(exist_ok=True)
        self.process = await self.open.enter_async_context(running("run", folder=self.folder, **self.given))
        await self.process.until(READY, self.patience)

    @property
    def port(self) -> int:
        """Where it takes updates in."""
        return int(self.given["WEBHOOK_PORT"])

    async def vanish(self) -> None:
        """Be gone, whatever happened before."""
        await self.open.aclose()

    async def end(self, number: signal.Signals) -> int:
        """End it with a signal; its exit code."""
        assert self.process is not None
        assert self.process.process.returncode is None, f"it stopped by itself: {self.process.complained()}"
        code, _ = await self.process.stop(number)
        self.complaints += self.process.complained()
        await self.open.aclose()
        return code


async def kill(workers: list[Worker], plan: Plan, over: asyncio.Event) -> int:
    """Kill one process after the other at random, and start it again, until it is over; how many."""
    chance = random.Random(SEED)  # noqa: S311 -- to be seen again
    still, kills = plan.still, 0
    while kills < plan.kills and not over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), plan.every)
            break
        worker = chance.choice(workers)
        if still:
            still = False
            await stand_still(worker)
        else:
            await worker.end(signal.SIGKILL)
            await worker.start()
            kills += 1
    return kills


async def stand_still(worker: Worker) -> None:
    """Let a process stand still for longer than its claims last, and go on as if nothing had been."""
    assert worker.process is not None
    worker.process.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(claims.TTL.total_seconds() + 4)
    worker.process.process.send_signal(signal.SIGCONT)


async def live(place: Place, folder: Path, plan: Plan) -> Report:
    """Let it all happen, and make sure that nothing was lost, doubled, out of order or left lying."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)))
        proxy = Proxy(session)
        stack.callback(proxy.close)
        stand_in = StandIn(TOKEN, webhook_post=proxy.take)
        address = await stack.enter_async_context(serving(create_app(stand_in), stand_in))
        await on_database(parse_url(place.data), watch_the_inbox)
        stack.push_async_callback(on_database, parse_url(place.data), look_away)
        workers = [Worker(folder / str(number), given(place, address), plan.patience) for number in range(plan.workers)]
        for worker in workers:
            stack.push_async_callback(worker.vanish)
        await asyncio.gather(*(worker.start() for worker in workers))
        proxy.ports = itertools.cycle([worker.port for worker in workers])
        told = await stand_in.call("setWebhook", {"url": "https://bot.example.org", "secret_token": SECRET})
        assert told.status == 200, told.body
        crowd = await come_in(stack, stand_in, plan)
        async with open_store(*place.settings) as store:
            await store.write(partial(put_nudges, plan=plan))
            over, began = asyncio.Event(), time.perf_counter()
            killing = asyncio.create_task(kill(workers, plan, over))
            try:
                await asyncio.gather(*(person.live(plan) for person in crowd))
            finally:
                seconds = time.perf_counter() - began
                over.set()
                kills = await killing
            await until_quiet(store, plan.patience)
            await look_into(store, crowd)
            assert await store.read(in_order) == proxy.posted
        codes = await asyncio.gather(*(worker.end(signal.SIGTERM) for worker in workers))
        assert codes == [0] * plan.workers
        for worker in workers:
            assert "Traceback" not in worker.complaints, worker.complaints
    return Report(
        taps=sum(len(ids) for ids in proxy.posted.values()),
        kills=kills,
        seconds=seconds,
        waits=[wait for person in crowd for wait in person.waits],
        nudges=Counter(person.nudges for person in crowd),
    )


def given(place: Place, address: str) -> dict[str, str]:
    """What a worker is told; all are told the same but for the port."""
    with listening.take_port(0, "TEST") as taken:
        port = taken.getsockname()[1]
    return {
        "BOT_TOKEN": TOKEN, "BOT_API_URL": address, "OPEN_TO": "everyone", "LOG_LEVEL": "WARNING",
        "DATABASE_URL": place.data, "KEY_STORE_URL": place.keys, "MASTER_KEY_FILE": str(place.master),
        "WEBHOOK_URL": "https://bot.example.org", "WEBHOOK_SECRET": SECRET, "WEBHOOK_PORT": str(port),
    }  # fmt: skip
