import stat
from pathlib import Path

import pytest

from storage import people
from storage.backup import backup, restore
from storage.errors import BackupRefused, DatabaseLocked
from storage.store import open_store
from tests.contract.people import add_person
from tests.databases import Place


def elsewhere(folder: Path, place: Place) -> Place:
    """Another place with the same master key."""
    folder.mkdir()
    return Place(f"sqlite+aiosqlite:///{folder / 'a.db'}", f"sqlite+aiosqlite:///{folder / 'b.db'}", place.master)


async def test_a_backup_of_a_running_bot_can_be_restored(sqlite: Place, tmp_path: Path) -> None:
    """Data and keys come back as they were when the backup was made, and go on from there."""
    async with open_store(*sqlite.settings) as store:
        person = await add_person(store, 1)
        await store.write(lambda tx: people.set_place(tx, person.id, "home"))
        made = backup(sqlite.data, sqlite.keys, tmp_path / "copy")
        await add_person(store, 2)
    assert made == (tmp_path / "copy", tmp_path / "copy.keys")
    assert {stat.S_IMODE(file.stat().st_mode) for file in made} == {0o600}
    other = elsewhere(tmp_path / "other", sqlite)
    restore(other.data, other.keys, tmp_path / "copy")
    async with open_store(*other.settings) as store:
        assert (await store.read(lambda tx: people.get(tx, person.id))).panel.place == "home"
        assert await store.read(lambda tx: people.find(tx, 2)) is None
        assert (await add_person(store, 3)).id == 2


async def test_an_old_backup_of_the_data_says_nothing_of_a_deleted_person(sqlite: Place, tmp_path: Path) -> None:
    """With today's keys, yesterday's data of somebody who was deleted since does not open."""
    async with open_store(*sqlite.settings) as store:
        person = await add_person(store, 1)
        await store.write(lambda tx: people.set_place(tx, person.id, "home"))
        data, old_keys = backup(sqlite.data, sqlite.keys, tmp_path / "copy")
        await store.destroy_key(person.id)
    old_keys.unlink()
    today = tmp_path / "today"
    backup(sqlite.data, sqlite.keys, today)
    data.with_name("copy.keys").write_bytes((tmp_path / "today.keys").read_bytes())
    other = elsewhere(tmp_path / "other", sqlite)
    restore(other.data, other.keys, data)
    async with open_store(*other.settings) as store:
        with pytest.raises(Exception, match="is gone"):
            await store.read(lambda tx: people.get(tx, person.id))


async def test_a_backup_never_overwrites(sqlite: Place, tmp_path: Path) -> None:
    """A file that is there stays, and the sentence names it."""
    async with open_store(*sqlite.settings):
        pass
    (tmp_path / "copy.keys").write_text("precious")
    with pytest.raises(BackupRefused, match=r"copy\.keys is already there"):
        backup(sqlite.data, sqlite.keys, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


async def test_a_restore_never_overwrites(sqlite: Place, tmp_path: Path) -> None:
    """Where there are people, nothing is restored; where there are only empty tables, it may be."""
    async with open_store(*sqlite.settings) as store:
        await add_person(store, 1)
        backup(sqlite.data, sqlite.keys, tmp_path / "copy")
        with pytest.raises(DatabaseLocked):
            restore(sqlite.data, sqlite.keys, tmp_path / "copy")
    with pytest.raises(BackupRefused, match="not empty"):
        restore(sqlite.data, sqlite.keys, tmp_path / "copy")


def test_a_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    """A database that does not exist is named."""
    with pytest.raises(BackupRefused, match=r"data\.db does not exist"):
        backup(f"sqlite+aiosqlite:///{tmp_path / 'data.db'}", None, tmp_path / "copy")


def test_a_backup_is_two_sound_files(sqlite: Place, tmp_path: Path) -> None:
    """A missing or damaged file of a backup is named, and nothing is restored."""
    with pytest.raises(BackupRefused, match="copy is missing"):
        restore(sqlite.data, sqlite.keys, tmp_path / "copy")
    (tmp_path / "copy").write_text("nonsense" * 500)
    with pytest.raises(BackupRefused, match="copy is damaged"):
        restore(sqlite.data, sqlite.keys, tmp_path / "copy")


def test_postgres_brings_its_own_tools(tmp_path: Path) -> None:
    """With PostgreSQL the sentence names the command."""
    with pytest.raises(BackupRefused, match="pg_dump"):
        backup("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/k", tmp_path / "copy")
