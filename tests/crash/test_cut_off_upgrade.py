"""An upgrade of the tables that is cut off: the old ones are whole, and the next start upgrades them."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from bot.settings import SQLITE
from storage.migrate import current, head
from tests.crash.mortal import Fate
from tests.crash.process import alive
from tests.driver import TOKEN
from tests.processes import environment
from tests.versions.record import FILES

pytestmark = pytest.mark.faulty

LEFT_BEHIND = sorted((Path(__file__).parent.parent / "versions").glob("*/data.sqlite"))


@pytest.mark.parametrize("data", LEFT_BEHIND, ids=lambda path: path.parent.name)
async def test_an_upgrade_that_is_cut_off_is_made_by_the_next_start(tmp_path: Path, data: Path) -> None:
    """Killed before its commit, an upgrade leaves a tagged version's tables and rows; the next start has both, upgraded."""
    for name, kept_as in FILES.items():
        shutil.copy(data.parent / kept_as, tmp_path / name)
    (tmp_path / "master.key").chmod(0o600)
    url = f"{SQLITE}{tmp_path / 'data.db'}"
    before = (await current(url), _pictures(tmp_path))
    assert before[0] != head()
    there = StandIn(TOKEN)
    async with serving(create_app(there), there) as address:
        settings = environment(
            BOT_TOKEN=TOKEN,
            BOT_API_URL=address,
            DATABASE_URL=url,
            KEY_STORE_URL=f"{SQLITE}{tmp_path / 'keys.db'}",
            MASTER_KEY_FILE=str(tmp_path / "master.key"),
        )
        fate = Fate("the tables are made, not committed")
        async with alive(tmp_path, settings, fate) as process:
            await process.end()
            assert process.died_at == fate.point, process.complained()
        assert (await current(url), _pictures(tmp_path)) == before
        async with alive(tmp_path, settings) as process:
            await process.until_it_runs()
            assert await process.stop() == 0
    assert (await current(url), _pictures(tmp_path)) == (head(), before[1])


def _pictures(folder: Path) -> list[tuple[int, bytes]]:
    with closing(sqlite3.connect(folder / "data.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = connection.execute("SELECT id, result FROM check_in ORDER BY id").fetchall()
    assert found, "nothing was left behind"
    return found
