"""Whatever fails, and however loudly: no log line holds the token, a secret, a name, or what somebody said."""

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import aiohttp
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError

from bot import __main__ as command
from bot import app
from bot.commands import check
from bot.scenes import table
from bot.telegram import consumer, stage
from bot.telegram.redaction import wordless, wordless_ends
from bot.telegram.router import HOME, Call
from storage import outbox, people
from storage.records import OnUnknown
from storage.store import Tx
from tests.care.talkative import NAME, SAID, TOKEN, talkative, told
from tests.databases import Place, postgres_place, sqlite_place
from tests.driver import Person, World, text_of, world_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

pytestmark = pytest.mark.faulty

TRIES = 3
"""How often a letter is tried, each time logged."""


def failing(*_: Any, **__: Any) -> Any:
    """Fail with everything in its words that must not be told."""
    raise aiohttp.ClientError(f"{NAME} said {SAID} at https://api.telegram.org/bot{TOKEN}/sendMessage")


async def say_and_wait(world: World, kim: Person, text: str) -> None:
    """Let somebody type something, and wait until the bot has done with it."""
    world.stand_in.say(kim.user_id, text)
    assert world.bot is not None
    while world.stand_in.pending_updates():
        await asyncio.sleep(0.001)
    await world.bot.consumer.idle()


@pytest.mark.parametrize(
    ("where", "name"),
    [(people, "set_place"), (people, "find"), (stage, "choose")],
    ids=["a place", "a person", "a scene"],
)
async def test_what_fails_is_told_without_anybodys_words(tmp_path: Path, where: Any, name: str) -> None:
    """A scene or the storage raises with names, answers and the token in its words: none is logged."""
    async with world_at(tmp_path) as world, world.running():
        kim = world.person(NAME)
        await kim.send("/start")
        with talkative() as stream, patch.object(where, name, failing):
            await say_and_wait(world, kim, SAID)
    assert "ClientError" in stream.getvalue()
    assert told(stream.getvalue()) == []


@pytest.fixture(name="place", params=[sqlite_place, postgres_place], ids=["sqlite", "postgresql"])
def _place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    made: Place | AbstractContextManager[Place] = request.param(tmp_path)
    if isinstance(made, Place):
        yield made
    else:
        with made as place:
            yield place


def nothing_where_something_must_be(tx: Tx) -> None:
    """A row that the database refuses; PostgreSQL's answer quotes it whole."""
    values = {"chat": 7, "owner": f"{NAME}: {SAID}"}
    tx.connection.execute(text("INSERT INTO claim (chat_id, owner, until_at) VALUES (:chat, :owner, NULL)"), values)


def a_value_of_another_kind(tx: Tx) -> None:
    """A value that the driver cannot take, and quotes."""
    tx.connection.execute(text("SELECT id FROM claim WHERE owner = :owner"), {"owner": {SAID: NAME}})


def no_such_table(tx: Tx) -> None:
    """A statement that cannot be read, with what was said among its values."""
    tx.connection.execute(text("SELECT 1 FROM nowhere WHERE name = :name"), {"name": SAID})


@pytest.mark.parametrize(
    "refused",
    [nothing_where_something_must_be, a_value_of_another_kind, no_such_table],
    ids=["a row", "a value", "a statement"],
)
async def test_a_refused_statement_tells_nobody_its_values(
    place: Place, tmp_path: Path, refused: Callable[[Tx], None]
) -> None:
    """The database refuses a statement of a scene: neither the log nor a traceback nor the person sees its values."""
    caught: list[BaseException] = []

    def scene(_turn: object, tx: Tx) -> Any:
        try:
            refused(tx)
        except (DBAPIError, StatementError) as error:
            caught.append(error)
            raise

    async with world_at(tmp_path, place=place) as world, world.running():
        kim = world.person("Kim")
        await kim.send("/start")
        with (
            talkative() as stream,
            patch.object(stage, "choose", lambda *_: Call(scene, HOME)),
            patch.object(consumer, "RETRY_SECONDS", 0.0),
        ):
            await say_and_wait(world, kim, "/help")
        seen = "\n".join(text_of(message) for message in kim.from_bot)
    assert len(caught) == stream.getvalue().count("failed, try") == TRIES
    assert told(stream.getvalue()) == []
    assert told(seen) == []
    assert seen.count("Hello") == 2  # what was there before is painted again
    for error in caught:
        assert "[parameters:" not in str(error)
        assert told(wordless(error)) == []


async def test_a_failing_tick_and_a_failing_parcel_tell_nobodys_words(tmp_path: Path) -> None:
    """What runs while nobody waits fails with everything in its words that must not be told: none is logged."""
    async with world_at(tmp_path) as world, world.running():
        kim = world.person(NAME)
        await kim.send("/start")
        assert world.bot is not None
        now = world.clock.now()
        put = partial(outbox.put, key="k", kind="nudge", person_id=1, ref=None, on_unknown=OnUnknown.DROP)
        await world.bot.store.write(
            partial(put, priority=1, available_at=now, expires_at=now.replace(year=2099), now=now)
        )
        with (
            talkative() as stream,
            patch.object(app, "plan_due", failing),
            patch.object(table, "PARCELS", {**table.PARCELS, "nudge": failing}),
        ):
            for tick in ("plan", "send"):
                await world.bot.clockwork.run(tick)
    assert "The tick plan failed: ClientError" in stream.getvalue()
    assert "could not be rendered: ClientError" in stream.getvalue()
    assert told(stream.getvalue()) == []


async def test_what_the_event_loop_complains_of_holds_no_words() -> None:
    """In asyncio's debug mode, too: a task nobody asked for, a failing callback and a slow one quote what they were given."""
    loop = asyncio.get_running_loop()

    async def fail() -> None:
        failing()

    slow, debug = loop.slow_callback_duration, loop.get_debug()
    loop.slow_callback_duration = 0.0
    loop.set_debug(True)
    try:
        with talkative() as stream:
            tasks = [asyncio.create_task(fail(), name=SAID)]
            loop.call_soon(failing, NAME, SAID)
            loop.call_soon(len, NAME)
            await asyncio.wait(tasks)
            tasks.clear()
            gc.collect()
            await asyncio.sleep(0.01)
    finally:
        loop.slow_callback_duration = slow
        loop.set_debug(debug)
    for complaint in ("Task exception was never retrieved", "Exception in callback", "Executing"):
        assert complaint in stream.getvalue()
    assert "in failing" in stream.getvalue()
    assert told(stream.getvalue()) == []


def test_a_thread_that_ends_says_nothing() -> None:
    """An error that nobody catches in a thread is logged with where it arose, and without its words."""
    with talkative() as stream, wordless_ends():
        thread = threading.Thread(target=failing)
        thread.start()
        thread.join()
    assert "in failing" in stream.getvalue()
    assert told(stream.getvalue()) == []


def test_a_command_that_breaks_says_where_and_not_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake in the program ends it with where it arose, so that it can be reported, and without its words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check, "check", failing)
    assert command.main(["check"]) == command.BROKEN
    said = capsys.readouterr().err
    assert "in failing" in said
    assert "ClientError" in said
    assert told(said) == []
