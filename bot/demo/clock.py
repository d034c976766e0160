"""The demo's time: a clock that can be moved forward, and the walk along what is due."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


def _wall() -> datetime:
    return datetime.now(UTC)


class ShiftableClock:
    """Real time plus a shift that only ever grows.

    It implements ``bot.scenes.turn.Clock``, so the whole bot lives in the demo's time.
    """

    def __init__(self, start: datetime | None = None, *, wall: Callable[[], datetime] = _wall) -> None:
        """Start the clock.

        Args:
            start: What the clock shows now, aware; None for the real time.
            wall: Where the real time comes from, aware, in UTC.

        Raises:
            ValueError: If ``start`` has no time zone.
        """
        self._wall = wall
        self._shift = _aware(start) - wall() if start is not None else timedelta()

    def now(self) -> datetime:
        """The demo's wall clock, aware, in UTC."""
        return self._wall() + self._shift

    def monotonic(self) -> float:
        """Real seconds from an arbitrary start: pauses and timeouts are never shifted."""
        return time.monotonic()

    def advance(self, by: timedelta) -> None:
        """Move the clock forward.

        Args:
            by: How far; zero is allowed.

        Raises:
            ValueError: If ``by`` is negative: what has happened cannot become the future.
        """
        if by < timedelta():
            raise ValueError(f"the clock moves forward only, not by {by}")
        self._shift += by

    def forward_to(self, instant: datetime) -> None:
        """Move the clock forward to an instant; an instant that has passed changes nothing.

        Args:
            instant: What the clock shall show, aware.

        Raises:
            ValueError: If ``instant`` has no time zone.
        """
        self._shift += max(timedelta(), _aware(instant) - self.now())


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC)


class Pacemaker(Protocol):
    """What the page needs to know of the bot's plans in order to move the clock over them."""

    async def next_due(self) -> datetime | None:
        """The earliest instant at which something is due, aware; None if nothing is planned."""

    async def settled(self) -> None:
        """Return when all that is due by now has been planned and sent, and inbox and outbox are empty."""


async def to_next(clock: ShiftableClock, pacemaker: Pacemaker) -> datetime | None:
    """Move the clock to the next due instant and let the bot act on it.

    Returns:
        The instant; None, with the clock where it was, if nothing is due.
    """
    due = await pacemaker.next_due()
    if due is not None:
        clock.forward_to(due)
        await pacemaker.settled()
    return due


async def through(clock: ShiftableClock, pacemaker: Pacemaker, until: datetime) -> int:
    """Move the clock to an instant and stop at each due instant on the way, as real time would.

    A due instant that stays due after the bot had its time is passed by, so the walk always ends.

    Args:
        clock: The clock to move.
        pacemaker: What knows the due instants.
        until: Where the walk ends, aware.

    Returns:
        How many due instants it stopped at.
    """
    stops = 0
    latest: datetime | None = None
    while (due := await pacemaker.next_due()) is not None and due <= until and (latest is None or due > latest):
        clock.forward_to(due)
        await pacemaker.settled()
        latest = due
        stops += 1
    clock.forward_to(until)
    await pacemaker.settled()
    return stops
