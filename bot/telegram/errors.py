"""What an error of Telegram or of the network means for a message."""

import traceback
from datetime import timedelta
from pathlib import Path

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.delivery.courier import Blocked, Failure, Later, Refused, Unknown
from bot.telegram.aiohttp_request import NotSent
from bot.telegram.answers import is_telegrams

NETWORK_PAUSE = 5.0
"""Seconds before the next try after a request surely never left."""

TOKEN_PAUSE = 60.0
"""Seconds before the next try after Telegram did not know the token: a new one may be on its way."""

REASON_LENGTH = 80
"""Characters of Telegram's own words that are kept as a reason."""


def classify(error: TelegramError) -> Failure:
    """Say what an error means for the message that was being sent.

    The order matters: for the library ``BadRequest`` and ``TimedOut`` are network errors too, and the page of a
    proxy that says 403 is a person who blocked the bot.

    Args:
        error: What the library raised.

    Returns:
        Whether to try later, to give up on the person or on the message, or that nobody knows.
    """
    match error:
        case TelegramError() if not is_telegrams(error):
            return Unknown(cause(error))
        case RetryAfter():
            return Later(retry_seconds(error))
        case ChatMigrated():
            return Refused("chat migrated")
        case Forbidden():
            return Blocked()
        case BadRequest():
            return Refused(reason(error))
        case InvalidToken():
            return Later(TOKEN_PAUSE)
        case NetworkError() if isinstance(error.__cause__, NotSent):
            return Later(NETWORK_PAUSE)
        case NetworkError():
            return Unknown(cause(error))
        case _:
            return Unknown(type(error).__name__)


def retry_seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait, in seconds."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def reason(error: TelegramError) -> str:
    """Telegram's words up to the first colon: after it they may quote the message itself."""
    return error.message.partition(":")[0][:REASON_LENGTH]


def cause(error: BaseException) -> str:
    """The kind of an error and of what caused it: types only, never their words."""
    root = error.__cause__
    return type(error).__name__ if root is None else f"{type(error).__name__} from {type(root).__name__}"


def trail(error: BaseException) -> str:
    """The kind of an error and where it arose, for a log that must not hold what people said.

    Args:
        error: Any error; neither its words nor any value of the program are looked at.

    Returns:
        Such as ``"KeyError at walk.py:88 in answer"``.
    """
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return cause(error)
    last = frames[-1]
    return f"{cause(error)} at {Path(last.filename).name}:{last.lineno} in {last.name}"
