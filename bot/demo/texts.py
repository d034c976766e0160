"""What becomes of a text on its way through Telegram: markup read, links and commands found, lengths held."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.demo.calls import Call
from bot.demo.errors import Json, bad_request
from bot.demo.markup import parse_html, trimmed, utf16_length

MOST_TEXT = 4096
"""Longest text after entities (core.telegram.org/bots/api#sendmessage)."""
MOST_CAPTION = 1024
"""Longest caption after entities (core.telegram.org/bots/api#sendphoto)."""

_SINGLE = {"code", "pre", "text_link", "text_mention"}
_AFTER_LINKS = ".,:;!?'\""
_DOMAINS = "app|at|ch|com|de|dev|eu|fr|info|io|me|net|nl|org|ru|uk"
_FOUND = (
    (
        "url",
        re.compile(
            rf"(?i)(?<![\w@/.])(?:https?://[^\s<>\"]+|(?:[a-z0-9-]+\.)+(?:{_DOMAINS})(?![\w.])(?:/[^\s<>\"]*)?)"
        ),
    ),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("bot_command", re.compile(r"(?<![\w/@<>])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@/.])@[A-Za-z]\w{3,31}\b")),
    ("hashtag", re.compile(r"(?<![\w#/&])#(?=\w*[^\W\d])\w{1,256}")),
)


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text and the entities in it."""

    text: str
    entities: list[Json]

    def as_json(self, name: str = "text") -> Json:
        """The fields of a message: ``text`` and ``entities``, or ``caption`` and ``caption_entities``; none when empty."""
        entities = "entities" if name == "text" else f"{name}_entities"
        return ({name: self.text} if self.text else {}) | ({entities: self.entities} if self.entities else {})


def formatted(fields: Call, name: str = "text") -> Formatted:
    """The text that a call brings, as a message will carry it.

    Args:
        fields: The call, or one item of a media group.
        name: ``text`` or ``caption``.

    Returns:
        The text without markup, with given, marked and found entities.

    Raises:
        ApiError: If it is empty (text only), too long, or its markup is broken.
    """
    mode = fields.text("parse_mode").casefold()
    if mode == "html":
        text, entities = parse_html(fields.text(name))
    elif mode:
        raise bad_request("unsupported parse_mode")
    else:
        text, entities = trimmed(
            fields.text(name), fields.objects("entities" if name == "text" else f"{name}_entities")
        )
    if name == "text" and not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > (MOST_TEXT if name == "text" else MOST_CAPTION):
        raise bad_request("message is too long" if name == "text" else "message caption is too long")
    return Formatted(text, with_found(text, entities))


def with_found(text: str, entities: list[Json]) -> list[Json]:
    """The entities together with the links, commands and names that Telegram finds by itself."""
    taken = [_span(entity) for entity in entities if entity["type"] in _SINGLE]
    added: list[Json] = []
    for entity in _found(text):
        start, end = _span(entity)
        if all(end <= first or start >= last for first, last in taken):
            added.append(entity)
            taken.append((start, end))
    return sorted([*entities, *added], key=lambda entity: (entity["offset"], -entity["length"]))


def _span(entity: Json) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _found(text: str) -> Iterator[Json]:
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            word = _without_punctuation(match[0]) if kind == "url" else match[0]
            yield {"type": kind, "offset": utf16_length(text[: match.start()]), "length": utf16_length(word)}


def _without_punctuation(link: str) -> str:
    """A link ends before the sentence does; a bracket belongs to it only if it was opened in it."""
    kept = link.rstrip(_AFTER_LINKS)
    while kept.endswith(")") and kept.count(")") > kept.count("("):
        kept = kept[:-1].rstrip(_AFTER_LINKS)
    return kept
