"""Weeks that have something: a wish that leads to a starter, and a moment from the start."""

from bot.dance.patterns import State
from bot.scenes.drawings import drawing, figure
from bot.scenes.keyboard import Row, button, footer, row
from bot.scenes.results import Result
from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import Turn
from storage import checkins
from storage.records import CheckIn
from storage.store import Tx

MOMENT_FROM_WEEK = 6
"""From this week on the first picture may stand beside today's (the design's choice)."""

PATH_FROM_WEEK = 1
"""From this week on there can be a path: two pictures."""

WISHES = {"room": State.ENGULFED, "closeness": State.ISOLATED, "both": State.ADRIFT}
"""The state whose own starters fit a wish: more room fits a small "I", more closeness a small "you"."""


def wished(check_in: CheckIn | None) -> str | None:
    """The wish of a check-in that a starter can fit, or None."""
    if check_in is None or check_in.result is None:
        return None
    wish = Result.from_json(check_in.result).wish
    return wish if wish in WISHES else None


def offers(turn: Turn, latest: CheckIn) -> tuple[Row, ...]:
    """What this week has: a starter for the wish, the path so far, and the moment from the start."""
    rows: list[Row] = []
    if wished(latest) is not None:
        rows.append(row(button(turn, "button.wish_starter", "starter.another")))
    if latest.week >= PATH_FROM_WEEK:
        rows.append(row(button(turn, "button.history", "history")))
    if latest.week >= MOMENT_FROM_WEEK:
        rows.append(row(button(turn, "button.moment", "moment")))
    return tuple(rows)


def moment(turn: Turn, tx: Tx) -> Screen:
    """The first picture beside today's, with what may honestly be said of the difference: little."""
    finished = [one for one in checkins.finished(tx, turn.person.id) if one.result is not None]
    rows = (row(button(turn, "button.picture", "picture")), footer(turn))
    if not finished or finished[-1].week < MOMENT_FROM_WEEK:
        return Screen(turn.words.render("moment_none"), rows, Tap("moment"))
    first, today = (Result.from_json(one.result or "") for one in (finished[0], finished[-1]))
    then, now = turn.words.label("picture.then"), turn.words.label("picture.now")
    return Screen(
        turn.words.render("moment", first=first, today=today, then=then, now=now),
        rows,
        Tap("moment"),
        picture=drawing(turn, figure(turn, first, then), figure(turn, today, now)),
    )
