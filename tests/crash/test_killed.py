"""The real process, killed at random instants while two people tap, and started again."""

import asyncio
import os
import random
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bot.dance.walk import Walk
from bot.demo.server import create_app, serving
from bot.demo.standin import StandIn
from bot.settings import SQLITE
from storage import checkins, outbox, people
from storage.records import OnUnknown
from storage.store import Tx, open_store
from tests.driver import TOKEN, buttons_of, text_of
from tests.processes import PATIENCE, Running, running, until

SCALE = float(os.environ.get("SCALE", "1"))
KILLS = max(2, round(8 * SCALE))
SEED = 20_261_122
LONGEST = 1.2
"""Seconds that a process lives, at most, once it runs."""

ANSWERS = ("Not true", "A little true", "Half true", "Mostly true", "Very true")
THINKING = 0.02
"""Seconds that a person looks at a question: less than anybody does, so that a kill meets a tap."""

MIDDLE = 10
"""Around this question people go to and fro, so that the walk never ends."""

BEGIN = "I'm 18 or over, let's begin"
NUDGE = "Your weekly questions are ready."


@dataclass
class Thumb:
    """A person who goes to and fro between questions as fast as the bot shows them, and remembers every tap."""

    stand_in: StandIn
    user_id: int
    chance: random.Random
    replies: dict[int, int] = field(default_factory=dict)
    """What was answered last to each question, by its number from 1."""
    expected: int | None = None
    """The question that the last tap leads to."""
    taps: int = 0

    @property
    def said(self) -> list[dict[str, Any]]:
        """What the bot sent."""
        return [message for message in self.stand_in.messages(self.user_id) if message["from"]["is_bot"]]

    def shown(self) -> tuple[int, dict[str, Any]] | None:
        """The question on the phone: its number, and its message."""
        for message in reversed(self.said):
            number = text_of(message).partition(" of ")[0]
            if number.isdecimal() and buttons_of(message):
                return int(number), message
        return None

    async def begin(self) -> None:
        """Come in, up to the first question."""
        self.stand_in.say(self.user_id, "/start")
        await until(lambda: self.said and buttons_of(self.said[-1]))
        self._tap(self.said[-1], BEGIN)
        self.expected = 1
        await until(self.shown)

    async def go_to_and_fro(self) -> None:
        """Answer and go back until cancelled; each tap has to lead to the question that it leads to, killed or not."""
        while True:
            await asyncio.sleep(THINKING)
            found = self.shown()
            if found is None or found[0] != self.expected:
                continue
            number, message = found
            if number > 1 and self.chance.random() < number / (2 * MIDDLE):
                self._tap(message, "Back")
                self.expected = number - 1
            else:
                value = self.chance.randrange(len(ANSWERS))
                self._tap(message, ANSWERS[value])
                self.replies[number] = value
                self.expected = number + 1

    def _tap(self, message: dict[str, Any], label: str) -> None:
        data = next(button["callback_data"] for button in buttons_of(message) if button["text"] == label)
        self.stand_in.tap(self.user_id, message["message_id"], data)
        self.taps += 1

    def nudges(self) -> int:
        """How many nudges came."""
        return sum(text_of(message).startswith(NUDGE) for message in self.said)


async def test_killed_at_any_instant_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path) -> None:
    """Every tap leads to its screen in the end, every answer is kept, no nudge comes twice, nothing is corrupt."""
    chance = random.Random(SEED)  # noqa: S311 - a seed, so that a failure can be looked at again
    there = StandIn(TOKEN)
    thumbs = [Thumb(there, 5_000_000_000 + number, random.Random(SEED + number)) for number in (1, 2)]  # noqa: S311
    for thumb in thumbs:
        there.add_user(thumb.user_id, "Somebody")
    put = 0
    async with serving(create_app(there), there) as address:
        start = partial(running, "run", folder=tmp_path, BOT_TOKEN=TOKEN, BOT_API_URL=address, OPEN_TO="everyone")
        async with start() as bot:
            await bot.until("Stop with Ctrl+C.")
            await asyncio.gather(*(thumb.begin() for thumb in thumbs))
            assert (await bot.stop())[0] == 0
        for kill in range(KILLS):
            put += await _time_passes(tmp_path, kill)
            tapping = [asyncio.create_task(thumb.go_to_and_fro()) for thumb in thumbs]
            async with start() as bot:
                await _live_a_little(bot, chance)
            for task in tapping:
                task.cancel()
            await asyncio.gather(*tapping, return_exceptions=True)
            assert all(task.cancelled() for task in tapping), [task for task in tapping if not task.cancelled()]
            _look_into(tmp_path)
        await _time_passes(tmp_path, KILLS, nudge=False)
        async with start() as bot:
            # The last screens may have come before the last kill: a process that barely began does not know SIGTERM yet.
            await bot.until("Stop with Ctrl+C.")
            await until(lambda: all(thumb.shown() and thumb.shown()[0] == thumb.expected for thumb in thumbs))
            assert (await bot.stop())[0] == 0
    assert sum(thumb.taps for thumb in thumbs) > KILLS
    async with _store(tmp_path) as store:
        for thumb in thumbs:
            walk = await store.read(partial(_walk, telegram_id=thumb.user_id))
            assert {number: reply.value for number, reply in enumerate(walk.replies, 1)} == thumb.replies
            assert walk.cursor + 1 == thumb.expected
    states = _look_into(tmp_path)
    came = sum(thumb.nudges() for thumb in thumbs)
    assert states["sent"] <= came <= states["sent"] + states["unknown"] <= put, (states, came, put)


async def _live_a_little(bot: Running, chance: random.Random) -> None:
    """Let a process live for a random while from its first breath or from its first screen, and kill it."""
    if chance.random() < 0.75:
        await bot.until("Stop with Ctrl+C.")
        await asyncio.sleep(chance.random() * LONGEST)
    else:
        await asyncio.sleep(chance.random() * 2 * LONGEST)
    bot.process.send_signal(signal.SIGKILL)
    await asyncio.wait_for(bot.process.wait(), PATIENCE)


def _store(folder: Path) -> Any:
    data, keys = f"{SQLITE}{folder / 'you-and-i.db'}", f"{SQLITE}{folder / 'you-and-i-keys.db'}"
    return open_store(data, keys, folder / "you-and-i-master.key")


async def _time_passes(folder: Path, kill: int, *, nudge: bool = True) -> int:
    """While nothing runs a minute passes, so that leases run out, and a nudge falls due for each; how many."""
    with closing(sqlite3.connect(folder / "you-and-i.db")) as connection, connection:
        connection.execute("UPDATE leadership SET until_at = 1")
        connection.execute("UPDATE outbox SET lease_until = 1 WHERE lease_until IS NOT NULL")
    if not nudge:
        return 0
    async with _store(folder) as store:
        return await store.write(partial(_nudge, kill=kill))


def _nudge(tx: Tx, kill: int) -> int:
    now = datetime.now(UTC)
    for person_id in (1, 2):
        people.change(tx, person_id, zone="UTC", quiet_from=0, quiet_to=0)
        outbox.put(
            tx,
            key=f"nudge:{person_id}:{kill}",
            kind="nudge",
            person_id=person_id,
            ref=None,
            on_unknown=OnUnknown.DROP,
            priority=5,
            available_at=now + timedelta(seconds=1),
            expires_at=now + timedelta(hours=1),
            now=now,
        )
    return 2


def _walk(tx: Tx, telegram_id: int) -> Walk:
    person = people.find(tx, telegram_id)
    assert person is not None
    check_in = checkins.unfinished(tx, person.id)
    assert check_in is not None
    assert check_in.walk is not None
    return Walk.from_json(check_in.walk)


def _look_into(folder: Path) -> Counter[str]:
    """Nothing is corrupt in either file; how many parcels are in which state."""
    for name in ("you-and-i.db", "you-and-i-keys.db"):
        with closing(sqlite3.connect(folder / name)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with closing(sqlite3.connect(folder / "you-and-i.db")) as connection:
        assert connection.execute("SELECT count(*) FROM inbox WHERE state = 'dead'").fetchone() == (0,)
        return Counter(state for (state,) in connection.execute("SELECT state FROM outbox"))
