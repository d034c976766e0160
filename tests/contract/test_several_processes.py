"""Two stores on one PostgreSQL: what one process does must hold in the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, text

from storage import claims, inbox, keys, people
from storage import presence as presence_module
from storage.connect import on_database
from storage.deletion import finish_deletions, forget_destroyed
from storage.engine import parse_url
from storage.errors import DatabaseLocked, KeyGone
from storage.presence import present
from storage.store import Store, open_store
from storage.tables import person
from tests.contract.people import NOW, add_couple, add_person
from tests.databases import Place, postgres_url


@pytest.fixture(name="both")
async def _both(postgres: Place) -> AsyncIterator[tuple[Store, Store]]:
    """Two processes' stores on the same data and the same keys."""
    async with open_store(*postgres.settings) as one, open_store(*postgres.settings) as other:
        yield one, other


async def test_processes_that_start_at_once_on_nothing_make_one_house(tmp_path: Path) -> None:
    """Whoever comes first makes the tables and founds the key store; all of them then have the same keys."""
    name = f"nothing_{abs(hash(tmp_path)) % 10**12}"
    (master := tmp_path / "master.key").write_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
    data, key_store = postgres_url(name), postgres_url(f"{name}_keys")
    async with AsyncExitStack() as stack:
        opening = (stack.enter_async_context(open_store(data, key_store, master)) for _ in range(4))
        stores = await asyncio.gather(*opening)
        codes = [await store.read(lambda tx: tx.vault.house_code("test", b"")) for store in stores]
    assert len(set(codes)) == 1


async def test_a_key_that_another_process_destroyed_is_forgotten(
    both: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key in one process's memory outlives its destruction by another one by a minute at most."""
    one, other = both
    kim, alex = await add_person(one, 1), await add_person(one, 2)
    assert await other.read(lambda tx: people.find(tx, 1)) == kim
    await other.read(lambda tx: tx.vault.keys.person(kim.id))
    await one.write(partial(people.forget, person_id=kim.id, now=NOW))
    assert await other.read(lambda tx: people.find(tx, 1)) is None, "from the mark on nobody finds them, here or there"
    assert await finish_deletions(one) == 1
    later = keys.monotonic() + keys.CACHED_SECONDS
    monkeypatch.setattr(keys, "monotonic", lambda: later)
    with pytest.raises(KeyGone):
        await other.read(lambda tx: tx.vault.keys.person(kim.id))
    assert await other.read(lambda tx: tx.vault.keys.person(alex.id))


async def test_a_day_has_one_key_for_all(both: tuple[Store, Store]) -> None:
    """What one process keeps in the inbox the other can read, even if both make the day's key at once."""
    rows = [[(number, number, f"payload {number}")] for number in (1, 2)]
    stored = (store.write(partial(inbox.store, updates=row, now=NOW)) for store, row in zip(both, rows, strict=True))
    await asyncio.gather(*stored)
    for store in both:
        letters = await store.read(inbox.open_letters)
        assert {letter.payload for letter in letters} == {"payload 1", "payload 2"}


async def test_two_that_finish_the_same_deletions_are_in_no_way(both: tuple[Store, Store]) -> None:
    """Deletions that two processes finish at the same moment are finished, and the partner keeps their own."""
    one, other = both
    kim, alex, _ = await add_couple(one)
    more = [await add_person(one, number) for number in range(10, 20)]
    for gone in (kim, *more):
        await one.write(partial(people.forget, person_id=gone.id, now=NOW))
    await asyncio.gather(finish_deletions(one), finish_deletions(other), finish_deletions(one))
    left = select(person.c.id)
    assert await other.read(lambda tx: list(tx.connection.execute(left).scalars())) == [alex.id]
    assert await one.destroyed_keys() == ([kim.id, *(gone.id for gone in more)], more[-1].id)


async def test_who_comes_while_another_process_starts_is_not_taken_for_deleted(
    both: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking for people whose keys were destroyed never meets somebody who has just come."""
    one, other = both
    await add_person(one, 1)
    destroyed = other.destroyed_keys

    async def meanwhile() -> tuple[list[int], int]:
        await add_person(one, 2)
        found = await destroyed()
        await add_person(one, 3)
        return found

    monkeypatch.setattr(other, "destroyed_keys", meanwhile)
    assert await forget_destroyed(other, NOW) == 0
    for telegram_id in (1, 2, 3):
        assert await one.read(partial(people.find, telegram_id=telegram_id)) is not None


async def test_whose_key_is_not_yet_committed_is_not_taken_for_deleted(
    both: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that was given a moment before its key could be seen looks like one whose key was destroyed, once."""
    one, other = both
    newcomer = await add_person(one, 1)
    destroyed = other.destroyed_keys
    looks = [([newcomer.id], newcomer.id)]

    async def at_first_too_early() -> tuple[list[int], int]:
        return looks.pop() if looks else await destroyed()

    monkeypatch.setattr(other, "destroyed_keys", at_first_too_early)
    assert await forget_destroyed(other, NOW) == 0
    assert not looks
    assert await one.read(partial(people.find, telegram_id=1)) is not None


async def test_whom_a_process_is_just_telling_is_left_to_it(both: tuple[Store, Store]) -> None:
    """Nobody is told twice that they were deleted, nor shown a screen that is on its way."""
    one, other = both
    kim, alex = await add_person(one, 1), await add_person(one, 2)
    await one.write(partial(people.forget, person_id=kim.id, now=NOW))
    await one.write(partial(people.set_place, person_id=alex.id, place="v1:home"))
    await one.write(partial(claims.take, chats=[1, 2], owner="one"))
    assert await other.read(people.parting) == []
    assert await other.read(partial(people.owed, limit=9)) == []
    await one.write(partial(claims.release_all, owner="one"))
    assert await other.read(people.parting) == [(1, "en")]
    assert [each.id for each in await other.read(partial(people.owed, limit=9))] == [alex.id]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody was killed here, so nobody waits for a lock that is about to be free."""
    monkeypatch.setattr(presence_module, "PATIENCE", 0.3)


@pytest.mark.usefixtures("impatient")
async def test_one_that_must_be_alone_is_alone(postgres: Place) -> None:
    """Pollers exclude everybody, workers exclude pollers only; whoever leaves makes room."""
    async with present(postgres.data, alone=False), present(postgres.data, alone=False):
        with pytest.raises(DatabaseLocked, match="Another bot works on this database"):
            async with present(postgres.data, alone=True):
                pass
    async with present(postgres.data, alone=True):
        with pytest.raises(DatabaseLocked, match="works alone on this database"):
            async with present(postgres.data, alone=False):
                pass


@pytest.mark.usefixtures("impatient")
async def test_a_place_is_taken_again_after_the_connection_broke(postgres: Place) -> None:
    """If the server ends the connection the lock is taken anew; if somebody was quicker, that is said."""
    theirs = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
    async with present(postgres.data, alone=True) as presence:
        await on_database(parse_url(postgres.data), lambda connection: connection.execute(text(theirs)).all())
        await presence.look()
        await presence.look()
        with pytest.raises(DatabaseLocked):
            async with present(postgres.data, alone=False):
                pass
        await on_database(parse_url(postgres.data), lambda connection: connection.execute(text(theirs)).all())
        async with present(postgres.data, alone=True):
            with pytest.raises(DatabaseLocked):
                await presence.look()


async def test_on_a_file_nothing_is_asked(sqlite: Place) -> None:
    """With SQLite the file's own lock says who is there."""
    async with present(sqlite.data, alone=True) as presence:
        await presence.look()
