"""What is an answer of the Bot API, and what only stands where one should."""

import json
from typing import Any

from telegram.error import TelegramError

NO_ANSWER = "Invalid server response"
"""The library's own words for it."""


def read(payload: bytes) -> dict[str, Any]:
    """Read an answer (core.telegram.org/bots/api#making-requests).

    The library takes anything that is JSON, and stumbles over what is no object or has no result.

    Args:
        payload: What came.

    Raises:
        telegram.error.TelegramError: If it has not the form of an answer; nothing of it is quoted.
    """
    try:
        answer = json.loads(payload.decode("utf-8", "replace"))
    except ValueError:
        raise TelegramError(NO_ANSWER) from None
    if not isinstance(answer, dict) or not answer.keys() & {"result", "error_code"}:
        raise TelegramError(NO_ANSWER)
    return answer


def is_telegrams(error: TelegramError) -> bool:
    """Whether Telegram itself said so, rather than a page of something in between.

    Args:
        error: What the library made of a refusal: it is caused by a bare error if the answer could not be read.
    """
    return type(error.__cause__) is not TelegramError
