"""The methods that put messages into chats."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.demo.calls import Call
from bot.demo.chats import Change, Chat, Message, World, message_json
from bot.demo.errors import Json, bad_request
from bot.demo.files import photo_sizes
from bot.demo.keyboards import inline_keyboard
from bot.demo.texts import formatted

Handler = Callable[[World, Call], Awaitable[object]]
"""A Bot API method: returns what stands under ``result``; raises ``ApiError`` to refuse."""

_FEWEST_IN_A_GROUP, _MOST_IN_A_GROUP = 2, 10
_KEPT = ("link_preview_options", "show_caption_above_media")


async def send_message(world: World, call: Call) -> object:
    """``sendMessage``."""
    return _sent(world, call, [formatted(call).as_json()])[0]


async def send_photo(world: World, call: Call) -> object:
    """``sendPhoto``."""
    return _sent(world, call, [await _media(world, call, "photo", "photo")])[0]


async def send_document(world: World, call: Call) -> object:
    """``sendDocument``."""
    return _sent(world, call, [await _media(world, call, "document", "document")])[0]


async def send_media_group(world: World, call: Call) -> object:
    """``sendMediaGroup`` with photos, or with documents."""
    items = call.objects("media")
    if not _FEWEST_IN_A_GROUP <= len(items) <= _MOST_IN_A_GROUP:
        raise bad_request(f"media group must include {_FEWEST_IN_A_GROUP}-{_MOST_IN_A_GROUP} items")
    if len({item.get("type") for item in items}) > 1:
        raise bad_request("document can't be mixed with other media types")
    contents = [await input_media(world, Call(item, call.files)) for item in items]
    group = {"media_group_id": str(world.last_message_id + 1)}
    return _sent(world, call, [content | group for content in contents])


async def copy_message(world: World, call: Call) -> object:
    """``copyMessage``."""
    source = world.known(call.text("from_chat_id"))
    original = source.messages.get(call.integer("message_id"))
    if original is None:
        raise bad_request("message to copy not found")
    if original.protect:
        raise bad_request("message can't be copied")
    content = original.content
    if "caption" in call.params and "text" not in content:
        kept = {key: value for key, value in content.items() if key not in ("caption", "caption_entities")}
        content = kept | formatted(call, "caption").as_json("caption")
    return {"message_id": _sent(world, call, [content])[0]["message_id"]}


async def input_media(world: World, item: Call) -> Json:
    """The content that an ``InputMediaPhoto`` or ``InputMediaDocument`` makes.

    Args:
        world: The stand-in's memory.
        item: Its fields, and the uploads of the whole call.

    Raises:
        ApiError: If it is of another type, or file or caption are refused.
    """
    kind = item.text("type")
    if kind not in ("photo", "document"):
        raise bad_request("can't parse InputMedia: only photo and document are known here")
    return await _media(world, item, kind, "media")


async def _media(world: World, call: Call, kind: str, name: str) -> Json:
    caption = formatted(call, "caption").as_json("caption")
    given = call.text(name)
    upload = call.files.get(given.removeprefix("attach://") if given.startswith("attach://") else name)
    value: Json | list[Json]
    if upload is None and (not given or given.startswith("attach://")):
        raise bad_request(f"there is no {kind} in the request")
    if upload is None:
        value = world.files.again(given, kind)
    elif kind == "photo":
        value = world.files.add_photo(await asyncio.to_thread(photo_sizes, upload))
    else:
        value = world.files.add_document(upload)
    return {kind: value} | caption


def _sent(world: World, call: Call, contents: Sequence[Json]) -> list[Json]:
    markup = inline_keyboard(call)
    chat = world.writable(call.text("chat_id"))
    extras = {name: call.parsed(name) for name in _KEPT if call.has(name)} | _answered(chat, call)
    if world.rate:
        world.rate.check(chat.id)
    messages = [world.add(chat, world.bot, content) for content in contents]
    for message in messages:
        message.extras = extras
        message.markup = markup
        message.protect = call.flag("protect_content")
        message.silent = call.flag("disable_notification")
        world.tell(Change(chat.id, "new", message.message_id))
    return [message_json(chat, message) for message in messages]


def _answered(chat: Chat, call: Call) -> Json:
    """The field that shows what a message answers; none if it answers nothing."""
    wanted = call.parsed("reply_parameters")
    if not wanted:
        return {}
    if not isinstance(wanted, dict):
        raise bad_request("object expected as reply parameters")
    original: Message | None = chat.messages.get(int(wanted.get("message_id", 0)))
    if original:
        return {"reply_to_message": message_json(chat, original)}
    if wanted.get("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


METHODS: Mapping[str, Handler] = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendMediaGroup": send_media_group,
    "copyMessage": copy_message,
}
