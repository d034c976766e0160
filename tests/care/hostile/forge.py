"""A generator of hostile updates: the same seed gives the same updates, up to the codes and keys of the town."""

import copy
import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.scenes import table
from bot.scenes.shapes import NOTHING, SHAPES
from tests.care.hostile.town import Town
from tests.care.hostile.wares import BARE, LONG, NASTY, NUMBERS, SERVICE

Update = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Forged:
    """One hostile update.

    Attributes:
        kind: Which sort.
        update: As Telegram would send it.
        actor: Telegram's number of whoever is behind it, or None.
    """

    kind: str
    update: Update
    actor: int | None


class Forge:
    """Makes updates of people of a town, and of strangers, without end."""

    def __init__(self, town: Town, seed: int, attackers: Sequence[int] = ()) -> None:
        """Take what can be stolen in the town.

        Args:
            town: Whose buttons, codes and numbers are used.
            seed: Of all chance.
            attackers: Telegram's numbers of whoever attacks; none given, it is everybody who lives there.
        """
        self._town = town
        self._attackers = attackers or tuple(one.user_id for one in town.people)
        self._dice = random.Random(seed)  # noqa: S311 -- chosen, not secret
        self._stolen = sorted({data for one in town.people for data in one.data})
        self._kinds = sorted(table.TAPS)
        self._commands = sorted(table.COMMANDS)
        self._numbers = itertools.count(10**7)
        self._last: Forged | None = None
        self._sorts: tuple[tuple[int, Callable[[], Forged]], ...] = (
            (18, self._shaped),
            (14, self._theft),
            (8, self._altered),
            (5, self._junk),
            (16, self._typed),
            (8, self._command),
            (5, self._invitation),
            (6, self._media),
            (3, self._service),
            (5, self._not_for_the_bot),
            (2, self._unknown),
            (3, self._elsewhere),
            (3, self._group),
            (2, self._channel),
            (2, self._reach),
            (6, self._misshapen),
            (4, self._odd_number),
            (2, self._again),
        )

    def forget(self) -> None:
        """Nothing that was sent before can come again: nobody there has seen it."""
        self._last = None

    def next(self) -> Forged:
        """Make one."""
        weights, sorts = zip(*self._sorts, strict=True)
        made: Forged = self._dice.choices(sorts, weights)[0]()
        self._last = made
        return made

    # Who, and in which message

    def _user(self, number: int | None = None) -> dict[str, Any]:
        known = self._dice.random() < 0.9
        number = number or (
            self._dice.choice(self._attackers) if known else self._dice.choice((7, 2**40, 2**52 - 1, 99_999))
        )
        name = self._dice.choice(NASTY) if self._dice.random() < 0.6 else "Kim"
        language = self._dice.choice(("en", "de", "xx-" + "x" * 99, "../en", "\x00", ""))
        return {"id": number, "is_bot": False, "first_name": name, "language_code": language}

    def _message(self, user: Mapping[str, Any]) -> dict[str, Any]:
        chat = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
        number = self._dice.choice((1, next(self._numbers), 2**31 - 1))
        return {"message_id": number, "from": user, "chat": chat, "date": 1_800_000_000}

    def _update(self, **parts: Any) -> Update:
        return {"update_id": next(self._numbers), **parts}

    def _tap(self, kind: str, data: str) -> Forged:
        user = self._user()
        message = self._message(user) | {"from": {"id": 1, "is_bot": True, "first_name": "bot"}}
        own = next((one for one in self._town.people if one.user_id == user["id"]), None)
        if own is not None:
            message["message_id"] = self._dice.choice(own.messages)
        match self._dice.randrange(4):
            case 0:
                message["date"] = 0  # too old for the bot to see
            case 1:
                message["photo"] = BARE["photo"]
            case _:
                message |= {"text": "…", "has_protected_content": self._dice.random() < 0.3}
        query = {"id": "1", "from": user, "message": message, "chat_instance": "1", "data": data}
        return Forged(kind, self._update(callback_query=query), user["id"])

    # The sorts

    def _shaped(self) -> Forged:
        """A tap that the table can read, with numbers that may be anybody's."""
        kind = self._dice.choice(self._kinds)
        shape = self._dice.choice(SHAPES.get(kind, NOTHING))
        parts = [self._fitting(pattern.pattern) for pattern in shape]
        return self._tap("tap with anybody's numbers", ":".join(("v1", kind, *parts)))

    def _fitting(self, pattern: str) -> str:
        if "{1,44}" in pattern and self._dice.random() < 0.7:
            return self._dice.choice(self._town.codes)
        if "|" in pattern and "[" not in pattern:
            return self._dice.choice(pattern.replace("\\", "").split("|"))
        if self._dice.random() < 0.3 and self._stolen:
            return self._dice.choice(self._stolen).rpartition(":")[2]
        return str(self._dice.randrange(1, 120))

    def _theft(self) -> Forged:
        """A button of anybody's chat, also one's own, old or new."""
        return self._tap("tap of another person", self._dice.choice(self._stolen))

    def _altered(self) -> Forged:
        data = list(self._dice.choice(self._stolen))
        for _ in range(self._dice.randrange(1, 4)):
            place = self._dice.randrange(len(data) + 1)
            match self._dice.randrange(3):
                case 0:
                    data.insert(place, self._dice.choice("0123456789:-.é \n"))
                case 1:
                    data[place : place + 1] = self._dice.choice("0123456789sv:")
                case _:
                    del data[place : place + 2]
        return self._tap("altered tap", "".join(data))

    def _junk(self) -> Forged:
        kind = self._dice.choice(self._kinds)
        junk = [self._dice.choice(("", "-1", "9" * 30, "1e3", "é", "nothing", "full", "\x00", "1")) for _ in range(3)]
        data = self._dice.choice(("", "v0:home", "v1", "v1:", ":::", "x" * 65, ":".join(("v1", kind, *junk))))
        return self._tap("tap of nonsense", data)

    def _typed(self) -> Forged:
        user = self._user()
        return Forged("typed text", self._update(message=self._message(user) | {"text": self._text()}), user["id"])

    def _text(self) -> str:
        text = self._dice.choice(NASTY)
        if self._dice.random() < 0.2:
            text += self._dice.choice(NASTY)
        return text[: 2 * LONG]

    def _command(self) -> Forged:
        user = self._user()
        name = self._dice.choice((*self._commands, "nobody", "x" * 33, "START", "delete@another_bot"))
        text = f"/{name} {self._text()}" if self._dice.random() < 0.5 else f"/{name}"
        return Forged("command", self._update(message=self._message(user) | {"text": text}), user["id"])

    def _invitation(self) -> Forged:
        """A code that somebody passed on, or a message with one, forwarded or typed."""
        user = self._user()
        code = self._dice.choice((*self._town.codes, "x" * 22, "AAAA-AAAA", ""))
        message = self._message(user) | {
            "text": self._dice.choice((f"/start {code}", code or "x", f"https://t.me/b?start={code}"))
        }
        if self._dice.random() < 0.5:
            message["forward_origin"] = {"type": "hidden_user", "date": 1, "sender_user_name": "<b>"}
        return Forged("invitation passed on", self._update(message=message), user["id"])

    def _media(self) -> Forged:
        user = self._user()
        kind = self._dice.choice(sorted(BARE))
        message = self._message(user) | {kind: copy.deepcopy(BARE[kind])}
        if self._dice.random() < 0.5:
            message["caption"] = self._text()[:1024]
        return Forged("media", self._update(message=message), user["id"])

    def _service(self) -> Forged:
        user = self._user()
        kind = self._dice.choice(sorted(SERVICE))
        return Forged("service", self._update(message=self._message(user) | {kind: SERVICE[kind]}), user["id"])

    def _not_for_the_bot(self) -> Forged:
        user = self._user()
        kind = self._dice.choice(("edited_message", "channel_post", "edited_channel_post"))
        message = self._message(user) | {"text": self._text(), "edit_date": 1_800_000_001}
        if kind != "edited_message":
            message["chat"] = {"id": -1001, "type": "channel", "title": "x"}
            del message["from"]
        return Forged("not for the bot", self._update(**{kind: message}), user["id"])

    def _unknown(self) -> Forged:
        kind = self._dice.choice(("hyper_message", "x", "message2", "purchased_soul"))
        return Forged("unknown", self._update(**{kind: {"from": self._user(), "text": self._text()}}), None)

    def _elsewhere(self) -> Forged:
        """A tap outside of one's own chat, or a message in a private chat that is somebody else's."""
        made = self._theft()
        query = made.update["callback_query"]
        other = self._dice.choice(self._town.people).user_id + 10**6
        match self._dice.randrange(3):
            case 0:
                del query["message"]
                query["inline_message_id"] = "x"
            case 1:
                query["message"]["chat"] = {"id": other, "type": "private", "first_name": "x"}
            case _:
                chat = {"id": other, "type": "private", "first_name": "x"}
                message = self._message(query["from"]) | {"chat": chat, "text": self._text()}
                return Forged("elsewhere", self._update(message=message), made.actor)
        return Forged("elsewhere", made.update, made.actor)

    def _group(self) -> Forged:
        user = self._user()
        chat = {"id": -1002, "type": self._dice.choice(("group", "supergroup")), "title": self._text()[:255]}
        message = self._message(user) | {"chat": chat, "text": f"/start {self._dice.choice(self._town.codes)}"}
        return Forged("group", self._update(message=message), user["id"])

    def _channel(self) -> Forged:
        chat = {"id": -1001, "type": "channel", "title": self._text()[:255]}
        return Forged("channel", self._membership(chat, self._user()), None)

    def _reach(self) -> Forged:
        user = self._user()
        chat = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
        return Forged("reach", self._membership(chat, user), user["id"])

    def _membership(self, chat: Mapping[str, Any], user: Mapping[str, Any]) -> Update:
        def member(status: str) -> dict[str, Any]:
            bot = {"id": 1, "is_bot": True, "first_name": "bot"}
            return (
                {"user": bot, "status": status, "until_date": 0}
                if status == "kicked"
                else {"user": bot, "status": status}
            )

        states = ["member", "kicked"]
        self._dice.shuffle(states)
        old, new = map(member, states)
        return self._update(
            my_chat_member={"chat": chat, "from": user, "date": 1, "old_chat_member": old, "new_chat_member": new}
        )

    def _misshapen(self) -> Forged:
        """A sound update in which something is missing, or of another kind."""
        made = self._dice.choice((self._theft, self._typed, self._command, self._media, self._reach, self._group))()
        update = copy.deepcopy(made.update)
        for _ in range(self._dice.randrange(1, 4)):
            where: Any = update
            while True:
                inner = [key for key, value in where.items() if isinstance(value, dict) and value]
                if not inner or self._dice.random() < 0.3:
                    break
                where = where[self._dice.choice(inner)]
            keys = [key for key in where if key != "update_id"]
            if not keys:
                continue
            key = self._dice.choice(keys)
            if self._dice.random() < 0.4:
                del where[key]
            else:
                where[key] = copy.deepcopy(self._dice.choice((*NUMBERS, "\ud800", {"id": 1}, [1, [2]])))
        return Forged("misshapen", update, None)

    def _odd_number(self) -> Forged:
        """Enormous, negative and other numbers, of people, chats and messages alike."""
        made = self._dice.choice((self._theft, self._typed, self._command))()
        update = copy.deepcopy(made.update)
        query = update.get("callback_query")
        message = query["message"] if query else update["message"]
        number = self._dice.choice(NUMBERS)
        if self._dice.random() < 0.5:
            (query or message)["from"]["id"] = number
            message["chat"]["id"] = number
        else:
            message["message_id"] = number
        return Forged("odd number", update, None)

    def _again(self) -> Forged:
        """The update before, once more."""
        made = self._last or self._typed()
        return Forged("again" if self._last else made.kind, made.update, made.actor)
