"""Data and buttons of every tagged version still work: nobody loses an answer or finds a dead button by an update."""

import json
import re
import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.dance.course import Course
from storage import checkins, people
from storage.connect import on_database
from storage.copying import copy_rows, looking_into, tables_of
from storage.engine import parse_url
from storage.migrate import build, current, head, revision_of
from storage.store import Tx
from tests.databases import Place, postgres_url
from tests.driver import Person, World, buttons_of, text_of, world_at
from tests.versions.record import FILES

TAGGED = sorted(
    path for path in (Path(__file__).parent.parent / "versions").iterdir() if (path / "phones.json").exists()
)
LEAVE_LAST = ("delete.yes", "leave.yes", "hide", "invite.withdraw")
"""What takes away what the other buttons are about."""


@pytest.fixture(params=TAGGED, ids=lambda path: path.name)
def version(request: pytest.FixtureRequest) -> Path:
    """What a tagged version left behind."""
    found: Path = request.param
    return found


@pytest.fixture(params=["sqlite", "postgres"])
async def left_behind(request: pytest.FixtureRequest, version: Path, tmp_path: Path) -> Place:
    """A copy of its data and keys, with its tables as they were, on either database."""
    for name, kept_as in FILES.items():
        shutil.copy(version / kept_as, tmp_path / name)
    (tmp_path / "master.key").chmod(0o600)
    files = [f"sqlite+aiosqlite:///{tmp_path / name}" for name in ("data.db", "keys.db")]
    if request.param == "sqlite":
        return Place(*files, tmp_path / "master.key")
    number = abs(hash((tmp_path, version))) % 10**12
    data = postgres_url(f"old_{number}")
    await on_database(parse_url(data), lambda connection: _pour(tmp_path / "data.db", connection), foreign_keys=False)
    return Place(data, files[1], tmp_path / "master.key")


def _pour(file: Path, target: Connection) -> None:
    """Fill a server's tables of the same old revision with a file's rows."""
    with looking_into(file) as source:
        build(target, str(revision_of(source)))
        names = ["person", "couple", "couple_round"]
        names += [found.name for found in tables_of(source) if found.name not in names]
        copy_rows(source, target, names)


@pytest.fixture
async def told(left_behind: Place, version: Path, tmp_path: Path) -> AsyncIterator[tuple[World, dict[str, Any]]]:
    """The people of that version with their phones; the program of today is not running yet."""
    content = json.loads((version / "phones.json").read_text())
    start = datetime.fromisoformat(content["now"])
    async with world_at(tmp_path / "unused", start=start, place=left_behind) as world:
        for name, phone in content["phones"].items():
            world.stand_in.add_user(phone["user_id"], name, "en")
            world.stand_in._world.chats[phone["user_id"]].shut = None
            world.people[name] = Person(world, phone["user_id"], name)
            for message in phone["messages"]:
                await _on_the_phone(world, phone["user_id"], message)
        newest = max(message["message_id"] for phone in content["phones"].values() for message in phone["messages"])
        world.stand_in._world.last_message_id = newest
        world.stand_in._world.updates._next_id = content["next_update"]
        yield world, content["phones"]


async def _on_the_phone(world: World, user_id: int, message: dict[str, Any]) -> None:
    world.stand_in._world.last_message_id = message["message_id"] - 1
    keyboard = [[button] for button in message["buttons"]]
    sent = await world.stand_in.call(
        "sendMessage",
        {"chat_id": user_id, "text": message["text"] or "…", "reply_markup": {"inline_keyboard": keyboard}},
    )
    assert sent.body["result"]["message_id"] == message["message_id"]


async def test_the_tables_come_up_to_date_and_nobody_is_lost(
    told: tuple[World, dict[str, Any]], left_behind: Place
) -> None:
    """Every migration leaves people and what they answered as they were: each picture has the sizes that it had."""
    world, phones = told
    async with world.running():
        assert await current(left_behind.data) == head()
        for name in ("Kim", "Noor", "Ada"):
            person = world.people[name]
            texts = [message["text"] for message in phones[name]["messages"] if message["picture"]]
            before = next(text for text in reversed(texts) if text.startswith("Only you can see this."))
            await person.send("/picture")
            assert _sizes(person.screen) == _sizes(before)
            assert _sizes(before)


async def test_what_was_half_way_goes_on(told: tuple[World, dict[str, Any]]) -> None:
    """A tap that came in under the old version is handled; a walk, and what is known, go on from where they were."""
    world, phones = told
    async with world.running():
        await world.settled()
        ben, kim = world.people["Ben"], world.people["Kim"]
        assert ben.screen.startswith("13 of 20")
        message = _message(kim, phones["Kim"]["messages"][-1]["message_id"])
        assert text_of(message).startswith("4 of 6")
        (before,) = await _grids(world, kim)
        await kim.tap("Very true", message=message)
        assert kim.screen.startswith("5 of 6")
        await kim.walk()
        (kept,) = await _grids(world, kim)
        assert Course.from_bytes(kept).grids.i.answers > Course.from_bytes(before).grids.i.answers > 0
        await kim.show("Sizes and words")
        await world.pass_time(timedelta(seconds=61))
        for person in (kim, world.people["Noor"]):
            assert "photo" in person.last
            assert person.last["has_protected_content"]


async def test_every_old_button_leads_to_a_screen(told: tuple[World, dict[str, Any]]) -> None:
    """Whatever button of that version is still on a phone, tapping it is answered with a screen, and nothing breaks."""
    world, phones = told
    async with world.running():
        await world.settled()
        for name, phone in phones.items():
            person = world.people[name]
            await person.send("/start")
            for data in _in_order(phone["seen"]):
                await person.forge(data)
                assert all(query.answered for query in world.stand_in._world.queries.values()), (name, data)
                assert buttons_of(person.last), (name, data, person.screen)
                owed = await world.bot.store.read(partial(people.owed, limit=9)) if world.bot else None
                assert owed == [], (name, data)


async def _grids(world: World, person: Person) -> list[bytes]:
    """Where the model stands for somebody, as it is kept."""

    def read(tx: Tx) -> list[bytes]:
        found = people.find(tx, person.user_id)
        return checkins.grids_of(tx, found.id) if found else []

    assert world.bot is not None
    return await world.bot.store.read(read)


def _in_order(seen: dict[str, str]) -> list[str]:
    """Old buttons, one of each question and kind, those that take something away last."""
    kinds: dict[tuple[str, str], str] = {}
    for data, label in seen.items():
        kinds.setdefault((data.split(":")[1], label), data)
    chosen = list(kinds.values())
    return sorted(chosen, key=lambda data: any(f":{word}" in data for word in LEAVE_LAST))


def _message(person: Person, message_id: int) -> dict[str, Any]:
    return next(message for message in person.from_bot if message["message_id"] == message_id)


def _sizes(words: str) -> list[str]:
    return re.findall(r"about \d+|between \d+ and \d+", words)
