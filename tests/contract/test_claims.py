import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from storage import claims, inbox
from storage.records import Letter
from storage.store import Store, Tx, open_store
from storage.tables import claim
from tests.contract.people import NOW
from tests.databases import Place
from tests.leases import time_passes

KIM, ALEX = 5_000_000_001, 5_000_000_002
RUN_OUT = partial(time_passes, by=claims.TTL)


async def take(store: Store, owner: str, *chats: int) -> set[int]:
    """Claim chats in a unit of work of their own."""
    return await store.write(partial(claims.take, chats=chats, owner=owner))


async def arrive(store: Store, *updates: tuple[int, int]) -> list[Letter]:
    """Put updates into the inbox: Telegram's number, and the chat's."""
    rows = [(update_id, chat_id, f"payload {update_id}") for update_id, chat_id in updates]
    return await store.write(partial(inbox.store, updates=rows, now=NOW))


async def take_over(store: Store, owner: str, limit: int = 10) -> list[int]:
    """What a process finds that nobody handles, by Telegram's numbers."""
    letters = await store.write(partial(inbox.take_over, owner=owner, now=NOW, limit=limit))
    return [letter.update_id for letter in letters]


async def test_a_chat_belongs_to_one_process_until_it_is_given_back(store: Store) -> None:
    """Who claims a chat first has it; again prolongs it; a second one gets it only when it was given back."""
    assert await take(store, "one", KIM, ALEX) == {KIM, ALEX}
    assert await take(store, "one", KIM) == {KIM}
    assert await take(store, "two", KIM, 7) == {7}
    assert await store.write(partial(claims.release, chat_id=KIM, owner="one"))
    assert await take(store, "two", KIM) == {KIM}
    assert not await store.write(partial(claims.release, chat_id=KIM, owner="one"))
    assert await take(store, "one") == set()


async def test_a_dead_processs_claim_runs_out(store: Store) -> None:
    """Nobody waits longer than the time to live; who was too slow finds that it has lost the chat."""
    await take(store, "dead", KIM)
    await store.write(partial(time_passes, by=claims.TTL - timedelta(seconds=5)))
    assert await take(store, "alive", KIM) == set()
    await store.write(partial(time_passes, by=timedelta(seconds=6)))
    assert await take(store, "alive", KIM) == {KIM}
    assert await take(store, "dead", KIM) == set()
    assert await store.write(partial(claims.renew, chats=[KIM], owner="dead")) == set()


async def test_a_living_processs_claims_are_prolonged(store: Store) -> None:
    """What is renewed in time is kept, and only that."""
    await take(store, "one", KIM, ALEX)
    await store.write(partial(time_passes, by=claims.TTL - timedelta(seconds=5)))
    assert await store.write(partial(claims.renew, chats=[KIM, 7], owner="one")) == {KIM}
    await store.write(partial(time_passes, by=timedelta(seconds=6)))
    assert await take(store, "two", KIM, ALEX) == {ALEX}


async def test_a_process_that_stops_gives_back_its_own(store: Store) -> None:
    """After a stop nobody waits for what it held; the claims of others stay."""
    await take(store, "one", KIM)
    await take(store, "two", ALEX)
    await store.write(partial(claims.release_all, owner="one"))
    assert await take(store, "three", KIM, ALEX) == {KIM}
    await store.write(claims.clear)
    assert await take(store, "four", KIM, ALEX) == {KIM, ALEX}


async def test_claims_that_ran_out_are_forgotten(store: Store) -> None:
    """No chat's number stays in the table after its process died."""
    await take(store, "dead", KIM)
    await store.write(RUN_OUT)
    await take(store, "alive", ALEX)
    assert await store.write(claims.tidy) == 1
    rows = select(claim.c.chat_id)
    assert await store.read(lambda tx: list(tx.connection.execute(rows).scalars())) == [ALEX]


async def test_what_nobody_handles_is_taken_over_in_order(store: Store) -> None:
    """The chat that has waited longest comes first, each with its updates in order; a handled chat is left alone."""
    await arrive(store, (1, KIM), (2, ALEX), (3, KIM), (4, 7), (5, ALEX))
    await take(store, "busy", ALEX)
    assert await take_over(store, "one", limit=1) == [1]
    assert await take_over(store, "two") == [4]
    await store.write(RUN_OUT)
    assert await take_over(store, "three") == [1, 2, 3, 4, 5]
    assert await take_over(store, "four") == []


async def test_no_chat_is_taken_over_without_an_update(store: Store) -> None:
    """What does not fit into one hand is not held back from others."""
    await arrive(store, (1, KIM), (2, KIM), (3, ALEX))
    assert await take_over(store, "one", limit=2) == [1, 2]
    assert await take_over(store, "two") == [3]


async def test_an_update_whose_key_is_gone_is_given_up(store: Store) -> None:
    """What can never be read holds no chat up, and the chat is not held for it."""
    await arrive(store, (1, KIM))
    await store.write(lambda tx: tx.vault.keys.destroy_days(NOW.date() + timedelta(days=1)))
    assert await take_over(store, "one") == []
    assert await store.read(inbox.count_open) == 0
    assert await take(store, "two", KIM) == {KIM}


async def test_waiting_updates_come_in_order_without_those_in_hand(store: Store) -> None:
    """Whoever has some already gets the next ones, as many as wanted."""
    letters = await arrive(store, *((number, KIM if number % 2 else ALEX) for number in range(1, 9)))
    in_hand = {letter.id for letter in letters[:3]}
    query = partial(inbox.waiting, now=NOW, limit=2, without=in_hand)
    assert [letter.update_id for letter in await store.write(query)] == [4, 5]
    of_kim = partial(inbox.waiting, now=NOW, limit=9, chats={KIM})
    assert [letter.update_id for letter in await store.write(of_kim)] == [1, 3, 5, 7]


@pytest.fixture(name="second")
async def _second(postgres: Place, store_there: Store) -> AsyncIterator[Store]:
    """Another process on the database of `store_there`."""
    del store_there  # it comes first
    async with open_store(*postgres.settings) as opened:
        yield opened


@pytest.fixture(name="store_there")
async def _store_there(postgres: Place) -> AsyncIterator[Store]:
    """An open store on PostgreSQL."""
    async with open_store(*postgres.settings) as opened:
        yield opened


async def test_of_two_that_claim_at_once_one_has_it(store_there: Store, second: Store) -> None:
    """However many chats two processes grasp for at the same moment, each chat goes to exactly one."""
    chats = range(1, 60)
    for _ in range(10):
        one, two = await asyncio.gather(take(store_there, "one", *chats), take(second, "two", *reversed(chats)))
        assert one | two == set(chats)
        assert not one & two
        await store_there.write(claims.clear)


async def test_two_that_take_over_at_once_share(store_there: Store, second: Store) -> None:
    """After a death two processes take up all that is open, nothing of it both."""
    await arrive(store_there, *((number, number % 20) for number in range(100)))
    one, two = await asyncio.gather(take_over(store_there, "one", 100), take_over(second, "two", 100))
    assert sorted(one + two) == list(range(100))


async def test_a_unit_that_holds_a_chat_ends_before_it_changes_hands(store_there: Store, second: Store) -> None:
    """Until the commit of whoever was too slow, nobody takes the chat over: so it cannot change anything after that."""
    [letter] = await arrive(store_there, (1, KIM))
    await take(store_there, "slow", KIM)
    await store_there.write(RUN_OUT)
    happened: list[str] = []

    def handle(tx: Tx, owner: str) -> bool:
        if not claims.take(tx, [KIM], owner):
            return False
        tx.connection.execute(select(func.pg_sleep(0.2)))
        happened.append(owner)
        return inbox.done(tx, letter.id, NOW)

    first = asyncio.create_task(store_there.write(partial(handle, owner="slow")))
    await asyncio.sleep(0.1)
    assert await second.write(partial(handle, owner="quick")) is False
    assert await first is True
    assert happened == ["slow"]
