import io
import logging
from collections.abc import Iterator

import pytest

from bot.telegram.redaction import LOUD, LOUDER, SCRUBBED, Redaction, redact

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


def test_a_traceback_tells_where_and_not_what(written: tuple[logging.Logger, io.StringIO]) -> None:
    """An exception is written with its kind, that of its cause, and where both arose, and without a word of either."""
    log, stream = written
    try:
        try:
            raise KeyError("Quixotilda")  # noqa: TRY301
        except KeyError as error:
            raise ValueError(f"no answer from /bot{TOKEN}/getUpdates") from error
    except ValueError:
        log.exception("failed", stack_info=True)
    said = stream.getvalue()
    assert "Quixotilda" not in said.replace('KeyError("Quixotilda")', "")  # the line of this file is quoted
    assert TOKEN not in said
    assert "builtins.KeyError\n" in said
    assert said.count("Traceback (most recent call last)") == 2
    assert "builtins.ValueError\n" in said


def test_an_error_among_the_arguments_stands_as_its_kind(written: tuple[logging.Logger, io.StringIO]) -> None:
    """Whoever logs an error as a value, as libraries do, logs its kind alone."""
    log, stream = written
    log.error("it failed: %s, %d times", KeyError("Quixotilda"), 3)
    assert stream.getvalue() == "it failed: KeyError, 3 times\n"


@pytest.mark.parametrize("name", ["asyncio", "asyncio.events"])
def test_what_the_event_loop_repeats_is_cut(name: str, written: tuple[logging.Logger, io.StringIO]) -> None:
    """Of a complaint of the event loop the first words stay, and nothing of what a call was given."""
    log, stream = written
    log.name = name
    log.error("Exception in callback tell('Quixotilda') at x.py:1")
    log.error("Task exception was never retrieved\nfuture: <Task exception=KeyError('Quixotilda')>")
    assert stream.getvalue() == "Exception in callback tell\nTask exception was never retrieved\n"


def test_a_loud_library_is_quiet_whatever_its_level(written: tuple[logging.Logger, io.StringIO]) -> None:
    """Even where somebody sets a library that names whole messages to DEBUG, nothing below a warning passes."""
    log, stream = written
    log.name = "telegram.Bot"
    log.debug("Calling Bot API endpoint with Quixotilda")
    log.warning("slow")
    assert stream.getvalue() == "slow\n"


def test_further_secrets_are_scrubbed_unless_any_word_may_hold_them() -> None:
    """The webhook's secret is taken out like the token; one of a letter or two would take every line apart."""
    said = logging.LogRecord("x", logging.ERROR, "", 0, "the secret a-long-secret is no abc", (), None)
    assert Redaction(TOKEN, "a-long-secret", "abc").filter(said)
    assert said.msg == f"the secret {SCRUBBED} is no abc"


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
