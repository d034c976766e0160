"""The whole house but Telegram and the disk: scenes, storage, planner and what the sender renders, in memory."""

import copy
import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, partial
from random import Random
from typing import Any, TypeVar
from unittest.mock import patch

from bot import app
from bot.dance.walk import Walk
from bot.delivery import sender
from bot.delivery.courier import Blocked, Failure, Sent
from bot.delivery.planner import plan_due
from bot.pictures import painter
from bot.scenes import starter, table
from bot.scenes.screen import InvitationCard
from bot.telegram import stage
from bot.telegram.album import Album
from bot.telegram.courier import TelegramCourier
from bot.telegram.panel import Panel, Shown, settle
from bot.telegram.router import Doing, Reach
from bot.telegram.stage import Played, play, reach
from prompts.instrument import ANSWER_VALUES
from storage import checkins, messages, outbox, people
from storage.deletion import finish_deletions
from storage.instants import from_milliseconds, to_milliseconds
from storage.store import Tx
from tests.care.chats import Chats, Line
from tests.care.in_memory import WORDS, Memory, furnish, stage_with, store_on
from tests.driver import THINKING, Person, StoryClock

_at = to_milliseconds
T = TypeVar("T")

STAGE = stage_with(bot_username="bot", operator_name="")
KINDS = starter.kinds(WORDS)
LONGEST_LEASE = timedelta(seconds=60)
LATEST = 4
"""Messages of each chat that a moment remembers, so that it is quickly gone back to."""

PLANNED = """
WITH reader AS (SELECT id FROM person WHERE telegram_id = ? AND forgotten_at IS NULL)
SELECT kind, due_at FROM plan WHERE person_id IN reader
UNION ALL SELECT kind, due_at FROM plan WHERE kind != 'open' AND couple_id IN
    (SELECT couple_id FROM seat WHERE person_id IN reader)
UNION ALL SELECT kind, available_at FROM outbox WHERE person_id IN reader AND state = 'ready'
ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Moment:
    """A house at an instant, to begin from again and again."""

    now: datetime
    data: bytes
    keys: bytes
    chats: Chats
    names: tuple[str, ...]


@dataclass
class House:
    """A world like `tests.driver.World`, for the same people; see there for what has no words here.

    Attributes:
        deletes_at_once: False where the power fails in the middle of a deletion, until a restart.
        readers: Who gets their screens by panel and courier; the others get the words and buttons alone, which is
            quicker, and nobody asks how. None is everybody.
    """

    clock: StoryClock
    data: Memory
    key_store: Memory
    people: dict[str, Person] = field(default_factory=dict)
    deletes_at_once: bool = True
    readers: frozenset[int] | None = None

    def __post_init__(self) -> None:
        self.store = store_on(self.data, self.key_store)
        self.stand_in = Chats(self.clock, itertools.count(1))
        self.open_doors()

    def open_doors(self) -> None:
        """What a process has besides its data: panel and courier, new after every start."""
        line: Any = Line(self.stand_in)
        album = Album(self.store, painter.digest, _paint)
        self.panel = Panel(line, self.store, album, self.clock)
        self.courier = TelegramCourier(line, self.store, album)

    def person(self, name: str) -> Person:
        """Somebody with a phone."""
        if name not in self.people:
            user_id = 5_000_000_000 + len(self.people)
            self.stand_in.add_user(user_id, name, "en")
            self.people[name] = Person(self, user_id, name)  # type: ignore[arg-type]
        return self.people[name]

    async def settled(self) -> None:
        """Handle what people did, and send what is due: what fell due while somebody was thinking, at its own time."""
        goal = self.clock.now()
        while (due := self._due()) < _at(goal):
            self._turn_to(from_milliseconds(due))
            await plan_due(self.store, self.clock.now(), KINDS)
            await self._send()
        self._turn_to(goal)
        while self.stand_in.queue:
            await self._handle(self.stand_in.queue.popleft())
        while self._due() <= _at(self.clock.now()):
            await plan_due(self.store, self.clock.now(), KINDS)
            await self._send()

    def _turn_to(self, instant: datetime) -> None:
        self.clock._shift += instant - self.clock.now()

    async def until(self, instant: datetime) -> None:
        """Let time pass, stopping at everything that falls due."""
        goal = _at(instant)
        while (due := self._due()) <= goal:
            late = timedelta(milliseconds=due) - timedelta(milliseconds=_at(self.clock.now()))
            self.clock.advance(max(late, timedelta()))
            await self.settled()
        self.clock.advance(max(instant - self.clock.now(), timedelta()))

    async def pass_time(self, by: timedelta) -> None:
        """Let time pass."""
        await self.until(self.clock.now() + by)

    async def restart(self) -> None:
        """Stop, and start again: what was half done is finished, and what hung in memory is gone."""
        await self.store.write(partial(app.release_leases, now=self.clock.now()))
        await finish_deletions(self.store)
        self.open_doors()

    async def skip_ahead(self, person: Person, dice: Random) -> None:
        """Give all answers of a walk but the last, without looking at each screen; the next tap repaints."""

        def answered(tx: Tx) -> None:
            row = people.find(tx, person.user_id)
            check_in = checkins.unfinished(tx, row.id) if row else None
            if check_in is None:
                return
            walk = Walk.from_json(check_in.walk or "")
            for position in range(walk.cursor, walk.total - 1):
                now = walk.shown_at + THINKING
                walk = walk.answer(position, dice.choice((*range(ANSWER_VALUES), None)), now)
            checkins.save_walk(tx, check_in, walk.to_json())

        await self.store.write(answered)

    def _due(self) -> float:
        """When the next thing falls due, in milliseconds; infinite if nothing is planned."""
        found = self.data.raw.execute(
            "SELECT min(at) FROM (SELECT min(due_at) AS at FROM plan UNION ALL"
            " SELECT min(available_at) FROM outbox WHERE state = 'ready')"
        ).fetchone()[0]
        return float("inf") if found is None else float(found)

    async def _handle(self, event: Doing | Reach) -> None:
        now = self.clock.now()
        if isinstance(event, Reach):
            await self.store.write(partial(reach, letter_id=0, change=event, now=now))
            return
        played = await self.store.write(partial(play, stage=STAGE, letter_id=0, doing=event, now=now))
        assert played is not None
        if event.tap is not None:
            noticed = event.tap.kind in table.NOTICES
            self.stand_in.notice(event.telegram_id, played.screen.notice if noticed else None)
        if played.person is None:
            await self.panel.greet(event.telegram_id, played.screen)
            return
        shown = await self._show(played, event)
        if played.final:
            if self.deletes_at_once:
                await finish_deletions(self.store)
        elif shown is None:
            pass
        elif isinstance(shown, Shown):
            await self.store.write(partial(settle, person_id=played.person.id, shown=shown, now=now))
        else:
            await self.store.write(partial(stage.lose, person=played.person))

    async def _show(self, played: Played, event: Doing) -> Shown | Failure | None:
        assert played.person is not None
        if self._reads(event.telegram_id):
            return await self.panel.show(played.person, played.screen, event.tapped)
        self.stand_in.glimpse(event.telegram_id, played.screen)
        return None

    def _reads(self, user_id: int) -> bool:
        return self.readers is None or user_id in self.readers

    async def _send(self) -> None:
        """Send what is due. What the sender writes down of its own work is nothing that a scene reads."""
        now = self.clock.now()
        lease = partial(outbox.lease, owner="house", now=now, until=now + LONGEST_LEASE, limit=sender.BATCH)
        for parcel in await self.store.write(lease):
            # A blocked bot is known to be blocked: telling so is the first thing that happens.
            rendered = await self.store.read(partial(app.render, parcel, stage=STAGE, clock=self.clock))
            if rendered is None or not rendered.person.reachable:
                continue
            if not self._reads(rendered.person.telegram_id):
                self.stand_in.glimpse(rendered.person.telegram_id, rendered.screen)
            else:
                outcome = await self.courier.send(rendered.person, rendered.screen, silent=rendered.silent)
                if isinstance(outcome, Sent) and outcome.message_id is not None:
                    noted = partial(messages.note, message_id=outcome.message_id, now=now)
                    await self.store.write(partial(noted, person_id=parcel.person_id))
                elif isinstance(outcome, Blocked):
                    await self.store.write(partial(people.change, person_id=parcel.person_id, reachable=False))
        self.data.raw.execute(
            "UPDATE outbox SET state = 'sent' WHERE state != 'sent' AND available_at <= ?", (_at(now),)
        )

    def planned_for(self, user_id: int) -> list[tuple[str, int]]:
        """What will reach somebody by itself, and when.

        Without the opening of a comparison: that one is planned when both have chosen to show, so it tells what
        nobody may see before it opens.
        """
        planned: list[tuple[str, int]] = self.data.raw.execute(PLANNED, (user_id,)).fetchall()
        return planned

    def moment(self) -> Moment:
        """Remember where the house is."""
        self.stand_in.forget_all_but(LATEST)
        chats = copy.deepcopy(replace(self.stand_in, clock=StoryClock(self.clock.now()), numbers=iter(())))
        now, names = self.clock.now(), tuple(self.people)
        return Moment(now, self.data.content(), self.key_store.content(), chats, names)


async def _paint(picture: Any) -> bytes:
    """The same description gives the same bytes (tests/unit/test_pictures.py), so its name stands for them."""
    if isinstance(picture, InvitationCard):
        # The code in its link comes from chance alone.
        picture = replace(picture, link="")
    return painter.digest(picture).encode()


def new_house(now: datetime) -> House:
    """An empty house."""
    data, key_store = Memory(), Memory()
    furnish(data, key_store)
    return House(StoryClock(now), data, key_store)


def house_at(moment: Moment, number: int) -> House:
    """A house as it was at a moment; of each number there is one at a time, for its connections are used again."""
    data, key_store = _memories(number)
    data.put_back(moment.data)
    key_store.put_back(moment.keys)
    clock = StoryClock(moment.now)
    house = House(clock, data, key_store)
    # Telegram's numbers grow at another pace in each house: nothing that a reader gets may depend on them.
    house.stand_in = replace(
        copy.deepcopy(moment.chats), clock=clock, numbers=itertools.count(10**6 * (number + 1), number + 1), heard={}
    )
    house.open_doors()
    house.stand_in._names = {}
    for name in moment.names:
        house.person(name)
    return house


@cache
def _memories(_number: int) -> tuple[Memory, Memory]:
    return Memory(), Memory()


@contextmanager
def without_inbox() -> Iterator[None]:
    """What people do comes straight from their thumbs: every letter is a new one."""
    with patch.object(stage.inbox, "done", lambda *_: True):
        yield


Story = Callable[[House], Awaitable[object]]
