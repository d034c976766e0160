"""`python -m bot keys rotate`: a new master key; every other key is wrapped anew."""

from bot.settings import Settings
from storage.rotate import rotate as rotate_keys


async def rotate(settings: Settings) -> int:
    """Exchange the master key while the bot stands still."""
    path = await rotate_keys(settings.database_url, settings.key_store_url, settings.master_key_file)
    print(f"The new master key is in {path}. Back it up again; the old one opens only old backups of the keys.")
    return 0
