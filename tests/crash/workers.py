"""Several real processes behind a proxy, on one PostgreSQL; people who tap; and somebody who kills the processes."""

import asyncio
import itertools
import json
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import Connection, func, select, text

from bot import listening
from bot.dance.walk import Walk
from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from bot.telegram.letters import chat_of
from storage import checkins, claims, outbox, people, tables
from storage.connect import on_database
from storage.engine import now_there, parse_url
from storage.records import OnUnknown
from storage.store import Store, Tx, open_store
from tests.databases import Place
from tests.driver import TOKEN, buttons_of, text_of
from tests.processes import Running, running

SEED = 20_261_122
FIRST = 5_000_000_000
BEGIN = "I'm 18 or over, let's begin"
NUDGE = "Your weekly questions are ready."
READY = "Stop with Ctrl+C."
ANSWERS = ("Not true", "A little true", "Half true", "Mostly true", "Very true")
COMMANDS = ("/help", "/about", "/safety", "/privacy", "/settings")
"""Each is answered by a message of its own."""

MIDDLE = 10
"""Around this question people go to and fro, so that the walk never ends."""

PATIENCE = 60.0
"""Seconds for one screen: a dead process's chat is taken over after 14, and a laptop under load starts in 5."""

AT_THE_DOOR = 50
"""So many come in at the same time."""

NUDGES_WITHIN = timedelta(seconds=12)
SECRET = "between-us"
TWICE = 0.05
"""How often the proxy delivers an update twice, to two processes at once."""


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
    """

    workers: int
    people: int
    rounds: int
    every: float
    kills: int
    thinking: float = 0.0
    still: bool = False


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


@dataclass
class Person:
    """Goes to and fro between questions, types commands one after the other, and remembers what is to be seen."""

    stand_in: StandIn
    user_id: int
    changed: asyncio.Event
    heads: Mapping[str, str]
    """How the answer to each command begins."""
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
        places = [next(place for place, what in enumerate(typed) if text.startswith(self.heads[what])) for text in seen]
        assert places == sorted(places), (self.user_id, typed, seen)

    def press(self, message: Mapping[str, Any], label: str) -> None:
        """Tap the button with these words."""
        data = next(button["callback_data"] for button in buttons_of(dict(message)) if button["text"] == label)
        self.stand_in.tap(self.user_id, message["message_id"], data)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for a screen, and remember for how long."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            shown = [text_of(each)[:40] for each in self.said[-4:]]
            raise AssertionError(
                f"{self.user_id} waits for question {self.expected} or a reply; sees {shown}"
            ) from None
        self.waits.append(time.perf_counter() - began)


@dataclass
class Worker:
    """A process that may die, and is started again."""

    folder: Path
    given: Mapping[str, str]
    complaints: str = ""
    process: Running | None = None
    open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        """Start it, and wait until it takes updates."""
        self.folder.mkdir(exist_ok=True)
        self.process = await self.open.enter_async_context(running("run", folder=self.folder, **self.given))
        await self.process.until(READY)

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
        workers = [Worker(folder / str(number), given(place, address)) for number in range(plan.workers)]
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
            await until_quiet(store)
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
        crowd.append(Person(stand_in, user_id, changed[user_id], heads))
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


def put_nudges(tx: Tx, plan: Plan) -> None:
    """A nudge for everybody, due one after the other while processes die."""
    now = datetime.now(UTC)
    for place, person_id in enumerate(sorted(people.numbers(tx))):
        people.change(tx, person_id, zone="UTC", quiet_from=0, quiet_to=0)
        outbox.put(
            tx, key=f"nudge:{person_id}", kind="nudge", person_id=person_id, ref=None, on_unknown=OnUnknown.DROP,
            priority=5, available_at=now + place * NUDGES_WITHIN / plan.people, expires_at=now + timedelta(hours=1), now=now,
        )  # fmt: skip


async def until_quiet(store: Store) -> None:
    """Wait until nothing is open, owed, held or on its way; a dead process's claims need their time."""
    async with asyncio.timeout(PATIENCE):
        while left := await store.read(left_lying):
            await asyncio.sleep(0.2)
            assert left  # what a time-out shows


def left_lying(tx: Tx) -> dict[str, int]:
    """How many rows of each kind wait for somebody."""
    waiting = {
        "open": select(func.count()).select_from(tables.inbox).where(tables.inbox.c.state == "open"),
        "owed": select(func.count()).select_from(tables.person).where(tables.person.c.owed),
        "held": select(func.count()).select_from(tables.claim).where(tables.claim.c.until_at > now_there()),
        "outbox": select(func.count())
        .select_from(tables.outbox)
        .where(tables.outbox.c.state.in_(["ready", "leased", "sending"])),
    }
    counted = {what: tx.connection.execute(query).scalar_one() for what, query in waiting.items()}
    return {what: number for what, number in counted.items() if number}


async def look_into(store: Store, crowd: list[Person]) -> None:
    """What everybody answered is what is kept; every update was handled; no nudge came twice."""
    for person in crowd:
        walk = await store.read(partial(walk_of, telegram_id=person.user_id))
        assert {number: reply.value for number, reply in enumerate(walk.replies, 1)} == person.replies
        assert walk.cursor + 1 == person.expected
        assert person.nudges <= 1
    states = await store.read(states_of)
    assert set(states["inbox"]) == {"done"}
    came = sum(person.nudges for person in crowd)
    outcomes = states["outbox"]
    assert outcomes.keys() <= {"sent", "unknown"}
    assert outcomes["sent"] <= came <= outcomes.total() == len(crowd)


def walk_of(tx: Tx, telegram_id: int) -> Walk:
    """The walk that a person is on."""
    person = people.find(tx, telegram_id)
    assert person is not None
    check_in = checkins.unfinished(tx, person.id)
    assert check_in is not None
    assert check_in.walk is not None
    return Walk.from_json(check_in.walk)


def states_of(tx: Tx) -> dict[str, Counter[str]]:
    """How many rows are in which state."""
    return {
        table.name: Counter(tx.connection.execute(select(table.c.state)).scalars())
        for table in (tables.inbox, tables.outbox)
    }


def watch_the_inbox(connection: Connection) -> None:
    """Let the database itself write down, in each transaction, which update takes effect, in order."""
    for statement in (
        "CREATE TABLE effect (seq bigserial PRIMARY KEY, chat_id bigint NOT NULL, update_id bigint NOT NULL UNIQUE)",
        """CREATE FUNCTION note_effect() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           INSERT INTO effect (chat_id, update_id) VALUES (OLD.chat_id, OLD.update_id); RETURN NEW; END $$""",
        """CREATE TRIGGER note_effect AFTER UPDATE ON inbox FOR EACH ROW
           WHEN (OLD.state = 'open' AND NEW.state <> 'open') EXECUTE FUNCTION note_effect()""",
    ):
        connection.execute(text(statement))


def look_away(connection: Connection) -> None:
    """Leave the database as it was."""
    connection.execute(text("DROP TRIGGER note_effect ON inbox"))
    connection.execute(text("DROP FUNCTION note_effect"))
    connection.execute(text("DROP TABLE effect"))


def in_order(tx: Tx) -> dict[int, list[int]]:
    """Every update that took effect, in the order in which it did, by chat."""
    rows = tx.connection.execute(text("SELECT chat_id, update_id FROM effect ORDER BY seq"))
    effects: dict[int, list[int]] = {}
    for chat_id, update_id in rows:
        effects.setdefault(chat_id, []).append(update_id)
    return effects
