"""`python -m bot backup FILE` and `restore FILE`: data and keys, in two files that belong in two places."""

from pathlib import Path

from bot.settings import Settings
from storage import backup as copies


def backup(settings: Settings, file: Path) -> int:
    """Copy both while the bot runs or stands still."""
    data, keys = copies.backup(settings.database_url, settings.key_store_url, file)
    print(f"The data: {data}\nThe keys: {keys}")
    print(f"Keep them in different places, and {settings.master_key_file} with the keys: without it nothing opens.")
    return 0


def restore(settings: Settings, file: Path) -> int:
    """Take both back where nothing is yet."""
    copies.restore(settings.database_url, settings.key_store_url, file)
    print(f"Restored. {settings.master_key_file} must be the one that belonged to these keys.")
    return 0
