"""The rules for words: what the bot never says, held over every text of every language.

The reasons lie in how a couples tool can do harm: it must not label, diagnose, press, promise, praise or blame.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import yaml

STATES = "Integrated|Engulfed|Isolated|Adrift"

NAME = "Kim"
"""Stands where a template or label fills something in, so that sentences stay whole."""

STARTER_WORDS = 35
THOUGHT_WORDS = 25
SCREEN_WORDS = {"welcome": 60, "privacy": 250, **{f"about_{number}": 60 for number in range(1, 6)}}
"""Most words of a screen, where a number was set."""

SENTENCE_WORDS = 35
"""A longer sentence is hard to follow on a phone."""

GRADE = 8.0
"""Flesch-Kincaid grade that the texts of one kind may have on average."""

SPOKEN_LABELS = ("button.", "share.")
"""Keys of labels in which the person speaks, not the bot."""

SPOKEN_SCREENS = ("share",)
"""Screens, by the beginning of their name, in which the person speaks to the partner."""

SPOKEN_BLOCKS = ("statements.", "wish.labels.", "odd_week.labels.")
"""Places in the statements file in which the person speaks."""

SILENT = ("id", "pair", "depth", "theme", "checked", "country")
"""Keys whose values nobody reads."""

STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
"""Curly quotation marks are read as straight ones."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One text that a person reads.

    Attributes:
        file: Where it stands.
        line: On which line it begins.
        kind: screen, label, starter, why, thought, statement or help.
        name: Name of the screen, or the dotted place in the YAML file.
        text: As it reads: no markup, and a name where something is filled in.
    """

    file: str
    line: int
    kind: str
    name: str
    text: str

    @property
    def spoken(self) -> bool:
        """Whether the person says it and not the bot."""
        if self.kind == "screen":
            return self.name.startswith(SPOKEN_SCREENS)
        if self.kind == "label":
            return self.name.startswith(SPOKEN_LABELS)
        return self.kind == "statement" and self.name.startswith(SPOKEN_BLOCKS)


def passages(folder: Path) -> list[Passage]:
    """Every text of one language."""
    screens = sorted((folder / "screens").glob("*.html.j2"))
    found = [screen(path.name, path.read_text(encoding="utf-8")) for path in screens]
    for path in sorted([*folder.glob("*.yaml"), *(folder / "starters").glob("*.yaml")]):
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        file = path.relative_to(folder).as_posix()
        found += [_passage(file, place, node) for place, node in _scalars(root, "") if _is_prose(file, place)]
    return found


def _scalars(node: yaml.Node | None, place: str) -> Iterator[tuple[str, yaml.ScalarNode]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(value, f"{place}.{key.value}" if place else key.value)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _scalars(value, f"{place}.{number}")
    elif isinstance(node, yaml.ScalarNode):
        yield place, node


def _is_prose(file: str, place: str) -> bool:
    """Whether a person reads it: ids, pairs and depths serve the program only."""
    return file == "labels.yaml" or place.rsplit(".", maxsplit=1)[-1] not in SILENT


def _passage(file: str, place: str, node: yaml.ScalarNode) -> Passage:
    kinds = {"statements": "statement", "labels": "label", "thoughts": "thought", "help_lines": "help"}
    kind = kinds.get(file.removesuffix(".yaml")) or ("why" if place.endswith(".why") else "starter")
    text = re.sub(r"\{\w+\}", NAME, node.value).translate(STRAIGHT)
    return Passage(file, node.start_mark.line + 1, kind, place, text)


COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
LITERAL = re.compile(r"\"([^\"]*)\"|'([^']*)'")
TAG = re.compile(r"<[^<>]*>")


def screen(file: str, source: str) -> Passage:
    """The text of a template: every branch, string literals that are prose, a name for whatever is filled in."""
    text = COMMENT.sub(lambda found: _blank(found[0]), source)
    text = EXPRESSION.sub(lambda found: (_prose(found[0]) or NAME) + _blank(found[0]), text)
    text = STATEMENT.sub(lambda found: _prose(found[0]) + _blank(found[0]), text)
    text = unescape(TAG.sub("", text)).translate(STRAIGHT)
    return Passage(f"screens/{file}", 1, "screen", file.removesuffix(".html.j2"), text)


def _prose(code: str) -> str:
    """String literals of a piece of template code, but for keys and names of files."""
    literals = [first or second for first, second in LITERAL.findall(code)]
    return " ".join(literal for literal in literals if not re.search(r"[._%/]", literal))


def _blank(code: str) -> str:
    """Line breaks stay, so that lines can still be counted."""
    return "\n" * code.count("\n")


BANNED = (
    (r"\btypes? of (?:person|people|partner)|\byour type\b|\b(?:" + STATES + r") (?:type|person)", "labels a person"),
    (r"avoidant|codepend|co-depend|narciss|toxic|gasligh|enmesh|attachment|abuser|dissociat", "is a diagnosis"),
    (r"diagnos|disorder|symptom|patholog|trauma|borderline|depress", "is a word of medicine"),
    (r"unnecessarily dependent|clutching|beseeching", "is not said about a person"),
    (r"\b(?:un)?healthy (?:relationship|couple|partner)|compatib", "judges the relationship"),
    (r"\b(?:most|other|average) couples?\b|\bnormal couple", "compares with other people"),
    (r"\bbreak[- ]?up\b|divorc", "predicts an end"),
    (r"\byou (?:both )?(?:should|ought)\b|try harder|\bopen up\b|speak up|be honest|forgiv|play a part", "lectures"),
    (r"is hiding|does not know you|doesn't know you|\byou treat\b|closer than", "sets one against the other"),
    (r"\d\s*%|per ?cent\b|accura|\bscores?\b|\bstreaks?\b|\branks?\b|\brating\b|troph|\bbadge", "grades people"),
    (r"congrat|well done|good job|great job|proud of|keep it up", "praises for obeying"),
    (r"notic(?:e|ed|es) that you|worried about|am worried|are worried", "pretends to notice or worry"),
    (r"safe here|confidential|guarantee|will help you|we will help|anonymous", "promises what nobody can hold"),
    (r"partner has (?:\w+ )?(?:answered|finished|begun|started)|waiting for you", "tells of the partner"),
)
"""What is never said, in any text, and why (case does not matter)."""

PRESSURE = (
    r"\bmust\b|don't forget|do not forget|\bmissed\b|still haven't|still have not|\bonly \w+ left\b|"
    r"\byou have to\b|hurry up|last chance|overdue|too late"
)
GENDERED = r"\b(?:he|she|him|his|hers?|himself|herself|husbands?|wi(?:fe|ves)|boyfriends?|girlfriends?)\b"
SELF = r"\bI\b|\b(?:[Ww]e|[Oo]urs?|[Uu]s|[Mm]y|[Mm]ine|[Mm]e|[Mm]yself|[Oo]urselves|[Ll]et's)\b"
QUOTED = r"([\"'])(?:I|my partner|We talked)\1"
"""What the bot may quote: the circle, a word of the statements, a button."""
STEM = r"'[^']*…[^']*'"
STATE_OF_A_PERSON = rf"\b(?:you|both|they|partner|{NAME})(?: are|'re| is)(?: \w+)?\s+[\"']?(?:{STATES})\b"


def complaints(passage: Passage) -> list[str]:
    """Every rule that a text breaks, as "file:line: what".

    Args:
        passage: One text.

    Returns:
        One sentence for each place; empty if there is none.
    """
    return [line for rule in RULES for line in rule(passage)]


def _at(passage: Passage, start: int, what: str) -> str:
    line = passage.line + (passage.text.count("\n", 0, start) if passage.kind == "screen" else 0)
    return f"{passage.file}:{line}: {what} ({passage.name})"


def _search(passage: Passage, text: str, pattern: str, what: str, flags: int = 0) -> list[str]:
    return [_at(passage, found.start(), f'"{found[0]}" {what}') for found in re.finditer(pattern, text, flags)]


def _banned(passage: Passage) -> list[str]:
    return [line for pattern, why in BANNED for line in _search(passage, passage.text, pattern, why, re.IGNORECASE)]


def _pressing(passage: Passage) -> list[str]:
    return _search(passage, passage.text, PRESSURE, "presses or shames", re.IGNORECASE)


def _gendered(passage: Passage) -> list[str]:
    return _search(passage, passage.text, GENDERED, "names a gender", re.IGNORECASE)


def _shouting(passage: Passage) -> list[str]:
    return _search(passage, passage.text, "!", "is loud; use a full stop")


def _about_itself(passage: Passage) -> list[str]:
    """The bot never says I or we of itself; a circle is called "I", and some texts are the person's own."""
    if passage.spoken or (passage.kind == "label" and passage.text == "I"):
        return []
    allowed = [QUOTED, r"You & I", *([STEM] if passage.kind == "starter" else [])]
    text = re.sub("|".join(allowed), lambda found: "·" * len(found[0]), passage.text)
    return _search(passage, text, SELF, "is the bot speaking of itself")


def _labelling(passage: Passage) -> list[str]:
    return _search(passage, passage.text, STATE_OF_A_PERSON, "calls a person by a state", re.IGNORECASE)


def _too_long(passage: Passage) -> list[str]:
    limits = {"starter": STARTER_WORDS, "thought": THOUGHT_WORDS}
    limit = SCREEN_WORDS.get(passage.name) if passage.kind == "screen" else limits.get(passage.kind)
    count = len(words(passage.text))
    return [] if limit is None or count <= limit else [_at(passage, 0, f"{count} words, and {limit} are allowed")]


def _breathless(passage: Passage) -> list[str]:
    long = [one for one in sentences(passage.text) if len(words(one)) > SENTENCE_WORDS]
    return [
        _at(passage, passage.text.find(one), f"a sentence of {len(words(one))} words, begin a new one") for one in long
    ]


RULES: tuple[Callable[[Passage], list[str]], ...] = (
    _banned,
    _pressing,
    _gendered,
    _shouting,
    _about_itself,
    _labelling,
    _too_long,
    _breathless,
)


def words(text: str) -> list[str]:
    """The words of a text; figures count, single signs do not."""
    return re.findall(r"[\w'-]*\w[\w'-]*", text)


def sentences(text: str) -> list[str]:
    """The sentences of a text; the end of a line ends one too."""
    return [one for one in re.split(r"(?<=[.?!:…;])\s+|\n+", text) if words(one)]


def syllables(word: str) -> int:
    """A simple count: groups of vowels, without a silent e at the end."""
    groups = re.findall(r"[aeiouy]+", re.sub(r"(?<=[^aeiouyl])e(?:s|d)?$", "", word.lower()))
    return max(1, len(groups))


def grade(texts: list[str]) -> float:
    """Flesch-Kincaid grade of some texts together: years of school that reading them takes."""
    all_words = [word for text in texts for word in words(text)]
    count = sum(len(sentences(text)) for text in texts)
    total = sum(syllables(word) for word in all_words)
    return 0.39 * len(all_words) / count + 11.8 * total / len(all_words) - 15.59
