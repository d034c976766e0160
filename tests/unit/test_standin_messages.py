import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from bot.demo.calls import Upload
from bot.demo.rate import Rate
from bot.demo.standin import StandIn

KIM = 7


class Clock:
    """A wall clock that a test sets."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 3, 1, 19, tzinfo=UTC)

    def __call__(self) -> datetime:
        """What the clock shows."""
        return self.instant


@pytest.fixture
def clock() -> Clock:
    """The clock of the stand-in."""
    return Clock()


@pytest.fixture
def telegram(clock: Clock) -> StandIn:
    """A stand-in to which Kim has written."""
    telegram = StandIn("42:test", now=clock)
    telegram.add_user(KIM, "Kim")
    telegram.say(KIM, "/start")
    return telegram


async def ok(telegram: StandIn, method: str, files: dict[str, Upload] | None = None, **params: Any) -> Any:
    """Call, and expect success."""
    reply = await telegram.call(method, params, files)
    assert reply.status == 200, reply.body
    return reply.body["result"]


async def refused(telegram: StandIn, method: str, files: dict[str, Upload] | None = None, **params: Any) -> str:
    """Call, and expect a refusal in its proper shape."""
    reply = await telegram.call(method, params, files)
    assert reply.body["error_code"] == reply.status
    assert reply.body["ok"] is False
    return str(reply.body["description"])


def picture(width: int = 1000, height: int = 500) -> Upload:
    """A picture to upload."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return Upload("circles.png", out.getvalue(), "image/png")


def keyboard(*labels: str) -> str:
    """One row of buttons."""
    return json.dumps({"inline_keyboard": [[{"text": label, "callback_data": label} for label in labels]]})


async def test_a_message_has_telegrams_shape(telegram: StandIn, clock: Clock) -> None:
    """A sent message comes back with number, sender, chat, whole seconds, text and entities."""
    sent = await ok(telegram, "sendMessage", chat_id=KIM, text="<b>Hello</b>", parse_mode="HTML")
    assert sent == {
        "message_id": 2,
        "from": {"id": 42, "is_bot": True, "first_name": "You & I", "username": "youandi_demo_bot"},
        "chat": {"id": KIM, "type": "private", "first_name": "Kim"},
        "date": int(clock.instant.timestamp()),
        "text": "Hello",
        "entities": [{"type": "bold", "offset": 0, "length": 5}],
    }


async def test_a_phone_shows_how_a_message_came(telegram: StandIn) -> None:
    """The phone knows silence, protection, buttons and the preview's options; form fields may be text."""
    options = '{"is_disabled": true}'
    await ok(
        telegram,
        "SENDMESSAGE",
        chat_id=str(KIM),
        text="x",
        disable_notification="true",
        protect_content="True",
        reply_markup=keyboard("a"),
        link_preview_options=options,
    )
    shown = telegram.messages(KIM)[-1]
    assert shown["disable_notification"] is True
    assert shown["has_protected_content"] is True
    assert shown["link_preview_options"] == {"is_disabled": True}
    assert shown["reply_markup"] == {"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]}


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"chat_id": 999, "text": "a"}, "Bad Request: chat not found"),
        ({"chat_id": "@nobody", "text": "a"}, "Bad Request: chat not found"),
        ({"text": "a"}, "Bad Request: chat_id is empty"),
        ({"chat_id": KIM}, "Bad Request: message text is empty"),
        (
            {"chat_id": KIM, "text": "a", "reply_parameters": {"message_id": 99}},
            "Bad Request: message to be replied not found",
        ),
        ({"chat_id": KIM, "text": "a", "reply_parameters": "[1]"}, "Bad Request: object expected as reply parameters"),
    ],
)
async def test_messages_that_cannot_be_sent(telegram: StandIn, params: dict[str, Any], why: str) -> None:
    """What Telegram would refuse is refused with its words, and nothing appears."""
    assert await refused(telegram, "sendMessage", **params) == why
    assert len(telegram.messages(KIM)) == 1


async def test_an_answer_shows_what_it_answers(telegram: StandIn) -> None:
    """A reply carries the message that it answers, or goes without where that is allowed."""
    sent = await ok(telegram, "sendMessage", chat_id=KIM, text="a", reply_parameters={"message_id": 1})
    assert sent["reply_to_message"]["text"] == "/start"
    lonely = {"message_id": 99, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await ok(telegram, "sendMessage", chat_id=KIM, text="a", reply_parameters=lonely)


async def test_a_photo_has_real_sizes_and_can_be_sent_again(telegram: StandIn) -> None:
    """A photo gets Telegram's sizes, each a real JPEG of that width and height; its id sends it once more."""
    sent = await ok(telegram, "sendPhoto", {"photo": picture()}, chat_id=KIM, caption="<i>You</i>", parse_mode="HTML")
    assert [(size["width"], size["height"]) for size in sent["photo"]] == [
        (90, 45),
        (320, 160),
        (800, 400),
        (1000, 500),
    ]
    assert (sent["caption"], sent["caption_entities"][0]["type"]) == ("You", "italic")
    found = await ok(telegram, "getFile", file_id=sent["photo"][-1]["file_id"])
    with Image.open(io.BytesIO(telegram.file_bytes(found["file_path"]))) as image:
        assert (image.format, image.size) == ("JPEG", (1000, 500))
    again = await ok(telegram, "sendPhoto", chat_id=KIM, photo=sent["photo"][0]["file_id"])
    assert again["photo"] == sent["photo"]
    assert telegram.messages(KIM)[-1]["file_path"] == found["file_path"]
    assert telegram.file_with_id(sent["photo"][-1]["file_id"]) == telegram.file_bytes(found["file_path"])


async def test_a_big_photo_is_made_smaller(telegram: StandIn) -> None:
    """No photo keeps a side above 1280 pixels."""
    sent = await ok(telegram, "sendPhoto", {"photo": picture(2000, 1000)}, chat_id=KIM)
    assert (sent["photo"][-1]["width"], sent["photo"][-1]["height"]) == (1280, 640)


async def test_a_document_keeps_its_bytes(telegram: StandIn) -> None:
    """A document stays byte for byte as it was, with its name and type."""
    upload = Upload("you-and-i.json", b"{}", "application/json")
    sent = await ok(telegram, "sendDocument", {"d": upload}, chat_id=KIM, document="attach://d", caption="Yours")
    assert (sent["document"]["file_name"], sent["document"]["mime_type"]) == ("you-and-i.json", "application/json")
    assert telegram.file_bytes(telegram.messages(KIM)[-1]["file_path"]) == b"{}"


async def test_a_huge_document_cannot_be_downloaded(telegram: StandIn) -> None:
    """A bot may send 50 MB, but download 20 MB."""
    sent = await ok(telegram, "sendDocument", {"document": Upload("a", bytes(20_000_001))}, chat_id=KIM)
    assert await refused(telegram, "getFile", file_id=sent["document"]["file_id"]) == "Bad Request: file is too big"
    assert telegram.messages(KIM)[-1]["file_path"].startswith("documents/")
    big = {"document": Upload("a", bytes(50_000_001))}
    assert await refused(telegram, "sendDocument", big, chat_id=KIM) == "Bad Request: file is too big"


@pytest.mark.parametrize(
    ("method", "upload", "params", "why"),
    [
        ("sendPhoto", None, {}, "there is no photo in the request"),
        ("sendPhoto", None, {"photo": "attach://gone"}, "there is no photo in the request"),
        ("sendPhoto", None, {"photo": "AgAC"}, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", None, {"photo": "https://a.org/a.jpg"}, "failed to get HTTP URL content"),
        ("sendPhoto", Upload("a", b"no picture"), {}, "IMAGE_PROCESS_FAILED"),
        ("sendPhoto", Upload("a", b""), {}, "file must be non-empty"),
        ("sendPhoto", Upload("a", bytes(10_000_001)), {}, "file is too big"),
        ("sendPhoto", picture(1000, 10), {}, "PHOTO_INVALID_DIMENSIONS"),
        ("sendDocument", Upload("a", b""), {}, "file must be non-empty"),
        ("getFile", None, {"file_id": "x"}, "wrong file_id or the file is temporarily unavailable"),
    ],
)
async def test_files_that_telegram_refuses(
    telegram: StandIn, method: str, upload: Upload | None, params: dict[str, Any], why: str
) -> None:
    """A file must be there, have content, fit, and be what the method wants."""
    files = {method.removeprefix("send").lower(): upload} if upload else None
    assert await refused(telegram, method, files, chat_id=KIM, **params) == f"Bad Request: {why}"


async def test_a_photo_is_no_document(telegram: StandIn) -> None:
    """An id stands for one kind of file only."""
    sent = await ok(telegram, "sendPhoto", {"photo": picture()}, chat_id=KIM)
    why = await refused(telegram, "sendDocument", chat_id=KIM, document=sent["photo"][0]["file_id"])
    assert why == "Bad Request: can't use file of type Photo as Document"


async def test_a_media_group_is_several_messages(telegram: StandIn) -> None:
    """A group of 2 to 10 pictures becomes as many messages with one group id; others are refused."""
    media = [{"type": "photo", "media": "attach://a", "caption": "one"}, {"type": "photo", "media": "attach://b"}]
    files = {"a": picture(), "b": picture()}
    sent = await ok(telegram, "sendMediaGroup", files, chat_id=KIM, media=json.dumps(media))
    assert len({message["media_group_id"] for message in sent}) == 1
    assert [message.get("caption") for message in sent] == ["one", None]
    assert "2-10" in await refused(telegram, "sendMediaGroup", files, chat_id=KIM, media=media[:1])
    mixed = [media[0], {"type": "document", "media": "attach://b"}]
    assert "mixed" in await refused(telegram, "sendMediaGroup", files, chat_id=KIM, media=mixed)
    videos = [{"type": "video", "media": "attach://a"}] * 2
    assert "InputMedia" in await refused(telegram, "sendMediaGroup", files, chat_id=KIM, media=videos)


async def test_editing_changes_text_and_buttons(telegram: StandIn, clock: Clock) -> None:
    """An edit replaces the text and, unless given again, takes the buttons away; the message says that it was edited."""
    sent = await ok(telegram, "sendMessage", chat_id=KIM, text="a", reply_markup=keyboard("x"))
    clock.instant += timedelta(minutes=1)
    edited = await ok(telegram, "editMessageText", chat_id=KIM, message_id=sent["message_id"], text="b")
    assert (edited["text"], edited["edit_date"] - edited["date"]) == ("b", 60)
    assert "reply_markup" not in edited
    marked = await ok(
        telegram, "editMessageReplyMarkup", chat_id=KIM, message_id=sent["message_id"], reply_markup=keyboard("y")
    )
    assert marked["reply_markup"]["inline_keyboard"][0][0]["text"] == "y"


async def test_editing_pictures(telegram: StandIn) -> None:
    """A picture's caption and the picture itself can be changed, and a text can become a picture."""
    sent = await ok(telegram, "sendPhoto", {"photo": picture()}, chat_id=KIM, caption="a")
    where: dict[str, Any] = {"chat_id": KIM, "message_id": sent["message_id"]}
    assert (await ok(telegram, "editMessageCaption", **where, caption="b"))["caption"] == "b"
    assert "caption" not in await ok(telegram, "editMessageCaption", **where)
    media = {"type": "photo", "media": "attach://p"}
    changed = await ok(telegram, "editMessageMedia", {"p": picture(300, 300)}, **where, media=media)
    assert changed["photo"][-1]["width"] == 300
    text = await ok(telegram, "sendMessage", chat_id=KIM, text="a")
    became = await ok(
        telegram,
        "editMessageMedia",
        {"p": picture()},
        chat_id=KIM,
        message_id=text["message_id"],
        media=json.dumps(media),
    )
    assert "text" not in became


async def test_edits_that_telegram_refuses(telegram: StandIn) -> None:
    """An edit must change something, and fit the kind of message that is there."""
    text = (await ok(telegram, "sendMessage", chat_id=KIM, text="a", reply_markup=keyboard("x")))["message_id"]
    photo = (await ok(telegram, "sendPhoto", {"photo": picture()}, chat_id=KIM))["message_id"]
    same = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    same += "as a current content and reply markup of the message"
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("editMessageText", {"message_id": text, "text": "a", "reply_markup": keyboard("x")}, same),
        ("editMessageReplyMarkup", {"message_id": text, "reply_markup": keyboard("x")}, same),
        ("editMessageText", {"message_id": photo, "text": "a"}, "Bad Request: there is no text in the message to edit"),
        (
            "editMessageCaption",
            {"message_id": text, "caption": "a"},
            "Bad Request: there is no caption in the message to edit",
        ),
        ("editMessageMedia", {"message_id": photo}, "Bad Request: input media is not specified"),
        ("editMessageText", {"message_id": 999, "text": "a"}, "Bad Request: message to edit not found"),
        ("editMessageText", {"message_id": 1, "text": "a"}, "Bad Request: message can't be edited"),
        ("editMessageText", {"inline_message_id": "a", "text": "a"}, "Bad Request: MESSAGE_ID_INVALID"),
        ("editMessageText", {"message_id": "one", "text": "a"}, 'Bad Request: parameter "message_id" must be a number'),
    ]
    for method, params, why in cases:
        assert await refused(telegram, method, chat_id=KIM, **params) == why


async def test_deleting_ends_after_48_hours(telegram: StandIn, clock: Clock) -> None:
    """A message can be deleted for 48 hours, once."""
    first = (await ok(telegram, "sendMessage", chat_id=KIM, text="a"))["message_id"]
    clock.instant += timedelta(hours=48)
    assert await ok(telegram, "deleteMessage", chat_id=KIM, message_id=first) is True
    assert (
        await refused(telegram, "deleteMessage", chat_id=KIM, message_id=first)
        == "Bad Request: message to delete not found"
    )
    clock.instant += timedelta(seconds=1)
    assert "can't be deleted" in await refused(telegram, "deleteMessage", chat_id=KIM, message_id=1)


async def test_deleting_many_passes_over_what_is_gone(telegram: StandIn) -> None:
    """Several messages go at once; numbers that are not there do not matter, more than 100 do."""
    ids = [(await ok(telegram, "sendMessage", chat_id=KIM, text="a"))["message_id"] for _ in range(2)]
    assert await ok(telegram, "deleteMessages", chat_id=KIM, message_ids=json.dumps([*ids, 999])) is True
    assert [message["message_id"] for message in telegram.messages(KIM)] == [1]
    assert "too many" in await refused(telegram, "deleteMessages", chat_id=KIM, message_ids=list(range(101)))
    assert "not specified" in await refused(telegram, "deleteMessages", chat_id=KIM, message_ids=[])


async def test_copying(telegram: StandIn) -> None:
    """A copy is a new message without its source; a protected or missing one cannot be copied."""
    telegram.add_user(8, "Alex")
    telegram.say(8, "/start")
    photo = await ok(telegram, "sendPhoto", {"photo": picture()}, chat_id=KIM, caption="a")
    where: dict[str, Any] = {"chat_id": 8, "from_chat_id": KIM}
    copied = await ok(telegram, "copyMessage", **where, message_id=photo["message_id"], caption="b")
    assert copied == {"message_id": photo["message_id"] + 1}
    assert telegram.messages(8)[-1]["caption"] == "b"
    secret = await ok(telegram, "sendMessage", chat_id=KIM, text="a", protect_content=True)
    assert "can't be copied" in await refused(telegram, "copyMessage", **where, message_id=secret["message_id"])
    assert "not found" in await refused(telegram, "copyMessage", **where, message_id=999)


async def test_pace_is_held_when_asked_for() -> None:
    """With a rate, a chat that gets too much answers 429 with the seconds to wait, and time makes it good."""
    seconds = [0.0]
    telegram = StandIn("42:test", rate=Rate(per_second=5, burst=2, monotonic=lambda: seconds[0]))
    telegram.add_user(KIM, "Kim")
    telegram.say(KIM, "hello")
    for _ in range(2):
        await ok(telegram, "sendMessage", chat_id=KIM, text="a")
    reply = await telegram.call("sendMessage", {"chat_id": KIM, "text": "a"})
    assert (reply.status, reply.body["parameters"]) == (429, {"retry_after": 2})
    assert reply.body["description"] == "Too Many Requests: retry after 2"
    seconds[0] = 2.0
    await ok(telegram, "sendMessage", chat_id=KIM, text="a")
