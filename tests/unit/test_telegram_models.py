from bot.demo.standin import StandIn
from bot.demo.updates import UpdateQueue
from tests.driver import TOKEN
from tests.telegram_models import everything_read, objections_to_answer, objections_to_call, objections_to_update

UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 2,
        "date": 1_800_000_000,
        "chat": {"id": 3, "type": "private", "first_name": "Kim"},
        "from": {"id": 3, "is_bot": False, "first_name": "Kim"},
        "text": "hello",
    },
}


def test_what_is_as_described_passes() -> None:
    """A call, an answer and an update of the right shape are not objected to."""
    keyboard = '{"inline_keyboard": [[{"text": "Yes", "callback_data": "v1:yes"}]]}'
    assert objections_to_call("sendMessage", {"chat_id": 3, "text": "[1]", "reply_markup": keyboard}) == []
    assert objections_to_answer("sendMessage", {"ok": True, "result": UPDATE["message"]}) == []
    assert objections_to_answer("sendMessage", {"ok": False, "error_code": 400, "description": "Bad Request"}) == []
    assert objections_to_update(UPDATE) == []


def test_what_is_not_described_is_refused() -> None:
    """Unknown keys at any depth, wrong types, missing fields and unknown methods are named."""
    keyboard = {"inline_keyboard": [[{"text": "Yes", "colour": "green"}]]}
    assert "colour" in objections_to_call("sendMessage", {"chat_id": 3, "text": "a", "reply_markup": keyboard})[0]
    assert "no such method" in objections_to_call("sendPoem", {})[0]
    assert "text" in objections_to_call("sendMessage", {"chat_id": 3})[0]
    assert "mood" in objections_to_answer("getMe", {"ok": True, "result": {**UPDATE["message"]["from"], "mood": 1}})[0]
    assert "around the result" in objections_to_answer("getMe", {"ok": True, "result": {}, "more": 1})[0]
    assert "another shape" in objections_to_answer("getMe", {"ok": False, "error": "no"})[0]
    assert "mood" in objections_to_update({**UPDATE, "message": {**UPDATE["message"], "mood": "good"}})[0]
    assert objections_to_update({"update_id": "one"})


async def test_every_stand_in_is_read() -> None:
    """While everything is read, what a stand-in answers, was asked and hands over is looked at, whichever it is."""
    stand_in = StandIn(TOKEN)
    stand_in.add_user(3, "Kim")
    stand_in.say(3, "/start")
    with everything_read() as wrong:
        await stand_in.call("getUpdates", {"timeout": 0})
        await stand_in.call("sendMessage", {"chat_id": 3, "text": "hello"})
        assert wrong == []
        await stand_in.call("sendMessage", {"chat_id": 3, "text": "hello", "mood": "good"})
        UpdateQueue().put("message", {**UPDATE["message"], "weather": "fine"})
    in_the_call, in_the_update = wrong
    assert "mood" in in_the_call
    assert "weather" in in_the_update
