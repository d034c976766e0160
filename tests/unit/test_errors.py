from datetime import timedelta

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.delivery.courier import Blocked, Failure, Later, Refused, Unknown
from bot.telegram.aiohttp_request import Cut, PoolFull, Silence, Unreachable
from bot.telegram.errors import NETWORK_PAUSE, TOKEN_PAUSE, cause, classify, trail


def caused(error: TelegramError, by: Exception) -> TelegramError:
    """An error of the library as it wraps one of the network."""
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (RetryAfter(timedelta(seconds=7)), Later(7.0)),
        (RetryAfter(3), Later(3.0)),
        (ChatMigrated(-100), Refused("chat migrated")),
        (Forbidden("bot was blocked by the user"), Blocked()),
        (BadRequest("Chat not found"), Refused("Chat not found")),
        (InvalidToken("Unauthorized"), Later(TOKEN_PAUSE)),
        (caused(NetworkError("unreachable"), Unreachable("")), Later(NETWORK_PAUSE)),
        (caused(TimedOut(), Unreachable("")), Later(NETWORK_PAUSE)),
        (caused(TimedOut(), PoolFull("")), Later(NETWORK_PAUSE)),
        (caused(TimedOut(), Silence("")), Unknown("TimedOut from Silence")),
        (caused(NetworkError("cut"), Cut("")), Unknown("NetworkError from Cut")),
        (NetworkError("Bad Gateway"), Unknown("NetworkError")),
        (Conflict("terminated by other getUpdates request"), Unknown("Conflict")),
        (TelegramError("Invalid server response"), Unknown("TelegramError")),
        (caused(Forbidden("Forbidden (403)"), TelegramError("a page")), Unknown("Forbidden from TelegramError")),
        (caused(BadRequest("Bad Request (400)"), TelegramError("a page")), Unknown("BadRequest from TelegramError")),
        (caused(InvalidToken("Not Found (404)"), TelegramError("a page")), Unknown("InvalidToken from TelegramError")),
    ],
)
def test_every_error_has_one_meaning(error: TelegramError, outcome: Failure) -> None:
    """An error says whether to wait, to give up, or that nobody knows; the narrow kinds are asked first."""
    assert classify(error) == outcome


def test_a_reason_never_quotes_the_message() -> None:
    """Telegram quotes a broken message after a colon; that part is not kept."""
    outcome = classify(BadRequest('Can\'t parse entities: unsupported start tag "kim" at byte offset 3'))
    assert outcome == Refused("Can't parse entities")


def test_a_trail_names_the_place_and_not_the_words() -> None:
    """What is logged of a scene's mistake is its type, file, line and function."""
    try:
        _stumble("Kim said something private")
    except ValueError as error:
        told = trail(error)
    assert told.startswith("ValueError at test_errors.py:")
    assert told.endswith(" in _stumble")
    assert "Kim" not in told


def test_a_trail_without_frames_is_the_type() -> None:
    """An error that was never raised still has a name."""
    assert trail(KeyError("Kim")) == cause(KeyError("Kim")) == "KeyError"


def _stumble(words: str) -> None:
    raise ValueError(words)
