"""Why there is no comparison cannot be told: the partner's chat is the same, byte for byte, whatever the cause."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.demo.standin import Request
from tests.beginnings import compared_far_apart, since
from tests.driver import Person, World
from tests.pairs import (
    CLOSED,
    MIDWEEK,
    SILENCE,
    Seen,
    answer,
    answer_and_show,
    chat_of,
)
from tests.talks import ask, thank

IN_A_HURRY = ("Very true",)
CHANCE = ("photo", "message_id")
"""Telegram's names of pictures, and its numbers of messages as only the bot gets them."""

SATURDAY_NOON = datetime(2027, 1, 16, 12, tzinfo=UTC)
SUNDAY_EVENING = datetime(2027, 1, 17, 18, 30, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2027, 1, 17, 20, tzinfo=UTC)
REVEAL_HOUR = datetime(2027, 1, 20, 0, tzinfo=UTC)
"""Tuesday 19:00 in New York, 48 hours after the later slot."""

MIDWEEK_HOUR = datetime(2027, 1, 21, 18, tzinfo=UTC)
"""Four days after the round began, when both are awake."""

A_WEEK = timedelta(weeks=1)


async def does_nothing(_noor: Person) -> None:
    """Does nothing at all."""


async def answers_only(noor: Person) -> None:
    """Answers, and makes no choice."""
    await answer(noor)


async def shows_nothing(noor: Person) -> None:
    """Answers, and chooses to show nothing."""
    await answer_and_show(noor, "Nothing")


async def changes_mind(noor: Person) -> None:
    """Shows everything, and takes it back."""
    await answer_and_show(noor, "Sizes and words")
    await noor.tap("Change")
    await noor.tap("Nothing")
    await noor.tap("Share this")


async def is_doubtful(noor: Person) -> None:
    """Keeps answers that were given without reading."""
    await answer(noor, IN_A_HURRY)
    await noor.tap("Keep these answers")


async def pauses(noor: Person) -> None:
    """Switches the weekly messages off."""
    await noor.send("/settings")
    await noor.tap("Pause")


async def leaves(noor: Person) -> None:
    """Leaves the pair."""
    await noor.send("/leave")
    await noor.tap("Leave")


async def leaves_for_another(noor: Person) -> None:
    """Leaves the pair, forms another at once, and compares pictures there."""
    await leaves(noor)
    await noor.send("/invite")
    await noor.tap("Noor")
    sam = noor.world.person("Sam")
    await sam.follow(noor.screen)
    await sam.tap("I choose this freely")
    await sam.tap("Sam")
    await answer_and_show(sam, "Sizes and words")
    await noor.send("/picture")
    await noor.show("Sizes and words")


async def blocks(noor: Person) -> None:
    """Blocks the bot."""
    noor.world.stand_in.block(noor.user_id)
    await noor.world.settled()


async def deletes(noor: Person) -> None:
    """Has everything forgotten."""
    await noor.send("/delete")
    await noor.tap("Yes, delete everything")


Cause = Callable[[Person], Awaitable[None]]
Story = Callable[[World, Person], Awaitable[None]]
ON_SATURDAY: tuple[Cause, ...] = (pauses, leaves, leaves_for_another, blocks, deletes)
ON_SUNDAY: tuple[Cause, ...] = (answers_only, shows_nothing, changes_mind, is_doubtful)


@dataclass(frozen=True, slots=True)
class Got:
    """What a chat got: how it looks in the end, and every call about it, so that what was edited counts too."""

    chat: list[Seen]
    calls: list[tuple[str, Mapping[str, object]]]


_after_silence: dict[str, Got] = {}
"""What Kim gets in each story when Noor does nothing: found out once."""


async def what_kim_gets(folder: Path, cause: Cause, story: Story) -> Got:
    """All that Kim's chat gets in a story, while Noor does something or other before the first Sunday night."""
    async with since(compared_far_apart, folder) as world, world.running():
        kim, noor = world.people["Kim"], world.people["Noor"]
        await world.until(SATURDAY_NOON)
        earlier = len(chat_of(kim))
        if cause in ON_SATURDAY:
            await cause(noor)
        await world.until(SUNDAY_EVENING)
        if cause in ON_SUNDAY:
            await cause(noor)
        await world.until(SUNDAY_NIGHT)
        await story(world, kim)
        return Got(chat_of(kim)[earlier:], _about(kim, world.stand_in.requests))


def _about(kim: Person, calls: Iterable[Request]) -> list[tuple[str, Mapping[str, object]]]:
    return [
        (call.method, {name: value for name, value in call.params.items() if name not in CHANCE})
        for call in calls
        if call.params.get("chat_id") == str(kim.user_id)
    ]


async def two_weeks(world: World, kim: Person) -> None:
    """Kim answers and shows each week, says thanks, offers a talk, and looks wherever something of Noor might be seen."""
    await answer_and_show(kim, "Sizes and words")
    await thank(kim)
    await ask(kim)
    for command in ("/compare", "/starter", "/invite", "/settings", "/start", "/picture"):
        await kim.send(command)
    await world.until(SUNDAY_NIGHT + timedelta(days=6))
    for command in ("/compare", "/checkin", "/menu", "/talk", "/thanks", "/leave"):
        await kim.send(command)
    await world.until(SUNDAY_NIGHT + A_WEEK)
    await answer_and_show(kim, "Sizes")
    await world.until(REVEAL_HOUR + A_WEEK + timedelta(hours=1))


async def until_closed(world: World, kim: Person) -> None:
    """Kim goes on for six rounds in which nothing opens, and looks around then."""
    await world.until(REVEAL_HOUR + 5 * A_WEEK + timedelta(hours=1))
    for command in ("/menu", "/compare", "/checkin"):
        await kim.send(command)


async def _got_and_expected(folder: Path, cause: Cause, story: Story) -> tuple[Got, Got]:
    name = story.__name__
    if name not in _after_silence:
        (folder / "silence").mkdir()
        _after_silence[name] = await what_kim_gets(folder / "silence", does_nothing, story)
    return await what_kim_gets(folder, cause, story), _after_silence[name]


@pytest.mark.parametrize("cause", [*ON_SATURDAY, *ON_SUNDAY], ids=lambda cause: cause.__name__)
async def test_two_weeks_are_the_same_whatever_the_cause(tmp_path: Path, cause: Cause) -> None:
    """Whatever keeps the other from showing, a person's chat gets the same calls at the same seconds."""
    got, expected = await _got_and_expected(tmp_path, cause, two_weeks)
    assert got.chat == expected.chat
    assert got.calls == expected.calls
    silent = [one.at for one in got.chat if one.text.startswith(SILENCE)]
    assert {REVEAL_HOUR, REVEAL_HOUR + A_WEEK} <= set(silent)
    assert [one.at for one in got.chat if one.text.startswith(MIDWEEK)] == [MIDWEEK_HOUR]


@pytest.mark.parametrize("cause", [leaves, blocks])
async def test_a_pair_closes_in_the_same_way_whatever_the_cause(tmp_path: Path, cause: Cause) -> None:
    """After six rounds without a comparison a pair closes with one message, at the same hour, whatever the cause."""
    got, expected = await _got_and_expected(tmp_path, cause, until_closed)
    assert got == expected
    assert [one.at for one in got.chat if one.text.startswith(CLOSED)] == [REVEAL_HOUR + 5 * A_WEEK]
