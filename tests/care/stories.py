"""Stories of non-interference: how they come about, and how they are told."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from tests.care import beginnings
from tests.care.cast import CODE, Twin
from tests.care.house import House, house_at, without_inbox
from tests.care.in_memory import run
from tests.care.measured import scripted_results
from tests.care.moves import READS, SECRETS, look_around
from tests.care.scripts import Script, Secret, Step, dice_of
from tests.care.together import SHARED
from tests.care.twins import Twins

LAST_LOOK = timedelta(days=4)
"""How long the reader waits in the end for what still comes by itself."""
WAITS = (0, 1, 5, 30, 180, 600, 1440, 2 * 1440, 4 * 1440, 7 * 1440)
"""Minutes between two steps: from a breath to a week."""
MOST_STEPS = 8
MOST_SECRETS = 3


def _rows(*tables: Mapping[str, tuple[int, Any]]) -> tuple[str, ...]:
    return tuple(name for table in tables for name, (weight, _) in table.items() for _ in range(weight))


SECRET_ROWS, OPEN_ROWS = _rows(SECRETS), _rows(READS, SHARED)


def scripted(dice: Random) -> Script:
    """Any story."""

    def secrets() -> tuple[Secret, ...]:
        return tuple(
            Secret(dice.randrange(100), dice.choice(SECRET_ROWS), dice.randrange(2**16))
            for _ in range(dice.randrange(MOST_SECRETS))
        )

    steps = tuple(
        Step(dice.choice(WAITS), (secrets(), secrets()), dice.choice(OPEN_ROWS), dice.randrange(2**16))
        for _ in range(dice.randrange(1, MOST_STEPS))
    )
    return Script(dice.choice(tuple(beginnings.BEGINNINGS)), dice.random() < 0.5, steps)


async def play(twins: Twins, script: Script) -> None:
    """Tell a story in both worlds.

    Raises:
        Leak: The reader can tell the worlds apart.
    """
    for step in script.steps:
        await _step(twins, step)
    await twins.until(twins.now + LAST_LOOK)
    await twins.agree()
    for twin in twins.pair:
        await look_around(twin)
    twins.compare("in the end")


async def _step(twins: Twins, step: Step) -> None:
    begin, while_ = twins.now, timedelta(minutes=step.minutes)
    for twin, secrets in zip(twins.pair, step.secrets, strict=True):
        for secret in sorted(secrets, key=lambda one: one.after):
            await twin.world.until(begin + while_ * (secret.after / 100))
            await SECRETS[secret.move][1](twin, dice_of(secret.seed))
    await twins.until(begin + while_)
    await twins.agree()
    if step.move in READS:
        for twin in twins.pair:
            await READS[step.move][1](twin, dice_of(step.seed))
    else:
        await SHARED[step.move][1](twins, dice_of(step.seed))
    await twins.until(twins.now)
    twins.compare(step.move)


@contextmanager
def in_memory(script: Script) -> Iterator[Twins]:
    """Both worlds in memory, at the beginning of a story."""
    moment, link = beginnings.told(script.beginning)
    with without_inbox(), scripted_results():
        yield Twins((_twin(house_at(moment, 0), script, link), _twin(house_at(moment, 1), script, link)))


def _twin(house: House, script: Script, link: str) -> Twin:
    names = ("Kim", "Noor") if script.kim_reads else ("Noor", "Kim")
    reader, other = (house.person(name) for name in names)
    house.readers = frozenset({reader.user_id})

    told: list[str] = []

    def got() -> list[object]:
        # What was heard is only ever added to, and looked at after every step.
        heard = house.stand_in.heard.get(reader.user_id, [])
        told.extend(CODE.sub("CODE", repr(one)) for one in heard[len(told) :])
        return [*told, house.planned_for(reader.user_id)]

    return Twin(house, house.store.read, reader, other, got, link if script.kim_reads else "")


def tell(script: Script) -> None:
    """Tell a story in both worlds, in memory.

    Raises:
        Leak: The reader can tell the worlds apart.
    """
    with in_memory(script) as twins:
        run(play(twins, script))


def first_to_find(numbers: Iterable[int]) -> int | None:
    """The first of these stories that tells the worlds apart, or None."""
    for number in numbers:
        try:
            tell(scripted(dice_of(number)))
        except Exception:  # noqa: BLE001 -- an error in one of the worlds tells them apart as well
            return number
    return None
