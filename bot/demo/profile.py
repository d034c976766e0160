"""The methods about the bot itself and its chats: who it is, its menu and commands, receiving, files."""

import json
import re
from collections.abc import Mapping

from bot.demo.calls import Call
from bot.demo.chats import Change, Chat, User, World
from bot.demo.errors import Json, bad_request, conflict
from bot.demo.messages import Handler
from bot.demo.updates import MOST_AT_ONCE, MOST_SECONDS

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"(?:[a-z]{2,3})?")
_MOST_COMMANDS = 100
_MOST_DESCRIPTION = 256
_SCOPES = {
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
}
_WORDS = {"name": ("Name", 64), "description": ("Description", 512), "short_description": ("ShortDescription", 120)}
"""Longest words about the bot (core.telegram.org/bots/api#setmyname and the methods after it)."""
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
_USUAL_MENU = {"type": "default"}


async def get_me(world: World, _: Call) -> object:
    """``getMe``."""
    abilities = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return world.bot.as_json() | abilities | {"can_connect_to_business": False, "has_main_web_app": False}


async def get_updates(world: World, call: Call) -> object:
    """``getUpdates``."""
    if world.webhook.is_set:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    world.updates.ask_for(call.names("allowed_updates"))
    seconds = min(MOST_SECONDS, float(call.text("timeout") or 0))
    return await world.updates.poll(
        offset=call.integer("offset"), limit=call.integer("limit", MOST_AT_ONCE), seconds=seconds
    )


async def set_webhook(world: World, call: Call) -> object:
    """``setWebhook``."""
    return await world.webhook.set(call)


async def delete_webhook(world: World, call: Call) -> object:
    """``deleteWebhook``."""
    return await world.webhook.delete(call)


async def get_webhook_info(world: World, _: Call) -> object:
    """``getWebhookInfo``."""
    return world.webhook.info()


async def get_file(world: World, call: Call) -> object:
    """``getFile``."""
    return world.files.described(call.text("file_id"))


async def get_chat(world: World, call: Call) -> object:
    """``getChat``."""
    chat = world.known(call.text("chat_id"))
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    accepted = {"accepted_gift_types": dict.fromkeys(gifts, False)}
    return chat.as_json() | {"accent_color_id": abs(chat.id) % 7, "max_reaction_count": 11} | accepted


async def leave_chat(world: World, call: Call) -> object:
    """``leaveChat``."""
    chat = world.writable(call.text("chat_id"))
    if chat.user is not None:
        raise bad_request("chat is not a group or a channel")
    chat.shut = "bot is not a member of the group chat"
    announce_membership(world, chat, world.bot, "member", "left")
    return True


async def send_chat_action(world: World, call: Call) -> object:
    """``sendChatAction``."""
    if call.text("action") not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.tell(Change(world.writable(call.text("chat_id")).id, "action"))
    return True


async def nothing_to_do(_: World, __: Call) -> object:
    """``logOut`` and ``close``: there is no other server to move to."""
    return True


def announce_membership(world: World, chat: Chat, actor: User, before: str, after: str) -> None:
    """Send a ``my_chat_member`` update.

    Args:
        world: The stand-in's memory.
        chat: Where the bot's place changed.
        actor: Who changed it.
        before: The bot's status until now: ``member``, ``left`` or ``kicked``.
        after: Its status from now on.
    """
    body: Json = {"chat": chat.as_json(), "from": actor.as_json(), "date": int(world.now().timestamp())}
    body |= {"old_chat_member": _member(world, before), "new_chat_member": _member(world, after)}
    world.updates.put("my_chat_member", body)
    world.tell(Change(chat.id, "member"))


def _member(world: World, status: str) -> Json:
    return {"user": world.bot.as_json(), "status": status} | ({"until_date": 0} if status == "kicked" else {})


async def set_my_commands(world: World, call: Call) -> object:
    """``setMyCommands``."""
    commands = call.objects("commands")
    if len(commands) > _MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= _MOST_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_scope(call)] = [
        {"command": command["command"].removeprefix("/"), "description": command["description"]} for command in commands
    ]
    return True


async def get_my_commands(world: World, call: Call) -> object:
    """``getMyCommands``."""
    return world.commands.get(_scope(call), [])


async def delete_my_commands(world: World, call: Call) -> object:
    """``deleteMyCommands``."""
    world.commands.pop(_scope(call), None)
    return True


def commands_for(world: World, chat: Chat, language: str) -> list[Json]:
    """The command menu of a private chat: the narrowest scope that has one, in the person's language if there is one."""
    for scope in ({"type": "chat", "chat_id": chat.id}, {"type": "all_private_chats"}, {"type": "default"}):
        for code in (language, ""):
            if found := world.commands.get((_scope_key(scope), code)):
                return found
    return []


def _scope(call: Call) -> tuple[str, str]:
    scope = call.parsed("scope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: wrong type")
    return _scope_key(scope), _language(call)


def _scope_key(scope: Json) -> str:
    return json.dumps({key: str(value) for key, value in scope.items()}, sort_keys=True)


def _language(call: Call) -> str:
    language = call.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language


def _setter(kind: str, most: int) -> Handler:
    async def set_words(world: World, call: Call) -> object:
        words = call.text(kind)
        if len(words) > most:
            raise bad_request(f"bot {kind.replace('_', ' ')} is too long")
        world.words[kind, _language(call)] = words
        return True

    return set_words


def _getter(kind: str) -> Handler:
    async def get_words(world: World, call: Call) -> object:
        usual = world.words.get((kind, ""), "") or (world.bot.first_name if kind == "name" else "")
        return {kind: world.words.get((kind, _language(call)), "") or usual}

    return get_words


async def set_chat_menu_button(world: World, call: Call) -> object:
    """``setChatMenuButton``."""
    button = call.parsed("menu_button") or _USUAL_MENU
    if not isinstance(button, dict) or button.get("type") not in {"commands", "default", "web_app"}:
        raise bad_request("can't parse MenuButton: wrong type")
    world.menus[_menu_of(world, call)] = button
    return True


async def get_chat_menu_button(world: World, call: Call) -> object:
    """``getChatMenuButton``."""
    return world.menus.get(_menu_of(world, call)) or world.menus.get(None, _USUAL_MENU)


def _menu_of(world: World, call: Call) -> int | None:
    if not call.has("chat_id"):
        return None
    return world.writable(call.text("chat_id")).id


METHODS: Mapping[str, Handler] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "getFile": get_file,
    "getChat": get_chat,
    "leaveChat": leave_chat,
    "sendChatAction": send_chat_action,
    "logOut": nothing_to_do,
    "close": nothing_to_do,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    **{f"setMy{name}": _setter(kind, most) for kind, (name, most) in _WORDS.items()},
    **{f"getMy{name}": _getter(kind) for kind, (name, _) in _WORDS.items()},
}
