"""The stand-in's ways to say no, in the shapes of the Bot API (core.telegram.org/bots/api#making-requests)."""

from typing import Any

Json = dict[str, Any]
"""A JSON object as the Bot API speaks it."""


class ApiError(Exception):
    """A call that is refused, with Telegram's own words.

    Attributes:
        code: The HTTP status and ``error_code``.
        description: What ``description`` says.
        parameters: The ``parameters`` object (such as ``retry_after``), or None.
    """

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def as_json(self) -> Json:
        """The whole answer."""
        return refusal(self.code, self.description, self.parameters)


class ConnectionCutError(Exception):
    """The caller gets no answer: the connection is to be closed without one."""


def refusal(code: int, description: str, parameters: Json | None = None) -> Json:
    """A refusing answer as Telegram writes it."""
    body: Json = {"ok": False, "error_code": code, "description": description}
    return body | ({"parameters": parameters} if parameters else {})


def bad_request(what: str) -> ApiError:
    """400: the call itself is wrong."""
    return ApiError(400, f"Bad Request: {what}")


def forbidden(what: str) -> ApiError:
    """403: the person or the group does not let the bot in."""
    return ApiError(403, f"Forbidden: {what}")


def conflict(what: str) -> ApiError:
    """409: two receivers at once."""
    return ApiError(409, f"Conflict: {what}")


def too_many_requests(seconds: int) -> ApiError:
    """429: wait so many seconds."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
