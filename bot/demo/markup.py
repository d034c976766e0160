"""Telegram's HTML: read into plain text and entities, refused where Telegram refuses it.

The rules are those of core.telegram.org/bots/api#html-style. Offsets and lengths count UTF-16 code units, as everywhere in the Bot API.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.demo.errors import Json, bad_request

_PLAIN_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_TAGS = {*_PLAIN_TAGS, "a", "tg-emoji"}
_NAMED_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPECIAL = re.compile(r"[&<]")
_CHARACTER = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]+)|#(?P<decimal>[0-9]+)|(?P<name>[a-z]+));?")
_ATTRIBUTE = re.compile(
    r"""\s*(?P<name>[^\s=>/"']+)(?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s>"']+)))?"""
)
_TAG_NAME = re.compile(r"[^\s>]*")
_LAST_CHARACTER = 0x10FFFF
_LANGUAGE = "language-"
_USER_LINK = re.compile(r"tg://user\?id=(\d+)")


def utf16_length(text: str) -> int:
    """How many UTF-16 code units the text has: a character beyond the basic plane counts as two."""
    return len(text) + sum(character > "\uffff" for character in text)


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int


class _Reader:
    """Walks through the markup once, from left to right."""

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._at = 0
        self._pieces: list[str] = []
        self._length = 0
        self._stack: list[_Open] = []
        self._entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        while (special := _SPECIAL.search(self._markup, self._at)) is not None:
            self._write(self._markup[self._at : special.start()])
            self._at = special.start()
            if special[0] == "&":
                self._read_character()
            elif self._markup.startswith("</", self._at):
                self._read_end()
            else:
                self._read_start()
        self._write(self._markup[self._at :])
        if self._stack:
            raise _broken(f'Can\'t find end tag corresponding to start tag "{self._stack[-1].tag}"')
        return "".join(self._pieces), self._entities

    def _write(self, text: str) -> None:
        self._pieces.append(text)
        self._length += utf16_length(text)

    def _here(self) -> str:
        return f"at byte offset {len(self._markup[: self._at].encode())}"

    def _read_character(self) -> None:
        match = _CHARACTER.match(self._markup, self._at)
        character = _character(match) if match else None
        if match is None or character is None:
            self._write("&")
            self._at += 1
            return
        self._write(character)
        self._at = match.end()

    def _read_start(self) -> None:
        name = _TAG_NAME.match(self._markup, self._at + 1)
        if name is None or name.end() == len(self._markup):
            raise _broken(f"Unclosed start tag {self._here()}")
        tag = name[0].lower()
        if tag not in _TAGS:
            raise _broken(f'Unsupported start tag "{tag}" {self._here()}')
        if ">" not in self._markup[name.end() :]:
            raise _broken(f'Unclosed start tag "{tag}" {self._here()}')
        attributes, after = self._read_attributes(tag, name.end())
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _broken(f'Tag "span" must have class "tg-spoiler" {self._here()}')
        self._stack.append(_Open(tag, attributes, self._length))
        self._at = after

    def _read_attributes(self, tag: str, at: int) -> tuple[dict[str, str], int]:
        attributes: dict[str, str] = {}
        while True:
            rest = re.compile(r"\s*>").match(self._markup, at)
            if rest:
                return attributes, rest.end()
            match = _ATTRIBUTE.match(self._markup, at)
            if match is None:
                raise _broken(f'Empty attribute name in the tag "{tag}" {self._here()}')
            value = next((match[kind] for kind in ("double", "single", "bare") if match[kind] is not None), "")
            attributes[match["name"].lower()] = _CHARACTER.sub(lambda found: _character(found) or found[0], value)
            at = match.end()

    def _read_end(self) -> None:
        end = self._markup.find(">", self._at)
        if not self._stack:
            raise _broken(f"Unexpected end tag {self._here()}")
        if end < 0:
            raise _broken(f"Unclosed end tag {self._here()}")
        found = self._markup[self._at + 2 : end].strip().lower()
        opened = self._stack.pop()
        if found not in ("", opened.tag):
            raise _broken(f'Unmatched end tag {self._here()}, expected "</{opened.tag}>", found "</{found}>"')
        self._at = end + 1
        self._close(opened)

    def _close(self, opened: _Open) -> None:
        length = self._length - opened.offset
        shape = _shape(opened, "".join(self._pieces), length) if length else None
        if shape is None:
            return
        inside = self._entities[-1] if self._entities else None
        if (
            opened.tag == "pre"
            and inside
            and inside["type"] == "code"
            and (inside["offset"], inside["length"]) == (opened.offset, length)
        ):
            self._entities.pop()
            shape |= {"language": inside["language"]} if "language" in inside else {}
        self._entities.append({"offset": opened.offset, "length": length} | shape)


def _shape(opened: _Open, written: str, length: int) -> Json | None:
    if opened.tag == "a":
        url = opened.attributes.get("href") or slice_utf16(written, opened.offset, length)
        user = _USER_LINK.fullmatch(url)
        if user:
            return {"type": "text_mention", "user": {"id": int(user[1]), "is_bot": False, "first_name": ""}}
        return {"type": "text_link", "url": url} if re.match(r"(?:https?|tg|ton)://|[\w-]+\.\w", url) else None
    if opened.tag == "tg-emoji":
        return {"type": "custom_emoji", "custom_emoji_id": opened.attributes.get("emoji-id", "")}
    if opened.tag == "blockquote" and "expandable" in opened.attributes:
        return {"type": "expandable_blockquote"}
    language = opened.attributes.get("class", "")
    extra = (
        {"language": language.removeprefix(_LANGUAGE)}
        if opened.tag == "code" and language.startswith(_LANGUAGE)
        else {}
    )
    return {"type": _PLAIN_TAGS[opened.tag]} | extra


def slice_utf16(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity covers; offset and length in UTF-16 code units."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")


def _character(match: re.Match[str]) -> str | None:
    if match["name"]:
        return _NAMED_CHARACTERS.get(match["name"])
    code = int(match["hex"], 16) if match["hex"] else int(match["decimal"])
    surrogate = 0xD800 <= code <= 0xDFFF  # noqa: PLR2004 - Unicode's surrogates
    return None if code == 0 or code > _LAST_CHARACTER or surrogate else chr(code)


def _broken(what: str) -> Exception:
    return bad_request(f"can't parse entities: {what}")


def parse_html(markup: str) -> tuple[str, list[Json]]:
    """Read Telegram's HTML.

    Args:
        markup: The text with its tags.

    Returns:
        The plain text without the white space around it, and its entities (offsets in UTF-16 code units).

    Raises:
        ApiError: "Bad Request: can't parse entities: …" where Telegram says so.
    """
    text, entities = _Reader(markup).read()
    return trimmed(text, entities)


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """The text without the white space around it, and its entities moved along, outer ones first."""
    lead = utf16_length(text) - utf16_length(text.lstrip())
    kept = text.strip()
    return kept, sorted(
        _moved(entities, lead, utf16_length(kept)), key=lambda entity: (entity["offset"], -entity["length"])
    )


def _moved(entities: list[Json], lead: int, size: int) -> Iterator[Json]:
    for entity in reversed(entities):
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, size)
        if end > start:
            yield entity | {"offset": start, "length": end - start}
