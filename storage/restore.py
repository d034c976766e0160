"""Bringing a backup back: what must not come back with it is taken out before it takes its place."""

import shutil
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Row, delete, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from storage import keys
from storage.backup import KEY_TABLES, KEYS_SUFFIX, keys_beside
from storage.connect import on_database
from storage.copying import clear_away, copy_rows, count_on, filling, highest_number, looking_into, new_file
from storage.engine import is_file, path_of
from storage.errors import BackupRefused, DatabaseUnwritable, KeyStoreOlder
from storage.keys import Key
from storage.master import read_master_key
from storage.migrate import upgrade
from storage.opening import Addresses, addresses, anybody, locked
from storage.presence import present
from storage.tables import couple, inbox, invite, leadership, metadata, outbox, person

_OPEN_PARCELS: Final = ("ready", "leased", "sending")


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and what did not.

    Attributes:
        people: How many people are there now.
        couples: How many pairs, closed ones not counted.
        without_key: People who were left out, since they were deleted after the backup was made.
        parcels: Messages that were still to be sent then, and are not sent any more.
        invitations: Open invitations that were closed.
    """

    people: int
    couples: int
    without_key: int
    parcels: int
    invitations: int


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of a key store, unwrapped, with the highest number that it ever gave."""

    house: bytes
    people: dict[int, bytes]
    highest: int


async def restore(
    database_url: str,
    key_store_url: str | None,
    master_key_file: Path | None,
    path: Path,
    now: datetime,
    *,
    force: bool = False,
) -> Restored:
    """Put a backup where the settings say; the bot must not be running.

    The key store that is there is never overwritten: it gains the keys that only the backup has, and loses those that the
    backup knows to be destroyed. Whoever has no key is left out. Messages that were on their way then are not sent again,
    and open invitations are closed: their links went out long ago.

    Args:
        database_url: As for `store.open_store`.
        key_store_url: As there.
        master_key_file: As there; it must be the one that belongs to the keys.
        path: The file with the data; the keys lie beside it, unless the key store is already in its place.
        now: The present instant.
        force: Whether data that is there is replaced.

    Raises:
        BackupRefused: There are people already, or a file of the backup is missing, damaged or of another bot.
        KeyStoreOlder: Some people came after the newest of these keys.
        CannotOpen: One of its kinds; the bot is running, for example.
    """
    where = addresses(database_url, key_store_url, master_key_file)
    _check(path)
    async with AsyncExitStack() as stack:
        if is_file(where.data):
            stack.enter_context(locked(where.data))
        else:
            await stack.enter_async_context(present(database_url, alone=True))
        await _refuse_to_overwrite(where, force=force)
        merged = await _merged_keys(where, path)
        place = path_of(where.data) if is_file(where.data) else path.with_name(f".{path.name}.restored")
        with new_file(place) as copy:
            result = _prepared(path, copy, merged, now)
            await _place_keys(where, merged, path)
            if is_file(where.data):
                # What is left of an older file's log must not be taken for a part of the new one.
                for leftover in (Path(f"{place}-wal"), Path(f"{place}-shm")):
                    leftover.unlink(missing_ok=True)
        if not is_file(where.data):
            stack.callback(clear_away, place)
            await on_database(where.data, lambda connection: _fill_server(place, connection))
    return result


def _check(path: Path) -> None:
    if not path.is_file():
        raise BackupRefused(f"{path} is missing: name the file that `backup` wrote.")
    try:
        with looking_into(path) as connection:
            sound = connection.execute(text("PRAGMA quick_check")).scalar_one() == "ok"
            sound = sound and connection.dialect.has_table(connection, "alembic_version")
    except DatabaseError:
        sound = False
    if not sound:
        raise BackupRefused(f"{path} is damaged or no backup: take another one.")


async def _refuse_to_overwrite(where: Addresses, *, force: bool) -> None:
    def look(connection: Connection) -> bool:
        upgrade(connection)
        return anybody(connection)

    try:
        peopled = await on_database(where.data, look, foreign_keys=False)
    except DatabaseUnwritable:
        if not force:  # a damaged file may be the very reason for restoring
            raise
        return
    name = path_of(where.data) if is_file(where.data) else where.data.database
    if peopled and not force:
        raise BackupRefused(
            f"{name} holds people: nothing was overwritten. To replace what is there by the backup, say --force."
        )


async def _merged_keys(where: Addresses, path: Path) -> _Keys:
    """The keys as both copies know them: whoever one of them knows to be deleted stays deleted."""
    master = read_master_key(where.master)
    copied = _keys_of_file(_find_keys(path, where.data), master)
    present = await on_database(where.keys, lambda connection: _keys_in(connection, master, str(where.master)))
    if present is None and copied is None:
        raise BackupRefused(
            f"The keys are missing: put {keys_beside(path, where.data).name} beside {path}. Without them nobody's data opens."
        )
    if present is None or copied is None:
        return present or copied  # type: ignore[return-value]  # one of them is there
    both = present.people.keys() & copied.people.keys()
    if present.house != copied.house or any(present.people[number] != copied.people[number] for number in both):
        raise BackupRefused(
            "The key store that is there belongs to other data than this backup: point KEY_STORE_URL to its own, or to an "
            "empty one. Nothing was changed."
        )
    together = present.people | copied.people
    alive = {
        number: raw
        for number, raw in together.items()
        if (number in present.people or number > present.highest)
        and (number in copied.people or number > copied.highest)
    }
    return _Keys(present.house, alive, max(present.highest, copied.highest))


def _find_keys(path: Path, data: URL) -> Path | None:
    """The file with the keys beside a backup; after a move to another database it has the old one's name."""
    expected = keys_beside(path, data)
    if expected.is_file():
        return expected
    others = list(path.absolute().parent.glob(f"*{KEYS_SUFFIX}"))
    return others[0] if len(others) == 1 else None


def _keys_of_file(path: Path | None, master: Key) -> _Keys | None:
    if path is None:
        return None
    try:
        with looking_into(path) as connection:
            return _keys_in(connection, master, str(path))
    except DatabaseError:
        raise BackupRefused(f"{path} is damaged or holds no keys: take another copy of it.") from None


def _keys_in(connection: Connection, master: Key, name: str) -> _Keys | None:
    row: Row[Any] | None = keys.master_row(connection)
    if row is None:
        return None
    if not keys.opens(master, row.master_check):
        raise BackupRefused(
            f"The master key file does not open the keys in {name}: put the one in place that belongs to them. If the "
            "master key was changed since, and the key store is in its place, leave the older copy of the keys out."
        )
    people = {
        number: keys.unwrap(master, keys.person_name(number), wrapped)
        for number, wrapped in connection.execute(select(keys.person_key))
    }
    highest = highest_number(connection, keys.person_key.name) or 0
    return _Keys(keys.unwrap(master, "house", row.house), people, highest)


def _prepared(path: Path, copy: Path, merged: _Keys, now: datetime) -> Restored:
    """Fill the copy that is to take its place: today's tables, without what must not come back."""
    shutil.copyfile(path, copy)
    with filling(copy) as connection:
        upgrade(connection)
    with filling(copy, foreign_keys=True) as connection:
        known = set(connection.execute(select(person.c.id)).scalars())
        if known and max(known) > merged.highest:
            raise KeyStoreOlder(
                "These keys are older than the data: some people's keys are not among them. Take the newest copy of the "
                "keys; nothing was changed."
            )
        lost = sorted(known - merged.people.keys())
        for number in lost:
            connection.execute(delete(person).where(person.c.id == number))
        waiting = update(outbox).where(outbox.c.state.in_(_OPEN_PARCELS))
        parcels = connection.execute(
            waiting.values(state="dead", last_error="restored", lease_owner=None, lease_until=None)
        ).rowcount
        open_ones = update(invite).where(
            invite.c.claimed_at.is_(None), invite.c.withdrawn_at.is_(None), invite.c.expires_at > now
        )
        invitations = connection.execute(open_ones.values(withdrawn_at=now)).rowcount
        connection.execute(delete(inbox).where(inbox.c.state == "open"))
        connection.execute(delete(leadership))
        people = connection.execute(select(func.count()).select_from(person)).scalar_one()
        pairs = select(func.count()).select_from(couple).where(couple.c.closed_at.is_(None))
        return Restored(people, connection.execute(pairs).scalar_one(), len(lost), parcels, invitations)


async def _place_keys(where: Addresses, merged: _Keys, path: Path) -> None:
    """Bring the key store to what was merged: a missing one is founded from the backup, one that is there is only mended."""
    master = read_master_key(where.master)
    source = _find_keys(path, where.data)

    def place(connection: Connection) -> None:
        keys.metadata.create_all(connection)
        if keys.master_row(connection) is None and source is not None:
            with looking_into(source) as copied:
                copy_rows(copied, connection, KEY_TABLES)
        there = set(connection.execute(select(keys.person_key.c.id)).scalars())
        for number in sorted(there - merged.people.keys()):
            connection.execute(delete(keys.person_key).where(keys.person_key.c.id == number))
        for number in sorted(merged.people.keys() - there):
            wrapped = keys.wrap(master, keys.person_name(number), merged.people[number])
            connection.execute(insert(keys.person_key).values(id=number, wrapped=wrapped))
        count_on(connection, keys.person_key.name, merged.highest)

    await on_database(where.keys, place)


def _fill_server(copy: Path, connection: Connection) -> None:
    names = [found.name for found in metadata.sorted_tables]
    connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY"))
    with looking_into(copy) as source:
        copy_rows(source, connection, names)
