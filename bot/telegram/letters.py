"""From what Telegram sends to rows of the inbox."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from bot.scenes.turn import Clock
from bot.telegram.hold import Alone, Hold
from storage.records import Letter
from storage.store import Store

ALLOWED = ("message", "callback_query", "my_chat_member")
"""The kinds of updates that the bot asks for."""

LARGEST = 2**52
"""Numbers of chats have at most 52 significant bits (Bot API, "Chat")."""

NO_CHAT = 0
"""The chat of an update that belongs to none; nothing is ever answered there."""


async def keep(
    store: Store, updates: Sequence[Mapping[str, Any]], clock: Clock, hold: Hold | None = None
) -> list[Letter]:
    """Write a batch of updates to the inbox, whole, before it is acknowledged.

    Args:
        store: Where the inbox is.
        updates: As Telegram sent them; each has an ``update_id``.
        clock: Says when they came.
        hold: Which chats are handled here; all of them if this is left out.

    Returns:
        What is to be handled here, in its order: if all of it, then those that were not there before.
    """
    rows = [(int(each["update_id"]), chat_of(each), _written(each)) for each in updates]
    return await store.write(partial((hold or Alone()).keep, updates=rows, now=clock.now()))


def chat_of(update: Mapping[str, Any]) -> int:
    """The chat in whose order an update is handled.

    Args:
        update: As Telegram sent it.
    """
    for kind in ALLOWED:
        event = _part(update, kind)
        chat = _part(event, "chat") or _part(_part(event, "message"), "chat") or _part(event, "from")
        number = chat.get("id")
        if isinstance(number, int) and abs(number) < LARGEST:
            return number
    return NO_CHAT


def _written(update: Mapping[str, Any]) -> str:
    """An update as text that can be kept: half a character, as JSON may hold, stays escaped."""
    text = json.dumps(update, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(update)
    return text


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}
