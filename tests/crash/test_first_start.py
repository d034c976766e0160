"""The very first start, cut off at every step: the next one founds what is missing and loses nothing."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from bot.settings import SQLITE
from tests.crash.mortal import Fate
from tests.crash.points import FOUNDING
from tests.crash.process import alive
from tests.databases import MASTER, postgres_url
from tests.driver import TOKEN, buttons_of
from tests.processes import environment, running, until

pytestmark = pytest.mark.faulty

KIM = 5_000_000_001
_names = count(1)


def _sqlite(folder: Path) -> dict[str, str]:
    return {"DATABASE_URL": f"{SQLITE}{folder / 'new.db'}"}


def _postgres(folder: Path) -> dict[str, str]:
    master = folder / "master.key"
    master.write_text(MASTER)
    number = next(_names)
    return {
        "DATABASE_URL": postgres_url(f"first_data_{number}"),
        "KEY_STORE_URL": postgres_url(f"first_keys_{number}"),
        "MASTER_KEY_FILE": str(master),
    }


@pytest.mark.parametrize("where", [_sqlite, _postgres])
async def test_a_first_start_that_is_cut_off_is_finished_by_the_next(
    tmp_path: Path, where: Callable[[Path], dict[str, str]]
) -> None:
    """Wherever the founding of tables, keys and the first day stops, somebody who wrote meanwhile is answered in the end."""
    there = StandIn(TOKEN)
    there.add_user(KIM, "Kim")
    settings = {"BOT_TOKEN": TOKEN, "OPEN_TO": "everyone", **where(tmp_path)}
    async with serving(create_app(there), there) as address:
        settings["BOT_API_URL"] = address
        there.say(KIM, "/start")
        for point in FOUNDING:
            async with alive(tmp_path, environment(**settings), Fate(point.name)) as process:
                await process.end()
                assert process.died_at == point.name, process.complained()
        async with running("run", folder=tmp_path, **settings) as bot:
            await bot.until("Stop with Ctrl+C.")
            await until(lambda: any(buttons_of(message) for message in there.messages(KIM)))
            assert (await bot.stop())[0] == 0
