"""Check-ins without a model of measurement: what they show, and what lies behind it, by chance."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from random import Random
from typing import Any
from unittest.mock import patch

from bot.dance.course import Course
from bot.dance.patterns import State
from bot.dance.sizes import Grids
from bot.scenes import results, walk
from storage import couples, rounds
from storage.store import Tx
from tests.care.scripts import dice_of


@contextmanager
def scripted_results() -> Iterator[None]:
    """What a check-in shows depends on who ended it in which round; all that is not shown depends on the answers.

    So two worlds can have different answers behind what is shown, and a story needs no model of measurement.
    """
    finish, now = walk.finish, {}

    def finished(turn: Any, tx: Tx, check_in: Any, done: Any, *, weight: float) -> Any:
        couple = couples.of(tx, turn.person.id)
        current = rounds.current(tx, couple.id) if couple else None
        now["shown"] = f"{turn.person.telegram_id} {current.number if current else None}"
        now["hidden"] = f"{turn.person.telegram_id} {done.raw()}"
        now["open"] = current is None or current.number % 2 == 0
        return finish(turn, tx, check_in, done, weight=weight)

    def score(_grids: object, *, weight: float, week: int, wish: str | None, unusual: bool) -> results.Result:
        shown, hidden = _chance(now["shown"]), _chance(now["hidden"])
        i, you = (_measure(shown, hidden) for _ in range(2))
        wording = _WORDINGS[(shown if now["open"] else hidden).randrange(len(_WORDINGS))]
        return results.Result(i=i, you=you, wording=wording, weight=weight, week=week, wish=wish, unusual=unusual)

    with (
        patch.object(walk, "finish", finished),
        patch.object(
            walk, "advance", lambda *_, week, **__: Course(week=week, grids=_grids(), block_week=0, block=_grids())
        ),
        patch.object(walk.results, "score", score),
    ):
        yield


_WORDINGS = (
    *(("named", state.value) for state in State),
    ("between", State.INTEGRATED.value, State.ENGULFED.value),
    ("between", State.ISOLATED.value, State.ADRIFT.value),
    ("unclear",),
)


def _chance(seed: str) -> Random:
    return dice_of(int.from_bytes(blake2b(seed.encode(), digest_size=8).digest(), "big"))


def _measure(shown: Random, hidden: Random) -> results.Measure:
    size = shown.randrange(15, 86)
    low, high = size - shown.randrange(5, 12), size + shown.randrange(5, 12)
    a_little = [round(hidden.uniform(-0.49, 0.49), 2) for _ in range(3)]
    usual = [round(hidden.uniform(10, 90), 2) for _ in range(3)]
    return results.Measure(
        size + a_little[0], low + a_little[1], high + a_little[2], *usual, p_big=round(hidden.random(), 4)
    )


@cache
def _grids() -> Grids:
    return Grids.start()
