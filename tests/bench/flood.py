"""A courier to a server that takes Telegram's limits seriously."""

import asyncio
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.delivery.courier import Later, Outcome, Sent
from bot.scenes.screen import Screen
from storage.records import Person

EVERYBODY = 30.0
"""Messages a second to all chats together (core.telegram.org/bots/faq, "How can I message all of my bot's subscribers").
"""

ONE_CHAT = 1.0
"""Messages a second to one chat (there, too)."""

ANSWERS_AFTER = 0.05
"""Seconds until Telegram answers, about, from Europe."""

SPREAD = 0.6
"""How far answers stray: one in a hundred takes four times as long."""


@dataclass
class Server:
    """Lets 30 messages a second pass, one a second to a chat, and tells who is too fast to wait."""

    time: Callable[[], float]
    chance: random.Random
    tokens: float = EVERYBODY
    filled_at: float = 0.0
    chats: dict[int, float] = field(default_factory=dict)
    floods: int = 0
    sent: int = 0

    async def take(self, chat: int) -> float:
        """Take a message; returns 0, or the seconds that Telegram wants to be left alone."""
        patience = ANSWERS_AFTER * self.chance.lognormvariate(0, SPREAD)
        await asyncio.sleep(patience / 2)
        wait = self._count(chat)
        await asyncio.sleep(patience / 2)
        return wait

    def _count(self, chat: int) -> float:
        now = self.time()
        self.tokens = min(EVERYBODY, self.tokens + (now - self.filled_at) * EVERYBODY)
        self.filled_at = now
        free_at = self.chats.get(chat, now)
        if self.tokens >= 1 and free_at <= now:
            self.tokens -= 1
            self.chats[chat] = now + 1 / ONE_CHAT
            self.sent += 1
            return 0.0
        self.floods += 1
        return float(math.ceil(max((1 - self.tokens) / EVERYBODY, free_at - now)))


@dataclass
class Carrier:
    """A `bot.delivery.courier.Courier` to that server, which notes when each message arrived."""

    server: Server
    arrived: dict[int, float] = field(default_factory=dict)

    async def send(self, person: Person, screen: Screen, *, silent: bool) -> Outcome:
        """Carry one screen; see the protocol."""
        del screen, silent
        wait = await self.server.take(person.telegram_id)
        if wait:
            return Later(wait)
        self.arrived[person.id] = self.server.time()
        return Sent(self.server.sent)
