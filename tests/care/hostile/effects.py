"""Who is touched by an update: triggers write down every row that changes, and a rule says whose may.

*An effect on anybody else* is a row that appears, goes, or has one byte changed in one column (sealed bytes are bytes)
and that is neither the actor's own, nor one that the actor has together with a partner, nor among what the
product lets one partner do to the other (`ON_PARTNER`). Partners are who shares a pair with the actor before the update
or after it, so whoever is joined through a code that they gave away counts from then on.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from storage import keys, tables

OWNERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "person": "id",
        "seat": "person_id",
        "check_in": "person_id",
        "choice": "person_id",
        "keepsake": "reader_id",
        "invite": "inviter_id",
        "invite_attempt": "person_id",
        "plan": "person_id",
        "outbox": "person_id",
        "diary": "person_id",
        "talk_side": "person_id",
        "thanks": "person_id",
        "picture_file": "person_id",
        "message": "person_id",
        "inbox": "id",
        "person_key": "id",
    }
)
"""By table, the column that says whose row it is; a letter of the inbox is its own owner."""

COUPLES: Final[Mapping[str, str]] = MappingProxyType(
    {"couple": "id", "seat": "couple_id", "couple_round": "couple_id", "plan": "couple_id", "talk": "couple_id"}
)
"""By table, the column that says which pair's row it is."""

ON_PARTNER: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("seat", "insert"): "a pair forms: both sit down",
        ("invite", "update"): "a pair forms: the code that the other gave away is used up",
        ("diary", "insert"): "a pair forms: both get the starters that the other had, so that none comes twice",
        ("diary", "update"): "a pair forms: both get the starters that the other had, so that none comes twice",
        ("outbox", "insert"): "a message that the product sends: a pair has formed, news of a talk, a thank-you",
        ("talk_side", "insert"): "a talk is offered, for two",
        ("talk_side", "update"): "a move of a talk moves both sides, and lays what was sent under the other's key",
        ("talk_side", "delete"): "a talk ends for both",
    }
)
"""What one partner's update may do to rows of the other, and why."""

LOGS: Final = "effect"
"""The table of the triggers."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A row that an update changed.

    Attributes:
        table: Where.
        move: "insert", "update" or "delete".
        owner: Whose row it is, or None.
        couple: Which pair's, or None.
        columns: What changed, by an update.
    """

    table: str
    move: str
    owner: int | None
    couple: int | None
    columns: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Who acts: the numbers of their rows before the update and after it.

    Attributes:
        letter: The update's own number in the inbox.
        own: The actor's.
        couples: Those of the actor's pairs.
        partners: Those of whoever is in one of these pairs, too.
    """

    letter: int
    own: frozenset[int]
    couples: frozenset[int]
    partners: frozenset[int]


def wire(data: sqlite3.Connection, key_store: sqlite3.Connection) -> None:
    """Put the triggers into both databases; every table has its three, or this fails."""
    for raw, named in (
        (data, [table for table in tables.metadata.sorted_tables if table.name not in {"claim", "leadership"}]),
        (key_store, [keys.person_key]),
    ):
        raw.execute(f"CREATE TABLE {LOGS} (name TEXT, move TEXT, owner INTEGER, couple INTEGER, columns TEXT)")
        for table in named:
            owner, couple = OWNERS.get(table.name), COUPLES.get(table.name)
            assert owner or couple, table.name
            changed = " || ".join(f"iif(OLD.{c} IS NOT NEW.{c}, '{c} ', '')" for c in table.columns.keys())  # noqa: SIM118 -- not a dict
            for move, rows in (("insert", ("NEW",)), ("delete", ("OLD",)), ("update", ("OLD", "NEW"))):
                whose, whichs = (
                    f"coalesce({', '.join([*(f'{row}.{column}' for row in rows), 'NULL'])})" if column else "NULL"
                    for column in (owner, couple)
                )
                when = f"WHEN {changed} != ''" if move == "update" else ""
                raw.execute(
                    f"CREATE TRIGGER {LOGS}_{table.name}_{move} AFTER {move} ON {table.name} {when} BEGIN INSERT INTO {LOGS} "  # noqa: S608 -- our own names
                    f"VALUES ('{table.name}', '{move}', {whose}, {whichs}, {changed if when else repr('')}); END"
                )
        raw.commit()


def taken(raw: sqlite3.Connection) -> list[Effect]:
    """What the triggers wrote since the last time."""
    found = [Effect(*row) for row in raw.execute(f"SELECT * FROM {LOGS}").fetchall()]  # noqa: S608 -- our own name
    if found:
        raw.execute(f"DELETE FROM {LOGS}")  # noqa: S608 -- our own name
    return found


def on_others(effects: Iterable[Effect], actor: Standing) -> list[Effect]:
    """Those that the actor may not have."""
    return [each for each in effects if not _allowed(each, actor)]


def _allowed(effect: Effect, actor: Standing) -> bool:
    if effect.table == "inbox":
        return effect.owner == actor.letter
    if effect.owner is None:
        return effect.couple in actor.couples
    if effect.owner in actor.own:
        return True
    return effect.owner in actor.partners and (effect.table, effect.move) in ON_PARTNER
