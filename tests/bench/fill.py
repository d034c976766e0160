"""Many couples at once, for the bench of starts: written straight into the tables, since nobody opens their seals."""

import asyncio
import os
import pickle
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert

from storage import keys, tables
from storage.store import open_store
from tests.bench.rival import PICKLE

AT_ONCE = 2000
"""Couples in one transaction."""
FIRST_ID = 7_000_000_000
WEEK = timedelta(days=7)
SEAL = os.urandom(157)
"""About a sealed name; what it says does not matter."""
RESULT = os.urandom(1053)
"""About a sealed result."""
ANSWERS = [random.Random(7).randrange(5) for _ in range(20)]  # noqa: S311 - any answers
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC")


async def fill_ours(folder: Path, couples: int) -> None:
    """Leave a database in a folder in which so many couples live: both paired, answered once, with plans."""
    url, master = f"sqlite+aiosqlite:///{folder / 'you-and-i.db'}", folder / "you-and-i-master.key"
    async with open_store(url, master_key_file=master):
        pass  # the tables, and the keys of the house
    await asyncio.to_thread(_fill, folder, couples)


def _fill(folder: Path, couples: int) -> None:
    data = create_engine(f"sqlite:///{folder / 'you-and-i.db'}")
    held = create_engine(f"sqlite:///{folder / 'you-and-i-keys.db'}")
    now = datetime.now(UTC)
    for first in range(1, couples + 1, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, couples + 1))
        with held.begin() as connection:
            rows = [{"id": person, "wrapped": SEAL[:61]} for number in numbers for person in _people(number)]
            connection.execute(insert(keys.person_key), rows)
        with data.begin() as connection:
            for table, rows in _rows(numbers, now):
                connection.execute(insert(table), rows)
    data.dispose()
    held.dispose()


def _people(number: int) -> tuple[int, int]:
    return 2 * number - 1, 2 * number


def _rows(numbers: range, now: datetime) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    slots = {number: _slot(number) for number in numbers}
    both = [(number, person) for number in numbers for person in _people(number)]
    yield (
        tables.person,
        [
            {
                **slots[number],
                "id": person,
                "telegram_id": FIRST_ID + person,
                "language": "en",
                "paused": False,
                "text_only": False,
                "reachable": True,
                "owed": False,
                "adult_at": now - WEEK,
                "first_day": (now - WEEK).date(),
                "created_at": now - WEEK,
                "panel_message_id": person,
                "panel_kind": "text",
            }
            for number, person in both
        ],
    )
    yield tables.couple, [{"id": number, "created_at": now - WEEK} for number in numbers]
    yield (
        tables.seat,
        [
            {**slots[number], "couple_id": number, "seat": 1 + person % 2, "person_id": person}
            | {"own_name": SEAL, "partner_name": SEAL}
            for number, person in both
        ],
    )
    yield (
        tables.check_in,
        [
            {"person_id": person, "form": "first", "week": 0, "started_at": now - WEEK, "finished_at": now - WEEK}
            | {"result": RESULT}
            for _, person in both
        ],
    )
    yield (
        tables.plan,
        [
            {"key": f"nudge:{person}", "kind": "nudge", "due_at": now + WEEK * (1 + person % 997) / 1000}
            | {"person_id": person}
            for _, person in both
        ],
    )


def _slot(number: int) -> dict[str, Any]:
    minutes = {"minute": 19 * 60, "quiet_from": 22 * 60, "quiet_to": 8 * 60}
    return {"weekday": number % 7, "zone": ZONES[number % len(ZONES)], **minutes}


def fill_rival(folder: Path, couples: int) -> None:
    """Leave a pickle in a folder as PicklePersistence writes it, with as many couples and the same about each."""
    people = [(number, person) for number in range(1, couples + 1) for person in _people(number)]
    content = {
        "user_data": {
            FIRST_ID + person: {"name": "Somebody", "answers": list(ANSWERS), "couple": number, "sizes": (61, 40)}
            for number, person in people
        },
        "chat_data": {},
        "bot_data": {
            "couples": {
                number: {
                    "people": tuple(FIRST_ID + person for person in _people(number)),
                    "weekday": number % 7,
                    "minute": number % 60,
                    "zone": ZONES[number % len(ZONES)],
                }
                for number in range(1, couples + 1)
            }
        },
        "callback_data": None,
        "conversations": {"walk": {(FIRST_ID + person, FIRST_ID + person): 0 for _, person in people}},
    }
    with (folder / PICKLE).open("wb") as file:
        pickle.dump(content, file, protocol=pickle.HIGHEST_PROTOCOL)
