import io
import logging
from collections.abc import Iterator

import pytest

from bot.telegram.redaction import LOUD, LOUDER, SCRUBBED, redact

TOKEN = "123456:AAE-made-up_token"


@pytest.fixture(name="written")
def _written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger with one redacting handler, and what it wrote."""
    levels = {name: logging.getLogger(name).level for name in (*LOUD, *LOUDER)}
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    log = logging.Logger("test")  # noqa: LOG001 -- one that nobody else has
    log.addHandler(handler)
    redact(TOKEN, [handler])
    yield log, stream
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_the_token_is_scrubbed_from_messages_and_arguments(written: tuple[logging.Logger, io.StringIO]) -> None:
    """Neither the words of a message nor its arguments show the token, nor its secret half."""
    log, stream = written
    log.warning("POST https://api.telegram.org/bot%s/getMe", TOKEN)
    log.warning("encoded: %s", TOKEN.replace(":", "%3A"))
    assert TOKEN.split(":")[1] not in stream.getvalue()
    assert f"/bot{SCRUBBED}/getMe" in stream.getvalue()


def test_the_token_is_scrubbed_from_tracebacks(written: tuple[logging.Logger, io.StringIO]) -> None:
    """An exception that names the address is written without the token, with its traceback."""
    log, stream = written
    try:
        raise ValueError(f"no answer from /bot{TOKEN}/getUpdates")  # noqa: TRY301
    except ValueError:
        log.exception("failed", stack_info=True)
    assert TOKEN not in stream.getvalue()
    assert "ValueError: no answer from /bot[token]/getUpdates" in stream.getvalue()
    assert "Traceback" in stream.getvalue()


@pytest.mark.usefixtures("written")
def test_the_libraries_are_quiet() -> None:
    """Libraries that log addresses and whole messages stay silent below a warning."""
    assert logging.getLogger("aiohttp").level == logging.WARNING
    assert not logging.getLogger("telegram.request.BaseRequest").isEnabledFor(logging.ERROR)


def test_root_handlers_are_the_default(written: tuple[logging.Logger, io.StringIO]) -> None:
    """Without handlers given, those of the root logger are covered."""
    del written
    root = logging.getLogger()
    handler = logging.NullHandler()
    root.addHandler(handler)
    try:
        redact(TOKEN)
        assert handler.filters
    finally:
        for each in root.handlers:
            for mine in [one for one in each.filters if type(one).__name__ == "Redaction"]:
                each.removeFilter(mine)
        root.removeHandler(handler)
