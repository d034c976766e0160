"""What people said, answered and showed is on no disk and in no log in a form that can be read."""

import base64
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from prompts.catalogue import load
from prompts.instrument import INSTRUMENT
from tests.driver import World, world_at
from tests.pairs import A_MINUTE, answer_and_show, tell_city
from tests.talks import ask, open_news

KIM, NOOR = "Quixotilda", "Zephyrinus"
TYPED = "xylophone-confession"
TALKED = "marzipan-heartbreak"
SPOKEN = ("Mostly true", "Half true", "Very true", "A little true")
WORDS = load("en")


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


def found(places: Iterable[tuple[str, bytes]]) -> list[tuple[str, str]]:
    """Where which canary was found."""
    sought = [(word, form) for word in canaries() for form in forms(word)]
    return [(place, word) for place, content in places for word, form in sought if form in content]


def on_disk(folder: Path) -> list[tuple[str, bytes]]:
    """Every file of the data: database, log of writes, key store, master key."""
    return [(file.name, file.read_bytes()) for file in sorted(folder.iterdir()) if file.is_file()]


async def an_evening(world: World, folder: Path) -> list[tuple[str, bytes]]:
    """Two people walk, type, pair, guess, show and compare; returns what lay on disk in the middle of a walk."""
    kim, noor = world.person(KIM), world.person(NOOR)
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    for answer in SPOKEN:
        await kim.tap(answer)
    await kim.send(TYPED)
    in_the_middle = on_disk(folder)
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
    assert kim.screen.startswith(f"{NOOR}:")
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
    return in_the_middle + on_disk(folder)


async def test_nothing_that_was_said_can_be_read_from_disk_or_logs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the middle of a walk, after an evening and after a stop, no file and no log line tells what anybody said."""
    caplog.set_level(logging.DEBUG)
    async with world_at(tmp_path) as world:
        async with world.running():
            assert found(await an_evening(world, tmp_path)) == []
            assert {"data.db", "data.db-wal", "keys.db"} <= {name for name, _ in on_disk(tmp_path)}
            assert found(on_disk(tmp_path)) == []
        assert found(on_disk(tmp_path)) == []
    logged = "\n".join(f"{record.name} {record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert len(logged) > 1000
    assert found([("logs", logged.encode())]) == []


def test_the_search_finds_what_lies_open() -> None:
    """The search itself is no blind: a canary in each of its forms is found."""
    for form in forms(KIM):
        assert found([("here", b"\x01\x02" + form + b"\x03")]) == [("here", KIM)]
    for lead in range(3):
        coded = base64.b64encode(b"abc"[:lead] + KIM.encode() + b"xyz")
        assert ("here", KIM) in found([("here", coded)])
