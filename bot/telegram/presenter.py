"""A screen in Telegram's words: the arguments of a Bot API call. Pure."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from bot.scenes.screen import Button, Screen
from bot.telegram import callbacks

NO_PREVIEW = {"link_preview_options": {"is_disabled": True}}
"""Links stay links: a preview would show a stranger's page in a private chat."""

ACTIONS = 4
"""What a button can do; it does one of them."""

FINAL = {"style": "danger"}
"""How a button looks that cannot be undone (Bot API 9.4, InlineKeyboardButton); older apps show it like any other."""

SHARE_ADDRESS = "https://t.me/share/url"
LINK = re.compile(r"https?://\S+")


def keyboard(rows: Sequence[Sequence[Button]]) -> dict[str, Any]:
    """The buttons under a message, as they go over the wire: the library's objects cost more than the call itself.

    Args:
        rows: The screen's rows.

    Returns:
        Telegram's ``reply_markup``, to be passed as ``api_kwargs``; empty if there is not one button.

    Raises:
        ValueError: If a button has no action or more than one, or a tap does not fit.
    """
    drawn = [[_button(each) for each in row] for row in rows if row]
    return {"reply_markup": {"inline_keyboard": drawn}} if drawn else {}


def share_url(text: str) -> str:
    """The address that opens Telegram's share sheet with a text ready.

    Telegram puts the link first and the words after it, so the first link of the text is taken out.

    Args:
        text: The whole text, with the link somewhere in it.
    """
    found = LINK.search(text)
    if found is None:
        return f"{SHARE_ADDRESS}?url={quote(text, safe='')}"
    words = f"{text[: found.start()].rstrip()}\n{text[found.end() :].lstrip()}".strip()
    return f"{SHARE_ADDRESS}?url={quote(found.group(), safe='')}&text={quote(words, safe='')}"


def digest(screen: Screen, key: bytes) -> str:
    """A hash of all that a person sees, to tell whether two screens look the same.

    Args:
        screen: What is shown.
        key: Random and never stored (at most 64 bytes). A screen holds few bits that are not
            public, so a plain hash on disk would give an answer away to whoever tries them all.

    Returns:
        32 hexadecimal digits.
    """
    document = screen.document
    seen = (
        screen.text,
        screen.rows,
        screen.picture,
        document and (document.name, hashlib.sha256(document.content).hexdigest()),
        screen.protect,
        screen.copy,
        *(button.label for row in screen.rows for button in row if button.final),
    )
    return hashlib.blake2b(repr(seen).encode(), key=key, digest_size=16).hexdigest()


def _button(button: Button) -> dict[str, Any]:
    if (button.tap, button.url, button.share, button.copy).count(None) != ACTIONS - 1:
        raise ValueError(f"The button {button.label!r} needs exactly one action.")
    return {"text": button.label} | (FINAL if button.final else {}) | _action(button)


def _action(button: Button) -> dict[str, Any]:
    if button.tap is not None:
        return {"callback_data": callbacks.encode(button.tap)}
    if button.copy is not None:
        return {"copy_text": {"text": button.copy}}
    return {"url": button.url or share_url(button.share or "")}
