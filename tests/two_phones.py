"""Two phones without a bot behind them: a few messages, and a note of all that the page asked for."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from PIL import Image, ImageDraw

from bot.demo.clock import ShiftableClock
from bot.demo.phones import Happening, ImpossibleError, Owner

KIM, NOOR = Owner(11, "Kim"), Owner(22, "Noor")
START = datetime(2026, 10, 11, 17, 0, tzinfo=UTC)
LINK = "https://t.me/you_and_i_bot?start=abcDEF123"
ANSWERS = ("Not true", "A little true", "Half true", "Mostly true", "Very true")
STATEMENTS = (
    "I kept going with something that matters to me, even in a small way.",
    "My partner hardly crossed my mind.",
    "I swallowed what I really thought to keep things smooth.",
    "I could relax into being close with my partner.",
)

Message = dict[str, object]


def key(text: str, **action: object) -> Message:
    """One inline button; without an action it carries its own words."""
    return {"text": text} | (action or {"callback_data": text})


def circles() -> bytes:
    """A small picture of two circles, as JPEG."""
    image = Image.new("RGB", (640, 420), "#fbf7f1")
    draw = ImageDraw.Draw(image)
    draw.ellipse((90, 90, 330, 330), fill="#f2c9a0")
    draw.ellipse((350, 120, 540, 310), fill="#a9d8cf")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


class FakePhones:
    """Implements ``bot.demo.phones.Phones``; every deed is noted and, where a test wants it, answered."""

    def __init__(self, clock: ShiftableClock) -> None:
        self.clock = clock
        self.deeds: list[tuple[object, ...]] = []
        self.chats: dict[int, list[Message]] = {KIM.user_id: [], NOOR.user_id: []}
        self.files = {"AgAC-circles": circles(), "BQAC-export": b"<script>alert(1)</script>"}
        self.watches: list[asyncio.Queue[Happening]] = []

    def bot_username(self) -> str:
        """Always the same."""
        return "you_and_i_bot"

    def bot_name(self) -> str:
        """Always the same."""
        return "You & I"

    def owners(self) -> Sequence[Owner]:
        """Kim on the left, Noor on the right."""
        return (KIM, NOOR)

    def commands(self, user_id: int) -> Sequence[tuple[str, str]]:
        """Three commands, the same for both."""
        assert user_id in self.chats
        return (("start", "Where you left off"), ("picture", "My own you and I"), ("safety", "Help and safety"))

    def messages(self, user_id: int) -> Sequence[Mapping[str, object]]:
        """As they were added."""
        return self.chats[user_id]

    def file(self, user_id: int, file_id: str) -> bytes | None:
        """One of two."""
        assert user_id in self.chats
        return self.files.get(file_id)

    async def say(self, user_id: int, text: str) -> None:
        """Note it, show it, and welcome whoever starts."""
        self.deeds.append(("say", user_id, text))
        self.add(user_id, bot=False, text=text)
        if text == "/start":
            self.add(user_id, text="Hello. This is You & I.", reply_markup=keyboard([key("Begin")]))

    async def tap(self, user_id: int, message_id: int, data: str) -> None:
        """Note it, ask the next question, and pass a notice."""
        if not 1 <= message_id <= len(self.chats[user_id]):
            raise ImpossibleError(message_id)
        self.deeds.append(("tap", user_id, message_id, data))
        if data.startswith("answer:"):
            self.ask(user_id, int(data.split(":")[1]) + 1, message_id)
        self.tell(Happening(user_id, f"Noted: {data}", alert=data == "alert"))

    async def open_link(self, user_id: int, payload: str) -> None:
        """Note it and show an invitation."""
        self.deeds.append(("open", user_id, payload))
        self.add(user_id, text="Kim invites you to You & I.", reply_markup=keyboard([key("I choose this freely")]))

    async def watch(self) -> AsyncIterator[Happening]:
        """All that is told from now on."""
        happenings: asyncio.Queue[Happening] = asyncio.Queue()
        self.watches.append(happenings)
        try:
            while True:
                yield await happenings.get()
        finally:
            self.watches.remove(happenings)

    def tell(self, happening: Happening) -> None:
        """Let every open page know."""
        for happenings in self.watches:
            happenings.put_nowait(happening)

    def add(self, user_id: int, *, bot: bool = True, **content: object) -> int:
        """Put a message into a chat and say so."""
        chat = self.chats[user_id]
        number = len(chat) + 1
        chat.append(
            {"message_id": number, "date": int(self.clock.now().timestamp()), "from": {"is_bot": bot}} | content
        )
        self.tell(Happening(user_id))
        return number

    def ask(self, user_id: int, number: int, message_id: int) -> None:
        """Show a question in a message, or the end of them."""
        if number < len(STATEMENTS):
            text = f"{number + 1} of {len(STATEMENTS)}\n{STATEMENTS[number]}"
            rows = [[key(label, callback_data=f"answer:{number}:{value}")] for value, label in enumerate(ANSWERS)]
            rows.append([key("Back"), key("Skip"), key("Pause")])
        else:
            text, rows = "If you could change one thing about this week?", [[key("More of both")]]
        self.chats[user_id][message_id - 1] |= {"text": text, "reply_markup": keyboard(*rows)}
        self.tell(Happening(user_id))


class FakePacemaker:
    """Due instants from a list; settling takes away those that have come."""

    def __init__(self, clock: ShiftableClock, *after: timedelta) -> None:
        self.clock = clock
        self.due = sorted(clock.now() + step for step in after)
        self.stops: list[datetime] = []

    async def next_due(self) -> datetime | None:
        """The first of the list."""
        return self.due[0] if self.due else None

    async def settled(self) -> None:
        """Note the stop and take away what has come."""
        self.stops.append(self.clock.now())
        self.due = [due for due in self.due if due > self.clock.now()]


def keyboard(*rows: list[Message]) -> Message:
    """An inline keyboard, row by row."""
    return {"inline_keyboard": list(rows)}


def furnish(phones: FakePhones) -> None:
    """A chat of everything: formatting, a picture, a document, all kinds of buttons, and open questions."""
    kim, noor = KIM.user_id, NOOR.user_id
    phones.add(kim, bot=False, text="/start")
    quote = "Kim, I: about 71, likely between 60 and 81.\nKim, you: about 54.\nNoor, I: about 52.\nNoor, you: about 70.\nNeither measures love."
    words = "Your pictures differ. Neither is the better one. Secret.\n"
    phones.add(
        kim,
        photo=[{"file_id": "AgAC-circles", "width": 640, "height": 420}],
        caption=words + quote,
        caption_entities=[
            {"type": "bold", "offset": 0, "length": 21},
            {"type": "italic", "offset": 5, "length": 8},
            {"type": "spoiler", "offset": 49, "length": 7},
            {"type": "expandable_blockquote", "offset": len(words), "length": len(quote)},
        ],
        reply_markup=keyboard([key("Talk about it"), key("Another")], [key("Help and safety")]),
        disable_notification=True,
    )
    phones.add(
        kim,
        text="Everything as a file.",
        document={"file_id": "BQAC-export", "file_name": "you-and-i.json", "file_size": 25},
    )
    phones.add(
        kim,
        text=f"Shall we try this? <b>No markup</b>\n{LINK}\nHelp: /safety or https://example.org/help.",
        reply_markup=keyboard(
            [
                key(
                    "Send",
                    url="https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fyou_and_i_bot%3Fstart%3DabcDEF123&text=Shall%20we%20try%20this%3F",
                )
            ],
            [key("Copy the code", copy_text={"text": "7K3M-9QXA"}), key("Withdraw")],
        ),
    )
    phones.add(noor, bot=False, text="/start")
    phones.ask(noor, 0, phones.add(noor, text=""))
