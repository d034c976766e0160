"""The people's side of the stand-in: what somebody with a phone can do and see."""

import uuid
from collections.abc import Mapping
from typing import Any

from bot.demo.calls import Call, Upload
from bot.demo.chats import Change, Chat, Message, Query, User, Watch, World, message_json
from bot.demo.errors import ApiError, Json
from bot.demo.files import photo_sizes
from bot.demo.profile import announce_membership, commands_for
from bot.demo.texts import formatted

_NEVER_WROTE = "bot can't initiate conversation with a user"
_BLOCKED = "bot was blocked by the user"
_DEACTIVATED = "user is deactivated"
_KICKED = "bot was kicked from the group chat"
_FIRST_GROUP = -4_000_001
_STICKER_SIDE = 512


class People:
    """What the people on the other end do.

    Every method works at once and without a network. Whoever is not known, and whatever a real phone could not do, is a ``KeyError`` or a ``ValueError``.
    In a group, give its number as ``chat_id``; otherwise everything happens in the person's private chat with the bot.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def add_user(self, user_id: int, first_name: str, language_code: str = "en", username: str | None = None) -> None:
        """Let a person exist who has not written to the bot yet."""
        if user_id in self._world.users or user_id <= 0:
            raise ValueError(f"user {user_id} is there already, or is no number of a person")
        user = self._world.users[user_id] = User(user_id, first_name, language_code, username)
        self._world.chats[user_id] = Chat(user_id, user=user, shut=_NEVER_WROTE)

    def say(self, user_id: int, text: str, *, chat_id: int | None = None) -> int:
        """Send a text.

        Returns:
            The message's number.

        Raises:
            ValueError: If the text is empty or too long, or the bot is blocked.
        """
        return self._write(user_id, _typed(text), chat_id)

    def open_link(self, user_id: int, payload: str) -> int:
        """Open ``t.me/<bot>?start=<payload>`` and press Start; returns the message's number."""
        return self.say(user_id, f"/start {payload}".strip())

    def send_photo(self, user_id: int, content: bytes, caption: str = "") -> int:
        """Send a picture; returns the message's number."""
        photo = self._world.files.add_photo(photo_sizes(Upload("photo.jpg", content)))
        return self._write(user_id, {"photo": photo} | ({"caption": caption} if caption else {}))

    def send_document(self, user_id: int, name: str, content: bytes) -> int:
        """Send a file; returns the message's number."""
        return self._write(user_id, {"document": self._world.files.add_document(Upload(name, content))})

    def send_voice(self, user_id: int, seconds: int = 2) -> int:
        """Send a voice message; returns the message's number."""
        return self._write(
            user_id, {"voice": self._world.files.add_document(Upload("a.ogg", b"OggS"), "voice", {"duration": seconds})}
        )

    def send_sticker(self, user_id: int, emoji: str = "👍") -> int:
        """Send a sticker; returns the message's number."""
        shape = {
            "type": "regular",
            "width": _STICKER_SIDE,
            "height": _STICKER_SIDE,
            "is_animated": False,
            "is_video": False,
        }
        sticker = self._world.files.add_document(Upload("a.webp", b"RIFF"), "sticker", shape | {"emoji": emoji})
        return self._write(user_id, {"sticker": sticker})

    def send_contact(self, user_id: int, phone: str, name: str) -> int:
        """Send a contact; returns the message's number."""
        return self._write(user_id, {"contact": {"phone_number": phone, "first_name": name}})

    def tap(self, user_id: int, message_id: int, button: str | int, *, chat_id: int | None = None) -> str:
        """Tap a button under a message.

        Args:
            user_id: Who taps.
            message_id: Under which message.
            button: Its ``callback_data``, or its place counted from 0, row by row.
            chat_id: The group; None for the private chat.

        Returns:
            The query's id, for ``query``.

        Raises:
            KeyError: If there is no such message.
            ValueError: If there is no such button, or it does not ask the bot.
        """
        chat = self._chat(user_id, chat_id)
        message = chat.messages[message_id]
        data = _data_of(message, button)
        query = Query(str(uuid.uuid4().int >> 65), chat.id, message_id, user_id, self._world.now())
        self._world.queries[query.query_id] = query
        body = {
            "id": query.query_id,
            "from": self._world.users[user_id].as_json(),
            "message": message_json(chat, message),
        }
        self._world.updates.put("callback_query", body | {"chat_instance": chat.instance(), "data": data})
        return query.query_id

    def query(self, query_id: str) -> Query:
        """What became of a tap."""
        return self._world.queries[query_id]

    def toasts(self, user_id: int) -> list[Query]:
        """The answered taps that brought this person a passing notice, oldest first."""
        return [query for query in self._world.queries.values() if query.user_id == user_id and query.text]

    def edit_own_message(self, user_id: int, message_id: int, text: str) -> None:
        """Change one's own text.

        Raises:
            ValueError: If it is somebody else's, or not a text.
        """
        chat = self._chat(user_id, None)
        message = chat.messages[message_id]
        if message.sender.id != user_id or "text" not in message.content:
            raise ValueError("only one's own texts can be edited")
        message.content, message.edited = _typed(text), self._world.now()
        self._world.updates.put("edited_message", message_json(chat, message))
        self._world.tell(Change(chat.id, "edited", message_id))

    def delete_for_both(self, user_id: int, message_id: int) -> None:
        """Delete any message of the private chat on both sides; the bot is not told, as in Telegram."""
        chat = self._chat(user_id, None)
        del chat.messages[message_id]
        self._world.tell(Change(chat.id, "deleted", message_id))

    def block(self, user_id: int) -> None:
        """Block the bot."""
        chat = self._chat(user_id, None)
        chat.shut = _BLOCKED
        announce_membership(self._world, chat, self._world.users[user_id], "member", "kicked")

    def unblock(self, user_id: int) -> None:
        """Let the bot write again.

        Raises:
            ValueError: If it was not blocked.
        """
        chat = self._chat(user_id, None)
        if chat.shut != _BLOCKED:
            raise ValueError("the bot is not blocked")
        chat.shut = None
        announce_membership(self._world, chat, self._world.users[user_id], "kicked", "member")

    def deactivate(self, user_id: int) -> None:
        """Delete the person's account at Telegram; nobody is told."""
        self._chat(user_id, None).shut = _DEACTIVATED

    def add_to_group(self, user_id: int, title: str = "A group") -> int:
        """Make a group with the bot in it; returns the group's number."""
        group = Chat(_FIRST_GROUP - sum(chat.user is None for chat in self._world.chats.values()), title=title)
        self._world.chats[group.id] = group
        announce_membership(self._world, group, self._world.users[user_id], "left", "member")
        self._write(user_id, {"new_chat_members": [self._world.bot.as_json()]}, group.id)
        return group.id

    def remove_from_group(self, user_id: int, chat_id: int) -> None:
        """Throw the bot out of a group."""
        group = self._chat(user_id, chat_id)
        group.shut = _KICKED
        announce_membership(self._world, group, self._world.users[user_id], "member", "kicked")

    def messages(self, user_id: int) -> list[Json]:
        """A chat as its phone shows it, oldest first; a group's number works too.

        Returns:
            Bot API messages, each with ``disable_notification`` where it came silently, and the ``file_path`` of its picture or document.
        """
        chat = self._world.chats[user_id]
        return [self._shown(chat, message) for message in chat.messages.values()]

    def commands(self, user_id: int) -> list[Json]:
        """The command menu that this person sees: objects with ``command`` and ``description``."""
        user = self._world.users[user_id]
        return commands_for(self._world, self._world.chats[user_id], user.language_code or "")

    def file_bytes(self, path: str) -> bytes:
        """The content behind a ``file_path``."""
        content = self._world.files.at(path)
        if content is None:
            raise KeyError(path)
        return content

    def file_with_id(self, file_id: str) -> bytes:
        """The content behind a ``file_id``."""
        content = self._world.files.with_id(file_id)
        if content is None:
            raise KeyError(file_id)
        return content

    def pending_updates(self) -> list[Json]:
        """What the bot has not confirmed yet, oldest first."""
        return self._world.updates.pending()

    def watch(self) -> Watch:
        """What changes in any chat from now on."""
        watch = Watch(self._world.watches.discard)
        self._world.watches.add(watch)
        return watch

    def _chat(self, user_id: int, chat_id: int | None) -> Chat:
        chat = self._world.chats[user_id if chat_id is None else chat_id]
        if user_id not in self._world.users:
            raise KeyError(user_id)
        return chat

    def _write(self, user_id: int, content: Json, chat_id: int | None = None) -> int:
        chat = self._chat(user_id, chat_id)
        if chat.user and chat.shut == _NEVER_WROTE:
            chat.shut = None
        if chat.user and chat.shut:
            raise ValueError(f"nothing can be sent to the bot: {chat.shut}")
        message = self._world.add(chat, self._world.users[user_id], content)
        if not chat.shut and self._reaches_bot(chat, content):
            self._world.updates.put("message", message_json(chat, message))
        self._world.tell(Change(chat.id, "new", message.message_id))
        return message.message_id

    def _reaches_bot(self, chat: Chat, content: Mapping[str, Any]) -> bool:
        """In groups a bot in privacy mode hears only service messages, commands and its own name (core.telegram.org/bots/features#privacy-mode)."""
        text = str(content.get("text", ""))
        return (
            chat.user is not None
            or "new_chat_members" in content
            or text.startswith("/")
            or f"@{self._world.bot.username}" in text
        )

    def _shown(self, chat: Chat, message: Message) -> Json:
        shown = message_json(chat, message) | ({"disable_notification": True} if message.silent else {})
        file = message.content["photo"][-1] if "photo" in message.content else message.content.get("document")
        return shown | ({"file_path": self._world.files.path_of(file["file_id"])} if file else {})


def _typed(text: str) -> Json:
    try:
        return formatted(Call({"text": text})).as_json()
    except ApiError as error:
        raise ValueError(error.description) from None


def _data_of(message: Message, button: str | int) -> str:
    rows = (message.markup or {"inline_keyboard": []})["inline_keyboard"]
    buttons: list[Json] = [each for row in rows for each in row]
    if isinstance(button, int):
        if not 0 <= button < len(buttons) or "callback_data" not in buttons[button]:
            raise ValueError(f"message {message.message_id} has no button {button} that asks the bot")
        return str(buttons[button]["callback_data"])
    if all(each.get("callback_data") != button for each in buttons):
        raise ValueError(f"message {message.message_id} has no button {button!r}")
    return button
