import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot.demo.faults import CutAfter, CutBefore, Garbled, Late, What, retry_after, server_error
from tests.flows.standin_place import KEYBOARD, KIM, PATIENCE, Place, picture, served


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """A served stand-in to which Kim has written."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # or every RetryAfter warns
    async with served() as here:
        yield here


REFUSALS: list[tuple[Callable[[telegram.Bot], Awaitable[object]], type[Exception], str]] = [
    (lambda bot: bot.send_message(KIM, " "), BadRequest, "Message text is empty"),
    (lambda bot: bot.send_message(KIM, "a" * 4097), BadRequest, "Message is too long"),
    (
        lambda bot: bot.send_message(KIM, "<b>a", ParseMode.HTML),
        BadRequest,
        "Can't parse entities: can't find end tag",
    ),
    (lambda bot: bot.send_message(KIM, "a", ParseMode.MARKDOWN_V2), BadRequest, "Unsupported parse_mode"),
    (lambda bot: bot.send_message(999, "a"), BadRequest, "Chat not found"),
    (lambda bot: bot.send_message(8, "a"), Forbidden, "bot can't initiate conversation with a user"),
    (lambda bot: bot.send_photo(KIM, picture(), "a" * 1025), BadRequest, "Message caption is too long"),
    (lambda bot: bot.send_photo(KIM, "AgACAgIwrong"), BadRequest, "Wrong file identifier/http url specified"),
    (lambda bot: bot.edit_message_text("a", KIM, 999), BadRequest, "Message to edit not found"),
    (lambda bot: bot.edit_message_text("a", KIM, 1), BadRequest, "Message can't be edited"),
    (lambda bot: bot.delete_message(KIM, 999), BadRequest, "Message to delete not found"),
    (lambda bot: bot.answer_callback_query("1"), BadRequest, "Query is too old and response timeout expired"),
    (lambda bot: bot.do_api_request("sendEverything"), InvalidToken, "endpoint 'sendEverything' does not exist"),
    (lambda bot: bot.set_webhook("http://bot.example"), BadRequest, "Bad webhook: an https url must be provided"),
    (
        lambda bot: bot.send_message(
            KIM, "a", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("a", callback_data="é" * 33)]])
        ),
        BadRequest,
        "Button_data_invalid",
    ),
    (
        lambda bot: bot.send_message(KIM, "a", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("a")]])),
        BadRequest,
        "Text buttons are unallowed",
    ),
]


async def test_refusals_reach_the_client(place: Place, subtests: pytest.Subtests) -> None:
    """Each refusal becomes the exception that a real client knows for it."""
    place.stand_in.add_user(8, "Alex")
    bot = await place.bot()
    for act, error, why in REFUSALS:
        with subtests.test(why), pytest.raises(error, match=re.compile(re.escape(why), re.IGNORECASE)):
            await act(bot)


async def test_refusals_that_need_a_history(place: Place) -> None:
    """An unchanged edit, a block, an old message and a wrong token are refused as by Telegram."""
    bot = await place.bot()
    sent = await bot.send_message(KIM, "a", reply_markup=KEYBOARD)
    with pytest.raises(BadRequest, match=r"^Message is not modified"):
        await bot.edit_message_text("a", KIM, sent.message_id, reply_markup=KEYBOARD)
    photo = await bot.send_photo(KIM, picture())
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("a", KIM, photo.message_id)
    place.instants.append(place.instants[-1] + timedelta(hours=49))
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(KIM, sent.message_id)
    place.stand_in.block(KIM)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(KIM, "a")
    with pytest.raises(InvalidToken):
        await (await place.bot("42:wrong")).get_me()


FAULTS: list[tuple[What, type[Exception], int]] = [
    (retry_after(7), RetryAfter, 0),
    (server_error(500), NetworkError, 0),
    (server_error(502), NetworkError, 0),
    (CutBefore(), NetworkError, 0),
    (CutAfter(), NetworkError, 1),
    (Late(PATIENCE), TimedOut, 1),
    (Garbled(), telegram.error.TelegramError, 1),
]


async def test_faults_reach_the_client(place: Place, subtests: pytest.Subtests) -> None:
    """Each declared fault is what a real client would see of it, and the message is sent or not as declared."""
    bot = await place.bot(seconds=0.2)
    for what, error, sent in FAULTS:
        with subtests.test(str(what)):
            before = len(place.stand_in.messages(KIM))
            place.stand_in.faults.add("sendMessage", what, chat_id=KIM)
            with pytest.raises(error) as caught:
                await bot.send_message(KIM, "a")
            assert len(place.stand_in.messages(KIM)) == before + sent
            if isinstance(what, CutBefore | CutAfter):
                assert isinstance(caught.value.__cause__, httpx.RemoteProtocolError)
    assert await bot.send_message(KIM, "b")
