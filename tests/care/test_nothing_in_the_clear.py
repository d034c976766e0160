"""What people said, answered and showed is on no disk and in no log in a form that can be read."""

import base64
import logging
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from prompts.catalogue import load
from prompts.instrument import INSTRUMENT
from storage.backup import backup
from tests.databases import own_server, place_on
from tests.driver import TOKEN, World, buttons_of, text_of, world_at
from tests.pairs import A_MINUTE, answer_and_show, tell_city
from tests.processes import running, until
from tests.talks import ask, open_news

KIM, NOOR = "Quixotilda", "Zephyrinus"
TYPED = "xylophone-confession"
TALKED = "marzipan-heartbreak"
SPOKEN = ("Mostly true", "Half true", "Very true", "A little true")
WORDS = load("en")
PAGE = 4096
"""Bytes that the database writes at once."""
LONGEST = 600
"""Bytes: more than a canary has in any form."""


def canaries() -> Iterator[str]:
    """Whatever must never be found: names, typed words, statements, answers, wishes, choices and states.

    Starters and thoughts are no secret of anybody; which ones a person had lies beside the names, under the same seal.
    """
    yield from (KIM, NOOR, TYPED, TALKED)
    yield from WORDS.statements.values()
    yield from WORDS.answers
    yield from WORDS.wish.labels.values()
    yield from (WORDS.label(f"level.{level}") for level in ("words", "sizes"))
    yield from ("integrated", "engulfed", "isolated", "adrift", "walk.answer", "share.set", '"wording"', '"replies"')
    yield from (f'"{item.id}"' for item in INSTRUMENT.items)


def forms(word: str) -> Iterator[bytes]:
    """A word as it could lie somewhere: plain, in UTF-16, as hex, and as base64 at each of its three offsets."""
    for plain in (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")):
        yield plain
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
    for lead in range(3):
        # What surrounds the word changes the first and the last characters only.
        coded = base64.b64encode(b"\0" * lead + word.encode())
        inner = coded[4 if lead else 0 : len(coded) // 4 * 4 - 4]
        if len(inner) >= 8:
            yield inner


@cache
def sought() -> list[tuple[str, bytes]]:
    """Every canary in every form."""
    return [(word, form) for word in canaries() for form in forms(word)]


def found(places: Iterable[tuple[str, bytes]]) -> list[tuple[str, str]]:
    """Where which canary was found."""
    return [(place, word) for place, content in places for word, form in sought() if form in content]


def on_disk(folder: Path) -> list[tuple[str, bytes]]:
    """Every file of the data: database, log of writes, key store, master key."""
    return [(file.name, file.read_bytes()) for file in sorted(folder.iterdir()) if file.is_file()]


def watched(world: World, folder: Path) -> list[int]:
    """Let the world look at the whole disk after everything that anybody does; returns how often it did, growing."""
    looks, settled, seen = [0], world.settled, set[bytes]()

    def new() -> Iterator[tuple[str, bytes]]:
        """The parts of the files that were not looked at before."""
        for name, content in on_disk(folder):
            for start in range(0, len(content), PAGE):
                # Each part begins within the one before, so that a word across two of them is found.
                part = content[max(0, start - LONGEST) : start + PAGE]
                if part not in seen:
                    seen.add(part)
                    yield name, part

    async def settled_and_looked_at() -> None:
        await settled()
        assert found(new()) == []
        looks[0] += 1

    world.settled = settled_and_looked_at  # type: ignore[method-assign]
    return looks


async def an_evening(world: World) -> None:
    """Two people walk, type, pair, guess, show and compare."""
    kim, noor = world.person(KIM), world.person(NOOR)
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    for answer in SPOKEN:
        await kim.tap(answer)
    await kim.send(TYPED)
    await kim.send("/start")
    await kim.walk(SPOKEN)
    await kim.tap("Invite your partner")
    await kim.send(KIM)
    await noor.follow(kim.screen)
    await noor.tap("I choose this freely")
    await noor.send(NOOR)
    await tell_city(kim, "Berlin")
    await answer_and_show(noor, "Sizes and words", ("Very true", "A little true", "Half true"))
    await kim.send("/picture")
    await kim.show("Sizes and words")
    await world.pass_time(A_MINUTE)
    assert f"{NOOR}: " in kim.screen
    for label in ("We talked", "A starter for me", "Another"):
        await kim.tap(label)
    await ask(kim)
    await open_news(noor)
    await noor.tap("Yes, now")
    await open_news(kim)
    for number in range(3):
        await kim.send(f"{TALKED} {number}")
    await kim.tap("Send it")
    await open_news(noor)
    await noor.send(f"{TALKED} as it was heard")
    assert TALKED in noor.screen


async def test_nothing_that_was_said_can_be_read_from_disk_or_logs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After each tap of an evening, after a stop and in a backup, no file and no log line tells what anybody said."""
    caplog.set_level(logging.DEBUG)
    async with world_at(tmp_path) as world:
        async with world.running():
            looks = watched(world, tmp_path)
            await an_evening(world)
            assert looks[0] > 60
            assert {"data.db", "data.db-wal", "keys.db"} <= {name for name, _ in on_disk(tmp_path)}
            await backup(world.settings.database_url, world.settings.key_store_url, tmp_path / "copy")
            assert {"copy", "data-keys.backup"} <= {name for name, _ in on_disk(tmp_path)}
        assert found(on_disk(tmp_path)) == []
    logged = "\n".join(f"{record.name} {record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "bot.delivery.leader" in logged  # it is the program's own log that is looked through
    assert found([("logs", logged.encode())]) == []


async def test_nothing_that_was_said_can_be_read_from_a_servers_disk(tmp_path: Path) -> None:
    """After an evening on PostgreSQL neither its files nor its log of writes, which holds every row there ever was, tell of it."""
    with own_server() as server:
        place = place_on(server, tmp_path)
        began = time.time()
        async with world_at(tmp_path, place=place) as world, world.running():
            await an_evening(world)
        server.run("CHECKPOINT")
        written = [file for file in server.folder.rglob("*") if file.is_file() and file.stat().st_mtime >= began]
        assert {"base", "pg_wal"} <= {file.relative_to(server.folder).parts[0] for file in written}
        content = [(file.name, file.read_bytes()) for file in written]
        # What is plain by need is there, so the look is at the right place.
        assert any(b"Europe/Berlin" in part for _, part in content)
        assert found(content) == []


async def test_a_process_that_was_killed_leaves_nothing_to_read(tmp_path: Path) -> None:
    """Killed in the middle of a walk, with a tap just taken in, neither files nor output tell what anybody said."""
    stand_in = StandIn(TOKEN)
    stand_in.add_user(7, KIM)
    data = tmp_path / "data"
    data.mkdir()
    async with serving(create_app(stand_in), stand_in) as address:
        given = {"BOT_TOKEN": TOKEN, "BOT_API_URL": address, "OPEN_TO": "everyone", "LOG_LEVEL": "DEBUG"}
        async with running("run", folder=data, **given) as bot:
            await bot.until("Stop with Ctrl+C.")
            stand_in.say(7, "/start")
            await until(lambda: stand_in.messages(7)[-1]["from"]["is_bot"])
            stand_in.tap(7, stand_in.messages(7)[-1]["message_id"], "v1:begin")
            for number in range(1, 4):
                await until(lambda number=number: text_of(stand_in.messages(7)[-1]).startswith(f"{number} of 20"))
                question = stand_in.messages(7)[-1]
                answer = next(each for each in buttons_of(question) if each["text"] == SPOKEN[number])
                stand_in.tap(7, question["message_id"], answer["callback_data"])
            stand_in.say(7, TYPED)
            await until(lambda: not stand_in.pending_updates())
            bot.process.kill()
            await bot.process.wait()
        left = on_disk(data)
        assert {"you-and-i.db", "you-and-i-keys.db", "said.txt", "complained.txt"} <= {name for name, _ in left}
        assert any(name.endswith("-wal") for name, _ in left)
        assert found(left) == []


def test_the_search_finds_what_lies_open() -> None:
    """The search itself is no blind: a canary in each of its forms is found."""
    for form in forms(KIM):
        assert found([("here", b"\x01\x02" + form + b"\x03")]) == [("here", KIM)]
    for lead in range(3):
        coded = base64.b64encode(b"abc"[:lead] + KIM.encode() + b"xyz")
        assert ("here", KIM) in found([("here", coded)])
