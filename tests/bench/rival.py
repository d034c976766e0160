"""The same idea as one would write it from the tutorials: a conversation, a pickle, and a job for every couple.

ConversationHandler for the questions, PicklePersistence (one file, written every minute) for what people said, and a
weekly job of the JobQueue a couple, which is made again at every start because the queue remembers nothing. What was
tapped within the last minute is lost when it is killed; that is how these parts work, and what they are chosen for is
that there is so little to write.
"""

import datetime as dt
import os
import sys
from typing import Any
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    PicklePersistence,
)

from tests.bench.question import LABELS, question

Context = ContextTypes.DEFAULT_TYPE
ASKING = 0
PICKLE = "rival.pickle"
SUNDAY = 0
EVENING = dt.time(19, 0)


def _keyboard(number: int) -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(label, callback_data=f"answer:{place}")] for place, label in enumerate(LABELS)]
    return InlineKeyboardMarkup([*rows, [InlineKeyboardButton("Back", callback_data="back")]] if number else rows)


async def _start(update: Update, context: Context) -> int:
    assert update.message is not None
    assert context.user_data is not None
    context.user_data["answers"] = []
    await update.message.reply_text(question(0), reply_markup=_keyboard(0))
    return ASKING


async def _answer(update: Update, context: Context) -> int:
    query, answers = update.callback_query, _answers(context)
    assert query is not None
    assert query.data is not None
    answers.append(int(query.data.partition(":")[2]))
    return await _ask(query, len(answers))


async def _back(update: Update, context: Context) -> int:
    query, answers = update.callback_query, _answers(context)
    assert query is not None
    if answers:
        answers.pop()
    return await _ask(query, len(answers))


async def _ask(query: Any, number: int) -> int:
    await query.answer()
    await query.edit_message_text(question(number), reply_markup=_keyboard(number))
    return ASKING


def _answers(context: Context) -> list[int]:
    assert context.user_data is not None
    answers: list[int] = context.user_data["answers"]
    return answers


async def nudge(context: Context) -> None:
    """Tell both of a couple that their questions are ready."""
    assert context.job is not None
    for user_id in context.job.data:  # type: ignore[attr-defined]
        await context.bot.send_message(user_id, "Your weekly questions are ready.")


async def _plan(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    for number, couple in application.bot_data.get("couples", {}).items():
        application.job_queue.run_daily(  # type: ignore[union-attr]
            nudge,
            EVENING.replace(minute=couple["minute"], tzinfo=ZoneInfo(couple["zone"])),
            days=(couple["weekday"],),
            data=couple["people"],
            name=str(number),
        )


def main() -> None:
    """Poll until stopped."""
    application = (
        Application.builder()
        .token(os.environ["BOT_TOKEN"])
        .base_url(f"{os.environ['BOT_API_URL']}/bot")
        .persistence(PicklePersistence(PICKLE))
        .post_init(_plan)
        .build()
    )
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", _start)],
            states={
                ASKING: [
                    CallbackQueryHandler(_answer, pattern=r"^answer:\d$"),
                    CallbackQueryHandler(_back, pattern="^back$"),
                ]
            },
            fallbacks=[CommandHandler("start", _start)],
            name="walk",
            persistent=True,
        )
    )
    application.run_polling()


if __name__ == "__main__":
    sys.exit(main())
