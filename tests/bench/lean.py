"""The least of a Bot API server: raw HTTP, long polling, and what a tap needs. It shares no core with the bot.

The stand-in checks all that Telegram checks, which takes longer than the bot itself; here only speed counts.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

BOT: Final = {
    "id": 42,
    "is_bot": True,
    "first_name": "You",
    "username": "you_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
    "can_connect_to_business": False,
    "has_main_web_app": False,
    "has_topics_enabled": False,
    "allows_users_to_create_topics": False,
}
SAID: Final = {
    "getMe": json.dumps(BOT).encode(),
    "getWebhookInfo": b'{"url":"","has_custom_certificate":false,"pending_update_count":0}',
    "getMyCommands": b"[]",
    "getMyDescription": b'{"description":""}',
    "getMyShortDescription": b'{"short_description":""}',
}
"""What is said to whoever asks for it."""
MOST: Final = 100
"""Updates in one answer (Bot API, getUpdates)."""
HEAD_ENDS: Final = b"\r\n\r\n"
CONTENT_LENGTH: Final = b"content-length:"


@dataclass
class Phone:
    """One person's chat with the bot.

    Attributes:
        user_id: Who.
        seen: Called when a message came or changed.
        message_id: The newest message of the bot; 0 while there is none.
        text: Its words.
        markup: Its buttons, as they came.
        answered: Taps whose spinner was ended.
    """

    user_id: int
    seen: Callable[["Phone"], None]
    message_id: int = 0
    text: str = ""
    markup: str = ""
    answered: int = 0

    @property
    def sender(self) -> dict[str, Any]:
        """The person as Telegram tells of them."""
        return {"id": self.user_id, "is_bot": False, "first_name": "Somebody", "language_code": "en"}

    @property
    def chat(self) -> dict[str, Any]:
        """The chat as Telegram tells of it."""
        return {"id": self.user_id, "type": "private", "first_name": "Somebody"}

    def buttons(self) -> dict[str, str]:
        """What can be tapped now: from the words of a button to its data."""
        rows = json.loads(self.markup)["inline_keyboard"] if self.markup else []
        return {each["text"]: each["callback_data"] for row in rows for each in row if "callback_data" in each}


NUMBERS_A_SECOND = 10
A_WHILE_AGO = 1_750_000_000.0
"""Seconds since 1970: a moment in 2025."""


@dataclass
class Lean:
    """The server.

    Attributes:
        slowness: Seconds until any call is answered, as on the way to Telegram and back.
        calls: How many calls came of each method.
    """

    slowness: float = 0.0
    calls: dict[str, int] = field(default_factory=dict)
    _phones: dict[int, Phone] = field(default_factory=dict)
    _queries: dict[str, Phone] = field(default_factory=dict)
    _updates: deque[tuple[int, bytes]] = field(default_factory=deque)
    # Later than all that a server before this one gave to the same bot, also where that began seconds ago: what a bot saw once
    # it passes over. Telegram's numbers have 32 bits.
    _numbers: int = field(default_factory=lambda: int(NUMBERS_A_SECOND * (time.time() - A_WHILE_AGO)))
    _parked: "_Connection | None" = None

    def phone(self, user_id: int, seen: Callable[[Phone], None]) -> Phone:
        """A person comes."""
        return self._phones.setdefault(user_id, Phone(user_id, seen))

    def say(self, phone: Phone, text: str) -> None:
        """A person types."""
        entities = [{"type": "bot_command", "offset": 0, "length": len(text)}] if text.startswith("/") else []
        said = {"message_id": self._next(), "from": phone.sender, "chat": phone.chat, "date": _now(), "text": text}
        self._send("message", json.dumps({**said, "entities": entities}))

    def tap(self, phone: Phone, data: str) -> None:
        """A person taps a button under the newest message."""
        query = str(self._next())
        self._queries[query] = phone
        head = json.dumps({"id": query, "from": phone.sender, "chat_instance": "1", "data": data})
        self._send("callback_query", f'{head[:-1]},"message":{_message(phone)}}}')

    def forget(self) -> None:
        """Drop what no bot has taken: the one that was asked is gone."""
        self._updates.clear()
        self._queries.clear()
        self._phones.clear()
        self._parked = None
        self.calls.clear()

    def take(self, connection: "_Connection", method: str, given: dict[str, str]) -> None:
        """Carry out a call and answer it."""
        self.calls[method] = self.calls.get(method, 0) + 1
        if method == "getUpdates":
            self._poll(connection, int(given.get("offset", 0)), float(given.get("timeout", 0)))
            return
        answer = self._carry_out(method, given)
        if self.slowness:
            asyncio.get_running_loop().call_later(self.slowness, connection.answer, answer)
        else:
            connection.answer(answer)

    def _carry_out(self, method: str, given: dict[str, str]) -> bytes:
        if method in SAID:
            return SAID[method]
        if method == "answerCallbackQuery":
            phone = self._queries.pop(given["callback_query_id"], None)
            if phone is not None:
                phone.answered += 1
        elif method in {"sendMessage", "editMessageText"}:
            phone = self._phones[int(given["chat_id"])]
            phone.message_id = int(given.get("message_id", 0)) or self._next()
            phone.text, phone.markup = given["text"], given.get("reply_markup", "")
            shown = _message(phone).encode()
            phone.seen(phone)
            return shown
        return b"true"

    def _poll(self, connection: "_Connection", offset: int, seconds: float) -> None:
        while self._updates and self._updates[0][0] < offset:
            self._updates.popleft()
        if self._updates or not seconds:
            self._hand_out(connection)
            return
        self._parked = connection
        asyncio.get_running_loop().call_later(seconds, self._unpark, connection)

    def _unpark(self, connection: "_Connection | None") -> None:
        if connection is not None and self._parked is connection:
            self._parked = None
            self._hand_out(connection)

    def _hand_out(self, connection: "_Connection") -> None:
        batch = [update for _, update in list(self._updates)[:MOST]]
        connection.answer(b"[" + b",".join(batch) + b"]")

    def _send(self, kind: str, what: str) -> None:
        number = self._next()
        self._updates.append((number, f'{{"update_id":{number},"{kind}":{what}}}'.encode()))
        if self._parked is not None:
            # What others do in the same moment comes along.
            asyncio.get_running_loop().call_soon(self._unpark, self._parked)

    def _next(self) -> int:
        self._numbers += 1
        return self._numbers


class _Connection(asyncio.Protocol):
    """One connection, one call at a time."""

    def __init__(self, server: Lean) -> None:
        self._server = server
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take calls out of what came."""
        self._buffer += data
        while (end := self._buffer.find(HEAD_ENDS)) >= 0:
            head = self._buffer[:end]
            place = head.lower().find(CONTENT_LENGTH)
            length = int(head[place + len(CONTENT_LENGTH) :].split(b"\r\n", 1)[0]) if place >= 0 else 0
            whole = end + len(HEAD_ENDS) + length
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[whole - length : whole], self._buffer[whole:]
            address = urlsplit(head.split(b" ", 2)[1].decode())
            given = dict(parse_qsl(address.query)) | _parameters(body)
            self._server.take(self, address.path.rpartition("/")[2], given)

    def answer(self, result: bytes) -> None:
        """Send the answer to the present call."""
        if self._transport is None or self._transport.is_closing():
            return
        body = b'{"ok":true,"result":' + result + b"}"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)


async def serve(server: Lean) -> tuple[asyncio.Server, str]:
    """Listen on a free port of this machine; the server to close, and its address."""
    listening = await asyncio.get_running_loop().create_server(lambda: _Connection(server), "127.0.0.1", 0)
    return listening, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


def _parameters(body: bytes) -> dict[str, str]:
    if not body.startswith(b"{"):
        return dict(parse_qsl(body.decode(errors="replace")))
    given = json.loads(body).items()
    return {name: json.dumps(value) if isinstance(value, dict | list) else str(value) for name, value in given}


def _message(phone: Phone) -> str:
    head = {
        "message_id": phone.message_id,
        "from": BOT,
        "chat": phone.chat,
        "date": _now(),
        "text": phone.text,
        "entities": [{"offset": 0, "length": 7, "type": "bold"}],
    }
    said = json.dumps(head)
    return f'{said[:-1]},"reply_markup":{phone.markup}}}' if phone.markup else said


def _now() -> int:
    return int(time.time())
