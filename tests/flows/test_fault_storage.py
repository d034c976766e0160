"""The disk is full, the database is locked, or two transactions lock each other out: loud where it must be, and nothing lost."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from bot.telegram import consumer
from bot.telegram.stage import Played, play
from bot.trouble import Breakdown
from storage import engine
from storage.store import Tx
from tests.databases import postgres_place
from tests.driver import TOKEN, Person, World, text_of, world_at
from tests.processes import PATIENCE, running, until

pytestmark = pytest.mark.faulty

KIM = 5_000_000_001
STOPPED = "The bot stopped, because what people do cannot be kept safely"
LITTLE = 4096
"""Bytes to which files may grow on a full disk: room for the line that says so, none for a page of the database."""

TOO_MUCH = 1_000_000
"""Bytes for which there is no room."""

SHORT = 0.1
"""Seconds that the bot waits here for a lock; five in the program."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Noor on her way through the first form, and whatever breaks meanwhile."""

    noor: Person
    breaking: "asyncio.Task[None]"

    def begin_tap(self) -> None:
        """Answer the present statement, without waiting for anything."""
        message, data = self.noor._button("Mostly true", None)
        self.noor.world.stand_in.tap(self.noor.user_id, message["message_id"], data)

    async def tap(self) -> bool:
        """Answer the present statement; whether the bot could handle it, rather than stop."""
        self.begin_tap()
        return await self.handled()

    async def handled(self) -> bool:
        """Whether the bot could handle what people did, rather than stop."""
        settling = asyncio.create_task(self.noor.world.settled())
        await asyncio.wait({settling, self.breaking}, return_when=asyncio.FIRST_COMPLETED)
        if settling.done():
            return True
        settling.cancel()
        with pytest.raises(Breakdown, match=STOPPED):
            await self.breaking
        return False


@asynccontextmanager
async def walking(world: World) -> AsyncIterator[Walk]:
    """Noor at the first of twenty statements; the program runs."""
    async with world.running():
        noor = world.person("Noor")
        await noor.send("/start")
        await noor.tap("I'm 18 or over, let's begin")
        assert world.bot is not None
        breaking = asyncio.create_task(world.bot.until_broken())
        yield Walk(noor, breaking)
        breaking.cancel()
        await asyncio.wait({breaking})


async def test_a_full_disk_stops_the_bot_loudly(tmp_path: Path) -> None:
    """When no file can grow any more the process ends with exit code 1 and a clear line; with room again, all is answered."""
    there = StandIn(TOKEN)
    there.add_user(KIM, "Kim")

    def answered(beginning: str) -> bool:
        return any(text_of(each).startswith(beginning) for each in there.messages(KIM) if each["from"]["is_bot"])

    async with serving(create_app(there), there) as address:
        given = {"BOT_TOKEN": TOKEN, "BOT_API_URL": address, "OPEN_TO": "everyone"}
        # Who measures coverage in this process could not write down what was measured, and would say so as well.
        given |= {"COVERAGE_PROCESS_START": "", "COVERAGE_PROCESS_CONFIG": ""}
        async with running("run", folder=tmp_path, **given) as bot:
            there.say(KIM, "/start")
            await until(lambda: answered("Hello"))
            _, hard = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (LITTLE, hard))
            there.say(KIM, "/help")
            code = await asyncio.wait_for(bot.process.wait(), PATIENCE)
        assert (code, bot.complained().count("Traceback")) == (1, 0)
        assert STOPPED in bot.complained()
        assert not answered("How it works")
        async with running("run", folder=tmp_path, **given) as bot:
            await until(lambda: answered("How it works"))
            await bot.stop()


async def test_what_does_not_fit_is_no_mistake_of_the_tap(tmp_path: Path) -> None:
    """A tap is given up after three mistakes of its scene, but never for want of room: the bot stops, and the tap stays."""

    def too_big(tx: Tx, **given: Any) -> Played | None:
        played = play(tx, **given)
        tx.connection.exec_driver_sql("INSERT INTO filler VALUES (zeroblob(?))", (TOO_MUCH,))
        return played

    def fill(tx: Tx) -> None:
        tx.connection.exec_driver_sql("CREATE TABLE filler (content)")
        pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}").scalar_one()

    async with world_at(tmp_path) as world:
        async with walking(world) as walk:
            assert world.bot is not None
            await world.bot.store.write(fill)
            with patch.object(consumer, "play", too_big), patch.object(consumer, "RETRY_SECONDS", 0.01):
                assert not await walk.tap()
        async with world.running():
            await world.settled()
            assert walk.noor.screen.startswith("2 of 20")


async def test_a_short_lock_is_waited_for(tmp_path: Path) -> None:
    """While another process writes for a moment, a tap waits, and is handled."""
    async with world_at(tmp_path) as world, walking(world) as walk:
        with closing(sqlite3.connect(tmp_path / "data.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            handling = asyncio.create_task(walk.tap())
            await asyncio.sleep(0.1)
            assert walk.noor.screen.startswith("1 of 20")
            other.execute("ROLLBACK")
            assert await handling
        assert walk.noor.screen.startswith("2 of 20")


async def test_a_long_lock_stops_the_bot_and_loses_nothing(tmp_path: Path) -> None:
    """Another process that does not let go stops the bot loudly; the tap is handled at the next start."""
    async with world_at(tmp_path) as world:
        with patch.object(engine, "BUSY_SECONDS", SHORT):
            async with walking(world) as walk:
                with closing(sqlite3.connect(tmp_path / "data.db", isolation_level=None)) as other:
                    other.execute("BEGIN IMMEDIATE")
                    assert not await walk.tap()
        async with world.running():
            await world.settled()
            assert walk.noor.screen.startswith("2 of 20")


async def test_a_deadlock_is_tried_once_more(tmp_path: Path) -> None:
    """On PostgreSQL a tap that lost against somebody else's transaction is handled all the same, once."""
    with postgres_place(tmp_path) as place:
        async with world_at(tmp_path, place=place) as world, walking(world) as walk:
            address = make_url(place.data)
            other = await asyncpg.connect(user="postgres", database=address.database, host=str(address.query["host"]))
            try:
                # The bot notices first, and loses.
                await other.execute("SET deadlock_timeout = '20s'")
                before = await deadlocks(other, str(address.database))
                await other.execute("BEGIN; UPDATE person SET paused = paused")
                walk.begin_tap()
                while not await other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                    await asyncio.sleep(0.005)
                await other.execute("UPDATE inbox SET attempts = attempts; ROLLBACK")
                await world.settled()
                while await deadlocks(other, str(address.database)) == before:
                    await asyncio.sleep(0.02)
            finally:
                await other.close()
            assert walk.noor.screen.startswith("2 of 20")
            assert len([each for each in walk.noor.from_bot if "of 20" in text_of(each)]) == 1


async def deadlocks(connection: asyncpg.Connection, database: str) -> int:
    """How many deadlocks the server has broken in a database."""
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    found = await connection.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = $1", database)
    return int(found)
