"""The composition root: the only file that knows everybody. It reads from top to bottom."""

import asyncio
import logging
import secrets
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

import httpx
import uvicorn
from telegram.error import InvalidToken, TelegramError

from bot.dance import rhythm
from bot.delivery.clockwork import Clockwork
from bot.delivery.leader import Leader
from bot.delivery.pace import Pace
from bot.delivery.planner import plan_due
from bot.delivery.sender import Rendered, Sender
from bot.pictures import painter
from bot.scenes import about, starter, table, welcome
from bot.scenes.screen import Tap
from bot.scenes.turn import Clock, House, Turn
from bot.settings import Settings
from bot.telegram import redaction
from bot.telegram.album import Album
from bot.telegram.consumer import Consumer
from bot.telegram.courier import TelegramCourier
from bot.telegram.intake import Intake
from bot.telegram.letters import ALLOWED
from bot.telegram.panel import Panel
from bot.telegram.profile import introduce
from bot.telegram.router import Routes
from bot.telegram.stage import Stage, voices
from bot.telegram.transport import Line, connect
from bot.telegram.webhook import web
from bot.trouble import Trouble
from prompts.catalogue import Catalogue, languages, load
from storage import checkins, inbox, invites, messages, outbox, people, plans, shared
from storage.deletion import finish_deletions
from storage.records import Parcel
from storage.store import Store, Tx, open_store

KEPT_FOR_HIDING = timedelta(hours=48)
"""Telegram lets a bot delete its messages for this long (Bot API, deleteMessage)."""

PARCELS_KEPT = timedelta(days=14)
"""Sent parcels are kept this long, so that none is packed twice."""

SHOWN_FADES = timedelta(weeks=52)
"""What was shown to a reader fades after a year (the design's choice)."""

HELP_LINES_AGE = timedelta(days=180)
"""Numbers change; older ones are to be looked up again (docs/operations.md)."""

PLAN_SECONDS = 1.0
SEND_SECONDS = 1.0
OWED_SECONDS = 10.0
RENEW_SECONDS = 10.0
RECLAIM_SECONDS = 30.0
TIDY_SECONDS = 600.0
LOOK_SECONDS = 0.01

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
    intake: asyncio.Task[None]

    async def way_in(self) -> str:
        """The bot's link; while nobody is here and strangers are not let in, with the code that lets the first one in."""
        code = await self.store.read(_door_code) if not self.house.open_to_everyone else None
        return f"https://t.me/{self.house.bot_username}" + (f"?start={code}" if code else "")

    async def until_stopped(self) -> None:
        """Run until the process is asked to stop, or something breaks that must not go unnoticed.

        Raises:
            Exception: What broke: the intake, the inbox or the storage.
        """
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        watches = [self.intake, asyncio.create_task(self.consumer.watch()), asyncio.create_task(stop.wait())]
        done, _ = await asyncio.wait(watches, return_when=asyncio.FIRST_COMPLETED)
        watches[1].cancel()
        watches[2].cancel()
        for task in done:
            task.result()

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


def _is_quiet(tx: Tx, now: datetime) -> bool:
    due = plans.next_due(tx)
    waiting = outbox.next_available(tx)
    return (
        (due is None or due > now)
        and (waiting is None or waiting > now)
        and outbox.on_the_way(tx) == 0
        and not inbox.open_letters(tx)
    )


def _door_code(tx: Tx) -> str | None:
    return invites.door_code(tx) if people.nobody_yet(tx) else None


async def prove_token(settings: Settings) -> str:
    """Ask Telegram who the bot is.

    Returns:
        Its username.

    Raises:
        Trouble: If Telegram refuses the token, or cannot be reached.
    """
    line = _line(settings)
    async with _connected(line):
        return line.bot.username


async def telegram_date(settings: Settings) -> str | None:
    """The time that the server at BOT_API_URL gives with its answers, or None.

    Raises:
        Trouble: If it cannot be reached.
    """
    try:
        async with httpx.AsyncClient(timeout=httpx.Timeout(10)) as client:
            answer = await client.get(settings.bot_api_url)
    except httpx.HTTPError as error:
        raise Trouble("BOT_API_URL cannot be reached to compare clocks. Check the network of this machine.") from error
    date: str | None = answer.headers.get("date")
    return date


async def tell_webhook(settings: Settings, *, delete: bool) -> None:
    """Tell Telegram to call WEBHOOK_URL with the secret, or to stop calling.

    Raises:
        Trouble: If Telegram refuses.
    """
    line = _line(settings)
    async with _connected(line):
        try:
            if delete:
                await line.bot.delete_webhook()
            else:
                await line.bot.set_webhook(
                    settings.webhook_url, secret_token=settings.webhook_secret, allowed_updates=ALLOWED
                )
        except TelegramError as error:
            raise Trouble(f"Telegram refuses the webhook: {error.message}. WEBHOOK_URL must be https.") from error


def _line(settings: Settings) -> Line:
    try:
        return connect(settings.bot_token, settings.bot_api_url)
    except InvalidToken as error:
        raise Trouble("BOT_TOKEN is missing. Set it in the environment or in .env, then start again.") from error


@asynccontextmanager
async def _connected(line: Line) -> AsyncIterator[None]:
    """Open the line; what Telegram says against it becomes one clear sentence."""
    try:
        await line.bot.initialize()
    except InvalidToken as error:
        raise Trouble(
            "Telegram refuses BOT_TOKEN, or there is no Bot API at BOT_API_URL. "
            "Copy the token from @BotFather again, or let BotFather make a new one with /token."
        ) from error
    except TelegramError as error:
        raise Trouble(
            "Telegram cannot be reached at BOT_API_URL. Check the network of this machine, and the address if you set one."
        ) from error
    try:
        yield
    finally:
        await line.bot.shutdown()


def set_up_logging(settings: Settings) -> None:
    """Log to standard error, without the token and without what anybody says."""
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    redaction.redact(settings.bot_token)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


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
        store = await stack.enter_async_context(
            open_store(settings.database_url, settings.key_store_url, settings.master_key_file)
        )
        await finish_deletions(store)
        line = _line(settings)
        await stack.enter_async_context(_connected(line))
        stage = Stage(routes(), voices(catalogues), _house(settings, line.bot.username))
        await introduce(line.bot, catalogues, about.COMMANDS)
        yield await _assemble(stack, settings, clock, stage, store, line)


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
        typed_otherwise=welcome.typed,
        home=welcome.home,
        arrive=welcome.arrive,
        notices=table.NOTICES,
        final=table.FINAL,
    )


async def _assemble(  # noqa: PLR0917  # in the order in which they came to be
    stack: AsyncExitStack,
    settings: Settings,
    clock: Clock,
    stage: Stage,
    store: Store,
    line: Line,
) -> App:
    owner = secrets.token_hex(8)
    thread = painter.ThreadPainter()
    stack.callback(thread.close)
    album = Album(store, painter.digest, thread.paint)
    pace = Pace(settings.send_rate, monotonic=clock.monotonic)
    leader = Leader(store, owner=owner, clock=clock)
    panel = Panel(line.bot, store, album, clock, flooded=pace.pause)
    sender = Sender(
        store=store,
        courier=TelegramCourier(line.bot, store, album),
        render=partial(render, stage=stage, clock=clock),
        pace=pace,
        leader=leader,
        clock=clock,
        owner=owner,
    )
    kinds = starter.kinds(stage.voices("en"))

    async def plan() -> None:
        if await plan_due(store, clock.now(), kinds):
            clockwork.kick("send")

    async def repaint() -> None:
        await consumer.repaint_owed()

    clockwork = Clockwork(
        [
            ("plan", PLAN_SECONDS, plan),
            ("send", SEND_SECONDS, sender.tick),
            ("owed", OWED_SECONDS, repaint),
            ("renew", RENEW_SECONDS, leader.renew),
            ("reclaim", RECLAIM_SECONDS, sender.reclaim),
            ("tidy", TIDY_SECONDS, lambda: store.write(partial(tidy, settings=settings, now=clock.now()))),
        ]
    )
    consumer = Consumer(
        store=store,
        bot=line.bot,
        panel=panel,
        stage=stage,
        clock=clock,
        committed=lambda: clockwork.kick("send"),
    )
    await sender.reclaim()
    await leader.renew()
    await consumer.start()
    intake = asyncio.create_task(_receive(settings, store, line, consumer, clock), name="intake")
    clockwork.start()
    stack.push_async_callback(_stop, intake, clockwork, consumer, sender)
    return App(settings, store, stage.house, consumer, clockwork, clock, intake)


async def _stop(intake: asyncio.Task[None], clockwork: Clockwork, consumer: Consumer, sender: Sender) -> None:
    """First nothing new comes in, then what is under way is finished, then the rest is given back."""
    intake.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await intake
    await consumer.stop()
    await sender.stop()
    await clockwork.stop()


async def _receive(settings: Settings, store: Store, line: Line, consumer: Consumer, clock: Clock) -> None:
    """Take updates in: by webhook where one is set, else by long polling."""
    if not settings.webhook_url:
        await Intake(poll=line.poll, store=store, hand=consumer.hand, clock=clock).run()
        return
    served = web(
        secret=settings.webhook_secret,
        store=store,
        hand=consumer.hand,
        clock=clock,
        path=urlsplit(settings.webhook_url).path or "/",
    )
    server = uvicorn.Server(
        uvicorn.Config(served, host="127.0.0.1", port=settings.webhook_port, log_config=None, access_log=False)
    )
    await server.serve()


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
    )
    screen = table.PARCELS[parcel.kind](turn, tx)
    if screen is None:
        return None
    silent = rhythm.is_quiet(person.zone, person.quiet_from, person.quiet_to, now)
    return Rendered(person, screen, silent)


def tidy(tx: Tx, settings: Settings, now: datetime) -> None:
    """Forget what has had its time."""
    checkins.dissolve(tx, now - timedelta(days=settings.answer_retention_days))
    shared.fade(tx, now - SHOWN_FADES)
    messages.tidy(tx, now - KEPT_FOR_HIDING)
    inbox.tidy(tx, now - KEPT_FOR_HIDING)
    outbox.tidy(tx, now - PARCELS_KEPT)


def _warn_of_old_help_lines(catalogues: Mapping[str, Catalogue], clock: Clock) -> None:
    for language, words in catalogues.items():
        if clock.now().date() - words.help_lines.checked > HELP_LINES_AGE:
            log.warning(
                "The help lines of %r were looked up on %s. Look them up again in prompts/%s/help_lines.yaml.",
                language,
                words.help_lines.checked,
                language,
            )
