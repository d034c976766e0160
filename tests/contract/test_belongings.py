from datetime import timedelta
from functools import partial

from storage import diary, files, leadership, messages
from storage.store import Store
from tests.contract.people import NOW, add_person
from tests.leases import time_passes

MINUTE = timedelta(minutes=1)


async def test_a_diary_keeps_the_latest_of_each_strand(store: Store) -> None:
    """Strands are apart, and saving replaces what was there."""
    kim, alex = await add_person(store, 1), await add_person(store, 2)
    assert await store.read(lambda tx: diary.load(tx, kim.id, "own")) == ""
    for content in ("[1]", "[1, 2]"):
        await store.write(lambda tx, content=content: diary.save(tx, kim.id, "own", content))
    await store.write(lambda tx: diary.save(tx, kim.id, "thoughts", "[7]"))
    assert await store.read(lambda tx: diary.load(tx, kim.id, "own")) == "[1, 2]"
    assert await store.read(lambda tx: diary.load(tx, kim.id, "thoughts")) == "[7]"
    assert await store.read(lambda tx: diary.load(tx, alex.id, "own")) == ""


async def test_a_picture_is_known_again_to_the_same_person(store: Store) -> None:
    """Telegram's id of a picture is found by the picture's digest, and only by whom it was sent to."""
    kim, alex = await add_person(store, 1), await add_person(store, 2)
    for file_id in ("AgACAgIAAx0", "AgACAgIAAx1"):
        await store.write(lambda tx, file_id=file_id: files.put(tx, kim.id, "digest", file_id))
    assert await store.read(lambda tx: files.get(tx, kim.id, "digest")) == "AgACAgIAAx1"
    assert await store.read(lambda tx: files.get(tx, kim.id, "other")) is None
    assert await store.read(lambda tx: files.get(tx, alex.id, "digest")) is None
    await store.write(lambda tx: files.forget(tx, kim.id))
    assert await store.read(lambda tx: files.get(tx, kim.id, "digest")) is None


async def test_recent_messages_can_be_found_and_forgotten(store: Store) -> None:
    """Messages come newest first, each once; those that cannot be deleted any more are tidied away."""
    person = await add_person(store, 1)
    for number in (1, 2, 3, 3):
        await store.write(
            lambda tx, number=number: messages.note(tx, person.id, 6_000_000_000 + number, NOW + number * MINUTE)
        )

    async def recent(since: int = 0) -> list[int]:
        found = await store.read(lambda tx: messages.recent(tx, person.id, NOW + since * MINUTE))
        return [number - 6_000_000_000 for number in found]

    assert await recent() == [3, 2, 1]
    assert await recent(2) == [3, 2]
    await store.write(lambda tx: messages.forget(tx, person.id, [6_000_000_002]))
    assert await recent() == [3, 1]
    assert await store.write(lambda tx: messages.tidy(tx, NOW + 2 * MINUTE)) == 1
    await store.write(lambda tx: messages.forget(tx, person.id))
    assert await recent() == []


async def test_one_leads_until_the_time_is_up_or_it_is_given_up(store: Store) -> None:
    """A role is held by one; it can be prolonged by its holder, and taken once it ran out or was released."""

    async def hold(owner: str) -> bool:
        return await store.write(partial(leadership.hold, role="sender", owner=owner, ttl=2 * MINUTE))

    a_minute_passes = partial(time_passes, by=MINUTE)
    assert await hold("one")
    await store.write(a_minute_passes)
    assert await hold("one")
    await store.write(a_minute_passes)
    assert not await hold("two")
    await store.write(a_minute_passes)
    assert await hold("two")
    assert not await hold("one")
    await store.write(lambda tx: leadership.release(tx, "sender", "one"))
    assert not await hold("one")
    await store.write(lambda tx: leadership.release(tx, "sender", "two"))
    assert await hold("one")
