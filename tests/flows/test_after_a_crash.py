"""What a process that died was holding is free for the next one."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.delivery.courier import Failure
from bot.telegram.panel import Panel, Shown
from storage import leadership, outbox, people
from storage.records import OnUnknown
from storage.store import Store, Tx, open_store
from storage.tables import person
from tests.driver import LINK, World, text_of, world_at

FAREWELL = "Everything about you has been deleted. If you write here again, it begins anew. Take good care."


async def test_the_next_process_does_not_wait_for_the_dead_one(tmp_path: Path) -> None:
    """On SQLite a parcel that a dead sender held goes out as soon as the program is up again."""
    async with world_at(tmp_path) as world:
        async with world.running():
            kim = world.person("Kim")
            await kim.send("/start")
        now = world.clock.now()

        def die_holding(tx: Tx) -> None:
            outbox.put(
                tx, key="closed:1", kind="closed", person_id=1, ref=1, on_unknown=OnUnknown.RETRY, priority=1,
                available_at=now, expires_at=now + timedelta(days=1), now=now,
            )  # fmt: skip
            assert leadership.hold(tx, "sender", "dead", timedelta(hours=1))
            assert outbox.lease(tx, owner="dead", now=now, until=now + timedelta(hours=1), limit=9)

        async with _store(world) as store:
            await store.write(die_holding)
        async with world.running():
            await world.settled()
            assert kim.screen.startswith("There has been no comparison for six weeks.")


async def test_a_question_for_a_name_that_is_painted_again_asks_to_type_it(tmp_path: Path) -> None:
    """What somebody's phone calls them is not kept, so nobody is told to tap it where it stands on no button."""
    async with world_at(tmp_path) as world:
        kim = world.person("Kim")
        async with world.running():
            await kim.send("/start")
            await kim.tap("I'm 18 or over, let's begin")
            await kim.send("/invite")
            assert kim.screen.startswith("What does your partner call you? Tap the name, or type another.")
        async with _store(world) as store:
            await store.write(lambda tx: tx.connection.execute(update(person).values(owed=True)))
        async with world.running():
            await world.settled()
            assert kim.screen.startswith("What does your partner call you? Type the name.")
            await kim.send("Kim")
            assert LINK.search(kim.screen)


async def test_who_was_being_forgotten_hears_that_it_is_done(tmp_path: Path) -> None:
    """A process that dies between forgetting somebody and saying so is followed by one that says so, once."""
    async with world_at(tmp_path) as world:
        kim = world.person("Kim")
        async with world.running():
            await kim.send("/start")
        async with _store(world) as store:
            await store.write(partial(people.forget, person_id=1, now=world.clock.now()))
        for _ in range(2):
            async with world.running():
                await world.settled()
            assert [text_of(message) for message in kim.from_bot[1:]] == [FAREWELL]
        async with _store(world) as store:
            assert await store.read(people.forgotten) == []


async def test_who_is_just_being_told_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tidying up finds people who were left half deleted; whoever is hearing it at this moment is not one of them."""
    async with world_at(tmp_path) as world, world.running():
        kim = world.person("Kim")
        await kim.send("/start")
        await kim.send("/delete")
        shows = Panel.show

        async def shows_while_it_is_tidied(panel: Panel, *args: Any) -> Shown | Failure:
            assert world.bot is not None
            await world.bot.clockwork.run("tidy")
            return await shows(panel, *args)

        monkeypatch.setattr(Panel, "show", shows_while_it_is_tidied)
        await kim.tap("Yes, delete everything")
        assert [text_of(message) for message in kim.from_bot].count(FAREWELL) == 1


async def test_who_was_deleted_before_the_backup_came_back_hears_nothing(tmp_path: Path) -> None:
    """People whom an older copy of the data brings back are deleted again without a word."""
    async with world_at(tmp_path) as world:
        kim = world.person("Kim")
        async with world.running():
            await kim.send("/start")
        async with _store(world) as store:
            await store.destroy_key(1)
        async with world.running():
            await world.settled()
        assert len(kim.from_bot) == 1
        async with _store(world) as store:
            assert await store.read(people.numbers) == set()


def _store(world: World) -> AbstractAsyncContextManager[Store]:
    settings = world.settings
    return open_store(settings.database_url, settings.key_store_url, settings.master_key_file)
