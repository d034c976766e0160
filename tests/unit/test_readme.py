import re
import shlex
from dataclasses import fields

import pytest

from bot import __main__ as program
from bot.scenes.table import COMMANDS
from bot.settings import Settings, read
from tests.unit.pages import CODE, fences, page, pages, project

README = page("README.md")
SETTING = re.compile(r"\| `([A-Z_]+)` \|.*\|(.*)\|")
SETTINGS = {found[1]: found[2].strip().strip("`") for line in README.splitlines() if (found := SETTING.fullmatch(line))}
PYTHON = ".venv/bin/python -m bot "
CALLS = sorted(
    {
        (where, line.partition("#")[0].strip())
        for where in pages()
        for line in [*page(where).splitlines(), *CODE.findall(page(where))]
        if line.startswith(PYTHON) and "…" not in line
    }
)
SLASH = re.compile(r"/([a-z]+)")


def test_the_unit_is_shown_as_it_is() -> None:
    """Whoever copies the unit from the README gets the file in docs."""
    (shown,) = fences(README, "ini")
    assert shown == page("docs/you-and-i.service")


def test_every_setting_is_in_the_table() -> None:
    """The table names each setting that there is, and no other."""
    assert list(SETTINGS) == [field.name.upper() for field in fields(Settings)]


@pytest.mark.parametrize(("name", "default"), [row for row in SETTINGS.items() if "…" not in row[1]])
def test_a_default_in_the_table_changes_nothing(name: str, default: str) -> None:
    """Setting what the table calls the default is the same as setting nothing."""
    assert read({name: default}) == read({})


@pytest.mark.parametrize(("where", "line"), CALLS)
def test_every_command_on_a_page_is_understood(where: str, line: str) -> None:
    """A command that a page shows is one that the program takes."""
    assert program._parser().parse_args(shlex.split(line.removeprefix(PYTHON))), where


@pytest.mark.parametrize("where", ["README.md", "CHANGELOG.md", "SECURITY.md", "docs/privacy.md"])
def test_every_chat_command_on_a_page_exists(where: str) -> None:
    """A page promises no command that the bot does not know."""
    named = {found[1] for span in CODE.findall(page(where)) if (found := SLASH.fullmatch(span))}
    botfather = {"newbot", "deletebot", "token", "healthz"}
    assert named - botfather <= set(COMMANDS)


def test_the_licence_is_the_one_that_is_declared() -> None:
    """The licence that the package declares is the one in the file."""
    assert project()["project"]["license"] == "MIT"
    assert page("LICENSE").startswith("MIT License")
