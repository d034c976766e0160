import ast
import re
from pathlib import Path

import pytest
from sqlalchemy import Column, LargeBinary

from storage.keys import metadata as keys
from storage.tables import metadata as data
from tests.unit.pages import CODE, ROOT, page

PAGE = page("docs/threat-model.md")
CLAIMS, _, COLUMNS = PAGE.partition("## Every column")
HOW = {
    name: how
    for line in COLUMNS.splitlines()
    if line.startswith("| `")
    for columns, how, _ in [[cell.strip() for cell in line.strip("|").split("|")]]
    for name in CODE.findall(columns)
}
HELD = re.findall(r"`(tests/\S+\.py)::(test_\w+)`", CLAIMS)
ALL: dict[str, Column[object]] = {
    f"{table.name}.{column.name}": column
    for one in (data, keys)
    for table in one.sorted_tables
    for column in table.columns
}


def test_every_column_is_there_once_with_its_reason() -> None:
    """The page lists every column of both databases, each once, and none that has gone."""
    named = [
        name for line in COLUMNS.splitlines() if line.startswith("| `") for name in CODE.findall(line.split("|")[1])
    ]
    assert sorted(named) == sorted(ALL)
    reasons = [line.strip("|").split("|")[2].strip() for line in COLUMNS.splitlines() if line.startswith("| `")]
    assert all(reasons)


@pytest.mark.parametrize("name", sorted(ALL))
def test_what_holds_bytes_is_what_is_called_closed(name: str) -> None:
    """Sealed, hashed, random and wrapped columns hold bytes; plain ones hold none."""
    closed = HOW[name] in {"sealed", "hashed", "random", "wrapped"}
    assert closed == isinstance(ALL[name].type, LargeBinary)
    assert closed or HOW[name] == "plain"


@pytest.mark.parametrize(("file", "test"), HELD, ids=[test for _, test in HELD])
def test_every_claim_names_a_test_that_is_there(file: str, test: str) -> None:
    """A claim without a test is a promise; each names one that exists."""
    tree = ast.parse(Path(ROOT / file).read_text(encoding="utf-8"))
    assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_no_claim_stands_without_a_test() -> None:
    """Each row of a table of claims names its test."""
    rows = [line for line in CLAIMS.splitlines() if line.startswith("| ") and not line.startswith("| claim")]
    assert len(rows) == len(HELD) > 0
