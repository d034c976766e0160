"""The real process: how it starts, how it is watched, and how it stops."""

import asyncio
import os
import pty
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from bot import listening
from bot.demo.faults import Late
from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from tests.driver import TOKEN, text_of
from tests.processes import PATIENCE, environment, running, until

KIM = 5_000_000_001
RUNS = "Stop with Ctrl+C."
PROMPT = 20.0
"""Seconds after which a process that was asked to stop hangs; alone on a machine it takes under two."""


@pytest.fixture
async def stand_in() -> AsyncIterator[tuple[StandIn, str]]:
    """Telegram over HTTP, and its address; Kim has a phone."""
    there = StandIn(TOKEN, allow_loopback_webhook=True)
    there.add_user(KIM, "Kim")
    async with serving(create_app(there), there) as address:
        yield there, address


def answered(stand_in: StandIn, beginning: str) -> bool:
    """Whether Kim's newest message from the bot begins so."""
    said = [message for message in stand_in.messages(KIM) if message["from"]["is_bot"]]
    return bool(said) and text_of(said[-1]).startswith(beginning)


def free_port() -> str:
    """A port that was free a moment ago."""
    with listening.take_port(0, "TEST") as taken:
        return str(taken.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_run_stops_in_good_order(number: signal.Signals, tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """Asked to stop, run ends within two seconds with exit code 0 and without a traceback."""
    there, address = stand_in
    async with running("run", folder=tmp_path, BOT_TOKEN=TOKEN, BOT_API_URL=address, OPEN_TO="everyone") as bot:
        said = await bot.until(RUNS)
        assert "You & I is running: https://t.me/youandi_demo_bot\n" in said
        assert "█" in said
        there.say(KIM, "/start")
        await until(lambda: answered(there, "Hello"))
        code, seconds = await bot.stop(number)
    assert (code, bot.complained().count("Traceback")) == (0, 0)
    assert seconds < PROMPT


async def test_a_tap_that_hangs_does_not_hold_up_the_end(tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """Telegram may take its time: the process stops all the same, and the screen is shown after the next start."""
    there, address = stand_in
    given = {"BOT_TOKEN": TOKEN, "BOT_API_URL": address, "OPEN_TO": "everyone"}
    async with running("run", folder=tmp_path, **given) as bot:
        await bot.until(RUNS)
        there.faults.add("sendMessage", Late(PATIENCE))
        there.say(KIM, "/start")
        await until(lambda: any(request.method == "sendMessage" for request in there.requests))
        code, seconds = await bot.stop()
        assert (code, bot.complained().count("Traceback")) == (0, 0)
        assert seconds < PROMPT
    before = len(there.messages(KIM))
    async with running("run", folder=tmp_path, **given) as bot:
        await bot.until(RUNS)
        await until(lambda: len(there.messages(KIM)) > before)
        assert answered(there, "Hello")
        await bot.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_demo_stops_in_good_order(number: signal.Signals, tmp_path: Path) -> None:
    """Asked to stop, the demo ends within two seconds with exit code 0, and leaves nothing behind."""
    async with running("demo", "--port", free_port(), folder=tmp_path, TMPDIR=str(tmp_path)) as demo:
        await demo.until(RUNS)
        code, seconds = await demo.stop(number)
    assert (code, demo.complained()) == (0, "")
    assert seconds < PROMPT
    assert {path.name for path in tmp_path.glob("*")} == {"said.txt", "complained.txt"}


async def test_a_signal_during_the_start_stops_it_too(tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """A process that still waits for Telegram's first answer stops when asked."""
    there, address = stand_in
    there.faults.add("getMe", Late(PATIENCE))
    async with running("run", folder=tmp_path, BOT_TOKEN=TOKEN, BOT_API_URL=address) as bot:
        await until(lambda: there.requests)
        code, seconds = await bot.stop()
    assert (code, bot.complained().count("Traceback")) == (0, 0)
    assert seconds < PROMPT


async def test_a_failing_inbox_stops_the_bot_loudly(tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """What cannot be kept is not acknowledged: the process ends with exit code 1 and says why, not what."""
    there, address = stand_in
    given = {"BOT_TOKEN": TOKEN, "BOT_API_URL": address, "OPEN_TO": "everyone"}
    async with running("run", folder=tmp_path, **given) as bot:
        await bot.until(RUNS)
        with closing(sqlite3.connect(tmp_path / "you-and-i.db")) as connection:
            connection.execute("DROP TABLE inbox")
        there.say(KIM, "a secret that must not be lost")
        code = await asyncio.wait_for(bot.process.wait(), PATIENCE)
    assert code == 1
    assert "The bot stopped, because what people do cannot be kept safely (OperationalError" in bot.complained()
    assert "a secret" not in bot.complained() + bot.said()
    assert len(there.pending_updates()) == 1


async def test_run_receives_by_webhook(tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """With a webhook Telegram calls, the bot answers, and it still stops when asked."""
    there, address = stand_in
    port = free_port()
    given = {
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": address,
        "OPEN_TO": "everyone",
        "WEBHOOK_URL": f"http://127.0.0.1:{port}/as/you/like",
        "WEBHOOK_SECRET": "between-us",
        "WEBHOOK_PORT": port,
    }
    async with running("run", folder=tmp_path, **given) as bot:
        await bot.until(RUNS)
        told = await there.call("setWebhook", {"url": given["WEBHOOK_URL"], "secret_token": given["WEBHOOK_SECRET"]})
        assert told.status == 200, told.body
        there.say(KIM, "/start")
        await until(lambda: answered(there, "Hello"))
        assert not any(request.method == "getUpdates" for request in there.requests)
        code, seconds = await bot.stop()
    assert (code, bot.complained().count("Traceback")) == (0, 0)
    assert seconds < PROMPT


async def test_a_watcher_sees_numbers_and_nobody(tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """Health and metrics are served on this machine: how much there is, and never whose."""
    there, address = stand_in
    port = free_port()
    given = {"BOT_TOKEN": TOKEN, "BOT_API_URL": address, "OPEN_TO": "everyone", "METRICS_PORT": port}
    async with running("run", folder=tmp_path, **given) as bot, httpx.AsyncClient() as client:
        await bot.until(RUNS)
        there.say(KIM, "/start")
        await until(lambda: answered(there, "Hello"))
        assert (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
        said = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
        await bot.stop()
    lines = dict(line.split(" ") for line in said.splitlines() if not line.startswith("#"))
    assert lines["you_and_i_people"] == "1"
    assert lines["you_and_i_inbox_open"] == "0"
    assert lines["you_and_i_outbox_open"] == "0"
    assert lines["you_and_i_outbox_dropped_total"] == "0"
    assert float(lines["you_and_i_last_poll_age_seconds"]) < PATIENCE
    assert str(KIM) not in said


async def test_the_first_run_leads_to_a_running_bot(tmp_path: Path, stand_in: tuple[StandIn, str]) -> None:
    """BotFather's steps, the token typed once and kept for its owner only, the bot's link, and a QR code."""
    _, address = stand_in
    (tmp_path / ".env").write_text("OPERATOR_NAME=Robin\nBOT_TOKEN=\n")
    terminal, other_end = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run",
        cwd=tmp_path, env=environment(BOT_API_URL=address), stdin=other_end, stdout=other_end, stderr=other_end,
        start_new_session=True,
    )  # fmt: skip
    os.close(other_end)
    seen = bytearray()
    asyncio.get_running_loop().add_reader(terminal, lambda: seen.extend(_read(terminal)))
    try:
        await until(lambda: b"Token: " in seen)
        os.write(terminal, f"{TOKEN}\n".encode())
        await until(lambda: RUNS.encode() in seen)
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    finally:
        asyncio.get_running_loop().remove_reader(terminal)
        os.close(terminal)
        if process.returncode is None:
            process.kill()
            await process.wait()
    said = seen.decode()
    assert said.index("@BotFather and send /newbot") < said.index("Token: ") < said.index("Kept in .env")
    assert "You & I is running: https://t.me/youandi_demo_bot?start=" in said
    assert "█" in said
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / ".env").read_text() == f"OPERATOR_NAME=Robin\nBOT_TOKEN={TOKEN}\n"


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the process closed its end
        return b""
