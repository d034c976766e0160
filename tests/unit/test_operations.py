import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.unit.pages import CODE, ROOT, page

REFUSALS = [
    CODE.findall(line)[0]
    for line in page("docs/operations.md").partition("## When it refuses")[2].splitlines()
    if line.startswith("| `")
]
BLANK = "…"


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else BLANK for part in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def spoken() -> tuple[str, ...]:
    """Every text that stands in the program, a blank for whatever is filled in; the Makefile speaks too."""
    files = sorted(path for room in ("bot", "prompts", "storage") for path in (ROOT / room).rglob("*.py"))
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    return (page("Makefile"), *(text for tree in trees for text in _texts(tree)))


@pytest.mark.parametrize("refusal", REFUSALS)
def test_every_refusal_is_one_that_the_program_makes(refusal: str) -> None:
    """A line that the page explains stands in the program in these words."""
    pattern = re.compile(".+?".join(map(re.escape, refusal.split(BLANK))), re.DOTALL)
    assert any(pattern.search(text) for text in spoken())


def test_no_refusal_is_explained_twice() -> None:
    """Whoever looks a line up finds one answer."""
    assert len(REFUSALS) == len(set(REFUSALS)) > 0
