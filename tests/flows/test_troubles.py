"""Whatever is wrong before the start: one clear line with the fix, exit code 2, nothing running."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from bot import listening
from bot.__main__ import FIXABLE, main
from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from bot.settings import Settings
from bot.telegram.access import prove_token
from bot.trouble import Trouble
from storage.engine import parse_url
from storage.opening import locked
from storage.store import open_store
from tests.contract.people import add_person
from tests.driver import TOKEN
from tests.processes import ROOT, Ended, ended

pytestmark = pytest.mark.faulty

NOBODY = "http://127.0.0.1:9"  # the discard port: nobody listens there


def one_line(end: Ended) -> str:
    """The only line on standard error of a command that ended with exit code 2."""
    assert end.code == FIXABLE, end
    assert end.err.count("\n") == 1, end.err
    assert "Traceback" not in end.err
    return end.err


async def test_a_refused_token_is_said(tmp_path: Path) -> None:
    """A token that Telegram does not know ends in one line that leads to BotFather, and is not repeated in it."""
    stand_in = StandIn(TOKEN)
    async with serving(create_app(stand_in), stand_in) as address:
        end = await ended("run", folder=tmp_path, BOT_TOKEN="1:someone-elses", BOT_API_URL=address)
    line = one_line(end)
    assert line.startswith("Telegram refuses BOT_TOKEN")
    assert "@BotFather" in line
    assert "someone-elses" not in line + end.out


async def test_a_missing_token_is_said(tmp_path: Path) -> None:
    """Without a token and without a terminal, run prints BotFather's steps and one line."""
    end = await ended("run", folder=tmp_path)
    assert one_line(end).startswith("BOT_TOKEN is missing. Set it")
    assert "@BotFather and send /newbot" in end.out
    assert not (tmp_path / "you-and-i.db").exists()


async def _page(_: Request) -> PlainTextResponse:
    return PlainTextResponse("<html>Welcome</html>")


async def _no_page(_: Request) -> PlainTextResponse:
    return PlainTextResponse("<html>Nothing here</html>", 404)


async def _json(_: Request) -> JSONResponse:
    return JSONResponse(["something", "else"])


@pytest.mark.parametrize("answer", [_page, _no_page, _json])
async def test_a_server_that_is_no_bot_api_is_said(answer: Callable[..., object]) -> None:
    """An address where something else answers is named as such."""
    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    async with listening.serving(app, listening.take_port(0, "TEST")) as address:
        with pytest.raises(Trouble, match="is no Bot API") as said:
            await prove_token(Settings(bot_token=TOKEN, bot_api_url=address))
    assert address.removeprefix("http://") in str(said.value)


async def test_a_broken_catalogue_is_said(tmp_path: Path) -> None:
    """A screen that cannot be compiled ends in one line that names the file."""
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    (tmp_path / "prompts" / "en" / "screens" / "welcome.html.j2").write_text("{% if %}")
    end = await ended("run", folder=tmp_path, BOT_TOKEN=TOKEN, BOT_API_URL=NOBODY)
    assert "welcome.html.j2" in one_line(end)
    assert not (tmp_path / "you-and-i.db").exists()


@pytest.fixture
def trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command in an empty folder, in this process, and return the one line that it ends with."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **given: str) -> str:
        for name, value in {"BOT_TOKEN": TOKEN, "BOT_API_URL": NOBODY, **given}.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = main(arguments or ["run"])
        said = capsys.readouterr()
        return one_line(Ended(code, said.out, said.err))

    return run


def made(folder: Path) -> None:
    """Make data, key store and master key in a folder."""

    async def make() -> None:
        async with open_store(
            f"sqlite+aiosqlite:///{folder / 'you-and-i.db'}",
            f"sqlite+aiosqlite:///{folder / 'you-and-i-keys.db'}",
            folder / "you-and-i-master.key",
        ):
            pass

    asyncio.run(make())


def test_nobody_at_the_address_is_said(trouble: Callable[..., str]) -> None:
    """An address where nobody listens is named, with its port."""
    assert trouble().startswith("Nobody can be reached at BOT_API_URL (127.0.0.1:9).")


def test_what_is_no_token_is_said_without_asking_anybody(trouble: Callable[..., str]) -> None:
    """Words that cannot be a token are refused before they become part of an address."""
    assert trouble(BOT_TOKEN="copy the token here").startswith("BOT_TOKEN has not the form of a token")


def test_a_folder_that_is_not_there_is_said(trouble: Callable[..., str]) -> None:
    """A database in a folder that does not exist is no database."""
    line = trouble(DATABASE_URL="sqlite+aiosqlite:////nowhere/at/all.db")
    assert "/nowhere/at" in line
    assert "set DATABASE_URL to another path" in line


def test_a_file_that_is_no_database_is_said(trouble: Callable[..., str], tmp_path: Path) -> None:
    """A file of another kind is neither opened nor overwritten."""
    (tmp_path / "you-and-i.db").write_text("Dear diary, " * 100)
    assert "you-and-i.db" in trouble()
    assert (tmp_path / "you-and-i.db").read_text().startswith("Dear diary")


def test_a_database_of_a_newer_version_is_said(trouble: Callable[..., str], tmp_path: Path) -> None:
    """Tables that a newer program left are not touched."""
    made(tmp_path)
    with sqlite3.connect(tmp_path / "you-and-i.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from the future'")
    connection.close()
    assert "newer program" in trouble()


def test_a_second_process_on_the_same_file_is_said(trouble: Callable[..., str], tmp_path: Path) -> None:
    """One SQLite file belongs to one bot."""
    with locked(parse_url(f"sqlite+aiosqlite:///{tmp_path / 'you-and-i.db'}")):
        assert trouble().startswith("Another process has")


def test_a_missing_master_key_is_said(trouble: Callable[..., str], tmp_path: Path) -> None:
    """A key store without its master key is not opened, and no new key is made."""
    made(tmp_path)
    (tmp_path / "you-and-i-master.key").unlink()
    assert "you-and-i-master.key" in trouble()
    assert not (tmp_path / "you-and-i-master.key").exists()


def test_another_master_key_is_said(trouble: Callable[..., str], tmp_path: Path) -> None:
    """A master key that belongs to another key store does not open this one."""
    made(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    made(other)
    assert "does not open the key store" in trouble(MASTER_KEY_FILE=str(other / "you-and-i-master.key"))


@pytest.mark.parametrize("name", ["WEBHOOK", "METRICS"])
def test_a_taken_port_is_said(trouble: Callable[..., str], name: str) -> None:
    """A port that somebody else listens on is named with its setting, before Telegram is asked anything."""
    with listening.take_port(0, "TEST") as taken:
        port = str(taken.getsockname()[1])
        webhook = {"WEBHOOK_URL": "https://bot.example.org", "WEBHOOK_SECRET": "s"} if name == "WEBHOOK" else {}
        line = trouble(**webhook, **{f"{name}_PORT": port})
    assert line.startswith(f"Port {port} cannot be taken")
    assert f"{name}_PORT=" in line


def test_a_settings_file_that_cannot_be_read_is_said(trouble: Callable[..., str], tmp_path: Path) -> None:
    """A .env that is no text is named."""
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")
    assert trouble().startswith(".env cannot be read")


def test_a_webhook_without_an_address_is_said(trouble: Callable[..., str]) -> None:
    """Setting a webhook needs to know where."""
    assert trouble("webhook", "set").startswith("WEBHOOK_URL is missing.")


def test_a_backup_without_data_is_said(trouble: Callable[..., str], tmp_path: Path) -> None:
    """What is not there cannot be copied."""
    assert "nothing to back up" in trouble("backup", str(tmp_path / "copy"))


def test_a_backup_into_nowhere_is_said(trouble: Callable[..., str], tmp_path: Path) -> None:
    """A folder that is not there takes no backup."""
    made(tmp_path)
    assert "/nowhere/copy" in trouble("backup", "/nowhere/copy")


def test_a_restore_of_nothing_is_said(trouble: Callable[..., str]) -> None:
    """A backup that is not there is named."""
    assert "missing" in trouble("restore", "/nowhere/copy")


async def _one_person(folder: Path) -> None:
    place = (f"sqlite+aiosqlite:///{folder / 'you-and-i.db'}", None, folder / "you-and-i-master.key")
    async with open_store(*place) as store:
        await add_person(store, 1)


def test_a_restore_over_people_is_refused(trouble: Callable[..., str], tmp_path: Path) -> None:
    """A restore never overwrites what is there."""
    made(tmp_path)
    asyncio.run(_one_person(tmp_path))
    assert main(["backup", str(tmp_path / "copy")]) == 0
    assert "holds people" in trouble("restore", str(tmp_path / "copy"))


def test_an_answer_that_cannot_be_scored_is_said(trouble: Callable[..., str], tmp_path: Path) -> None:
    """A line of answers that makes no sense is named by its number."""
    (tmp_path / "answers").write_text('{"person": "p"}\n')
    assert "line 1" in trouble("score", str(tmp_path / "answers"))
