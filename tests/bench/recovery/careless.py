"""Simulated carelessness through the real rule of `bot.dance.care`."""

from datetime import UTC, datetime
from typing import Final

import numpy as np

from bot.dance.care import TOO_FAST, doubtful
from bot.dance.walk import Form, Reply, Walk, statements_of
from prompts.instrument import ANSWER_VALUES
from tests.bench.recovery.worlds import PLACES, Whole, raw

SOME_DAY: Final = datetime(2026, 11, 22, tzinfo=UTC)
UNHURRIED: Final = 2 * TOO_FAST  # so that only the pattern of the answers can be doubted
STRAY: Final = 0.1  # of the answers of a line that is nearly straight


def attentive_doubted(keyed: Whole, form: Form, week: int = 0) -> float:
    """Return the share of people who answered with care and are taken for a straight line all the same."""
    asked = statements_of(form, week)
    return float(np.mean([_doubted(form, week, [raw(own)[item_id] for item_id in asked]) for own in keyed]))


def lines_found(rng: np.random.Generator, people: int, *, stray: float = 0.0) -> float:
    """Return the share of people found who tap one answer all through the long form, some of it straying by one."""
    length = len(PLACES)
    lines = np.repeat(rng.integers(0, ANSWER_VALUES, (people, 1)), length, axis=1)
    step = np.where(lines == 0, 1, np.where(lines == ANSWER_VALUES - 1, -1, rng.choice([-1, 1], lines.shape)))
    strays = rng.random(lines.shape) < stray
    values = np.where(strays, lines + step, lines)
    return float(np.mean([_doubted(Form.FIRST, 0, row.tolist()) for row in values]))


def _doubted(form: Form, week: int, values: list[int | None]) -> bool:
    order = statements_of(form, week)
    replies = tuple(Reply(value, UNHURRIED) for value in values)
    walk = Walk(form=form, week=week, order=order, replies=replies, cursor=len(order), shown_at=SOME_DAY)
    return doubtful(walk)
