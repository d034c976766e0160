"""People: who they are to Telegram, when they want to be asked, and the screen they were promised."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any, Final, TypedDict, Unpack

from sqlalchemy import Executable, Row, bindparam, delete, exists, func, select, update

from storage import couples, invites, plans
from storage.engine import insert_into, now_there
from storage.errors import NotFound
from storage.records import Panel, Person
from storage.store import Tx
from storage.tables import claim, outbox, person
from storage.vault import Field

PLACE: Final = Field("person", "place", 128)
"""How to paint the present screen again; a tap's worth of text."""

ASKED_AT_ONCE: Final = 500
"""Numbers in one question; SQLite takes at least 999 values (sqlite.org/limits.html), older ones no more."""

_BY_TELEGRAM_ID: Final = select(person).where(
    person.c.telegram_id == bindparam("wanted"), person.c.forgotten_at.is_(None)
)
_BY_ID: Final = select(person).where(person.c.id == bindparam("wanted"), person.c.forgotten_at.is_(None))
_ANYBODY: Final = select(person.c.id).where(person.c.forgotten_at.is_(None)).limit(1)
_CHANGE: Final = update(person).where(person.c.id == bindparam("whose"))
_SHOWN: Final = _CHANGE.values(
    panel_message_id=bindparam("message_id"), panel_kind=bindparam("kind"), panel_digest=bindparam("digest"), owed=False
)
_PLACE: Final = _CHANGE.values(place=bindparam("sealed"), owed=True)
_OWE: Final = _CHANGE.values(owed=True)
_HANDLED: Final = exists().where(claim.c.chat_id == person.c.telegram_id, claim.c.until_at > now_there())
_OWED: Final = (
    select(person)
    .where(person.c.owed, person.c.reachable, person.c.forgotten_at.is_(None), ~_HANDLED)
    .order_by(person.c.id)
    .limit(bindparam("most"))
)
_PARTING: Final = (
    select(person.c.telegram_id, person.c.language)
    .where(person.c.forgotten_at.is_not(None), ~_HANDLED)
    .order_by(person.c.id)
)
_NUMBERS: Final = select(person.c.id).where(person.c.forgotten_at.is_(None))
_NEWEST: Final = select(func.max(person.c.id)).where(person.c.forgotten_at.is_(None))
_HERE: Final = _NUMBERS.where(person.c.id.in_(bindparam("among", expanding=True)))
_FORGOTTEN: Final = select(person.c.id).where(person.c.forgotten_at.is_not(None))
_CALL_BACK: Final = delete(outbox).where(outbox.c.person_id == bindparam("whose"))


@cache
def _add(dialect: str) -> Executable:
    once = insert_into(dialect, person).on_conflict_do_nothing(
        index_elements=[person.c.telegram_id], index_where=person.c.forgotten_at.is_(None)
    )
    return once.returning(person.c.id)


class Changes(TypedDict, total=False):
    """The columns that `change` may set; their meaning is that of `Person`."""

    language: str
    zone: str | None
    weekday: int
    minute: int
    quiet_from: int
    quiet_to: int
    paused: bool
    text_only: bool
    reachable: bool
    adult_at: datetime | None
    first_day: date | None


def find(tx: Tx, telegram_id: int) -> Person | None:
    """Who Telegram calls by this number, with their panel, or None for a stranger."""
    row = tx.connection.execute(_BY_TELEGRAM_ID, {"wanted": telegram_id}).one_or_none()
    return None if row is None else _person(tx, row)


def get(tx: Tx, person_id: int) -> Person:
    """A person by our own number.

    Raises:
        NotFound: There is none, or they were forgotten.
    """
    found = find_by_id(tx, person_id)
    if found is None:
        raise NotFound(f"There is no person {person_id}.")
    return found


def find_by_id(tx: Tx, person_id: int | None) -> Person | None:
    """A person by our own number, or None if they were forgotten or no number is given."""
    if person_id is None:
        return None
    row = tx.connection.execute(_BY_ID, {"wanted": person_id}).one_or_none()
    return None if row is None else _person(tx, row)


def nobody_yet(tx: Tx) -> bool:
    """Whether not one person is here."""
    return tx.connection.execute(_ANYBODY).one_or_none() is None


def add(tx: Tx, *, telegram_id: int, language: str, now: datetime) -> Person:
    """Make a person: first their key, committed in the key store, then their row with the key's number.

    Someone who is already known is returned as they are.
    """
    blank = Person(id=tx.vault.keys.create(), telegram_id=telegram_id, language=language, created_at=now)
    row = {
        "id": blank.id,
        "telegram_id": telegram_id,
        "language": language,
        "zone": blank.zone,
        "weekday": blank.weekday,
        "minute": blank.minute,
        "quiet_from": blank.quiet_from,
        "quiet_to": blank.quiet_to,
        "paused": blank.paused,
        "text_only": blank.text_only,
        "reachable": blank.reachable,
        "created_at": now,
        "owed": False,
    }
    if tx.connection.execute(_add(tx.dialect), row).one_or_none() is None:
        tx.vault.keys.destroy(blank.id)
        known = find(tx, telegram_id)
        if known is None:
            raise NotFound(f"Person {blank.id} could be neither added nor found.")
        return known
    return get(tx, blank.id)


def change(tx: Tx, person_id: int, **columns: Unpack[Changes]) -> None:
    """Set what a person told about themselves.

    Raises:
        TypeError: A column that is not in `Changes`.
    """
    if unknown := columns.keys() - Changes.__annotations__.keys():
        raise TypeError(f"A person has nothing to change called {', '.join(sorted(unknown))}.")
    tx.connection.execute(_CHANGE, {"whose": person_id, **columns})


def set_place(tx: Tx, person_id: int, place: str) -> None:
    """Note where the person is, sealed, and that they are owed that screen."""
    sealed = tx.vault.seal_text(PLACE, person_id, person_id, place)
    tx.connection.execute(_PLACE, {"whose": person_id, "sealed": sealed})


def shown(tx: Tx, person_id: int, *, message_id: int | None, kind: str | None, digest: str | None) -> None:
    """Note which message carries the present screen; nothing is owed any more."""
    tx.connection.execute(_SHOWN, {"whose": person_id, "message_id": message_id, "kind": kind, "digest": digest})


def owe_if_moved(tx: Tx, seen: Person) -> bool:
    """Owe a person their present screen once more, if another one was shown since they were seen.

    Returns:
        False while a screen is on its way to them, so that nobody can tell yet.
    """
    now = find_by_id(tx, seen.id)
    if now is None:
        return True
    if now.panel.owed:
        return False
    if now.panel != replace(seen.panel, owed=False):
        tx.connection.execute(_OWE, {"whose": seen.id})
    return True


def owed(tx: Tx, limit: int) -> list[Person]:
    """People who were promised a screen that is not yet known to be shown, and whose chat no process has claimed."""
    return [_person(tx, row) for row in tx.connection.execute(_OWED, {"most": limit})]


def forget(tx: Tx, person_id: int, now: datetime) -> None:
    """Mark a person as forgotten, and let them leave their couple quietly.

    From here on nobody finds them. The rest is done by `deletion.finish_deletions`, after the commit.
    """
    if (couple := couples.of(tx, person_id)) is not None:
        couples.leave(tx, couple, person_id, now)
    invites.withdraw_open(tx, person_id, now)
    plans.drop_for_person(tx, person_id)
    tx.connection.execute(_CALL_BACK, {"whose": person_id})
    tx.connection.execute(_CHANGE, {"whose": person_id, "forgotten_at": now, "owed": False})


def numbers(tx: Tx) -> set[int]:
    """The numbers of everybody who was not forgotten."""
    return set(tx.connection.execute(_NUMBERS).scalars())


def newest(tx: Tx) -> int:
    """The highest number of anybody who was not forgotten; 0 while nobody is here."""
    found: int | None = tx.connection.execute(_NEWEST).scalar_one()
    return found or 0


def here(tx: Tx, among: Sequence[int]) -> list[int]:
    """Those of some numbers that are of somebody who was not forgotten, rising."""
    found: list[int] = []
    for first in range(0, len(among), ASKED_AT_ONCE):
        part = list(among[first : first + ASKED_AT_ONCE])
        found += tx.connection.execute(_HERE, {"among": part}).scalars()
    return sorted(found)


def parting(tx: Tx) -> list[tuple[int, str]]:
    """Telegram's numbers and the languages of people who were marked as forgotten and are not yet deleted.

    Without those whose chat a process has claimed: it is just telling them.
    """
    return [(row.telegram_id, row.language) for row in tx.connection.execute(_PARTING)]


def forgotten(tx: Tx) -> list[int]:
    """The numbers of people who were marked as forgotten and are not yet deleted."""
    return list(tx.connection.execute(_FORGOTTEN).scalars())


def _person(tx: Tx, row: Row[Any]) -> Person:
    # By position, in the order of the table: every tap reads people, and by name it takes three times as long.
    (
        number,
        telegram_id,
        language,
        zone,
        weekday,
        minute,
        quiet_from,
        quiet_to,
        paused,
        text_only,
        reachable,
        adult_at,
        first_day,
        created_at,
        _forgotten_at,
        message_id,
        kind,
        digest,
        place,
        owed,
    ) = tuple(row)
    return Person(
        id=number,
        telegram_id=telegram_id,
        language=language,
        zone=zone,
        weekday=weekday,
        minute=minute,
        quiet_from=quiet_from,
        quiet_to=quiet_to,
        paused=paused,
        text_only=text_only,
        reachable=reachable,
        adult_at=adult_at,
        first_day=first_day,
        created_at=created_at,
        panel=Panel(
            message_id=message_id,
            kind=kind,
            digest=digest,
            place="" if place is None else tx.vault.unseal_text(PLACE, number, number, place),
            owed=owed,
        ),
    )
