"""What a bot carries that asks Telegram for updates and keeps its data in a file."""

from pathlib import Path

from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from storage.store import open_store
from tests.databases import sqlite_place
from tests.driver import TOKEN, text_of
from tests.processes import running, until

KIM = 5_000_000_001

NOT_NEEDED = (
    "alembic",
    "asyncpg",
    "bot.demo",
    "click",
    "numpy",
    "pygments",
    "rich",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.orm",
    "starlette",
    "telegram.ext",
    "uvicorn",
)
"""What other ways to run the bot load: with PostgreSQL, a webhook, metrics, older tables, as the demo; and what none uses."""


def loaded(written: str) -> set[str]:
    """The modules that Python says it imported: the last column of its table on standard error."""
    return {line.rsplit("|", 1)[1].strip() for line in written.splitlines() if line.startswith("import time:")}


async def test_a_polling_bot_on_a_file_loads_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    """When it has answered, no library for another way to run it was imported: each costs memory for as long as it runs."""
    place = sqlite_place(tmp_path)
    async with open_store(place.data, place.keys, place.master):
        pass  # the tables of today, as any start but the first finds them
    there = StandIn(TOKEN)
    there.add_user(KIM, "Kim")
    given = {"DATABASE_URL": place.data, "KEY_STORE_URL": place.keys, "MASTER_KEY_FILE": str(place.master)}
    async with serving(create_app(there), there) as address:
        given |= {"BOT_TOKEN": TOKEN, "BOT_API_URL": address, "OPEN_TO": "everyone", "PYTHONPROFILEIMPORTTIME": "1"}
        async with running("run", folder=tmp_path, **given) as bot:
            there.say(KIM, "/start")
            await until(lambda: any(text_of(said).startswith("Hello") for said in there.messages(KIM)))
            names = loaded(bot.complained())
    assert "bot.telegram.intake" in names
    assert not [
        name for name in names if name.startswith(tuple(f"{part}." for part in NOT_NEEDED)) or name in NOT_NEEDED
    ]
