"""What a person has in front of them: the messages of the bot, and the buttons that they still carry."""

import re
import textwrap
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from bot.scenes.screen import Button, Screen

KEPT_PARCELS = 4
"""Messages that somebody scrolls back to."""

WORDS_A_MINUTE = 200
"""Reading speed on a phone; below the mean of 238 for silent reading of English (Brysbaert 2019)."""

TAP_SECONDS = 1.2
"""Finding a button and tapping it: pointing and choosing among about five by the keystroke-level model (Card 1980)."""

KNOWN_WORDS_A_MINUTE = 450
"""How fast known lines are passed over: skimming, by Carver's rates of reading (1992)."""

FOLDED_LINES = 3
"""What is seen of a folded quote that nobody opens (TDLib, textEntityTypeExpandableBlockQuote)."""

LINE_CHARACTERS = 40
"""About what stands on one line of a message on a phone held upright."""

TAG = re.compile(r"<[^>]+>")
FOLD: Final = re.compile(r"<blockquote expandable>(.*?)</blockquote>", re.DOTALL)
NUMBER: Final = re.compile(r"[0-9]+")
SIZE: Final = "likely between"
"""Stands in every line that says a size."""


@dataclass(slots=True)
class Message:
    """One message of the bot as it looks now."""

    message_id: int
    screen: Screen
    is_text: bool
    live: bool = True

    @property
    def buttons(self) -> list[Button]:
        """The buttons that tell the bot something."""
        return [one for row in self.screen.rows for one in row if one.tap is not None] if self.live else []


@dataclass(slots=True)
class Phone:
    """A chat, as far as anybody scrolls."""

    panel: Message | None = None
    parcels: deque[Message] = field(default_factory=lambda: deque(maxlen=KEPT_PARCELS))

    def show(self, screen: Screen, tapped: Message | None, new_id: Callable[[], int]) -> bool:
        """Show a screen as the panel does: a text in place of a tapped text, everything else as a new message.

        Returns:
            Whether the message is new.
        """
        is_text = screen.picture is None and screen.document is None
        in_place = tapped is not None and is_text and tapped.is_text and not screen.fresh
        if tapped is not None and in_place and tapped.screen.protect == screen.protect:
            tapped.screen = screen
            if self.panel is not None and self.panel is not tapped:
                self.panel.live = False
            self.panel = tapped
            return False
        for old in (self.panel, tapped):
            if old is not None:
                old.live = False
        self.panel = Message(new_id(), screen, is_text)
        return True


def lines_of(screen: Screen) -> list[str]:
    """What a screen has to read, line by line; buttons are found, not read."""
    return [line for line in (TAG.sub(" ", line).strip() for line in screen.text.splitlines()) if line]


def reading_seconds(screen: Screen, before: Screen | None = None) -> float:
    """How long a screen takes to read; a line that stood on the screen before is not read again."""
    known = set(lines_of(before)) if before else set()
    words = sum(len(line.split()) for line in lines_of(screen) if line not in known)
    return 60 * words / WORDS_A_MINUTE


@dataclass(slots=True)
class Reader:
    """Somebody who comes every week and knows what recurs.

    They pass over lines that they read word for word in an earlier week, but for those that say a size and for bold
    ones: statements, questions and starters are always read. They see three lines of a folded quote. Of a line that
    differs from the screen before only by a number they read that number.

    Attributes:
        read: The lines that may be known, with the week in which each was read first.
    """

    read: dict[str, int] = field(default_factory=dict)

    def seconds(self, screen: Screen, before: Screen | None, week: int) -> float:
        """How long a screen takes to read."""
        stood = {NUMBER.sub("0", line): line for line in _seen(before)} if before else {}
        taken = 0.0
        for line in _seen(screen):
            earlier = stood.get(NUMBER.sub("0", line), "")
            words = _words(line)
            if earlier:
                taken += sum(one != other for one, other in zip(words, _words(earlier), strict=True)) / WORDS_A_MINUTE
            elif "<b>" in line or SIZE in line:
                taken += len(words) / WORDS_A_MINUTE
            else:
                known = self.read.setdefault(line, week) < week
                taken += len(words) / (KNOWN_WORDS_A_MINUTE if known else WORDS_A_MINUTE)
        return 60 * taken


def _seen(screen: Screen) -> list[str]:
    """The lines of a screen that are seen without unfolding anything."""
    text = FOLD.sub(lambda found: _folded(found[1]), screen.text)
    return [line for line in map(str.strip, text.splitlines()) if line]


def _folded(text: str) -> str:
    lines = (part for line in unescape(TAG.sub("", text)).splitlines() for part in textwrap.wrap(line, LINE_CHARACTERS))
    return "\n".join(list(lines)[:FOLDED_LINES])


def _words(line: str) -> list[str]:
    """Words and numbers; a dot or a dash by itself is none."""
    return [word for word in unescape(TAG.sub("", line)).split() if any(letter.isalnum() for letter in word)]
