"""One screen becomes one new message."""

import logging
from dataclasses import dataclass
from typing import Any

from telegram import Bot, InputFile, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.scenes.screen import Picture, Screen
from bot.telegram.album import Album, NewFile
from bot.telegram.errors import reason, trail
from bot.telegram.presenter import NO_PREVIEW, keyboard

PICTURE_NAME = "you-and-i.jpg"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that Telegram took.

    Attributes:
        message_id: Its id.
        file: What Telegram calls its picture, if it was painted for this message.
    """

    message_id: int
    file: NewFile | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes.

    Attributes:
        chat_id: The private chat.
        person_id: Whose pictures may be sent again; None for a stranger.
        text_only: Whether pictures are left out.
    """

    chat_id: int
    person_id: int | None
    text_only: bool = False


async def post(bot: Bot, album: Album, address: Address, screen: Screen, *, silent: bool = False) -> Posted:
    """Send a screen as a new message.

    Args:
        bot: The line to Telegram.
        album: Knows which pictures Telegram has already.
        address: To whom.
        screen: What; a document goes before a picture if there are both.
        silent: Whether the phone makes no sound.

    Returns:
        What Telegram took; the words alone if the picture cannot be painted or is refused.

    Raises:
        telegram.error.TelegramError: Whatever the Bot API or the network said.
        ValueError: If a button of the screen cannot be built.
    """
    letter = _Letter(bot, address.chat_id, screen, keyboard(screen.rows), silent)
    if screen.document is not None:
        content = await album.packed(screen.document)
        return Posted((await letter.document(screen.document.name, content)).message_id)
    if screen.picture is None or address.text_only:
        return Posted((await letter.text()).message_id)
    return await _picture(letter, album, address.person_id, screen.picture)


async def _picture(letter: "_Letter", album: Album, person_id: int | None, picture: Picture) -> Posted:
    digest = album.digest(picture)
    file_id = None if person_id is None else await album.known(person_id, digest)
    if file_id is not None:
        try:
            return Posted((await letter.photo(file_id)).message_id)
        except BadRequest as error:
            # Telegram may forget a file, and another bot's token makes all names void.
            log.info("A picture is painted again: %s", reason(error))
    try:
        image = await album.paint(picture)
    except Exception as error:  # noqa: BLE001 -- whatever went wrong in drawing, the words are still good
        log.error("A picture could not be painted: %s", trail(error))  # noqa: TRY400 -- its words may be private
        return Posted((await letter.text()).message_id)
    try:
        message = await letter.photo(image)
    except BadRequest as error:
        log.error("Telegram refused a picture: %s", reason(error))  # noqa: TRY400 -- its words may be private
        return Posted((await letter.text()).message_id)
    return Posted(message.message_id, NewFile(digest, message.photo[-1].file_id) if message.photo else None)


@dataclass(frozen=True, slots=True)
class _Letter:
    bot: Bot
    chat_id: int
    screen: Screen
    buttons: dict[str, Any]
    silent: bool

    async def text(self) -> Message:
        return await self.bot.send_message(
            self.chat_id,
            self.screen.text,
            parse_mode=ParseMode.HTML,
            api_kwargs=NO_PREVIEW | self.buttons,
            protect_content=self.screen.protect,
            disable_notification=self.silent,
        )

    async def photo(self, photo: str | bytes) -> Message:
        return await self.bot.send_photo(
            self.chat_id,
            photo,
            caption=self.screen.text,
            parse_mode=ParseMode.HTML,
            filename=None if isinstance(photo, str) else PICTURE_NAME,
            api_kwargs=self.buttons,
            protect_content=self.screen.protect,
            disable_notification=self.silent,
        )

    async def document(self, name: str, content: bytes) -> Message:
        return await self.bot.send_document(
            self.chat_id,
            InputFile(content, filename=name),
            caption=self.screen.text,
            parse_mode=ParseMode.HTML,
            api_kwargs=self.buttons,
            protect_content=self.screen.protect,
            disable_notification=self.silent,
        )
