import asyncio
from datetime import timedelta

from sqlalchemy import select

from storage import inbox, tables
from storage.store import Store
from tests.contract.people import NOW

BATCH = [(11, 5_000_000_000, '{"data": "v1:answer:3"}'), (12, 7, '{"data": "v1:skip"}'), (13, 7, "{}")]


async def test_a_batch_is_kept_once_and_in_order(store: Store) -> None:
    """New updates come back in their order with numbers; those that were there before are left out."""
    with store.count_statements() as statements:
        first = await store.write(lambda tx: inbox.store(tx, BATCH, NOW))
    assert len(statements) == 1
    assert [(letter.update_id, letter.chat_id, letter.payload) for letter in first] == BATCH
    assert sorted(letter.id for letter in first) == [letter.id for letter in first]
    again = await store.write(lambda tx: inbox.store(tx, [*BATCH, (14, 8, "new")], NOW))
    assert [letter.update_id for letter in again] == [14]
    assert await store.read(inbox.open_letters) == first + again
    assert await store.write(lambda tx: inbox.store(tx, [], NOW)) == []


async def test_an_update_twice_in_one_batch_is_kept_once(store: Store) -> None:
    """Telegram repeating itself within a batch does no harm."""
    letters = await store.write(lambda tx: inbox.store(tx, [BATCH[0], BATCH[0]], NOW))
    assert len(letters) == 1


async def test_the_same_update_from_two_sides_is_kept_once(store: Store) -> None:
    """A webhook called twice at once keeps one update."""
    results = await asyncio.gather(*(store.write(lambda tx: inbox.store(tx, BATCH[:1], NOW)) for _ in range(5)))
    assert sum(len(letters) for letters in results) == 1


async def test_a_payload_is_sealed_and_emptied_when_done(store: Store) -> None:
    """On disk there is no word of an update; once finished there is nothing of it but its number."""
    [letter, *_] = await store.write(lambda tx: inbox.store(tx, BATCH, NOW))
    rows = select(tables.inbox.c.payload).order_by(tables.inbox.c.id)
    payloads = await store.read(lambda tx: list(tx.connection.execute(rows).scalars()))
    assert all(b"v1:" not in payload for payload in payloads)
    assert len({len(payload) for payload in payloads}) == 1
    with store.count_statements() as statements:
        assert await store.write(lambda tx: inbox.done(tx, letter.id, NOW))
    assert len(statements) == 1
    assert not await store.write(lambda tx: inbox.done(tx, letter.id, NOW))
    assert (await store.read(lambda tx: list(tx.connection.execute(rows).scalars())))[0] is None
    assert [left.update_id for left in await store.read(inbox.open_letters)] == [12, 13]


async def test_failures_are_counted_until_an_update_is_given_up(store: Store) -> None:
    """Each failed try counts; an update given up is emptied like a finished one."""
    [letter, *_] = await store.write(lambda tx: inbox.store(tx, BATCH, NOW))
    assert await store.write(lambda tx: inbox.failed(tx, letter.id)) == 1
    assert await store.write(lambda tx: inbox.failed(tx, letter.id)) == 2
    assert await store.write(lambda tx: inbox.dead(tx, letter.id, NOW))
    assert [left.update_id for left in await store.read(inbox.open_letters)] == [12, 13]


async def test_after_two_days_updates_are_forgotten(store: Store) -> None:
    """What was received 48 hours ago is deleted, finished or not."""
    await store.write(lambda tx: inbox.store(tx, BATCH, NOW))
    assert await store.write(lambda tx: inbox.tidy(tx, NOW)) == 0
    assert await store.write(lambda tx: inbox.tidy(tx, NOW + timedelta(days=2))) == 3
    assert await store.read(inbox.open_letters) == []
