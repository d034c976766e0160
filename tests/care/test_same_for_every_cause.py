"""Why there is no comparison cannot be told: the partner's chat is the same, byte for byte, whatever the cause."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.driver import Person, World, world_at
from tests.pairs import answer, answer_and_show, chat_of, compare_first, pair

IN_A_HURRY = ("Very true",)
SATURDAY_NOON = datetime(2027, 1, 16, 12, tzinfo=UTC)
SUNDAY_EVENING = datetime(2027, 1, 17, 18, 30, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2027, 1, 17, 20, tzinfo=UTC)
REVEAL_HOUR = datetime(2027, 1, 20, 0, tzinfo=UTC)
"""Tuesday 19:00 in New York, where the later slot is."""


async def nothing(_noor: Person) -> None:
    """Nothing is done at all."""


async def answers_only(noor: Person) -> None:
    """Answered, and no choice made."""
    await answer(noor)


async def shows_nothing(noor: Person) -> None:
    """Answered, and chose to show nothing."""
    await answer_and_show(noor, "Nothing")


async def changes_mind(noor: Person) -> None:
    """Showed everything, and took it back within the minute."""
    await answer_and_show(noor, "Sizes and words")
    await noor.tap("Change")
    await noor.tap("Nothing")
    await noor.tap("Share this")


async def is_doubtful(noor: Person) -> None:
    """Kept answers that were given in a hurry."""
    await answer(noor, IN_A_HURRY)
    await noor.tap("Keep these answers")


async def pauses(noor: Person) -> None:
    """Switched the weekly messages off."""
    await noor.send("/settings")
    await noor.tap("Pause")


async def leaves(noor: Person) -> None:
    """Left the pair."""
    await noor.send("/leave")
    await noor.tap("Leave")


async def blocks(noor: Person) -> None:
    """Blocked the bot."""
    noor.world.stand_in.block(noor.user_id)
    await noor.world.settled()


async def deletes(noor: Person) -> None:
    """Had everything forgotten."""
    await noor.send("/delete")
    await noor.tap("Yes, delete everything")


Cause = Callable[[Person], Awaitable[None]]
ON_SATURDAY: tuple[Cause, ...] = (pauses, leaves, blocks, deletes)
ON_SUNDAY: tuple[Cause, ...] = (answers_only, shows_nothing, changes_mind, is_doubtful)


async def what_kim_gets(folder: Path, cause: Cause, weeks: int) -> tuple[object, object]:
    """Kim does the same in every story; returns Kim's whole chat and all that was ever sent to it."""
    folder.mkdir()
    async with world_at(folder) as world, world.running():
        kim, noor = await pair(world)
        await compare_first(world, kim, noor)
        await world.until(SATURDAY_NOON)
        if cause in ON_SATURDAY:
            await cause(noor)
        await world.until(SUNDAY_EVENING)
        if cause in ON_SUNDAY:
            await cause(noor)
        await world.until(SUNDAY_NIGHT)
        for week in range(weeks):
            await a_week_of_kim(world, kim, SUNDAY_NIGHT + timedelta(weeks=week))
        return chat_of(kim), sent_to(world, kim)


async def a_week_of_kim(world: World, kim: Person, sunday: datetime) -> None:
    """Kim answers and shows, and looks at everything where something of Noor might be seen."""
    await world.until(sunday)
    await answer_and_show(kim, "Sizes and words")
    for command in ("/compare", "/starter", "/invite", "/settings", "/start", "/picture"):
        await kim.send(command)
    await world.until(sunday + timedelta(days=6))
    for command in ("/compare", "/checkin", "/menu"):
        await kim.send(command)


def sent_to(world: World, kim: Person) -> list[tuple[str, Mapping[str, object]]]:
    """Every call of the Bot API about a chat: also what was edited or taken away meanwhile."""
    return [
        (request.method, {name: value for name, value in request.params.items() if name != "photo"})
        for request in world.stand_in.requests
        if str(request.params.get("chat_id")) == str(kim.user_id)
    ]


@pytest.fixture(scope="module")
def after_silence(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[object, object]]:
    """What Kim gets when Noor does nothing, found out once."""
    del tmp_path_factory
    return {}


@pytest.mark.parametrize("cause", [*ON_SATURDAY, *ON_SUNDAY], ids=lambda cause: cause.__name__)
async def test_two_weeks_are_the_same_whatever_the_cause(
    tmp_path: Path, cause: Cause, after_silence: dict[str, tuple[object, object]]
) -> None:
    """Whatever keeps the other from showing, a person's chat has the same messages at the same seconds."""
    if not after_silence:
        after_silence["known"] = await what_kim_gets(tmp_path / "silence", nothing, weeks=2)
    chat, calls = await what_kim_gets(tmp_path / "cause", cause, weeks=2)
    assert chat == after_silence["known"][0]
    assert calls == after_silence["known"][1]
