"""Keeps the token out of the logs: it is part of every address that the bot calls."""

import logging
import traceback
from collections.abc import Iterable

SCRUBBED = "[token]"

LOUD = ("aiohttp", "telegram")
"""Libraries that name addresses or whole messages below WARNING."""

LOUDER = ("telegram.request",)
"""Logs an answer that it cannot read, word by word, as an error; the caller sees the error anyway."""


class Redaction(logging.Filter):
    """Takes a secret out of messages and tracebacks, on the handler it is put on."""

    def __init__(self, token: str) -> None:
        """Keep what must not be seen.

        Args:
            token: The bot's token. Its second half alone is a secret too, however the colon is written.
        """
        super().__init__()
        half = token.partition(":")[2]
        self._secrets = tuple(secret for secret in (token, half) if secret)

    def filter(self, record: logging.LogRecord) -> bool:
        """Scrub the record and let it pass."""
        record.msg = self._scrub(record.getMessage())
        record.args = ()
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
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


def redact(token: str, handlers: Iterable[logging.Handler] | None = None) -> None:
    """Scrub the token from all that is logged, and quiet the libraries that would write it.

    Args:
        token: The bot's token.
        handlers: Where logs come out; the root logger's handlers if not given.
    """
    scrub = Redaction(token)
    for handler in logging.getLogger().handlers if handlers is None else handlers:
        handler.addFilter(scrub)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in LOUDER:
        logging.getLogger(name).setLevel(logging.CRITICAL)
