"""A town of simulated couples on a fast clock: real scenes, real storage, real delivery, and no network."""

import asyncio
import heapq
import itertools
import json
import random
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from bot import app
from bot.delivery.courier import Blocked, Outcome, Sent
from bot.delivery.leader import Leader
from bot.delivery.pace import Pace
from bot.delivery.planner import plan_due
from bot.delivery.sender import Rendered, Sender
from bot.pictures import painter
from bot.scenes import starter
from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import House, Visitor
from bot.settings import Settings
from bot.telegram import callbacks
from bot.telegram.album import NewFile
from bot.telegram.panel import Shown, settle
from bot.telegram.router import Doing, Reach, Tapped
from bot.telegram.stage import Played, Stage, play, reach, voices
from prompts.catalogue import Catalogue
from storage import couples, files, inbox, outbox, people, plans
from storage.deletion import finish_deletions
from storage.records import Parcel, Person
from storage.store import Store, Tx
from tests.year.deciding import PATIENCE, Mind, Visit, decide
from tests.year.kinds import Kind
from tests.year.phone import TAP_SECONDS, Message, Phone, reading_seconds
from tests.year.tally import Step, Tally

START: Final = datetime(2027, 1, 4, tzinfo=UTC)
"""A Monday."""

TICK: Final = timedelta(minutes=1)
"""How often the planner and the sender look; the program looks every second."""

WEEK: Final = timedelta(weeks=1)
DAY: Final = timedelta(days=1)
SOON: Final = timedelta(minutes=20)
FIRST_ID: Final = 5_000_000_000
HURRIED_SECONDS: Final = 0.4
"""Between two taps of somebody who does not read."""

WRITES: Final = 0.4
"""Chance to write rather than to tap in a talk; where nothing is to be written, the bot says so."""

NAMES: Final = ("Kim", "Noor", "Sam", "Alex", "Robin", "Toni")
CODE: Final = re.compile(r"\?start=([\w-]+)")
FILE_ID: Final = "AgACAgIAAxkBAAI" + "x" * 68
"""As long as Telegram's names for pictures are."""


@dataclass(slots=True)
class FastClock:
    """Time as the town has it."""

    at: datetime = START

    def now(self) -> datetime:
        """The wall clock."""
        return self.at

    def monotonic(self) -> float:
        """Seconds that are never set back."""
        return (self.at - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Let time pass; who sleeps at the same time sleeps through the same time."""
        self.at = max(self.at, self.at + timedelta(seconds=seconds))
        await asyncio.sleep(0)


@dataclass(slots=True)
class Human:
    """Somebody who lives in the town."""

    number: int
    mind: Mind
    phone: Phone = field(default_factory=Phone)
    partner: "Human | None" = None
    looking: Message | None = None
    visit: Visit | None = None
    told_zone: bool = False
    away: list[tuple[datetime, datetime]] = field(default_factory=list)
    blocks: bool = False
    here: bool = False

    @property
    def telegram_id(self) -> int:
        """Telegram's number."""
        return FIRST_ID + self.number

    @property
    def kind(self) -> Kind:
        """Their habits."""
        return self.mind.kind

    @property
    def visitor(self) -> Visitor:
        """What Telegram says of them."""
        return Visitor(first_name=NAMES[self.number % len(NAMES)], language_code="en")


class Town:
    """Everybody, and the program that writes to them."""

    def __init__(self, store: Store, words: Catalogue, households: Sequence[tuple[Kind, ...]], *, seed: int) -> None:
        """Let people move in; nobody knows the bot yet."""
        self.store = store
        self.clock = FastClock()
        self.tally = Tally(words, START)
        self.humans: list[Human] = []
        self._chance = random.Random(seed)  # noqa: S311 - a simulation
        self._ids = itertools.count(1)
        self._order = itertools.count()
        self._events: list[tuple[datetime, int, Callable[[], object]]] = []
        self._stage = Stage(app.routes(), voices({"en": words}), House("bot", "", open_to_everyone=True))
        self._kinds = starter.kinds(words)
        self._carried: dict[int, Parcel] = {}
        self._settings = Settings(bot_token="1:x")
        leader = Leader(store, owner="town", clock=self.clock)
        self._leader = leader
        self._sender = Sender(
            store=store,
            courier=self,
            render=self._render,
            pace=Pace(self._settings.send_rate, monotonic=self.clock.monotonic, sleep=self.clock.sleep),
            leader=leader,
            clock=self.clock,
            owner="town",
        )
        for kinds in households:
            self._move_in(kinds)

    def _move_in(self, kinds: tuple[Kind, ...]) -> None:
        came = []
        for kind in kinds:
            chance = random.Random(self._chance.random())  # noqa: S311 - a simulation
            mind = Mind(kind, chance, chance.uniform(0.1, 0.9), chance.uniform(0.1, 0.9))
            mind.statements = dict(self.tally.words.statements)
            came.append(Human(len(self.humans), mind))
            self.humans.append(came[-1])
        if len(came) > 1:
            came[0].partner, came[1].partner = came[1], came[0]
        first = START + timedelta(minutes=self._chance.randrange(7 * 24 * 60))
        self.at(first, partial(self.begins, came[0]))
        for human in came:
            self.at(first + WEEK, partial(self.lives_a_week, human))

    # Time

    def at(self, when: datetime, what: Callable[[], object]) -> None:
        """Let something happen at an instant."""
        heapq.heappush(self._events, (when, next(self._order), what))

    async def live(self, weeks: int) -> None:
        """Let time go by until so many weeks are over."""
        end = START + weeks * WEEK
        tomorrow = START + ((self.clock.at - START) // DAY + 1) * DAY
        tick = self.clock.at
        while True:
            now = min(self._events[0][0] if self._events else end, tick, tomorrow)
            if now >= end:
                break
            self.clock.at = max(self.clock.at, now)
            if now >= tick:
                tick = await self._tick() or end
            if now >= tomorrow:
                await self._tidy()
                tomorrow += DAY
            while self._events and self._events[0][0] <= self.clock.at:
                # Whatever somebody does may let something fall due: at the next full minute the program looks.
                tick = min(tick, _full_minute(self.clock.at))
                result = heapq.heappop(self._events)[2]()
                if asyncio.iscoroutine(result):
                    await result
        self.clock.at = end

    async def settle(self) -> None:
        """Deliver what has fallen due by now."""
        await self._tick()

    async def _tick(self) -> datetime | None:
        """Deliver what is due, and say at which full minute there is more to do."""

        def soonest(tx: Tx) -> datetime | None:
            moments = [moment for moment in (plans.next_due(tx), outbox.next_available(tx)) if moment is not None]
            return min(moments, default=None)

        moment = await self.store.read(soonest)
        if moment is not None and moment <= self.clock.at:
            await plan_due(self.store, self.clock.now(), self._kinds)
            await self._leader.renew()
            await self._sender.tick()
            moment = await self.store.read(soonest)
        return None if moment is None else _full_minute(max(moment, self.clock.at))

    async def _tidy(self) -> None:
        await self.store.write(partial(app.tidy, settings=self._settings, now=self.clock.now()))
        await self._sender.reclaim()

    # The courier

    def _render(self, parcel: Parcel, tx: Tx) -> Rendered | None:
        rendered = app.render(parcel, tx, stage=self._stage, clock=self.clock)
        if rendered is not None:
            self._carried[id(rendered.screen)] = parcel
        return rendered

    async def send(self, person: Person, screen: Screen, *, silent: bool) -> Outcome:
        """Carry a parcel to somebody's phone; see `bot.delivery.courier.Courier`."""
        parcel = self._carried.pop(id(screen))
        human = self.humans[person.telegram_id - FIRST_ID]
        if human.blocks or not human.here:
            self.tally.happened["a parcel to somebody who is away"] += 1
            return Blocked()
        message = Message(next(self._ids), screen, is_text=screen.picture is None)
        human.phone.parcels.append(message)
        now = self.clock.now()
        self.tally.arrived(human.number, person, parcel, screen, now)
        if screen.picture is not None and not person.text_only:
            await self._keep_file(person.id, screen)
        del silent
        self._react(human, parcel.kind, message, now)
        return Sent(message.message_id)

    async def _keep_file(self, person_id: int, screen: Screen) -> None:
        if screen.picture is not None:
            digest = painter.digest(screen.picture)
            await self.store.write(partial(files.put, person_id=person_id, digest=digest, file_id=FILE_ID))

    def _react(self, human: Human, kind: str, message: Message, now: datetime) -> None:
        dice, habits = human.mind.chance, human.kind
        delay = timedelta(hours=habits.delay_hours * dice.lognormvariate(0, 0.8))
        if kind in {"nudge", "reminder"}:
            if dice.random() < habits.answers:
                self.at(now + delay, partial(self.comes, human, self._weekly_aims(human), message))
        elif kind == "paired":
            self.at(now + delay, partial(self.comes, human, ["check in", *self._weekly_aims(human)], message))
        elif kind.startswith("talk"):
            if dice.random() < habits.answers:
                self.at(now + delay, partial(self.comes, human, ["talk"], message))
        elif dice.random() < habits.reads_parcels:
            aims = ["talked"] if dice.random() < 0.5 else []
            self.at(now + delay, partial(self.comes, human, aims, message))

    def _weekly_aims(self, human: Human) -> list[str]:
        aims = ["check in"]
        if human.partner is not None:
            if human.mind.chance.random() < human.kind.guesses:
                aims.append("guess")
            if human.mind.level is not None:
                aims.append("show")
            if human.mind.chance.random() < human.kind.thanks:
                aims.append("thanks")
            if human.mind.chance.random() < human.kind.talks:
                aims.append("talk")
        if human.mind.chance.random() < human.kind.looks_back:
            aims.append("history")
        return aims

    # What people do

    async def begins(self, human: Human) -> None:
        """Somebody comes for the first time, or again after being forgotten."""
        human.here, human.blocks, human.told_zone = True, False, False
        human.phone = Phone()
        human.mind.next_week()
        await self.types(human, "start", "")
        aims = ["check in"]
        if human.kind.tells_zone:
            aims.append("zone")
        if human.kind.text_only:
            aims.append("text only")
        if human.partner is not None and not human.kind.alone:
            aims.append("invite")
        self._opens(human, aims, human.phone.panel)

    async def lives_a_week(self, human: Human) -> None:
        """Another week of somebody's life begins."""
        now = self.clock.now()
        self.at(now + WEEK, partial(self.lives_a_week, human))
        human.mind.next_week()
        if not human.here or human.blocks:
            return
        dice = human.mind.chance
        for what, likely in human.kind.weekly:
            if dice.random() < likely:
                self.at(now + dice.random() * WEEK, partial(self.happens, human, what))
        if dice.random() < human.kind.comes:
            self.at(now + dice.random() * WEEK, partial(self.comes, human, self._weekly_aims(human), None))
        partner = human.partner
        if partner is not None and partner.here and not await self._in_a_pair(human) and dice.random() < 0.7:
            self.at(now + dice.random() * WEEK, partial(self.comes, human, ["invite"], None))

    async def _in_a_pair(self, human: Human) -> bool:
        def asked(tx: Tx) -> bool:
            person = people.find(tx, human.telegram_id)
            return person is not None and couples.of(tx, person.id) is not None

        return await self.store.read(asked)

    async def happens(self, human: Human, what: str) -> None:
        """Something of the week comes true."""
        if not human.here or human.blocks:
            return
        self.tally.happened[what] += 1
        now = self.clock.now()
        match what:
            case "block":
                human.blocks = True
                back = now + human.kind.away_weeks * WEEK
                human.away.append((now, back))
                if human.mind.chance.random() < 0.5:  # else the bot finds out when it writes
                    await self._reach(human, reachable=False)
                self.at(back, partial(self.unblocks, human))
            case "travel":
                self.comes(human, ["zone"], None)
            case "slot":
                self.comes(human, ["slot", "hour"], None)
            case _:
                self.comes(human, [what], None)

    async def unblocks(self, human: Human) -> None:
        """Somebody lets the bot in again."""
        human.blocks = False
        if human.mind.chance.random() < 0.5:
            await self._reach(human, reachable=True)
        self.comes(human, self._weekly_aims(human), None)

    async def _reach(self, human: Human, *, reachable: bool) -> None:
        now = self.clock.now()

        def unit(tx: Tx) -> None:
            reach(tx, self._letter(tx, human), Reach(human.telegram_id, reachable), now)

        await self.store.write(unit)

    def comes(self, human: Human, aims: list[str], message: Message | None) -> None:
        """Somebody takes the phone to do something."""
        if not human.here or human.blocks:
            return
        if human.visit is not None:
            human.visit.aims.extend(aims)
        else:
            self._opens(human, aims, message)

    def _opens(self, human: Human, aims: list[str], message: Message | None) -> None:
        dice, habits = human.mind.chance, human.kind
        visit = Visit(deque(aims), wanders=int(dice.expovariate(1 / habits.wanders)) if habits.wanders else 0)
        if dice.random() > habits.finishes:
            visit.pauses_at = dice.randint(2, 12)
        human.visit = visit
        human.looking = message if message is not None and message.buttons else human.phone.panel
        self.at(self.clock.now() + timedelta(seconds=TAP_SECONDS), partial(self.taps, human))

    async def taps(self, human: Human) -> None:
        """One tap of somebody, and when the next one follows."""
        visit, seen = human.visit, human.looking
        if visit is None or not human.here or human.blocks:
            human.visit = None
            return
        if human.mind.chance.random() < human.kind.typed / 10:
            await self.types(human, None, "Hello there")
        elif self._is_to_write(human, visit):
            await self.types(human, None, "When we cooked together, I felt glad.")
        elif seen is None or not seen.buttons:
            await self.types(human, "start", "")
            if human.looking is None or not human.looking.buttons:
                human.visit = None
                return
        else:
            button = decide(human.mind, visit, seen.screen, seen.buttons)
            if button is None or button.tap is None:
                self._puts_away(human, visit)
                return
            await self._does(human, tap=button.tap, tapped=seen)
        if human.looking is None or human.visit is None:
            return
        seconds = HURRIED_SECONDS if human.kind.hurried else reading_seconds(human.looking.screen) + TAP_SECONDS
        self.at(self.clock.now() + timedelta(seconds=seconds), partial(self.taps, human))

    def _is_to_write(self, human: Human, visit: Visit) -> bool:
        """In a talk, typed words are what moves it on, where no button does."""
        seen = human.looking
        if seen is None or seen.screen.place.kind != "talk" or "talk" not in visit.aims or not seen.is_text:
            return False
        visit.spent += 1
        return visit.spent <= PATIENCE and human.mind.chance.random() < WRITES

    def _puts_away(self, human: Human, visit: Visit) -> None:
        human.visit = None
        if visit.pauses_at:
            delay = timedelta(hours=human.kind.delay_hours * (1 + human.mind.chance.random()))
            self.at(self.clock.now() + delay, partial(self.comes, human, self._weekly_aims(human), None))

    async def types(self, human: Human, command: str | None, text: str) -> None:
        """Somebody types a command or a text."""
        await self._does(human, command=command, text=text)

    async def _does(
        self,
        human: Human,
        *,
        tap: Tap | None = None,
        tapped: Message | None = None,
        command: str | None = None,
        text: str | None = None,
    ) -> None:
        now = self.clock.now()
        stood = human.phone.panel.screen.place.kind if human.phone.panel else ""
        kind = tap.kind if tap else f"/{command}" if command else "(typed)"
        doing = Doing(
            telegram_id=human.telegram_id,
            visitor=human.visitor,
            command=command,
            text=text or None,
            tap=callbacks.decode(callbacks.encode(tap)) if tap else None,
            tapped=Tapped(tapped.message_id, tapped.is_text, tapped.screen.protect) if tapped else None,
        )

        def unit(tx: Tx) -> Played:
            played = play(tx, self._stage, self._letter(tx, human), doing, now)
            assert played is not None
            self._sees(tx, human, played, tapped, kind)
            return played

        try:
            played = await self.store.write(unit)
        except Exception as error:  # noqa: BLE001 - whatever went wrong is what is looked for
            self.tally.blame("a scene failed", (kind, doing, repr(error)))
            human.visit = None
            return
        if played.final:
            await finish_deletions(self.store)
        self._notices(human, tap, played, stood)

    def _letter(self, tx: Tx, human: Human) -> int:
        now, payload = self.clock.now(), json.dumps({"from": human.telegram_id})
        return inbox.store(tx, [(next(self._ids), human.telegram_id, payload)], now)[0].id

    def _sees(self, tx: Tx, human: Human, played: Played, tapped: Message | None, kind: str) -> None:
        now, screen = self.clock.now(), played.screen
        before = tapped.screen if tapped else None
        new = human.phone.show(screen, tapped, partial(next, self._ids))
        curious = human.visit is not None and human.visit.curious
        self.tally.shown(human.number, Step(kind, screen, before, new, curious), now)
        human.looking = human.phone.panel
        panel = human.phone.panel
        if played.person is None or panel is None or played.final:
            return
        file = NewFile(painter.digest(screen.picture), FILE_ID) if screen.picture and new else None
        shown = Shown(panel.message_id, "text" if panel.is_text else "picture", "digest", sent=new, file=file)
        settle(tx, played.person.id, shown, now)

    def _notices(self, human: Human, tap: Tap | None, played: Played, stood: str) -> None:
        """What follows outside of the phone from a tap or from typed words; *stood* is the place they were sent from."""
        now, screen = self.clock.now(), played.screen
        if played.final:
            human.here, human.visit = False, None
            self.tally.forgotten(human.number)
            back = now + human.kind.away_weeks * WEEK
            human.away.append((now, back))
            self.at(back, partial(self.begins, human))
        elif tap is not None and tap.kind == "zone.set":
            human.told_zone = True
            ZoneInfo(tap.args[0])
        partner = human.partner
        if partner is not None and stood == "join.yes" and screen.place.kind == "paired":  # a name was tapped or typed
            self.tally.paired(human.number, partner.number)
        code = next((found for row in screen.rows for one in row if (found := CODE.search(one.share or ""))), None)
        if code is not None and partner is not None and not human.kind.alone and tap is not None:
            later = timedelta(hours=partner.kind.delay_hours)
            self.at(now + later, partial(self.accepts, partner, code[1]))

    async def accepts(self, human: Human, code: str) -> None:
        """Somebody follows an invitation."""
        if human.blocks or human.visit is not None or (human.here and await self._in_a_pair(human)):
            return
        human.here = True
        await self.types(human, "start", code)
        aims = ["join", "check in"]
        if human.kind.tells_zone and not human.told_zone:
            aims.append("zone")
        if human.kind.text_only:
            aims.append("text only")
        self._opens(human, [*aims, "show"], human.phone.panel)


def _full_minute(moment: datetime) -> datetime:
    """The first full minute from a moment on."""
    seconds = -((START - moment) // timedelta(seconds=1))
    return START + timedelta(minutes=-(-seconds // 60))
