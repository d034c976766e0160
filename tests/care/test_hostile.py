"""Hostile input: whatever somebody sends, nothing breaks, nobody else is touched, and there is an answer or a reason."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

import pytest

from bot.scenes.screen import Button
from bot.telegram import stage
from bot.telegram.router import Doing
from bot.telegram.stage import Played, Stage
from storage.store import Tx
from tests.care.hostile import house
from tests.care.hostile.siege import ROUND, Siege
from tests.care.hostile.silences import MAY_BE, SILENCES

UPDATES = max(500, round(5000 * float(os.environ.get("SCALE", "1"))))
FEW = 60
SEED = 20270113


def test_hostile_updates_break_nothing_and_touch_nobody_else() -> None:
    """Forged, altered, replayed, misshapen and enormous updates: no exception, no effect on others, no unfounded silence."""
    report = Siege(SEED).go_on(UPDATES)
    assert report.wrong == []
    assert report.number == UPDATES
    assert set(report.kinds) >= set(MAY_BE) | {"tap of another person", "invitation passed on", "typed text", "media"}


def test_strangers_leave_every_row_of_the_town_as_it_is() -> None:
    """Whoever holds no invitation changes not one byte of anybody's rows and keys, whatever they send."""
    siege = Siege(SEED + 1, strangers=True)
    report = siege.go_on(ROUND)
    assert report.wrong == []
    assert siege.rows_lost() == []


def test_every_silence_has_its_reason() -> None:
    """A silence that the siege lets pass stands in the one table of silences, with a reason."""
    assert {silence for silences in MAY_BE.values() for silence in silences} == set(SILENCES)


Change = Callable[[Tx, Played], Played]


def _touch(tx: Tx, played: Played) -> Played:
    tx.connection.exec_driver_sql("UPDATE diary SET content = content || x'00' WHERE person_id = 20")
    tx.connection.exec_driver_sql(
        "UPDATE check_in SET week = week + 1 WHERE person_id = (SELECT max(person_id) FROM seat)"
    )
    return played


def _break(_tx: Tx, _played: Played) -> Played:
    raise LookupError("broken")


def _deface(_tx: Tx, played: Played) -> Played:
    return replace(played, screen=replace(played.screen, text="<b>" + played.screen.text))


def _mislabel(_tx: Tx, played: Played) -> Played:
    return replace(played, screen=replace(played.screen, rows=((Button(" ", url="https://x"),),)))


@pytest.mark.parametrize(
    ("change", "where"),
    [(_touch, "effects"), (_break, "exceptions"), (_deface, "refused"), (_mislabel, "refused")],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_the_siege_sees_what_it_looks_for(change: Change, where: str) -> None:
    """A scene that touches others, raises, or says what Telegram refuses is found, and the update is told."""

    def play(tx: Tx, on: Stage, letter_id: int, doing: Doing, now: datetime) -> Played | None:
        played = stage.play(tx, on, letter_id, doing, now)
        return None if played is None else change(tx, played)

    def by_name(tx: Tx, **named: Any) -> Played | None:
        return play(tx, named["stage"], named["letter_id"], named["doing"], named["now"])

    with patch.object(house, "play", by_name):
        report = Siege(SEED).go_on(FEW)
    found = getattr(report, where)
    assert found
    assert "update_id" in found[0]
