"""The least that a bot can do with aiogram: no state, no disk; a tap edits its message."""

import asyncio
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from tests.bench.question import LABELS, question

dispatcher = Dispatcher()


def _keyboard(number: int) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=label, callback_data=f"{number}:{place}")] for place, label in enumerate(LABELS)
        ]
    )


@dispatcher.message(CommandStart())
async def _start(message: Message) -> None:
    await message.answer(question(0), reply_markup=_keyboard(0))


@dispatcher.callback_query()
async def _tap(query: CallbackQuery) -> None:
    assert query.data is not None
    assert isinstance(query.message, Message)
    number = int(query.data.partition(":")[0]) + 1
    await query.answer()
    await query.message.edit_text(question(number), reply_markup=_keyboard(number))


async def main() -> None:
    """Poll until stopped."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["BOT_API_URL"]))
    bot = Bot(os.environ["BOT_TOKEN"], session=session)
    await dispatcher.start_polling(bot)


if __name__ == "__main__":
    asyncio.run(main())
