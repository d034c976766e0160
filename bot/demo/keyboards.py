"""Keyboards under messages, and what Telegram refuses about them (core.telegram.org/bots/api#inlinekeyboardbutton)."""

import re

from bot.demo.calls import Call
from bot.demo.errors import Json, bad_request

MOST_BUTTONS = 100
"""Buttons under one message (limits.tginfo.me)."""
MOST_IN_A_ROW = 8
"""Buttons side by side (limits.tginfo.me)."""
MOST_DATA_BYTES = 64
"""Bytes, not characters, of ``callback_data``."""
MOST_COPIED = 256
"""Characters of ``copy_text``."""

_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
STYLES = frozenset({"danger", "success", "primary"})
"""Looks that a button can have."""
OWN_STYLE = "default"
"""The look that each app gives a button; a message does not mention it (tdlib/telegram-bot-api, ``get_button_style``)."""

_OTHER_KEYBOARDS = ("keyboard", "remove_keyboard", "force_reply")
_ADDRESS = re.compile(r"(?:https?://|tg://|ton://)?[^\s/]+\.[^\s]+|tg://\S+")


def inline_keyboard(call: Call) -> Json | None:
    """The inline keyboard that a call brings.

    Returns:
        The ``reply_markup`` of the message; None without one, and for the other kinds of keyboard, which no message shows.

    Raises:
        ApiError: If Telegram would refuse it.
    """
    markup = call.parsed("reply_markup")
    if not markup:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if not any(kind in markup for kind in _OTHER_KEYBOARDS):
            raise bad_request("can't parse reply keyboard markup JSON object")
        return None
    return _checked(markup["inline_keyboard"])


def _checked(rows: object) -> Json | None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be of type Array of Array of InlineKeyboardButton')
    kept = [[_checked_button(button) for button in row] for row in rows if row]
    if any(len(row) > MOST_IN_A_ROW for row in kept) or sum(map(len, kept)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": kept} if kept else None


def _checked_button(button: object) -> Json:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: expected an Object")
    if not isinstance(button.get("text"), str) or not button["text"]:
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    actions = [action for action in _ACTIONS if button.get(action) is not None]
    if not actions:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(
            f"can't parse inline keyboard button: exactly one action is allowed, found {', '.join(actions)}"
        )
    _check_action(actions[0], button[actions[0]])
    return _styled(button) if "style" in button else button


def _styled(button: Json) -> Json:
    """A button with its look as messages show it: without regard to case, and nothing where it is the app's own."""
    style = str(button["style"] or OWN_STYLE).lower()
    if style not in {*STYLES, OWN_STYLE}:
        raise bad_request("can't parse inline keyboard button: invalid button style specified")
    plain = {name: value for name, value in button.items() if name != "style"}
    return plain if style == OWN_STYLE else plain | {"style": style}


def _check_action(action: str, value: object) -> None:
    if action == "callback_data" and not 1 <= len(str(value).encode()) <= MOST_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "url" and not _ADDRESS.fullmatch(str(value)):
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    if action == "copy_text":
        copied = value.get("text") if isinstance(value, dict) else None
        if not isinstance(copied, str) or not 1 <= len(copied) <= MOST_COPIED:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
