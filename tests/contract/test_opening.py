import subprocess
import sys
from pathlib import Path

import pytest

from storage.errors import CannotConnect, DatabaseLocked, DatabaseUnwritable, WrongSettings
from storage.store import open_store
from tests.databases import Place

SECOND_PROCESS = """
import asyncio, sys
from pathlib import Path
from storage.errors import DatabaseLocked
from storage.store import open_store

async def main():
    async with open_store(sys.argv[1], sys.argv[2], Path(sys.argv[3])):
        print("opened")

try:
    asyncio.run(main())
except DatabaseLocked as error:
    print(f"refused: {error}")
"""


def names_in(folder: Path) -> set[str]:
    """The names of all files in a folder."""
    return {path.name for path in folder.iterdir()}


def in_second_process(place: Place) -> str:
    """What another process says that opens the same place."""
    command = [sys.executable, "-c", SECOND_PROCESS, place.data, place.keys, str(place.master)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout  # noqa: S603 - our own


async def test_a_second_process_is_refused(sqlite: Place) -> None:
    """While one process has a SQLite file, another is told so; afterwards it may have it."""
    async with open_store(*sqlite.settings):
        refused = in_second_process(sqlite)
        assert refused.startswith("refused: Another process has ")
        assert "stop the other bot" in refused
        with pytest.raises(DatabaseLocked):
            async with open_store(*sqlite.settings):
                pass
    assert in_second_process(sqlite) == "opened\n"


async def test_postgres_serves_several_processes(postgres: Place) -> None:
    """On PostgreSQL a second store opens beside the first."""
    async with open_store(*postgres.settings), open_store(*postgres.settings):
        pass


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A SQLite path in a missing folder is refused with the folder's name, and nothing is made."""
    with pytest.raises(DatabaseUnwritable, match="nowhere"):
        async with open_store(f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'data.db'}"):
            pass
    assert names_in(tmp_path) == set()


async def test_a_path_that_cannot_be_a_database_is_named(tmp_path: Path) -> None:
    """A folder or a file of another kind in the database's place is refused with its path."""
    (tmp_path / "folder.db").mkdir()
    (tmp_path / "text.db").write_text("not a database, but long enough to look at: " * 50)
    for name in ("folder.db", "text.db"):
        with pytest.raises(DatabaseUnwritable, match=name):
            async with open_store(f"sqlite+aiosqlite:///{tmp_path / name}"):
                pass


async def test_what_lies_beside_the_database_by_default(tmp_path: Path) -> None:
    """Without further settings keys and master key lie beside the SQLite file, under its name."""
    async with open_store(f"sqlite+aiosqlite:///{tmp_path / 'you-and-i.db'}"):
        pass
    assert names_in(tmp_path) - {"you-and-i.db.lock"} == {"you-and-i.db", "you-and-i-keys.db", "you-and-i.key"}


async def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    """An address where nobody listens is refused with the address, without its password."""
    url = f"postgresql+asyncpg://me:secret@/data?host={tmp_path}"
    with pytest.raises(CannotConnect, match="start the server") as refused:
        async with open_store(url, f"sqlite+aiosqlite:///{tmp_path / 'keys.db'}", tmp_path / "key"):
            pass
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("data", "keys", "complaint"),
    [
        ("mysql://x/y", None, "begins with"),
        ("nonsense", None, "begins with"),
        ("sqlite+aiosqlite://", None, "begins with"),
        ("sqlite+aiosqlite:///:memory:", None, "names a file"),
        ("sqlite+aiosqlite:///a.db?mode=ro", None, "names a file"),
        ("postgresql+asyncpg://h/d", None, "KEY_STORE_URL"),
        ("sqlite+aiosqlite:///a.db", "postgresql+asyncpg://h/d", "SQLite file too"),
        ("sqlite+aiosqlite:///a.db", "sqlite+aiosqlite:///./a.db", "kept apart"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d", "kept apart"),
    ],
)
async def test_settings_that_do_not_fit_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: str, keys: str | None, complaint: str
) -> None:
    """Addresses that cannot work are refused before anything is touched, with what to correct."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongSettings, match=complaint):
        async with open_store(data, keys, tmp_path / "key" if keys else None):
            pass
    assert names_in(tmp_path) == set()
