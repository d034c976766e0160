"""How an instant is kept: in whole milliseconds, never later than it was."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

_MILLISECOND: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_milliseconds(instant: datetime) -> int:
    """An aware instant as whole milliseconds since 1970, UTC; never later than it was.

    A button names a row by the second in which it was made: rounded up, the row would belong to the next one, and the first
    tap would be taken for one of long ago.

    Raises:
        ValueError: The instant is naive.
    """
    if instant.tzinfo is None:
        raise ValueError("An instant must be aware: give it a time zone.")
    return (instant - _EPOCH) // _MILLISECOND


def from_milliseconds(value: int) -> datetime:
    """The instant so many milliseconds after the beginning of 1970, UTC."""
    return _EPOCH + value * _MILLISECOND


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as milliseconds since 1970: SQLite would hand back naive datetimes."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """To milliseconds."""
        return None if value is None else to_milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From milliseconds."""
        return None if value is None else from_milliseconds(value)
