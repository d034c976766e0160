from typing import Any

import pytest

from bot.demo.standin import StandIn

KIM = 7


@pytest.fixture
def telegram() -> StandIn:
    """A stand-in to which Kim has written."""
    telegram = StandIn("42:test", "x_bot")
    telegram.add_user(KIM, "Kim", "de")
    telegram.say(KIM, "/start")
    return telegram


async def ok(telegram: StandIn, method: str, **params: object) -> Any:
    """Call, and expect success."""
    reply = await telegram.call(method, params)
    assert reply.status == 200, reply.body
    return reply.body["result"]


async def refused(telegram: StandIn, method: str, **params: object) -> str:
    """Call, and expect 400."""
    reply = await telegram.call(method, params)
    assert reply.status == 400
    return str(reply.body["description"])


async def test_the_bot_knows_itself(telegram: StandIn) -> None:
    """``getMe`` says who the bot is and what it can do."""
    me = await ok(telegram, "GetMe")
    assert me["id"] == telegram.bot.id
    assert (me["id"], me["is_bot"], me["username"]) == (42, True, "x_bot")
    assert {"can_join_groups", "can_read_all_group_messages", "supports_inline_queries"} <= me.keys()


def test_a_token_has_a_form() -> None:
    """A token is a number, a colon and more."""
    with pytest.raises(ValueError, match="token"):
        StandIn("secret")


async def test_an_unknown_method_is_an_error(telegram: StandIn) -> None:
    """A method that does not exist is 404, never a success."""
    reply = await telegram.call("sendEverything", {})
    assert (reply.status, reply.body["description"]) == (404, "Not Found: method not found")


async def test_a_parameter_of_a_wrong_shape_is_refused(telegram: StandIn) -> None:
    """A parameter that nobody foresaw is a bad request, not a crash."""
    assert (await refused(telegram, "getUpdates", timeout="soon")).startswith("Bad Request: ")
    assert (await refused(telegram, "sendMessage", chat_id="--7", text="a")).startswith("Bad Request: ")


async def test_commands_are_read_back_by_scope_and_language(telegram: StandIn) -> None:
    """Commands are kept by scope and language, and a person sees the narrowest list in their own language."""
    private = {"type": "all_private_chats"}
    one, two = [{"command": "start", "description": "Begin"}], [{"command": "start", "description": "Anfangen"}]
    assert await ok(telegram, "setMyCommands", commands=one) is True
    assert telegram.commands(KIM) == one
    await ok(telegram, "setMyCommands", commands=two, scope=private, language_code="de")
    assert telegram.commands(KIM) == two
    assert await ok(telegram, "getMyCommands", scope=private, language_code="de") == two
    assert await ok(telegram, "getMyCommands", scope=private) == []
    await ok(telegram, "deleteMyCommands", scope=private, language_code="de")
    assert telegram.commands(KIM) == one
    await ok(telegram, "deleteMyCommands")
    assert telegram.commands(KIM) == []


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"commands": [{"command": "Start", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "start", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "start", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": [], "scope": {"type": "moon"}}, "can't parse BotCommandScope: wrong type"),
        ({"commands": [], "language_code": "English"}, "invalid language code specified"),
    ],
)
async def test_commands_that_telegram_refuses(telegram: StandIn, params: dict[str, object], why: str) -> None:
    """A command is short and small, has a description, and a known scope."""
    assert await refused(telegram, "setMyCommands", **params) == f"Bad Request: {why}"


async def test_words_about_the_bot(telegram: StandIn) -> None:
    """Name and descriptions are read back in their language, else in the usual one, and have limits."""
    assert await ok(telegram, "getMyName") == {"name": "You & I"}
    await ok(telegram, "setMyName", name="I & You")
    await ok(telegram, "setMyDescription", description="Two circles", language_code="en")
    await ok(telegram, "setMyShortDescription", short_description="Short")
    assert await ok(telegram, "getMyName", language_code="de") == {"name": "I & You"}
    assert await ok(telegram, "getMyDescription", language_code="en") == {"description": "Two circles"}
    assert await ok(telegram, "getMyDescription") == {"description": ""}
    assert await ok(telegram, "getMyShortDescription") == {"short_description": "Short"}
    assert "too long" in await refused(telegram, "setMyShortDescription", short_description="a" * 121)


async def test_the_menu_button(telegram: StandIn) -> None:
    """The menu button is kept for one chat or for all."""
    assert await ok(telegram, "getChatMenuButton") == {"type": "default"}
    await ok(telegram, "setChatMenuButton", menu_button={"type": "commands"})
    assert await ok(telegram, "getChatMenuButton", chat_id=KIM) == {"type": "commands"}
    assert "wrong type" in await refused(telegram, "setChatMenuButton", menu_button={"type": "x"})


async def test_small_methods(telegram: StandIn) -> None:
    """A chat can be looked up, an action shown, and the server left."""
    assert (await ok(telegram, "getChat", chat_id=KIM))["first_name"] == "Kim"
    assert await ok(telegram, "sendChatAction", chat_id=KIM, action="typing") is True
    assert "wrong parameter action" in await refused(telegram, "sendChatAction", chat_id=KIM, action="dance")
    assert await ok(telegram, "logOut") is True
    assert await ok(telegram, "close") is True


async def test_calls_are_remembered(telegram: StandIn) -> None:
    """A test can look at the calls that came, in Telegram's spelling."""
    await telegram.call("SENDMESSAGE", {"chat_id": KIM, "text": "a"})
    assert (telegram.requests[-1].method, telegram.requests[-1].params) == (
        "sendMessage",
        {"chat_id": KIM, "text": "a"},
    )
