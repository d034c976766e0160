"""What a process that died was holding is free for the next one."""

from datetime import timedelta
from pathlib import Path

from storage import leadership, outbox
from storage.records import OnUnknown
from storage.store import Tx, open_store
from tests.driver import world_at


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

        settings = world.settings
        async with open_store(settings.database_url, settings.key_store_url, settings.master_key_file) as store:
            await store.write(die_holding)
        async with world.running():
            await world.settled()
            assert kim.screen.startswith("There has been no comparison for six weeks.")
