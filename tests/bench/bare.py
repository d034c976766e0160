"""The least that a bot can do: no state, no disk; a tap edits its message. What all others are compared with."""

import asyncio
import os
import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes

Context = ContextTypes.DEFAULT_TYPE


def _screen(number: int) -> tuple[str, InlineKeyboardMarkup]:
    labels = ("Not true", "A little true", "Half true", "Mostly true", "Very true")
    rows = [[InlineKeyboardButton(label, callback_data=f"{number}:{place}")] for place, label in enumerate(labels)]
    return f"{number} of many\nA statement of usual length stands here, to be sent.", InlineKeyboardMarkup(rows)


async def _start(update: Update, _: Context) -> None:
    assert update.message is not None
    text, keyboard = _screen(1)
    await update.message.reply_text(text, reply_markup=keyboard)


async def _tap(update: Update, _: Context) -> None:
    query = update.callback_query
    assert query is not None
    assert query.data is not None
    text, keyboard = _screen(int(query.data.partition(":")[0]) + 1)
    await asyncio.gather(query.answer(), query.edit_message_text(text, reply_markup=keyboard))


def main() -> None:
    """Poll until stopped."""
    root = os.environ["BOT_API_URL"]
    application = (
        Application.builder()
        .token(os.environ["BOT_TOKEN"])
        .base_url(f"{root}/bot")
        .concurrent_updates(64)
        .connection_pool_size(16)
        .pool_timeout(30)
        .build()
    )
    application.add_handler(CommandHandler("start", _start))
    application.add_handler(CallbackQueryHandler(_tap))
    print("Stop with Ctrl+C.", flush=True)
    application.run_polling()


if __name__ == "__main__":
    sys.exit(main())
