import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
from telegram.error import InvalidToken

from bot.demo.errors import refusal
from bot.demo.faults import CutBefore, Instead, retry_after
from bot.telegram.intake import LONGEST_PAUSE, Intake
from bot.telegram.profile import introduce
from bot.telegram.transport import connect
from bot.telegram.webhook import MAX_BODY, SECRET_HEADER, web
from storage import inbox
from storage.records import Letter
from tests.flows.edge_place import KIM, TOKEN, WORDS, Edge, EdgePlace, edge_place, until

pytestmark = pytest.mark.faulty

SECRET = "made-up"
COMMANDS = ("start", "help")


@pytest.fixture(name="place")
async def _place(tmp_path: Path) -> AsyncIterator[EdgePlace]:
    """Where the edge can be started."""
    async with edge_place(tmp_path) as place:
        yield place


@pytest.fixture(name="bot")
async def _bot(place: EdgePlace) -> AsyncIterator[Edge]:
    """The edge without a poll of its own."""
    async with place.running(poll=False) as running:
        yield running


class Polls:
    """An intake that notes what it hands on and how long it would have slept."""

    def __init__(self, bot: Edge, token: str = TOKEN) -> None:
        self.handed: list[Letter] = []
        self.slept: list[float] = []
        root = str(bot.bot.base_url).partition("/bot")[0]
        self.line = connect(token, root)
        self.intake = Intake(
            poll=self.line.poll, store=bot.store, hand=self.hand, clock=bot.clock, poll_seconds=1, sleep=self.sleep
        )

    def hand(self, letters: Sequence[Letter]) -> None:
        """Note what came."""
        self.handed += letters

    async def sleep(self, seconds: float) -> None:
        """Note a pause and let it be over."""
        self.slept.append(seconds)
        await asyncio.sleep(0)

    async def until(self, number: int) -> None:
        """Poll until so many letters came, and stop."""
        await self.line.poll.request.initialize()
        task = asyncio.create_task(self.intake.run())
        waiting = asyncio.create_task(until(lambda: len(self.handed) >= number))
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        task.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await task
        finally:
            await self.line.poll.request.shutdown()


async def test_a_batch_is_on_disk_before_it_is_confirmed(bot: Edge) -> None:
    """Telegram keeps what is not stored; what is stored is confirmed by the next poll."""
    for text in ("one", "two", "three"):
        bot.stand_in.say(KIM, text)
    polls = Polls(bot)
    await polls.until(3)
    stored = await bot.store.read(inbox.open_letters)
    assert [json.loads(each.payload)["message"]["text"] for each in stored] == ["one", "two", "three"]
    assert [each.id for each in stored] == [each.id for each in polls.handed]
    assert {each.chat_id for each in stored} == {KIM}


async def test_what_comes_twice_is_handed_on_once(bot: Edge) -> None:
    """After a restart Telegram repeats what was not confirmed; the inbox knows it."""
    bot.stand_in.say(KIM, "one")
    await Polls(bot).until(1)
    bot.stand_in.say(KIM, "two")
    again = Polls(bot)
    await again.until(1)
    assert [json.loads(each.payload)["message"]["text"] for each in again.handed] == ["two"]


async def test_an_inbox_that_fails_stops_the_intake(bot: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be stored is never confirmed, and the error is not swallowed."""

    async def full(_unit: object) -> NoReturn:
        raise OSError("disk full")

    bot.stand_in.say(KIM, "one")
    monkeypatch.setattr(bot.store, "write", full)
    with pytest.raises(OSError, match="disk full"):
        await Polls(bot).until(1)
    assert len(bot.stand_in.pending_updates()) == 1


async def test_troubles_of_the_line_are_told_and_waited_for(bot: Edge, caplog: pytest.LogCaptureFixture) -> None:
    """Each failure waits twice as long as the one before, up to half a minute, and then it goes on."""
    faults = bot.stand_in.faults
    conflict = Instead(409, refusal(409, "Conflict: terminated by other getUpdates request"))
    faults.add("getUpdates", CutBefore())
    faults.add("getUpdates", conflict)
    faults.add("getUpdates", retry_after(9))
    faults.add("getUpdates", CutBefore(), times=4)
    bot.stand_in.say(KIM, "one")
    polls = Polls(bot)
    await polls.until(1)
    assert polls.slept == [1, 2, 9, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]
    told = [record.getMessage() for record in caplog.records if record.name == "bot.telegram.intake"]
    assert told[0].startswith("Telegram cannot be reached (NetworkError from Cut); asking again in 1 s")
    assert told[1].startswith("Another process asks for this bot's updates")
    assert told[2].startswith("Telegram asks for patience (429)")


async def test_a_token_that_telegram_does_not_know_is_no_passing_trouble(bot: Edge) -> None:
    """Polling with a wrong token ends at once."""
    with pytest.raises(InvalidToken):
        await Polls(bot, "42:wrong").until(1)


async def test_only_three_kinds_of_updates_are_asked_for(bot: Edge) -> None:
    """Edited messages and the like never come at all, from the first poll on."""
    message = bot.stand_in.say(KIM, "one")
    await Polls(bot).until(1)
    bot.stand_in.edit_own_message(KIM, message, "two")
    bot.stand_in.say(KIM, "three")
    polls = Polls(bot)
    await polls.until(1)
    assert [json.loads(each.payload)["message"]["text"] for each in polls.handed] == ["three"]


UPDATE = {"update_id": 5, "message": {"message_id": 1, "date": 1, "chat": {"id": KIM, "type": "private"}, "text": "Hi"}}


async def _called(bot: Edge, body: Any, secret: str | None = SECRET) -> tuple[int, list[Letter]]:
    handed: list[Letter] = []
    served = web(store=bot.store, secret=SECRET, hand=handed.extend, clock=bot.clock, path="/in")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="https://here") as client:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if secret is None else {SECRET_HEADER.encode(): secret.encode()}
        answer = await client.post("/in", content=content, headers=headers)
    return answer.status_code, handed


async def test_the_webhook_answers_after_the_commit(bot: Edge) -> None:
    """A call with the secret is on disk when it is answered with 200; a repeated one is handed on once."""
    status, handed = await _called(bot, UPDATE)
    assert status == 200
    assert [each.id for each in await bot.store.read(inbox.open_letters)] == [each.id for each in handed] != []
    assert (await _called(bot, UPDATE)) == (200, [])


@pytest.mark.parametrize("secret", [None, "", "wrong", "mäde-up"])
async def test_without_the_secret_nothing_is_stored(bot: Edge, secret: str | None) -> None:
    """No secret or a wrong one is a 403."""
    assert await _called(bot, UPDATE, secret) == (403, [])
    assert await bot.store.read(inbox.open_letters) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [(b" " * (MAX_BODY + 1), 413), (b"no json", 400), ([], 400), ({}, 400), ({"update_id": "5"}, 400)],
)
async def test_what_is_no_update_is_refused(bot: Edge, body: Any, status: int) -> None:
    """Too long a body and anything that Telegram would not send are client errors."""
    assert await _called(bot, body) == (status, [])


async def test_telegram_sends_again_what_could_not_be_stored(
    bot: Edge, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failing inbox is a 500, so that the update comes again."""

    async def full(_unit: object) -> NoReturn:
        raise OSError("Kim said something private")

    monkeypatch.setattr(bot.store, "write", full)
    assert await _called(bot, UPDATE) == (500, [])
    assert "OSError" in caplog.text
    assert "private" not in caplog.text


async def test_a_webhook_needs_a_secret(bot: Edge) -> None:
    """Without one anybody could speak for anybody."""
    with pytest.raises(ValueError, match="WEBHOOK_SECRET"):
        web(store=bot.store, secret="", hand=lambda _: None, clock=bot.clock)


@pytest.mark.parametrize(("healthy", "status"), [(True, 200), (False, 503)])
async def test_the_health_is_told(bot: Edge, healthy: bool, status: int) -> None:
    """Whoever watches the process can ask, without the secret."""
    served = web(store=bot.store, secret=SECRET, hand=lambda _: None, clock=bot.clock, healthy=lambda: healthy)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="https://here") as client:
        assert (await client.get("/healthz")).status_code == status


async def test_telegram_learns_commands_and_descriptions_once(bot: Edge) -> None:
    """What Telegram has already is not sent again."""
    for _ in range(2):
        await introduce(bot.bot, {"en": WORDS}, COMMANDS)
    assert bot.calls("setMyCommands") == bot.calls("setMyDescription") == bot.calls("setMyShortDescription") == 1
    shown = [(each["command"], each["description"]) for each in bot.stand_in.commands(KIM)]
    assert shown == [(name, WORDS.label(f"command.{name}")) for name in COMMANDS]
    assert (await bot.bot.get_my_description()).description == WORDS.label("bot.description")


async def test_the_bot_starts_without_its_descriptions(bot: Edge, caplog: pytest.LogCaptureFixture) -> None:
    """If Telegram does not take them today, that is told and no more."""
    bot.stand_in.faults.add("setMyCommands", retry_after(3600))
    await introduce(bot.bot, {"en": WORDS}, COMMANDS)
    assert "not up to date: RetryAfter" in caplog.text
