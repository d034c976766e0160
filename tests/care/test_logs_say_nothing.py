"""Whatever fails, and however loudly: no log line holds the token, a secret, a name, or what somebody said."""

import asyncio
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
import pytest

from bot.telegram import stage
from bot.telegram.redaction import redact
from storage import people
from tests.driver import TOKEN, world_at

NAME, SAID = "Quixotilda", "marzipan-heartbreak"


@contextmanager
def written() -> Iterator[io.StringIO]:
    """All that the program would write at its most talkative."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    redact(TOKEN, [handler])
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def failing(*_: Any, **__: Any) -> Any:
    """Fail with everything in its words that must not be told."""
    raise aiohttp.ClientError(f"{NAME} said {SAID} at https://api.telegram.org/bot{TOKEN}/sendMessage")


@pytest.mark.parametrize(
    ("where", "name"),
    [(people, "set_place"), (people, "find"), (stage, "choose")],
    ids=["a place", "a person", "a scene"],
)
async def test_what_fails_is_told_without_anybodys_words(tmp_path: Path, where: Any, name: str) -> None:
    """A scene or the storage raises with names, answers and the token in its words: none is logged."""
    async with world_at(tmp_path) as world, world.running():
        kim = world.person(NAME)
        await kim.send("/start")
        with written() as stream:
            with patch.object(where, name, failing):
                world.stand_in.say(kim.user_id, SAID)
                assert world.bot is not None
                while world.stand_in.pending_updates():
                    await asyncio.sleep(0.001)
                await world.bot.consumer.idle()
            told = stream.getvalue()
    assert "ClientError" in told
    assert [secret for secret in (NAME, SAID, TOKEN, TOKEN.partition(":")[2]) if secret in told] == []
