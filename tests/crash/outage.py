"""A PostgreSQL server that is killed again and again while the bot and its people work on it."""

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.crash.campaign import SEED, Report, Told, a_minute_passes, nobody, rest
from tests.crash.process import Process
from tests.crash.town import Town, town
from tests.databases import Place, Server

BETWEEN = 1.5
"""Seconds between two kills of the server, at most."""

AWAY = 0.5
"""Seconds that it is away, at most."""

TO_STOP = 0.5
"""Seconds after its return in which the bot stops if it was hit; else it goes on."""

BROKEN = 1
"""The exit code of a bot that something broke under."""


async def outages(
    folder: Path,
    server: Server,
    place: Place,
    *,
    lives: Mapping[str, int],
    kills: int,
    seed: int = SEED,
    report: Report | None = None,
    told: Told = nobody,
) -> Report:
    """Kill the server so often; whoever looks after the bot starts it again when it has stopped.

    What was done and found is added to the report that is given, if one is, even where something breaks it off.
    """
    chance = random.Random(seed)  # noqa: S311 - to look again
    report = Report() if report is None else report
    last = report.server_kills + kills
    async with town(folder, place, seed, lives) as there:
        try:
            while report.server_kills < last:
                await a_minute_passes(there)
                async with there.alive() as process:
                    await process.until_it_runs()
                    while process.lives and report.server_kills < last:
                        await _live(there, process, chance.random() * BETWEEN)
                        await _strike(server, chance)
                        report.server_kills += 1
                        told(report)
                    if not process.lives:
                        report.stops += 1
                        assert await process.end() == BROKEN, process.complained()
                        assert process.complained().strip(), "it stopped without a word"
                await there.books.read()
            await rest(there, report)
        finally:
            report.count(there)
    return report


async def _strike(server: Server, chance: random.Random) -> None:
    """Kill the server, let it be away, start it again, and give the bot time to stop if it was hit."""
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(chance.random() * AWAY)
    await asyncio.to_thread(server.start)
    await asyncio.sleep(TO_STOP)


async def _live(there: Town, process: Process, seconds: float) -> None:
    going_on = asyncio.create_task(there.time_goes_on(process))
    await asyncio.sleep(seconds)
    going_on.cancel()
    with suppress(asyncio.CancelledError):
        await going_on
