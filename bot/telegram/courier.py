"""Carries parcels: the one place where the delivery meets the Bot API. Parcels never become the panel."""

import asyncio
from functools import partial

from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.delivery.courier import Outcome, Refused, Sent, Unknown
from bot.scenes.screen import Screen
from bot.telegram.album import Album, keep
from bot.telegram.errors import classify, trail
from bot.telegram.panel import NOT_MODIFIED
from bot.telegram.posting import Address, post
from bot.telegram.presenter import NO_PREVIEW, keyboard
from storage import people
from storage.records import Person
from storage.store import Store

A_LOOK_SECONDS = 0.05
MOST_LOOKS = 200
"""Looks for a screen that is on its way: ten seconds, as long as a call may take. Later its debt is looked after anyway."""


class TelegramCourier:
    """A `bot.delivery.courier.Courier` over the Bot API."""

    def __init__(self, bot: Bot, store: Store, album: Album) -> None:
        """Keep what is needed.

        Args:
            bot: The line to Telegram.
            store: Where Telegram's names for pictures are kept.
            album: Knows which pictures Telegram has already.
        """
        self._bot = bot
        self._store = store
        self._album = album

    async def send(self, person: Person, screen: Screen, *, silent: bool) -> Outcome:
        """Send a screen as a new message, once; see the protocol."""
        if screen.in_place:
            return await self._edited(person, screen)
        address = Address(person.telegram_id, person.id, person.text_only)
        try:
            posted = await post(self._bot, self._album, address, screen, silent=silent)
        except TelegramError as error:
            return classify(error)
        except ValueError as error:  # a button that cannot be built; nothing was sent
            return Refused(trail(error))
        except Exception as error:  # noqa: BLE001 -- an answer of a form that the library cannot read
            return Unknown(trail(error))
        if posted.file is not None:
            await self._store.write(partial(keep, person_id=person.id, file=posted.file))
        return Sent(posted.message_id)

    async def _edited(self, person: Person, screen: Screen) -> Outcome:
        """Let a screen take the place of the panel; where that is gone, nothing comes in its stead."""
        message_id = person.panel.message_id
        if message_id is None or person.panel.kind != "text":
            return Refused("no panel to edit")
        edit = self._bot.edit_message_text(
            screen.text,
            person.telegram_id,
            message_id,
            parse_mode=ParseMode.HTML,
            api_kwargs=NO_PREVIEW | keyboard(screen.rows),
        )
        try:
            await edit
        except TelegramError as error:
            if NOT_MODIFIED not in str(error).lower():
                return classify(error)
        await self._uncover(person)
        return Sent(message_id)

    async def _uncover(self, person: Person) -> None:
        """Let the present screen be painted again, if its person did something while the edit was on its way.

        Nobody knows then which of the two came last. While their own screen is still on its way, it is waited for:
        once it has been shown, it would clear the debt.
        """
        for _ in range(MOST_LOOKS):
            if await self._store.write(partial(people.owe_if_moved, seen=person)):
                return
            await asyncio.sleep(A_LOOK_SECONDS)
