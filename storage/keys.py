"""The key store: one random key a person and one a day, apart from the data, wrapped by the master key.

The number of a person's key is the number of the person: the key is made and committed first, and its
number becomes the row's. A key is destroyed before the rows that it sealed are deleted, so an old backup
of the data with today's keys says nothing about whoever was deleted.
"""

import hashlib
import hmac
import os
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from math import inf
from threading import Lock
from time import monotonic
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)

from storage.engine import insert_into, truncate_log, writing
from storage.errors import DatabaseNewer, KeyGone, MasterKeyWrong

KEY_BYTES: Final = 32
"""AES-256."""
NONCE_BYTES: Final = 12
"""See vault.py."""
SCHEMA_VERSION: Final = 1
"""Counts changes of the key store's own tables."""
CACHED_SECONDS: Final = 60.0
"""Where several processes share the keys, one that another has destroyed is forgotten so soon; no row is left by then
that it opens, since whoever is forgotten is found by nobody from that moment on."""
CACHED_KEYS: Final = 10_000
"""Keys kept unwrapped in memory, about 3 MB: the people of a busy evening."""

metadata = MetaData()
key_store = Table(
    "key_store",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    # A known word under the master key: whoever opens it holds the right one.
    Column("master_check", LargeBinary, nullable=False),
    # The key of the house: for hashes that must outlive a change of the master key.
    Column("house", LargeBinary, nullable=False),
)
person_key = Table(
    "person_key",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    # A number is never given twice, even after the newest key was destroyed.
    sqlite_autoincrement=True,
)
day_key = Table(
    "day_key",
    metadata,
    Column("day", Date, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

_ALL: Final = select(func.count(), func.coalesce(func.max(person_key.c.id), 0)).select_from(person_key)
_BEFORE: Final = person_key.alias("before")
_NEXT_BEFORE: Final = select(func.coalesce(func.max(_BEFORE.c.id), 0)).where(_BEFORE.c.id < person_key.c.id)
_GAPS: Final = select(_NEXT_BEFORE.scalar_subquery().label("low"), person_key.c.id.label("high")).where(
    ~exists().where(_BEFORE.c.id == person_key.c.id - 1)
)
"""Between which keys numbers are missing: those of people who were deleted, so few of all."""
_PERSON: Final = select(person_key.c.wrapped).where(person_key.c.id == bindparam("whose"))
_DAY: Final = select(day_key.c.wrapped).where(day_key.c.day == bindparam("which"))
_CHECK_WORD: Final = b"you and I"
_WRONG: Final = (
    "The master key file does not open the key store: point MASTER_KEY_FILE to the file that was made with it, "
    "or, if the key was rotated while this process ran, start it again."
)


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """An unwrapped key.

    Attributes:
        raw: Its 32 bytes.
        box: AES-GCM with these bytes.
    """

    raw: bytes
    box: AESGCM

    def code(self, purpose: str, content: bytes) -> bytes:
        """HMAC-SHA256 of the content, under a key of its own for each purpose."""
        own = hmac.digest(self.raw, purpose.encode(), hashlib.sha256)
        return hmac.digest(own, content, hashlib.sha256)


def key_of(raw: bytes) -> Key:
    """A key of 32 bytes."""
    return Key(raw, AESGCM(raw))


def wrap(master: Key, name: str, raw: bytes) -> bytes:
    """A key's bytes under the master key, bound to their name."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + master.box.encrypt(nonce, raw, name.encode())


def unwrap(master: Key, name: str, wrapped: bytes) -> bytes:
    """What `wrap` was given.

    Raises:
        MasterKeyWrong: It was wrapped by another master key, or altered.
    """
    try:
        return master.box.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], name.encode())
    except InvalidTag:
        raise MasterKeyWrong(_WRONG) from None


def master_row(connection: Connection) -> Row[Any] | None:
    """The one row that says how this key store is kept, or None while it is empty.

    Raises:
        DatabaseNewer: A newer program made the key store.
    """
    if not inspect(connection).has_table(key_store.name):
        return None
    row = connection.execute(select(key_store)).one_or_none()
    if row is not None and row.version > SCHEMA_VERSION:
        raise DatabaseNewer("The key store was made by a newer program: update this one.")
    return row


def found(connection: Connection, master: Key) -> None:
    """Make the tables of an empty key store and lock it with the master key."""
    metadata.create_all(connection)
    house = wrap(master, "house", os.urandom(KEY_BYTES))
    check = wrap(master, "check", _CHECK_WORD)
    connection.execute(insert(key_store).values(id=1, version=SCHEMA_VERSION, master_check=check, house=house))


def opens(master: Key, check: bytes) -> bool:
    """Whether this master key is the one that locked the key store."""
    try:
        return unwrap(master, "check", check) == _CHECK_WORD
    except MasterKeyWrong:
        return False


def rewrap(connection: Connection, old: Key, new: Key) -> None:
    """Wrap every key with a new master key."""
    row = connection.execute(select(key_store).with_for_update()).one()
    house = wrap(new, "house", unwrap(old, "house", row.house))
    check = wrap(new, "check", _CHECK_WORD)
    for person_id, wrapped in connection.execute(select(person_key)).all():
        name = person_name(person_id)
        again = wrap(new, name, unwrap(old, name, wrapped))
        connection.execute(update(person_key).where(person_key.c.id == person_id).values(wrapped=again))
    for day, wrapped in connection.execute(select(day_key)).all():
        name = _day_name(day)
        again = wrap(new, name, unwrap(old, name, wrapped))
        connection.execute(update(day_key).where(day_key.c.day == day).values(wrapped=again))
    connection.execute(update(key_store).values(master_check=check, house=house))


class KeyStore:
    """The open key store. Its calls are synchronous and run where units of work run."""

    def __init__(self, engine: Engine, master: Key, row: Row[Any], *, shared: bool = False) -> None:
        self._engine = engine
        self._master = master
        self._check = row.master_check
        self.house = key_of(unwrap(master, "house", row.house))
        self._cache: OrderedDict[Hashable, tuple[Key, float]] = OrderedDict()
        self._lifetime = CACHED_SECONDS if shared else inf
        self._lock = Lock()

    def create(self) -> int:
        """Make a person's key and commit it; its number is to be the person's."""
        raw = os.urandom(KEY_BYTES)
        with writing(self._engine) as connection:
            self._guard(connection)
            number: int = connection.execute(
                insert(person_key).values(wrapped=b"").returning(person_key.c.id)
            ).scalar_one()
            wrapped = wrap(self._master, person_name(number), raw)
            connection.execute(update(person_key).where(person_key.c.id == number).values(wrapped=wrapped))
        self._remember(number, key_of(raw))
        return number

    def person(self, person_id: int) -> Key:
        """A person's key.

        Raises:
            KeyGone: It was destroyed.
        """
        if (key := self._recall(person_id)) is not None:
            return key
        with self._engine.connect() as connection:
            wrapped = connection.execute(_PERSON, {"whose": person_id}).scalar_one_or_none()
        if wrapped is None:
            raise KeyGone(f"The key of person {person_id} is gone: what it sealed cannot be read any more.")
        return self._remember(person_id, key_of(unwrap(self._master, person_name(person_id), wrapped)))

    def destroyed(self) -> tuple[list[int], int]:
        """The numbers that were given and have no key any more, rising, and the highest number that was ever given."""
        with self._engine.connect() as connection:
            there, newest = connection.execute(_ALL).one()
            gaps = [(row.low, row.high) for row in connection.execute(_GAPS)] if there < newest else []
            if connection.dialect.name == "sqlite":
                counted = "SELECT seq FROM sqlite_sequence WHERE name = 'person_key'"
            else:
                counted = "SELECT pg_sequence_last_value(pg_get_serial_sequence('person_key', 'id')::regclass)"
            highest = connection.execute(text(counted)).scalar_one_or_none() or 0
        return [number for low, high in (*gaps, (newest, highest + 1)) for number in range(low + 1, high)], highest

    def destroy(self, person_id: int) -> None:
        """Destroy a person's key for good; again is no error."""
        with writing(self._engine) as connection:
            connection.execute(delete(person_key).where(person_key.c.id == person_id))
        truncate_log(self._engine)
        self._drop(person_id)

    def day(self, day: date, *, make: bool = False) -> Key:
        """A day's key.

        Args:
            day: The UTC date.
            make: Whether to make it if there is none.

        Raises:
            KeyGone: There is none, and it was not to be made.
        """
        if (key := self._recall(day)) is not None:
            return key
        with self._engine.connect() as connection:
            wrapped = connection.execute(_DAY, {"which": day}).scalar_one_or_none()
        if wrapped is None and make:
            wrapped = self._make_day(day)
        if wrapped is None:
            raise KeyGone(f"The key of {day.isoformat()} is gone: what it sealed cannot be read any more.")
        return self._remember(day, key_of(unwrap(self._master, _day_name(day), wrapped)))

    def destroy_days(self, before: date) -> int:
        """Destroy the keys of all days before this one; returns how many there were."""
        with writing(self._engine) as connection:
            gone = connection.execute(delete(day_key).where(day_key.c.day < before).returning(day_key.c.day)).scalars()
            days = list(gone)
        if days:
            truncate_log(self._engine)
        for day in days:
            self._drop(day)
        return len(days)

    def _make_day(self, day: date) -> bytes:
        wrapped = wrap(self._master, _day_name(day), os.urandom(KEY_BYTES))
        with writing(self._engine) as connection:
            self._guard(connection)
            # Two processes may meet here at midnight: the first one's key counts.
            connection.execute(
                insert_into(connection.dialect.name, day_key).values(day=day, wrapped=wrapped).on_conflict_do_nothing()
            )
            kept: bytes = connection.execute(_DAY, {"which": day}).scalar_one()
        return kept

    def _guard(self, connection: Connection) -> None:
        """Refuse to wrap with a master key that was rotated away meanwhile."""
        check = connection.execute(select(key_store.c.master_check).with_for_update(read=True)).scalar_one()
        if check != self._check:
            raise MasterKeyWrong(_WRONG)

    def _recall(self, name: Hashable) -> Key | None:
        with self._lock:
            key, until = self._cache.get(name, (None, inf))
            if key is None:
                return None
            if monotonic() >= until:
                del self._cache[name]
                return None
            self._cache.move_to_end(name)
            return key

    def _remember(self, name: Hashable, key: Key) -> Key:
        with self._lock:
            self._cache[name] = (key, monotonic() + self._lifetime)
            if len(self._cache) > CACHED_KEYS:
                self._cache.popitem(last=False)
        return key

    def _drop(self, name: Hashable) -> None:
        with self._lock:
            self._cache.pop(name, None)


def person_name(person_id: int) -> str:
    """What a person's wrapped key is bound to."""
    return f"person {person_id}"


def _day_name(day: date) -> str:
    return f"day {day.isoformat()}"
