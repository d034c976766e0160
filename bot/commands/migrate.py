"""`python -m bot migrate`: bring the tables up to date, without starting the bot."""

from bot.settings import Settings
from storage.store import open_store


async def migrate(settings: Settings) -> int:
    """Open both databases, which brings them up to date, and close them."""
    async with open_store(settings.database_url, settings.key_store_url, settings.master_key_file):
        print("The tables are up to date.")
    return 0
