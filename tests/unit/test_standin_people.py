import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from bot.demo.chats import Change
from bot.demo.standin import StandIn

KIM = 7
BUTTONS = {
    "inline_keyboard": [[{"text": "Yes", "callback_data": "v1:yes"}], [{"text": "Read", "url": "https://a.org"}]]
}


@pytest.fixture
def instants() -> list[datetime]:
    """The instants that the clock showed; the last one is now."""
    return [datetime(2026, 3, 1, 19, tzinfo=UTC)]


@pytest.fixture
def telegram(instants: list[datetime]) -> StandIn:
    """A stand-in in which Kim exists."""
    telegram = StandIn("42:test", now=lambda: instants[-1])
    telegram.add_user(KIM, "Kim", "de", "kim_x")
    return telegram


async def ok(telegram: StandIn, method: str, **params: object) -> Any:
    """Call, and expect success."""
    reply = await telegram.call(method, params)
    assert reply.status == 200, reply.body
    return reply.body["result"]


async def refused(telegram: StandIn, method: str, **params: object) -> tuple[int, str]:
    """Call, and expect a refusal."""
    reply = await telegram.call(method, params)
    return reply.status, reply.body["description"]


async def test_nobody_is_written_to_first(telegram: StandIn) -> None:
    """A bot cannot write to a person who never wrote to it."""
    why = (403, "Forbidden: bot can't initiate conversation with a user")
    assert await refused(telegram, "sendMessage", chat_id=KIM, text="a") == why
    telegram.open_link(KIM, "ABC")
    await ok(telegram, "sendMessage", chat_id=KIM, text="a")


def test_what_a_person_types_reaches_the_bot(telegram: StandIn, instants: list[datetime]) -> None:
    """A text becomes a message update with the sender's language and the command marked."""
    number = telegram.open_link(KIM, "ABC")
    [update] = telegram.pending_updates()
    assert update["message"] == {
        "message_id": number,
        "from": {"id": KIM, "is_bot": False, "first_name": "Kim", "username": "kim_x", "language_code": "de"},
        "chat": {"id": KIM, "type": "private", "first_name": "Kim", "username": "kim_x"},
        "date": int(instants[-1].timestamp()),
        "text": "/start ABC",
        "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
    }


def test_what_a_phone_cannot_do(telegram: StandIn) -> None:
    """Impossible doings are errors for the test that tries them."""
    with pytest.raises(ValueError, match="text is empty"):
        telegram.say(KIM, " ")
    with pytest.raises(KeyError):
        telegram.say(8, "hello")
    with pytest.raises(KeyError):
        telegram.say(8, "hello", chat_id=KIM)
    with pytest.raises(ValueError, match="there already"):
        telegram.add_user(KIM, "Kim")
    with pytest.raises(ValueError, match="not blocked"):
        telegram.unblock(KIM)
    with pytest.raises(KeyError):
        telegram.file_bytes("photos/none.jpg")
    with pytest.raises(KeyError):
        telegram.file_with_id("none")


def test_other_things_than_text_reach_the_bot(telegram: StandIn) -> None:
    """Stickers, contacts, voices, photos and documents arrive in their own fields."""
    out = io.BytesIO()
    Image.new("RGB", (100, 100)).save(out, "PNG")
    telegram.send_sticker(KIM)
    telegram.send_contact(KIM, "+491", "Alex")
    telegram.send_voice(KIM)
    telegram.send_photo(KIM, out.getvalue(), "look")
    telegram.send_document(KIM, "a.txt", b"a")
    kinds = ("sticker", "contact", "voice", "photo", "document")
    assert [next(kind for kind in kinds if kind in update["message"]) for update in telegram.pending_updates()] == list(
        kinds
    )


async def test_a_tap_goes_to_the_bot_and_back(telegram: StandIn) -> None:
    """A tap is a callback query with message and chat instance; its answer is a notice on the phone, once."""
    telegram.say(KIM, "/start")
    sent = await ok(telegram, "sendMessage", chat_id=KIM, text="a", reply_markup=BUTTONS)
    query_id = telegram.tap(KIM, sent["message_id"], 0)
    asked = telegram.pending_updates()[-1]["callback_query"]
    assert (asked["id"], asked["data"], asked["from"]["id"], asked["message"]) == (query_id, "v1:yes", KIM, sent)
    assert asked["chat_instance"].isdecimal()
    assert not telegram.query(query_id).answered
    await ok(telegram, "answerCallbackQuery", callback_query_id=query_id, text="Saved", show_alert=True)
    assert [(toast.text, toast.alert) for toast in telegram.toasts(KIM)] == [("Saved", True)]
    too_old = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    assert await refused(telegram, "answerCallbackQuery", callback_query_id=query_id) == too_old


async def test_a_tap_grows_old(telegram: StandIn, instants: list[datetime]) -> None:
    """A tap that waited too long cannot be answered any more."""
    telegram.say(KIM, "/start")
    sent = await ok(telegram, "sendMessage", chat_id=KIM, text="a", reply_markup=json.dumps(BUTTONS))
    query_id = telegram.tap(KIM, sent["message_id"], "v1:yes")
    assert await refused(telegram, "answerCallbackQuery", callback_query_id=query_id, text="a" * 201) == (
        400,
        "Bad Request: MESSAGE_TOO_LONG",
    )
    instants.append(instants[-1] + timedelta(minutes=1))
    assert "query is too old" in (await refused(telegram, "answerCallbackQuery", callback_query_id=query_id))[1]


async def test_only_buttons_that_are_there_can_be_tapped(telegram: StandIn) -> None:
    """A tap needs a button that asks the bot, under a message that is there."""
    telegram.say(KIM, "/start")
    sent = await ok(telegram, "sendMessage", chat_id=KIM, text="a", reply_markup=BUTTONS)
    for button in (1, 2, "v1:no"):
        with pytest.raises(ValueError, match="has no button"):
            telegram.tap(KIM, sent["message_id"], button)
    with pytest.raises(KeyError):
        telegram.tap(KIM, 999, 0)


async def test_blocking_shuts_the_bot_out(telegram: StandIn) -> None:
    """A block is told to the bot and refuses it with 403 until it is undone."""
    telegram.say(KIM, "/start")
    telegram.block(KIM)
    change = telegram.pending_updates()[-1]["my_chat_member"]
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("member", "kicked")
    assert await refused(telegram, "sendMessage", chat_id=KIM, text="a") == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    with pytest.raises(ValueError, match="blocked"):
        telegram.say(KIM, "hello")
    telegram.unblock(KIM)
    await ok(telegram, "sendMessage", chat_id=KIM, text="a")
    telegram.deactivate(KIM)
    assert await refused(telegram, "sendChatAction", chat_id=KIM, action="typing") == (
        403,
        "Forbidden: user is deactivated",
    )


async def test_groups(telegram: StandIn) -> None:
    """In a group the bot is told that it came, hears commands only, and can leave."""
    group = telegram.add_to_group(KIM, "Us")
    joined, service = telegram.pending_updates()
    assert joined["my_chat_member"]["chat"] == {"id": group, "type": "group", "title": "Us"}
    assert service["message"]["new_chat_members"][0]["id"] == 42
    telegram.say(KIM, "just us", chat_id=group)
    telegram.say(KIM, "/start@youandi_demo_bot", chat_id=group)
    assert telegram.pending_updates()[-1]["message"]["text"] == "/start@youandi_demo_bot"
    assert len(telegram.pending_updates()) == 3
    await ok(telegram, "sendMessage", chat_id=group, text="This is for private chats.")
    assert len(telegram.messages(group)) == 4
    assert await ok(telegram, "leaveChat", chat_id=group) is True
    assert await refused(telegram, "sendMessage", chat_id=group, text="a") == (
        403,
        "Forbidden: bot is not a member of the group chat",
    )
    telegram.say(KIM, "/start", chat_id=group)
    assert telegram.pending_updates()[-1]["my_chat_member"]["new_chat_member"]["status"] == "left"
    other = telegram.add_to_group(KIM)
    telegram.remove_from_group(KIM, other)
    assert await refused(telegram, "sendMessage", chat_id=other, text="a") == (
        403,
        "Forbidden: bot was kicked from the group chat",
    )


async def test_a_private_chat_cannot_be_left(telegram: StandIn) -> None:
    """Only groups can be left."""
    telegram.say(KIM, "/start")
    assert (await refused(telegram, "leaveChat", chat_id=KIM))[0] == 400


async def test_own_messages_can_be_changed(telegram: StandIn) -> None:
    """An edited message is an update of its own; the bot's messages are not the person's to edit, but may be deleted."""
    number = telegram.say(KIM, "helo")
    telegram.edit_own_message(KIM, number, "hello")
    assert telegram.pending_updates()[-1]["edited_message"]["text"] == "hello"
    sent = await ok(telegram, "sendMessage", chat_id=KIM, text="a")
    with pytest.raises(ValueError, match="own texts"):
        telegram.edit_own_message(KIM, sent["message_id"], "b")
    telegram.delete_for_both(KIM, sent["message_id"])
    assert (await refused(telegram, "editMessageText", chat_id=KIM, message_id=sent["message_id"], text="b"))[
        1
    ].endswith("not found")


async def test_watching_sees_every_change(telegram: StandIn) -> None:
    """Whoever watches sees what comes, changes, goes and is answered, from the first moment on, until it ends."""
    watch = telegram.watch()
    telegram.say(KIM, "/start")
    sent = await ok(telegram, "sendMessage", chat_id=KIM, text="a", reply_markup=BUTTONS)
    number = sent["message_id"]
    query_id = telegram.tap(KIM, number, 0)
    await ok(telegram, "answerCallbackQuery", callback_query_id=query_id, text="Saved")
    await ok(telegram, "editMessageText", chat_id=KIM, message_id=number, text="b")
    await ok(telegram, "deleteMessage", chat_id=KIM, message_id=number)
    await ok(telegram, "sendChatAction", chat_id=KIM, action="typing")
    telegram.block(KIM)
    await telegram.close()
    assert [change async for change in watch] == [
        Change(KIM, "new", 1),
        Change(KIM, "new", number),
        Change(KIM, "answered", number, "Saved"),
        Change(KIM, "edited", number),
        Change(KIM, "deleted", number),
        Change(KIM, "action"),
        Change(KIM, "member"),
    ]
