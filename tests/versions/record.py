"""Record what a tagged version leaves behind: its files, and every button that is still on somebody's phone.

Run it once at each tag, in a checkout of that tag, and keep the folder: ``python -m tests.versions.record FOLDER``.
"""

import asyncio
import json
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from storage import inbox
from storage.store import open_store
from tests.driver import Person, World, buttons_of, text_of, world_at
from tests.pairs import answer_and_show, begin, compare_first, pair, tell_city

FILES = {"data.db": "data.sqlite", "keys.db": "keys.sqlite", "master.key": "master.txt"}
"""Under names that no rule keeps out of a repository."""

LOOK_AROUND = (
    "/settings",
    "/privacy",
    "/about",
    "/help",
    "/safety",
    "/starter",
    "/picture",
    "/compare",
    "/invite",
    "/leave",
)


class Album:
    """Every button that somebody ever had in front of them."""

    def __init__(self) -> None:
        self.seen: dict[str, dict[str, str]] = {}

    def look(self, world: World) -> None:
        """Take note of what is on the phones now."""
        for name, person in world.people.items():
            for message in person.from_bot:
                for button in buttons_of(message):
                    if "callback_data" in button:
                        self.seen.setdefault(name, {})[button["callback_data"]] = button["text"]


async def tell(world: World, album: Album) -> None:
    """People in the middle of everything."""
    settled = world.settled

    async def settled_and_seen() -> None:
        await settled()
        album.look(world)

    world.settled = settled_and_seen  # type: ignore[method-assign]
    kim, noor = await pair(world, cities=("Berlin", "New York"))
    await compare_first(world, kim, noor)
    ada, ben, cleo = world.person("Ada"), world.person("Ben"), world.person("Cleo")
    await begin(ada)
    await tell_city(ada, "Tokyo")
    for command in LOOK_AROUND:
        for person in (ada, kim):
            await person.send(command)
    await ada.send("/invite")
    await ada.tap("Ada")
    await ben.send("/start")
    await ben.tap("I'm 18 or over, let's begin")
    for _ in range(11):
        await ben.tap("Half true")
    await cleo.send("/start")
    await world.pass_time(timedelta(days=5))
    await answer_and_show(noor, "Sizes")
    await begin_week(kim)


async def begin_week(kim: Person) -> None:
    """Answer three statements of a week."""
    await kim.send("/checkin")
    if "Begin" in kim.labels:
        await kim.tap("Begin")
    for _ in range(3):
        await kim.tap("Mostly true")


async def record(folder: Path) -> None:
    """Tell the story and keep what it leaves behind."""
    folder.mkdir(parents=True, exist_ok=True)
    album = Album()
    with TemporaryDirectory() as temporary:
        where = Path(temporary)
        async with world_at(where) as world:
            async with world.running():
                await tell(world, album)
            ben = world.people["Ben"]
            message, data = ben._button("Very true", None)
            world.stand_in.tap(ben.user_id, message["message_id"], data)
            (waiting,) = world.stand_in.pending_updates()
            kept = [(waiting["update_id"], ben.user_id, json.dumps(waiting))]
            place = (world.settings.database_url, world.settings.key_store_url, world.settings.master_key_file)
            async with open_store(*place) as store:
                await store.write(lambda tx: inbox.store(tx, kept, world.clock.now()))
            for name, kept_as in FILES.items():
                shutil.copy(where / name, folder / kept_as)
            phones = {name: _phone(person, album.seen.get(name, {})) for name, person in world.people.items()}
            content = {"now": world.clock.now().isoformat(), "next_update": waiting["update_id"] + 1, "phones": phones}
            (folder / "phones.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _phone(person: Person, seen: dict[str, str]) -> dict[str, Any]:
    return {
        "user_id": person.user_id,
        "messages": [
            {
                "message_id": message["message_id"],
                "text": text_of(message),
                "picture": "photo" in message,
                "buttons": [button for button in buttons_of(message) if "callback_data" in button],
            }
            for message in person.from_bot
        ],
        "seen": seen,
    }


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1])))
