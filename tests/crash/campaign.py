"""So many kills of one bot among people, at random instants and at named points; and what they did."""

import asyncio
import itertools
import os
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.crash.mortal import Fate
from tests.crash.points import POINTS
from tests.crash.process import Process
from tests.crash.town import LONGEST, Town, town
from tests.databases import Place
from tests.processes import PATIENCE

SCALE = float(os.environ.get("SCALE", "1"))
RANDOMLY = max(1, round(10 * SCALE))
"""Kills at any instant, besides those at every point."""

PEOPLE = {
    "two who show": 1,
    "one who never shows": 1,
    "two who talk in one room": 1,
    "somebody who passes by": 1,
}

SEED = 20_261_122
PASSAGES = 3
"""A process dies at the first, second or third passage of a point."""

RUNNING_FIRST = 0.6
"""How often a process that dies at any instant is up before; else it may die while it starts."""

A_MINUTE = timedelta(seconds=61)
"""What passes while nothing runs: leases run out, and a change of mind is over."""


@dataclass
class Report:
    """What a campaign did and found.

    Attributes:
        random_kills: At any instant.
        server_kills: How often the database's server was killed.
        stops: How often the bot stopped because of that.
        points: How often it died at each named point.
        acts: Taps and typed words.
        screens: Screens that were waited for and came.
        updates: Updates that were finished.
        parcels: Parcels by what became of them.
        violations: Whatever must not be, in sentences.
    """

    random_kills: int = 0
    server_kills: int = 0
    stops: int = 0
    points: "Counter[str]" = field(default_factory=Counter)
    acts: int = 0
    screens: int = 0
    updates: int = 0
    parcels: "Counter[str]" = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How often it was killed in all."""
        return self.random_kills + self.points.total()

    def count(self, there: Town) -> None:
        """Add what a town's people did, however it ended."""
        self.acts += sum(phone.acts for phone in there.phones.values())
        self.screens += there.screens
        self.updates += len(there.books.updates)
        self.parcels += there.books.counts()


Told = Callable[[Report], None]
"""Who is told after each kill how far it has come."""


def nobody(_report: Report) -> None:
    """Who is told where nobody looks on."""


async def campaign(
    folder: Path,
    place: Place,
    *,
    lives: Mapping[str, int],
    points: Sequence[str],
    randomly: int,
    seed: int = SEED,
    report: Report | None = None,
    told: Told = nobody,
) -> Report:
    """Kill the bot once at each of the points and so often at random, among people; then let everybody rest, and look.

    What was done and found is added to the report that is given, if one is, even where something breaks it off.
    """
    chance = random.Random(seed)  # noqa: S311 - to look again
    turns: list[list[Fate | None]] = [[None] for _ in range(randomly)]
    turns += [_turn(name, chance) for name in points]
    chance.shuffle(turns)
    report = Report() if report is None else report
    async with town(folder, place, seed, lives) as there:
        try:
            for fate in itertools.chain.from_iterable(turns):
                await a_minute_passes(there)
                async with there.alive(fate) as process:
                    await _until_death(there, process, chance, fate)
                report.points.update([fate.point] if fate else [])
                report.random_kills += fate is None
                report.violations += await there.books.damages()
                await there.books.read()
                told(report)
            await rest(there, report)
        finally:
            report.count(there)
    return report


def _turn(name: str, chance: random.Random) -> list[Fate | None]:
    """A death at a point, and the one before it that it needs."""
    before = POINTS[name].follows
    return [Fate(name, chance.randint(1, PASSAGES))] if before is None else [Fate(before), Fate(name)]


async def _until_death(there: Town, process: Process, chance: random.Random, fate: Fate | None) -> None:
    """Let people and time go on until it dies: by its own hand at a point, or killed at any instant."""
    going_on = asyncio.create_task(there.time_goes_on(process))
    try:
        if fate is None:
            if chance.random() < RUNNING_FIRST:
                await process.until_it_runs()
            await asyncio.sleep(chance.random() * LONGEST)
            process.kill()
            await process.end()
        else:
            await there.until(lambda: not process.lives, f"it dies when {fate.point}")
            assert process.died_at == fate.point, (fate, process.died_at, process.complained())
    finally:
        going_on.cancel()
        with suppress(asyncio.CancelledError):
            await going_on


async def a_minute_passes(there: Town) -> None:
    """Nothing runs: leases run out."""
    there.clock.forward_to(there.clock.now() + A_MINUTE)
    await there.books.a_minute_passes()


async def rest(there: Town, report: Report) -> None:
    """Start the bot once more, let everybody end what they are doing, stop it in good order, and look at everything."""
    await a_minute_passes(there)
    async with there.alive() as process:
        await process.until_it_runs()
        await there.rest()
        await until_settled(there)
        assert await process.stop() == 0
    report.violations += await there.books.stuck(there.clock.now())
    report.violations += await there.books.damages()
    report.violations += await there.books.violations(there.stand_in, there.phones, there.partners)


async def until_settled(there: Town) -> None:
    """Wait until nothing is under way any more; what stays is looked at afterwards."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while await there.books.stuck(there.clock.now()):
                await asyncio.sleep(0.05)


def assert_alive(report: Report, points: Sequence[str]) -> None:
    """A campaign in which nothing happened proves nothing."""
    assert report.points.keys() == set(points)
    assert report.kills >= len(points) + report.random_kills
    assert report.acts == report.screens > report.kills
    assert report.parcels["sent"] > 0
