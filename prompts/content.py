"""What the content files of a language hold, and the rules that each of them keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations_with_replacement
from string import Formatter
from types import MappingProxyType
from typing import Literal, cast, get_args

from prompts.instrument import INSTRUMENT
from prompts.source import ContentFile

Depth = Literal["light", "warm", "deep"]

DEPTHS: tuple[str, ...] = get_args(Depth)
ITEM_IDS = tuple(item.id for item in INSTRUMENT.items)
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
OWN_KINDS = (OWN, *(f"{OWN}:{state}" for state in STATES))
"""For a person alone: for anybody, or where it fits one state of mind."""
STARTER_FILES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {**{pair.lower().replace("+", "-"): (pair,) for pair in PAIRS}, NEUTRAL: (NEUTRAL,), OWN: OWN_KINDS}
)
"""The files of starters, without their ending, and the pairs that each may hold."""
YAML = ".yaml"
THEMES = (
    "both",
    "states",
    "secure_base",
    "boundaries",
    "own_aims",
    "own_voice",
    "carrying",
    "whole_person",
    "stepping_back",
    "free_kindness",
    "community",
    "inner_life",
    "everyday",
)
"""The ideas of the article that a starter or a thought can be about; docs/content.md tells each in a sentence."""


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
        pair: "Engulfed+Isolated" and the like, "neutral", or for a person alone "own", "own:Engulfed" and the like.
        depth: How near it goes: light, warm or deep.
        theme: Which idea of the article it is about, one of `THEMES`.
        text: What is offered.
        why: One sentence for whoever asks why this one.
    """

    id: str
    pair: str
    depth: Depth
    theme: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Thought:
    """One thought that ends an own picture.

    Attributes:
        id: Unique within the language and stable, for it stands in histories.
        theme: Which idea of the article it is about, one of `THEMES`.
        text: The thought.
    """

    id: str
    theme: str
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


def read_starters(folder: ContentFile) -> tuple[Starter, ...]:
    """Every starter: one file a pair in the order of `STARTER_FILES`, and in each the order of the file.

    Args:
        folder: The folder of starters of one language.

    Raises:
        CatalogueError: If a file is missing or of no pair, a starter is malformed or belongs to another file, or an
            id stands twice.
    """
    known = [f"{name}{YAML}" for name in STARTER_FILES]
    place = folder.folder.joinpath(folder.name)
    there = sorted(entry.name for entry in place.iterdir()) if place.is_dir() else []
    for name in there:
        if name.endswith(YAML) and name not in known:
            folder.fail(f"the file {name} is of no pair", f"give it one of these names: {', '.join(known)}")
    found: dict[str, Starter] = {}
    for name, pairs in STARTER_FILES.items():
        file = ContentFile(folder.folder, folder.language, f"{folder.name}/{name}{YAML}")
        for starter in _starters(file, pairs):
            if starter.id in found:
                file.fail(f"the id {starter.id} stands twice", "give each its own, over all files of starters")
            found[starter.id] = starter
    return tuple(found.values())


def _starters(file: ContentFile, pairs: Sequence[str]) -> list[Starter]:
    top = file.exactly(file.top(), "the file", ("starters",))
    starters = [_starter(file, entry, pairs) for entry in file.entries(top["starters"], "starters")]
    if all(starter.pair != pairs[0] for starter in starters):
        file.fail(f"there is no starter for {pairs[0]}", "add at least one")
    return starters


def _starter(file: ContentFile, entry: object, pairs: Sequence[str]) -> Starter:
    given = file.texts(entry, "a starter", ("id", "pair", "depth", "theme", "text", "why"))
    if given["pair"] not in pairs:
        file.fail(f"the pair {given['pair']} of {given['id']} does not belong here", f"use {' or '.join(pairs)}")
    if given["depth"] not in DEPTHS:
        file.fail(f"the depth {given['depth']} of {given['id']} does not exist", f"use one of {', '.join(DEPTHS)}")
    _known_theme(file, given)
    depth = cast("Depth", given["depth"])
    return Starter(given["id"], given["pair"], depth, given["theme"], given["text"], given["why"])


def read_thoughts(file: ContentFile) -> tuple[Thought, ...]:
    """Every thought, in the order of the file.

    Raises:
        CatalogueError: If one is malformed or an id stands twice.
    """
    top = file.exactly(file.top(), "the file", ("thoughts",))
    thoughts = tuple(_thought(file, entry) for entry in file.entries(top["thoughts"], "thoughts"))
    _unique(file, [thought.id for thought in thoughts])
    return thoughts


def _thought(file: ContentFile, entry: object) -> Thought:
    given = file.texts(entry, "a thought", ("id", "theme", "text"))
    _known_theme(file, given)
    return Thought(**given)


def _known_theme(file: ContentFile, given: Mapping[str, str]) -> None:
    if given["theme"] not in THEMES:
        file.fail(f"the theme {given['theme']} of {given['id']} does not exist", f"use one of {', '.join(THEMES)}")


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
