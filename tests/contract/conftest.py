"""One suite, two databases: each test that asks for `place` or `store` runs on both."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.store import Store, open_store
from tests.databases import Place, postgres_place, sqlite_place


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty database and an empty key store."""
    if request.param == "sqlite":
        yield sqlite_place(tmp_path)
    else:
        with postgres_place(tmp_path) as found:
            yield found


@pytest.fixture
def sqlite(tmp_path: Path) -> Place:
    """The same, for what only SQLite does."""
    return sqlite_place(tmp_path)


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Place]:
    """The same, for what only PostgreSQL does."""
    with postgres_place(tmp_path) as found:
        yield found


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    """An open store."""
    async with open_store(*place.settings) as opened:
        yield opened
