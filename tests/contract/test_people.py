from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from storage import people
from storage.errors import NotFound
from storage.people import Changes
from storage.records import Panel
from storage.store import Store, Tx
from tests.contract.people import NOW, add_person


async def test_a_person_is_found_by_telegrams_number_and_by_ours(store: Store) -> None:
    """A person who was added is found again, whole, by either number."""
    added = await add_person(store, 7)
    assert await store.read(lambda tx: people.find(tx, 7)) == added
    assert await store.read(lambda tx: people.get(tx, added.id)) == added
    assert added.created_at == NOW
    assert (added.weekday, added.minute) == (6, 19 * 60)


async def test_a_stranger_is_not_found(store: Store) -> None:
    """Nobody is found by a number that nobody has."""
    assert await store.read(lambda tx: people.find(tx, 8)) is None
    assert await store.read(lambda tx: people.find_by_id(tx, 8)) is None
    assert await store.read(lambda tx: people.find_by_id(tx, None)) is None
    with pytest.raises(NotFound, match="no person 8"):
        await store.read(lambda tx: people.get(tx, 8))


async def test_telegrams_numbers_may_exceed_32_bits(store: Store) -> None:
    """A Telegram number beyond 32 bits is kept exactly, and so is a message's."""
    added = await add_person(store, 5_000_000_000)
    await store.write(lambda tx: people.shown(tx, added.id, message_id=6_000_000_000, kind="text", digest="d"))
    found = await store.read(lambda tx: people.find(tx, 5_000_000_000))
    assert found is not None
    assert found.telegram_id == 5_000_000_000
    assert found.panel.message_id == 6_000_000_000


async def test_adding_somebody_twice_returns_the_person_who_is_there(store: Store) -> None:
    """Someone who is known is not added a second time."""
    first = await add_person(store, 7)
    await store.write(lambda tx: people.change(tx, first.id, zone="Europe/Berlin"))
    again = await add_person(store, 7)
    assert again.id == first.id
    assert again.zone == "Europe/Berlin"


async def test_what_a_person_tells_is_kept(store: Store) -> None:
    """Every column that may be changed comes back as it was set, instants in UTC."""
    person = await add_person(store, 7)
    adult = datetime(2026, 11, 22, 20, 0, 0, 123000, tzinfo=UTC)

    def unit(tx: Tx) -> None:
        people.change(
            tx,
            person.id,
            language="de",
            zone="Asia/Tokyo",
            weekday=0,
            minute=1439,
            quiet_from=0,
            quiet_to=0,
            paused=True,
            text_only=True,
            reachable=False,
            adult_at=adult,
            first_day=date(2026, 11, 22),
        )

    await store.write(unit)
    found = await store.read(lambda tx: people.get(tx, person.id))
    assert (found.language, found.zone, found.weekday, found.minute) == ("de", "Asia/Tokyo", 0, 1439)
    assert (found.quiet_from, found.quiet_to, found.paused, found.text_only) == (0, 0, True, True)
    assert (found.reachable, found.adult_at, found.first_day) == (False, adult, date(2026, 11, 22))


@pytest.mark.parametrize(
    "column",
    [
        {"weekday": 2},
        {"minute": 3},
        {"quiet_from": 4},
        {"quiet_to": 5},
        {"paused": True},
        {"text_only": True},
        {"reachable": False},
        {"language": "de"},
        {"zone": "Asia/Tokyo"},
        {"adult_at": NOW + timedelta(hours=1)},
        {"first_day": date(2026, 11, 22)},
    ],
    ids=str,
)
async def test_each_column_comes_back_as_itself(store: Store, column: Changes) -> None:
    """Whoever changes one thing finds that one changed, and no other: rows are read by position."""
    person = await add_person(store, 7)
    await store.write(lambda tx: people.change(tx, person.id, **column))
    assert await store.read(lambda tx: people.get(tx, person.id)) == replace(person, **column)


async def test_only_what_a_person_tells_can_be_changed(store: Store) -> None:
    """A column that is none of the person's business is refused by name."""
    person = await add_person(store, 7)
    change = partial(people.change, person_id=person.id, telegram_id=9)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="telegram_id"):
        await store.write(change)


async def test_a_place_is_owed_until_it_was_shown(store: Store) -> None:
    """Who was promised a screen is in the list of debts until the screen is known to be shown."""
    person = await add_person(store, 7)
    assert await store.read(lambda tx: people.owed(tx, 10)) == []
    await store.write(lambda tx: people.set_place(tx, person.id, "walk 3"))
    [debtor] = await store.read(lambda tx: people.owed(tx, 10))
    assert debtor.panel == Panel(place="walk 3", owed=True)
    await store.write(lambda tx: people.shown(tx, person.id, message_id=5, kind="picture", digest="abc"))
    assert await store.read(lambda tx: people.owed(tx, 10)) == []
    found = await store.read(lambda tx: people.get(tx, person.id))
    assert found.panel == Panel(message_id=5, kind="picture", digest="abc", place="walk 3", owed=False)


async def test_finding_a_person_with_their_panel_is_one_statement(store: Store) -> None:
    """The hot calls of a tap take one statement each."""
    person = await add_person(store, 7)
    with store.count_statements() as statements:
        await store.write(lambda tx: people.find(tx, 7))
        assert len(statements) == 1
        await store.write(lambda tx: people.set_place(tx, person.id, "home"))
        assert len(statements) == 2
        await store.write(lambda tx: people.shown(tx, person.id, message_id=1, kind="text", digest="x"))
        assert len(statements) == 3


async def test_an_instant_must_be_aware(store: Store) -> None:
    """A naive instant is refused before it reaches the database."""
    person = await add_person(store, 7)
    naive = (NOW + timedelta(days=1)).replace(tzinfo=None)
    with pytest.raises(Exception, match="must be aware"):
        await store.write(lambda tx: people.change(tx, person.id, adult_at=naive))


async def test_whether_nobody_is_here_yet(store: Store) -> None:
    """The first person ends the time in which nobody is here."""
    assert await store.read(people.nobody_yet)
    await add_person(store, 7)
    assert not await store.read(people.nobody_yet)
