"""How instants are kept: in whole milliseconds, and never later than they were."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from storage.instants import Instant, to_milliseconds

A_MILLISECOND = timedelta(milliseconds=1)
LAST_OF_A_SECOND = datetime(2026, 11, 28, 17, 12, 31, 999_900, tzinfo=UTC)


def kept(instant: datetime) -> datetime:
    """An instant as it comes back from the database."""
    column, dialect = Instant(), sqlite.dialect()
    found = column.process_result_value(column.process_bind_param(instant, dialect), dialect)
    assert found is not None
    return found


@given(
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them naive
)
@example(LAST_OF_A_SECOND)
def test_an_instant_is_kept_to_the_millisecond_and_never_later(instant: datetime) -> None:
    """What is kept lies less than a millisecond before the instant, within the same second: buttons name rows by it."""
    found = kept(instant)
    assert timedelta() <= instant - found < A_MILLISECOND
    assert int(found.timestamp()) == int(instant.timestamp())


@given(st.integers(min_value=0, max_value=10**13))
def test_what_was_kept_once_is_kept_the_same_again(milliseconds: int) -> None:
    """Whatever came from the database goes back as the same number: seals are bound to it."""
    found = Instant().process_result_value(milliseconds, sqlite.dialect())
    assert found is not None
    assert to_milliseconds(found) == milliseconds


def test_a_naive_instant_is_refused() -> None:
    """Nobody knows when an instant without a zone was."""
    with pytest.raises(ValueError, match="time zone"):
        to_milliseconds(datetime(2026, 11, 28))  # noqa: DTZ001 - that is the point
