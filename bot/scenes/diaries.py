"""What was already said to a person: starters and thoughts, so that nothing comes twice in a year."""

import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Literal

from storage import diary
from storage.store import Tx

Strand = Literal["own", "joint", "thoughts"]

TALK = "talk"
"""How the answer to "Did it help?" stands among one's own starters; no starter is called so."""

KEPT_ENTRIES = 160
"""Enough for three a week over a year; older ones may come again."""

_EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday
_DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was said.

    Attributes:
        id: Which starter or thought.
        week: Calendar week in which it was said (see `week_number`).
        ref: What it belongs to: a check-in or a round, or 0.
        talked: Whether the person tapped "We talked".
        refused: Whether the person tapped "Not now".
        reason: Why this one was chosen, or empty.
        couple: To which couple both received it, or 0 for one's own.
    """

    id: str
    week: int
    ref: int = 0
    talked: bool = False
    refused: bool = False
    reason: str = ""
    couple: int = 0


_NAMES = tuple(field.name for field in fields(Entry))


def week_number(instant: datetime) -> int:
    """Calendar weeks since 5 January 1970, so that 52 weeks ago can be told."""
    return (instant - _EPOCH).days // _DAYS_A_WEEK


def load(tx: Tx, person_id: int, strand: Strand) -> list[Entry]:
    """The entries of a strand, oldest first."""
    text = diary.load(tx, person_id, strand)
    return [Entry(**entry) for entry in json.loads(text)] if text else []


def save(tx: Tx, person_id: int, strand: Strand, entries: list[Entry]) -> None:
    """Keep the newest entries of a strand."""
    # Not `asdict`, which copies deeply: with a year's entries it took longer than all else about a thought.
    kept = [{name: getattr(entry, name) for name in _NAMES} for entry in entries[-KEPT_ENTRIES:]]
    text = json.dumps(kept, separators=(",", ":"))
    diary.save(tx, person_id, strand, text)


def add(tx: Tx, person_id: int, strand: Strand, entry: Entry) -> None:
    """Note one thing that is said now."""
    save(tx, person_id, strand, [*load(tx, person_id, strand), entry])
