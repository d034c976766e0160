"""Keeps the token, and whatever people said, out of the logs: errors quote both without being asked."""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

SCRUBBED = "[token]"

LOUD = ("aiohttp", "telegram", "aiosqlite")
"""Libraries that name addresses, whole messages or rows below WARNING."""

LOUDER = ("telegram.request",)
"""Logs an answer that it cannot read, word by word, as an error; the caller sees the error anyway."""

REPEATING = ("asyncio",)
"""Says who failed by repeating what that one was given: only its first words are kept."""


SHORTEST = 8
"""Characters of a secret that is looked for."""

GIVEN = re.compile(r"[\n(<]")
"""Begins what is repeated: an object, a call's arguments, or the lines after the first."""


class Redaction(logging.Filter):
    """Takes a secret out of messages, and the words of errors out of tracebacks, on the handler it is put on."""

    def __init__(self, token: str, *others: str) -> None:
        """Keep what must not be seen.

        Args:
            token: The bot's token. Its second half alone is a secret too, however the colon is written.
            others: Further secrets; one that is so short that any word may hold it is none.
        """
        super().__init__()
        half = token.partition(":")[2]
        long = (other for other in others if len(other) >= SHORTEST)
        self._secrets = tuple(secret for secret in (token, half, *long) if secret)

    def filter(self, record: logging.LogRecord) -> bool:
        """Scrub the record; whether it may pass, which what loud libraries chat may not, whatever level they were set to."""
        if record.levelno < logging.WARNING and _is_of(record, LOUD):
            return False
        said = _without_errors(record)
        record.msg = self._scrub(GIVEN.split(said)[0] if _is_of(record, REPEATING) else said)
        record.args = ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = wordless(record.exc_info[1])
        record.exc_info = None
        if record.exc_text:
            record.exc_text = self._scrub(record.exc_text)
        if record.stack_info:
            record.stack_info = self._scrub(record.stack_info)
        return True

    def _scrub(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, SCRUBBED)
        return text


def _is_of(record: logging.LogRecord, names: Iterable[str]) -> bool:
    return any(record.name == name or record.name.startswith(f"{name}.") for name in names)


def _without_errors(record: logging.LogRecord) -> str:
    """The message, in which an error that was handed in stands as its kind alone."""
    if isinstance(record.args, tuple):
        record.args = tuple(type(each).__name__ if isinstance(each, BaseException) else each for each in record.args)
    return record.getMessage()


def wordless(error: BaseException) -> str:
    """Where an error arose and of which kind it and its causes are, without a word that any of them says.

    An error of the database quotes the values it was given, one of the network the address with the token in it.
    """
    return "\n\nwhich led to this:\n\n".join(_told(each) for each in reversed([*_chain(error)]))


def _told(error: BaseException) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"Traceback (most recent call last):\n{frames}{type(error).__module__}.{type(error).__qualname__}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    now: BaseException | None = error
    while now is not None and now not in seen:
        seen.append(now)
        yield now
        now = now.__cause__ or (None if now.__suppress_context__ else now.__context__)


@contextmanager
def wordless_ends() -> Iterator[None]:
    """Let also an error that nobody catches in a thread or while something is thrown away be told without its words."""
    thread, thrown = threading.excepthook, sys.unraisablehook
    threading.excepthook = lambda given: _complain("A thread ended", given.exc_value)
    sys.unraisablehook = lambda given: _complain("Something could not be thrown away in order", given.exc_value)
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = thread, thrown


def _complain(what: str, error: BaseException | None) -> None:
    logging.getLogger(__name__).error(what, exc_info=error)


def redact(token: str, handlers: Iterable[logging.Handler] | None = None, *, others: Iterable[str] = ()) -> None:
    """Scrub all that is logged, and quiet the libraries that would write what people said.

    Args:
        token: The bot's token.
        handlers: Where logs come out; the root logger's handlers if not given.
        others: Further secrets.
    """
    scrub = Redaction(token, *others)
    for handler in logging.getLogger().handlers if handlers is None else handlers:
        handler.addFilter(scrub)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in LOUDER:
        logging.getLogger(name).setLevel(logging.CRITICAL)
