"""Many stories from one beginning: a world whose program has stopped is copied, and goes on elsewhere."""

import copy
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.driver import World, world_at


@asynccontextmanager
async def going_on(beginning: World, before: Path, folder: Path) -> AsyncIterator[World]:
    """The same world in another folder: the same people, chats, data and time; the program is not running yet.

    Args:
        beginning: A world whose program has stopped.
        before: The folder in which its data lies.
        folder: An empty folder for the copy.
    """
    async with world_at(folder, start=beginning.clock.now()) as world:
        for name in ("data.db", "keys.db", "master.key"):
            shutil.copy(before / name, folder / name)
        old, new = beginning.stand_in._world, world.stand_in._world
        new.users, new.chats, new.files = copy.deepcopy((old.users, old.chats, old.files))
        new.last_message_id = old.last_message_id
        new.updates._next_id = old.updates._next_id
        for name in beginning.people:
            world.people[name] = copy.copy(beginning.people[name])
            world.people[name].world = world
        yield world
