"""Couples: two seats. Who leaves empties a seat and nothing else, so that leaving looks like silence."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.errors import AlreadyPaired, NotFound
from storage.records import Couple, Person, Seat
from storage.store import Tx
from storage.tables import choice, couple, couple_round, invite, keepsake, seat, talk, talk_side
from storage.vault import Field

OWN_NAME: Final = Field("seat", "own_name", 128)
"""What the partner calls the person, under the person's own key."""
PARTNER_NAME: Final = Field("seat", "partner_name", 128)
"""What the person calls the partner, under the person's own key."""
UNKNOWN_ZONE: Final = "UTC"
"""What counts while a person has not told their zone."""
ALWAYS_QUIET: Final = (0, 1440)
"""The quiet hours of somebody of whom nobody knows when it is night."""

_EMPTY: Final = {"person_id": None, "own_name": None, "partner_name": None}
"""A seat after its person left: the slot stays."""
_NO_SLOT: Final = {
    "weekday": 0,
    "minute": 0,
    "zone": UNKNOWN_ZONE,
    "quiet_from": ALWAYS_QUIET[0],
    "quiet_to": ALWAYS_QUIET[1],
}
"""A seat of a pair that is over: nothing tells any more whose it was."""

_SEATS: Final = (
    select(couple.c.id, couple.c.created_at, couple.c.closed_at)
    .add_columns(seat.c.seat, seat.c.person_id, seat.c.weekday, seat.c.minute, seat.c.zone)
    .add_columns(seat.c.quiet_from, seat.c.quiet_to)
    .join(seat, seat.c.couple_id == couple.c.id)
    .order_by(seat.c.seat)
)
_mine = seat.alias("mine")
_OF: Final = _SEATS.join(_mine, _mine.c.couple_id == couple.c.id).where(_mine.c.person_id == bindparam("whose"))
_GET: Final = _SEATS.where(couple.c.id == bindparam("which"))

_SEAT: Final = update(seat).where(seat.c.couple_id == bindparam("pair"), seat.c.person_id == bindparam("whose"))
_NAMES: Final = select(seat.c.seat, seat.c.own_name, seat.c.partner_name).where(
    seat.c.couple_id == bindparam("pair"), seat.c.person_id == bindparam("whose")
)
_LOCK: Final = select(couple.c.id).where(couple.c.id == bindparam("which")).with_for_update()
_BEGIN: Final = insert(couple).returning(couple.c.id)
_SIT_DOWN: Final = insert(seat)
_WITHDRAW: Final = (
    update(invite)
    .where(
        invite.c.inviter_id.in_(bindparam("people", expanding=True)),
        invite.c.claimed_at.is_(None),
        invite.c.withdrawn_at.is_(None),
    )
    .values(withdrawn_at=bindparam("now"))
)
_TAKE_OUT: Final = delete(choice).where(
    choice.c.person_id == bindparam("whose"),
    choice.c.round_id.in_(select(couple_round.c.id).where(couple_round.c.couple_id == bindparam("pair"))),
)
_TALKED: Final = delete(talk_side).where(talk_side.c.person_id == bindparam("whose"))
_CLOSE: Final = (
    update(couple)
    .where(couple.c.id == bindparam("pair"), couple.c.closed_at.is_(None))
    .values(closed_at=bindparam("now"))
)
_CLOSE_IF_EMPTY: Final = _CLOSE.where(
    ~exists().where(seat.c.couple_id == bindparam("pair"), seat.c.person_id.is_not(None))
)
_BOTH_SEATS: Final = update(seat).where(seat.c.couple_id == bindparam("pair"))
_END_TALK: Final = delete(talk).where(talk.c.couple_id == bindparam("pair"))
_SWEEP: Final = delete(couple).where(
    couple.c.closed_at < bindparam("before"),
    ~exists().where(keepsake.c.round_id == couple_round.c.id, couple_round.c.couple_id == couple.c.id),
    ~exists().where(seat.c.couple_id == couple.c.id, seat.c.person_id.is_not(None)),
)


def pair(tx: Tx, *, inviter: Person, invitee: Person, inviter_name: str, invitee_name: str, now: datetime) -> Couple:
    """Make two people a couple; their other open invitations end.

    Args:
        tx: The unit of work.
        inviter: Takes seat 1.
        invitee: Takes seat 2.
        inviter_name: What the inviter is called by the invitee.
        invitee_name: What the invitee is called by the inviter.
        now: When.

    Raises:
        AlreadyPaired: One of the two already sits in a couple; the unit of work must end here.
    """
    number = tx.connection.execute(_BEGIN, {"created_at": now}).scalar_one()
    seats = [
        _new_seat(tx, (number, 1), inviter, own_name=inviter_name, partner_name=invitee_name),
        _new_seat(tx, (number, 2), invitee, own_name=invitee_name, partner_name=inviter_name),
    ]
    try:
        tx.connection.execute(_SIT_DOWN, seats)
    except IntegrityError as error:
        raise AlreadyPaired("One of the two already sits in a couple.") from error
    tx.connection.execute(_WITHDRAW, {"people": [inviter.id, invitee.id], "now": now})
    return get(tx, number)


def of(tx: Tx, person_id: int) -> Couple | None:
    """The couple in which a person sits, or None."""
    rows = tx.connection.execute(_OF, {"whose": person_id}).all()
    return _couple(rows) if rows else None


def require(tx: Tx, person_id: int) -> Couple:
    """The couple in which a person sits.

    Raises:
        NotFound: They sit in none.
    """
    found = of(tx, person_id)
    if found is None:
        raise NotFound(f"Person {person_id} sits in no couple.")
    return found


def find(tx: Tx, couple_id: int) -> Couple | None:
    """A couple by its number, closed ones too, or None."""
    rows = tx.connection.execute(_GET, {"which": couple_id}).all()
    return _couple(rows) if rows else None


def get(tx: Tx, couple_id: int) -> Couple:
    """A couple by its number, closed ones too.

    Raises:
        NotFound: There is none.
    """
    found = find(tx, couple_id)
    if found is None:
        raise NotFound(f"There is no couple {couple_id}.")
    return found


def partner_name(tx: Tx, pair_: Couple, reader_id: int) -> str:
    """What the reader calls the partner; it stays after the partner left.

    Raises:
        NotFound: The reader does not sit in this couple.
    """
    return _name(tx, PARTNER_NAME, pair_, reader_id)


def own_name(tx: Tx, pair_: Couple, person_id: int) -> str:
    """What the partner calls the person.

    Raises:
        NotFound: The person does not sit in this couple.
    """
    return _name(tx, OWN_NAME, pair_, person_id)


def open_name(tx: Tx, reader_id: int, couple_id: int, number: int, sealed: bytes) -> str:
    """Unseal the partner's name of a seat."""
    return tx.vault.unseal_text(PARTNER_NAME, reader_id, f"{couple_id}/{number}", sealed)


def leave(tx: Tx, pair_: Couple, person_id: int, now: datetime) -> None:
    """Leave quietly: the seat empties and keeps its slot; what the person chose to show is taken out.

    Nothing that the partner sees changes, and the rounds go on; so does the partner's side of a talk, until it
    expires. When both left, the couple is closed.
    """
    place = {"pair": pair_.id, "whose": person_id}
    tx.connection.execute(_SEAT, {**place, **_EMPTY})
    tx.connection.execute(_TAKE_OUT, place)
    tx.connection.execute(_TALKED, {"whose": person_id})
    if tx.connection.execute(_CLOSE_IF_EMPTY, {"pair": pair_.id, "now": now}).rowcount:
        tx.connection.execute(_BOTH_SEATS, {"pair": pair_.id, **_NO_SLOT})


def close(tx: Tx, pair_: Couple, now: datetime) -> None:
    """Close a couple for both: each is free to pair again."""
    tx.connection.execute(_CLOSE, {"pair": pair_.id, "now": now})
    tx.connection.execute(_BOTH_SEATS, {"pair": pair_.id, **_EMPTY, **_NO_SLOT})
    tx.connection.execute(_END_TALK, {"pair": pair_.id})


def set_slot(tx: Tx, pair_: Couple, sitter: Person) -> None:
    """Take over a person's slot, zone and quiet hours, as they count from the coming round on."""
    tx.connection.execute(_SEAT, {"pair": pair_.id, "whose": sitter.id, **_slot(sitter)})


def lock(tx: Tx, couple_id: int) -> None:
    """Let no other unit of work touch this couple until this one ends.

    On PostgreSQL the couple's row is locked; lock several couples in the order of their numbers. On SQLite
    there is one writer, so there is nothing to lock.
    """
    if tx.dialect == "postgresql":
        tx.connection.execute(_LOCK, {"which": couple_id})


def sweep(tx: Tx, before: datetime) -> int:
    """Delete couples that were closed before an instant and of which no keepsake is left.

    Returns:
        How many there were.
    """
    return tx.connection.execute(_SWEEP, {"before": before}).rowcount


def _name(tx: Tx, field: Field, pair_: Couple, person_id: int) -> str:
    row = tx.connection.execute(_NAMES, {"pair": pair_.id, "whose": person_id}).one_or_none()
    sealed = None if row is None else getattr(row, field.column)
    if row is None or sealed is None:
        raise NotFound(f"Person {person_id} does not sit in couple {pair_.id}.")
    return tx.vault.unseal_text(field, person_id, f"{pair_.id}/{row.seat}", sealed)


def _new_seat(tx: Tx, place: tuple[int, int], sitter: Person, *, own_name: str, partner_name: str) -> dict[str, object]:
    couple_id, number = place
    row = f"{couple_id}/{number}"
    return {
        "couple_id": couple_id,
        "seat": number,
        "person_id": sitter.id,
        "own_name": tx.vault.seal_text(OWN_NAME, sitter.id, row, own_name),
        "partner_name": tx.vault.seal_text(PARTNER_NAME, sitter.id, row, partner_name),
        **_slot(sitter),
    }


def _slot(sitter: Person) -> dict[str, object]:
    quiet_from, quiet_to = (sitter.quiet_from, sitter.quiet_to) if sitter.zone else ALWAYS_QUIET
    return {
        "weekday": sitter.weekday,
        "minute": sitter.minute,
        "zone": sitter.zone or UNKNOWN_ZONE,
        "quiet_from": quiet_from,
        "quiet_to": quiet_to,
    }


def _couple(rows: Sequence[Row[Any]]) -> Couple:
    first, second = (
        Seat(
            seat=row.seat,
            person_id=row.person_id,
            weekday=row.weekday,
            minute=row.minute,
            zone=row.zone,
            quiet_from=row.quiet_from,
            quiet_to=row.quiet_to,
        )
        for row in rows
    )
    return Couple(id=rows[0].id, created_at=rows[0].created_at, closed_at=rows[0].closed_at, seats=(first, second))
