import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot.demo.errors import ConnectionCutError
from bot.demo.faults import EVERY_METHOD, CutAfter, CutBefore, Garbled, Late, Page, retry_after, server_error
from bot.demo.standin import Reply, StandIn

KIM = 7
PATIENCE = 5


class Bot:
    """A webhook that answers what it is told, and remembers what came."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.heard: list[tuple[dict[str, Any], Mapping[str, str]]] = []

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Hear an update."""
        assert url == "https://bot.example/hook"
        self.heard.append((json.loads(body), headers))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            raise ConnectionRefusedError("Connection refused")
        return status


def make(bot: Bot | None = None) -> StandIn:
    """A stand-in in which Kim exists."""
    telegram = StandIn("42:test", webhook_post=bot or Bot(), webhook_backoff=(0.0, 0.001))
    telegram.add_user(KIM, "Kim")
    return telegram


@pytest.fixture
def telegram() -> StandIn:
    """A stand-in in which Kim exists."""
    return make()


async def ok(telegram: StandIn, method: str, **params: object) -> Any:
    """Call, and expect success."""
    reply = await telegram.call(method, params)
    assert reply.status == 200, reply.body
    return reply.body["result"]


async def settled(telegram: StandIn) -> None:
    """Wait until the bot confirmed every update."""
    for _ in range(1000):
        if not telegram.pending_updates():
            return
        await asyncio.sleep(0.001)
    pytest.fail("updates are still pending")


async def parked(telegram: StandIn, **params: object) -> asyncio.Task[Reply]:
    """Start a poll that waits."""
    task = asyncio.create_task(telegram.call("getUpdates", {"timeout": PATIENCE} | params))
    await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_updates_stay_until_confirmed(telegram: StandIn) -> None:
    """An update comes again until a later offset confirms it; limit and negative offset are kept."""
    for word in "abcd":
        telegram.say(KIM, word)
    first = await ok(telegram, "getUpdates", limit=2)
    assert [update["message"]["text"] for update in first] == ["a", "b"]
    assert len(await ok(telegram, "getUpdates")) == 4
    rest = await ok(telegram, "getUpdates", offset=str(first[-1]["update_id"] + 1))
    assert [update["message"]["text"] for update in rest] == ["c", "d"]
    last = await ok(telegram, "getUpdates", offset=-1)
    assert [update["message"]["text"] for update in last] == ["d"]
    assert len(telegram.pending_updates()) == 1


async def test_a_poll_waits_and_wakes(telegram: StandIn) -> None:
    """A poll with a timeout waits for the next update, or until its time is over."""
    task = await parked(telegram)
    telegram.say(KIM, "hello")
    telegram.say(KIM, "there")
    assert [update["message"]["text"] for update in (await task).body["result"]] == ["hello", "there"]
    assert await ok(telegram, "getUpdates", offset=10**9, timeout=0.01) == []


async def test_the_newer_poll_wins(telegram: StandIn) -> None:
    """A second poll ends the first with 409 and waits in its place."""
    older = await parked(telegram)
    newer = await parked(telegram)
    reply = await older
    assert (reply.status, reply.body["description"]) == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    telegram.say(KIM, "hello")
    assert len((await newer).body["result"]) == 1


async def test_closing_wakes_parked_polls(telegram: StandIn) -> None:
    """A stop wakes whoever waits, and nobody waits afterwards."""
    task = await parked(telegram)
    await telegram.close()
    assert (await task).body["result"] == []
    assert await ok(telegram, "getUpdates", timeout=PATIENCE) == []


async def test_only_wanted_kinds_are_kept(telegram: StandIn) -> None:
    """Kinds of update that were not asked for are dropped, and the wish is remembered."""
    await ok(telegram, "getUpdates", allowed_updates='["message"]')
    number = telegram.say(KIM, "a")
    telegram.edit_own_message(KIM, number, "b")
    assert [set(update) for update in await ok(telegram, "getUpdates")] == [{"update_id", "message"}]
    await ok(telegram, "getUpdates", allowed_updates=[])
    telegram.edit_own_message(KIM, number, "c")
    assert "edited_message" in telegram.pending_updates()[-1]
    for wrong in ("message", "[1]", '"message"'):
        reply = await telegram.call("getUpdates", {"allowed_updates": wrong})
        assert reply.status == 400


async def test_a_webhook_gets_updates_in_order_with_the_secret() -> None:
    """Each update goes to the webhook with its secret, again until 2xx, and the next one only then."""
    bot = Bot(500, 0, 200)
    telegram = make(bot)
    telegram.say(KIM, "a")
    await ok(telegram, "setWebhook", url="https://bot.example/hook", secret_token="s-1_A", allowed_updates=["message"])
    telegram.say(KIM, "b")
    await settled(telegram)
    assert [body["message"]["text"] for body, _ in bot.heard] == ["a", "a", "a", "b"]
    assert {headers["X-Telegram-Bot-Api-Secret-Token"] for _, headers in bot.heard} == {"s-1_A"}
    info = await ok(telegram, "getWebhookInfo")
    assert (info["url"], info["pending_update_count"], info["allowed_updates"]) == (
        "https://bot.example/hook",
        0,
        ["message"],
    )
    assert info["last_error_message"] == "Connection refused"
    await telegram.close()


async def test_polling_and_webhook_exclude_each_other(telegram: StandIn) -> None:
    """A webhook ends a parked poll and forbids the next one, until it is deleted."""
    task = await parked(telegram)
    await ok(telegram, "setWebhook", url="https://bot.example/hook")
    assert (await task).body["description"] == "Conflict: terminated by setWebhook request"
    reply = await telegram.call("getUpdates", {})
    assert (reply.status, "webhook is active" in reply.body["description"]) == (409, True)
    await ok(telegram, "deleteWebhook")
    assert await ok(telegram, "getWebhookInfo") == {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": 0,
    }
    await ok(telegram, "getUpdates")


async def test_pending_updates_can_be_dropped() -> None:
    """What waits is forgotten when the bot asks for that; an empty address deletes the webhook too."""
    telegram = make(Bot(*[500] * 100))
    await ok(telegram, "setWebhook", url="https://bot.example/hook")
    telegram.say(KIM, "a")
    await ok(telegram, "setWebhook", url="")
    assert len(telegram.pending_updates()) == 1
    await ok(telegram, "deleteWebhook", drop_pending_updates="true")
    assert telegram.pending_updates() == []


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"url": "http://bot.example/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "http://127.0.0.1/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https:///hook"}, "bad webhook: Failed to resolve host: Name or service not known"),
        ({"url": "https://bot.example", "secret_token": "ä"}, "secret token contains unallowed characters"),
        ({"url": "https://bot.example", "secret_token": "a" * 257}, "secret token contains unallowed characters"),
        ({"url": "https://bot.example", "max_connections": 101}, "max_connections must be between 1 and 100"),
    ],
)
async def test_webhooks_that_telegram_refuses(telegram: StandIn, params: dict[str, object], why: str) -> None:
    """A webhook is HTTPS, and its secret has plain characters only."""
    reply = await telegram.call("setWebhook", params)
    assert (reply.status, reply.body["description"]) == (400, f"Bad Request: {why}")


async def test_plain_http_on_this_machine_needs_permission() -> None:
    """A webhook on this machine may be plain HTTP when the stand-in was told so, and nowhere else."""
    telegram = StandIn("42:test", allow_loopback_webhook=True, webhook_post=Bot())
    for url, status in (("http://localhost:1/x", 200), ("http://127.0.0.1:1/x", 200), ("http://bot.example/x", 400)):
        assert (await telegram.call("setWebhook", {"url": url})).status == status
    await telegram.close()


async def test_a_fault_meets_the_calls_it_names(telegram: StandIn) -> None:
    """A fault meets one method, one chat and so many calls, and a refused call is not carried out."""
    telegram.say(KIM, "/start")
    telegram.faults.add("SENDMESSAGE", retry_after(3), chat_id=KIM, times=2)
    telegram.faults.add(EVERY_METHOD, server_error(502))
    message = {"chat_id": str(KIM), "text": "a"}
    for _ in range(2):
        reply = await telegram.call("sendMessage", message)
        assert (reply.status, reply.body["parameters"]) == (429, {"retry_after": 3})
    reply = await telegram.call("getMe", {})
    assert (reply.status, reply.body["description"]) == (502, "Bad Gateway")
    assert telegram.faults.left() == 0
    assert (await telegram.call("sendMessage", message)).status == 200
    assert len(telegram.messages(KIM)) == 2


@pytest.mark.parametrize(("what", "sent"), [(CutBefore(), 0), (CutAfter(), 1)])
async def test_a_cut_connection_may_have_sent_or_not(telegram: StandIn, what: CutBefore | CutAfter, sent: int) -> None:
    """A connection can break before or after the message is sent; the caller cannot tell."""
    number = telegram.say(KIM, "/start")
    telegram.faults.add("sendMessage", what)
    with pytest.raises(ConnectionCutError):
        await telegram.call("sendMessage", {"chat_id": KIM, "text": "a"})
    assert len(telegram.messages(KIM)) == number + sent


async def test_late_and_garbled_answers(telegram: StandIn) -> None:
    """An answer can come late or torn, and the message is sent all the same; a page of a proxy sends nothing."""
    telegram.say(KIM, "/start")
    telegram.faults.add("sendMessage", Late(0.01))
    telegram.faults.add("sendMessage", Garbled())
    late = await telegram.call("sendMessage", {"chat_id": KIM, "text": "a"})
    assert json.loads(late.encoded())["ok"] is True
    torn = await telegram.call("sendMessage", {"chat_id": KIM, "text": "a"})
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(torn.encoded())
    assert len(telegram.messages(KIM)) == 3
    telegram.faults.add("sendMessage", Page(403))
    page = await telegram.call("sendMessage", {"chat_id": KIM, "text": "a"})
    assert (page.status, page.encoded()[:6]) == (403, b"<html>")
    assert len(telegram.messages(KIM)) == 3
    telegram.faults.add("getMe", Garbled())
    telegram.faults.clear()
    assert telegram.faults.left() == 0
