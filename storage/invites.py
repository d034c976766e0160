"""Invitations: seven days, one person. Their codes are stored only as hashes.

Both codes come from the inviter's key, so they can be shown again but not read from the data; the hashes
are keyed by the house, since a short code could else be found by trying all.
"""

import base64
import hmac
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, or_, select, update

from storage.records import Invite
from storage.store import Tx
from storage.tables import invite, invite_attempt
from storage.vault import Field

NAME: Final = Field("invite", "name", 128)
"""What the inviter is called by whom they invite."""
LIFETIME: Final = timedelta(days=7)
"""How long an invitation can be accepted."""
LINK_BYTES: Final = 16
"""128 bits: 22 characters that fit a link and nobody can guess."""
START: Final = "?start="
"""Comes before the code in a link."""
SHORT_CHARACTERS: Final = 8
"""40 bits, short enough to read aloud; the limits below keep it from being guessed."""
CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Douglas Crockford's Base32: no I, L, O or U, which are misread or misheard."""
MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
"""How a misread character was meant (U is our own addition)."""
ATTEMPT_WINDOW: Final = timedelta(hours=1)
"""How long a code that was tried is remembered."""
ATTEMPTS_EACH: Final = 10
"""Codes a person may try in a window."""
ATTEMPTS_ALL: Final = 500
"""Codes all together may try in a window: at this pace one open code in 2^40 takes 250,000 years."""
_NONCE_BYTES: Final = 16
_BITS_A_CHARACTER: Final = 5

_OPEN: Final = (invite.c.claimed_at.is_(None), invite.c.withdrawn_at.is_(None))
_ADD: Final = insert(invite).returning(invite)
_GET: Final = select(invite.c.nonce, invite.c.name).where(invite.c.id == bindparam("which"))
_OPEN_OF: Final = select(invite).where(
    invite.c.inviter_id == bindparam("whose"), *_OPEN, invite.c.expires_at > bindparam("now")
)
_FIND: Final = select(invite).where(
    or_(invite.c.link_hash == bindparam("link"), invite.c.short_hash == bindparam("short"))
)
_WITHDRAW: Final = update(invite).where(invite.c.id == bindparam("which"), *_OPEN).values(withdrawn_at=bindparam("now"))
_WITHDRAW_OPEN: Final = (
    update(invite).where(invite.c.inviter_id == bindparam("whose"), *_OPEN).values(withdrawn_at=bindparam("now"))
)
_CLAIM: Final = (
    update(invite)
    .where(
        invite.c.id == bindparam("which"),
        *_OPEN,
        invite.c.expires_at > bindparam("now"),
        invite.c.inviter_id != bindparam("whose"),
    )
    .values(claimed_at=bindparam("now"))
)
_ATTEMPTS: Final = select(func.count(), func.count().filter(invite_attempt.c.person_id == bindparam("whose"))).where(
    invite_attempt.c.tried_at > bindparam("since")
)
_FORGET_ATTEMPTS: Final = delete(invite_attempt).where(invite_attempt.c.tried_at <= bindparam("until"))
_ATTEMPT: Final = insert(invite_attempt)


@dataclass(frozen=True, slots=True, repr=False)
class Codes:
    """The two ways to accept an invitation.

    Attributes:
        link: For the link: letters, digits, "-" and "_".
        short: Eight characters to read aloud.
    """

    link: str
    short: str


def add(tx: Tx, *, inviter_id: int, name: str, now: datetime) -> Invite:
    """Invite somebody; an open invitation of the same person ends."""
    withdraw_open(tx, inviter_id, now)
    nonce = os.urandom(_NONCE_BYTES)
    codes_ = _codes(tx, inviter_id, nonce)
    row = {
        "inviter_id": inviter_id,
        "nonce": nonce,
        "link_hash": _hash(tx, codes_.link),
        "short_hash": _hash(tx, codes_.short),
        "name": tx.vault.seal_text(NAME, inviter_id, nonce.hex(), name),
        "created_at": now,
        "expires_at": now + LIFETIME,
    }
    return _invite(tx.connection.execute(_ADD, row).one())


def codes(tx: Tx, invited: Invite) -> Codes:
    """The codes of an invitation, made again from the inviter's key."""
    row = tx.connection.execute(_GET, {"which": invited.id}).one()
    return _codes(tx, invited.inviter_id, row.nonce)


def open_of(tx: Tx, inviter_id: int, now: datetime) -> Invite | None:
    """The person's invitation that can still be accepted, if any."""
    row = tx.connection.execute(_OPEN_OF, {"whose": inviter_id, "now": now}).one_or_none()
    return None if row is None else _invite(row)


def find(tx: Tx, code: str) -> Invite | None:
    """The invitation of a code, of the link (pasted whole, too) or read aloud, in whatever state it is."""
    given = code.rpartition(START)[2].strip()
    hashes = {"link": _hash(tx, given), "short": _hash(tx, _spoken(given))}
    row = tx.connection.execute(_FIND, hashes).one_or_none()
    return None if row is None else _invite(row)


def resembles_code(text: str) -> bool:
    """Whether a text looks like a code that was read aloud, or is a pasted link."""
    spoken = _spoken(text)
    return START in text or (len(spoken) == SHORT_CHARACTERS and set(spoken) <= set(CROCKFORD))


def is_open(invited: Invite, now: datetime) -> bool:
    """Whether an invitation, as it was read, can still be accepted."""
    return invited.claimed_at is None and invited.withdrawn_at is None and now < invited.expires_at


def door_code(tx: Tx) -> str:
    """The code of the operator's own link, by which the first person comes in; it never changes."""
    return _link(tx.vault.house_code("door", b""))


def is_door_code(tx: Tx, code: str) -> bool:
    """Whether a code is the operator's own."""
    return hmac.compare_digest(door_code(tx).encode(), code.strip().encode())


def name(tx: Tx, invited: Invite) -> str:
    """What the inviter wants to be called."""
    row = tx.connection.execute(_GET, {"which": invited.id}).one()
    return tx.vault.unseal_text(NAME, invited.inviter_id, row.nonce.hex(), row.name)


def withdraw(tx: Tx, invited: Invite, now: datetime) -> bool:
    """Take an invitation back.

    Returns:
        False if it was accepted or withdrawn meanwhile.
    """
    return tx.connection.execute(_WITHDRAW, {"which": invited.id, "now": now}).rowcount == 1


def withdraw_open(tx: Tx, inviter_id: int, now: datetime) -> None:
    """Take back whatever invitation of a person is still open."""
    tx.connection.execute(_WITHDRAW_OPEN, {"whose": inviter_id, "now": now})


def claim(tx: Tx, invited: Invite, person_id: int, now: datetime) -> bool:
    """Accept an invitation: one person can, once, in time, and not one's own.

    Returns:
        Whether it was this person who could.
    """
    tried = {"which": invited.id, "whose": person_id, "now": now}
    return tx.connection.execute(_CLAIM, tried).rowcount == 1


def can_be_guessed(code: str) -> bool:
    """Whether a code is as short as those that are read aloud: only they could be found by trying."""
    return len(_spoken(code.rpartition(START)[2])) <= SHORT_CHARACTERS


def too_many_attempts(tx: Tx, person_id: int | None, now: datetime) -> bool:
    """Whether this person, or all together, tried too many short codes lately.

    For strangers, of whom nothing is kept, None counts all of them as one.
    """
    if person_id is None:
        return _attempts(tx, now)[0] >= ATTEMPTS_ALL
    everybody, own = _attempts(tx, now, person_id)
    return own >= ATTEMPTS_EACH or everybody >= ATTEMPTS_ALL


def _attempts(tx: Tx, now: datetime, person_id: int | None = None) -> tuple[int, int]:
    lately = {"whose": person_id, "since": now - ATTEMPT_WINDOW}
    everybody, own = tx.connection.execute(_ATTEMPTS, lately).one()
    return everybody, own


def note_attempt(tx: Tx, person_id: int | None, now: datetime) -> None:
    """Note that a person, or None for a stranger, tried a code; what is older than the window is forgotten."""
    tx.connection.execute(_FORGET_ATTEMPTS, {"until": now - ATTEMPT_WINDOW})
    tx.connection.execute(_ATTEMPT, {"person_id": person_id, "tried_at": now})


def _codes(tx: Tx, inviter_id: int, nonce: bytes) -> Codes:
    bits = int.from_bytes(tx.vault.code(inviter_id, "invite short", nonce), "big")
    short = "".join(
        CROCKFORD[(bits >> (_BITS_A_CHARACTER * place)) % len(CROCKFORD)] for place in range(SHORT_CHARACTERS)
    )
    return Codes(link=_link(tx.vault.code(inviter_id, "invite link", nonce)), short=short)


def _link(code: bytes) -> str:
    return base64.urlsafe_b64encode(code[:LINK_BYTES]).decode().rstrip("=")


def _spoken(given: str) -> str:
    return "".join(given.split()).replace("-", "").upper().translate(MISREAD)


def _hash(tx: Tx, code: str) -> bytes:
    return tx.vault.house_code("invite", code.encode())


def _invite(row: Row[Any]) -> Invite:
    return Invite(
        id=row.id,
        inviter_id=row.inviter_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        claimed_at=row.claimed_at,
        withdrawn_at=row.withdrawn_at,
    )
