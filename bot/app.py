"""The composition root: the only file that knows everybody. It reads from top to bottom."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from bot import listening
from bot.dance import rhythm
from bot.delivery.clockwork import Clockwork
from bot.delivery.leader import Leader
from bot.delivery.pace import Pace
from bot.delivery.planner import plan_due, rest
from bot.delivery.sender import Rendered, Sender
from bot.pictures import painter
from bot.scenes import about, shapes, starter, table, welcome
from bot.scenes.screen import Tap
from bot.scenes.turn import HOME, Clock, House, Turn
from bot.settings import Settings
from bot.telegram import callbacks, redaction
from bot.telegram import panel as panels
from bot.telegram.access import broken, connected, line_for, may_ask
from bot.telegram.album import Album
from bot.telegram.consumer import Consumer
from bot.telegram.courier import TelegramCourier
from bot.telegram.errors import trail
from bot.telegram.hold import Alone, Among
from bot.telegram.panel import Panel
from bot.telegram.profile import introduce
from bot.telegram.pulse import Pulse
from bot.telegram.router import Routes
from bot.telegram.stage import Stage, voices
from bot.telegram.transport import Line
from bot.upkeep import part, release_leases, tidy
from bot.ways_in import Doors, Within, receiving, take_doors
from prompts.catalogue import Catalogue, languages, load
from storage import inbox, invites, outbox, people, plans
from storage.counts import counts
from storage.deletion import destroy_keys, forget_destroyed
from storage.errors import DatabaseLocked
from storage.presence import Presence, present
from storage.records import Parcel
from storage.store import Store, Tx, open_store

HELP_LINES_AGE = timedelta(days=180)
"""Numbers change; older ones are to be looked up again (docs/operations.md)."""

PLAN_SECONDS = 1.0
SEND_SECONDS = 1.0
OWED_SECONDS = 10.0
TAKE_UP_SECONDS = 2.0
HOLD_SECONDS = 4.0
PRESENCE_SECONDS = 10.0
RENEW_SECONDS = 5.0
RECLAIM_SECONDS = 30.0
TIDY_SECONDS = 600.0
LOOK_SECONDS = 0.01

WARM_AFTER = 3.0
"""Seconds after the start at which the painter warms itself up: what waited for the program has its answer by then."""

STOP_WITHIN = 1.0
"""Seconds that taps under way get to end; a screen that was not shown by then stays owed."""

log = logging.getLogger(__name__)


class SystemClock:
    """The real time; the one place that asks the machine for it."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that are never set back."""
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class App:
    """The running program, as a command or a test sees it."""

    settings: Settings
    store: Store
    house: House
    consumer: Consumer
    clockwork: Clockwork
    clock: Clock
    intake: asyncio.Task[None] | None

    async def way_in(self) -> str:
        """The bot's link; while nobody is here and strangers are not let in, with the code that lets the first one in."""
        code = await self.store.read(_door_code) if not self.house.open_to_everyone else None
        return f"https://t.me/{self.house.bot_username}" + (f"?start={code}" if code else "")

    async def until_broken(self) -> None:
        """Run for as long as nothing breaks that must not go unnoticed; cancel it to stop.

        Raises:
            Breakdown: The intake, the inbox or the storage broke.
            Trouble: Telegram does not know the token any more.
        """
        storage = asyncio.create_task(self.consumer.watch())
        watched = {storage} if self.intake is None else {storage, self.intake}
        try:
            done, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        finally:
            storage.cancel()
        for task in done:
            if (error := task.exception()) is not None:
                raise broken(error) from error

    async def next_due(self) -> datetime | None:
        """The next instant at which something falls due, or None."""
        return await self.store.read(plans.next_due)

    async def settled(self) -> None:
        """Wait until nothing is due, the inbox is handled and the outbox is empty."""
        while True:
            await self.consumer.idle()
            for tick in ("plan", "send"):
                await self.clockwork.run(tick)
            if await self.store.read(partial(_is_quiet, now=self.clock.now())):
                return
            await asyncio.sleep(LOOK_SECONDS)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the program is assembled from."""

    settings: Settings
    clock: Clock
    catalogues: Mapping[str, Catalogue]
    presence: Presence
    store: Store
    line: Line
    house: House
    doors: Doors
    parting: Sequence[tuple[int, str]]


def _is_quiet(tx: Tx, now: datetime) -> bool:
    due = plans.next_due(tx)
    waiting = outbox.next_available(tx)
    return (
        (due is None or due > now)
        and (waiting is None or waiting > now)
        and outbox.on_the_way(tx) == 0
        and inbox.count_open(tx) == 0
    )


def _door_code(tx: Tx) -> str | None:
    return invites.door_code(tx) if people.nobody_yet(tx) else None


def set_up_logging(settings: Settings) -> None:
    """Log to standard error, without the token and without what anybody says."""
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    redaction.redact(settings.bot_token, others=[settings.webhook_secret])
    for name in ("apscheduler", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncIterator[App]:
    """Assemble the program, run it, and take it apart again in order.

    Args:
        settings: What the operator set.
        clock: Another clock than the machine's: for tests and the demo.

    Raises:
        Trouble: Something to mend, before anything starts; likewise `StorageError` and `CatalogueError`.
    """
    clock = clock or SystemClock()
    set_up_logging(settings)
    catalogues = {language: load(language) for language in languages()}
    _warn_of_old_help_lines(catalogues, clock)
    async with AsyncExitStack() as stack:
        presence = await stack.enter_async_context(present(settings.database_url, alone=settings.alone))
        store = await stack.enter_async_context(
            open_store(settings.database_url, settings.key_store_url, settings.master_key_file)
        )
        doors = take_doors(stack, settings)
        parting = await store.read(people.parting)
        if lost := await forget_destroyed(store, clock.now()):
            log.warning("%d people of this copy of the data were deleted since; they are deleted again.", lost)
        await destroy_keys(store)
        line = line_for(settings)
        await stack.enter_async_context(connected(line, settings))
        if doors.webhook is None:
            await may_ask(line)
        house = _house(settings, line.bot.username)
        yield await _assemble(stack, _Parts(settings, clock, catalogues, presence, store, line, house, doors, parting))


def _house(settings: Settings, username: str) -> House:
    return House(
        bot_username=username,
        operator_name=settings.operator_name,
        open_to_everyone=settings.open_to == "everyone",
        help_country=settings.help_country,
        retention_days=settings.answer_retention_days,
    )


def routes() -> Routes:
    """The table of scenes, as the edge to Telegram reads it."""
    return Routes(
        commands=table.COMMANDS,
        taps=table.TAPS,
        typed=table.TYPED,
        shown=table.SHOWN,
        typed_otherwise=welcome.typed,
        home=welcome.home,
        arrive=welcome.arrive,
        notices=table.NOTICES,
        final=table.FINAL,
        fits=shapes.fits,
    )


async def _assemble(stack: AsyncExitStack, parts: _Parts) -> App:
    settings, clock, store, line = parts.settings, parts.clock, parts.store, parts.line
    owner = secrets.token_hex(8)
    stage = Stage(routes(), voices(parts.catalogues), parts.house)
    thread = painter.ThreadPainter()
    stack.callback(thread.close)
    stack.callback(asyncio.get_running_loop().call_later(WARM_AFTER, thread.warm_up).cancel)
    album = Album(store, painter.digest, thread.paint)
    pace = Pace(settings.send_rate, monotonic=clock.monotonic)
    leader = Leader(store, owner=owner, clock=clock)
    # A second tap is known again by whichever process meets it.
    key = None if settings.alone else await store.read(panels.shared_key)
    panel = Panel(line.bot, store, album, clock, key=key, flooded=pace.pause, counted=pace.count)
    sender = Sender(
        store=store,
        courier=TelegramCourier(line.bot, store, album),
        render=partial(render, stage=stage, clock=clock),
        pace=pace,
        leader=leader,
        clock=clock,
        owner=owner,
    )
    kinds = starter.kinds(parts.catalogues["en"])
    hold = Alone() if settings.alone else Among(owner)

    def send_soon() -> None:
        sender.look()
        clockwork.kick("send")

    async def between(seconds: float) -> bool:
        await rest(seconds)
        return leader.leads

    async def plan() -> None:
        if leader.leads and await plan_due(store, clock.now(), kinds, between):
            send_soon()

    async def look_after() -> None:
        if leader.leads:
            await store.write(partial(tidy, settings=settings, now=clock.now()))
            # Whoever asked for it a moment ago is being told already, or has just been told.
            told = consumer.lanes.chats
            parting = [one for one in await store.read(people.parting) if one[0] not in told | consumer.lanes.chats]
            await part(store, panel, stage, parting)
            await store.scrub()

    consumer = Consumer(
        store=store,
        bot=line.bot,
        panel=panel,
        stage=stage,
        clock=clock,
        hold=hold,
        committed=send_soon,
    )
    clockwork = Clockwork(
        [
            ("plan", PLAN_SECONDS, plan),
            ("send", SEND_SECONDS, sender.tick),
            ("owed", OWED_SECONDS, consumer.repaint_owed),
            ("take up", TAKE_UP_SECONDS, consumer.lanes.take_up),
            ("hold", HOLD_SECONDS, consumer.lanes.renew),
            ("renew", RENEW_SECONDS, leader.renew),
            ("presence", PRESENCE_SECONDS, partial(_stay, parts.presence, consumer)),
            ("reclaim", RECLAIM_SECONDS, sender.reclaim),
            ("tidy", TIDY_SECONDS, look_after),
        ]
    )
    stack.push_async_callback(_stop, clockwork, consumer, sender)
    await introduce(line.bot, parts.catalogues, about.COMMANDS)
    if settings.alone:
        await store.write(partial(release_leases, now=clock.now()))
        await part(store, panel, stage, parts.parting)
    await leader.renew()
    await sender.reclaim()
    await consumer.start()
    clockwork.start()
    pulse = Pulse(clock.monotonic, clock.monotonic())
    within = Within(settings, store, line, hold, consumer, clock, pulse)
    intake = await stack.enter_async_context(receiving(parts.doors, within))
    if parts.doors.metrics is not None:
        from bot.telegram import watch  # noqa: PLC0415 -- a web application, which most starts do without

        watched = watch.web(
            pulse=pulse,
            polling=intake is not None,
            count=lambda: store.read(partial(counts, now=clock.now())),
            dropped=lambda: sender.dropped,
            leads=lambda: leader.leads,
        )
        await stack.enter_async_context(listening.serving(watched, parts.doors.metrics))
    return App(settings, store, parts.house, consumer, clockwork, clock, intake)


async def _stay(presence: Presence, consumer: Consumer) -> None:
    """Stop, loudly, if another process has the place of this one."""
    try:
        await presence.look()
    except DatabaseLocked as error:
        consumer.lanes.fail(error)


async def _stop(clockwork: Clockwork, consumer: Consumer, sender: Sender) -> None:
    """Nothing new comes in any more: finish what is under way, then give the rest back."""
    await consumer.stop(STOP_WITHIN)
    try:
        await sender.stop()
    except Exception as error:  # noqa: BLE001 -- with a broken storage nothing can be given back; leases run out
        log.error("Leadership was not given back: %s", trail(error))  # noqa: TRY400 -- its words may be private
    await clockwork.stop()


def render(parcel: Parcel, tx: Tx, *, stage: Stage, clock: Clock) -> Rendered | None:
    """Open a parcel: the scene says now what it says now, or that there is nothing to say any more."""
    person = people.find_by_id(tx, parcel.person_id)
    if person is None:
        return None
    now = clock.now()
    turn = Turn(
        person=person,
        now=now,
        words=stage.voices(person.language),
        house=stage.house,
        tap=Tap(parcel.kind, () if parcel.ref is None else (str(parcel.ref),)),
        place=callbacks.decode(person.panel.place) or HOME,
    )
    screen = table.PARCELS[parcel.kind](turn, tx)
    if screen is None:
        return None
    silent = rhythm.is_quiet(person.zone, person.quiet_from, person.quiet_to, now)
    return Rendered(person, screen, silent)


def _warn_of_old_help_lines(catalogues: Mapping[str, Catalogue], clock: Clock) -> None:
    for language, words in catalogues.items():
        if clock.now().date() - words.help_lines.checked > HELP_LINES_AGE:
            log.warning(
                "The help lines of %r were looked up on %s. Look them up again in prompts/%s/help_lines.yaml.",
                language,
                words.help_lines.checked,
                language,
            )
