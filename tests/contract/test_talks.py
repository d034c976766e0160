import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from storage import couples, talks
from storage.deletion import finish_deletions
from storage.people import forget
from storage.records import Couple, Person, TalkSide
from storage.store import Store, Tx, open_store
from storage.tables import talk_side
from tests.contract.people import NOW, add_couple, add_person
from tests.databases import Place

HOUR = timedelta(hours=1)


async def open_talk(store: Store) -> tuple[Person, Person, Couple]:
    """Kim offered Alex a talk."""
    kim, alex, couple = await add_couple(store)
    assert await store.write(lambda tx: talks.offer(tx, couple, kim.id, "begun", NOW)) is not None
    return kim, alex, couple


async def side(store: Store, person: Person) -> TalkSide:
    """All that somebody may know of their talk."""
    found = await store.read(lambda tx: talks.of(tx, person.id))
    assert found is not None
    return found


async def do(store: Store, person: Person, state: str, **texts: str) -> None:
    """Somebody moves the talk."""

    def unit(tx: Tx) -> None:
        own = talks.held(tx, person.id)
        assert own is not None
        talks.move(tx, own, state, **texts)

    await store.write(unit)


async def test_both_have_a_side_of_the_talk_that_one_offers(store: Store) -> None:
    """Each finds the talk, their side of it, and the other by name."""
    kim, alex, couple = await open_talk(store)
    hers, theirs = await side(store, kim), await side(store, alex)
    assert (hers.side, hers.partner_id, hers.partner_name) == (talks.ASKER, alex.id, "Alex")
    assert (theirs.side, theirs.partner_id, theirs.partner_name) == (talks.ASKED, kim.id, "Kim")
    assert hers.state == theirs.state == "begun"
    assert (hers.couple_id, hers.made_at, hers.talk_id) == (couple.id, NOW, theirs.talk_id)
    assert await store.write(lambda tx: talks.any_side(tx, couple.id)) == hers


async def test_a_couple_has_one_talk_at_a_time(store: Store) -> None:
    """Of two offers the first stands; after the end there is room for another, with a number of its own."""
    kim, alex, couple = await open_talk(store)
    first = await side(store, kim)
    assert await store.write(lambda tx: talks.offer(tx, couple, alex.id, "again", NOW)) is None
    await store.write(lambda tx: talks.end(tx, first))
    assert await store.read(lambda tx: talks.of(tx, alex.id)) is None
    second = await store.write(lambda tx: talks.offer(tx, couple, alex.id, "again", NOW))
    assert second is not None
    assert second.talk_id > first.talk_id


async def test_a_draft_is_its_writers_alone(store: Store) -> None:
    """What is written and not sent moves the talk for both and shows itself to one."""
    kim, alex, _couple = await open_talk(store)
    await do(store, kim, "writing", draft="not yet")
    assert ((await side(store, kim)).draft, (await side(store, kim)).state) == ("not yet", "writing")
    other = await side(store, alex)
    assert (other.state, other.draft, other.said, other.heard) == ("writing", "", "", "")


async def test_what_is_sent_lies_with_both(store: Store) -> None:
    """The writer keeps what they sent, the other what they heard; a later move leaves both unless it says otherwise."""
    kim, alex, _couple = await open_talk(store)
    await do(store, kim, "sent", draft="", said="a moment", hand="a moment")
    await do(store, alex, "hearing", draft="heard so far")
    mine, theirs = await side(store, kim), await side(store, alex)
    assert (mine.draft, mine.said, mine.heard) == ("", "a moment", "")
    assert (theirs.draft, theirs.said, theirs.heard) == ("heard so far", "", "a moment")


@pytest.mark.parametrize("how", ["leave", "delete"])
async def test_who_goes_takes_nothing_from_the_other(store: Store, how: str) -> None:
    """After one has left or is being deleted the other's side is what it was, and can still be moved and ended."""
    kim, alex, couple = await open_talk(store)
    await do(store, kim, "sent", said="a moment", hand="a moment")
    before = await side(store, alex)
    if how == "leave":
        await store.write(lambda tx: couples.leave(tx, couple, kim.id, NOW))
    else:
        await store.write(lambda tx: forget(tx, kim.id, NOW))
        await finish_deletions(store)
    assert await store.read(lambda tx: talks.of(tx, kim.id)) is None
    after = await side(store, alex)
    assert (after.state, after.heard, after.partner_name) == (before.state, before.heard, before.partner_name)
    assert after.partner_id is None
    await do(store, alex, "on", said="heard it", hand="heard it")
    assert (await side(store, alex)).said == "heard it"
    await store.write(lambda tx: talks.end(tx, after))
    assert await store.read(lambda tx: talks.of(tx, alex.id)) is None


async def test_a_move_beside_a_deletion_reaches_who_is_left(store: Store) -> None:
    """Between the end of a key and the end of its rows the other can go on."""
    kim, alex, _couple = await open_talk(store)
    await store.destroy_key(kim.id)
    await do(store, alex, "on", said="words", hand="words")
    assert ((await side(store, alex)).state, (await side(store, alex)).said) == ("on", "words")


async def test_one_may_offer_a_talk_after_the_other_has_left(store: Store) -> None:
    """An empty seat looks like any other silence: the offer waits."""
    kim, alex, couple = await add_couple(store)
    await store.write(lambda tx: couples.leave(tx, couple, alex.id, NOW))
    left = await store.read(lambda tx: couples.get(tx, couple.id))
    own = await store.write(lambda tx: talks.offer(tx, left, kim.id, "begun", NOW))
    assert own is not None
    assert (own.partner_id, own.partner_name) == (None, "Alex")


async def test_a_pair_that_closes_ends_its_talk(store: Store) -> None:
    """Nothing of a talk outlives the pair."""
    kim, alex, couple = await open_talk(store)
    await store.write(lambda tx: couples.close(tx, couple, NOW))
    for person in (kim, alex):
        assert await store.read(lambda tx, person=person: talks.of(tx, person.id)) is None


async def test_two_who_move_at_once_take_turns(store: Store) -> None:
    """Each builds on what the other did: no move is lost."""
    kim, alex, _couple = await open_talk(store)

    def count(person: Person) -> object:
        def unit(tx: Tx) -> None:
            own = talks.held(tx, person.id)
            assert own is not None
            talks.move(tx, own, f"{own.state}.")

        return store.write(unit)

    await asyncio.gather(*(count(person) for person in (kim, alex) * 5))  # type: ignore[call-overload]
    assert (await side(store, kim)).state == (await side(store, alex)).state == "begun" + "." * 10


async def test_who_is_in_no_talk_finds_none(store: Store) -> None:
    """There is nothing for somebody alone."""
    kim = await add_person(store, 1)
    assert await store.read(lambda tx: talks.of(tx, kim.id)) is None
    assert await store.write(lambda tx: talks.held(tx, kim.id)) is None
    assert await store.write(lambda tx: talks.any_side(tx, 1)) is None


async def test_the_words_of_a_talk_are_gone_from_the_files_when_it_has_ended(sqlite: Place) -> None:
    """After the end, and once the log was emptied, not even the sealed values are in any file."""

    def raw() -> bytes:
        return b"".join(path.read_bytes() for path in sorted(sqlite.master.parent.iterdir()) if path.is_file())

    async with open_store(*sqlite.settings) as store:
        kim, alex, _couple = await open_talk(store)
        await do(store, kim, "sent", draft="more", said="a moment", hand="a moment")

        def sealed(tx: Tx) -> list[bytes]:
            rows = tx.connection.execute(select(talk_side)).all()
            # The end of a value: a long one lies on several pages.
            return [value[-64:] for row in rows for value in row if isinstance(value, bytes)]

        values = await store.read(sealed)
        assert len(values) == 5
        assert all(value in raw() for value in values)
        own = await side(store, alex)
        await store.write(lambda tx: talks.end(tx, own))
        await store.scrub()
        assert not [value for value in values if value in raw()]
