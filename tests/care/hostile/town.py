"""A small town in many states, told once, and gone back to from then on."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import cast
from unittest.mock import patch

from bot.scenes import calendar
from storage.keys import Key
from tests import talks
from tests.care.hostile import effects
from tests.care.hostile.house import House
from tests.care.in_memory import run
from tests.driver import A_WEDNESDAY, Person, World, buttons_of, text_of
from tests.pairs import answer, answer_and_show, begin, compare_first, pair, tell_city

SHORT = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
LINKED = re.compile(r"start=([\w-]+)")


@dataclass(frozen=True, slots=True)
class Inhabitant:
    """Somebody who was there before, and what can be stolen from them.

    Attributes:
        user_id: Telegram's number.
        name: Who.
        messages: The numbers of their messages.
        data: What their buttons say.
    """

    user_id: int
    name: str
    messages: tuple[int, ...]
    data: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Town:
    """Everybody, and the bytes in which they are kept.

    Attributes:
        now: The instant.
        data: The database, with triggers.
        keys: The key store, with triggers.
        master: Its master key.
        people: Who lives here.
        codes: Invitations that somebody passed on.
    """

    now: datetime
    data: bytes
    keys: bytes
    master: Key
    people: tuple[Inhabitant, ...]
    codes: tuple[str, ...]


async def _newcomer(world: World) -> None:
    await world.person("Newcomer").send("/start")


async def _mid_walk(world: World) -> None:
    person = world.person("Walker")
    await person.send("/start")
    await person.tap("I'm 18 or over, let's begin")
    for _ in range(9):
        await person.tap("Half true")


async def _inviter(world: World) -> None:
    person = world.person("Inviter")
    await begin(person)
    await person.send("/invite")
    await person.tap("Inviter")
    guest = world.person("Guest")
    await guest.follow(person.screen)
    halfway = world.person("Halfway")
    await halfway.follow(person.screen)
    await halfway.tap("I choose this freely")


async def _typing(world: World) -> None:
    for name, command, label in (("Zoned", "/settings", "Your clock"), ("Coder", "/invite", None)):
        person = world.person(name)
        await begin(person)
        await person.send(command)
        if label:
            await person.tap(label)
    coder = world.person("Reader")
    await coder.send("/start")
    if "I have a code" in coder.labels:
        await coder.tap("I have a code")


async def _new_pair(world: World) -> None:
    await pair(world, cities=None)


async def _answering_pair(world: World) -> None:
    kim, noor = await pair(world, cities=("Berlin", "New York"))
    await noor.send("/checkin")
    await noor.tap("Half true")
    await kim.send("/picture")
    await kim.show("Sizes")


async def _chosen_pair(world: World) -> None:
    kim, noor = await pair(world, cities=("Berlin", "Berlin"))
    await answer_and_show(noor, "Sizes and words")
    await kim.send("/picture")
    await kim.show("Sizes and words")


async def _compared(world: World) -> tuple[Person, Person]:
    kim, noor = await pair(world, cities=("Berlin", "Berlin"))
    await compare_first(world, kim, noor)
    return kim, noor


async def _thanking_pair(world: World) -> None:
    _, noor = await _compared(world)
    await noor.send("/thanks")
    await noor.tap(noor.labels[0])
    await noor.tap("Send it")


async def _pair_in_one_room(world: World) -> None:
    await _compared(world)
    await talks.begin(world, talks.TOGETHER)


async def _asked_pair(world: World) -> None:
    kim, _ = await _compared(world)
    await talks.ask(kim)


async def _talking_pair(world: World) -> None:
    kim, noor = await _compared(world)
    await talks.begin(world)
    speaker = kim if "talk" in kim.screen.lower() else noor
    await speaker.send(talks.MOMENT)


async def _speaking_pair(world: World) -> None:
    kim, noor = await _compared(world)
    await talks.begin(world)
    await talks.speak(kim, noor)


async def _left_pair(world: World) -> None:
    _, noor = await _compared(world)
    await noor.send("/leave")
    await noor.tap("Leave")


async def _gone_pair(world: World) -> None:
    _, noor = await _compared(world)
    await noor.send("/delete")
    await noor.tap("Yes, delete everything")


async def _quiet_pair(world: World) -> None:
    kim, noor = await _compared(world)
    await noor.send("/settings")
    await noor.tap("Pause")
    world.stand_in.block(kim.user_id)
    await world.settled()


async def _alone(world: World) -> None:
    person = world.person("Alone")
    await begin(person)
    await tell_city(person, "Berlin")
    await answer(person)


STATES: tuple[Callable[[World], Awaitable[None]], ...] = (
    _newcomer,
    _mid_walk,
    _inviter,
    _typing,
    _alone,
    _new_pair,
    _answering_pair,
    _chosen_pair,
    _thanking_pair,
    _pair_in_one_room,
    _asked_pair,
    _talking_pair,
    _speaking_pair,
    _left_pair,
    _gone_pair,
    _quiet_pair,
)
"""In the order in which they are told; what waits for a minute to pass comes first."""

OWED: str = "Walker"
"""Whose screen is still owed when the town begins."""


@cache
def town() -> Town:
    """Tell the town's story, once in a process."""
    house = House(A_WEDNESDAY)
    house.found()
    world = cast("World", house)
    # Nobody is spread over minutes: what was chosen opens a minute later.
    with patch.object(calendar, "SPREAD_MINUTES", 0):
        for number, state in enumerate(STATES):
            run(state(world))
            for name in ("Kim", "Noor"):
                if name in house.people:
                    house.people[f"{name} {number}"] = house.people.pop(name)
    people = tuple(_inhabitant(person) for person in house.people.values())
    written = "\n".join(text_of(message) for person in house.people.values() for message in person.from_bot)
    codes = tuple(dict.fromkeys(LINKED.findall(written) + SHORT.findall(written)))
    owed = next(one.user_id for one in people if one.name == OWED)
    house.data.raw.execute("UPDATE person SET owed = 1 WHERE telegram_id = ?", (owed,))
    effects.taken(house.data.raw)
    effects.taken(house.key_store.raw)
    data, keys = house.content()
    return Town(house.clock.now(), data, keys, house.master, people, codes)


def _inhabitant(person: Person) -> Inhabitant:
    return Inhabitant(
        person.user_id,
        person.name,
        tuple(message["message_id"] for message in person.messages) or (1,),
        tuple(
            dict.fromkeys(
                button["callback_data"]
                for message in person.from_bot
                for button in buttons_of(message)
                if "callback_data" in button
            )
        ),
    )
