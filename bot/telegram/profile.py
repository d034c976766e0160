"""What Telegram shows of the bot before anybody has written to it: commands and descriptions."""

import logging
from collections.abc import Mapping, Sequence

from telegram import Bot, BotCommand
from telegram.error import TelegramError

from bot.telegram.errors import cause
from prompts.catalogue import Catalogue

DEFAULT = "en"
"""The language that Telegram shows where the bot has no other."""

log = logging.getLogger(__name__)


async def introduce(bot: Bot, catalogues: Mapping[str, Catalogue], commands: Sequence[str]) -> None:
    """Tell Telegram the bot's commands and descriptions, where it has others.

    A failure is logged and no more: the bot works without them, and Telegram allows few changes a day.

    Args:
        bot: The line to Telegram.
        catalogues: By language; the labels are ``command.<name>``, ``bot.description`` and
            ``bot.short_description``.
        commands: Their names, in the order of the menu.
    """
    for language, words in catalogues.items():
        # Telegram's own fallback has no language code; the default language needs no second copy.
        code = None if language == DEFAULT else language
        try:
            await _set_commands(bot, words, commands, code)
            await _set_descriptions(bot, words, code)
        except TelegramError as error:
            log.warning("Commands and descriptions (%s) are not up to date: %s", language, cause(error))


async def _set_commands(bot: Bot, words: Catalogue, names: Sequence[str], code: str | None) -> None:
    wanted = tuple(BotCommand(name, words.label(f"command.{name}")) for name in names)
    if await bot.get_my_commands(language_code=code) != wanted:
        await bot.set_my_commands(wanted, language_code=code)


async def _set_descriptions(bot: Bot, words: Catalogue, code: str | None) -> None:
    description = words.label("bot.description")
    if (await bot.get_my_description(language_code=code)).description != description:
        await bot.set_my_description(description, language_code=code)
    short = words.label("bot.short_description")
    if (await bot.get_my_short_description(language_code=code)).short_description != short:
        await bot.set_my_short_description(short, language_code=code)
