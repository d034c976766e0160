"""The lines to Telegram: one pool of connections for calls, another for the long poll."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import BaseRequest

from bot.telegram import answers
from bot.telegram.aiohttp_request import AiohttpRequest, Timeouts

TELEGRAM = "https://api.telegram.org"

AT_ONCE = 50
"""Chats that are handled at the same time. Telegram takes about 30 messages a second of a bot (Bots FAQ, "My bot is
hitting limits"), so this many are only under way at once where every answer takes longer than a second."""

POOL_SIZE = 2 * AT_ONCE
"""Connections: a tap makes two calls at once, one that ends the spinner and one that shows the screen."""

TIMEOUTS = Timeouts(pool=2.0, connect=5.0, write=8.0, media_write=8.0, read=10.0)
"""Seconds. Together 25, well under the 60 seconds for which a parcel is leased."""

UNREAD = ("editMessageText", "editMessageReplyMarkup")
"""The calls of which only success counts."""

POLL_SLACK = 10.0
"""Seconds that the line waits for the answer to a long poll after Telegram should have given it."""


@dataclass(frozen=True, slots=True)
class Poll:
    """The long poll: asks for updates and gives them as they came, unparsed.

    Attributes:
        request: A pool of its own, so that a parked poll never keeps a call waiting.
        url: Where ``getUpdates`` is, the token in it.
    """

    request: BaseRequest
    url: str

    async def get_updates(
        self,
        *,
        offset: int | None,
        seconds: float,
        allowed: Sequence[str],
    ) -> list[dict[str, Any]]:
        """Ask for the next updates.

        Args:
            offset: The first one that is wanted, which confirms all before it; None for all open ones.
            seconds: How long Telegram may wait for something to happen.
            allowed: The kinds of updates that are wanted.

        Returns:
            At most 100 updates as they came.

        Raises:
            telegram.error.TelegramError: Whatever the Bot API or the network said.
        """
        query: dict[str, object] = {"timeout": int(seconds), "allowed_updates": json.dumps(list(allowed))}
        if offset is not None:
            query["offset"] = offset
        answer = await self.request.post(f"{self.url}?{urlencode(query)}", read_timeout=seconds + POLL_SLACK)
        return _updates(answer)


@dataclass(frozen=True, slots=True)
class Line:
    """Both lines to Telegram.

    Attributes:
        bot: For calls. ``async with line.bot`` opens both, asks Telegram who the bot is, and closes them.
        poll: For updates.
    """

    bot: Bot
    poll: Poll


def connect(token: str, root: str = TELEGRAM) -> Line:
    """Build the lines; nothing is sent yet.

    Args:
        token: What BotFather gave.
        root: Where the Bot API is: ``<root>/bot<token>/<method>``.

    Raises:
        telegram.error.InvalidToken: If the token is empty.
    """
    root = root.rstrip("/")
    calls, polling = (
        _Carrier(pool_size=POOL_SIZE, timeouts=TIMEOUTS, unread=UNREAD),
        _Carrier(pool_size=1, timeouts=TIMEOUTS),
    )
    bot = Bot(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=calls,
        get_updates_request=polling,
    )
    return Line(bot=bot, poll=Poll(request=polling, url=f"{root}/bot{token}/getUpdates"))


class _Carrier(AiohttpRequest):
    """Takes nothing for an answer that has not its form."""

    parse_json_payload = staticmethod(answers.read)


def _updates(answer: object) -> list[dict[str, Any]]:
    """A batch of updates; whatever else came is no answer, and must not be asked for again without a pause.

    Raises:
        telegram.error.TelegramError: If it is no batch.
    """
    if not isinstance(answer, list) or not all(
        isinstance(each, dict) and isinstance(each.get("update_id"), int) for each in answer
    ):
        raise TelegramError(answers.NO_ANSWER)
    return answer
