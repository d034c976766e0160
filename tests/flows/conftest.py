"""One world a story; what a story must not leave behind is looked for after each."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.databases import Place, postgres_place, sqlite_place
from tests.driver import World, world_at
from tests.telegram_models import everything_read


@pytest.fixture(autouse=True)
def _nothing_went_wrong(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever people do, the program logs no error; tests of what does go wrong are marked `faulty`."""
    yield
    if request.node.get_closest_marker("faulty"):
        return
    wrong = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert not wrong, wrong


@pytest.fixture(autouse=True)
def _everything_is_telegrams_own() -> Iterator[None]:
    """Every call of the bot, and every answer and update of the stand-in, is as an independent library describes it."""
    with everything_read() as wrong:
        yield
    assert not wrong, wrong[:10]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Where the data lies: the stories that everything hangs on are told on both databases."""
    if request.param == "sqlite":
        yield sqlite_place(tmp_path)
    else:
        with postgres_place(tmp_path) as found:
            yield found


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world with the program running, on SQLite."""
    async with world_at(tmp_path) as found, found.running():
        yield found


@pytest.fixture
async def either_world(place: Place, tmp_path: Path) -> AsyncIterator[World]:
    """The same, on each of both databases."""
    async with world_at(tmp_path, place=place) as found, found.running():
        yield found
