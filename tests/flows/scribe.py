"""Writes down every screen of a story as a person reads it: each once, words, buttons, and what is special about it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from prompts.catalogue import Catalogue
from tests.driver import World, text_of
from tests.telegram_html import visible

LINK = re.compile(r"start=[\w-]{22}")


@contextmanager
def noting() -> Iterator[dict[str, set[str]]]:
    """By text as it is read, the names of the templates that said it, growing."""
    names: dict[str, set[str]] = {}
    render = Catalogue.render

    def noted(self: Catalogue, screen: str, /, **values: object) -> str:
        text = render(self, screen, **values)
        names.setdefault(visible(text).strip(), set()).add(screen)
        return text

    with patch.object(Catalogue, "render", noted):
        yield names


@dataclass
class Scribe:
    """The screens of a world, in the order in which they first came.

    Attributes:
        world: Whose.
        lines: All of them, as they are read.
        sent: Every text as it stood in a chat, and whether it was protected there.
    """

    world: World
    lines: list[str] = field(default_factory=list)
    sent: set[tuple[str, bool]] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        settled = self.world.settled

        async def settled_and_written_down() -> None:
            await settled()
            self._write_down()

        self.world.settled = settled_and_written_down  # type: ignore[method-assign]

    def text(self) -> str:
        """The whole story."""
        return "\n".join(self.lines)

    def _write_down(self) -> None:
        for name, person in self.world.people.items():
            for message in person.from_bot:
                self.sent.add((text_of(message).strip(), bool(message.get("has_protected_content"))))
                screen = self._screen(message)
                if screen not in self._seen:
                    self._seen.add(screen)
                    self.lines.append(f"── {name}\n{screen}\n")
            for toast in self.world.stand_in.toasts(person.user_id):
                if toast.text and toast.text not in self._seen:
                    self._seen.add(toast.text)
                    self.lines.append(f"── {name}\n(passing notice) {toast.text}\n")

    def _screen(self, message: dict[str, Any]) -> str:
        special = [
            word
            for word, holds in {
                "picture": "photo" in message,
                "document": "document" in message,
                "silent": message.get("disable_notification"),
                "protected": message.get("has_protected_content"),
            }.items()
            if holds
        ]
        rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
        keyboard = "\n".join("".join(f"[{_label(button)}]" for button in row) for row in rows)
        head = f"({', '.join(special)})\n" if special else ""
        return self._without_codes(head + text_of(message) + ("\n" + keyboard if keyboard else ""), message)

    def _without_codes(self, screen: str, message: dict[str, Any]) -> str:
        """Codes are random: they stand as what they are."""
        screen = LINK.sub("start=LINKCODE", screen)
        for entity in message.get("caption_entities") or message.get("entities") or []:
            if entity["type"] == "code":
                words = text_of(message).encode("utf-16-le")
                code = words[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
                screen = screen.replace(code, "SHORTCOD")
        return screen


def _label(button: dict[str, Any]) -> str:
    """The words of a button, and its style where it has one."""
    return " · ".join([button["text"], *filter(None, [button.get("style")])])
