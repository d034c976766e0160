"""What a button says to the bot: a version, a kind and its values, in at most 64 bytes.

The same words serve as the stored place, the way back to a screen.
"""

from telegram.constants import InlineKeyboardButtonLimit

from bot.scenes.screen import Tap

VERSION = "v1"
SEPARATOR = ":"
MAX_BYTES = int(InlineKeyboardButtonLimit.MAX_CALLBACK_DATA)


def encode(tap: Tap) -> str:
    """Write a tap as callback data.

    Args:
        tap: What the button means.

    Returns:
        ASCII text of at most 64 bytes, such as ``"v1:walk.answer:42:3:0"``.

    Raises:
        ValueError: If a part holds a colon or anything but printable ASCII, the kind is empty, or
            the whole is too long. A scene that builds such a button is wrong, whoever taps it.
    """
    for part in (tap.kind, *tap.args):
        if SEPARATOR in part or not part.isascii() or (part and not part.isprintable()):
            raise ValueError(f"Part of a tap of kind {tap.kind!r} is not short plain ASCII.")
    if not tap.kind:
        raise ValueError("A tap needs a kind.")
    data = SEPARATOR.join((VERSION, tap.kind, *tap.args))
    if len(data) > MAX_BYTES:
        raise ValueError(f"A tap of kind {tap.kind!r} takes {len(data)} bytes; Telegram takes {MAX_BYTES}.")
    return data


def decode(data: str) -> Tap | None:
    """Read callback data, or a stored place.

    Args:
        data: What Telegram sent or storage kept. Anybody can forge it.

    Returns:
        The tap, or None if it is empty, malformed, or of another version of the bot.
    """
    if len(data) > MAX_BYTES or not data.isascii() or not data.isprintable():
        return None
    version, *parts = data.split(SEPARATOR)
    if version != VERSION or not parts or not parts[0]:
        return None
    return Tap(parts[0], tuple(parts[1:]))
