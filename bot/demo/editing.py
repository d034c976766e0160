"""The methods that change or remove messages, and the one that answers a tap."""

from collections.abc import Mapping
from datetime import timedelta

from bot.demo.calls import Call
from bot.demo.chats import Change, Chat, Message, World, message_json
from bot.demo.errors import Json, bad_request
from bot.demo.keyboards import inline_keyboard
from bot.demo.messages import Handler, input_media
from bot.demo.texts import formatted

DELETABLE_FOR = timedelta(hours=48)
"""How long a bot can delete a message (core.telegram.org/bots/api#deletemessage)."""
QUERY_LIVES = timedelta(seconds=30)
"""How long a tap can be answered; Telegram names no figure, users saw 5 to 20 seconds."""
_MOST_DELETED = 100
_MOST_NOTICE = 200

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


async def edit_message_text(world: World, call: Call) -> object:
    """``editMessageText``."""
    chat, message = _editable(world, call)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    preview = {"link_preview_options": call.parsed("link_preview_options")} if call.has("link_preview_options") else {}
    kept = {key: value for key, value in message.extras.items() if key != "link_preview_options"}
    return _changed(world, (chat, message), formatted(call).as_json(), inline_keyboard(call), kept | preview)


async def edit_message_caption(world: World, call: Call) -> object:
    """``editMessageCaption``."""
    chat, message = _editable(world, call)
    if not {"photo", "document"} & message.content.keys():
        raise bad_request("there is no caption in the message to edit")
    kept = {key: value for key, value in message.content.items() if key not in ("caption", "caption_entities")}
    return _changed(world, (chat, message), kept | formatted(call, "caption").as_json("caption"), inline_keyboard(call))


async def edit_message_media(world: World, call: Call) -> object:
    """``editMessageMedia``; a text may become a picture, as in Telegram."""
    chat, message = _editable(world, call)
    media = call.parsed("media")
    if not isinstance(media, dict):
        raise bad_request("input media is not specified")
    return _changed(world, (chat, message), await input_media(world, Call(media, call.files)), inline_keyboard(call))


async def edit_message_reply_markup(world: World, call: Call) -> object:
    """``editMessageReplyMarkup``."""
    chat, message = _editable(world, call)
    return _changed(world, (chat, message), message.content, inline_keyboard(call))


def _editable(world: World, call: Call) -> tuple[Chat, Message]:
    if call.has("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = world.writable(call.text("chat_id"))
    message = chat.messages.get(call.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender.id != world.bot.id:
        raise bad_request("message can't be edited")
    return chat, message


def _changed(
    world: World, target: tuple[Chat, Message], content: Json, markup: Json | None, extras: Json | None = None
) -> Json:
    chat, message = target
    extras = message.extras if extras is None else extras
    if (content, markup, extras) == (message.content, message.markup, message.extras):
        raise bad_request(_NOT_MODIFIED)
    if content != message.content:
        message.edited = world.now()
    message.content, message.markup, message.extras = content, markup, extras
    world.tell(Change(chat.id, "edited", message.message_id))
    return message_json(chat, message)


async def delete_message(world: World, call: Call) -> object:
    """``deleteMessage``."""
    chat = world.known(call.text("chat_id"))
    message = chat.messages.get(call.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    _check_age(world, message)
    _removed(world, chat, message)
    return True


async def delete_messages(world: World, call: Call) -> object:
    """``deleteMessages``; numbers that are not there are passed over."""
    chat = world.known(call.text("chat_id"))
    numbers = call.parsed("message_ids")
    if not isinstance(numbers, list) or not numbers:
        raise bad_request("message identifiers are not specified")
    if len(numbers) > _MOST_DELETED:
        raise bad_request("too many message identifiers specified")
    messages = [chat.messages[int(number)] for number in dict.fromkeys(numbers) if int(number) in chat.messages]
    for message in messages:
        _check_age(world, message)
    for message in messages:
        _removed(world, chat, message)
    return True


def _check_age(world: World, message: Message) -> None:
    if world.now() - message.date > DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")


def _removed(world: World, chat: Chat, message: Message) -> None:
    del chat.messages[message.message_id]
    world.tell(Change(chat.id, "deleted", message.message_id))


async def answer_callback_query(world: World, call: Call) -> object:
    """``answerCallbackQuery``; once, and soon."""
    query = world.queries.get(call.text("callback_query_id"))
    if query is None or query.answered or world.now() - query.at > QUERY_LIVES:
        raise bad_request(_TOO_OLD)
    if len(call.text("text")) > _MOST_NOTICE:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answered = True
    query.text = call.text("text") or None
    query.alert = call.flag("show_alert")
    world.tell(Change(query.chat_id, "answered", query.message_id, query.text, query.alert))
    return True


METHODS: Mapping[str, Handler] = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "answerCallbackQuery": answer_callback_query,
}
