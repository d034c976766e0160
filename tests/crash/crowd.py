"""People who tap and type at several workers, and what each of them remembers."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from bot.demo.standin import StandIn
from tests.driver import buttons_of, text_of

SEED = 20_261_122
FIRST = 5_000_000_000
BEGIN = "I'm 18 or over, let's begin"
NUDGE = "Your weekly questions are ready."
ANSWERS = ("Not true", "A little true", "Half true", "Mostly true", "Very true")

COMMANDS = ("/help", "/about", "/safety", "/privacy", "/settings")
"""Each is answered by a message of its own."""

MIDDLE = 10
"""Around this question people go to and fro, so that the walk never ends."""

PATIENCE = 60.0
"""Seconds for one screen: a dead process's chat is taken over after 14, and a laptop under load starts in 5."""

AT_THE_DOOR = 50
"""So many come in at the same time."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much happens.

    Attributes:
        workers: How many processes there are.
        people: How many tap.
        rounds: How often each of them taps a few answers and types some commands.
        every: Seconds between two kills.
        kills: How many there are at most.
        thinking: The longest that somebody looks at a screen before tapping again, in seconds.
        still: Whether one of the kills is a stop for longer than a claim lasts, after which the process goes on.
        patience: Seconds for one screen, or for a process to start; on a machine that others use all take longer.
    """

    workers: int
    people: int
    rounds: int
    every: float
    kills: int
    thinking: float = 0.0
    still: bool = False
    patience: float = PATIENCE


@dataclass
class Person:
    """Goes to and fro between questions, types commands one after the other, and remembers what is to be seen."""

    stand_in: StandIn
    user_id: int
    changed: asyncio.Event
    heads: Mapping[str, str]
    """How the answer to each command begins."""
    patience: float
    waits: list[float] = field(default_factory=list)
    replies: dict[int, int] = field(default_factory=dict)
    expected: int = 1

    def __post_init__(self) -> None:
        """Everybody has ways of their own, the same in every run."""
        self.chance = random.Random(self.user_id)  # noqa: S311

    @property
    def said(self) -> list[dict[str, Any]]:
        """What the bot said, but nudges."""
        messages = (each for each in self.stand_in.messages(self.user_id) if each["from"]["is_bot"])
        return [each for each in messages if not text_of(each).startswith(NUDGE)]

    @property
    def nudges(self) -> int:
        """How many nudges came."""
        return sum(text_of(each).startswith(NUDGE) for each in self.stand_in.messages(self.user_id))

    def question(self) -> tuple[int, dict[str, Any]] | None:
        """The question on the screen: its number, and its message, which is the newest one with answers under it."""
        for message in reversed(self.said):
            number = text_of(message).partition(" of ")[0]
            if number.isdecimal() and ANSWERS[0] in {button["text"] for button in buttons_of(message)}:
                return int(number), message
        return None

    def asks(self, number: int) -> bool:
        """Whether this question is on the screen."""
        found = self.question()
        return found is not None and found[0] == number

    async def begin(self) -> None:
        """Come in, up to the first question."""
        self.stand_in.say(self.user_id, "/start")
        await self.until(lambda: bool(self.said) and bool(buttons_of(self.said[-1])))
        self.press(self.said[-1], BEGIN)
        await self.until(lambda: self.asks(1))

    async def live(self, plan: Plan) -> None:
        """Tap some answers, type some commands at once, and go on where one was."""
        for _ in range(plan.rounds):
            for _ in range(self.chance.randint(2, 5)):
                await asyncio.sleep(self.chance.random() * plan.thinking)
                await self.answer()
            await asyncio.sleep(self.chance.random() * plan.thinking)
            await self.type_away()
            self.stand_in.say(self.user_id, "/checkin")
            await self.until(lambda: self.asks(self.expected))

    async def answer(self) -> None:
        """Answer, or go back: the tap leads to the question that it leads to, whoever died meanwhile."""
        if self.question() is None:
            # The screen is just being painted anew: the old one has lost its buttons, the new one is on its way.
            await self.until(lambda: self.question() is not None)
        found = self.question()
        assert found is not None
        assert found[0] == self.expected, (self.user_id, found, self.expected)
        number, message = found
        if number > 1 and self.chance.random() < number / (2 * MIDDLE):
            self.expected = number - 1
            self.press(message, "Back")
        else:
            value = self.chance.randrange(len(ANSWERS))
            self.replies[number] = value
            self.expected = number + 1
            self.press(message, ANSWERS[value])
        await self.until(lambda: self.asks(self.expected))

    async def type_away(self) -> None:
        """Type a few commands without waiting: the answers come in that order, none after a newer one."""
        typed = self.chance.sample(COMMANDS, 3)
        before = len(self.said)
        for command in typed:
            self.stand_in.say(self.user_id, command)
        last = self.heads[typed[-1]]
        await self.until(lambda: len(self.said) > before and text_of(self.said[-1]).startswith(last))
        seen = [text_of(each) for each in self.said[before:]]
        # A question may be among them that was painted again.
        places = [place for text in seen for place, what in enumerate(typed) if text.startswith(self.heads[what])]
        assert places == sorted(places), (self.user_id, typed, seen)

    def press(self, message: Mapping[str, Any], label: str) -> None:
        """Tap the button with these words."""
        data = next(button["callback_data"] for button in buttons_of(dict(message)) if button["text"] == label)
        self.stand_in.tap(self.user_id, message["message_id"], data)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for a screen, and remember for how long."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self.patience):
                while not true():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            shown = [text_of(each)[:40] for each in self.said[-4:]]
            raise AssertionError(
                f"{self.user_id} waits for question {self.expected} or a reply; sees {shown}"
            ) from None
        self.waits.append(time.perf_counter() - began)


async def come_in(stack: AsyncExitStack, stand_in: StandIn, plan: Plan) -> list[Person]:
    """Let everybody come in; the first one finds out how the answers to commands begin."""
    changed: dict[int, asyncio.Event] = {}

    async def listen() -> None:
        async for change in stand_in.watch():
            if change.chat_id in changed:
                changed[change.chat_id].set()

    listening_in = asyncio.create_task(listen())
    stack.callback(listening_in.cancel)
    heads: dict[str, str] = {}
    crowd = []
    for number in range(plan.people):
        user_id = FIRST + number
        stand_in.add_user(user_id, "Somebody")
        changed[user_id] = asyncio.Event()
        crowd.append(Person(stand_in, user_id, changed[user_id], heads, plan.patience))
    at_the_door = asyncio.Semaphore(AT_THE_DOOR)

    async def begin(person: Person) -> None:
        async with at_the_door:
            await person.begin()

    await asyncio.gather(*(begin(person) for person in crowd))
    guide = crowd[0]
    for command in COMMANDS:
        before = len(guide.said)
        stand_in.say(guide.user_id, command)
        await guide.until(lambda before=before: len(guide.said) > before)
        heads[command] = text_of(guide.said[-1])[:20]
    assert len(set(heads.values())) == len(COMMANDS), heads
    stand_in.say(guide.user_id, "/checkin")
    await guide.until(lambda: guide.asks(1))
    return crowd
