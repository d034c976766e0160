import re

import pytest

from bot.delivery.planner import HANDLING
from storage.records import OnUnknown
from tests.flows import fault_table
from tests.unit.pages import ROOT, page

PAGE = page("docs/delivery.md")
ROW = re.compile(r"^\| (.*) \|$", re.MULTILINE)
TABLE = re.compile(r"(?:^\|.*\|\n)+", re.MULTILINE)
TABLES: dict[str, dict[str, str]] = {
    name: {fault: str(then) for fault, then in table.items()}
    for each in (
        fault_table.SCREENS,
        fault_table.BESIDE,
        fault_table.PASSED_ON,
        fault_table.PARCELS,
        fault_table.UPDATES,
    )
    for name, table in each.items()
} | {"what comes of it": {event: then for event, (then, _) in fault_table.EVENTS.items()}}
CALL = re.compile(r"bot\.((?:send|edit|delete|copy|forward|answer|pin|unpin|leave)_[a-z_]+)\b")
NO_SCREEN = {"deleteWebhook", "leaveChat"}
"""Called by a command that says what Telegram says, and once in a group, without regard to what comes of it."""


def cells() -> dict[str, dict[str, str]]:
    """What the page says, by column and row."""
    said: dict[str, dict[str, str]] = {}
    for table in TABLE.findall(PAGE):
        head, *rows = (row.split(" | ") for row in ROW.findall(table))
        for row in rows:
            for name, words in zip(head[1:], row[1:], strict=True):
                if words != "-":
                    said.setdefault(name.strip("`"), {})[row[0]] = words
    return said


@pytest.mark.parametrize("column", TABLES)
def test_the_page_says_what_the_tests_prove(column: str) -> None:
    """Each cell of the page is a row of the tests' table, and the other way round."""
    assert cells()[column] == TABLES[column]


@pytest.mark.parametrize("proof", sorted(proof for _, proof in fault_table.EVENTS.values()))
def test_every_event_has_its_test(proof: str) -> None:
    """What the page says of an event is said by a test that is there."""
    file, _, name = proof.partition("::")
    assert f"async def {name}(" in page(f"tests/flows/{file}.py")


def test_the_page_has_no_other_column() -> None:
    """Nothing is said that nobody proves."""
    assert cells().keys() == TABLES.keys()


def test_every_call_to_a_chat_is_on_the_page() -> None:
    """A call that the bot makes in somebody's chat has its column: what is to come of it when it fails."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "telegram").glob("*.py"))
    called = {re.sub(r"_([a-z])", lambda found: found[1].upper(), name) for name in CALL.findall(sources)}
    assert {"sendMessage", "editMessageText", "answerCallbackQuery"} <= called
    assert called - NO_SCREEN <= TABLES.keys()


def test_what_goes_once_and_what_goes_again() -> None:
    """Nudges and reminders go at most once, all else that nobody waits for at least once, as the page says."""
    once = {kind for kind, handling in HANDLING.items() if handling.on_unknown is OnUnknown.DROP}
    assert once == {"nudge", "reminder"}
