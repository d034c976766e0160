"""Names as people type them: kept short, on one line, and free of what could disguise a text."""

import re
import unicodedata

LONGEST_NAME = 24
"""Characters; long enough for two given names, short enough for a picture and a sentence."""

_LINKING = re.compile(r"[@#$/]|\.(?=\S)")
"""What Telegram turns into something to tap: "evil.example", "/delete", "@somebody"; "J. R." stays."""

_MOST_MARKS = 3  # combining marks in a row; more only serve to deface a screen


def cleaned(typed: str) -> str:
    """The name in *typed*, or an empty string when there is none.

    Line breaks and runs of spaces become one space; control, format and private characters (bidirectional
    overrides among them), piled-up combining marks, and what would make Telegram show a link, a command or a
    mention fall away; the rest is cut at `LONGEST_NAME`.
    """
    # First whatever cannot be seen: else it would hide what stands beside it from the rules that follow.
    visible = (
        " " if character.isspace() else character for character in typed[: 10 * LONGEST_NAME] if _is_seen(character)
    )
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", "".join(visible)):
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    name = " ".join(_LINKING.sub(" ", "".join(kept)).split())[:LONGEST_NAME].strip("\u200d ")
    return name if any(character.isalnum() or unicodedata.category(character) == "So" for character in name) else ""


def _is_seen(character: str) -> bool:
    """Whether a character shows, parts words, or joins pictures into one."""
    return character.isspace() or character == "\u200d" or not unicodedata.category(character).startswith("C")
