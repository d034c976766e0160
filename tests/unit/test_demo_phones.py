from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.demo.phones import Change, Happening, ImpossibleError, StandInPhones
from tests.two_phones import KIM, NOOR


@dataclass(frozen=True)
class Told:
    """One change."""

    chat_id: int
    kind: str
    text: str | None = None
    alert: bool = False


class Telling:
    """Changes that were written down before; remembers that it was closed."""

    def __init__(self, *changes: Told) -> None:
        self.changes = changes
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[Change]:
        for change in self.changes:
            yield change

    async def aclose(self) -> None:
        """Remember it."""
        self.closed = True


class Bystanders:
    """A stand-in's people as far as the phones use them."""

    def __init__(self, *changes: Told) -> None:
        self.telling = Telling(*changes)
        self.deeds: list[tuple[object, ...]] = []

    def messages(self, user_id: int) -> list[dict[str, Any]]:
        """A picture and a file for Kim, nothing for Noor."""
        photo = {"message_id": 1, "photo": [{"file_id": "small"}, {"file_id": "big"}]}
        return [photo, {"message_id": 2, "document": {"file_id": "file"}}] if user_id == KIM.user_id else []

    def commands(self, user_id: int) -> list[dict[str, Any]]:
        """One command."""
        return [{"command": "start", "description": f"for {user_id}"}]

    def file_with_id(self, file_id: str) -> bytes:
        """The id itself."""
        return file_id.encode()

    def say(self, user_id: int, text: str) -> object:
        """Note it."""
        self.deeds.append((user_id, text))
        return 1

    def tap(self, user_id: int, message_id: int, button: str | int) -> object:
        """Note it, unless there is no such message."""
        if message_id == 99:
            raise KeyError(message_id)
        self.deeds.append((user_id, message_id, button))
        return "query"

    def open_link(self, user_id: int, payload: str) -> object:
        """Note it, unless there is nothing to open."""
        if not payload:
            raise ValueError(payload)
        self.deeds.append((user_id, payload))
        return 2

    def watch(self) -> Telling:
        """The changes as written."""
        return self.telling


def phones(*changes: Told) -> tuple[StandInPhones, Bystanders]:
    """Two phones at these bystanders."""
    people = Bystanders(*changes)
    return StandInPhones(people, (KIM, NOOR), bot_username="a_bot", bot_name="A bot"), people


async def test_deeds_go_to_the_stand_in() -> None:
    """What a visitor does on a phone happens at the stand-in, as that person."""
    both, people = phones()
    await both.say(KIM.user_id, "hello")
    await both.tap(NOOR.user_id, 3, "v1:x")
    await both.open_link(NOOR.user_id, "code")
    assert people.deeds == [(KIM.user_id, "hello"), (NOOR.user_id, 3, "v1:x"), (NOOR.user_id, "code")]


async def test_what_the_stand_in_refuses_is_impossible() -> None:
    """An unknown message and an unusable value are said in one way."""
    both, _ = phones()
    with pytest.raises(ImpossibleError):
        await both.tap(KIM.user_id, 99, "x")
    with pytest.raises(ImpossibleError):
        await both.open_link(KIM.user_id, "")


def test_a_phone_opens_only_its_own_files() -> None:
    """A file can be read on the phone that shows it, in any size, and on no other."""
    both, _ = phones()
    assert [both.file(KIM.user_id, name) for name in ("small", "big", "file", "other")] == [
        b"small",
        b"big",
        b"file",
        None,
    ]
    assert both.file(NOOR.user_id, "big") is None


async def test_changes_become_happenings() -> None:
    """A change of a chat and a notice are passed on; an answer without words is not; the watch is closed in the end."""
    told = (
        Told(KIM.user_id, "new"),
        Told(KIM.user_id, "answered"),
        Told(NOOR.user_id, "answered", "Noted", alert=True),
        Told(NOOR.user_id, "edited"),
    )
    both, people = phones(*told)
    heard = [happening async for happening in both.watch()]
    assert heard == [Happening(KIM.user_id), Happening(NOOR.user_id, "Noted", alert=True), Happening(NOOR.user_id)]
    assert people.telling.closed


def test_the_phones_know_the_bot_and_its_commands() -> None:
    """Names and commands are shown as they are."""
    both, _ = phones()
    assert (both.bot_username(), both.bot_name(), both.owners()) == ("a_bot", "A bot", (KIM, NOOR))
    assert both.commands(KIM.user_id) == [("start", f"for {KIM.user_id}")]
    assert len(both.messages(KIM.user_id)) == 2
