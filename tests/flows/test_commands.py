"""The operator's commands, on data that a person left behind."""

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.commands.check import CHECKS
from bot.demo.faults import Instead
from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from bot.settings import read
from bot.telegram.access import tell_webhook
from bot.trouble import Trouble
from prompts.instrument import INSTRUMENT
from storage import people
from storage.store import open_store
from tests.driver import A_WEDNESDAY, TOKEN, world_at
from tests.processes import ended

NOBODY = "http://127.0.0.1:9"
FILES = ("you-and-i.db", "you-and-i-keys.db", "you-and-i-master.key")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to run commands in, where nobody answers for Telegram."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT_API_URL", NOBODY)
    monkeypatch.delenv("BOT_TOKEN", raising=False)
    return tmp_path


def store_at(folder: Path) -> tuple[str, str, Path]:
    """For `open_store(*store_at(folder))`."""
    return (
        f"sqlite+aiosqlite:///{folder / 'you-and-i'}.db",
        f"sqlite+aiosqlite:///{folder / 'you-and-i'}-keys.db",
        folder / "you-and-i-master.key",
    )


async def someone_at(folder: Path) -> None:
    """Let one person with a sealed place live in a folder."""
    async with open_store(*store_at(folder)) as store:
        kim = await store.write(lambda tx: people.add(tx, telegram_id=7, language="en", now=A_WEDNESDAY))
        await store.write(lambda tx: people.set_place(tx, kim.id, "v1.walk.3"))


async def place_at(folder: Path) -> str | None:
    """Where that person is, unsealed."""
    async with open_store(*store_at(folder)) as store:
        kim = await store.read(lambda tx: people.find(tx, 7))
    return kim.panel.place if kim else None


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command in this process: exit code, what it printed, what it complained of."""
    capsys.readouterr()
    code = main(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_check_fits_on_one_screen_and_goes_on_past_what_is_wrong(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing token and an unreachable network are two lines among the others, and nothing is made."""
    code, out, err = run(capsys, "check")
    assert (code, err) == (2, "")
    lines = out.splitlines()
    assert len(lines) == len(CHECKS)
    assert [line.split(":")[0].removeprefix("[mend] ") for line in lines if line.startswith("[mend] ")] == [
        "token",
        "clock",
    ]
    assert all(line.startswith(("[ ok ] ", "[mend] ")) for line in lines)
    assert list(here.iterdir()) == []


async def test_check_finds_all_well_beside_a_running_bot(tmp_path: Path) -> None:
    """With everything in place all lines say ok, even while the bot runs on the same files."""
    async with world_at(tmp_path) as world, world.running():
        end = await ended(
            "check",
            folder=tmp_path,
            BOT_TOKEN=TOKEN,
            BOT_API_URL=world.settings.bot_api_url,
            DATABASE_URL=world.settings.database_url,
            KEY_STORE_URL=world.settings.key_store_url,
            MASTER_KEY_FILE=str(world.settings.master_key_file),
        )
    assert (end.code, end.err) == (0, ""), end.out
    assert "[ ok ] token: Telegram knows the bot as @youandi_demo_bot" in end.out
    assert "[ ok ] clock: right to the minute" in end.out


def test_check_proves_that_the_master_key_opens_the_key_store(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing, another, or a readable master key is found, each in the line of the keys."""
    asyncio.run(someone_at(here))
    assert "[ ok ] keys: you-and-i-master.key opens the key store" in run(capsys, "check")[1]
    master = here / "you-and-i-master.key"
    master.chmod(0o640)
    assert "[mend] keys: Others on this machine may read" in run(capsys, "check")[1]
    right = master.read_bytes()
    master.write_bytes(b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
    assert "does not open the key store" in _line_of("keys", run(capsys, "check")[1])
    master.unlink()
    assert "cannot be read" in _line_of("keys", run(capsys, "check")[1])
    assert not master.exists()
    master.write_bytes(right)
    (here / "you-and-i-keys.db").unlink()
    assert "the key store is empty" in _line_of("keys", run(capsys, "check")[1])


def _line_of(name: str, said: str) -> str:
    return next(line for line in said.splitlines() if line.startswith(f"[mend] {name}:"))


def test_check_finds_a_database_that_cannot_be_used(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of a newer program, and a folder that is not there, are found."""
    asyncio.run(someone_at(here))
    with closing(sqlite3.connect(here / "you-and-i.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from the future'")
    assert "newer program" in _line_of("database", run(capsys, "check")[1])
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:////nowhere/at/all.db")
    said = run(capsys, "check")[1]
    assert "/nowhere/at" in _line_of("database", said)
    assert "/nowhere/at" in _line_of("disk", said)


def test_migrate_makes_what_run_would_make(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables, key store and master key are made once, and again is no error."""
    assert run(capsys, "migrate")[:2] == (0, "The tables are up to date.\n")
    assert run(capsys, "migrate")[:2] == (0, "The tables are up to date.\n")
    assert {*FILES} <= {path.name for path in here.iterdir()}


def test_a_backup_brings_everybody_back(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Data and keys come back from their two files, and the old master key opens them."""
    asyncio.run(someone_at(here))
    code, out, _ = run(capsys, "backup", "safe")
    assert code == 0
    assert "you-and-i-keys.backup" in out
    assert (here / "safe").stat().st_mode & 0o777 == 0o600
    for path in here.glob("you-and-i*.db*"):
        path.unlink()
    code, out, _ = run(capsys, "restore", "safe")
    assert code == 0
    assert "People: 1. Pairs: 0." in out
    assert asyncio.run(place_at(here)) == "v1.walk.3"


def test_a_rotated_master_key_opens_everything_and_the_old_one_nothing(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a rotation only the new master key opens the key store."""
    asyncio.run(someone_at(here))
    shutil.copy(here / "you-and-i-master.key", here / "old.key")
    code, out, _ = run(capsys, "keys", "rotate")
    assert (code, "you-and-i-master.key" in out) == (0, True)
    assert (here / "you-and-i-master.key").stat().st_mode & 0o777 == 0o600
    assert asyncio.run(place_at(here)) == "v1.walk.3"
    shutil.copy(here / "old.key", here / "you-and-i-master.key")
    assert "does not open" in run(capsys, "migrate")[2]


async def test_the_webhook_is_set_and_deleted(tmp_path: Path) -> None:
    """Telegram is told the address with its secret, and told to forget it."""
    stand_in = StandIn(TOKEN)
    given = {"BOT_TOKEN": TOKEN, "WEBHOOK_URL": "https://bot.example.org", "WEBHOOK_SECRET": "between-us"}
    async with serving(create_app(stand_in), stand_in) as address:
        end = await ended("webhook", "set", folder=tmp_path, BOT_API_URL=address, **given)
        assert (end.code, end.out) == (0, "Telegram sends updates to WEBHOOK_URL now.\n"), end.err
        told = next(request.params for request in stand_in.requests if request.method == "setWebhook")
        assert (told["url"], told["secret_token"]) == ("https://bot.example.org", "between-us")
        await tell_webhook(read({**given, "BOT_API_URL": address}), delete=True)
        assert stand_in.requests[-1].method == "deleteWebhook"
        stand_in.faults.add(
            "setWebhook", Instead(400, {"ok": False, "error_code": 400, "description": "Bad Request: bad"})
        )
        with pytest.raises(Trouble, match="Telegram refuses the webhook"):
            await tell_webhook(read({**given, "BOT_API_URL": address}), delete=False)


def test_score_reads_lines_and_prints_sizes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Scoring needs neither settings nor data."""
    answers = dict.fromkeys(INSTRUMENT.first_order, 4)
    (here / "answers").write_text(json.dumps({"person": "p1", "week": 0, "form": "first", "answers": answers}) + "\n")
    code, out, err = run(capsys, "score", "answers")
    assert (code, err) == (0, "")
    assert {"person", "week", "I", "you", "patterns", "wording"} == set(json.loads(out))


@pytest.mark.parametrize("arguments", [[], ["dance"], ["keys"], ["webhook", "look"], ["demo", "--port", "x"]])
def test_what_is_no_command_is_answered_with_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip of the pen ends with the usage and exit code 2."""
    with pytest.raises(SystemExit) as ended_with:
        main(arguments)
    assert ended_with.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m bot")
