"""Sealing what people said: AES-GCM under the key of one person or one day.

A seal is bound to its place: the table, the column and the row are associated data, so sealed bytes that
were moved to another row do not open. Before sealing, content is padded to its field's room, so that the
length of a sealed value says nothing about the value.
"""

import os
from dataclasses import dataclass
from datetime import date
from typing import Final

from cryptography.exceptions import InvalidTag

from storage.errors import SealBroken
from storage.keys import Key, KeyStore

VERSION: Final = b"\x01"
"""First byte of every seal: how the rest is laid out (nonce, then ciphertext with its tag)."""
NONCE_BYTES: Final = 12
"""The nonce that AES-GCM is made for (NIST SP 800-38D, 8.2)."""
_LENGTH_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Field:
    """A sealed column.

    Attributes:
        table: Its table.
        column: Its name.
        room: Content is padded to a multiple of so many bytes.
    """

    table: str
    column: str
    room: int


def pad(content: bytes, room: int) -> bytes:
    """Content with its length in front, filled with zeros to the next multiple of *room* bytes."""
    framed = len(content).to_bytes(_LENGTH_BYTES, "big") + content
    return framed + bytes(-len(framed) % room)


def unpad(padded: bytes) -> bytes:
    """What was given to `pad`."""
    end = _LENGTH_BYTES + int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return padded[_LENGTH_BYTES:end]


class Vault:
    """Seals and opens fields; the keys come from the key store."""

    __slots__ = ("keys",)

    def __init__(self, keys: KeyStore) -> None:
        self.keys = keys

    def seal(self, field: Field, person_id: int, row: object, content: bytes) -> bytes:
        """Seal bytes under a person's key.

        Args:
            field: Where they will stand.
            person_id: Whose key.
            row: What tells the row from all others in its table.
            content: The bytes.

        Raises:
            KeyGone: The person's key was destroyed.
        """
        return _seal(self.keys.person(person_id), field, row, content)

    def unseal(self, field: Field, person_id: int, row: object, sealed: bytes) -> bytes:
        """Open what `seal` made.

        Raises:
            KeyGone: The person's key was destroyed.
            SealBroken: Other bytes, another key or another place.
        """
        return _unseal(self.keys.person(person_id), field, row, sealed)

    def seal_text(self, field: Field, person_id: int, row: object, content: str) -> bytes:
        """Seal text under a person's key; see `seal`."""
        return self.seal(field, person_id, row, content.encode())

    def unseal_text(self, field: Field, person_id: int, row: object, sealed: bytes) -> str:
        """Open what `seal_text` made; see `unseal`."""
        return self.unseal(field, person_id, row, sealed).decode()

    def seal_for_day(self, field: Field, day: date, row: object, content: str) -> bytes:
        """Seal text under the key of a day, which is made when it is first needed."""
        return _seal(self.keys.day(day, make=True), field, row, content.encode())

    def unseal_of_day(self, field: Field, day: date, row: object, sealed: bytes) -> str:
        """Open what `seal_for_day` made.

        Raises:
            KeyGone: The day's key was destroyed.
            SealBroken: Other bytes, another key or another place.
        """
        return _unseal(self.keys.day(day), field, row, sealed).decode()

    def code(self, person_id: int, purpose: str, content: bytes) -> bytes:
        """Thirty-two bytes that only the person's key can make again (HMAC-SHA256)."""
        return self.keys.person(person_id).code(purpose, content)

    def house_code(self, purpose: str, content: bytes) -> bytes:
        """Thirty-two bytes that only this installation's key store can make again (HMAC-SHA256)."""
        return self.keys.house.code(purpose, content)


def _seal(key: Key, field: Field, row: object, content: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + key.box.encrypt(nonce, pad(content, field.room), _place(field, row))


def _unseal(key: Key, field: Field, row: object, sealed: bytes) -> bytes:
    if sealed[:1] != VERSION:
        raise SealBroken(f"A value in {field.table}.{field.column} was sealed by a newer program: update this one.")
    nonce, boxed = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return unpad(key.box.decrypt(nonce, boxed, _place(field, row)))
    except InvalidTag:
        raise SealBroken(
            f"A value in {field.table}.{field.column} does not open: its bytes were altered, or the key store "
            "belongs to other data. Restore data and key store from the same backup."
        ) from None


def _place(field: Field, row: object) -> bytes:
    return f"{field.table}|{field.column}|{row}".encode()
