from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Row, select

from storage import (
    checkins,
    couples,
    diary,
    files,
    inbox,
    invites,
    messages,
    outbox,
    people,
    plans,
    rounds,
    shared,
    talks,
    thanks,
)
from storage.deletion import finish_deletions, forget_destroyed
from storage.errors import KeyGone, KeyStoreOlder, NotFound
from storage.records import Couple, Level, OnUnknown, Person, Round
from storage.store import Store, Tx, open_store
from storage.tables import metadata
from tests.contract.people import NOW, add_couple, add_person, add_round, show
from tests.databases import Place

CANARIES = (
    "Kanari",
    "Gelbvogel",
    "walk-canary",
    "result-canary",
    "grid-canary",
    "keepsake-canary",
    "diary-canary",
    "talk-canary",
    "draft-canary",
    "said-canary",
    "heard-canary",
)
"""Words that people said; nowhere on disk may one of them stand as such."""


async def live(store: Store) -> tuple[Person, Person, Couple, Round]:
    """A couple of which both have left something in every table."""
    kim, alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    for person in (kim, alex):
        await show(store, person, week, Level.WORDS)

        def unit(tx: Tx, person: Person = person) -> None:
            people.set_place(tx, person.id, "Kanari place")
            begun = checkins.begin(tx, person_id=person.id, form="full", week=8, walk="walk-canary", now=NOW)
            checkins.revise(tx, begun, result="result-canary", grids=b"grid-canary")
            invites.add(tx, inviter_id=person.id, name="Gelbvogel", now=NOW)
            invites.note_attempt(tx, person.id, NOW)
            plans.put(tx, key=f"nudge:{person.id}", kind="nudge", due_at=NOW, person_id=person.id)
            outbox.put(
                tx,
                key=f"n:{person.id}",
                kind="nudge",
                person_id=person.id,
                ref=None,
                on_unknown=OnUnknown.DROP,
                priority=2,
                available_at=NOW,
                expires_at=NOW + timedelta(days=1),
                now=NOW,
            )
            shared.keep(tx, reader_id=person.id, round_id=week.id, opened_at=NOW, content="keepsake-canary")
            diary.save(tx, person.id, "own", "diary-canary")
            files.put(tx, person.id, "Kanari digest", "Kanari file")
            messages.note(tx, person.id, 9, NOW)
            [letter] = inbox.store(tx, [(person.telegram_id, person.telegram_id, "Kanari payload")], NOW)
            inbox.done(tx, letter.id, NOW)

        await store.write(unit)
    side = await store.write(lambda tx: talks.offer(tx, couple, kim.id, "talk-canary", NOW))
    assert side is not None
    for person in (kim, alex):

        def speak(tx: Tx, person: Person = person) -> None:
            own = talks.held(tx, person.id)
            assert own is not None
            talks.move(tx, own, "talk-canary", draft="draft-canary", said="said-canary", hand="heard-canary")
            thanks.give(tx, person.id, "canary", NOW, NOW)

        await store.write(speak)
    return kim, alex, couple, week


def everything(tx: Tx) -> dict[str, list[Row[tuple[object, ...]]]]:
    """Every row of every table."""
    return {name: list(tx.connection.execute(select(table)).all()) for name, table in metadata.tables.items()}


def mentions(rows: dict[str, list[Row[tuple[object, ...]]]], person: Person) -> set[str]:
    """The tables in which a person's number still stands."""
    columns = {"person_id", "reader_id", "inviter_id"}
    return {
        name
        for name, found in rows.items()
        for row in found
        if person.id in {value for key, value in row._mapping.items() if key in columns}
        or (name == "person" and row._mapping["id"] == person.id)
        or (name == "inbox" and row._mapping["chat_id"] == person.telegram_id)
    }


async def test_a_life_leaves_traces_in_every_table(store: Store) -> None:
    """The couple of these tests has rows wherever a person can have some: else the test below would prove little."""
    kim, *_ = await live(store)
    rows = await store.read(everything)
    # A finished update no longer says whose it was, and nobody holds the chat.
    assert mentions(rows, kim) == set(metadata.tables) - {
        "claim",
        "couple",
        "couple_round",
        "inbox",
        "leadership",
        "talk",
    }


async def test_nothing_of_a_forgotten_person_is_left(store: Store) -> None:
    """After a deletion no table mentions the person, and the key is gone; the partner lost nothing."""
    kim, alex, couple, week = await live(store)
    await store.write(lambda tx: people.forget(tx, kim.id, NOW))
    assert await store.read(lambda tx: people.find(tx, kim.telegram_id)) is None
    assert await finish_deletions(store) == 1
    assert await finish_deletions(store) == 0
    assert mentions(await store.read(everything), kim) == set()
    with pytest.raises(KeyGone):
        await store.read(lambda tx: tx.vault.keys.person(kim.id))
    left = await store.read(lambda tx: couples.require(tx, alex.id))
    assert left == replace(couple, seats=(replace(couple.seats[0], person_id=None), couple.seats[1]))
    assert await store.read(lambda tx: couples.partner_name(tx, left, alex.id)) == "Kim"
    assert [kept.content for kept in await store.read(lambda tx: shared.kept(tx, alex.id, 9))] == ["keepsake-canary"]
    assert await store.read(lambda tx: rounds.get(tx, week.id)) == week
    assert await store.read(lambda tx: diary.load(tx, alex.id, "own")) == "diary-canary"


async def test_the_last_to_go_leaves_only_a_nameless_couple(store: Store) -> None:
    """When both are deleted, no table mentions either, and sweeping takes the couple too."""
    kim, alex, couple, _week = await live(store)
    for person in (kim, alex):
        await store.write(lambda tx, person=person: people.forget(tx, person.id, NOW))
    assert await finish_deletions(store) == 2
    rows = await store.read(everything)
    assert mentions(rows, kim) == mentions(rows, alex) == set()
    await store.write(lambda tx: shared.fade(tx, NOW + timedelta(seconds=1)))
    assert await store.read(lambda tx: couples.find(tx, couple.id)) is None
    left = {name for name, found in (await store.read(everything)).items() if found}
    assert left == {"inbox"}


async def test_who_was_forgotten_may_come_back_at_once_as_somebody_new(store: Store) -> None:
    """Between the mark and the deletion the same Telegram number begins anew, and is not deleted."""
    old = await add_person(store, 1)
    await store.write(lambda tx: people.forget(tx, old.id, NOW))
    with pytest.raises(NotFound):
        await store.read(lambda tx: people.get(tx, old.id))
    new = await add_person(store, 1)
    assert new.id != old.id
    await finish_deletions(store)
    assert await store.read(lambda tx: people.find(tx, 1)) == new


@pytest.mark.parametrize("key_destroyed", [True, False])
async def test_a_deletion_that_was_cut_off_is_finished_at_the_next_start(place: Place, *, key_destroyed: bool) -> None:
    """Wherever a deletion stopped, doing it again completes it."""
    async with open_store(*place.settings) as store:
        kim, *_ = await live(store)
        await store.write(lambda tx: people.forget(tx, kim.id, NOW))
        if key_destroyed:
            await store.destroy_key(kim.id)
    async with open_store(*place.settings) as store:
        assert await finish_deletions(store) == 1
        assert mentions(await store.read(everything), kim) == set()


async def test_no_word_that_people_said_stands_in_a_table(store: Store) -> None:
    """Names, places, answers, results, keepsakes, histories and updates are sealed in every column."""
    await live(store)
    cells = [
        value if isinstance(value, bytes) else str(value).encode()
        for rows in (await store.read(everything)).values()
        for row in rows
        for value in row
    ]
    for canary in (*CANARIES, "Kim", "Alex", "isolated", "closeness"):
        assert not [cell for cell in cells if canary.encode() in cell], canary


async def test_no_word_that_people_said_stands_in_a_file(sqlite: Place) -> None:
    """Neither database nor its log holds a word in plain, while running and after closing."""

    def read_all() -> bytes:
        return b"".join(path.read_bytes() for path in sorted(sqlite.master.parent.iterdir()) if path.is_file())

    async with open_store(*sqlite.settings) as store:
        await live(store)
        running = read_all()
    for content in (running, read_all()):
        for canary in CANARIES:
            assert canary.encode() not in content, canary


async def test_deleted_bytes_are_gone_from_the_files(sqlite: Place) -> None:
    """After a deletion neither the sealed values nor the wrapped key are in any file, log included."""

    def raw(file: Path) -> bytes:
        logs = [Path(f"{file}-wal"), file]
        return b"".join(path.read_bytes() for path in logs if path.exists())

    data, keys = sqlite.master.with_name("data.db"), sqlite.master.with_name("keys.db")
    async with open_store(*sqlite.settings) as store:
        kim, *_ = await live(store)

        def traces(tx: Tx) -> tuple[bytes, bytes]:
            place = tx.connection.exec_driver_sql(f"SELECT place FROM person WHERE id = {kim.id}").scalar_one()  # noqa: S608
            with tx.vault.keys._engine.connect() as connection:
                wrapped = connection.exec_driver_sql(f"SELECT wrapped FROM person_key WHERE id = {kim.id}").scalar_one()  # noqa: S608
            return place, wrapped

        place, wrapped = await store.write(traces)
        assert place in raw(data)
        assert wrapped in raw(keys)
        await store.write(lambda tx: people.forget(tx, kim.id, NOW))
        await finish_deletions(store)
        assert place not in raw(data)
        assert wrapped not in raw(keys)


async def test_an_older_copy_of_the_data_does_not_bring_anybody_back(place: Place) -> None:
    """Whoever's key was destroyed is forgotten again at the next start, and the others stay."""
    async with open_store(*place.settings) as store:
        kim, alex, couple, _week = await live(store)
        await store.destroy_key(kim.id)  # as if the rows came back from a backup
    async with open_store(*place.settings) as store:
        assert await forget_destroyed(store, NOW) == 1
        await finish_deletions(store)
        assert mentions(await store.read(everything), kim) == set()
        assert await store.read(lambda tx: couples.partner_name(tx, couple, alex.id)) == "Kim"
        assert await forget_destroyed(store, NOW) == 0


@pytest.mark.parametrize("gone", [(), (0,), (4,), (0, 2, 3), (1, 4), (0, 1, 2, 3, 4)])
async def test_the_numbers_without_a_key_are_known(place: Place, gone: tuple[int, ...]) -> None:
    """Whichever keys were destroyed, their numbers are told, rising, with the highest that was ever given."""
    async with open_store(*place.settings) as store:
        here = [(await add_person(store, number)).id for number in range(1, 6)]
        for number in gone:
            await store.destroy_key(here[number])
        assert await store.destroyed_keys() == ([here[number] for number in gone], here[-1])


async def test_a_key_store_older_than_the_data_is_refused(place: Place) -> None:
    """Somebody whose key was never in this key store is not taken for deleted: nothing is changed."""
    async with open_store(*place.settings) as store:
        kim = await add_person(store, 1)
        later = kim.id + 10

        def grow(tx: Tx) -> None:
            row = {**tx.connection.execute(select(metadata.tables["person"])).one()._mapping}
            row |= {"id": later, "telegram_id": 2}
            tx.connection.execute(metadata.tables["person"].insert().values(**row))

        await store.write(grow)
        with pytest.raises(KeyStoreOlder, match="newest copy"):
            await forget_destroyed(store, NOW)
        assert await store.read(people.numbers) == {kim.id, later}
