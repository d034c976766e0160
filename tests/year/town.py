"""A town of simulated couples on a fast clock: real scenes, real storage, real delivery, and no network."""

import itertools
import json
import random
import re
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from bot import app
from bot.pictures import painter
from bot.scenes.screen import Tap
from bot.scenes.turn import House
from bot.telegram import callbacks
from bot.telegram.album import NewFile
from bot.telegram.panel import Shown, settle
from bot.telegram.router import Doing, Reach, Tapped
from bot.telegram.stage import Played, Stage, play, reach, voices
from prompts.catalogue import Catalogue
from storage import couples, inbox, people
from storage.deletion import finish_deletions
from storage.store import Store, Tx
from tests.year.course import Course, FastClock
from tests.year.deciding import PATIENCE, Mind, Visit, decide
from tests.year.humans import START, WEEK, Human
from tests.year.kinds import Kind
from tests.year.phone import TAP_SECONDS, Message, Phone, reading_seconds
from tests.year.post import FILE_ID, Post
from tests.year.tally import Step, Tally

HURRIED_SECONDS: Final = 0.4
"""Between two taps of somebody who does not read."""

WRITES: Final = 0.4
"""Chance to write rather than to tap in a talk; where nothing is to be written, the bot says so."""

CODE: Final = re.compile(r"\?start=([\w-]+)")


class Town:
    """Everybody, and what they do."""

    def __init__(self, store: Store, words: Catalogue, households: Sequence[tuple[Kind, ...]], *, seed: int) -> None:
        """Let people move in; nobody knows the bot yet."""
        self.store = store
        self.clock = FastClock()
        self.tally = Tally(words, START)
        self.humans: list[Human] = []
        self._chance = random.Random(seed)  # noqa: S311 - a simulation
        self._ids = itertools.count(1)
        self._course = Course(self.clock)
        self._stage = Stage(app.routes(), voices({"en": words}), House("bot", "", open_to_everyone=True))
        self._post = Post(
            store,
            self.clock,
            self._stage,
            tally=self.tally,
            humans=self.humans,
            numbers=partial(next, self._ids),
            reacts=self._reacts,
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
        self._course.at(first, partial(self.begins, came[0]))
        for human in came:
            self._course.at(first + WEEK, partial(self.lives_a_week, human))

    async def live(self, weeks: int) -> None:
        """Let time go by until so many weeks are over."""
        await self._course.go_on(weeks, self._post)

    async def settle(self) -> None:
        """Deliver what has fallen due by now."""
        await self._post.tick()

    def _reacts(self, human: Human, kind: str, message: Message, now: datetime) -> None:
        dice, habits = human.mind.chance, human.kind
        delay = timedelta(hours=habits.delay_hours * dice.lognormvariate(0, 0.8))
        if kind in {"nudge", "reminder"}:
            if dice.random() < habits.answers:
                self._course.at(now + delay, partial(self.comes, human, self._weekly_aims(human), message))
        elif kind == "paired":
            self._course.at(now + delay, partial(self.comes, human, ["check in", *self._weekly_aims(human)], message))
        elif kind.startswith("talk"):
            if dice.random() < habits.answers:
                self._course.at(now + delay, partial(self.comes, human, ["talk"], message))
        elif dice.random() < habits.reads_parcels:
            aims = ["talked"] if dice.random() < 0.5 else []
            self._course.at(now + delay, partial(self.comes, human, aims, message))

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
        self._course.at(now + WEEK, partial(self.lives_a_week, human))
        human.mind.next_week()
        if not human.here or human.blocks:
            return
        dice = human.mind.chance
        for what, likely in human.kind.weekly:
            if dice.random() < likely:
                self._course.at(now + dice.random() * WEEK, partial(self.happens, human, what))
        if dice.random() < human.kind.comes:
            self._course.at(now + dice.random() * WEEK, partial(self.comes, human, self._weekly_aims(human), None))
        partner = human.partner
        if partner is not None and partner.here and not await self._in_a_pair(human) and dice.random() < 0.7:
            self._course.at(now + dice.random() * WEEK, partial(self.comes, human, ["invite"], None))

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
                human.away.append((human.unheard or now, back))
                human.unheard = None
                if human.mind.chance.random() < 0.5:  # else the bot finds out when it writes
                    await self._reach(human, reachable=False)
                self._course.at(back, partial(self.unblocks, human))
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
        else:
            human.unheard, _ = human.away.pop()
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
        self._course.at(self.clock.now() + timedelta(seconds=TAP_SECONDS), partial(self.taps, human))

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
        self._course.at(self.clock.now() + timedelta(seconds=seconds), partial(self.taps, human))

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
            self._course.at(self.clock.now() + delay, partial(self.comes, human, self._weekly_aims(human), None))

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
        if human.unheard is not None:
            human.away.append((human.unheard, now))
            human.unheard = None
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
            self._course.at(back, partial(self.begins, human))
        elif tap is not None and tap.kind == "zone.set":
            human.told_zone = True
            ZoneInfo(tap.args[0])
        partner = human.partner
        if partner is not None and stood == "join.yes" and screen.place.kind == "paired":  # a name was tapped or typed
            self.tally.paired(human.number, partner.number)
        code = next((found for row in screen.rows for one in row if (found := CODE.search(one.share or ""))), None)
        if code is not None and partner is not None and not human.kind.alone and tap is not None:
            later = timedelta(hours=partner.kind.delay_hours)
            self._course.at(now + later, partial(self.accepts, partner, code[1]))

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
