"""The program that writes to the town: its planner, its sender, and a courier that goes from door to door."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from bot import app
from bot.delivery.courier import Blocked, Outcome, Sent
from bot.delivery.leader import Leader
from bot.delivery.pace import Pace
from bot.delivery.planner import plan_due
from bot.delivery.sender import Rendered, Sender
from bot.pictures import painter
from bot.scenes import starter
from bot.scenes.screen import Screen
from bot.settings import Settings
from bot.telegram.stage import Stage
from storage import files, outbox, plans
from storage.records import Parcel, Person
from storage.store import Store, Tx
from tests.year.course import FastClock, full_minute
from tests.year.humans import FIRST_ID, Human
from tests.year.phone import Message
from tests.year.tally import Tally

FILE_ID: Final = "AgACAgIAAxkBAAI" + "x" * 68
"""As long as Telegram's names for pictures are."""

Reacts = Callable[[Human, str, Message, datetime], None]
"""What somebody does about a message of a kind that came."""


class Post:
    """Plans and sends what falls due; a `bot.delivery.courier.Courier` itself."""

    def __init__(
        self,
        store: Store,
        clock: FastClock,
        stage: Stage,
        *,
        tally: Tally,
        humans: Sequence[Human],
        numbers: Callable[[], int],
        reacts: Reacts,
    ) -> None:
        """Begin to look.

        Args:
            store: The town's memory.
            clock: The town's time.
            stage: What scenes are played on.
            tally: Is told of everything that arrives.
            humans: Who lives here, by their number; more may move in.
            numbers: Gives each message a number of its own.
            reacts: What somebody does about a message.
        """
        self._store, self._clock, self._stage, self._tally = store, clock, stage, tally
        self._humans, self._numbers, self._reacts = humans, numbers, reacts
        self._kinds = starter.kinds(tally.words)
        self._carried: dict[int, Parcel] = {}
        self._settings = Settings(bot_token="1:x")
        self._leader = Leader(store, owner="town", clock=clock)
        self._sender = Sender(
            store=store,
            courier=self,
            render=self._render,
            pace=Pace(self._settings.send_rate, monotonic=clock.monotonic, sleep=clock.sleep),
            leader=self._leader,
            clock=clock,
            owner="town",
        )

    async def tick(self) -> datetime | None:
        """Deliver what is due, and say at which full minute there is more to do."""

        def soonest(tx: Tx) -> datetime | None:
            moments = [moment for moment in (plans.next_due(tx), outbox.next_available(tx)) if moment is not None]
            return min(moments, default=None)

        moment = await self._store.read(soonest)
        if moment is not None and moment <= self._clock.at:
            await plan_due(self._store, self._clock.now(), self._kinds)
            await self._leader.renew()
            await self._sender.tick()
            moment = await self._store.read(soonest)
        return None if moment is None else full_minute(max(moment, self._clock.at))

    async def tidy(self) -> None:
        """Forget what has had its time."""
        await self._store.write(partial(app.tidy, settings=self._settings, now=self._clock.now()))
        await self._sender.reclaim()

    def _render(self, parcel: Parcel, tx: Tx) -> Rendered | None:
        rendered = app.render(parcel, tx, stage=self._stage, clock=self._clock)
        if rendered is not None:
            self._carried[id(rendered.screen)] = parcel
        return rendered

    async def send(self, person: Person, screen: Screen, *, silent: bool) -> Outcome:
        """Carry a parcel to somebody's phone; see `bot.delivery.courier.Courier`."""
        parcel = self._carried.pop(id(screen))
        human = self._humans[person.telegram_id - FIRST_ID]
        if human.blocks or not human.here:
            self._tally.happened["a parcel to somebody who is away"] += 1
            return Blocked()
        message = Message(self._numbers(), screen, is_text=screen.picture is None)
        human.phone.parcels.append(message)
        now = self._clock.now()
        self._tally.arrived(human.number, person, parcel, screen, now)
        if screen.picture is not None and not person.text_only:
            await self._keep_file(person.id, screen)
        del silent
        self._reacts(human, parcel.kind, message, now)
        return Sent(message.message_id)

    async def _keep_file(self, person_id: int, screen: Screen) -> None:
        if screen.picture is not None:
            digest = painter.digest(screen.picture)
            await self._store.write(partial(files.put, person_id=person_id, digest=digest, file_id=FILE_ID))
