"""What a person has in front of them: the messages of the bot, and the buttons that they still carry."""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.scenes.screen import Button, Screen

KEPT_PARCELS = 4
"""Messages that somebody scrolls back to."""

WORDS_A_MINUTE = 200
"""Reading speed on a phone; below the mean of 238 for silent reading of English (Brysbaert 2019)."""

TAP_SECONDS = 1.2
"""Finding a button and tapping it: pointing and choosing among about five by the keystroke-level model (Card 1980)."""

TAG = re.compile(r"<[^>]+>")


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
