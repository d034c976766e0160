"""Carries parcels: the one place where the delivery meets the Bot API. Parcels never become the panel."""

from functools import partial

from telegram import Bot
from telegram.error import TelegramError

from bot.delivery.courier import Outcome, Refused, Sent, Unknown
from bot.scenes.screen import Screen
from bot.telegram.album import Album, keep
from bot.telegram.errors import classify, trail
from bot.telegram.posting import Address, post
from storage.records import Person
from storage.store import Store


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
