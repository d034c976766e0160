"""Everything the bot can say in one language, validated whole when it is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from jinja2 import Template

from prompts.content import (
    Depth,
    HelpLine,
    HelpLines,
    Question,
    Starter,
    Thought,
    read_help_lines,
    read_labels,
    read_starters,
    read_statements,
    read_thoughts,
)
from prompts.source import CatalogueError, ContentFile
from prompts.templates import ENDING, compile_screens

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Depth",
    "HelpLine",
    "HelpLines",
    "Question",
    "Starter",
    "Thought",
    "languages",
    "load",
]

STATEMENTS = "statements.yaml"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the bot can say in one language.

    Attributes:
        language: The folder it came from, such as "en".
        statements: What is asked, by item id, in the order of the item bank.
        answers: The five answers, from least to most true.
        skip: The word on the button that skips a statement.
        frames: The line before the statements: "intro", and one each for "first", "weekly", "full" and "guess".
        wish: The question about one change; codes room, closeness, both, fine, quiet.
        odd_week: The question about an unusual week; codes yes, no, quiet.
        starters: Every starter.
        thoughts: Every thought.
        help_lines: The numbers of the help card.
        labels: Words on buttons and in notices, as they stand in the file, by dotted key.
        screens: The compiled templates, by name.
    """

    language: str
    statements: Mapping[str, str]
    answers: tuple[str, ...]
    skip: str
    frames: Mapping[str, str]
    wish: Question
    odd_week: Question
    starters: tuple[Starter, ...]
    thoughts: tuple[Thought, ...]
    help_lines: HelpLines
    labels: Mapping[str, str]
    screens: Mapping[str, Template]

    def render(self, screen: str, /, **values: object) -> str:
        """A screen's text as Telegram HTML, without space around it; the values are escaped.

        Args:
            screen: Name of a template in the folder of screens, without its ending.
            **values: What the template names.

        Raises:
            CatalogueError: If there is no such screen.
            jinja2.UndefinedError: If the template names a value that was not given.
        """
        template = self.screens.get(screen)
        if template is None:
            raise CatalogueError(
                f"prompts/{self.language}/screens/{screen}{ENDING}: there is no such screen; add the template."
            )
        return template.render(values).strip()

    def label(self, key: str, /, **values: str) -> str:
        """A short text with its placeholders filled: plain, not escaped.

        Args:
            key: Its dotted key in the labels of the language.
            **values: What its placeholders stand for; more than it names is fine.

        Raises:
            CatalogueError: If there is no such label, or a placeholder was not given.
        """
        return _fill(self.language, self.labels, key, values)


def load(language: str = "en", *, root: Traversable | None = None) -> Catalogue:
    """Read everything the bot can say in a language, and check all of it.

    Args:
        language: Name of its folder.
        root: Where the folders of languages lie; None for the ones that come with the bot.

    Raises:
        CatalogueError: If anything is missing or wrong; one sentence says the file, what it is and how to mend it.
    """
    folder = (root or files("prompts")).joinpath(language)

    def file(name: str) -> ContentFile:
        return ContentFile(folder, language, name)

    asked = read_statements(file(STATEMENTS))
    labels = read_labels(file("labels.yaml"))

    def label(key: str, /, **values: str) -> str:
        return _fill(language, labels, key, values)

    return Catalogue(
        language=language,
        statements=asked.statements,
        answers=asked.answers,
        skip=asked.skip,
        frames=asked.frames,
        wish=asked.wish,
        odd_week=asked.odd_week,
        starters=read_starters(file("starters")),
        thoughts=read_thoughts(file("thoughts.yaml")),
        help_lines=read_help_lines(file("help_lines.yaml")),
        labels=labels,
        screens=compile_screens(file("screens"), labels, label),
    )


def languages() -> tuple[str, ...]:
    """The languages the bot can speak: every folder with statements in it, sorted."""
    folders = (folder for folder in files("prompts").iterdir() if folder.is_dir())
    return tuple(sorted(folder.name for folder in folders if folder.joinpath(STATEMENTS).is_file()))


def _fill(language: str, labels: Mapping[str, str], key: str, values: Mapping[str, str]) -> str:
    text = labels.get(key)
    if text is None:
        raise CatalogueError(f"prompts/{language}/labels.yaml: there is no label {key}; add it.")
    try:
        return text.format_map(values)
    except KeyError as error:
        raise CatalogueError(
            f"prompts/{language}/labels.yaml: nobody gives {error} to the label {key}; give it or take it out."
        ) from None
