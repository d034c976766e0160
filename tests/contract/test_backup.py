import asyncio
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from storage import backup as copies
from storage import checkins, couples, invites, keys, outbox, people
from storage import inbox as letters
from storage.backup import backup
from storage.copying import looking_into
from storage.errors import BackupRefused, DatabaseLocked, KeyStoreOlder
from storage.presence import present
from storage.records import OnUnknown
from storage.restore import Restored, restore
from storage.store import Store, Tx, open_store
from tests.contract.people import NOW, add_couple, add_person
from tests.databases import Place, postgres_place, sqlite_place

LATER = NOW + timedelta(hours=1)
Elsewhere = Callable[[str], Place]


@pytest.fixture(params=["to sqlite", "to postgres"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Elsewhere]:
    """Makes other empty places, of either kind, with a copy of a master key's file."""
    with ExitStack() as stack:

        def make(master: str) -> Place:
            folder = tmp_path / f"other{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            kind = sqlite_place if request.param == "to sqlite" else postgres_place
            place = kind(folder)
            made = place if isinstance(place, Place) else stack.enter_context(place)
            made.master.write_text(master)
            return made

        yield make


async def parcel(store: Store, person_id: int) -> None:
    """A message that is to be sent."""

    def unit(tx: Tx) -> bool:
        return outbox.put(
            tx,
            key="nudge",
            kind="nudge",
            person_id=person_id,
            ref=None,
            on_unknown=OnUnknown.DROP,
            priority=2,
            available_at=NOW,
            expires_at=NOW + timedelta(days=1),
            now=NOW,
        )

    assert await store.write(unit)


async def test_a_backup_of_a_running_bot_comes_back_anywhere(
    place: Place, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """Data and keys come back as they were, from either database to either, and numbers go on where they were."""
    async with open_store(*place.settings) as store:
        kim, alex, couple = await add_couple(store)
        await store.write(lambda tx: people.set_place(tx, kim.id, "home"))
        await store.write(lambda tx: people.change(tx, kim.id, adult_at=NOW, first_day=NOW.date(), paused=True))
        gone = await add_person(store, 77)
        await store.write(lambda tx: people.forget(tx, gone.id, NOW))
        await store.destroy_key(gone.id)
        walk = await store.write(
            lambda tx: checkins.begin(tx, person_id=kim.id, form="weekly", week=3, walk="half way", now=NOW)
        )
        before = await store.read(lambda tx: people.get(tx, kim.id))
        data, copied_keys = await backup(place.data, place.keys, tmp_path / "copy")
        await add_person(store, 2000)
    assert {stat.S_IMODE(file.stat().st_mode) for file in (data, copied_keys)} == {0o600}
    assert sorted(file.name for file in tmp_path.glob("*copy*")) == ["copy"]
    other = elsewhere(place.master.read_text())
    done = await restore(*other.settings, tmp_path / "copy", LATER)
    assert done == Restored(people=2, couples=1, without_key=1, parcels=0, invitations=0)
    async with open_store(*other.settings) as store:
        assert await store.read(lambda tx: people.get(tx, kim.id)) == before
        assert await store.read(lambda tx: people.find(tx, 2000)) is None
        half = await store.read(lambda tx: checkins.unfinished(tx, kim.id))
        assert half == walk
        assert half is not None
        assert half.walk == "half way"
        found = await store.read(lambda tx: couples.of(tx, alex.id))
        assert found is not None
        assert found.id == couple.id
        newcomer = await add_person(store, 3)
        assert newcomer.id == gone.id + 1
        again = await store.write(
            lambda tx: checkins.begin(tx, person_id=newcomer.id, form="first", week=0, walk="", now=NOW)
        )
        assert again.id == walk.id + 1


async def test_what_was_on_its_way_is_not_sent_and_invitations_are_closed(place: Place, tmp_path: Path) -> None:
    """A restore sends nothing from then, and a link from then lets nobody in; what was tapped is in no backup."""
    async with open_store(*place.settings) as store:
        kim = await add_person(store, 1)
        await parcel(store, kim.id)
        await store.write(lambda tx: letters.store(tx, [(5, 1, '{"canary": 1}')], NOW))
        invited = await store.write(lambda tx: invites.add(tx, inviter_id=kim.id, name="Kim", now=NOW))
        code = (await store.read(lambda tx: invites.codes(tx, invited))).link
        await backup(place.data, place.keys, tmp_path / "copy")
    with looking_into(tmp_path / "copy") as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one() == 0
    done = await restore(*place.settings, tmp_path / "copy", LATER, force=True)
    assert (done.parcels, done.invitations) == (1, 1)
    async with open_store(*place.settings) as store:
        leased = await store.write(
            lambda tx: outbox.lease(tx, owner="a", now=LATER, until=LATER + timedelta(minutes=1), limit=9)
        )
        assert leased == []
        found = await store.read(lambda tx: invites.find(tx, code))
        assert found is not None
        assert found.withdrawn_at == LATER


async def test_whoever_was_deleted_since_stays_deleted(place: Place, tmp_path: Path) -> None:
    """Yesterday's data with today's keys, in the backup's folder or in place, brings nobody back who was deleted."""
    async with open_store(*place.settings) as store:
        kim, alex = await add_person(store, 1), await add_person(store, 2)
        await store.write(lambda tx: people.set_place(tx, kim.id, "home"))
        _, old_keys = await backup(place.data, place.keys, tmp_path / "yesterday")
        kept = old_keys.read_bytes()
        await store.destroy_key(kim.id)
        newer, today = await backup(place.data, place.keys, tmp_path / "today")
        assert today == old_keys
    newer.unlink()
    for beside in (today.read_bytes(), kept, None):
        old_keys.unlink(missing_ok=True)
        if beside is not None:
            old_keys.write_bytes(beside)
        done = await restore(*place.settings, tmp_path / "yesterday", LATER, force=True)
        assert (done.people, done.without_key) == (1, 1)
        async with open_store(*place.settings) as store:
            assert await store.read(lambda tx: people.find(tx, 1)) is None
            assert await store.read(lambda tx: people.find(tx, 2)) is not None
            assert await store.destroyed_keys() == ([kim.id], alex.id)


async def test_newer_keys_are_never_overwritten(place: Place, tmp_path: Path) -> None:
    """Whoever came after the backup keeps their key, even where the data is replaced."""
    async with open_store(*place.settings) as store:
        await add_person(store, 1)
        await backup(place.data, place.keys, tmp_path / "copy")
        late = await add_person(store, 2)
    await restore(*place.settings, tmp_path / "copy", LATER, force=True)
    async with open_store(*place.settings) as store:
        assert await store.destroyed_keys() == ([], late.id)
        assert (await add_person(store, 3)).id == late.id + 1


async def test_keys_that_are_older_than_the_data_are_refused(
    place: Place, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """Nobody is taken for deleted only because the copy of the keys is too old."""
    async with open_store(*place.settings) as store:
        await add_person(store, 1)
        _, old_keys = await backup(place.data, place.keys, tmp_path / "copy")
        kept = old_keys.read_bytes()
        await add_person(store, 2)
        await backup(place.data, place.keys, tmp_path / "copy")
    old_keys.write_bytes(kept)
    other = elsewhere(place.master.read_text())
    with pytest.raises(KeyStoreOlder, match="newest copy"):
        await restore(*other.settings, tmp_path / "copy", LATER)
    async with open_store(*other.settings) as store:
        assert await store.read(people.nobody_yet)


async def test_a_restore_never_overwrites_people_unless_told_to(place: Place, tmp_path: Path) -> None:
    """Where there are people, nothing is restored without --force, and never while the bot runs."""
    async with open_store(*place.settings) as store:
        kim = await add_person(store, 1)
        await backup(place.data, place.keys, tmp_path / "copy")
        await store.write(lambda tx: people.change(tx, kim.id, paused=True))
        if not place.on_postgres:
            with pytest.raises(DatabaseLocked):
                await restore(*place.settings, tmp_path / "copy", LATER, force=True)
    with pytest.raises(BackupRefused, match="--force"):
        await restore(*place.settings, tmp_path / "copy", LATER)
    async with open_store(*place.settings) as store:
        assert (await store.read(lambda tx: people.get(tx, kim.id))).paused


@pytest.mark.parametrize("alone", [True, False])
async def test_a_restore_under_a_running_server_bot_is_refused(postgres: Place, tmp_path: Path, *, alone: bool) -> None:
    """Whoever works on PostgreSQL, one poller or several workers, is not pulled the tables from under their feet."""
    async with open_store(*postgres.settings) as store:
        kim = await add_person(store, 1)
        await backup(postgres.data, postgres.keys, tmp_path / "copy")
        await store.write(lambda tx: people.change(tx, kim.id, paused=True))
    async with present(postgres.data, alone=alone):
        with pytest.raises(DatabaseLocked):
            await restore(*postgres.settings, tmp_path / "copy", LATER, force=True)
    async with open_store(*postgres.settings) as store:
        assert (await store.read(lambda tx: people.get(tx, kim.id))).paused


async def test_keys_of_another_house_are_refused(place: Place, elsewhere: Elsewhere, tmp_path: Path) -> None:
    """A key store that belongs to other data, or to another master key, is left as it is."""
    async with open_store(*place.settings) as store:
        await add_person(store, 1)
        await backup(place.data, place.keys, tmp_path / "copy")
    stranger = elsewhere(place.master.read_text())
    async with open_store(*stranger.settings) as store:
        await add_person(store, 9)
    with pytest.raises(BackupRefused, match="belongs to other data"):
        await restore(*stranger.settings, tmp_path / "copy", LATER, force=True)
    other = elsewhere("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHiA=\n")
    with pytest.raises(BackupRefused, match="master key file does not open"):
        await restore(*other.settings, tmp_path / "copy", LATER)


async def test_a_backup_without_its_keys_is_refused(place: Place, elsewhere: Elsewhere, tmp_path: Path) -> None:
    """With neither a key store nor its copy there is nothing to open the data with."""
    async with open_store(*place.settings) as store:
        await add_person(store, 1)
        _, copied = await backup(place.data, place.keys, tmp_path / "copy")
    copied.unlink()
    with pytest.raises(BackupRefused, match="keys are missing"):
        await restore(*elsewhere(place.master.read_text()).settings, tmp_path / "copy", LATER)


async def test_a_backup_takes_the_place_of_the_older_one_whole(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup that is cut off leaves the old files as they were, and nothing beside them."""
    async with open_store(*place.settings) as store:
        await add_person(store, 1)
        made = await backup(place.data, place.keys, tmp_path / "copy")
        old = [file.read_bytes() for file in made]
        await add_person(store, 2)

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(copies, "_copy_keys", full)
        with pytest.raises(OSError, match="No space"):
            await backup(place.data, place.keys, tmp_path / "copy")
        monkeypatch.undo()
        assert [file.read_bytes() for file in made] == old
        assert not list(tmp_path.glob(".*"))
        await backup(place.data, place.keys, tmp_path / "copy")
    assert made[0].read_bytes() != old[0]


async def test_a_backup_that_is_killed_leaves_the_old_one_whole(sqlite: Place, tmp_path: Path) -> None:
    """Killed just before either file takes its place, what was there opens as before, and the next backup succeeds."""
    async with open_store(*sqlite.settings) as store:
        await add_person(store, 1)
        made = await backup(sqlite.data, sqlite.keys, tmp_path / "copy")
        old = [file.read_bytes() for file in made]
        await add_person(store, 2)
    killed = (
        "import asyncio, os, pathlib, signal, sys\n"
        "from storage.backup import backup\n"
        "put, left = pathlib.Path.replace, int(sys.argv[4])\n"
        "def replace(path, target):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left < 0:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return put(path, target)\n"
        "pathlib.Path.replace = replace\n"
        "asyncio.run(backup(sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])))\n"
    )
    for files_in_place in (0, 1):
        where = (sqlite.data, sqlite.keys, str(tmp_path / "copy"))
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", killed, *where, str(files_in_place))
        assert await process.wait() == -signal.SIGKILL
        assert made[0].read_bytes() == old[0]
        done = await restore(*sqlite.settings, tmp_path / "copy", LATER, force=True)
        assert (done.people, done.without_key) == (1, 0)
    assert made[1].read_bytes() != old[1]
    await backup(sqlite.data, sqlite.keys, tmp_path / "copy")
    assert not list(tmp_path.glob(".*"))


async def test_a_backup_never_takes_the_place_of_newer_keys(sqlite: Place, tmp_path: Path) -> None:
    """The only copy of the keys is not replaced by older ones, nor a file that is none."""
    async with open_store(*sqlite.settings) as store:
        await add_person(store, 1)
        _, copied = await backup(sqlite.data, sqlite.keys, tmp_path / "copy")
        with_one = copied.read_bytes()
        await add_person(store, 2)
        await backup(sqlite.data, sqlite.keys, tmp_path / "copy")
        with_two = copied.read_bytes()
    folder = tmp_path / "older"
    folder.mkdir()
    older = sqlite_place(folder)
    Path(older.keys.partition("///")[2]).write_bytes(with_one)
    with pytest.raises(BackupRefused, match="holds keys of more people"):
        await backup(older.data, older.keys, tmp_path / "copy")
    assert copied.read_bytes() == with_two
    copied.write_text("precious" * 200)
    with pytest.raises(BackupRefused, match="is no copy of keys"):
        await backup(sqlite.data, sqlite.keys, tmp_path / "copy")
    assert copied.read_text().startswith("precious")
    with pytest.raises(BackupRefused, match="is the name of the file for the keys"):
        await backup(sqlite.data, sqlite.keys, copied)


async def test_a_copy_holds_nothing_that_was_deleted(sqlite: Place, tmp_path: Path) -> None:
    """Keys of days are in no backup, and neither is the key of anybody who was deleted."""
    async with open_store(*sqlite.settings) as store:
        person = await add_person(store, 1)
        await store.write(lambda tx: letters.store(tx, [(5, 1, "{}")], NOW))
        await store.destroy_key(person.id)
        _, copied = await backup(sqlite.data, sqlite.keys, tmp_path / "copy")
    with looking_into(copied) as connection:
        for name in (keys.person_key.name, keys.day_key.name):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() == 0  # noqa: S608 - our names


async def test_a_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    """A database that does not exist is named."""
    with pytest.raises(BackupRefused, match=r"data\.db does not exist"):
        await backup(f"sqlite+aiosqlite:///{tmp_path / 'data.db'}", None, tmp_path / "copy")


async def test_a_missing_or_damaged_backup_is_refused(sqlite: Place, tmp_path: Path) -> None:
    """A missing or damaged file of a backup is named, and nothing is restored."""
    with pytest.raises(BackupRefused, match="copy is missing"):
        await restore(*sqlite.settings, tmp_path / "copy", LATER)
    (tmp_path / "copy").write_text("nonsense" * 500)
    with pytest.raises(BackupRefused, match="copy is damaged"):
        await restore(*sqlite.settings, tmp_path / "copy", LATER)


async def test_a_damaged_database_can_be_replaced(sqlite: Place, tmp_path: Path) -> None:
    """What does not open any more is what a backup is for; it is replaced when told to."""
    async with open_store(*sqlite.settings) as store:
        await add_person(store, 1)
        await backup(sqlite.data, sqlite.keys, tmp_path / "copy")
    Path(sqlite.data.partition("///")[2]).write_bytes(b"nonsense" * 4000)
    done = await restore(*sqlite.settings, tmp_path / "copy", LATER, force=True)
    assert done.people == 1
