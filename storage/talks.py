"""Talks that are open: what each of the two wrote, sent and heard, each under their own key.

A person's row holds all that they may know of the talk. What one sends is laid under the key of the other, so that a
partner who leaves or is deleted takes nothing away that was sent; drafts lie under the writer's key and no function
hands them to the other. When a talk ends its rows are deleted.
"""

from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Executable, Row, bindparam, delete, func, insert, select

from storage import couples
from storage.engine import insert_into
from storage.errors import KeyGone
from storage.records import Couple, TalkSide
from storage.store import Tx
from storage.tables import seat, talk, talk_side
from storage.vault import Field

STATE: Final = Field("talk_side", "state", 512)
"""Where the talk stands: fewer than 400 bytes."""
DRAFT: Final = Field("talk_side", "draft", 8192)
"""What somebody is writing: three texts of a few hundred characters."""
SAID: Final = Field("talk_side", "said", 8192)
HEARD: Final = Field("talk_side", "heard", 8192)

Place = tuple[int, int, int]
"""The talk, the side and the person of a row."""

ASKER: Final = 1
ASKED: Final = 2

_other = talk_side.alias("other")
_OF: Final = (
    select(talk.c.id, talk.c.couple_id, talk.c.made_at)
    .add_columns(talk_side.c.side, talk_side.c.person_id, talk_side.c.state)
    .add_columns(talk_side.c.draft, talk_side.c.said, talk_side.c.heard)
    .add_columns(_other.c.person_id.label("partner_id"), seat.c.seat, seat.c.partner_name)
    .join(talk_side, talk_side.c.talk_id == talk.c.id)
    .join(seat, seat.c.person_id == talk_side.c.person_id)
    .outerjoin(_other, (_other.c.talk_id == talk.c.id) & (_other.c.side != talk_side.c.side))
    .where(talk_side.c.person_id == bindparam("whose"))
)
_HOLD: Final = (
    select(talk.c.id)
    .where(talk.c.id.in_(select(talk_side.c.talk_id).where(talk_side.c.person_id == bindparam("whose"))))
    .with_for_update()
)
_ANY: Final = (
    select(talk_side.c.person_id)
    .join(talk)
    .where(talk.c.couple_id == bindparam("whose"))
    .order_by(talk_side.c.side)
    .limit(1)
)
_SIT_DOWN: Final = insert(talk_side)
_END: Final = delete(talk).where(talk.c.id == bindparam("which"))


@cache
def _offer(dialect: str) -> Executable:
    once = insert_into(dialect, talk).on_conflict_do_nothing(index_elements=[talk.c.couple_id])
    return once.returning(talk.c.id)


@cache
def _move(dialect: str) -> Executable:
    """Replace what is given of sides that are there, and leave the rest."""
    statement = insert_into(dialect, talk_side)
    kept = {
        field.column: func.coalesce(statement.excluded[field.column], talk_side.c[field.column])
        for field in (STATE, DRAFT, SAID, HEARD)
    }
    return statement.on_conflict_do_update(index_elements=["talk_id", "side"], set_=kept)


def of(tx: Tx, person_id: int) -> TalkSide | None:
    """A person's side of the talk that is open, or None."""
    row = tx.connection.execute(_OF, {"whose": person_id}).one_or_none()
    return None if row is None else _side(tx, row)


def held(tx: Tx, person_id: int) -> TalkSide | None:
    """The same, and until this unit of work ends nobody else can move the talk.

    On PostgreSQL the talk's row is locked by a statement of its own: a row that was waited for is read anew only by
    the next one. On SQLite there is one writer.
    """
    if tx.dialect == "postgresql":
        tx.connection.execute(_HOLD, {"whose": person_id})
    return of(tx, person_id)


def any_side(tx: Tx, couple_id: int) -> TalkSide | None:
    """Either one's side of a couple's talk, held like `held`: for what the clock does."""
    found = tx.connection.execute(_ANY, {"whose": couple_id}).scalar_one_or_none()
    return None if found is None else held(tx, found)


def offer(tx: Tx, couple: Couple, asker_id: int, state: str, now: datetime) -> TalkSide | None:
    """Begin a talk of a couple.

    Args:
        tx: The unit of work.
        couple: Whose.
        asker_id: Who offers it; must sit in the couple.
        state: Where it stands, as JSON text.
        now: When.

    Returns:
        The asker's side; None if one is open already.
    """
    number = tx.connection.execute(_offer(tx.dialect), {"couple_id": couple.id, "made_at": now}).scalar_one_or_none()
    if number is None:
        return None
    asked = [each.person_id for each in couple.seats if each.person_id not in (asker_id, None)]
    sides = [(ASKER, asker_id), *((ASKED, person_id) for person_id in asked if person_id is not None)]
    rows = [
        {"talk_id": number, "side": side, "person_id": person_id, "state": sealed}
        for side, person_id in sides
        if (sealed := _sealed(tx, STATE, (number, side, person_id), state)) is not None
    ]
    tx.connection.execute(_SIT_DOWN, rows)
    return of(tx, asker_id)


def move(
    tx: Tx, own: TalkSide, state: str, *, draft: str | None = None, said: str | None = None, hand: str | None = None
) -> TalkSide:
    """Keep where a talk stands now, on both sides.

    Args:
        tx: The unit of work.
        own: The side of whoever moved it.
        state: Where it stands, as JSON text.
        draft: What they have written so far; None leaves it as it is.
        said: What they now have sent; None leaves it.
        hand: What the other is to read from now on; None leaves it.

    Returns:
        The own side as it is now.
    """
    mine: Place = (own.talk_id, own.side, own.person_id)
    rows = [_values(tx, mine, {STATE: state, DRAFT: draft, SAID: said, HEARD: None})]
    if own.partner_id is not None:
        theirs = (own.talk_id, ASKER + ASKED - own.side, own.partner_id)
        rows.append(_values(tx, theirs, {STATE: state, DRAFT: None, SAID: None, HEARD: hand}))
    tx.connection.execute(_move(tx.dialect), [row for row in rows if row[STATE.column] is not None])
    return replace(
        own,
        state=state,
        draft=own.draft if draft is None else draft,
        said=own.said if said is None else said,
    )


def end(tx: Tx, own: TalkSide) -> None:
    """End a talk: both sides of it are deleted, and every word with them."""
    tx.connection.execute(_END, {"which": own.talk_id})


def _values(tx: Tx, place: Place, texts: dict[Field, str | None]) -> dict[str, object]:
    talk_id, side, person_id = place
    sealed = {field.column: _sealed(tx, field, place, text) for field, text in texts.items()}
    return {"talk_id": talk_id, "side": side, "person_id": person_id, **sealed}


def _sealed(tx: Tx, field: Field, place: Place, content: str | None) -> bytes | None:
    """A sealed text; None where there is none, or where the key of somebody who is being deleted is gone."""
    talk_id, side, person_id = place
    if content is None:
        return None
    try:
        return tx.vault.seal_text(field, person_id, f"{talk_id}/{side}", content)
    except KeyGone:
        return None


def _opened(tx: Tx, field: Field, place: Place, sealed: bytes | None) -> str:
    talk_id, side, person_id = place
    return "" if sealed is None else tx.vault.unseal_text(field, person_id, f"{talk_id}/{side}", sealed)


def _side(tx: Tx, row: Row[Any]) -> TalkSide:
    place: Place = (row.id, row.side, row.person_id)
    return TalkSide(
        talk_id=row.id,
        couple_id=row.couple_id,
        made_at=row.made_at,
        side=row.side,
        person_id=row.person_id,
        partner_id=row.partner_id,
        partner_name=couples.open_name(tx, row.person_id, row.couple_id, row.seat, row.partner_name),
        state=_opened(tx, STATE, place, row.state),
        draft=_opened(tx, DRAFT, place, row.draft),
        said=_opened(tx, SAID, place, row.said),
        heard=_opened(tx, HEARD, place, row.heard),
    )
