"""When Telegram was heard of last."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Pulse:
    """When Telegram answered last.

    Attributes:
        monotonic: Seconds that are never set back.
        last: The instant of the last answer, in those seconds; at first that of the start.
    """

    monotonic: Callable[[], float]
    last: float

    def beat(self) -> None:
        """Telegram answered now, or called."""
        self.last = self.monotonic()

    @property
    def age(self) -> float:
        """Seconds since Telegram answered or called."""
        return self.monotonic() - self.last
