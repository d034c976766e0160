"""Takes letters from the inbox: in order per chat, different chats side by side."""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Sequence
from functools import partial

from telegram import Bot
from telegram.constants import CallbackQueryLimit
from telegram.error import TelegramError

from bot.delivery.courier import Blocked, Refused
from bot.scenes.turn import Clock
from bot.telegram.errors import cause, trail
from bot.telegram.hold import Alone, Hold, Unit
from bot.telegram.lanes import Lane, Lanes
from bot.telegram.panel import Panel, Shown, settle
from bot.telegram.router import Decline, Doing, Reach, Tapped, read
from bot.telegram.stage import Played, Stage, forgive, lose, play, reach, repaint
from storage import inbox, people
from storage.deletion import finish_deletions
from storage.errors import ClaimLost
from storage.outage import is_outage
from storage.records import Letter
from storage.store import Store

TRIES = 3
"""How often a letter is tried before it is given up."""

RETRY_SECONDS = 0.5
"""Seconds before the second try; twice as many before the third."""

OWED_AT_ONCE = 1000
"""Owed screens that one look takes up."""

GROUP_TEMPLATE = "group"
"""What the bot says before it leaves a group."""

log = logging.getLogger(__name__)


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
        hold: Hold | None = None,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep what is needed; nothing runs before `start`.

        Args:
            store: Inbox and people.
            bot: The line to Telegram.
            panel: Shows screens.
            stage: What scenes are played on.
            clock: Every turn's instant.
            hold: Which chats are handled here; all of them if this is left out.
            committed: Called after each unit of work of a person: something may have fallen due.
        """
        self._store = store
        self._bot = bot
        self._panel = panel
        self._stage = stage
        self._clock = clock
        self._committed = committed
        self.lanes = Lanes(store, clock, hold or Alone(), self._work)

    async def start(self) -> None:
        """Take up what was left open, in order; call this before anything new is handed in."""
        await self.lanes.take_up()
        await self.repaint_owed()

    def hand(self, letters: Sequence[Letter]) -> None:
        """Take letters that are in the inbox; returns at once.

        Args:
            letters: In their order.
        """
        self.lanes.hand(letters)

    async def repaint_owed(self) -> None:
        """Paint every owed screen whose chat nobody is handling now; a tick calls this every 10 s."""
        for person in await self._store.read(partial(people.owed, limit=OWED_AT_ONCE)):
            self.lanes.ask(person.telegram_id)

    async def watch(self) -> None:
        """Wait for as long as the storage works.

        Raises:
            Exception: What broke it: the process has to stop, loudly.
        """
        await self.lanes.watch()

    async def idle(self) -> None:
        """Wait until there is nothing to do."""
        await self.lanes.idle()

    async def stop(self, grace: float = 10.0) -> None:
        """Begin no more letters; they stay in the inbox. Finish those that are under way.

        Args:
            grace: Seconds after which they are cancelled.
        """
        await self.lanes.stop(grace)

    async def _work(self, lane: Lane, letter: Letter | None) -> Unit | None:
        return await (self._owed(lane) if letter is None else self._letter(lane, letter))

    async def _letter(self, lane: Lane, letter: Letter) -> Unit | None:
        try:
            event = read(json.loads(letter.payload), self._stage.house.bot_username)
        except Exception as error:  # noqa: BLE001 -- Telegram may send what this version cannot read
            log.error("Letter %d cannot be read: %s", letter.id, cause(error))  # noqa: TRY400 -- its words may be private
            await self.lanes.write(lane, partial(inbox.dead, letter_id=letter.id, now=self._clock.now()))
            return None
        match event:
            case Doing():
                return await self._doing(lane, letter, event)
            case Reach():
                await self.lanes.write(lane, partial(reach, letter_id=letter.id, change=event, now=self._clock.now()))
            case Decline():
                await self._leave(event)
                await self._close(lane, letter)
            case None:
                await self._close(lane, letter)
        return None

    async def _close(self, lane: Lane, letter: Letter) -> None:
        await self.lanes.write(lane, partial(inbox.done, letter_id=letter.id, now=self._clock.now()))

    async def _doing(self, lane: Lane, letter: Letter, doing: Doing) -> Unit | None:
        noticed = doing.tap is not None and doing.tap.kind in self._stage.routes.notices
        if doing.query_id is not None and not noticed:
            self._answer(doing.query_id)
        played = await self._play(lane, letter, doing)
        if doing.query_id is not None and noticed:
            self._answer(doing.query_id, played.screen.notice if played else None)
        return None if played is None else await self._show(lane, played, doing.tapped)

    async def _play(self, lane: Lane, letter: Letter, doing: Doing) -> Played | None:
        outages = 0
        while True:
            now = self._clock.now()
            unit = partial(play, stage=self._stage, letter_id=letter.id, doing=doing, now=now)
            try:
                played = await self.lanes.write(lane, unit)
            except ClaimLost:
                raise
            except Exception as error:  # a scene's mistake, or the storage is broken
                if is_outage(error):
                    # No fault of the letter: it is not counted, and stays for the next start if this goes on.
                    outages += 1
                    if outages == TRIES:
                        raise
                    await asyncio.sleep(RETRY_SECONDS * outages)
                    continue
                attempts = await self.lanes.write(lane, partial(inbox.failed, letter_id=letter.id))
                log.error("Letter %d failed, try %d: %s", letter.id, attempts, trail(error))  # noqa: TRY400
            else:
                self._committed()
                return played
            if attempts >= TRIES:
                await self.lanes.write(lane, partial(inbox.dead, letter_id=letter.id, now=now))
                return await self._repaint(lane, owed=False)
            await asyncio.sleep(RETRY_SECONDS * attempts)

    async def _owed(self, lane: Lane) -> Unit | None:
        played = await self._repaint(lane, owed=True)
        return None if played is None else await self._show(lane, played, None)

    async def _repaint(self, lane: Lane, *, owed: bool) -> Played | None:
        for home in (False, True):
            now = self._clock.now()
            unit = partial(repaint, stage=self._stage, telegram_id=lane.chat_id, now=now, owed=owed, home=home)
            try:
                return await self.lanes.write(lane, unit)
            except ClaimLost:
                raise
            except Exception as error:  # noqa: BLE001 -- a scene's mistake; home may still be painted
                log.error("A repaint failed: %s", trail(error))  # noqa: TRY400 -- its words may be private
        return None

    async def _show(self, lane: Lane, played: Played, tapped: Tapped | None) -> Unit | None:
        self.lanes.be_sure(lane)
        person, kind = played.person, played.screen.place.kind
        if person is None:
            lost = await self._panel.greet(lane.chat_id, played.screen)
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
        self.lanes.spawn(self._try(self._bot.answer_callback_query(query_id, text=cut)))

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
