"""Beginnings that many stories share: each is told once, and every story goes on from a copy of its own."""

import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.driver import A_WEDNESDAY, Person, World, world_at
from tests.pairs import OTHERWISE, answer_and_show, begin, compare_first, pair, tell_city

FILES = ("data.db", "keys.db", "master.key")


@dataclass(frozen=True, slots=True)
class Beginning:
    """A world whose program has stopped, and what its files held then."""

    world: World
    files: dict[str, bytes]


Tell = Callable[[World], Awaitable[object]]
_told: dict[tuple[Tell, datetime], Beginning] = {}


async def kim_alone(world: World) -> None:
    """Kim in Berlin has answered the first form, and is in no pair."""
    kim = world.person("Kim")
    await begin(kim)
    await tell_city(kim, "Berlin")


async def new_pair(world: World) -> None:
    """Kim, who has a picture, and Noor, who has none, form a pair in Berlin."""
    await pair(world, cities=("Berlin", "Berlin"))


async def about_to_compare(world: World) -> None:
    """Kim and Noor, both in Berlin, have chosen to show everything; in a minute it opens."""
    kim, noor = await pair(world, cities=("Berlin", "Berlin"))
    await answer_and_show(noor, "Sizes and words", OTHERWISE)
    await kim.send("/picture")
    await kim.show("Sizes and words")


async def compared_in_berlin(world: World) -> None:
    """Kim and Noor, both in Berlin, have compared their first pictures."""
    await compare_first(world, *await pair(world, cities=("Berlin", "Berlin")))


async def compared_far_apart(world: World) -> None:
    """Kim in Berlin and Noor in New York have compared their first pictures."""
    await compare_first(world, *await pair(world, cities=("Berlin", "New York")))


@asynccontextmanager
async def since(tell: Tell, folder: Path, *, start: datetime = A_WEDNESDAY) -> AsyncIterator[World]:
    """A world in which a beginning has been told; the program is not running yet.

    Args:
        tell: The beginning; told at the first call, copied from then on.
        folder: An empty folder for this story's data.
        start: When the beginning begins.
    """
    if (tell, start) not in _told:
        _told[tell, start] = await _tell(tell, start)
    before = _told[tell, start]
    async with world_at(folder, start=before.world.clock.now()) as world:
        for name, content in before.files.items():
            (folder / name).write_bytes(content)
        _populate(world, before.world)
        yield world


async def _tell(tell: Tell, start: datetime) -> Beginning:
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        async with world_at(folder, start=start) as world:
            async with world.running():
                await tell(world)
            return Beginning(world, {name: (folder / name).read_bytes() for name in FILES})


def _populate(world: World, before: World) -> None:
    old, new = before.stand_in._world, world.stand_in._world
    new.users, new.chats, new.files = copy.deepcopy((old.users, old.chats, old.files))
    new.last_message_id = old.last_message_id
    new.updates._next_id = old.updates._next_id
    for name, person in before.people.items():
        world.people[name] = Person(world, person.user_id, name)
