"""Takes letters from the inbox: in order per chat, different chats side by side."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial

from telegram import Bot, Update
from telegram.constants import CallbackQueryLimit
from telegram.error import TelegramError

from bot.delivery.courier import Blocked, Refused
from bot.scenes.turn import Clock
from bot.telegram.errors import cause, trail
from bot.telegram.panel import Panel, Shown, settle
from bot.telegram.router import Decline, Doing, Reach, Tapped, read
from bot.telegram.stage import Played, Stage, forgive, lose, play, reach, repaint
from bot.telegram.transport import AT_ONCE
from storage import inbox, people
from storage.deletion import finish_deletions
from storage.records import Letter
from storage.store import Store, Tx

TRIES = 3
"""How often a letter is tried before it is given up."""

RETRY_SECONDS = 0.5
"""Seconds before the second try; twice as many before the third."""

OWED_AT_ONCE = 1000
"""Owed screens that one look takes up."""

GROUP_TEMPLATE = "group"
"""What the bot says before it leaves a group."""

log = logging.getLogger(__name__)

Unit = Callable[[Tx], None]


@dataclass(frozen=True, slots=True)
class _Owed:
    """A job for a chat that no letter asked for: paint what is owed."""


class Consumer:
    """Handles every letter once, and shows every screen that it owes.

    What a person does is handled in one unit of work; the screen is shown after the commit, and the
    debt is cleared after that, before the next letter of the same chat.
    """

    def __init__(
        self,
        *,
        store: Store,
        bot: Bot,
        panel: Panel,
        stage: Stage,
        clock: Clock,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep what is needed; nothing runs before `start`.

        Args:
            store: Inbox and people.
            bot: The line to Telegram.
            panel: Shows screens.
            stage: What scenes are played on.
            clock: Every turn's instant.
            committed: Called after each unit of work of a person: something may have fallen due.
        """
        self._store = store
        self._bot = bot
        self._panel = panel
        self._stage = stage
        self._clock = clock
        self._committed = committed
        self._lanes: dict[int, deque[Letter | _Owed]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stopping = False

    async def start(self) -> None:
        """Take up what was left open, in order; call this before anything new is handed in."""
        self.hand(await self._store.read(inbox.open_letters))
        await self.repaint_owed()

    def hand(self, letters: Sequence[Letter]) -> None:
        """Take letters that are in the inbox; returns at once.

        Args:
            letters: In their order.
        """
        for letter in letters:
            self._queue(letter.chat_id, letter)

    async def repaint_owed(self) -> None:
        """Paint every owed screen whose chat is not being handled now; a tick calls this every 10 s."""
        for person in await self._store.read(partial(people.owed, limit=OWED_AT_ONCE)):
            if person.telegram_id not in self._lanes:
                self._queue(person.telegram_id, _Owed())

    async def watch(self) -> None:
        """Wait for as long as the storage works.

        Raises:
            Exception: What broke it: the process has to stop, loudly.
        """
        await self._broken

    async def idle(self) -> None:
        """Wait until there is nothing to do."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self, grace: float = 10.0) -> None:
        """Begin no more letters; they stay in the inbox. Finish those that are under way.

        Args:
            grace: Seconds after which they are cancelled.
        """
        self._stopping = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._broken.cancel()

    def _queue(self, chat_id: int, job: Letter | _Owed) -> None:
        lane = self._lanes.get(chat_id)
        if lane is not None:
            lane.append(job)
        elif not self._stopping:
            self._lanes[chat_id] = deque([job])
            self._spawn(self._work(chat_id))

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, chat_id: int) -> None:
        lane = self._lanes[chat_id]
        try:
            while lane and not self._stopping:
                job = lane.popleft()
                async with self._slots:
                    after = await (self._letter(job) if isinstance(job, Letter) else self._owed(chat_id))
                if after is not None:
                    await self._store.write(after)
        except Exception as error:  # noqa: BLE001 -- whatever it is, `watch` raises it
            self._stopping = True
            if not self._broken.done():
                self._broken.set_exception(error)
        finally:
            del self._lanes[chat_id]

    async def _letter(self, letter: Letter) -> Unit | None:
        try:
            event = read(Update.de_json(json.loads(letter.payload), None), self._stage.house.bot_username)
        except Exception as error:  # noqa: BLE001 -- Telegram may send what this version cannot read
            log.error("Letter %d cannot be read: %s", letter.id, cause(error))  # noqa: TRY400 -- its words may be private
            await self._store.write(partial(inbox.dead, letter_id=letter.id, now=self._clock.now()))
            return None
        match event:
            case Doing():
                return await self._doing(letter, event)
            case Reach():
                await self._store.write(partial(reach, letter_id=letter.id, change=event, now=self._clock.now()))
            case Decline():
                await self._leave(event)
                await self._close(letter)
            case None:
                await self._close(letter)
        return None

    async def _close(self, letter: Letter) -> None:
        await self._store.write(partial(inbox.done, letter_id=letter.id, now=self._clock.now()))

    async def _doing(self, letter: Letter, doing: Doing) -> Unit | None:
        noticed = doing.tap is not None and doing.tap.kind in self._stage.routes.notices
        if doing.query_id is not None and not noticed:
            self._answer(doing.query_id)
        played = await self._play(letter, doing)
        if doing.query_id is not None and noticed:
            self._answer(doing.query_id, played.screen.notice if played else None)
        return None if played is None else await self._show(played, doing.telegram_id, doing.tapped)

    async def _play(self, letter: Letter, doing: Doing) -> Played | None:
        while True:
            now = self._clock.now()
            unit = partial(play, stage=self._stage, letter_id=letter.id, doing=doing, now=now)
            try:
                played = await self._store.write(unit)
            except Exception as error:  # noqa: BLE001 -- a scene's mistake; if the storage is broken, the next line raises
                attempts = await self._store.write(partial(inbox.failed, letter_id=letter.id))
                log.error("Letter %d failed, try %d: %s", letter.id, attempts, trail(error))  # noqa: TRY400
            else:
                self._committed()
                return played
            if attempts >= TRIES:
                await self._store.write(partial(inbox.dead, letter_id=letter.id, now=now))
                return await self._repaint(letter.chat_id, owed=False)
            await asyncio.sleep(RETRY_SECONDS * attempts)

    async def _owed(self, chat_id: int) -> Unit | None:
        played = await self._repaint(chat_id, owed=True)
        return None if played is None else await self._show(played, chat_id, None)

    async def _repaint(self, chat_id: int, *, owed: bool) -> Played | None:
        for home in (False, True):
            now = self._clock.now()
            unit = partial(repaint, stage=self._stage, telegram_id=chat_id, now=now, owed=owed, home=home)
            try:
                return await self._store.write(unit)
            except Exception as error:  # noqa: BLE001 -- a scene's mistake; home may still be painted
                log.error("A repaint failed: %s", trail(error))  # noqa: TRY400 -- its words may be private
        return None

    async def _show(self, played: Played, chat_id: int, tapped: Tapped | None) -> Unit | None:
        person, kind = played.person, played.screen.place.kind
        if person is None:
            lost = await self._panel.greet(chat_id, played.screen)
            if lost is not None:
                log.info("A stranger was not answered: %s", type(lost).__name__)
            return None
        try:
            shown = await self._panel.show(person, played.screen, tapped)
        except Exception as error:  # noqa: BLE001 -- the screen stays owed
            log.error("The screen %s could not be shown: %s", kind, trail(error))  # noqa: TRY400
            return None
        finally:
            if played.final:
                await finish_deletions(self._store)
        if played.final:
            return None
        match shown:
            case Shown():
                return partial(settle, person_id=person.id, shown=shown, now=self._clock.now())
            case Blocked():
                return partial(lose, person=person)
            case Refused(reason):
                log.error("Telegram refused the screen %s: %s", kind, reason)
                return partial(forgive, person=person)
            case _:
                log.warning("The screen %s stays owed: %s", kind, shown)
                return None

    def _answer(self, query_id: str, text: str | None = None) -> None:
        cut = text and text[: int(CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH)]
        self._spawn(self._try(self._bot.answer_callback_query(query_id, text=cut)))

    async def _leave(self, event: Decline) -> None:
        if event.speaks:
            words = self._stage.voices(event.language_code)
            await self._try(self._bot.send_message(event.chat_id, words.render(GROUP_TEMPLATE)))
        await self._try(self._bot.leave_chat(event.chat_id))

    async def _try(self, call: Coroutine[object, object, object]) -> None:
        try:
            await call
        except TelegramError as error:
            log.debug("A call did not succeed: %s", cause(error))
