import pytest
from sqlalchemy import LargeBinary, Table

from storage.keys import metadata as keys
from storage.tables import metadata as data
from tests.unit.pages import CODE, page

PAGE = page("docs/privacy.md")
ROWS = {
    cells[0].strip("`"): cells[1:]
    for line in PAGE.partition("### Table by table")[2].partition("###")[0].splitlines()
    if line.startswith("| `")
    for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
}


def test_every_table_has_its_row() -> None:
    """Whoever reads the page learns of every table there is."""
    assert set(ROWS) == set(data.tables)


@pytest.mark.parametrize("table", data.sorted_tables, ids=lambda table: table.name)
def test_what_is_called_sealed_is_what_is_not_plain(table: Table) -> None:
    """The columns that the page calls sealed, hashed or random are those that hold bytes, and no other."""
    sealed, hashed, _ = ROWS[table.name]
    assert {*CODE.findall(sealed), *CODE.findall(hashed)} == {
        column.name for column in table.columns if isinstance(column.type, LargeBinary)
    }


def test_the_key_store_is_named_too() -> None:
    """The tables of the key store stand on the page."""
    assert set(keys.tables) <= set(CODE.findall(PAGE))
