import re

import pytest

from tests.unit.pages import page, project

LINE = re.compile(r"^- \*\*(\S+)\*\*: (\S.*)$", re.MULTILINE)
NAME = re.compile(r"[\w.-]+")
RUN, WORK, AUDIT = re.split("^## To (?:work on|audit) it$", page("docs/dependencies.md"), flags=re.MULTILINE)
REQUIRED = project()["project"]["dependencies"]
EXTRA = project()["project"]["optional-dependencies"]


def names(requirements: list[str]) -> list[str]:
    """The names of some requirements, without versions and extras."""
    return sorted(found[0] for found in map(NAME.match, requirements) if found)


@pytest.mark.parametrize(
    ("part", "requirements"),
    [(RUN, REQUIRED), (WORK, EXTRA["dev"]), (AUDIT, EXTRA["audit"])],
    ids=["to run", "to work", "to audit"],
)
def test_every_dependency_says_why_it_is_there(part: str, requirements: list[str]) -> None:
    """Each dependency has one line with its reason, and no line is left from one that has gone."""
    assert sorted(name for name, _ in LINE.findall(part)) == names(requirements)


def test_every_bullet_is_a_line_with_a_reason() -> None:
    """No dependency stands on the page in another form, where nothing would hold it."""
    bullets = [line for line in (RUN + WORK + AUDIT).splitlines() if line.startswith("-")]
    assert len(bullets) == len(LINE.findall(RUN + WORK + AUDIT))
