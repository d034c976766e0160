"""The weekly nudge and its one reminder: neutral, safe on a lock screen, easy to decline."""

from datetime import datetime, timedelta

from bot.dance import rhythm
from bot.scenes import calendar, walk
from bot.scenes.keyboard import button, footer, row
from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import Turn
from storage import checkins
from storage.records import Person
from storage.store import Tx


def is_due(tx: Tx, person: Person, now: datetime) -> bool:
    """Whether a nudge may go out: not paused, not quiet, no check-in finished lately, and questions to answer."""
    if person.paused or rhythm.is_quiet(person.zone, person.quiet_from, person.quiet_to, now):
        return False
    latest = checkins.latest(tx, person.id)
    if latest is None or latest.finished_at is None:
        return True
    return now - latest.finished_at >= calendar.RESTING and not walk.is_done(tx, person, latest, now)


def nudge(turn: Turn, tx: Tx) -> Screen | None:
    """The weekly nudge, or nothing where it would disturb."""
    if not is_due(tx, turn.person, turn.now):
        return None
    return Screen(
        turn.words.render("nudge"),
        (
            row(button(turn, "button.start", "checkin")),
            row(button(turn, "button.tomorrow", "nudge.tomorrow"), button(turn, "button.not_this_week", "nudge.no")),
            row(button(turn, "button.safety", "safety")),
        ),
        Tap("home"),
    )


def reminder(turn: Turn, tx: Tx) -> Screen | None:
    """The one reminder."""
    if not is_due(tx, turn.person, turn.now):
        return None
    return Screen(
        turn.words.render("reminder"),
        (
            row(button(turn, "button.start", "checkin"), button(turn, "button.not_this_week", "nudge.no")),
            row(button(turn, "button.safety", "safety")),
        ),
        Tap("home"),
    )


def tomorrow(turn: Turn, tx: Tx) -> Screen:
    """Tomorrow at this hour instead; it counts as the one reminder."""
    calendar.plan_reminder(tx, turn.person, turn.now + timedelta(days=1))
    return Screen(turn.words.render("nudge_tomorrow"), (footer(turn),), Tap("home"))


def not_this_week(turn: Turn, tx: Tx) -> Screen:
    """Not this week: a full answer, and no reminder."""
    calendar.no_reminder(tx, turn.person)
    return Screen(turn.words.render("nudge_no"), (footer(turn),), Tap("home"))
