from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from storage import checkins
from storage.errors import NotFound
from storage.records import CheckIn
from storage.store import Store
from tests.contract.people import NOW, RESULT, add_couple, add_person, add_round

GRIDS = bytes(range(256)) * 15


async def begin(store: Store, person_id: int) -> CheckIn:
    """A first check-in that has just begun."""
    return await store.write(
        lambda tx: checkins.begin(tx, person_id=person_id, form="first", week=0, walk='{"cursor": 0}', now=NOW)
    )


async def finish(store: Store, begun: CheckIn, round_id: int | None = None) -> CheckIn:
    """The same, an hour later and done."""
    return await store.write(
        lambda tx: checkins.finish(
            tx,
            begun,
            walk='{"cursor": 20}',
            result=RESULT,
            grids=GRIDS,
            round_id=round_id,
            now=NOW + timedelta(hours=1),
        )
    )


async def test_a_walk_is_resumed_where_it_was_saved(store: Store) -> None:
    """The unfinished check-in comes back with its latest walk; saving it takes one statement."""
    person = await add_person(store, 1)
    assert await store.read(lambda tx: checkins.unfinished(tx, person.id)) is None
    begun = await begin(store, person.id)
    assert await store.read(lambda tx: checkins.unfinished(tx, person.id)) == begun
    with store.count_statements() as statements:
        saved = await store.write(lambda tx: checkins.save_walk(tx, begun, '{"cursor": 7}'))
    assert len(statements) == 1
    assert await store.read(lambda tx: checkins.unfinished(tx, person.id)) == saved
    assert saved.walk == '{"cursor": 7}'


async def test_one_unfinished_check_in_a_person(store: Store) -> None:
    """A second check-in cannot begin before the first is finished or dropped."""
    person = await add_person(store, 1)
    begun = await begin(store, person.id)
    with pytest.raises(IntegrityError):
        await begin(store, person.id)
    await store.write(lambda tx: checkins.drop(tx, begun))
    await begin(store, person.id)


async def test_a_finished_check_in_comes_back_whole(store: Store) -> None:
    """Walk, result and grids are what was given, and only finished check-ins count as such."""
    person = await add_person(store, 1)
    done = await finish(store, await begin(store, person.id))
    assert await store.read(lambda tx: checkins.unfinished(tx, person.id)) is None
    assert await store.read(lambda tx: checkins.latest(tx, person.id)) == done
    assert await store.read(lambda tx: checkins.get(tx, done.id, person.id)) == done
    assert (done.result, done.grids, done.walk) == (RESULT, GRIDS, '{"cursor": 20}')
    second = await store.write(
        lambda tx: checkins.begin(
            tx, person_id=person.id, form="weekly", week=1, walk="{}", now=NOW + timedelta(days=7)
        )
    )
    assert await store.read(lambda tx: checkins.latest(tx, person.id)) == done
    assert await store.read(lambda tx: checkins.finished(tx, person.id)) == [done]
    assert second.id != done.id


async def test_a_check_in_is_given_only_to_its_person(store: Store) -> None:
    """With another person's number a check-in is not found."""
    kim, alex = await add_person(store, 1), await add_person(store, 2)
    begun = await begin(store, kim.id)
    with pytest.raises(NotFound):
        await store.read(lambda tx: checkins.get(tx, begun.id, alex.id))


async def test_only_the_first_check_in_of_a_round_counts_for_it(store: Store) -> None:
    """A second check-in that ends in the same round is kept without a round."""
    kim, alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    first = await finish(store, await begin(store, kim.id), week.id)
    again = await store.write(
        lambda tx: checkins.begin(tx, person_id=kim.id, form="weekly", week=0, walk="", now=NOW + timedelta(hours=2))
    )
    second = await finish(store, again, week.id)
    partners = await finish(store, await begin(store, alex.id), week.id)
    assert (first.round_id, second.round_id, partners.round_id) == (week.id, None, week.id)


async def test_a_check_in_can_be_revised_in_part(store: Store) -> None:
    """What is not given stays as it was."""
    person = await add_person(store, 1)
    done = await finish(store, await begin(store, person.id))
    revised = await store.write(lambda tx: checkins.revise(tx, done, walk="w", result="r"))
    assert await store.read(lambda tx: checkins.latest(tx, person.id)) == revised
    assert (revised.walk, revised.result, revised.grids) == ("w", "r", GRIDS)
    revised = await store.write(lambda tx: checkins.revise(tx, revised, grids=b"g"))
    assert await store.read(lambda tx: checkins.grids_of(tx, person.id)) == [b"g"]
    assert await store.write(lambda tx: checkins.revise(tx, revised)) == revised
    assert (await store.read(lambda tx: checkins.get(tx, done.id, person.id))).grids == b"g"


async def test_answers_dissolve_and_the_picture_stays(store: Store) -> None:
    """After the time that answers are kept, only result and grids are left; open walks are not touched."""
    person = await add_person(store, 1)
    done = await finish(store, await begin(store, person.id))
    later = NOW + timedelta(days=60)
    open_walk = await store.write(
        lambda tx: checkins.begin(tx, person_id=person.id, form="weekly", week=8, walk="{}", now=NOW)
    )
    assert await store.write(lambda tx: checkins.dissolve(tx, NOW)) == 0
    assert await store.write(lambda tx: checkins.dissolve(tx, later)) == 1
    assert await store.write(lambda tx: checkins.dissolve(tx, later)) == 0
    left = await store.read(lambda tx: checkins.get(tx, done.id, person.id))
    assert (left.walk, left.result, left.grids) == (None, RESULT, GRIDS)
    assert (await store.read(lambda tx: checkins.unfinished(tx, person.id))) == open_walk


async def test_only_the_latest_grids_are_kept(store: Store) -> None:
    """Grids of a check-in take the place of all before them; results, and what others have, stay as they are."""
    person, other = await add_person(store, 1), await add_person(store, 2)
    assert await store.read(lambda tx: checkins.grids_of(tx, person.id)) == []
    theirs = await finish(store, await begin(store, other.id))
    first = await finish(store, await begin(store, person.id))
    assert await store.read(lambda tx: checkins.grids_of(tx, person.id)) == [GRIDS]
    open_walk = await begin(store, person.id)
    assert await store.read(lambda tx: checkins.grids_of(tx, person.id)) == [GRIDS]
    second = await finish(store, open_walk)
    assert await store.read(lambda tx: checkins.finished(tx, person.id)) == [replace(first, grids=None), second]
    assert await store.read(lambda tx: checkins.finished(tx, other.id)) == [theirs]


async def test_grids_of_every_check_in_are_read_in_order_and_then_forgotten(store: Store) -> None:
    """Version 0.1.0 kept grids with every check-in: they come oldest first, and the next check-in forgets them."""
    person = await add_person(store, 1)
    done = [await finish(store, await begin(store, person.id)) for _ in range(3)]
    for number, check in enumerate(done):
        await store.write(partial(checkins.revise, check=check, grids=bytes([number])))
    assert await store.read(lambda tx: checkins.grids_of(tx, person.id)) == [b"\x00", b"\x01", b"\x02"]
    await finish(store, await begin(store, person.id))
    assert await store.read(lambda tx: checkins.grids_of(tx, person.id)) == [GRIDS]


async def test_pictures_come_without_walks_and_grids(store: Store) -> None:
    """What was finished is there, oldest first, with its result and nothing heavy; open walks and others' are not."""
    person, other = await add_person(store, 1), await add_person(store, 2)
    await finish(store, await begin(store, other.id))
    assert await store.read(lambda tx: checkins.pictures(tx, person.id)) == []
    done = [await finish(store, await begin(store, person.id)) for _ in range(2)]
    await begin(store, person.id)
    bare = [replace(one, walk=None, grids=None) for one in done]
    assert await store.read(lambda tx: checkins.pictures(tx, person.id)) == bare
