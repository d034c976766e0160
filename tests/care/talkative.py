"""Everything that the program and its libraries would write at their most talkative, past the filter that redacts it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from bot.telegram.redaction import redact
from tests.driver import TOKEN

NAME, SAID = "Quixotilda", "marzipan-heartbreak"
SECRETS = (TOKEN, TOKEN.partition(":")[2], NAME, SAID)
"""What may stand in no line."""


@contextmanager
def talkative() -> Iterator[io.StringIO]:
    """Let every logger that there is write from DEBUG on; what came out of the handler grows."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    loggers = [root, *(one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger))]
    levels = [one.level for one in loggers]
    redact(TOKEN, [handler])
    for one in loggers:
        one.setLevel(logging.DEBUG)
    root.addHandler(handler)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


def told(text: str) -> list[str]:
    """Which secrets stand in a text."""
    return [secret for secret in SECRETS if secret in text]
