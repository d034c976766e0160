import json
from collections.abc import Sequence

import pytest

from bot.demo.calls import Call
from bot.demo.errors import ApiError
from bot.demo.keyboards import inline_keyboard


def _keyboard(*rows: Sequence[object]) -> Call:
    return Call({"reply_markup": json.dumps({"inline_keyboard": rows})})


@pytest.mark.parametrize(
    "button",
    [
        {"text": "Begin", "callback_data": "v1:begin"},
        {"text": "Begin", "callback_data": "é" * 32},
        {"text": "Read", "url": "https://t.me/x_bot?start=1"},
        {"text": "Kim", "url": "tg://user?id=7"},
        {"text": "Copy", "copy_text": {"text": "a" * 256}},
        {"text": "Share", "switch_inline_query": ""},
        {"text": "Share", "switch_inline_query_chosen_chat": {"query": "x", "allow_user_chats": True}},
        {"text": "Go", "callback_data": "x", "style": "success", "icon_custom_emoji_id": "5"},
    ],
)
def test_good_buttons_are_kept_as_they_are(button: dict[str, object]) -> None:
    """A button that Telegram takes comes back unchanged, style included."""
    assert inline_keyboard(_keyboard([button])) == {"inline_keyboard": [[button]]}


@pytest.mark.parametrize(
    ("button", "why"),
    [
        ({"text": "a", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "a"}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        (
            {"text": "a", "callback_data": "a", "style": "warning"},
            "can't parse inline keyboard button: invalid button style specified",
        ),
        ({"callback_data": "a"}, "can't parse inline keyboard button: Can't find field \"text\""),
        ("a", "can't parse inline keyboard button: expected an Object"),
        ({"text": "a", "url": "nowhere"}, "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"),
        ({"text": "a", "copy_text": {"text": "a" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "a", "copy_text": "a"}, "BUTTON_COPY_TEXT_INVALID"),
        (
            {"text": "a", "url": "https://a.org", "callback_data": "a"},
            "can't parse inline keyboard button: exactly one action is allowed, found url, callback_data",
        ),
    ],
)
def test_bad_buttons_are_refused(button: object, why: str) -> None:
    """A button has a text and one action, and ``callback_data`` is 1 to 64 bytes."""
    with pytest.raises(ApiError) as caught:
        inline_keyboard(_keyboard([button]))
    assert caught.value.description == f"Bad Request: {why}"


@pytest.mark.parametrize(
    ("given", "shown"),
    [("danger", {"style": "danger"}), ("Primary", {"style": "primary"}), ("default", {}), ("", {}), (None, {})],
)
def test_a_style_is_read_as_telegram_reads_it(given: str | None, shown: dict[str, str]) -> None:
    """Case does not count, and the app's own style is not mentioned."""
    plain = {"text": "a", "callback_data": "a"}
    assert inline_keyboard(_keyboard([plain | {"style": given}])) == {"inline_keyboard": [[plain | shown]]}


def test_keyboards_have_limits() -> None:
    """At most 8 buttons stand side by side, and at most 100 under a message."""
    button = {"text": "a", "callback_data": "a"}
    assert inline_keyboard(_keyboard(*[[button] * 8] * 12, [button] * 4))
    for rows in ([[button] * 9], [[button] * 8] * 13):
        with pytest.raises(ApiError, match="reply markup is too long"):
            inline_keyboard(_keyboard(*rows))


@pytest.mark.parametrize(
    "markup", [None, "", {"inline_keyboard": []}, {"inline_keyboard": [[]]}, {"remove_keyboard": True}]
)
def test_no_buttons_are_no_keyboard(markup: object) -> None:
    """Without buttons there is no inline keyboard; other kinds of keyboard stand under no message."""
    assert inline_keyboard(Call({"reply_markup": markup})) is None


@pytest.mark.parametrize("markup", ["{", "[1]", {"buttons": []}, {"inline_keyboard": {}}, {"inline_keyboard": [{}]}])
def test_other_shapes_are_refused(markup: object) -> None:
    """What is no keyboard at all is a bad request."""
    with pytest.raises(ApiError, match="Bad Request"):
        inline_keyboard(Call({"reply_markup": markup}))
