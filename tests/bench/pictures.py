"""`python -m tests.bench.pictures`: what each kind of picture costs, and whether many at once slow a tap. SCALE scales both."""

import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from bot.dance.sizes import Grids
from bot.dance.walk import Form, Walk
from bot.pictures import card, fonts, lettering, masks
from bot.pictures import history as history_pictures
from bot.pictures.painter import paint, warm
from bot.scenes.results import score
from bot.scenes.screen import InvitationCard, Picture
from prompts.instrument import INSTRUMENT
from storage import checkins, couples, people, plans, rounds
from storage.records import Choice, Level, Person
from storage.store import Store, Tx, open_store
from tests.bench.contenders import OURS, started
from tests.bench.crowd import Crowd, Waited
from tests.bench.lean import Lean
from tests.databases import sqlite_place
from tests.gallery import drawing, figure, history, track

SCALE = float(os.environ.get("SCALE", "1"))
EACH = max(10, round(60 * SCALE))
"""Pictures of each kind."""
COUPLES = max(20, round(1000 * SCALE))
"""Comparisons that open; a thousand within a minute."""
SPREAD = 60.0 * COUPLES / 1000
"""Seconds within which they open."""
TAPPING = 64
RATE = 50.0
"""Taps a second that come by chance meanwhile, and from how many people."""
SLICE = 5.0
"""Seconds of tapping after which it is looked whether all has come."""
BEFORE = 15.0
"""Seconds of tapping before anything opens."""
SETTLING = 5.0
"""Seconds that the program gets to start and to let people in."""
TAKEN = json.dumps(
    {
        "message_id": 1,
        "date": 1,
        "chat": {"id": 1, "type": "private", "first_name": "Somebody"},
        "photo": [{"file_id": "a" * 80, "file_unique_id": "b" * 16, "width": 1080, "height": 1066}],
    }
).encode()
"""What the server says of any picture."""
COUPLES_FROM = 6_000_000_000
"""Their numbers on Telegram begin here, away from those who tap."""

Make = Callable[[random.Random], Picture]
NAMES = ("Kim", "Noor", "Олена", "Zoë", "שירה", "محمد", "Wilhelmina", "Jo")


def size(chance: random.Random) -> float:
    """Any size."""
    return round(chance.uniform(5, 95), 2)


def places(chance: random.Random) -> tuple[tuple[float, float], ...]:
    """Twelve weeks around somewhere."""
    i, you = chance.uniform(25, 75), chance.uniform(25, 75)
    return tuple((i + chance.gauss(0, 6), you + chance.gauss(0, 6)) for _ in range(12))


KINDS: dict[str, Make] = {
    "portrait": lambda chance: drawing(figure(None, size(chance), size(chance))),
    "portrait with rings": lambda chance: drawing(
        figure(None, size(chance), size(chance), usual=(size(chance), size(chance)))
    ),
    "comparison": lambda chance: drawing(*(figure(chance.choice(NAMES), size(chance), size(chance)) for _ in range(2))),
    "history of 12 weeks": lambda chance: history(track(None, places(chance), unusual=5)),
    "history of two": lambda chance: history(*(track(chance.choice(NAMES), places(chance)) for _ in range(2))),
    "invitation": lambda chance: InvitationCard(
        "You & I, for two", f"https://t.me/you_and_i_bot?start={chance.randbytes(12).hex()}", "No is fine, too."
    ),
}


def cost(picture: Picture) -> tuple[float, int]:
    """Milliseconds of one core from the description to the bytes, and how many bytes."""
    began = time.thread_time()
    content = paint(picture)
    return 1000 * (time.thread_time() - began), len(content)


def forget() -> None:
    """Empty the caches of all that belongs to single pictures: what is left is what the start warmed up."""
    for cached in (
        masks.disc,
        masks.ring,
        lettering.fitted,
        lettering.wrapped,
        lettering._inked,
        fonts.carrier,
        card.code_matrix,
        history_pictures._cloud,
        history_pictures._row,
    ):
        cached.cache_clear()


def costs(make: Make) -> tuple[list[float], list[float], int]:
    """Cold and warm milliseconds of one kind, and its largest file."""
    chance = random.Random(7)  # noqa: S311 - the same pictures in every run
    cold, warmed, largest = [], [], 0
    for _ in range(EACH):
        picture = make(chance)
        forget()
        first, length = cost(picture)
        cold.append(first)
        warmed.append(cost(picture)[0])
        largest = max(largest, length)
    return cold, warmed, largest


def p99(values: list[float]) -> float:
    """One in a hundred is larger."""
    return quantiles(values, n=100, method="inclusive")[-1]


def row_of(kind: str, make: Make) -> tuple[str, ...]:
    """A line of the table."""
    cold, warmed, largest = costs(make)
    figures = (median(cold), p99(cold), median(warmed), p99(warmed))
    return (kind, *(f"{value:.1f}" for value in figures), f"{largest / 1000:.0f}")


def _result(chance: random.Random) -> str:
    raw = {item.id: chance.randrange(5) for item in INSTRUMENT.items}
    return score(Grids.start().answered(raw), weight=1.0, week=0, wish="fine", unusual=False).to_json()


def _person(tx: Tx, number: int, now: datetime) -> Person:
    person = people.add(tx, telegram_id=COUPLES_FROM + number, language="en", now=now)
    people.change(tx, person.id, adult_at=now, first_day=now.date())
    return person


def _pair(tx: Tx, number: int, now: datetime, results: tuple[str, str]) -> tuple[int, int]:
    """Two people who both chose to show everything; returns their couple's number and their round's."""
    kim, noor = (_person(tx, 2 * number + place, now) for place in range(2))
    couple = couples.pair(tx, inviter=kim, invitee=noor, inviter_name="Kim", invitee_name="Noor", now=now)
    week = rounds.add(tx, couple_id=couple.id, number=0, begins_at=now, reveal_at=now + timedelta(days=3))
    walk = Walk.begin(Form.FIRST, 0, now).to_json()
    for person, result in zip((kim, noor), results, strict=True):
        begun = checkins.begin(tx, person_id=person.id, form=Form.FIRST, week=0, walk=walk, now=now)
        done = checkins.finish(tx, begun, walk=walk, result=result, grids=b"\x01", round_id=week.id, now=now)
        rounds.choose(
            tx,
            Choice(person_id=person.id, round_id=week.id, check_in_id=done.id, level=Level.WORDS, chosen_at=now),
        )
    return couple.id, week.id


def _plan(tx: Tx, pairs: list[tuple[int, int]], first_at: datetime) -> None:
    """Let the comparisons open one after the other within a minute."""
    for number, (couple_id, round_id) in enumerate(pairs):
        due_at = first_at + number * timedelta(seconds=SPREAD / len(pairs))
        plans.replace(tx, key=f"open:{round_id}", kind="open", due_at=due_at, couple_id=couple_id, round_id=round_id)


async def fill(store: Store) -> datetime:
    """Put the couples into the storage; returns when the first comparison opens."""
    chance, now = random.Random(11), datetime.now(UTC)  # noqa: S311 - the same people in every run
    results = [(_result(chance), _result(chance)) for _ in range(COUPLES)]

    def all_pairs(tx: Tx) -> list[tuple[int, int]]:
        return [_pair(tx, number, now, both) for number, both in enumerate(results)]

    pairs = await store.write(all_pairs)
    first_at = datetime.now(UTC) + timedelta(seconds=SETTLING + BEFORE)
    await store.write(partial(_plan, pairs=pairs, first_at=first_at))
    return first_at


class Receiving(Lean):
    """The server, for a bot that sends pictures; it looks at none of them."""

    def _carry_out(self, method: str, given: dict[str, str]) -> bytes:
        return TAKEN if method == "sendPhoto" else super()._carry_out(method, given)

    @property
    def pictures(self) -> int:
        """How many came."""
        return self.calls.get("sendPhoto", 0)


async def during(crowd: Crowd, server: Receiving) -> Waited:
    """What taps wait until all pictures have come."""
    seconds: list[float] = []
    in_all = 0.0
    while server.pictures < 2 * COUPLES:
        waited = await crowd.drizzle(TAPPING, RATE, SLICE)
        seconds += waited.seconds
        in_all += waited.in_all
    return Waited(seconds, in_all)


async def opening() -> tuple[Waited, Waited]:
    """Let the comparisons open, as one process with the defaults sends them, while taps come by chance: before, during."""
    with tempfile.TemporaryDirectory() as folder:
        place = sqlite_place(Path(folder))
        async with open_store(place.data, place.keys, place.master) as store:
            first_at = await fill(store)
        given = {"DATABASE_URL": place.data, "KEY_STORE_URL": place.keys, "MASTER_KEY_FILE": str(place.master)}
        ours = replace(OURS, settings={**OURS.settings, **given})
        async with started(ours, folder=Path(folder), server=Receiving()) as bot:
            assert isinstance(bot.server, Receiving)
            await bot.crowd.come(TAPPING)
            calm = await bot.crowd.drizzle(TAPPING, RATE, (first_at - datetime.now(UTC)).total_seconds())
            return calm, await during(bot.crowd, bot.server)


def main() -> None:
    """Print both tables."""
    warm()
    print(
        f"\n{EACH} pictures of each kind; milliseconds of one core. Cold: nothing of this picture was drawn before.\n"
    )
    print("| | cold: median | p99 | warm: median | p99 | largest, KB |\n|---|---|---|---|---|---|")
    for kind, make in KINDS.items():
        print(f"| {' | '.join(row_of(kind, make))} |")
    calm, busy = asyncio.run(opening())
    print(
        f"\n{COUPLES} comparisons open within {SPREAD:.0f} s: {2 * COUPLES} pictures, sent in {busy.in_all:.0f} s at the "
        f"default rate. {RATE:.0f} taps a second come by chance.\n"
    )
    print("| | taps | median wait, ms | p99, ms |\n|---|---|---|---|")
    for when, waited in (("before", calm), ("during", busy)):
        print(f"| {when} | {len(waited.seconds)} | {waited.median_ms:.1f} | {waited.p99_ms:.1f} |")


if __name__ == "__main__":
    main()
