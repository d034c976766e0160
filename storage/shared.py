"""What was shown: the only way by which anything of one person reaches the other.

`view` is built from the partner's choice and the partner's result, cut down to the chosen level by `cut`,
which is also what the preview shows before choosing.
"""

import json
from datetime import datetime
from functools import cache
from math import floor
from typing import Any, Final

from sqlalchemy import Executable, bindparam, delete, select

from storage import couples, rounds
from storage.checkins import result_of
from storage.engine import insert_into
from storage.records import Choice, Couple, Keepsake, Level, Round, SharedView
from storage.store import Tx
from storage.tables import check_in, choice, couple_round, keepsake, seat
from storage.vault import Field

KEEPSAKE: Final = Field("keepsake", "content", 896)
"""Holds the reader's view of any comparison and its starter; four of them fit one of SQLite's pages of 4,096 bytes."""
AXES: Final = ("I", "you")
"""The keys of the two sizes in a result."""
NUMBERS: Final = ("size", "low", "high")
"""What is shown of a size: nothing else of it ever is."""
PRIVATE_WISH: Final = "quiet"
"""The wish of whoever would rather not say; it is never shown, even if both chose it."""
HALF: Final = 0.5
"""Halves are rounded upwards, as they are when they are said."""
FULL_WEIGHT: Final = 1
"""A result of less weight is doubtful (answered carelessly) and is not compared."""

_CHOICES: Final = (
    select(choice.c.person_id, choice.c.content, choice.c.chosen_at, seat.c.seat, seat.c.partner_name)
    .join(seat, seat.c.couple_id == bindparam("pair"))
    .where(choice.c.round_id == bindparam("week"), seat.c.person_id == bindparam("reader"))
)
_KEPT: Final = (
    select(keepsake.c.round_id, keepsake.c.opened_at, keepsake.c.content)
    .where(keepsake.c.reader_id == bindparam("reader"))
    .order_by(keepsake.c.opened_at.desc(), keepsake.c.round_id.desc())
    .limit(bindparam("most"))
)
_LATEST: Final = (
    select(couple_round.c.couple_id)
    .join(keepsake, keepsake.c.round_id == couple_round.c.id)
    .where(keepsake.c.reader_id == bindparam("reader"))
    .order_by(keepsake.c.opened_at.desc(), keepsake.c.round_id.desc())
    .limit(1)
    .scalar_subquery()
)
_TOGETHER: Final = (
    select(keepsake.c.round_id, keepsake.c.opened_at, keepsake.c.content)
    .join(couple_round, couple_round.c.id == keepsake.c.round_id)
    .where(keepsake.c.reader_id == bindparam("reader"), couple_round.c.couple_id == _LATEST)
    .order_by(keepsake.c.opened_at, keepsake.c.round_id)
)
_FADE: Final = delete(keepsake).where(keepsake.c.opened_at < bindparam("before"))
_RESULTS: Final = select(check_in.c.id, check_in.c.person_id, check_in.c.started_at, check_in.c.result).where(
    check_in.c.id.in_(bindparam("which", expanding=True)), check_in.c.result.is_not(None)
)


@cache
def _keep(dialect: str) -> Executable:
    return insert_into(dialect, keepsake).on_conflict_do_nothing()


def view(tx: Tx, *, reader_id: int, couple: Couple, round: Round) -> SharedView | None:  # noqa: A002 - a round is a round
    """What the reader may see of the partner in a round.

    Args:
        tx: The unit of work.
        reader_id: Who looks.
        couple: The couple in which they sit.
        round: Which of its weeks.

    Returns:
        None unless both chose to show, both results still exist and neither is doubtful. Before the round
        opens this tells that the partner chose to show: only the opening itself may ask then.
    """
    chosen, name = _choices(tx, reader_id, couple, round)
    mine = next((each for each in chosen if each.person_id == reader_id), None)
    theirs = next((each for each in chosen if each.person_id != reader_id), None)
    if mine is None or theirs is None or Level.NOTHING in (mine.level, theirs.level):
        return None
    results = _results(tx, (mine, theirs))
    if len(results) < len((mine, theirs)):
        return None
    own, other = json.loads(results[mine.check_in_id]), json.loads(results[theirs.check_in_id])
    if _doubtful(own) or _doubtful(other):
        return None
    both_words = mine.level is theirs.level is Level.WORDS
    return SharedView(
        round_id=round.id,
        partner_name=name,
        level=theirs.level,
        result=cut(results[theirs.check_in_id], theirs.level),
        wish=_common_wish(own, other) if both_words else None,
    )


def both_show(tx: Tx, couple: Couple, round: Round) -> bool:  # noqa: A002
    """Whether a comparison can open: both chose to show, and what they chose can be compared."""
    first = couple.seats[0].person_id
    return first is not None and view(tx, reader_id=first, couple=couple, round=round) is not None


def cut(result_json: str, level: Level) -> str:
    """A result as the partner sees it at a level: only what is named here passes.

    Args:
        result_json: ``{"I": {"size", "low", "high", …}, "you": {…}, "wording": […], …}``.
        level: At NOTHING nothing is left; at SIZES whole numbers; at WORDS the wording too.
    """
    if level is Level.NOTHING:
        return "{}"
    result = json.loads(result_json)
    shown: dict[str, object] = {
        axis: {number: floor(float(result[axis][number]) + HALF) for number in NUMBERS} for axis in AXES
    }
    if level is Level.WORDS:
        shown["wording"] = [str(word) for word in result["wording"]]
    return json.dumps(shown)


def keep(tx: Tx, *, reader_id: int, round_id: int, opened_at: datetime, content: str) -> None:
    """Give the reader what was shown to them, under their own key; the first of a round stands."""
    sealed = tx.vault.seal_text(KEEPSAKE, reader_id, f"{reader_id}/{round_id}", content)
    values = {"reader_id": reader_id, "round_id": round_id, "opened_at": opened_at, "content": sealed}
    tx.connection.execute(_keep(tx.dialect), values)


def kept(tx: Tx, reader_id: int, limit: int) -> list[Keepsake]:
    """What was shown to the reader, newest first."""
    rows = tx.connection.execute(_KEPT, {"reader": reader_id, "most": limit})
    return [_keepsake(tx, reader_id, *row) for row in rows]


def together(tx: Tx, reader_id: int) -> list[Keepsake]:
    """What was shown to the reader in the pair of their latest comparison, oldest first.

    It asks for nothing but the reader's own: whoever left, closed or never answered since changes nothing here.
    """
    return [_keepsake(tx, reader_id, *row) for row in tx.connection.execute(_TOGETHER, {"reader": reader_id})]


def _keepsake(tx: Tx, reader_id: int, round_id: int, opened_at: datetime, sealed: bytes) -> Keepsake:
    content = tx.vault.unseal_text(KEEPSAKE, reader_id, f"{reader_id}/{round_id}", sealed)
    return Keepsake(reader_id=reader_id, round_id=round_id, opened_at=opened_at, content=content)


def fade(tx: Tx, before: datetime) -> int:
    """Delete what opened before an instant, and closed couples of which nothing is left.

    Returns:
        How many keepsakes faded.
    """
    faded = tx.connection.execute(_FADE, {"before": before}).rowcount
    couples.sweep(tx, before)
    return faded


def _choices(tx: Tx, reader_id: int, couple: Couple, week: Round) -> tuple[list[Choice], str]:
    """The choices of those who sit in the couple, and what the reader calls the partner."""
    found = tx.connection.execute(_CHOICES, {"pair": couple.id, "week": week.id, "reader": reader_id}).all()
    sitting = {each.person_id for each in couple.seats if each.person_id is not None}
    rows = [row for row in found if row.person_id in sitting and week.couple_id == couple.id]
    if not rows:
        return [], ""
    name = couples.open_name(tx, reader_id, couple.id, rows[0].seat, rows[0].partner_name)
    return [rounds.open_choice(tx, week.id, row.person_id, row.content, row.chosen_at) for row in rows], name


def _results(tx: Tx, chosen: tuple[Choice, Choice]) -> dict[int, str]:
    """The results of both chosen check-ins that still exist, by check-in; each must be the chooser's own."""
    owners = {each.check_in_id: each.person_id for each in chosen}
    return {
        row.id: result_of(tx, row.person_id, row.started_at, row.result)
        for row in tx.connection.execute(_RESULTS, {"which": list(owners)})
        if owners[row.id] == row.person_id
    }


def _doubtful(result: dict[str, Any]) -> bool:
    return float(result.get("weight", FULL_WEIGHT)) < FULL_WEIGHT


def _common_wish(own: dict[str, Any], other: dict[str, Any]) -> str | None:
    wish = own.get("wish")
    return str(wish) if wish and wish == other.get("wish") and wish != PRIVATE_WISH else None
