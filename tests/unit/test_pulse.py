import httpx
import pytest
from starlette.applications import Starlette
from telegram.error import InvalidToken

from bot.telegram.access import broken
from bot.telegram.pulse import Pulse
from bot.telegram.watch import STALE_SECONDS, web
from bot.trouble import Breakdown, Trouble
from storage.counts import Counts


class Time:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """What is shown now."""
        return self.seconds


async def _counted() -> Counts:
    return Counts(people=2, inbox_open=0, outbox_open=3)


async def ask(app: Starlette, path: str) -> httpx.Response:
    """Ask the application without a network."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        return await client.get(path)


@pytest.mark.parametrize(("polling", "after"), [(True, 503), (False, 200)])
async def test_silence_is_ill_only_while_polling(polling: bool, after: int) -> None:
    """A bot whose polls are not answered is ill; one that Telegram calls may simply have nobody who writes."""
    time = Time()
    pulse = Pulse(time, 0.0)
    watched = web(pulse=pulse, polling=polling, count=_counted, dropped=lambda: 7, leads=lambda: True)
    assert (await ask(watched, "/healthz")).status_code == 200
    time.seconds = STALE_SECONDS + 1
    assert (await ask(watched, "/healthz")).status_code == after
    pulse.beat()
    assert (await ask(watched, "/healthz")).status_code == 200


async def test_numbers_come_in_prometheus_own_form() -> None:
    """Each number has its help, its type and its value on lines of their own."""
    time = Time()
    answer = await ask(
        web(pulse=Pulse(time, -1.5), polling=True, count=_counted, dropped=lambda: 7, leads=lambda: True), "/metrics"
    )
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert "# TYPE you_and_i_outbox_open gauge" in lines
    assert "you_and_i_outbox_open 3" in lines
    assert "you_and_i_last_poll_age_seconds 1.5" in lines
    assert "# TYPE you_and_i_outbox_dropped_total counter" in lines
    assert "you_and_i_outbox_dropped_total 7" in lines
    assert "you_and_i_leads 1" in lines
    assert len(lines) == 18


def test_what_stops_the_bot_is_told_without_anybodys_words() -> None:
    """A token that is gone is the operator's to mend; all else is a breakdown that names a kind of error only."""
    assert isinstance(broken(InvalidToken()), Trouble)
    told = broken(ValueError("what Kim said"))
    assert isinstance(told, Breakdown)
    assert "ValueError" in str(told)
    assert "Kim" not in str(told)
