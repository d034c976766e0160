import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import telegram
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import InputMediaDocument, InputMediaPhoto
from telegram.constants import ParseMode
from telegram.error import BadRequest, Conflict

from bot.demo.server import create_app, routes, serving
from bot.demo.standin import StandIn
from bot.demo.webhook import post
from tests.flows.standin_place import KEYBOARD, KIM, PATIENCE, PULSE, TOKEN, Place, picture, served, until


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """A served stand-in to which Kim has written."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # or every RetryAfter warns
    async with served() as here:
        yield here


async def test_the_bot_meets_itself(place: Place) -> None:
    """A real client starts, knows its bot and its abilities."""
    bot = await place.bot()
    await bot.initialize()
    assert (bot.id, bot.username, bot.can_join_groups) == (42, "youandi_demo_bot", True)


async def test_sending_and_editing(place: Place) -> None:
    """A real client reads back the message it sent and the one it edited, with whole seconds and entities."""
    bot = await place.bot()
    sent = await bot.send_message(
        KIM, "🌱 <b>Hello</b> /start", ParseMode.HTML, reply_markup=KEYBOARD, protect_content=True
    )
    assert sent.date == datetime(2026, 3, 1, 19, tzinfo=UTC)
    assert {entity.type: sent.parse_entity(entity) for entity in sent.entities} == {
        "bold": "Hello",
        "bot_command": "/start",
    }
    assert (sent.reply_markup, sent.has_protected_content) == (KEYBOARD, True)
    edited = await bot.edit_message_text("b", KIM, sent.message_id)
    assert isinstance(edited, telegram.Message)
    assert (edited.text, edited.reply_markup) == ("b", None)
    assert edited.edit_date
    assert isinstance(
        await bot.edit_message_reply_markup(KIM, sent.message_id, reply_markup=KEYBOARD), telegram.Message
    )
    assert (
        await bot.copy_message(KIM, KIM, (await bot.send_message(KIM, "c")).message_id)
    ).message_id == sent.message_id + 2
    assert await bot.delete_message(KIM, sent.message_id)
    assert await bot.delete_messages(KIM, [sent.message_id, sent.message_id + 1])
    assert [message.get("text") for message in place.stand_in.messages(KIM)] == ["/start ABC", "c"]


async def test_pictures_and_files(place: Place) -> None:
    """A picture goes up, comes down, is sent again by its id and exchanged; documents go in groups."""
    bot = await place.bot()
    sent = await bot.send_photo(KIM, picture(), "<i>You</i>", parse_mode=ParseMode.HTML)
    assert [(size.width, size.height) for size in sent.photo] == [(90, 45), (320, 160), (600, 300)]
    file = await bot.get_file(sent.photo[-1].file_id)
    with Image.open(io.BytesIO(bytes(await file.download_as_bytearray()))) as image:
        assert image.size == (600, 300)
    again = await bot.send_photo(KIM, sent.photo[-1].file_id)
    changed = await bot.edit_message_media(InputMediaPhoto(picture(200, 200), caption="new"), KIM, again.message_id)
    assert isinstance(changed, telegram.Message)
    assert (changed.photo[-1].width, changed.caption) == (200, "new")
    captioned = await bot.edit_message_caption(KIM, again.message_id, caption="newer")
    assert isinstance(captioned, telegram.Message)
    assert captioned.caption == "newer"
    assert (
        len(await bot.send_media_group(KIM, [InputMediaPhoto(picture()), InputMediaPhoto(sent.photo[0].file_id)])) == 2
    )
    assert (
        len(
            await bot.send_media_group(KIM, [InputMediaDocument(b"{}", filename=name) for name in ("a.json", "b.json")])
        )
        == 2
    )
    document = await bot.send_document(KIM, b"{}", filename="you-and-i.json")
    assert document.document
    assert document.document.file_name == "you-and-i.json"


async def test_a_tap_and_its_notice(place: Place) -> None:
    """A tap reaches a real client as a callback query, and its answer reaches the phone."""
    bot = await place.bot()
    sent = await bot.send_message(KIM, "a", reply_markup=KEYBOARD)
    place.stand_in.tap(KIM, sent.message_id, "v1:yes")
    started, tapped = await bot.get_updates(timeout=1)
    assert started.message
    assert (started.message.text, started.message.from_user and started.message.from_user.language_code) == (
        "/start ABC",
        "de",
    )
    query = tapped.callback_query
    assert query
    assert (query.data, query.from_user.id, query.message) == ("v1:yes", KIM, sent)
    assert await query.answer("Saved")
    assert [toast.text for toast in place.stand_in.toasts(KIM)] == ["Saved"]
    with pytest.raises(BadRequest, match="Query is too old"):
        await query.answer()


async def test_everything_a_person_can_send_is_read(place: Place) -> None:
    """A real client reads every kind of update that the stand-in makes."""
    bot, stand_in = await place.bot(), place.stand_in
    stand_in.send_sticker(KIM)
    stand_in.send_contact(KIM, "+491", "Alex")
    stand_in.send_voice(KIM)
    stand_in.send_photo(KIM, picture(), "look")
    stand_in.edit_own_message(KIM, 1, "/start")
    group = stand_in.add_to_group(KIM, "Us")
    stand_in.block(KIM)
    stand_in.unblock(KIM)
    updates = await bot.get_updates()
    kinds = [
        telegram.helpers.effective_message_type(update) if update.effective_message else "member" for update in updates
    ]
    assert kinds == [
        "text",
        "sticker",
        "contact",
        "voice",
        "photo",
        "text",
        "member",
        "new_chat_members",
        "member",
        "member",
    ]
    assert (await bot.get_chat(group)).title == "Us"
    assert await bot.leave_chat(group)


async def test_the_newer_poller_wins(place: Place) -> None:
    """Of two pollers the older is ended with a conflict, and the newer gets the update at once."""
    bot, other = await place.bot(), await place.bot()
    [started] = await bot.get_updates()
    older = asyncio.create_task(bot.get_updates(started.update_id + 1, timeout=PATIENCE))
    await until(lambda: place.stand_in.requests[-1].params.get("timeout") == str(PATIENCE))
    newer = asyncio.create_task(other.get_updates(started.update_id + 1, timeout=PATIENCE))
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await older
    place.stand_in.say(KIM, "hello")
    [update] = await newer
    assert update.message
    assert update.message.text == "hello"


async def test_a_stop_does_not_wait_for_parked_polls() -> None:
    """The server stops at once although a poll is parked; the poller gets an empty answer."""
    stand_in = StandIn(TOKEN)
    async with httpx.AsyncClient(trust_env=False) as client, serving(create_app(stand_in), stand_in) as root:
        task = asyncio.create_task(client.get(f"{root}/bot{TOKEN}/getUpdates?timeout={PATIENCE}", timeout=PATIENCE))
        await until(lambda: bool(stand_in.requests))
    assert task.done()
    assert task.result().json() == {"ok": True, "result": []}


async def test_a_webhook_is_called_with_its_secret_until_it_answers(place: Place) -> None:
    """The webhook gets the update with the secret, again after a failure, over a real connection."""
    heard: list[tuple[str | None, dict[str, Any]]] = []

    async def hook(request: Request) -> Response:
        heard.append((request.headers.get("x-telegram-bot-api-secret-token"), await request.json()))
        return Response(status_code=500 if len(heard) == 1 else 200)

    other = StandIn("1:x")
    async with serving(Starlette(routes=[Route("/hook", hook, methods=["POST"]), *routes(other)]), other) as address:
        bot = await place.bot()
        await bot.set_webhook(f"{address}/hook?a=1", secret_token="s-1_A")
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        await until(lambda: not place.stand_in.pending_updates())
        info = await bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == (f"{address}/hook?a=1", 0)
        assert info.last_error_message == "Wrong response from the webhook: 500"
        await bot.delete_webhook()
    assert [secret for secret, _ in heard] == ["s-1_A", "s-1_A"]
    assert heard[0][1] == heard[1][1]


async def test_a_webhook_that_nobody_serves_is_an_error_in_its_info(place: Place) -> None:
    """An address without a server keeps the updates waiting and says so."""
    bot = await place.bot()
    await bot.set_webhook("http://127.0.0.1:9/hook")
    for _ in range(int(PATIENCE / PULSE)):
        info = await bot.get_webhook_info()
        if info.last_error_date:
            break
        await asyncio.sleep(PULSE)
    assert info.last_error_message
    assert info.pending_update_count == 1


async def test_a_webhook_that_does_not_speak_http_is_an_error() -> None:
    """An answer that is no HTTP counts as none."""

    async def mumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"mumble\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(mumble, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectionResetError, match="Wrong response"):
            await post(f"http://127.0.0.1:{port}/hook", b"{}", {})


async def test_commands_and_words_are_read_back(place: Place) -> None:
    """A real client reads back what it set: commands, name, descriptions, menu button."""
    bot = await place.bot()
    scope = telegram.BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([("start", "Begin")], scope, "de")
    assert await bot.get_my_commands(scope, "de") == (telegram.BotCommand("start", "Begin"),)
    assert await bot.delete_my_commands(scope, "de")
    await bot.set_my_description("Two circles")
    assert (await bot.get_my_description()).description == "Two circles"
    await bot.set_my_short_description("Short")
    assert (await bot.get_my_short_description()).short_description == "Short"
    await bot.set_my_name("I & You")
    assert (await bot.get_my_name()).name == "I & You"
    await bot.set_chat_menu_button(menu_button=telegram.MenuButtonCommands())
    assert isinstance(await bot.get_chat_menu_button(), telegram.MenuButtonCommands)
    assert await bot.send_chat_action(KIM, "typing")


async def test_every_way_to_call_works(place: Place) -> None:
    """Parameters may come in the address, a form, JSON or both; method names in any case; all else is refused in JSON."""
    params = {"chat_id": KIM, "text": "a"}
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]}
    for response in (
        await place.raw("GET", f"/bot{TOKEN}/sendmessage", params=params),
        await place.raw("POST", f"/bot{TOKEN}/SendMessage", data=params),
        await place.raw("POST", f"/bot{TOKEN}/sendMessage", json=params | {"reply_markup": markup}),
        await place.raw(
            "POST", f"/bot{TOKEN}/sendMessage?chat_id={KIM}", data={"text": "a", "reply_markup": json.dumps(markup)}
        ),
    ):
        assert (response.status_code, response.json()["result"]["text"]) == (200, "a")
    for body in (b"{", b"[]"):
        response = await place.raw(
            "POST", f"/bot{TOKEN}/getMe", content=body, headers={"content-type": "application/json"}
        )
        assert (response.status_code, response.json()["ok"]) == (400, False)
    torn = await place.raw(
        "POST", f"/bot{TOKEN}/getMe", content=b"--x", headers={"content-type": "multipart/form-data"}
    )
    assert (torn.status_code, torn.json()["ok"]) == (400, False)
    assert (await place.raw("GET", f"/bot{TOKEN}/nothing")).json() == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }
    assert (await place.raw("GET", "/bot1:x/getMe")).json() == {
        "ok": False,
        "error_code": 401,
        "description": "Unauthorized",
    }


async def test_files_need_the_token(place: Place) -> None:
    """A file is served under the bot's token only, and only if it is there."""
    place.stand_in.send_photo(KIM, picture())
    path = place.stand_in.messages(KIM)[-1]["file_path"]
    response = await place.raw("GET", f"/file/bot{TOKEN}/{path}")
    assert (response.status_code, response.headers["content-type"]) == (200, "image/jpeg")
    assert response.content == place.stand_in.file_bytes(path)
    assert (await place.raw("GET", f"/file/bot1:x/{path}")).status_code == 401
    assert (await place.raw("GET", f"/file/bot{TOKEN}/photos/none.jpg")).status_code == 404
