"""What Telegram accepts as HTML: a checker for every text that the bot sends."""

import re
from html import unescape
from html.parser import HTMLParser

MESSAGE_LIMIT = 4096
"""Characters of a message after its entities are parsed (Bot API, sendMessage)."""

CAPTION_LIMIT = 1024
"""Characters of a caption after its entities are parsed (Bot API, sendPhoto)."""

ENTITY_LIMIT = 100
"""Formatted pieces of one message; Telegram drops the rest."""

TAGS = {
    "b": frozenset(),
    "i": frozenset(),
    "u": frozenset(),
    "s": frozenset(),
    "code": frozenset(),
    "pre": frozenset(),
    "a": frozenset({"href"}),
    "blockquote": frozenset({"expandable"}),
    "tg-spoiler": frozenset(),
}
"""The tags that the house uses, each with the attributes it may carry."""

BARE_AMPERSAND = re.compile(r"&(?!(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);)")
BARE_ANGLE = re.compile(r"<(?!/?[a-z])|<[^<>]*$")
TAG = re.compile(r"<[^<>]*>")
ADDRESSES = ("https://", "http://", "tg://", "mailto:")


class _Reader(HTMLParser):
    """Walks through the tags and notes what Telegram would refuse."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.open: list[str] = []
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count += 1
        if tag not in TAGS:
            self.problems.append(f"<{tag}> is not a tag that Telegram knows here")
        for name, value in attrs:
            if name not in TAGS.get(tag, frozenset()):
                self.problems.append(f"<{tag}> carries the attribute {name}")
            if name == "href" and not (value or "").startswith(ADDRESSES):
                self.problems.append(f"<{tag}> leads to {value!r}, which is no address")
        if tag == "a" and "href" not in dict(attrs):
            self.problems.append("<a> has no href")
        if tag == "blockquote" and "blockquote" in self.open:
            self.problems.append("a <blockquote> stands inside another")
        if self.open and self.open[-1] in ("code", "pre"):
            self.problems.append(f"<{tag}> stands inside <{self.open[-1]}>")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes nothing")
            return
        self.open.pop()


def visible(html: str) -> str:
    """The text that a person reads: no tags, entities resolved."""
    return unescape(TAG.sub("", html))


def length(html: str) -> int:
    """The length of the visible text as Telegram counts it, in UTF-16 code units."""
    return len(visible(html).encode("utf-16-le")) // 2


def problems(html: str, *, limit: int = MESSAGE_LIMIT) -> list[str]:
    """Everything that Telegram would refuse in a text, or show otherwise than it was meant.

    Args:
        html: A whole message or caption.
        limit: Greatest length of the visible text.

    Returns:
        One sentence for each problem; empty if there is none.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.problems + [f"<{tag}> is never closed" for tag in reader.open]
    if BARE_AMPERSAND.search(html):
        found.append("an & is not escaped")
    rest = TAG.sub("", html)
    if BARE_ANGLE.search(html) or ">" in rest:
        found.append("a < or > is not escaped")
    if reader.count > ENTITY_LIMIT:
        found.append(f"{reader.count} tags, and Telegram formats {ENTITY_LIMIT}")
    if not visible(html).strip():
        found.append("there is no text")
    if length(html) > limit:
        found.append(f"{length(html)} characters, and {limit} are allowed")
    return found
