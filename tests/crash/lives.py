"""Ways to live with the bot, as scripts that go on while it dies and comes back; `LIVES` is the table."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from tests.crash.one_room import talk_in_one_room
from tests.crash.partners import (
    ANSWERS,
    BEGIN,
    Partner,
    Town,
    begins,
    check_in,
    come_in,
    errand,
    has,
    question,
    share,
    tell_city,
)
from tests.crash.pastimes import PASTIMES, look_around
from tests.crash.phones import Phone, Seen, Shows
from tests.driver import LINK

FAREWELL = "Everything about you has been deleted."

A_BREATH = 0.1
"""Seconds between two pastimes: less than anybody takes, so that a kill meets a tap."""


async def week_after_week(town: Town, me: Partner) -> None:
    """Questions when there are some, pastimes in between, until everybody goes to rest."""
    while not town.resting:
        if me.phone.news:
            await check_in(me)
        elif not town.hushed:
            await me.phone.chance.choice(PASTIMES)(me)
        await asyncio.sleep(A_BREATH)


def _asks_for_a_name(seen: Seen) -> bool:
    return "call you?" in seen.text


async def call_oneself(me: Partner, shows: Shows) -> Seen:
    """Tap one's name where it stands on a button; type it where the question was painted again, since it is not kept."""
    phone = me.phone
    return await (phone.tap(phone.name, shows) if phone.find(phone.name) else phone.say(phone.name, shows))


TALK_CHANCE = 0.3
"""How often two who talk begin to, when nothing else is to be done: a talk is long, and time waits for it."""

Levels = tuple[tuple[str, ...], tuple[str, ...]]
"""The levels that each of two chooses among."""


async def find_each_other(town: Town, phones: list[Phone], shows: Levels) -> tuple[Partner, Partner]:
    """Two people come in, and form a pair."""
    kim, noor = (Partner(phone, levels) for phone, levels in zip(phones, shows, strict=True))
    town.partners += [kim, noor]
    with errand(kim, noor):
        await asyncio.gather(come_in(kim), come_in(noor))
        await kim.phone.say("/invite", _asks_for_a_name)
        card = await call_oneself(kim, lambda seen: LINK.search(seen.text))
        found = LINK.search(card.text)
        assert found is not None
        await noor.phone.say(f"/start {found[1]}", has("I choose this freely"))
        await noor.phone.tap("I choose this freely", _asks_for_a_name)
        await call_oneself(noor, lambda seen: "are a pair now." in seen.text)
        await asyncio.gather(tell_city(kim), tell_city(noor))
        await kim.phone.until_came("paired")
        await asyncio.gather(share(kim), share(noor))
    return kim, noor


async def couple(town: Town, phones: list[Phone], *, shows: Levels) -> None:
    """Two people who live with the bot week after week, each at their own pace."""
    kim, noor = await find_each_other(town, phones, shows)
    await asyncio.gather(week_after_week(town, kim), week_after_week(town, noor))


async def talkers(town: Town, phones: list[Phone], *, shows: Levels) -> None:
    """Two people who talk in one room every now and then, besides their questions."""
    kim, noor = await find_each_other(town, phones, shows)
    kim.ends_talks = noor.ends_talks = True
    while not town.resting:
        if any(one.phone.news for one in (kim, noor)):
            await asyncio.gather(*(check_in(one) for one in (kim, noor) if one.phone.news))
        elif not town.hushed:
            if kim.phone.chance.random() < TALK_CHANCE:
                await talk_in_one_room(*kim.phone.chance.sample((kim, noor), 2))
            await asyncio.gather(look_around(kim), look_around(noor))
        await asyncio.sleep(A_BREATH)


async def passer_by(town: Town, phones: list[Phone]) -> None:
    """Somebody comes in, answers a little, has everything forgotten, and comes again."""
    (phone,) = phones
    while not town.resting:
        await phone.say("/start", has(BEGIN))
        await phone.tap(BEGIN, question(1))
        for number in (1, 2):
            await phone.tap(phone.chance.choice(ANSWERS), question(number + 1), on=question(number))
        await phone.say("/delete", has("Yes, delete everything"))
        await phone.tap("Yes, delete everything", begins(FAREWELL))
        await asyncio.sleep(A_BREATH)


@dataclass(frozen=True, slots=True)
class Life:
    """A way to live with the bot.

    Attributes:
        people: How many live it together.
        lead: The script, with the town and their phones.
    """

    people: int
    lead: Callable[..., Coroutine[Any, Any, None]]


OPEN_LEVELS = ("Sizes and words", "Sizes and words", "Sizes", "Nothing")

LIVES: Mapping[str, Life] = MappingProxyType(
    {
        "two who show": Life(2, partial(couple, shows=(("Sizes and words",), ("Sizes and words", "Sizes")))),
        "two who show at times": Life(2, partial(couple, shows=(OPEN_LEVELS, OPEN_LEVELS))),
        "one who never shows": Life(2, partial(couple, shows=(("Nothing",), OPEN_LEVELS))),
        "two who talk in one room": Life(2, partial(talkers, shows=(OPEN_LEVELS, ("Sizes",)))),
        "somebody who passes by": Life(1, passer_by),
    }
)
"""Everybody's life, by what it is."""
