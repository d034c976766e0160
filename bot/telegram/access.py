"""Getting in: what the operator's token and address open, and what Telegram says against them."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.settings import Settings
from bot.telegram.errors import reason, trail
from bot.telegram.letters import ALLOWED
from bot.telegram.transport import Line, connect
from bot.trouble import Breakdown, Trouble
from storage.errors import DatabaseLocked

TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
"""The form of a token (Bot API, "Authorizing your bot")."""

MISSING = "BOT_TOKEN is missing. Set it in the environment or in .env, then start again."


def line_for(settings: Settings) -> Line:
    """The lines to Telegram; nothing is sent yet.

    Raises:
        Trouble: If there is no token, or it cannot be one.
    """
    if not settings.bot_token:
        raise Trouble(MISSING)
    if not TOKEN.fullmatch(settings.bot_token):
        raise Trouble("BOT_TOKEN has not the form of a token, digits:letters. Copy it whole from @BotFather's message.")
    return connect(settings.bot_token, settings.bot_api_url)


@asynccontextmanager
async def connected(line: Line, settings: Settings) -> AsyncIterator[None]:
    """Open the lines and ask Telegram who the bot is; close them at the end.

    Raises:
        Trouble: What Telegram says against it, in one clear sentence.
    """
    try:
        await _greet(line, _host(settings.bot_api_url))
        yield
    finally:
        await line.bot.shutdown()


async def _greet(line: Line, where: str) -> None:
    try:
        await line.bot.initialize()
    except (TelegramError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise _trouble(error, where) from error


def _trouble(error: Exception, where: str) -> Trouble:
    if not isinstance(error, TelegramError) or any(type(each) is TelegramError for each in _chain(error)):
        # The library's bare error says that the answer was not JSON; the others arise from JSON of another kind.
        return Trouble(
            f"What answers at BOT_API_URL ({where}) is no Bot API, or is out of order. "
            "Correct the address, or leave it out for Telegram's own."
        )
    if isinstance(error, InvalidToken):
        return Trouble(
            f"Telegram refuses BOT_TOKEN, or there is no Bot API at BOT_API_URL ({where}). "
            "Copy the token from @BotFather again, or let BotFather make a new one with /token."
        )
    return Trouble(
        f"Nobody can be reached at BOT_API_URL ({where}). "
        "Check the network of this machine, and the address if you set one."
    )


async def may_ask(line: Line) -> None:
    """Make sure that Telegram may be asked for updates: it may not as long as it calls somebody.

    Raises:
        Trouble: If a webhook is set. Whatever else Telegram says, the intake will meet it, too.
    """
    try:
        info = await line.bot.get_webhook_info()
    except TelegramError:
        return
    if info.url:
        raise Trouble(
            f"Telegram calls {_host(info.url)} for this bot, so it cannot be asked for updates: take that webhook away "
            "with: python -m bot webhook delete, or set WEBHOOK_URL here."
        )


def broken(error: BaseException) -> Exception:
    """What stopped the running bot, as a sentence that tells nothing of what anybody said."""
    if isinstance(error, InvalidToken):
        return Trouble(
            "Telegram does not know BOT_TOKEN any more. Copy the present one from @BotFather, then start again."
        )
    if isinstance(error, Conflict):
        return Trouble(
            "Another process asks Telegram for this bot's updates. Stop it, on whatever machine it runs, then start again."
        )
    if isinstance(error, DatabaseLocked):
        return error
    return Breakdown(
        f"The bot stopped, because what people do cannot be kept safely ({trail(error)}). "
        "Look at the disk and the database, then start again: what was not kept, Telegram sends once more."
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


async def prove_token(settings: Settings) -> str:
    """Ask Telegram who the bot is.

    Returns:
        Its username.

    Raises:
        Trouble: If Telegram refuses the token, or cannot be reached.
    """
    line = line_for(settings)
    async with connected(line, settings):
        return line.bot.username


async def tell_webhook(settings: Settings, *, delete: bool) -> None:
    """Tell Telegram to call WEBHOOK_URL with the secret, or to stop calling.

    Raises:
        Trouble: If Telegram refuses.
    """
    line = line_for(settings)
    async with connected(line, settings):
        try:
            if delete:
                await line.bot.delete_webhook()
            else:
                await line.bot.set_webhook(
                    settings.webhook_url, secret_token=settings.webhook_secret, allowed_updates=ALLOWED
                )
        except TelegramError as error:
            raise Trouble(
                f"Telegram refuses the webhook ({reason(error)}). WEBHOOK_URL must be a public https address."
            ) from error


def _host(url: str) -> str:
    """The part of an address that holds no secret."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
