"""Whether the database itself failed, rather than the unit of work that met it."""

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError

_FILE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOTADB,
    }
)
"""What SQLite says of the file, the disk, or another process (sqlite.org/rescode.html)."""

_PRIMARY: Final = 0xFF
"""The part of SQLite's extended codes that names the kind (same place)."""

_SERVER: Final = ("08", "53", "57", "58")
"""PostgreSQL's classes for the connection, want of room, a server that stops, and the system beneath it
(appendix "PostgreSQL Error Codes")."""


def is_outage(error: BaseException) -> bool:
    """Whether the database failed: its disk, a lock, its connection. The same unit may run well another time.

    Args:
        error: What a unit of work or a query raised.
    """
    if not isinstance(error, DBAPIError):
        return isinstance(error, OSError)
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & _PRIMARY in _FILE
    state = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or state.startswith(_SERVER)
