"""A proxy between Telegram and several workers."""

import asyncio
import itertools
import json
import random
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp

from bot.telegram.letters import chat_of
from tests.crash.crowd import SEED

SECRET = "between-us"

TWICE = 0.05
"""How often the proxy delivers an update twice, to two processes at once."""


@dataclass
class Proxy:
    """Passes on what Telegram posts: round robin, again and again until somebody says 200, a chat's updates in order."""

    session: aiohttp.ClientSession
    ports: "itertools.cycle[int]" = field(default_factory=lambda: itertools.cycle([0]))
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 -- to be seen again
    posted: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    lanes: dict[int, asyncio.Queue[tuple[int, bytes]]] = field(default_factory=dict)
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    async def take(self, _url: str, body: bytes, _headers: Mapping[str, str]) -> int:
        """Take an update from Telegram."""
        update = json.loads(body)
        chat_id = chat_of(update)
        if chat_id not in self.lanes:
            self.lanes[chat_id] = asyncio.Queue()
            self.tasks.append(asyncio.create_task(self._follow(chat_id, self.lanes[chat_id])))
        self.lanes[chat_id].put_nowait((update["update_id"], body))
        return 200

    def close(self) -> None:
        """Deliver nothing more."""
        for task in self.tasks:
            task.cancel()

    async def _follow(self, chat_id: int, lane: "asyncio.Queue[tuple[int, bytes]]") -> None:
        while True:
            update_id, body = await lane.get()
            self.posted[chat_id].append(update_id)
            copies = 2 if self.chance.random() < TWICE else 1
            await asyncio.gather(*(self._deliver(body) for _ in range(copies)))

    async def _deliver(self, body: bytes) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                url = f"http://127.0.0.1:{next(self.ports)}/"
                async with self.session.post(url, data=body, headers=headers) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.05)
