from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import Arrival, Scene, Turn, Visitor
from bot.telegram.letters import chat_of
from bot.telegram.router import HOME, Decline, Doing, Reach, Routes, Tapped, choose, present, read
from storage.store import Tx

KIM: dict[str, Any] = {"id": 7, "is_bot": False, "first_name": "Kim", "language_code": "de"}
PRIVATE: dict[str, Any] = {"id": 7, "type": "private", "first_name": "Kim"}
GROUP: dict[str, Any] = {"id": -5, "type": "group", "title": "All"}
CHANNEL: dict[str, Any] = {"id": -6, "type": "channel", "title": "News"}
BOT: dict[str, Any] = {"id": 99, "is_bot": True, "first_name": "You & I", "username": "you_bot"}
VISITOR = Visitor("Kim", "de")
DATE = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())


def message(chat: Mapping[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    """A message as Telegram sends it."""
    return {"message": {"message_id": 1, "date": DATE, "chat": chat, "from": KIM, **content}}


def tap(data: str = "v1:walk.answer:4", **changes: Any) -> dict[str, Any]:
    """A tap under a message of the bot."""
    carrier = {"message_id": 3, "date": DATE, "chat": PRIVATE, "from": BOT, "text": "Well?"} | changes
    return {"callback_query": {"id": "q", "from": KIM, "chat_instance": "c", "data": data, "message": carrier}}


def membership(chat: Mapping[str, Any], status: str) -> dict[str, Any]:
    """A change of the bot's own membership."""
    before: dict[str, Any] = {"user": BOT, "status": "member"}
    after: dict[str, Any] = {"user": BOT, "status": status}
    if status == "kicked":
        after["until_date"] = 0
    return {
        "my_chat_member": {"chat": chat, "from": KIM, "date": DATE, "old_chat_member": before, "new_chat_member": after}
    }


def event(update: Mapping[str, Any]) -> Doing | Reach | Decline | None:
    """What the router reads in an update."""
    return read({"update_id": 1, **update}, "You_Bot")


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("/start", "start", None),
        ("/start abc-DEF_1", "start", "abc-DEF_1"),
        ("/start@you_bot  abc ", "start", "abc"),
        ("/Start@YOU_BOT", "start", None),
        ("/thanks for\nlistening", "thanks", "for\nlistening"),
        ("Hello /start", None, "Hello /start"),
        ("/", None, "/"),
        ("/home/kim", None, "/home/kim"),
    ],
)
def test_a_command_is_a_name_and_what_follows(text: str, command: str | None, rest: str | None) -> None:
    """A command may carry the bot's name and words; everything else is text as it was typed."""
    assert event(message(text=text)) == Doing(telegram_id=7, visitor=VISITOR, command=command, text=rest)


@pytest.mark.parametrize(
    "content",
    [
        {"text": "/start@another_bot abc"},
        {
            "sticker": {
                "file_id": "f",
                "file_unique_id": "u",
                "type": "regular",
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
            }
        },
        {"contact": {"phone_number": "1", "first_name": "Kim"}},
        {
            "voice": {"file_id": "f", "file_unique_id": "u", "duration": 1},
            "forward_origin": {"type": "hidden_user", "date": DATE, "sender_user_name": "A"},
        },
        {"dice": {"emoji": "x", "value": 1}},
        {
            "text": "somebody else's words",
            "forward_origin": {"type": "hidden_user", "date": DATE, "sender_user_name": "A"},
        },
    ],
)
def test_what_is_not_typed_by_the_person_has_no_words(content: dict[str, Any]) -> None:
    """A sticker, a contact, a photo's caption, a forwarded text or another bot's command reaches no scene as text."""
    assert event(message(**content)) == Doing(telegram_id=7, visitor=VISITOR)


@pytest.mark.parametrize(
    "content",
    [
        {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}], "caption": "private words"},
        {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 1}},
    ],
)
def test_a_voice_or_a_picture_of_ones_own_is_known_by_its_number_alone(content: dict[str, Any]) -> None:
    """What can be passed on in a talk reaches a scene as a number, where the place wants it; elsewhere as nothing."""
    doing = event(message(**content))
    assert doing == Doing(telegram_id=7, visitor=VISITOR, message_id=1)
    assert isinstance(doing, Doing)


def test_a_tap_carries_its_meaning_and_its_message() -> None:
    """A tap says what it means, under which message, and what to answer."""
    assert event(tap()) == Doing(
        telegram_id=7,
        visitor=VISITOR,
        tap=Tap("walk.answer", ("4",)),
        tapped=Tapped(3, is_text=True, protected=False),
        query_id="q",
    )


@pytest.mark.parametrize(
    ("changes", "tapped"),
    [
        ({"has_protected_content": True}, Tapped(3, is_text=True, protected=True)),
        (
            {"text": None, "photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]},
            Tapped(3, is_text=False, protected=False),
        ),
        ({"date": 0, "text": None}, Tapped(3, is_text=False, protected=False)),
    ],
)
def test_only_a_text_within_reach_can_be_edited(changes: dict[str, Any], tapped: Tapped) -> None:
    """A picture, and a message too old to be seen, are no texts; protection is told."""
    doing = event(tap(**changes))
    assert isinstance(doing, Doing)
    assert doing.tapped == tapped


@pytest.mark.parametrize("data", ["v0:walk.answer:4", "nonsense", ""])
def test_a_tap_that_nobody_understands_is_still_a_tap(data: str) -> None:
    """Unknown callback data has no meaning but leads to a repaint."""
    doing = event(tap(data))
    assert isinstance(doing, Doing)
    assert doing.tap is None
    assert doing.tapped is not None


@pytest.mark.parametrize(
    "update",
    [
        tap(chat=GROUP),
        tap(chat=PRIVATE | {"id": 8}),
        {"callback_query": {"id": "q", "from": KIM, "chat_instance": "c", "data": "v1:a", "inline_message_id": "i"}},
        {"edited_message": message(text="changed")["message"] | {"edit_date": DATE}},
        {"channel_post": {"message_id": 1, "date": DATE, "chat": CHANNEL, "text": "news"}},
        message(pinned_message={"message_id": 3, "date": 0, "chat": PRIVATE}),
        message(message_auto_delete_timer_changed={"message_auto_delete_time": 86400}),
        message(GROUP, new_chat_members=[BOT]),
        membership(GROUP, "left"),
        membership(CHANNEL, "left"),
        {"poll_answer": {"poll_id": "p", "option_ids": [0], "user": KIM, "option_persistent_ids": ["0"]}},
    ],
)
def test_silence_is_deliberate(update: dict[str, Any]) -> None:
    """Other people's buttons, edited messages, channels, service messages and goodbyes get no answer."""
    assert event(update) is None


@pytest.mark.parametrize(("status", "reachable"), [("kicked", False), ("member", True)])
def test_blocking_and_coming_back_are_noted(status: str, reachable: bool) -> None:
    """In a private chat the membership says whether the person can be reached."""
    assert event(membership(PRIVATE, status)) == Reach(7, reachable)


def test_groups_are_left_with_a_word_and_channels_without() -> None:
    """A group hears one sentence, whether the bot was added or was there before; a channel none."""
    assert event(membership(GROUP, "member")) == Decline(-5, "de", speaks=True)
    assert event(message(GROUP, text="Hello")) == Decline(-5, "de", speaks=True)
    assert event(membership(CHANNEL, "member")) == Decline(-6, "de", speaks=False)


def scene(name: str) -> Scene:
    """A scene that says its name."""

    def paint(_turn: Turn, _tx: Tx) -> Screen:
        return Screen(name, (), Tap(name))

    return paint


def arrive(arrival: Arrival, _tx: Tx) -> Screen:
    """Answers every stranger."""
    return Screen(str(arrival.telegram_id), (), HOME)


ROUTES = Routes(
    commands={"start": scene("start")},
    taps={"walk": scene("walk"), "name": scene("name")},
    typed={"name": scene("typed name")},
    shown={"name": scene("shown name")},
    typed_otherwise=scene("otherwise"),
    home=scene("home"),
    arrive=arrive,
)


def chosen(place: str, **doing: Any) -> tuple[str, Tap, str | None]:
    """The scene that answers, and what it is called with."""
    call = choose(ROUTES, Doing(telegram_id=7, visitor=VISITOR, **doing), place)
    return call.scene(None, None).text, call.tap, call.text  # type: ignore[arg-type]


TAPPED = Tapped(3, is_text=True, protected=False)


@pytest.mark.parametrize(
    ("place", "doing", "answer"),
    [
        ("v1:walk:1", {"tap": Tap("name"), "tapped": TAPPED}, ("name", Tap("name"), None)),
        ("v1:walk:1", {"tap": None, "tapped": TAPPED}, ("walk", Tap("walk", ("1",)), None)),
        ("v1:walk:1", {"tap": Tap("gone"), "tapped": TAPPED}, ("walk", Tap("walk", ("1",)), None)),
        ("", {"tap": None, "tapped": TAPPED}, ("home", HOME, None)),
        ("v1:gone", {"tap": None, "tapped": TAPPED}, ("home", HOME, None)),
        ("v1:name", {"command": "start", "text": "abc"}, ("start", Tap("start"), "abc")),
        ("v1:name", {"command": "unknown", "text": "abc"}, ("otherwise", Tap("name"), "abc")),
        ("v1:name", {"text": "Kim"}, ("typed name", Tap("name"), "Kim")),
        ("v1:name", {"message_id": 8}, ("shown name", Tap("name"), None)),
        ("v1:walk:1", {"message_id": 8}, ("otherwise", Tap("walk", ("1",)), None)),
        ("v1:name", {}, ("otherwise", Tap("name"), None)),
        ("v1:walk:1", {"text": "Kim"}, ("otherwise", Tap("walk", ("1",)), "Kim")),
        ("", {"text": "Kim"}, ("otherwise", HOME, "Kim")),
    ],
)
def test_the_table_answers(place: str, doing: dict[str, Any], answer: tuple[str, Tap, str | None]) -> None:
    """Tap, command and text find their row; what has none repaints, or gets the one kind answer."""
    assert chosen(place, **doing) == answer


def test_the_present_place_can_be_painted_by_anybody() -> None:
    """A command such as /start finds the present screen through the same table."""
    assert present(ROUTES, "v1:walk:9").tap == Tap("walk", ("9",))
    assert present(ROUTES, "").tap == HOME


@pytest.mark.parametrize(
    ("update", "chat"),
    [
        (message(text="a"), 7),
        (tap(), 7),
        (membership(GROUP, "member"), -5),
        ({"callback_query": {"id": "q", "from": KIM, "inline_message_id": "i"}}, 7),
        ({"poll": {"id": "p"}}, 0),
        ({"message": "strange"}, 0),
        ({"message": {"chat": 7, "from": {"id": "7"}}}, 0),
    ],
)
def test_the_order_of_a_chat_is_known_before_anything_is_parsed(update: dict[str, Any], chat: int) -> None:
    """Every update belongs to a chat, or to none."""
    assert chat_of({"update_id": 1, **update}) == chat


NO_NUMBERS: tuple[Any, ...] = (2**52, 2**70, -1, "7", "x", True, None, 1.5, {}, [])


@pytest.mark.parametrize("number", [0, *NO_NUMBERS])
@pytest.mark.parametrize("make", [lambda: message(text="Hi"), tap, lambda: membership(PRIVATE, "kicked")])
def test_whoever_has_no_number_of_telegrams_is_nobody(make: Callable[[], dict[str, Any]], number: Any) -> None:
    """A person's number that cannot be one is refused before it reaches the database, which may take text for numbers."""
    (event_of,) = make().values()
    carrier = event_of.get("message", event_of)
    changed = event_of | {"from": KIM | {"id": number}, "chat": PRIVATE | {"id": number}}
    if carrier is not event_of:
        changed = changed | {"message": carrier | {"chat": PRIVATE | {"id": number}}}
    with pytest.raises((ValueError, TypeError)):
        event({next(iter(make())): changed})


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_a_tap_under_a_message_without_a_number_is_refused(number: Any) -> None:
    """The number of the tapped message is one of Telegram's, or the update is refused."""
    with pytest.raises(ValueError, match="numbers"):
        event(tap(message_id=number))


@pytest.mark.parametrize("field", ["first_name", "language_code"])
@pytest.mark.parametrize("make", [lambda: message(text="Hi"), tap])
def test_what_is_no_text_is_refused(make: Callable[[], dict[str, Any]], field: str) -> None:
    """A name or a language that is no text is refused before a scene meets it."""
    ((kind, event_of),) = make().items()
    with pytest.raises(TypeError, match="text"):
        event({kind: event_of | {"from": KIM | {field: {"a": 1}}}})


@pytest.mark.parametrize("change", [{"language_code": 1.5}, {"language_code": ["de"]}])
@pytest.mark.parametrize("make", [lambda: message(GROUP, text="Hi"), lambda: membership(GROUP, "member")])
def test_a_language_that_is_no_text_is_refused_in_groups_too(
    make: Callable[[], dict[str, Any]], change: dict[str, Any]
) -> None:
    """What chooses the words in which a group is left is a text, or the update is refused."""
    ((kind, event_of),) = make().items()
    with pytest.raises(TypeError, match="text"):
        event({kind: event_of | {"from": KIM | change}})


@pytest.mark.parametrize("number", [-(2**52), "-5", None, -1.5])
def test_a_group_without_a_number_is_not_left(number: Any) -> None:
    """The number of a group that cannot be one is refused: there is nothing to leave."""
    with pytest.raises(ValueError, match="numbers"):
        event(membership(GROUP | {"id": number}, "member"))


def test_a_message_in_somebody_elses_private_chat_is_met_with_silence() -> None:
    """In a private chat only its own person writes to the bot; nobody is taken for another."""
    assert event(message(PRIVATE | {"id": 8}, text="/start")) is None


def test_only_a_chats_own_person_blocks_the_bot_there() -> None:
    """Nobody is taken for gone because of what somebody else did."""
    assert event(membership(PRIVATE | {"id": 8}, "kicked")) is None


def test_half_a_character_becomes_the_sign_for_an_unknown_one() -> None:
    """JSON may hold half a character, which nothing can keep or send; whole ones stay."""
    read_now = event(message(text="a\ud83d\ude00b\ud800c"))
    assert isinstance(read_now, Doing)
    assert read_now.text == "a\U0001f600b\ufffdc"
