"""The least that a bot can do with python-telegram-bot: no state, no disk; a tap edits its message.

CONCURRENT says how many updates it handles at once: 1 is the library's default, 256 what its documentation calls
concurrent. The carrier is the library's own, as it comes.
"""

import os
import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes

from tests.bench.question import LABELS, question

Context = ContextTypes.DEFAULT_TYPE


def _keyboard(number: int) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=f"{number}:{place}")] for place, label in enumerate(LABELS)]
    )


async def _start(update: Update, _: Context) -> None:
    assert update.message is not None
    await update.message.reply_text(question(0), reply_markup=_keyboard(0))


async def _tap(update: Update, _: Context) -> None:
    query = update.callback_query
    assert query is not None
    assert query.data is not None
    number = int(query.data.partition(":")[0]) + 1
    await query.answer()
    await query.edit_message_text(question(number), reply_markup=_keyboard(number))


def main() -> None:
    """Poll until stopped."""
    root, at_once = os.environ["BOT_API_URL"], int(os.environ["CONCURRENT"])
    application = (
        Application.builder().token(os.environ["BOT_TOKEN"]).base_url(f"{root}/bot").concurrent_updates(at_once)
    )
    if at_once > 1:
        application = application.pool_timeout(30)  # with the default of one second it loses answers under this load
    built = application.build()
    built.add_handler(CommandHandler("start", _start))
    built.add_handler(CallbackQueryHandler(_tap))
    built.run_polling()


if __name__ == "__main__":
    sys.exit(main())
