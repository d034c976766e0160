import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.calls import Call
from bot.demo.errors import ApiError
from bot.demo.markup import parse_html, slice_utf16, utf16_length
from bot.demo.texts import formatted, with_found


@pytest.mark.parametrize(
    ("markup", "text", "entities"),
    [
        ("<b>big</b> you", "big you", [{"type": "bold", "offset": 0, "length": 3}]),
        (
            "<strong>a</strong><em>b</em>",
            "ab",
            [{"type": "bold", "offset": 0, "length": 1}, {"type": "italic", "offset": 1, "length": 1}],
        ),
        (
            "<u>a</u><ins>b</ins>",
            "ab",
            [{"type": "underline", "offset": 0, "length": 1}, {"type": "underline", "offset": 1, "length": 1}],
        ),
        ("<s>a</s>", "a", [{"type": "strikethrough", "offset": 0, "length": 1}]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [{"type": "spoiler", "offset": 0, "length": 1}]),
        ('<span class="tg-spoiler">a</span>', "a", [{"type": "spoiler", "offset": 0, "length": 1}]),
        ("🌱<code>x</code>", "🌱x", [{"type": "code", "offset": 2, "length": 1}]),
        ("<pre>x</pre>", "x", [{"type": "pre", "offset": 0, "length": 1}]),
        (
            '<pre><code class="language-python">x</code></pre>',
            "x",
            [{"type": "pre", "offset": 0, "length": 1, "language": "python"}],
        ),
        ("<blockquote expandable>a</blockquote>", "a", [{"type": "expandable_blockquote", "offset": 0, "length": 1}]),
        ("<blockquote>a</blockquote>", "a", [{"type": "blockquote", "offset": 0, "length": 1}]),
        (
            "<a href='https://x.org/?a=1&amp;b=2'>go</a>",
            "go",
            [{"type": "text_link", "offset": 0, "length": 2, "url": "https://x.org/?a=1&b=2"}],
        ),
        ("<a>no link</a>", "no link", []),
        (
            '<a href="tg://user?id=7">Kim</a>',
            "Kim",
            [{"type": "text_mention", "offset": 0, "length": 3, "user": {"id": 7, "is_bot": False, "first_name": ""}}],
        ),
        (
            "<tg-emoji emoji-id='5'>👍</tg-emoji>",
            "👍",
            [{"type": "custom_emoji", "offset": 0, "length": 2, "custom_emoji_id": "5"}],
        ),
        (
            "<b>a<i>b</i></b>",
            "ab",
            [{"type": "bold", "offset": 0, "length": 2}, {"type": "italic", "offset": 1, "length": 1}],
        ),
        ("  <b> a </b>\n", "a", [{"type": "bold", "offset": 0, "length": 1}]),
        ("<b></b>a", "a", []),
        ("&lt;b&gt; &amp; &quot;&#39;&#x2665; &nbsp; &", "<b> & \"'♥ &nbsp; &", []),
    ],
)
def test_html_becomes_text_and_entities(markup: str, text: str, entities: list[object]) -> None:
    """Telegram's HTML is read into plain text and entities that count UTF-16 code units."""
    assert parse_html(markup) == (text, entities)


@pytest.mark.parametrize(
    ("markup", "why"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("é<div>", 'Unsupported start tag "div" at byte offset 2'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("1 <b", "Unclosed start tag at byte offset 2"),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<a ="x">a</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
    ],
)
def test_broken_html_is_refused(markup: str, why: str) -> None:
    """Broken HTML is refused with Telegram's own sentence and a byte offset."""
    with pytest.raises(ApiError) as caught:
        parse_html(markup)
    assert caught.value.description == f"Bad Request: can't parse entities: {why}"


@given(st.text())
def test_escaped_text_comes_back(text: str) -> None:
    """Whatever is escaped for HTML comes back as it was, but for white space at its ends."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_html(escaped) == (text.strip(), [])


@given(st.lists(st.tuples(st.sampled_from(["b", "i", "u", "code"]), st.text("a🌱é", min_size=1)), max_size=6))
def test_entities_cover_what_was_marked(parts: list[tuple[str, str]]) -> None:
    """Each entity covers exactly the words that its tag held, whatever characters came before."""
    text, entities = parse_html("".join(f"<{tag}>{word}</{tag}>" for tag, word in parts))
    assert [slice_utf16(text, entity["offset"], entity["length"]) for entity in entities] == [word for _, word in parts]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start ABC", [("bot_command", "/start")]),
        ("🌱 see https://t.me/x_bot?start=a-b_c.", [("url", "https://t.me/x_bot?start=a-b_c")]),
        ("(see https://a.org/b_(c), or https://a.org.)", [("url", "https://a.org/b_(c)"), ("url", "https://a.org")]),
        ("t.me/x and example.org", [("url", "t.me/x"), ("url", "example.org")]),
        ("write to kim@example.org", [("email", "kim@example.org")]),
        ("@youandi_bot #love a/b 1/2", [("mention", "@youandi_bot"), ("hashtag", "#love")]),
        ("about 60, likely between 48 and 72. So.", []),
    ],
)
def test_links_and_commands_are_found(text: str, found: list[tuple[str, str]]) -> None:
    """Links, commands, names and addresses become entities without any markup."""
    entities = with_found(text, [])
    assert [(entity["type"], slice_utf16(text, entity["offset"], entity["length"])) for entity in entities] == found


def test_nothing_is_found_inside_code_and_links() -> None:
    """Inside code and links nothing else is found."""
    text = formatted(Call({"text": "<code>/start</code> <a href='https://a.org'>b.org</a>", "parse_mode": "HTML"}))
    assert [entity["type"] for entity in text.entities] == ["code", "text_link"]


@pytest.mark.parametrize(
    ("params", "name", "why"),
    [
        ({}, "text", "message text is empty"),
        ({"text": " \n"}, "text", "message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "text", "message text is empty"),
        ({"text": "🌱" * 2049}, "text", "message is too long"),
        ({"caption": "a" * 1025}, "caption", "message caption is too long"),
        ({"text": "a", "parse_mode": "MarkdownV2"}, "text", "unsupported parse_mode"),
        ({"text": "a", "entities": "[1]"}, "text", "expected an Array of entities"),
        ({"text": "a", "entities": "["}, "text", "can't parse entities JSON object"),
    ],
)
def test_texts_that_telegram_refuses(params: dict[str, object], name: str, why: str) -> None:
    """A text is 1 to 4096 UTF-16 code units and a caption at most 1024, counted after the markup is gone."""
    with pytest.raises(ApiError) as caught:
        formatted(Call(params), name)
    assert caught.value.description == f"Bad Request: {why}"


def test_limits_count_after_the_markup() -> None:
    """Tags do not count: 4096 characters in bold fit."""
    kept = formatted(Call({"text": f"<b>{'a' * 4096}</b>", "parse_mode": "html"}))
    assert utf16_length(kept.text) == 4096


def test_given_entities_are_kept() -> None:
    """Entities may be given instead of markup."""
    kept = formatted(Call({"text": "bold", "entities": [{"type": "bold", "offset": 0, "length": 4}]}))
    assert kept.as_json() == {"text": "bold", "entities": [{"type": "bold", "offset": 0, "length": 4}]}
