import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.outage import is_outage


class Said(Exception):  # noqa: N818
    """What PostgreSQL's driver raises, with a state."""

    def __init__(self, sqlstate: str) -> None:
        """Keep the state."""
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def of_file(code: int) -> DBAPIError:
    """What SQLAlchemy makes of an error of SQLite."""
    error = sqlite3.OperationalError("made up")
    error.sqlite_errorcode = code
    return OperationalError("SELECT 1", None, error)


def of_server(state: str, *, cut: bool = False) -> DBAPIError:
    """What SQLAlchemy makes of an error of PostgreSQL."""
    return DBAPIError("SELECT 1", None, Said(state), connection_invalidated=cut)


@pytest.mark.parametrize(
    "error",
    [
        of_file(sqlite3.SQLITE_FULL),
        of_file(sqlite3.SQLITE_BUSY),
        of_file(sqlite3.SQLITE_IOERR_WRITE),
        of_file(sqlite3.SQLITE_READONLY),
        of_server("53100"),
        of_server("57P01"),
        of_server("08006"),
        of_server("", cut=True),
        ConnectionRefusedError(),
    ],
)
def test_the_database_failed(error: Exception) -> None:
    """A full disk, a lock, a broken line or a server that stops is no mistake of the unit of work."""
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        of_file(sqlite3.SQLITE_ERROR),
        of_file(sqlite3.SQLITE_CONSTRAINT),
        of_server("23505"),
        of_server("40P01"),
        of_server("42703"),
        LookupError(),
    ],
)
def test_the_unit_of_work_failed(error: Exception) -> None:
    """A wrong statement, a broken rule or a deadlock that came twice is the unit's own."""
    assert not is_outage(error)
