from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.demo.errors import refusal
from bot.demo.faults import CutAfter, CutBefore, Instead, retry_after
from bot.scenes.screen import Tap
from bot.telegram.callbacks import encode
from tests.flows.edge_place import KIM, SAM, Edge, edge, until
from tests.flows.edge_scenes import DRAWING

pytestmark = pytest.mark.faulty


@pytest.fixture(name="bot")
async def _bot(tmp_path: Path) -> AsyncIterator[Edge]:
    """The edge, running, with Kim at home."""
    async with edge(tmp_path) as running:
        yield running


async def test_a_stranger_gets_one_answer_and_leaves_no_trace(bot: Edge) -> None:
    """Who is not let in is answered, and nothing of them is stored."""
    await bot.say("/start", who=SAM)
    await bot.say("Hello", who=SAM)
    assert bot.texts(SAM) == ["By invitation only"] * 2
    with pytest.raises(AssertionError):
        await bot.person(SAM)


async def test_a_tap_edits_the_text_in_place(bot: Edge) -> None:
    """A text that follows a tapped text is the same message, and the tap is answered."""
    query = await bot.tap("v1:count:0")
    assert bot.texts() == ["Count 0"]
    assert bot.stand_in.query(query).answered
    person = await bot.person()
    assert person.panel.place == encode(Tap("count", ("0",)))
    assert (person.panel.message_id, person.panel.owed) == (bot.last()["message_id"], False)


async def test_a_double_tap_changes_nothing_more(bot: Edge) -> None:
    """The second of two equal taps finds the screen as it is: no error, no second message, no call."""
    message_id = bot.last()["message_id"]
    bot.stand_in.tap(KIM, message_id, "v1:count:0")
    bot.stand_in.tap(KIM, message_id, "v1:count:0")
    await bot.settled()
    assert bot.texts() == ["Count 0"]
    assert bot.calls("editMessageText") == 1


async def test_a_screen_that_is_there_already_is_shown(bot: Edge) -> None:
    """Telegram's "message is not modified" is a success: the debt is cleared, nothing is sent anew."""
    message_id = bot.last()["message_id"]
    bot.stand_in.faults.add("editMessageText", CutAfter())
    await bot.tap("v1:count:0")
    assert (await bot.person()).panel.owed
    await bot.tap("v1:count:0", message_id)
    assert bot.texts() == ["Count 0"]
    assert bot.calls("editMessageText") == 2
    assert not (await bot.person()).panel.owed


async def test_a_tap_under_an_old_message_makes_it_the_panel(bot: Edge) -> None:
    """The tapped message takes over; the message that was the panel loses its buttons."""
    old = bot.last()["message_id"]
    await bot.tap("v1:count:0")
    await bot.say("/home")
    assert bot.live() == [bot.last()["message_id"]]
    await bot.bot.edit_message_text("Kept", KIM, old, reply_markup=_markup())
    await bot.tap("v1:count:0", old)
    assert bot.texts() == ["Count 0", "Home"]
    assert bot.live() == [old]
    assert (await bot.person()).panel.message_id == old


async def test_a_command_brings_a_new_message(bot: Edge) -> None:
    """What was typed is answered below it, and only the new message carries buttons."""
    await bot.say("/start")
    assert bot.texts() == ["Home", "Home"]
    assert bot.live() == [bot.last()["message_id"]]


async def test_a_deleted_message_is_sent_anew(bot: Edge) -> None:
    """If the message to edit is gone, the screen comes as a new one."""
    message_id = bot.last()["message_id"]
    bot.stand_in.tap(KIM, message_id, "v1:count:0")
    bot.stand_in.delete_for_both(KIM, message_id)
    await bot.settled()
    assert bot.texts() == ["Count 0"]
    assert bot.last()["message_id"] > message_id


async def test_a_picture_is_always_new_and_painted_once(bot: Edge) -> None:
    """A picture never edits; the old panel loses its buttons; the second time it goes by Telegram's name for it."""
    await bot.tap("v1:picture")
    assert bot.texts() == ["Home", "Picture"]
    assert bot.live() == [bot.last()["message_id"]]
    await bot.say("/picture")
    assert "photo" in bot.last()
    assert bot.painted == [DRAWING]
    await bot.tap("v1:count:0")
    assert bot.texts() == ["Home", "Picture", "Picture", "Count 0"]
    assert bot.live() == [bot.last()["message_id"]]


async def test_a_picture_that_telegram_forgot_is_painted_again(bot: Edge) -> None:
    """A file that Telegram no longer knows by its name is uploaded anew."""
    await bot.say("/picture")
    bot.stand_in.faults.add("sendPhoto", Instead(400, refusal(400, "Bad Request: wrong file identifier")))
    await bot.say("/picture")
    assert bot.texts()[-2:] == ["Picture", "Picture"]
    assert bot.painted == [DRAWING, DRAWING]


async def test_the_words_come_even_if_the_picture_cannot(bot: Edge, caplog: pytest.LogCaptureFixture) -> None:
    """A picture that Telegram refuses, or that cannot be painted, does not keep its words back."""
    bot.stand_in.faults.add("sendPhoto", Instead(400, refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")))
    await bot.say("/picture")
    bot.unpaintable = True
    await bot.say("/picture")
    assert bot.texts() == ["Home", "Picture", "Picture"]
    assert not any("photo" in message for message in bot.from_bot())
    assert "refused a picture" in caplog.text
    assert "could not be painted: ArithmeticError" in caplog.text


async def test_text_only_means_no_pictures(bot: Edge) -> None:
    """Who asked for text only gets the words, and they are edited in place."""
    await bot.say("/plain")
    await bot.tap("v1:picture")
    assert bot.texts() == ["Home", "Picture"]
    assert "photo" not in bot.last()
    assert bot.painted == []


async def test_a_file_comes_with_its_words(bot: Edge) -> None:
    """A document is a new message under its own name."""
    await bot.say("/document")
    assert bot.last()["document"]["file_name"] == "a.json"
    assert bot.last()["caption"] == "File"
    assert bot.stand_in.file_bytes(bot.last()["file_path"]) == b'{"a": 1}'


async def test_what_must_not_be_forwarded_is_sent_so(bot: Edge) -> None:
    """Protection begins and ends with a new message, since no edit can switch it."""
    bot.stand_in.tap(KIM, bot.last()["message_id"], 0)
    await bot.settled()
    await bot.say("/secret")
    assert bot.last()["has_protected_content"]
    first = bot.last()["message_id"]
    await bot.tap("v1:count:0")
    assert bot.last()["message_id"] > first
    assert "has_protected_content" not in bot.last()


async def test_a_fresh_screen_is_a_new_message(bot: Edge) -> None:
    """A scene may ask for a new message where an edit would do."""
    await bot.say("/fresh")
    assert bot.texts() == ["Home", "Fresh"]


async def test_hiding_clears_the_chat_first(bot: Edge) -> None:
    """The bot's recent messages go, and the screen that says so comes after."""
    await bot.say("/picture")
    await bot.say("/home")
    await bot.say("/hide")
    assert bot.texts() == ["Hidden"]


async def test_hiding_leaves_what_telegram_keeps(bot: Edge) -> None:
    """Messages too old to be deleted stay, and do not keep the others."""
    await bot.say("/home")
    await bot.say("/home")
    for message in list(bot.stand_in._world.chats[KIM].messages.values())[:2]:
        message.date -= timedelta(hours=50)
    await bot.say("/hide")
    assert bot.texts() == ["Home", "Hidden"]


async def test_a_notice_waits_for_the_commit(bot: Edge) -> None:
    """A tap that changes something is confirmed in its passing notice."""
    await bot.bot.edit_message_text("Sure?", KIM, bot.last()["message_id"], reply_markup=_markup("v1:save"))
    await bot.tap("v1:save")
    assert [toast.text for toast in bot.stand_in.toasts(KIM)] == ["Saved."]


async def test_typed_words_reach_only_the_place_that_asked(bot: Edge) -> None:
    """A text is taken where one was asked for; everywhere else there is one kind answer."""
    await bot.say("Kim is tired")
    assert bot.texts()[-1] == "Kind answer"
    await bot.tap("v1:home")
    await bot.tap("v1:name")
    await bot.say("Kimberly")
    assert bot.texts()[-1] == "Hello 8"
    bot.stand_in.send_sticker(KIM)
    bot.stand_in.send_contact(KIM, "123", "Sam")
    await bot.settled()
    assert bot.texts()[-2:] == ["Kind answer", "Kind answer"]


async def test_an_edited_message_gets_no_answer(bot: Edge) -> None:
    """Changing one's own words afterwards says nothing to the bot."""
    message_id = bot.stand_in.say(KIM, "Hello")
    await bot.settled()
    before = bot.texts()
    bot.stand_in.edit_own_message(KIM, message_id, "Hello again")
    await bot.settled()
    assert bot.texts() == before


@pytest.mark.parametrize("data", ["v0:count:7", "v1:nothing:1", "???"])
async def test_a_button_of_another_version_repaints(bot: Edge, data: str) -> None:
    """A tap that nobody understands shows the present screen, where the person is."""
    await bot.tap("v1:count:0")
    message_id = bot.last()["message_id"]
    await bot.bot.edit_message_text("An old version", KIM, message_id, reply_markup=_markup(data))
    bot.stand_in.tap(KIM, message_id, data)
    await bot.settled()
    assert (await bot.person()).panel.place == "v1:count:0"


async def test_telegram_asking_for_patience_is_waited_for(bot: Edge) -> None:
    """After a 429 the same screen is sent once its seconds are over."""
    bot.stand_in.faults.add("editMessageText", retry_after(1))
    await bot.tap("v1:count:0")
    assert bot.texts() == ["Count 0"]
    assert not (await bot.person()).panel.owed


async def test_a_block_is_noted_and_undone(bot: Edge) -> None:
    """Who blocks the bot is not reachable and owed nothing, until they let it in again."""
    bot.stand_in.block(KIM)
    await bot.settled()
    assert not (await bot.person()).reachable
    bot.stand_in.unblock(KIM)
    await bot.settled()
    assert (await bot.person()).reachable


async def test_a_block_that_nobody_told_is_noted_when_sending(bot: Edge) -> None:
    """Telegram's 403 marks the person as not reachable; their next tap undoes that."""
    bot.stand_in.say(KIM, "/start")
    bot.stand_in.deactivate(KIM)
    await bot.settled()
    person = await bot.person()
    assert (person.reachable, person.panel.owed) == (False, False)
    bot.stand_in._world.chats[KIM].shut = None
    await bot.say("/start")
    assert (await bot.person()).reachable


async def test_a_late_answer_to_a_tap_does_no_harm(bot: Edge) -> None:
    """A callback query that is too old is handled all the same."""
    bot.stand_in.faults.add("answerCallbackQuery", CutBefore())
    query = await bot.tap("v1:count:0")
    assert not bot.stand_in.query(query).answered
    assert bot.texts() == ["Count 0"]


async def test_an_owed_screen_is_painted_again(bot: Edge) -> None:
    """If nobody knows whether a screen arrived, the next look paints it from state."""
    bot.stand_in.faults.add("sendMessage", CutBefore())
    await bot.say("/home")
    assert bot.texts() == ["Home"]
    assert (await bot.person()).panel.owed
    await bot.consumer.repaint_owed()
    await bot.consumer.idle()
    assert bot.texts() == ["Home", "Home"]
    assert not (await bot.person()).panel.owed
    await bot.consumer.repaint_owed()
    await bot.consumer.idle()
    assert bot.texts() == ["Home", "Home"]


async def test_a_screen_that_telegram_refuses_is_not_owed_for_ever(bot: Edge, caplog: pytest.LogCaptureFixture) -> None:
    """Broken HTML is an error in the log without its words, and no endless debt."""
    await bot.say("/refused")
    assert not (await bot.person()).panel.owed
    assert "refused the screen home" in caplog.text
    assert "Kim" not in caplog.text


async def test_a_group_hears_one_sentence_and_is_left(bot: Edge) -> None:
    """The bot is for private chats only."""
    group = bot.stand_in.add_to_group(KIM)
    await bot.settled()
    assert len(bot.from_bot(group)) == 1
    assert bot.calls("leaveChat") == 1


async def test_chats_go_side_by_side_and_each_in_order(bot: Edge) -> None:
    """One chat waits for Telegram, another does not; within a chat nothing overtakes."""
    await bot.say("/start let-me-in", who=SAM)
    bot.stand_in.faults.add("editMessageText", retry_after(1), chat_id=KIM)
    kim, sam = bot.last()["message_id"], bot.last(SAM)["message_id"]
    bot.stand_in.tap(KIM, kim, "v1:count:0")
    bot.stand_in.say(KIM, "/name")
    bot.stand_in.say(KIM, "Kim")
    bot.stand_in.tap(SAM, sam, "v1:count:0")
    await until(lambda: bot.texts(SAM) == ["Count 0"])
    assert bot.texts() == ["Home"]
    await bot.settled()
    assert bot.texts() == ["Count 0", "What name?", "Hello 3"]


def _markup(data: str = "v1:count:0") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("Button", callback_data=data)]])
