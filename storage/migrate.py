"""Bringing the tables up to date, by program: no alembic.ini, no command line.

Alembic itself is only imported where there is something to do: most starts find nothing, and save a tenth of a second
and nine megabytes.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from storage.connect import on_database
from storage.engine import parse_url
from storage.errors import DatabaseNewer

if TYPE_CHECKING:
    from alembic.config import Config

STEPS: Final = Path(__file__).parent / "migrations" / "versions"
"""A file a step: ``r<revision>_<what>.py``."""
NUMBERED: Final = "r[0-9]*.py"

_LOCK: Final = 7_316_402_955
"""Any number: two processes that start at once on PostgreSQL take turns by it."""


def head() -> str:
    """The revision of the tables that this program knows."""
    return _revisions()[0]


async def current(database_url: str) -> str | None:
    """The revision of a database's tables, or None while there are none."""
    return await on_database(parse_url(database_url), revision_of)


async def migrate(database_url: str) -> bool:
    """Bring a database's tables up to date.

    Returns:
        Whether there was anything to do.

    Raises:
        DatabaseNewer: A newer program has been here.
        CannotOpen: It cannot be reached or written.
    """
    return await on_database(parse_url(database_url), upgrade, foreign_keys=False)


async def check(database_url: str) -> bool:
    """Whether a database's tables are up to date; changes nothing but makes a missing SQLite file.

    Raises:
        DatabaseNewer: A newer program has been here.
        CannotOpen: It cannot be reached or written.
    """
    return await on_database(parse_url(database_url), _known_revision) == head()


def upgrade(connection: Connection) -> bool:
    """Bring the tables of a connection's database up to date; returns whether there was anything to do."""
    if _known_revision(connection) == head():
        return False
    take_turns(connection)
    build(connection, "head")
    return True


def build(connection: Connection, revision: str) -> None:
    """Make the tables of a revision in an older or empty database."""
    from alembic import command  # noqa: PLC0415 -- see above

    command.upgrade(_config(connection), revision)


def take_turns(connection: Connection) -> None:
    """Until the end of this transaction let nobody else make tables in the database; on SQLite nobody else is there."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def downgrade(connection: Connection, revision: str) -> None:
    """Take the tables back to an older revision ("base" removes them)."""
    from alembic import command  # noqa: PLC0415 -- see above

    command.downgrade(_config(connection), revision)


def _known_revision(connection: Connection) -> str | None:
    revision = revision_of(connection)
    if revision is not None and revision not in _revisions():
        raise DatabaseNewer(
            f"The database was used by a newer program (revision {revision}): update this one, or restore a backup "
            "from before."
        )
    return revision


def revision_of(connection: Connection) -> str | None:
    """The revision of the tables of a connection's database, or None while there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return revision


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 -- see above

    config = Config()
    config.set_main_option("script_location", str(STEPS.parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@lru_cache(maxsize=1)
def _revisions() -> tuple[str, ...]:
    """All revisions, the newest first."""
    return tuple(sorted((step.stem[1:].partition("_")[0] for step in STEPS.glob(NUMBERED)), reverse=True))
