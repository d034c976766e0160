from urllib.parse import parse_qs, urlsplit

import pytest
from telegram import InlineKeyboardMarkup

from bot.scenes.screen import Button, Circle, Document, Drawing, Figure, Screen, Tap
from bot.telegram.presenter import digest, keyboard, share_url

KEY = b"key"
PLACE = Tap("here")
PICTURE = Drawing((Figure(None, Circle("I", 60, 48, 72), Circle("you", 40, 30, 50)),), "Neither measures love.")


def screen(**changes: object) -> Screen:
    """A screen with something changed."""
    values: dict[str, object] = {"text": "Hello", "rows": ((Button("Yes", tap=Tap("yes")),),), "place": PLACE}
    return Screen(**(values | changes))  # type: ignore[arg-type]


def test_each_action_becomes_telegrams_own() -> None:
    """A tap is callback data, a page a url, a share the share sheet, a copy a copy text."""
    markup = keyboard(
        (
            (Button("Tap", tap=Tap("go", ("1",))), Button("Page", url="https://example.org")),
            (Button("Share", share="Come https://t.me/b?start=x"), Button("Copy", copy="AB12-CD34")),
        )
    )
    assert InlineKeyboardMarkup.de_json(markup["reply_markup"]).to_dict() == markup["reply_markup"]
    (tap, page), (share, copy) = markup["reply_markup"]["inline_keyboard"]
    assert tap == {"text": "Tap", "callback_data": "v1:go:1"}
    assert page == {"text": "Page", "url": "https://example.org"}
    assert share["url"].startswith("https://t.me/share/url?")
    assert copy == {"text": "Copy", "copy_text": {"text": "AB12-CD34"}}


def test_what_cannot_be_undone_looks_like_it() -> None:
    """Only a button that is marked so is drawn as Telegram's "danger"; every other one carries no style at all."""
    markup = keyboard(((Button("Go", tap=Tap("go"), final=True), Button("Stay", tap=Tap("stay"))),))["reply_markup"]
    assert InlineKeyboardMarkup.de_json(markup).to_dict() == markup
    assert markup["inline_keyboard"] == [
        [
            {"text": "Go", "style": "danger", "callback_data": "v1:go"},
            {"text": "Stay", "callback_data": "v1:stay"},
        ]
    ]


@pytest.mark.parametrize("button", [Button("None"), Button("Two", tap=PLACE, url="https://example.org")])
def test_a_button_has_exactly_one_action(button: Button) -> None:
    """No action and two actions are mistakes of the scene."""
    with pytest.raises(ValueError, match="exactly one action"):
        keyboard(((button,),))


def test_no_buttons_are_no_keyboard() -> None:
    """Empty rows draw nothing."""
    assert keyboard(()) == {}
    assert keyboard(((),)) == {}


def test_the_share_sheet_gets_link_and_words_apart() -> None:
    """The first link is the url, the rest of the text stays as it was written, and all of it is quoted."""
    query = parse_qs(urlsplit(share_url("Shall we?\nhttps://t.me/b?start=a-B_1\nSunday & tea, 7\u20138 \u2665")).query)
    assert query == {"url": ["https://t.me/b?start=a-B_1"], "text": ["Shall we?\nSunday & tea, 7\u20138 \u2665"]}


def test_a_share_without_a_link_is_words_alone() -> None:
    """Without a link the words themselves are what is shared."""
    assert parse_qs(urlsplit(share_url("Just & words")).query) == {"url": ["Just & words"]}


def test_equal_screens_look_equal() -> None:
    """The digest depends on nothing but what is seen: not on the notice, nor on the way back."""
    one = screen(picture=PICTURE, document=Document("a.json", b"{}"))
    two = screen(picture=PICTURE, document=Document("a.json", b"{}"), notice="Saved", place=Tap("there"))
    assert digest(one, KEY) == digest(two, KEY)


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Hullo"},
        {"rows": ()},
        {"rows": ((Button("Yes", tap=Tap("no")),),)},
        {"rows": ((Button("Yes", tap=Tap("yes"), final=True),),)},
        {"picture": PICTURE},
        {"document": Document("a.json", b"{}")},
        {"protect": True},
    ],
)
def test_different_screens_look_different(change: dict[str, object]) -> None:
    """Text, buttons, picture, document and protection all count."""
    assert digest(screen(), KEY) != digest(screen(**change), KEY)


def test_a_digest_says_nothing_without_its_key() -> None:
    """The same screen has another digest under another key, so a stored one gives no answer away."""
    assert digest(screen(), KEY) != digest(screen(), b"another")


def test_a_digest_outlives_an_update() -> None:
    """Several processes share their key for good, and older ones noted how a screen looked: it looks the same today."""
    assert digest(screen(), KEY) == "a3cecf316f3274f8dfddce13c8e9bc3c"
