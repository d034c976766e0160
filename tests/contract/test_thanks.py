import asyncio
from datetime import timedelta
from functools import partial

from storage import thanks
from storage.store import Store
from tests.contract.people import NOW, add_person

DAY = timedelta(days=1)


async def test_one_a_day_and_only_the_last_is_kept(store: Store) -> None:
    """A second thank-you of a day is not kept; the next day's takes the place of the first."""
    kim = await add_person(store, 1)
    assert await store.read(lambda tx: thanks.last(tx, kim.id)) is None
    assert await store.write(lambda tx: thanks.give(tx, kim.id, "near", NOW, NOW))
    assert not await store.write(lambda tx: thanks.give(tx, kim.id, "room", NOW + DAY / 2, NOW))
    assert await store.read(lambda tx: thanks.last(tx, kim.id)) == ("near", NOW)
    assert await store.write(lambda tx: thanks.give(tx, kim.id, "room", NOW + DAY, NOW + DAY))
    assert await store.read(lambda tx: thanks.last(tx, kim.id)) == ("room", NOW + DAY)


async def test_of_several_at_once_one_counts(store: Store) -> None:
    """Taps that come together give one thank-you."""
    kim = await add_person(store, 1)
    give = partial(thanks.give, person_id=kim.id, what_for="near", now=NOW, today=NOW)
    assert sum(await asyncio.gather(*(store.write(give) for _ in range(4)))) == 1


async def test_thanks_have_their_time(store: Store) -> None:
    """What was given before an instant is deleted, and nothing else."""
    kim, alex = await add_person(store, 1), await add_person(store, 2)
    await store.write(lambda tx: thanks.give(tx, kim.id, "near", NOW, NOW))
    await store.write(lambda tx: thanks.give(tx, alex.id, "near", NOW + DAY, NOW))
    assert await store.write(lambda tx: thanks.tidy(tx, NOW + DAY)) == 1
    assert await store.read(lambda tx: thanks.last(tx, kim.id)) is None
    assert await store.read(lambda tx: thanks.last(tx, alex.id)) is not None
