"""What every round of the year must have come to, judged from the rows and from what reached people."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.delivery.planner import SILENT_ROUNDS
from bot.scenes import calendar
from storage import rounds
from storage.records import Level
from storage.store import Tx
from storage.tables import choice, couple, couple_round, person
from tests.year.tally import Arrival, Tally

SETTLED = timedelta(minutes=calendar.SPREAD_MINUTES + 30)
"""After its reveal hour every round has come to its end."""

TOGETHER = timedelta(minutes=2)
"""So far apart may two messages come that are sent at one moment: two ticks."""


@dataclass(frozen=True, slots=True)
class Week:
    """A round, with what was chosen in it."""

    id: int
    couple_id: int
    number: int
    reveal_at: datetime
    opened_at: datetime | None
    silent_at: datetime | None
    closed_at: datetime | None
    shown_by: tuple[int, ...]


def judge(tx: Tx, tally: Tally, away: Iterable[tuple[int, datetime, datetime]], now: datetime) -> None:
    """Blame what is not as it should be.

    Args:
        tx: A reading unit of work.
        tally: What arrived, and where to blame.
        away: When whom (by Telegram's number) nothing could reach.
        now: The end of the year.
    """
    weeks = _weeks(tx)
    telegram = {row.id: row.telegram_id for row in tx.connection.execute(select(person.c.id, person.c.telegram_id))}
    gone = defaultdict(list)
    for telegram_id, begins, ends in away:
        gone[telegram_id].append((begins, ends))
    came: defaultdict[tuple[str, int | None], list[Arrival]] = defaultdict(list)
    for arrival in tally.arrivals:
        came[arrival.kind, arrival.ref].append(arrival)

    def reachable(person_id: int, at: datetime) -> bool:
        whose = telegram.get(person_id)  # none of whom is forgotten
        return whose is not None and not any(begins - TOGETHER <= at <= ends for begins, ends in gone[whose])

    for week in weeks:
        _judge_round(tally, week, came, now)
        for person_id in week.shown_by if week.opened_at else ():
            arrivals = [one for one in came["comparison", week.id] if one.person_id == person_id]
            if not arrivals and week.opened_at is not None and reachable(person_id, week.opened_at):
                tally.blame("a comparison that did not reach somebody", (week, person_id))
    for kind in ("comparison", "silence", "midweek", "closed"):
        for (which, _), arrivals in list(came.items()):
            if which == kind and arrivals:
                first = min(one.at for one in arrivals)
                # Who had blocked the bot then gets it when they let it in again.
                present = [one for one in arrivals if one.at == first or reachable(one.person_id, first)]
                _judge_pair(tally, kind, arrivals, present)
    _judge_closing(tally, weeks)


def _weeks(tx: Tx) -> list[Week]:
    shown: defaultdict[int, list[int]] = defaultdict(list)
    for row in tx.connection.execute(select(choice)):
        opened = rounds.open_choice(tx, row.round_id, row.person_id, row.content, row.chosen_at)
        if opened.level is not Level.NOTHING:
            shown[row.round_id].append(row.person_id)
    query = select(couple_round, couple.c.closed_at).join(couple, couple.c.id == couple_round.c.couple_id)
    return [
        Week(
            row.id,
            row.couple_id,
            row.number,
            row.reveal_at,
            row.opened_at,
            row.silent_at,
            row.closed_at,
            tuple(shown[row.id]),
        )
        for row in tx.connection.execute(query.order_by(couple_round.c.couple_id, couple_round.c.number))
    ]


def _judge_round(
    tally: Tally, week: Week, came: defaultdict[tuple[str, int | None], list[Arrival]], now: datetime
) -> None:
    over = week.reveal_at + SETTLED < min(now, week.closed_at or now)
    if over and week.opened_at is None and week.silent_at is None:
        tally.blame("a round without an end", week)
    if over and len(week.shown_by) > 1 and week.opened_at is None:
        tally.blame("a comparison missing though both showed", week)
    if week.opened_at is not None and came["silence", week.id]:
        tally.blame("a comparison and the neutral message", week)
    if week.silent_at is not None and came["comparison", week.id]:
        tally.blame("a comparison in a silent round", week)


def _judge_pair(tally: Tally, kind: str, arrivals: list[Arrival], present: list[Arrival]) -> None:
    """What both receive comes to each once, at the same moment, and where it is neutral with the same words."""
    readers = [one.person_id for one in arrivals]
    if len(set(readers)) != len(readers):
        tally.blame(f"a {kind} twice", arrivals)
    if max(one.at for one in present) - min(one.at for one in present) > TOGETHER:
        tally.blame(f"a {kind} at two moments", arrivals)
    if kind != "comparison" and len({one.text for one in arrivals}) > 1:
        tally.blame(f"a {kind} with two texts", arrivals)


def _judge_closing(tally: Tally, weeks: list[Week]) -> None:
    """A pair closes with its sixth silent round in a row, and never later."""
    in_a_row: defaultdict[int, int] = defaultdict(int)
    for week in weeks:
        if week.opened_at is not None:
            in_a_row[week.couple_id] = 0
        elif week.silent_at is not None:
            in_a_row[week.couple_id] += 1
            closed = week.closed_at is not None and week.closed_at <= week.silent_at + TOGETHER
            if in_a_row[week.couple_id] >= SILENT_ROUNDS and not closed:
                tally.blame("a pair that did not close", week)
