"""Two of the real program at once: side by side where that is meant, refused with a clear line where it is not."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from bot import listening
from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from bot.telegram.intake import NEWCOMER_SECONDS
from bot.telegram.webhook import SECRET_HEADER
from storage.connect import on_database
from storage.engine import parse_url
from storage.migrate import head, migrate
from storage.opening import anybody
from tests.databases import postgres_url
from tests.driver import TOKEN
from tests.flows.test_troubles import one_line
from tests.processes import PATIENCE, ended, running, until

pytestmark = pytest.mark.faulty

RUNS = "Stop with Ctrl+C."
KIM = 5_000_000_001
SECRET = "between-us"


@pytest.fixture(name="stand_in")
async def _stand_in() -> AsyncIterator[tuple[StandIn, str]]:
    """Telegram, with Kim, and where it is."""
    there = StandIn(TOKEN, allow_loopback_webhook=True)
    there.add_user(KIM, "Kim")
    async with serving(create_app(there), there) as address:
        yield there, address


def rooms(folder: Path, number: int = 2) -> list[Path]:
    """So many folders for so many processes."""
    found = [folder / str(which) for which in range(number)]
    for room in found:
        room.mkdir()
    return found


def told(address: str, **more: str) -> dict[str, str]:
    """What every process is told."""
    return {"BOT_TOKEN": TOKEN, "BOT_API_URL": address, "OPEN_TO": "everyone", **more}


def on_postgres(folder: Path) -> dict[str, str]:
    """Where processes on one PostgreSQL keep data and keys; both databases are empty."""
    name = f"shared_{abs(hash(folder)) % 10**12}"
    (folder / "master.key").write_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
    return {
        "DATABASE_URL": postgres_url(name),
        "KEY_STORE_URL": postgres_url(f"{name}_keys"),
        "MASTER_KEY_FILE": str(folder / "master.key"),
    }


def called(**more: str) -> dict[str, str]:
    """What a process is told that Telegram calls, on a port of its own."""
    with listening.take_port(0, "TEST") as taken:
        port = str(taken.getsockname()[1])
    url = f"http://127.0.0.1:{port}/"
    return {"WEBHOOK_URL": url, "WEBHOOK_SECRET": SECRET, "WEBHOOK_PORT": port, **more}


def answers(there: StandIn) -> int:
    """How often the bot said something to Kim."""
    return sum(message["from"]["is_bot"] for message in there.messages(KIM))


async def test_a_second_bot_with_the_same_token_goes_again(tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """Of two that ask Telegram for the same updates the newcomer ends with one line; the other one goes on answering."""
    there, address = stand_in
    first, second = rooms(tmp_path)
    async with running("run", folder=first, **told(address)) as bot:
        await bot.until(RUNS)
        await asyncio.sleep(NEWCOMER_SECONDS)
        end = await ended("run", folder=second, **told(address, LOG_LEVEL="ERROR"))
        assert one_line(end).startswith("Another process asks Telegram for this bot's updates.")
        there.say(KIM, "/start")
        await until(lambda: answers(there))
        assert (await bot.stop())[0] == 0


async def test_a_second_bot_on_the_same_file_is_refused(tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """One SQLite file belongs to one process, whichever way updates come in."""
    _, address = stand_in
    first, second = rooms(tmp_path)
    shared = {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'shared.db'}"}
    async with running("run", folder=first, **told(address, **shared)) as bot:
        await bot.until(RUNS)
        asking = await ended("run", folder=second, **told(address, **shared))
        assert one_line(asking).startswith("Another process has")
        hooked = await ended("run", folder=second, **told(address, **shared, **called()))
        assert one_line(hooked).startswith("Another process has")


async def test_nobody_is_asked_while_somebody_is_called(tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """With a webhook set, long polling ends with one line that leads out."""
    there, address = stand_in
    assert (await there.call("setWebhook", {"url": "https://bot.example.org/secret-path"})).status == 200
    line = one_line(await ended("run", folder=tmp_path, **told(address)))
    assert line.startswith("Telegram calls bot.example.org for this bot")
    assert "secret-path" not in line


async def test_a_poller_is_alone_on_postgresql(tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """Beside one that asks for updates nobody starts on the same database; after it was killed the next starts at once."""
    _, address = stand_in
    first, second = rooms(tmp_path)
    place = on_postgres(tmp_path)
    async with running("run", folder=first, **told(address, **place)) as bot:
        await bot.until(RUNS)
        asking, hooked = await asyncio.gather(
            ended("run", folder=second, **told(address, **place)),
            ended("run", folder=second, **told(address, **place, **called())),
        )
        assert one_line(asking).startswith("Another bot works on this database")
        assert one_line(hooked).startswith("A bot that asks Telegram for updates works alone on this database")
        bot.process.kill()
        await bot.process.wait()
    async with running("run", folder=first, **told(address, **place)) as bot:
        await bot.until(RUNS)
        assert (await bot.stop())[0] == 0


async def test_workers_start_at_once_on_nothing_and_share_it(tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """Two processes make the tables of an empty PostgreSQL together; each takes updates; a poller finds no room there."""
    there, address = stand_in
    first, second = rooms(tmp_path)
    place = on_postgres(tmp_path)
    ways = called(), called()
    async with (
        running("run", folder=first, **told(address, **place, **ways[0])) as one,
        running("run", folder=second, **told(address, **place, **ways[1])) as other,
    ):
        await asyncio.gather(one.until(RUNS), other.until(RUNS))
        poller = await ended("run", folder=tmp_path, **told(address, **place))
        assert one_line(poller).startswith("Another bot works on this database")
        for number, way in enumerate(ways, 1):
            told_so = await there.call("setWebhook", {"url": way["WEBHOOK_URL"], "secret_token": SECRET})
            assert told_so.status == 200
            there.say(KIM, "/start")
            await until(lambda number=number: answers(there) == number)
        codes = await asyncio.gather(one.stop(), other.stop())
    assert [code for code, _ in codes] == [0, 0]
    assert await on_database(parse_url(place["DATABASE_URL"]), anybody)
    assert not await migrate(place["DATABASE_URL"])
    assert head()


async def test_a_failing_inbox_stops_a_worker_loudly(tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """What cannot be kept is answered 500, so that Telegram sends it again; then the process ends with exit code 1."""
    _, address = stand_in
    way = called()
    update = {"update_id": 1, "message": {"chat": {"id": KIM, "type": "private"}, "text": "a secret"}}
    async with running("run", folder=tmp_path, **told(address, **way)) as bot, httpx.AsyncClient() as client:
        await bot.until(RUNS)
        assert (await client.get(f"{way['WEBHOOK_URL']}healthz")).status_code == 200
        with closing(sqlite3.connect(tmp_path / "you-and-i.db")) as connection:
            connection.execute("DROP TABLE inbox")
        answer = await client.post(way["WEBHOOK_URL"], json=update, headers={SECRET_HEADER: SECRET})
        assert answer.status_code == 500
        assert await asyncio.wait_for(bot.process.wait(), PATIENCE) == 1
    assert "The bot stopped, because what people do cannot be kept safely (OperationalError" in bot.complained()
    assert "a secret" not in bot.complained() + bot.said()
