import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import inbox, people
from storage.errors import KeyGone, KeyStoreMissing, MasterKeyMissing, MasterKeyWrong, SealBroken
from storage.keys import person_key
from storage.master import next_to, read_master_key, write_master_key
from storage.rotate import rotate
from storage.store import Store, Tx, open_store
from storage.vault import Field, pad, unpad
from tests.contract.people import NOW, add_person
from tests.databases import Place

FIELD = Field("person", "place", 128)


def keys_kept(tx: Tx) -> int:
    """How many keys of people the key store holds, seen on a connection of its own."""
    with tx.vault.keys._engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(person_key)).scalar_one())


async def test_the_key_is_on_disk_before_the_first_row(store: Store) -> None:
    """A person's key is committed while their row is not; if the row fails, only a key without use is left."""

    def unit(tx: Tx) -> None:
        people.add(tx, telegram_id=1, language="en", now=NOW)
        assert keys_kept(tx) == 1
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await store.write(unit)
    assert await store.read(lambda tx: people.find(tx, 1)) is None
    assert await store.write(keys_kept) == 1
    later = await add_person(store, 1)
    assert later.id == 2, "a number is never given twice"


async def test_what_was_sealed_opens_only_in_its_place(store: Store) -> None:
    """Moved to another row, another column or another person, or altered by one bit, a seal does not open."""
    kim, alex = await add_person(store, 1), await add_person(store, 2)

    def unit(tx: Tx) -> None:
        vault = tx.vault
        sealed = vault.seal_text(FIELD, kim.id, 1, "secret")
        assert vault.unseal_text(FIELD, kim.id, 1, sealed) == "secret"
        altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
        for field, person, row, content in (
            (FIELD, alex.id, 1, sealed),
            (FIELD, kim.id, 2, sealed),
            (Field("person", "other", 128), kim.id, 1, sealed),
            (FIELD, kim.id, 1, altered),
            (FIELD, kim.id, 1, sealed[:20]),
            (FIELD, kim.id, 1, b"\x02" + sealed[1:]),
        ):
            with pytest.raises(SealBroken, match=r"person\."):
                vault.unseal_text(field, person, row, content)

    await store.write(unit)


async def test_the_length_of_a_seal_does_not_tell_the_length_of_its_content(store: Store) -> None:
    """Nothing, something short and something long within the room are equally long when sealed."""
    person = await add_person(store, 1)
    texts = ("", "skip", "x" * 120)
    lengths = await store.write(lambda tx: {len(tx.vault.seal_text(FIELD, person.id, 1, text)) for text in texts})
    assert len(lengths) == 1


def test_padding_is_undone_exactly() -> None:
    """What was padded comes back, whatever its length and its last bytes."""
    for length in (0, 1, 123, 124, 125, 300):
        content = bytes(length)
        assert len(pad(content, 128)) % 128 == 0
        assert unpad(pad(content, 128)) == content


async def test_a_destroyed_key_is_gone_for_good(place: Place) -> None:
    """After its key was destroyed nothing of a person opens, now or after opening again."""
    async with open_store(*place.settings) as store:
        person = await add_person(store, 1)
        await store.write(lambda tx: people.set_place(tx, person.id, "home"))
        await store.destroy_key(person.id)
        await store.destroy_key(person.id)
        with pytest.raises(KeyGone, match="person 1"):
            await store.read(lambda tx: people.get(tx, person.id))
    async with open_store(*place.settings) as store:
        with pytest.raises(KeyGone, match="person 1"):
            await store.read(lambda tx: people.get(tx, person.id))


async def test_a_key_that_is_not_in_memory_is_fetched(place: Place) -> None:
    """Readers and writers both find keys that another run has made."""
    async with open_store(*place.settings) as store:
        for number in (1, 2):
            person = await add_person(store, number)
            await store.write(lambda tx, person=person: people.set_place(tx, person.id, f"place {person.id}"))
    async with open_store(*place.settings) as store:
        read = await store.read(lambda tx: people.find(tx, 1))
        written = await store.write(lambda tx: people.find(tx, 2))
    assert read is not None
    assert written is not None
    assert (read.panel.place, written.panel.place) == ("place 1", "place 2")


async def test_day_keys_are_destroyed_with_their_days(store: Store) -> None:
    """Two days later the key of a day is gone, and updates of that day are neither kept nor read."""
    await store.write(lambda tx: inbox.store(tx, [(1, 1, "{}")], NOW))
    later = NOW + timedelta(days=3)
    await store.write(lambda tx: inbox.store(tx, [(2, 1, "{}")], later))
    assert await store.write(lambda tx: tx.vault.keys.destroy_days(NOW.date() + timedelta(days=1))) == 1
    assert [letter.update_id for letter in await store.read(inbox.open_letters)] == [2]
    with pytest.raises(KeyGone, match="2026-11-22"):
        await store.read(lambda tx: tx.vault.keys.day(NOW.date()))
    await store.write(lambda tx: inbox.tidy(tx, later - timedelta(hours=48)))
    assert [letter.update_id for letter in await store.read(inbox.open_letters)] == [2]


async def test_the_master_key_is_made_once_and_only_its_owner_reads_it(sqlite: Place) -> None:
    """With SQLite an empty store gets a master key of mode 0600; later openings leave it as it is."""
    async with open_store(*sqlite.settings) as store:
        await add_person(store, 1)
    content = sqlite.master.read_bytes()
    assert stat.S_IMODE(sqlite.master.stat().st_mode) == 0o600
    async with open_store(*sqlite.settings):
        pass
    assert sqlite.master.read_bytes() == content


async def test_a_missing_master_key_is_not_made_anew(place: Place) -> None:
    """Once the key store has keys, a missing master key is said and never replaced."""
    async with open_store(*place.settings) as store:
        await add_person(store, 1)
    place.master.unlink()
    with pytest.raises(MasterKeyMissing, match="MASTER_KEY_FILE"):
        async with open_store(*place.settings):
            pass
    assert not place.master.exists()


async def test_postgres_never_makes_a_master_key(postgres: Place) -> None:
    """With PostgreSQL the operator makes the file, and is told how."""
    postgres.master.unlink()
    with pytest.raises(MasterKeyMissing, match="openssl rand -base64 32"):
        async with open_store(*postgres.settings):
            pass


async def test_a_wrong_master_key_is_refused(place: Place) -> None:
    """Another key, or a file that holds no key, opens nothing and says so."""
    async with open_store(*place.settings) as store:
        await add_person(store, 1)
    place.master.unlink()
    write_master_key(place.master)
    with pytest.raises(MasterKeyWrong, match="does not open the key store"):
        async with open_store(*place.settings):
            pass
    place.master.write_text("not a key\n")
    with pytest.raises(MasterKeyWrong, match="32 bytes"):
        async with open_store(*place.settings):
            pass


async def test_people_without_their_key_store_are_refused(sqlite: Place) -> None:
    """An empty key store beside data with people is a mistake, not a new beginning."""
    async with open_store(*sqlite.settings) as store:
        await add_person(store, 1)
    elsewhere = sqlite.master.with_name("other-keys.db")
    with pytest.raises(KeyStoreMissing, match="KEY_STORE_URL"):
        async with open_store(sqlite.data, f"sqlite+aiosqlite:///{elsewhere}", sqlite.master):
            pass


async def test_the_master_key_can_be_changed(place: Place) -> None:
    """After a change the new file opens everything and the old key nothing."""
    async with open_store(*place.settings) as store:
        person = await add_person(store, 1)
        await store.write(lambda tx: people.set_place(tx, person.id, "home"))
        await store.write(lambda tx: inbox.store(tx, [(1, 1, "payload")], NOW))
    old = place.master.read_bytes()
    assert await rotate(*place.settings) == place.master
    assert place.master.read_bytes() != old
    assert not next_to(place.master).exists()
    async with open_store(*place.settings) as store:
        assert (await store.read(lambda tx: people.get(tx, person.id))).panel.place == "home"
        assert [letter.payload for letter in await store.read(inbox.open_letters)] == ["payload"]
    place.master.write_bytes(old)
    with pytest.raises(MasterKeyWrong):
        async with open_store(*place.settings):
            pass


async def test_a_change_cut_off_before_the_file_moved_is_finished_at_the_next_start(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If everything is wrapped with the new key, the next start puts its file in place."""
    async with open_store(*place.settings) as store:
        person = await add_person(store, 1)
        await store.write(lambda tx: people.set_place(tx, person.id, "home"))

    def power_cut(new: Path, path: Path) -> None:
        raise OSError(f"no power to move {new} to {path}")

    with monkeypatch.context() as patch:
        patch.setattr("storage.rotate.put_in_place", power_cut)
        with pytest.raises(OSError, match="no power"):
            await rotate(*place.settings)
    assert next_to(place.master).exists()
    async with open_store(*place.settings) as store:
        assert (await store.read(lambda tx: people.get(tx, person.id))).panel.place == "home"
    assert not next_to(place.master).exists()


async def test_a_change_cut_off_before_its_transaction_changes_nothing(place: Place) -> None:
    """A new key that nothing was wrapped with is ignored, and replaced by the next change."""
    async with open_store(*place.settings) as store:
        await add_person(store, 1)
    write_master_key(next_to(place.master))
    async with open_store(*place.settings):
        pass
    await rotate(*place.settings)
    async with open_store(*place.settings):
        pass


async def test_a_running_process_does_not_wrap_with_a_key_that_was_changed(postgres: Place) -> None:
    """On PostgreSQL a bot that ran through a change refuses to make keys until it is started again."""
    async with open_store(*postgres.settings) as store:
        await add_person(store, 1)
        await rotate(*postgres.settings)
        with pytest.raises(MasterKeyWrong, match="start it again"):
            await add_person(store, 2)


def test_a_master_key_file_holds_base64_of_either_alphabet(tmp_path: Path) -> None:
    """Files made with openssl and with Python's URL-safe alphabet are both read."""
    file = tmp_path / "key"
    file.write_bytes(b"-_-_AgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4=\n")
    raw = read_master_key(file).raw
    file.write_bytes(b"+/+/AgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4=\n")
    assert read_master_key(file).raw == raw
    assert len(raw) == 32


def test_a_master_key_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    """A folder that is not there is named in the sentence."""
    with pytest.raises(MasterKeyMissing, match="cannot be made"):
        write_master_key(tmp_path / "nowhere" / "key")
    assert not any(tmp_path.iterdir())
