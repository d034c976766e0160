import asyncio
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from storage import outbox, tables
from storage.records import OnUnknown, Parcel, Person
from storage.store import Store, Tx
from tests.contract.people import NOW, add_person

MINUTE = timedelta(minutes=1)


def put(tx: Tx, person: Person, key: str = "k", *, on_unknown: OnUnknown = OnUnknown.DROP, order: int = 20) -> bool:
    """A parcel that may go within the hour; its order is its priority and the minutes to wait, as two digits."""
    priority, after = divmod(order, 10)
    return outbox.put(
        tx,
        key=key,
        kind="nudge",
        person_id=person.id,
        ref=5,
        on_unknown=on_unknown,
        priority=priority,
        available_at=NOW + after * MINUTE,
        expires_at=NOW + timedelta(hours=1),
        now=NOW,
    )


async def lease(store: Store, owner: str = "me", now: datetime = NOW, limit: int = 10) -> list[Parcel]:
    """Take what may go, for a minute."""
    return await store.write(lambda tx: outbox.lease(tx, owner=owner, now=now, until=now + MINUTE, limit=limit))


async def state(store: Store, key: str = "k") -> str:
    """What has become of a parcel."""
    query = select(tables.outbox.c.state).where(tables.outbox.c.key == key)
    return str(await store.read(lambda tx: tx.connection.execute(query).scalar_one()))


async def sending(store: Store, on_unknown: OnUnknown = OnUnknown.DROP) -> Parcel:
    """A parcel that was just given to Telegram."""
    person = await add_person(store, 1)
    await store.write(lambda tx: put(tx, person, on_unknown=on_unknown))
    [parcel] = await lease(store)
    assert await store.write(lambda tx: outbox.commit_to_send(tx, parcel, "me", NOW))
    return parcel


async def test_a_key_is_sent_once(store: Store) -> None:
    """The same key put twice is one parcel, also after it was sent."""
    person = await add_person(store, 1)
    assert await store.write(lambda tx: put(tx, person))
    assert not await store.write(lambda tx: put(tx, person))
    [parcel] = await lease(store)
    assert await store.write(lambda tx: outbox.commit_to_send(tx, parcel, "me", NOW))
    assert await store.write(lambda tx: outbox.sent(tx, parcel, 77, NOW))
    assert not await store.write(lambda tx: put(tx, person))
    assert await state(store) == "sent"
    assert await lease(store) == []


async def test_the_urgent_goes_first(store: Store) -> None:
    """Parcels go by priority, then by time; none before its time, none after its end."""
    person = await add_person(store, 1)

    def fill(tx: Tx) -> None:
        put(tx, person, "late", order=21)
        put(tx, person, "early", order=20)
        put(tx, person, "both wait", order=12)
        put(tx, person, "later", order=19)

    await store.write(fill)
    assert await store.read(outbox.next_available) == NOW
    assert await store.read(lambda tx: outbox.open_count(tx, NOW)) == 4
    parcels = await lease(store, now=NOW + 2 * MINUTE)
    assert [parcel.key for parcel in parcels] == ["both wait", "early", "late"]
    assert {parcel.attempts for parcel in parcels} == {1}
    assert await lease(store, now=NOW + timedelta(hours=1)) == []


async def test_who_is_busy_gets_nothing_leased(store: Store) -> None:
    """Parcels of busy people are passed over, however urgent."""
    kim, sam = await add_person(store, 1), await add_person(store, 2)
    await store.write(lambda tx: (put(tx, kim, "hers", order=10), put(tx, sam, "his")))
    take = partial(outbox.lease, owner="me", now=NOW, until=NOW + MINUTE, limit=1)
    assert [parcel.key for parcel in await store.write(lambda tx: take(tx, busy={kim.id}))] == ["his"]
    assert [parcel.key for parcel in await store.write(lambda tx: take(tx, busy={sam.id, 77}))] == ["hers"]


async def test_a_parcel_is_leased_by_one(store: Store) -> None:
    """However many senders take at once, each parcel is taken exactly once."""
    person = await add_person(store, 1)

    def fill(tx: Tx) -> None:
        for number in range(40):
            put(tx, person, f"k{number}")

    await store.write(fill)
    taken = await asyncio.gather(*(lease(store, f"sender {number}", limit=5) for number in range(8)))
    keys = [parcel.key for batch in taken for parcel in batch]
    assert len(keys) == len(set(keys))
    keys += [parcel.key for parcel in await lease(store, limit=40)]
    assert len(set(keys)) == 40


@pytest.mark.parametrize(("owner", "after"), [("another", 0), ("me", 1), ("me", 60)])
async def test_without_a_lease_nothing_is_sent(store: Store, owner: str, after: int) -> None:
    """Another's parcel, or one whose lease or moment has passed, must not be sent."""
    person = await add_person(store, 1)
    await store.write(lambda tx: put(tx, person))
    [parcel] = await lease(store)
    assert not await store.write(lambda tx: outbox.commit_to_send(tx, parcel, owner, NOW + after * MINUTE))
    assert await state(store) == "leased"


async def test_an_expired_lease_is_taken_back_and_the_old_holder_is_fenced_off(store: Store) -> None:
    """Whoever held a parcel before can neither send it nor settle it afterwards."""
    person = await add_person(store, 1)
    await store.write(lambda tx: put(tx, person))
    [old] = await lease(store)
    assert await store.write(lambda tx: outbox.reclaim(tx, NOW)) == []
    assert await state(store) == "leased"
    assert await store.write(lambda tx: outbox.reclaim(tx, NOW + MINUTE)) == []
    [new] = await lease(store, now=NOW + MINUTE)
    assert new.attempts == old.attempts + 1
    late = NOW + MINUTE
    assert not await store.write(lambda tx: outbox.commit_to_send(tx, old, "me", late))
    assert await store.write(lambda tx: outbox.commit_to_send(tx, new, "me", late))
    assert not await store.write(lambda tx: outbox.sent(tx, old, 1, late))
    assert not await store.write(lambda tx: outbox.again(tx, old, late))
    assert not await store.write(lambda tx: outbox.dead(tx, old, "no"))
    assert not await store.write(lambda tx: outbox.unknown(tx, old, "no"))
    assert await state(store) == "sending"


async def test_what_was_not_sent_goes_again_later(store: Store) -> None:
    """A parcel that provably was not sent is available again at the given time, not before."""
    parcel = await sending(store)
    assert await store.write(lambda tx: outbox.again(tx, parcel, NOW + 5 * MINUTE, "429"))
    assert await lease(store, now=NOW + 4 * MINUTE) == []
    [again] = await lease(store, now=NOW + 5 * MINUTE)
    assert again.attempts == 2


async def test_a_refused_parcel_is_dead(store: Store) -> None:
    """What Telegram refuses is not tried again."""
    parcel = await sending(store)
    assert await store.write(lambda tx: outbox.dead(tx, parcel, "403"))
    assert await state(store) == "dead"
    assert await lease(store) == []


@pytest.mark.parametrize(("on_unknown", "becomes"), [(OnUnknown.DROP, "unknown"), (OnUnknown.RETRY, "ready")])
@pytest.mark.parametrize("crashed", [True, False])
async def test_when_nobody_knows_the_row_says_what_to_do(
    store: Store, on_unknown: OnUnknown, becomes: str, *, crashed: bool
) -> None:
    """After a crash or a timeout a nudge is dropped and a comparison goes again."""
    parcel = await sending(store, on_unknown)
    if crashed:
        lost = await store.write(lambda tx: outbox.reclaim(tx, NOW + MINUTE))
        assert lost == ([parcel.id] if on_unknown is OnUnknown.DROP else [])
    else:
        assert await store.write(lambda tx: outbox.unknown(tx, parcel, "timeout", NOW + MINUTE))
    assert await state(store) == becomes
    again = await lease(store, now=NOW + MINUTE)
    assert len(again) == (1 if on_unknown is OnUnknown.RETRY else 0)


async def test_a_late_answer_settles_an_unknown_parcel(store: Store) -> None:
    """An answer that comes after all makes an unknown parcel a sent one."""
    parcel = await sending(store)
    await store.write(lambda tx: outbox.unknown(tx, parcel, "timeout"))
    assert await store.write(lambda tx: outbox.sent(tx, parcel, 77, NOW))
    assert await state(store) == "sent"


async def test_what_comes_too_late_is_buried(store: Store) -> None:
    """A parcel that could not go in its time is dead, and no longer counted as open."""
    person = await add_person(store, 1)
    await store.write(lambda tx: put(tx, person))
    late = NOW + timedelta(hours=1)
    assert await store.read(lambda tx: outbox.open_count(tx, late)) == 0
    assert await store.write(lambda tx: outbox.bury_late(tx, late - timedelta(seconds=1))) == 0
    assert await store.write(lambda tx: outbox.bury_late(tx, late)) == 1
    assert await store.write(lambda tx: outbox.bury_late(tx, late)) == 0
    assert await state(store) == "dead"
    assert await store.read(outbox.next_available) is None


async def test_what_is_not_on_its_way_can_be_called_back(store: Store) -> None:
    """Ready and leased parcels of some kinds are cancelled; their keys stay used."""
    kim, alex = await add_person(store, 1), await add_person(store, 2)
    await store.write(lambda tx: put(tx, kim, "leased"))
    [held] = await lease(store)

    def fill(tx: Tx) -> int:
        put(tx, kim, "ready")
        put(tx, alex, "another's")
        return outbox.cancel_for(tx, kim.id, ["comparison"])

    assert await store.write(fill) == 0
    assert await store.write(lambda tx: outbox.cancel_for(tx, kim.id, ["nudge"])) == 2
    assert not await store.write(lambda tx: outbox.commit_to_send(tx, held, "me", NOW))
    assert not await store.write(lambda tx: put(tx, kim, "ready"))
    assert [parcel.key for parcel in await lease(store)] == ["another's"]


async def test_settled_parcels_are_tidied_away(store: Store) -> None:
    """Old settled parcels are deleted, open ones stay."""
    parcel = await sending(store)
    await store.write(lambda tx: outbox.sent(tx, parcel, 1, NOW))
    other = await add_person(store, 2)
    await store.write(lambda tx: put(tx, other, "open"))
    assert await store.write(lambda tx: outbox.tidy(tx, NOW)) == 0
    assert await store.write(lambda tx: outbox.tidy(tx, NOW + MINUTE)) == 1
    assert await state(store, "open") == "ready"


async def test_what_a_closed_door_kept_goes_again(store: Store) -> None:
    """Whoever is back gets what both waited for and what has not expired: no nudge, nothing refused, nobody else's."""
    person, other = await add_person(store, 1), await add_person(store, 2)
    told = {
        "comparison": (person, OnUnknown.RETRY, outbox.BLOCKED),
        "untried": (person, OnUnknown.RETRY, outbox.UNREACHABLE),
        "nudge": (person, OnUnknown.DROP, outbox.BLOCKED),
        "refused": (person, OnUnknown.RETRY, "Chat not found"),
        "theirs": (other, OnUnknown.RETRY, outbox.BLOCKED),
    }
    for key, (whose, on_unknown, why) in told.items():
        await store.write(lambda tx, key=key, whose=whose, how=on_unknown: put(tx, whose, key, on_unknown=how))
        [parcel] = await lease(store)
        assert await store.write(lambda tx, parcel=parcel, why=why: outbox.dead(tx, parcel, why))
    late = NOW + timedelta(hours=1)
    assert await store.write(lambda tx: outbox.revive(tx, person.id, late)) == 0
    assert await store.write(lambda tx: outbox.revive(tx, person.id, NOW)) == 2
    assert {parcel.key for parcel in await lease(store)} == {"comparison", "untried"}
