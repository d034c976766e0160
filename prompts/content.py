"""The content files of a language, read and checked: one clear sentence where something is wrong."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from itertools import combinations_with_replacement
from string import Formatter
from types import MappingProxyType
from typing import Any, Literal, NoReturn, cast, get_args

import yaml

Depth = Literal["light", "warm", "deep"]

DEPTHS: tuple[str, ...] = get_args(Depth)
ITEM_IDS = tuple(f"{axis}{number:02}" for axis in "IY" for number in range(1, 11))
"""Ids of the item bank, in its order."""
ANSWER_COUNT = 5
"""Answers to a statement, from "Not true" to "Very true" (the item bank)."""
FRAMES = ("intro", "first", "weekly", "full", "guess")
WISHES = ("room", "closeness", "both", "fine", "quiet")
ODD_WEEKS = ("yes", "no", "quiet")
STATES = ("Adrift", "Engulfed", "Integrated", "Isolated")
PAIRS = tuple("+".join(pair) for pair in combinations_with_replacement(STATES, 2))
"""The ten unordered pairs of states, names in alphabetical order."""
NEUTRAL = "neutral"
OWN = "own"


class CatalogueError(Exception):
    """The words of a language cannot be used; one sentence says which file, what and how to mend it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question beside the statements: its text, and the words of its answers by code."""

    text: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Starter:
    """Something good to talk or think about.

    Attributes:
        id: Unique within the language and stable, for it stands in histories.
        pair: "Engulfed+Isolated" and the like, "neutral", or "own" for a person alone.
        depth: How near it goes: light, warm or deep.
        text: What is offered.
        why: One sentence for whoever asks why this one.
    """

    id: str
    pair: str
    depth: Depth
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Thought:
    """One thought that ends an own picture; its id is stable, for it stands in histories."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class HelpLine:
    """People who can help: at least one of phone, text and web is not empty.

    Attributes:
        country: Two-letter code; "EU" for several countries together.
        name: What the line is called.
        phone: Number to call.
        text: What to send where, by text message.
        web: Address of its page, without the scheme.
    """

    country: str
    name: str
    phone: str = ""
    text: str = ""
    web: str = ""


@dataclass(frozen=True, slots=True)
class HelpLines:
    """The help card's numbers.

    Attributes:
        checked: The day on which they were last looked up.
        countries: What each code is called, in the order of the list.
        emergency: Emergency numbers by country code.
        lines: Every line.
    """

    checked: date
    countries: Mapping[str, str]
    emergency: Mapping[str, str]
    lines: tuple[HelpLine, ...]

    def of(self, country: str) -> tuple[HelpLine, ...]:
        """The lines of one country, in the order of the list; none for an unknown code."""
        return tuple(line for line in self.lines if line.country == country)


@dataclass(frozen=True, slots=True)
class Statements:
    """Everything that a check-in asks, word for word."""

    statements: Mapping[str, str]
    answers: tuple[str, ...]
    skip: str
    frames: Mapping[str, str]
    wish: Question
    odd_week: Question


class _UniqueKeys(yaml.SafeLoader):
    """YAML that refuses a key given twice, of which only the last would count."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


@dataclass(frozen=True, slots=True)
class ContentFile:
    """One file of a language: where it lies, and the name that errors give it."""

    folder: Traversable
    language: str
    name: str

    def fail(self, what: str, fix: str) -> NoReturn:
        """Raise the one clear sentence about this file.

        Args:
            what: What is wrong, without a full stop.
            fix: What to do about it, without a full stop.

        Raises:
            CatalogueError: Always.
        """
        raise CatalogueError(f"prompts/{self.language}/{self.name}: {what}; {fix}.")

    def text(self) -> str:
        """Everything in it.

        Raises:
            CatalogueError: If there is no such file, or it is not UTF-8.
        """
        try:
            return self.folder.joinpath(self.name).read_text(encoding="utf-8")
        except OSError:
            self.fail("the file cannot be read", "add it or make it readable")
        except UnicodeDecodeError:
            self.fail("the file is not UTF-8", "save it as UTF-8")

    def top(self) -> Mapping[str, object]:
        """Its top level.

        Raises:
            CatalogueError: If it is not YAML, a key stands twice, or the top level has no keys.
        """
        try:
            # A SafeLoader that is only stricter; nothing but plain values can come out of it.
            content: object = yaml.load(self.text(), Loader=_UniqueKeys)  # noqa: S506
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self.fail(f"line {line} is not valid YAML, {error.problem}", "correct that line")
        except yaml.YAMLError:
            self.fail("the file is not valid YAML", "correct it")
        return self.keys(content, "the file")

    def keys(self, value: object, where: str) -> Mapping[str, object]:
        """A value that has keys, each of them a text.

        Raises:
            CatalogueError: If it has none, or YAML read one of them as something else (a bare yes, no or 112).
        """
        if not isinstance(value, dict) or not value:
            self.fail(f"{where} has no keys with values", "write them as key: value")
        for key in value:
            if not isinstance(key, str):
                self.fail(f"the key {key!r} in {where} is not text", "put it in quotes")
        return cast("Mapping[str, object]", value)

    def entries(self, value: object, where: str) -> Sequence[object]:
        """A list that is not empty.

        Raises:
            CatalogueError: If it is none.
        """
        if not isinstance(value, list) or not value:
            self.fail(f"{where} is not a list with entries", "write one entry a line, each after a dash")
        return value

    def words(self, value: object, where: str) -> str:
        """A text that is not blank, without spaces around it.

        Raises:
            CatalogueError: If it is none.
        """
        if not isinstance(value, str) or not value.strip():
            self.fail(f"{where} is not a text", "write words there, in quotes")
        return value.strip()

    def exactly(
        self, value: object, where: str, required: Sequence[str], optional: Sequence[str] = ()
    ) -> Mapping[str, object]:
        """A value with just the keys that it needs, in the order of `required`.

        Raises:
            CatalogueError: If a required key is missing or there is one that means nothing here.
        """
        given = self.keys(value, where)
        for key in required:
            if key not in given:
                self.fail(f"{where} has no {key}", f"add a line {key}: …")
        for key in given:
            if key not in required and key not in optional:
                self.fail(f"{where} has the key {key}, which means nothing there", "rename it or take it out")
        return {key: given[key] for key in (*required, *optional) if key in given}

    def texts(
        self, value: object, where: str, required: Sequence[str], optional: Sequence[str] = ()
    ) -> Mapping[str, str]:
        """Like `exactly`, with a text at every key."""
        given = self.exactly(value, where, required, optional)
        return MappingProxyType({key: self.words(text, f"{key} in {where}") for key, text in given.items()})


def read_statements(file: ContentFile) -> Statements:
    """Statements, answers and the questions beside them.

    Raises:
        CatalogueError: If one is missing, blank, or of an item that does not exist.
    """
    top = file.exactly(file.top(), "the file", ("statements", "answers", "skip", "frames", "wish", "odd_week"))
    answers = file.entries(top["answers"], "answers")
    if len(answers) != ANSWER_COUNT:
        file.fail(f"answers has {len(answers)} entries", f"give exactly {ANSWER_COUNT}, from least to most true")
    return Statements(
        statements=file.texts(top["statements"], "statements", ITEM_IDS),
        answers=tuple(file.words(answer, "an entry of answers") for answer in answers),
        skip=file.words(top["skip"], "skip"),
        frames=file.texts(top["frames"], "frames", FRAMES),
        wish=_question(file, top["wish"], "wish", WISHES),
        odd_week=_question(file, top["odd_week"], "odd_week", ODD_WEEKS),
    )


def _question(file: ContentFile, value: object, where: str, codes: Sequence[str]) -> Question:
    given = file.exactly(value, where, ("text", "labels"))
    return Question(
        text=file.words(given["text"], f"text in {where}"),
        labels=file.texts(given["labels"], f"labels in {where}", codes),
    )


def read_starters(file: ContentFile) -> tuple[Starter, ...]:
    """Every starter, in the order of the file.

    Raises:
        CatalogueError: If one is malformed, an id stands twice, or a pair has none.
    """
    top = file.exactly(file.top(), "the file", ("starters",))
    starters = tuple(_starter(file, entry) for entry in file.entries(top["starters"], "starters"))
    _unique(file, [starter.id for starter in starters])
    for pair in (*PAIRS, NEUTRAL, OWN):
        if all(starter.pair != pair for starter in starters):
            file.fail(f"there is no starter for {pair}", "add at least one")
    return starters


def _starter(file: ContentFile, entry: object) -> Starter:
    given = file.texts(entry, "a starter", ("id", "pair", "depth", "text", "why"))
    if given["pair"] not in (*PAIRS, NEUTRAL, OWN):
        file.fail(
            f"the pair {given['pair']} of {given['id']} does not exist",
            f"use {NEUTRAL}, {OWN}, or two states in alphabetical order such as {PAIRS[5]}",
        )
    if given["depth"] not in DEPTHS:
        file.fail(f"the depth {given['depth']} of {given['id']} does not exist", f"use one of {', '.join(DEPTHS)}")
    depth = cast("Depth", given["depth"])
    return Starter(id=given["id"], pair=given["pair"], depth=depth, text=given["text"], why=given["why"])


def read_thoughts(file: ContentFile) -> tuple[Thought, ...]:
    """Every thought, in the order of the file.

    Raises:
        CatalogueError: If one is malformed or an id stands twice.
    """
    top = file.exactly(file.top(), "the file", ("thoughts",))
    given = [file.texts(entry, "a thought", ("id", "text")) for entry in file.entries(top["thoughts"], "thoughts")]
    _unique(file, [thought["id"] for thought in given])
    return tuple(Thought(id=thought["id"], text=thought["text"]) for thought in given)


def _unique(file: ContentFile, ids: Sequence[str]) -> None:
    for given in ids:
        if ids.count(given) > 1:
            file.fail(f"the id {given} stands twice", "give each its own")


def read_help_lines(file: ContentFile) -> HelpLines:
    """The numbers of the help card.

    Raises:
        CatalogueError: If a line gives no way to reach anybody, or its country has no name.
    """
    top = file.exactly(file.top(), "the file", ("checked", "countries", "emergency", "lines"))
    checked = top["checked"]
    if not isinstance(checked, date):
        file.fail("checked is not a date", "write it as 2026-11-22, without quotes")
    countries = file.texts(top["countries"], "countries", tuple(file.keys(top["countries"], "countries")))
    emergency = file.texts(top["emergency"], "emergency", (), tuple(countries))
    lines = tuple(_help_line(file, entry, countries) for entry in file.entries(top["lines"], "lines"))
    return HelpLines(checked=checked, countries=countries, emergency=emergency, lines=lines)


def _help_line(file: ContentFile, entry: object, countries: Mapping[str, str]) -> HelpLine:
    given = file.texts(entry, "a help line", ("country", "name"), ("phone", "text", "web"))
    if given["country"] not in countries:
        file.fail(f"the country {given['country']} of {given['name']} has no name", "add it under countries")
    if not any(way in given for way in ("phone", "text", "web")):
        file.fail(f"{given['name']} has no phone, text or web", "add at least one of them")
    return HelpLine(**given)


def read_labels(file: ContentFile) -> Mapping[str, str]:
    """The short words on buttons and in notices, by dotted key.

    Raises:
        CatalogueError: If one is blank, or a placeholder is not a plain {name}.
    """
    top = file.top()
    labels = file.texts(top, "the file", tuple(top))
    for key, label in labels.items():
        try:
            names = [name for _, name, _, _ in Formatter().parse(label) if name is not None]
        except ValueError:
            file.fail(f"the braces of {key} do not match", "write placeholders as {name}")
        if not all(name.isidentifier() for name in names):
            file.fail(f"a placeholder of {key} is not a plain name", "write placeholders as {name}")
    return labels
