"""What runs every second or every minute finds its rows by an index, however many people there are."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot import app
from bot.settings import Settings
from storage import inbox, outbox, people, plans
from storage.store import Store, Tx
from tests.contract.people import NOW

LATER = timedelta(minutes=1)
STATE_UNSAID = re.compile(r"WHERE (\w+\.)?state = [?$]")
"""With the state as a parameter, whether the index over one state fits has to be looked at anew at every call."""

TICKS: dict[str, Callable[[Tx], object]] = {
    "what is due": lambda tx: plans.due(tx, NOW, 200),
    "what is due next": plans.next_due,
    "what may be sent": lambda tx: outbox.lease(tx, owner="me", now=NOW, until=NOW + LATER, limit=24),
    "what may be sent next": outbox.next_available,
    "what a dead process held": lambda tx: outbox.reclaim(tx, NOW),
    "what came too late": lambda tx: outbox.bury_late(tx, NOW),
    "how much is open": lambda tx: outbox.open_count(tx, NOW),
    "what is on its way": outbox.on_the_way,
    "who was forgotten": people.forgotten,
    "who is told good-bye": people.parting,
    "what is not handled": lambda tx: inbox.waiting(tx, NOW, 10),
    "how much is not handled": inbox.count_open,
    "who is owed a screen": lambda tx: people.owed(tx, 1000),
    "what has had its time": lambda tx: app.tidy(tx, Settings(bot_token="1:x"), NOW),
}


@pytest.mark.parametrize("tick", TICKS)
async def test_a_tick_looks_rows_up_by_an_index(store: Store, tick: str) -> None:
    """No table is read from one end to the other."""
    found = await store.write(lambda tx: explain(tx, TICKS[tick]))
    assert found
    for statement, plan in found:
        assert not [line for line in plan if is_scan(line, statement)], (statement, plan)
        assert not STATE_UNSAID.search(statement), statement


def is_scan(line: str, statement: str) -> bool:
    """Whether a line of a plan reads a whole table: not a few rows in the order of their numbers.

    The table of claims holds only the chats that are in hand.
    """
    first_few = "LIMIT" in statement and "ORDER BY outbox.id" in statement
    if first_few or any(small in line for small in ("picked", "claim")):
        return False
    return "Seq Scan" in line or (line.startswith("SCAN") and "USING" not in line)


def explain(tx: Tx, work: Callable[[Tx], object]) -> list[tuple[str, list[str]]]:
    """Each statement of some work, with the database's plan for it."""
    ran: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        if not statement.startswith(("INSERT", "SAVEPOINT", "RELEASE")):
            ran.append((statement, parameters))

    event.listen(tx.connection, "before_cursor_execute", note)
    work(tx)
    event.remove(tx.connection, "before_cursor_execute", note)
    on_postgres = tx.connection.dialect.name == "postgresql"
    if on_postgres:
        tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # else an empty table is always read whole
    word = "EXPLAIN " if on_postgres else "EXPLAIN QUERY PLAN "
    return [
        (statement, [str(row[-1]) for row in tx.connection.exec_driver_sql(word + statement, parameters)])
        for statement, parameters in ran
    ]
