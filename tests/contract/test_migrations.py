import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage.connect import on_database
from storage.engine import parse_url
from storage.errors import DatabaseNewer
from storage.migrate import STEPS, check, current, downgrade, head, migrate
from storage.store import open_store
from storage.tables import metadata
from tests.contract.people import add_person
from tests.databases import Place, postgres_url
from tests.processes import ROOT


@pytest.fixture(params=["sqlite", "postgres"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Makes addresses of databases without tables."""

    def make(name: str) -> str:
        if request.param == "sqlite":
            return f"sqlite+aiosqlite:///{tmp_path / name}.db"
        return postgres_url(f"{name}_{abs(hash(tmp_path)) % 10**12}")

    return make


def shape(connection: Connection) -> dict[str, object]:
    """Everything of the tables that the database can tell, with its rules by name."""
    looking = inspect(connection)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"]) for column in looking.get_columns(table)
            ],
            "checks": sorted((str(rule["name"]), rule["sqltext"]) for rule in looking.get_check_constraints(table)),
            "unique": sorted(str(rule["name"]) for rule in looking.get_unique_constraints(table)),
            "indexes": sorted((str(index["name"]), index["unique"]) for index in looking.get_indexes(table)),
            "keys": sorted((str(key["name"]), str(key["options"])) for key in looking.get_foreign_keys(table)),
            "primary": looking.get_pk_constraint(table)["name"],
        }
        for table in sorted(looking.get_table_names())
        if table != "alembic_version"
    }


def test_the_files_are_numbered_as_the_steps_follow_each_other() -> None:
    """What a start reads from the names of the files is what Alembic finds in them, step by step."""
    config = Config()
    config.set_main_option("script_location", str(STEPS.parent))
    walked = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    numbered = sorted((path.stem[1:].partition("_")[0] for path in STEPS.glob("r*.py")), reverse=True)
    assert numbered == walked
    assert head() == walked[0]


async def test_a_start_that_finds_nothing_to_do_does_without_alembic(fresh: Callable[[str], str]) -> None:
    """Where the tables are up to date, what brings them there is not even loaded."""
    url = fresh("ready")
    assert await migrate(url)
    looking = f"import asyncio, sys; from storage.migrate import migrate; asyncio.run(migrate({url!r}))"
    told = await asyncio.create_subprocess_exec(
        sys.executable, "-c", f"{looking}; print('alembic' in sys.modules)", stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    said, _ = await told.communicate()
    assert said.decode().strip() == "False"


async def test_the_steps_lead_to_the_tables(fresh: Callable[[str], str]) -> None:
    """From nothing, the migrations make exactly what tables.py says, rule by rule."""
    migrated, declared = fresh("migrated"), fresh("declared")
    assert await current(migrated) is None
    assert not await check(migrated)
    assert await migrate(migrated)
    assert await current(migrated) == head()
    assert await check(migrated)
    await on_database(parse_url(declared), metadata.create_all)

    def difference(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    assert await on_database(parse_url(migrated), difference) == []
    assert await on_database(parse_url(migrated), shape) == await on_database(parse_url(declared), shape)


async def test_migrating_again_does_nothing(fresh: Callable[[str], str]) -> None:
    """A database that is up to date is left alone."""
    url = fresh("twice")
    assert await migrate(url)
    assert not await migrate(url)


async def test_the_steps_can_be_taken_back(fresh: Callable[[str], str]) -> None:
    """Going back to the beginning leaves no table, and the way up is open again."""
    url = fresh("back")
    await migrate(url)
    await on_database(parse_url(url), lambda connection: downgrade(connection, "base"), foreign_keys=False)
    assert await current(url) is None
    left = await on_database(parse_url(url), lambda connection: inspect(connection).get_table_names())
    assert left == ["alembic_version"]
    assert await migrate(url)


async def test_a_newer_database_is_refused(place: Place) -> None:
    """A database of a newer program is not touched, and the sentence says what to do."""
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    older = text(f"UPDATE alembic_version SET version_num = '{head()}'")  # noqa: S608 - our own revision
    await on_database(parse_url(place.data), lambda connection: connection.execute(newer).rowcount)
    try:
        with pytest.raises(DatabaseNewer, match="revision 9999"):
            async with open_store(*place.settings):
                pass
        with pytest.raises(DatabaseNewer, match="update this one"):
            await check(place.data)
    finally:
        await on_database(parse_url(place.data), lambda connection: connection.execute(older).rowcount)


async def test_a_newer_key_store_is_refused(place: Place) -> None:
    """A key store of a newer program is not touched."""
    async with open_store(*place.settings) as store:
        await add_person(store, 1)
    newer = text("UPDATE key_store SET version = 99")
    await on_database(parse_url(place.keys), lambda connection: connection.execute(newer).rowcount)
    with pytest.raises(DatabaseNewer, match="key store"):
        async with open_store(*place.settings):
            pass


async def test_opening_an_empty_database_makes_its_tables(fresh: Callable[[str], str], tmp_path: Path) -> None:
    """The first start needs no command before it."""
    master = tmp_path / "master.key"
    master.write_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
    async with open_store(fresh("data"), fresh("keys"), master) as store:
        assert (await add_person(store, 1)).id == 1
