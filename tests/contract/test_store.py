import asyncio
import gc
import sqlite3
import threading
from collections.abc import Coroutine, Generator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage import engine, people, writer
from storage.errors import KeyGone
from storage.store import Store, Tx, open_store
from tests.contract.people import NOW, add_person
from tests.databases import Place


class OnPurpose(Exception):  # noqa: N818
    """Raised by a unit of work that is to fail."""


def size(file: Path) -> int:
    """The bytes in a file."""
    return file.stat().st_size


async def test_a_failing_unit_takes_back_only_itself(store: Store) -> None:
    """Of many units at once, those that fail leave nothing behind and the others are kept."""
    person = await add_person(store, 1)

    def unit(tx: Tx, number: int) -> int:
        people.add(tx, telegram_id=100 + number, language="en", now=NOW)
        people.change(tx, person.id, minute=number)
        if number % 3 == 0:
            raise OnPurpose(number)
        return number

    tasks = [store.write(lambda tx, number=number: unit(tx, number)) for number in range(20)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for number, result in enumerate(results):
        found = await store.read(lambda tx, number=number: people.find(tx, 100 + number))
        if number % 3 == 0:
            assert isinstance(result, OnPurpose)
            assert found is None
        else:
            assert result == number
            assert found is not None


async def test_a_unit_that_breaks_a_rule_of_the_tables_is_taken_back_whole(store: Store) -> None:
    """A constraint that a unit hits undoes the whole unit."""
    person = await add_person(store, 1)

    def unit(tx: Tx) -> None:
        people.change(tx, person.id, language="de")
        people.change(tx, person.id, weekday=7)

    with pytest.raises(IntegrityError):
        await store.write(unit)
    assert (await store.read(lambda tx: people.get(tx, person.id))).language == "en"


async def test_a_query_cannot_write(store: Store) -> None:
    """Reading is on a connection that refuses to write."""
    person = await add_person(store, 1)
    with pytest.raises(DBAPIError):
        await store.read(lambda tx: people.change(tx, person.id, language="de"))
    assert (await store.read(lambda tx: people.get(tx, person.id))).language == "en"


async def test_what_was_written_is_read_at_once(store: Store) -> None:
    """A query that starts after a write returned sees it, fifty times in a row."""
    person = await add_person(store, 1)
    for minute in range(50):
        await store.write(lambda tx, minute=minute: people.change(tx, person.id, minute=minute))
        assert (await store.read(lambda tx: people.get(tx, person.id))).minute == minute


async def test_everything_is_there_after_opening_again(place: Place) -> None:
    """Data and keys outlive closing and opening."""
    async with open_store(*place.settings) as store:
        person = await add_person(store, 1)
        await store.write(lambda tx: people.set_place(tx, person.id, "home"))
    async with open_store(*place.settings) as store:
        found = await store.read(lambda tx: people.get(tx, person.id))
    assert found.panel.place == "home"


async def test_closing_leaves_no_thread_behind(place: Place) -> None:
    """After closing there are as many threads as before opening."""
    before = set(threading.enumerate())
    async with open_store(*place.settings) as store:
        await add_person(store, 1)
        await store.read(people.nobody_yet)
    assert set(threading.enumerate()) <= before


class GivenUp:
    """Waits like a coroutine, and is cancelled when it pauses for the so-and-so-many-th time."""

    def __init__(self, work: Coroutine[Any, Any, object], at: int) -> None:
        self._work = work
        self._at = at

    def __await__(self) -> Generator[Any, Any, None]:
        pauses, awaited = self._work.__await__(), count(1)
        thrown: BaseException | None = None
        with suppress(StopIteration):
            while True:
                pause = pauses.send(None) if thrown is None else pauses.throw(thrown)
                thrown = None
                if next(awaited) == self._at:
                    task = asyncio.current_task()
                    assert task is not None
                    task.cancel()
                try:
                    yield pause
                except asyncio.CancelledError as cancelled:
                    thrown = cancelled


async def test_a_read_that_is_given_up_ends_in_peace(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever stops waiting for a read, wherever it is, leaves no connection, no thread and no complaint in the log."""
    before = set(threading.enumerate())
    for at in range(1, 30):
        async with open_store(*place.settings) as store:
            with suppress(asyncio.CancelledError):
                await GivenUp(store.read(people.nobody_yet), at)
            asyncio.current_task().uncancel()  # type: ignore[union-attr]
        gc.collect()
    assert set(threading.enumerate()) <= before
    assert [record.message for record in caplog.records] == []


async def test_a_write_returns_after_its_commit(sqlite: Place) -> None:
    """When a write returns, another process can read it; while its unit runs, nobody can."""
    seen_inside: list[int] = []
    async with open_store(*sqlite.settings) as store:
        file = sqlite.master.with_name("data.db")

        def count() -> int:
            with closing(sqlite3.connect(file)) as other:
                return int(other.execute("SELECT count(*) FROM person").fetchone()[0])

        def unit(tx: Tx) -> None:
            people.add(tx, telegram_id=1, language="en", now=NOW)
            seen_inside.append(count())

        await store.write(unit)
        assert seen_inside == [0]
        assert count() == 1


async def test_waiting_units_share_a_commit_and_its_failure(sqlite: Place) -> None:
    """If the commit of a group fails, every unit of the group fails and nothing of it is kept."""
    async with open_store(*sqlite.settings) as store:
        person = await add_person(store, 1)
        go_on = threading.Event()

        def orphan(tx: Tx) -> None:
            tx.connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            tx.connection.exec_driver_sql("INSERT INTO diary VALUES (999, 'own', x'00')")

        first = asyncio.create_task(store.write(lambda _tx: go_on.wait(5)))
        await asyncio.sleep(0.05)
        group = [
            asyncio.create_task(store.write(lambda tx: people.change(tx, person.id, language="de"))),
            asyncio.create_task(store.write(orphan)),
        ]
        await asyncio.sleep(0.05)
        go_on.set()
        results = await asyncio.gather(first, *group, return_exceptions=True)
        assert results[0] is True
        assert all(isinstance(result, IntegrityError) for result in results[1:])
        assert (await store.read(lambda tx: people.get(tx, person.id))).language == "en"
        await store.write(lambda tx: people.change(tx, person.id, language="fr"))
        assert (await store.read(lambda tx: people.get(tx, person.id))).language == "fr"


async def test_a_unit_whose_caller_gave_up_before_it_began_is_not_run(sqlite: Place) -> None:
    """A write that was cancelled while it waited never happens."""
    async with open_store(*sqlite.settings) as store:
        person = await add_person(store, 1)
        go_on = threading.Event()
        first = asyncio.create_task(store.write(lambda _tx: go_on.wait(5)))
        await asyncio.sleep(0.05)
        given_up = asyncio.create_task(store.write(lambda tx: people.change(tx, person.id, language="de")))
        await asyncio.sleep(0.05)
        given_up.cancel()
        await asyncio.sleep(0)
        go_on.set()
        await first
        assert (await store.read(lambda tx: people.get(tx, person.id))).language == "en"


async def test_a_closed_store_refuses_to_write(sqlite: Place) -> None:
    """After closing nothing can be written by mistake."""
    async with open_store(*sqlite.settings) as store:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        await add_person(store, 1)


async def test_sqlite_is_set_up_to_be_durable_and_to_forget(sqlite: Place) -> None:
    """The writing connection waits for the disk, holds foreign keys, and overwrites what it deletes."""
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    async with open_store(*sqlite.settings) as store:
        for pragma, value in expected.items():
            sql = f"PRAGMA {pragma}"
            assert await store.write(lambda tx, sql=sql: tx.connection.exec_driver_sql(sql).scalar()) == value


async def test_a_deadlock_is_tried_again(postgres: Place) -> None:
    """On PostgreSQL two units that lock each other out are both done in the end."""
    async with open_store(*postgres.settings) as store:
        one, two = await add_person(store, 1), await add_person(store, 2)

        def crossing(tx: Tx, first: int, second: int, language: str) -> None:
            people.change(tx, first, language=language)
            tx.connection.execute(text("SELECT pg_sleep(0.1)"))
            people.change(tx, second, language=language)

        await asyncio.gather(
            store.write(lambda tx: crossing(tx, one.id, two.id, "de")),
            store.write(lambda tx: crossing(tx, two.id, one.id, "fr")),
        )
        found = [await store.read(lambda tx, who=who: people.get(tx, who.id)) for who in (one, two)]
        assert found[0].language == found[1].language


async def test_whatever_a_unit_raises_reaches_its_caller(store: Store) -> None:
    """Even what no future can carry comes back to who called, and the store goes on."""

    def stop(_tx: Tx) -> None:
        raise StopIteration

    def leave(_tx: Tx) -> None:
        raise SystemExit(3)

    with pytest.raises(RuntimeError):
        await store.write(stop)
    with pytest.raises(SystemExit):
        await store.write(leave)
    await add_person(store, 1)


async def test_the_log_is_tidied_behind_the_writer(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that a reader kept from being emptied is emptied as soon as nobody reads any more."""
    monkeypatch.setattr(writer, "CHECKPOINT_SECONDS", 0.01)
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    log = sqlite.master.with_name("data.db-wal")
    async with open_store(*sqlite.settings) as store:
        person = await add_person(store, 1)
        reader = sqlite3.connect(sqlite.master.with_name("data.db"), isolation_level=None)
        with closing(reader):
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM person").fetchone()
            await store.write(lambda tx: people.change(tx, person.id, minute=1))
            await store.scrub()
            assert size(log) > 0
        for _ in range(200):
            await asyncio.sleep(0.01)
            if size(log) == 0:
                break
        assert size(log) == 0


async def test_work_beside_units_runs_between_them(sqlite: Place) -> None:
    """Destroying a key waits its turn among units that are already waiting, and those after it still run."""
    async with open_store(*sqlite.settings) as store:
        person = await add_person(store, 1)
        go_on = threading.Event()
        results = [
            asyncio.create_task(store.write(lambda _tx: go_on.wait(5))),
            asyncio.create_task(store.write(lambda tx: people.set_place(tx, person.id, "before"))),
            asyncio.create_task(store.destroy_key(person.id)),
            asyncio.create_task(store.write(lambda tx: people.set_place(tx, person.id, "after"))),
        ]
        await asyncio.sleep(0.05)
        go_on.set()
        first, before, destroyed, after = await asyncio.gather(*results, return_exceptions=True)
        assert (first, before, destroyed) == (True, None, None)
        assert isinstance(after, KeyGone)
