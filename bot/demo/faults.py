"""Faults that a test declares beforehand, so that nothing needs to be patched."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.demo.errors import Json, refusal, too_many_requests


@dataclass(frozen=True, slots=True)
class Instead:
    """Another answer, and the call is not carried out.

    Attributes:
        status: The HTTP status.
        body: The JSON body.
    """

    status: int
    body: Json


@dataclass(frozen=True, slots=True)
class CutBefore:
    """The connection breaks before the call is carried out."""


@dataclass(frozen=True, slots=True)
class CutAfter:
    """The call is carried out, and the connection breaks before the answer."""


@dataclass(frozen=True, slots=True)
class Late:
    """The call is carried out, and the answer comes late: a caller with a shorter patience sees a read timeout.

    Attributes:
        seconds: How late, in real time.
    """

    seconds: float


@dataclass(frozen=True, slots=True)
class Garbled:
    """The call is carried out, and the answer is not JSON."""


@dataclass(frozen=True, slots=True)
class Page:
    """Something in between answers with a page of its own, and the call is not carried out.

    Attributes:
        status: The HTTP status.
    """

    status: int


What = Instead | CutBefore | CutAfter | Late | Garbled | Page
EVERY_METHOD: Final = "*"


def retry_after(seconds: int) -> Instead:
    """429: too many requests, wait so many seconds."""
    return Instead(429, too_many_requests(seconds).as_json())


def server_error(status: int = 500) -> Instead:
    """500, 502 and their like."""
    return Instead(
        status, refusal(status, {500: "Internal Server Error", 502: "Bad Gateway"}.get(status, "Server Error"))
    )


@dataclass(slots=True)
class _Rule:
    method: str
    what: What
    chat_id: int | None
    left: int


@dataclass(slots=True)
class Faults:
    """The faults still to come, first declared, first used."""

    _rules: deque[_Rule] = field(default_factory=deque)

    def add(self, method: str, what: What, *, chat_id: int | None = None, times: int = 1) -> None:
        """Declare a fault.

        Args:
            method: The method that it meets, or ``EVERY_METHOD``.
            what: What happens.
            chat_id: Only calls for this chat; None for all.
            times: How many calls it meets.
        """
        self._rules.append(_Rule(method.lower(), what, chat_id, times))

    def clear(self) -> None:
        """Forget what was declared and has not happened."""
        self._rules.clear()

    def left(self) -> int:
        """How many calls are still to be met."""
        return sum(rule.left for rule in self._rules)

    def take(self, method: str, params: Mapping[str, object]) -> What | None:
        """The fault that meets this call, used up by it; None if there is none."""
        for rule in self._rules:
            meets = rule.method in (EVERY_METHOD, method.lower())
            if meets and (rule.chat_id is None or str(rule.chat_id) == str(params.get("chat_id"))):
                rule.left -= 1
                if rule.left <= 0:
                    self._rules.remove(rule)
                return rule.what
        return None
