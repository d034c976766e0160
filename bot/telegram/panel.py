"""The panel: the one message of a chat that carries the present screen."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from telegram import Bot
from telegram.constants import BulkRequestLimit, ParseMode
from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.delivery.courier import Failure
from bot.scenes.screen import Copy, PanelKind, Screen
from bot.scenes.turn import Clock
from bot.telegram.album import Album, NewFile, keep
from bot.telegram.errors import cause, classify, reason, retry_seconds
from bot.telegram.posting import Address, Posted, post
from bot.telegram.presenter import NO_PREVIEW, digest, keyboard
from bot.telegram.router import Tapped
from storage import messages, people
from storage.records import Person
from storage.store import Store, Tx

PATIENCE = 60.0
"""Seconds that a screen waits in all while Telegram asks for patience; after that it stays owed."""

NOT_MODIFIED = "message is not modified"
"""How Telegram says that the message looks like this already."""

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panel is now.

    Attributes:
        message_id: The message that carries the screen.
        kind: Whether it can be edited into another text: "picture" for a document, too.
        digest: How it looks; means nothing after a restart.
        sent: Whether the message is new.
        file: What Telegram calls its picture, if it was painted for this message.
        copied: The number of a message that was passed on before it, or None.
    """

    message_id: int
    kind: PanelKind
    digest: str
    sent: bool
    file: NewFile | None = None
    copied: int | None = None


class Panel:
    """Shows screens to people who wait for them."""

    def __init__(
        self,
        bot: Bot,
        store: Store,
        album: Album,
        clock: Clock,
        *,
        key: bytes | None = None,
        flooded: Callable[[float], None] = lambda _seconds: None,
        counted: Callable[[], None] = lambda: None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Keep what is needed.

        Args:
            bot: The line to Telegram.
            store: Where the ids of recent messages and Telegram's names for pictures are kept.
            album: Knows which pictures Telegram has already.
            clock: Tells which messages are recent.
            key: What the looks of screens are hashed with; none is one that is thrown away at the end.
            flooded: Told how many seconds Telegram wants quiet, so that the sender keeps quiet as well.
            counted: Told of each new message, which is a part of what Telegram takes in a second.
            sleep: Waits for some seconds.
        """
        self._bot = bot
        self._store = store
        self._album = album
        self._clock = clock
        self._flooded = flooded
        self._counted = counted
        self._sleep = sleep
        self._key = key or secrets.token_bytes(32)

    async def show(self, person: Person, screen: Screen, tapped: Tapped | None = None) -> Shown | Failure:
        """Show a screen to a person.

        A text is edited in place if a text was tapped; everything else is a new message, and what
        carried buttons before loses them first. A second tap on the same button brings no second message.

        Args:
            person: To whom, as stored before the screen was promised.
            screen: What.
            tapped: The message whose button led here; None for what was typed, and for a repaint.

        Returns:
            What the panel is now, to be written down with `settle`; or why nothing was shown.
        """
        if person.text_only:
            screen = replace(screen, picture=None)
        look = digest(screen, self._key)
        try:
            if screen.clears:
                await self._clear(person, screen.clears)
            elif there := self._there(person, look, tapped):
                return there
            elif tapped is not None and _editable(screen, tapped):
                edited = await self._edit(person, screen, look, tapped)
                if edited is not None:
                    return edited
            return await self._send(person, screen, look, tapped)
        except TelegramError as error:
            return classify(error)

    async def greet(self, telegram_id: int, screen: Screen) -> Failure | None:
        """Send a screen to somebody of whom nothing is stored.

        Returns:
            Why nothing was sent, or None.
        """
        try:
            await self._post(Address(telegram_id, None), screen)
        except TelegramError as error:
            return classify(error)
        return None

    def _there(self, person: Person, look: str, tapped: Tapped | None) -> Shown | None:
        """The panel, if it shows this screen already, at or below what was tapped: so after a second tap."""
        old = person.panel
        if tapped is None or old.message_id is None or old.message_id < tapped.message_id:
            return None
        if old.owed or old.digest != look:
            return None
        kind: PanelKind = "text" if old.kind == "text" else "picture"
        return Shown(old.message_id, kind, old.digest, sent=False)

    async def _edit(self, person: Person, screen: Screen, look: str, tapped: Tapped) -> Shown | None:
        old = person.panel
        shown = Shown(tapped.message_id, "text", look, sent=False)
        edit = partial(
            self._bot.edit_message_text,
            screen.text,
            person.telegram_id,
            tapped.message_id,
            parse_mode=ParseMode.HTML,
            api_kwargs=NO_PREVIEW | keyboard(screen.rows),
        )
        try:
            await self._patiently(edit)
        except BadRequest as error:
            if NOT_MODIFIED not in error.message.lower():
                return None  # deleted or too old: a new message instead
        if old.message_id != tapped.message_id:
            await self._strip(person, [old.message_id])
        return shown

    async def _send(self, person: Person, screen: Screen, look: str, tapped: Tapped | None) -> Shown:
        await self._strip(person, [person.panel.message_id, tapped.message_id if tapped else None])
        address = Address(person.telegram_id, person.id, person.text_only)
        copied = None if screen.copy is None else await self._copied(person, screen.copy)
        posted = await self._post(address, screen)
        kind: PanelKind = "text" if screen.picture is None and screen.document is None else "picture"
        return Shown(posted.message_id, kind, look, sent=True, file=posted.file, copied=copied)

    async def _copied(self, person: Person, copy: Copy) -> int | None:
        """Pass a message on; what its writer has deleted meanwhile is passed over."""
        call = partial(self._bot.copy_message, person.telegram_id, copy.chat_id, copy.message_id, protect_content=True)
        try:
            return (await self._patiently(call)).message_id
        except BadRequest as error:
            log.info("A message could not be passed on: %s", reason(error))
            return None

    async def _post(self, address: Address, screen: Screen) -> Posted:
        self._counted()
        return await self._patiently(partial(post, self._bot, self._album, address, screen))

    async def _strip(self, person: Person, message_ids: Iterable[int | None]) -> None:
        for message_id in dict.fromkeys(each for each in message_ids if each is not None):
            await self._try(partial(self._bot.edit_message_reply_markup, person.telegram_id, message_id))

    async def _clear(self, person: Person, hours: int) -> None:
        since = self._clock.now() - timedelta(hours=hours)
        recent = await self._store.read(partial(messages.recent, person_id=person.id, since=since))
        step = int(BulkRequestLimit.MAX_LIMIT)
        for start in range(0, len(recent), step):
            settled = await self._delete(person.telegram_id, recent[start : start + step])
            await self._store.write(partial(messages.forget, person_id=person.id, message_ids=settled))

    async def _delete(self, chat_id: int, message_ids: list[int]) -> list[int]:
        """Delete messages; returns those that are gone, or can never go. The others may go another time."""
        try:
            await self._patiently(partial(self._bot.delete_messages, chat_id, message_ids))
        except BadRequest:
            # One that is too old holds up its whole batch, so each half is tried alone.
            half = len(message_ids) // 2
            if half:
                return [
                    *await self._delete(chat_id, message_ids[:half]),
                    *await self._delete(chat_id, message_ids[half:]),
                ]
        except TelegramError as error:
            log.debug("Messages could not be deleted: %s", cause(error))
            return []
        return message_ids

    async def _try(self, call: Callable[[], Awaitable[object]]) -> None:
        try:
            await call()
        except TelegramError as error:
            if isinstance(error, RetryAfter):
                self._flooded(retry_seconds(error))
            log.debug("A message could not be tidied: %s", cause(error))

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        left = PATIENCE
        while True:
            try:
                return await call()
            except RetryAfter as error:
                wait = retry_seconds(error)
                self._flooded(wait)
                if wait > left:
                    raise
            left -= wait
            await self._sleep(wait)


def shared_key(tx: Tx) -> bytes:
    """A key for the looks of screens that several processes of one installation have in common."""
    return tx.vault.house_code("panel", b"")


def settle(tx: Tx, person_id: int, shown: Shown, now: datetime) -> None:
    """Write down what the panel is now; the screen is no longer owed.

    Args:
        tx: The open unit of work.
        person_id: Whose panel.
        shown: What `Panel.show` returned.
        now: When.
    """
    people.shown(tx, person_id, message_id=shown.message_id, kind=shown.kind, digest=shown.digest)
    if shown.sent:
        messages.note(tx, person_id, shown.message_id, now)
    if shown.copied is not None:
        messages.note(tx, person_id, shown.copied, now)
    if shown.file is not None:
        keep(tx, person_id, shown.file)


def _editable(screen: Screen, tapped: Tapped) -> bool:
    if screen.fresh or screen.picture is not None or screen.document is not None:
        return False
    # A message keeps the protection that it was sent with: neither the partner's words without one, nor one's own with.
    return tapped.is_text and tapped.protected == screen.protect
