import pytest
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.telegram.answers import is_telegrams, read


def test_an_answer_is_read() -> None:
    """A result and a refusal are both answers."""
    assert read(b'{"ok": true, "result": false}') == {"ok": True, "result": False}
    assert read(b'{"ok": false, "error_code": 400, "description": "no"}')["error_code"] == 400


@pytest.mark.parametrize(
    "payload", [b"", b"<html>", b'{"ok":true,"resu', b"[]", b"null", b'"text"', b'{"ok": true}', b"\xff"]
)
def test_what_is_no_answer_is_not_quoted(payload: bytes) -> None:
    """Whatever else came is an error of the library's kind, without a word of what came."""
    with pytest.raises(TelegramError) as said:
        read(payload)
    assert type(said.value) is TelegramError
    assert said.value.message == "Invalid server response"
    assert said.value.__cause__ is None


def test_a_page_is_not_telegrams_word() -> None:
    """A refusal whose answer could not be read was not said by Telegram."""
    page = Forbidden("Forbidden (403)")
    page.__cause__ = TelegramError("Invalid server response")
    assert not is_telegrams(page)
    assert is_telegrams(BadRequest("Chat not found"))
