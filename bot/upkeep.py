"""What is done at a start and every now and then: forgetting, and ending what a dead process left half done."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.scenes import privacy
from bot.settings import Settings
from bot.telegram.panel import Panel
from bot.telegram.stage import Stage
from storage import checkins, claims, inbox, leadership, messages, outbox, shared, thanks
from storage.deletion import finish_deletions
from storage.store import Store, Tx

KEPT_FOR_HIDING = timedelta(hours=48)
"""Telegram lets a bot delete its messages for this long (Bot API, deleteMessage)."""

PARCELS_KEPT = timedelta(days=14)
"""Sent parcels are kept this long, so that none is packed twice."""

SHOWN_FADES = timedelta(weeks=52)
"""What was shown to a reader fades after a year (the design's choice)."""


async def part(store: Store, panel: Panel, stage: Stage, parting: Sequence[tuple[int, str]]) -> None:
    """Tell those whom a process left half deleted that it is done; and do it.

    Args:
        store: Where they still are.
        panel: Tells them.
        stage: Finds the words.
        parting: What `people.parting` found.
    """
    for telegram_id, language in parting:
        await panel.greet(telegram_id, privacy.farewell(stage.voices(language)))
    await finish_deletions(store)


def release_leases(tx: Tx, now: datetime) -> None:
    """Free at once what a process before this one held: whoever is alone knows that it is no more."""
    outbox.end_leases(tx, now)
    leadership.clear(tx)
    claims.clear(tx)


def tidy(tx: Tx, settings: Settings, now: datetime) -> None:
    """Forget what has had its time."""
    checkins.dissolve(tx, now - timedelta(days=settings.answer_retention_days))
    shared.fade(tx, now - SHOWN_FADES)
    thanks.tidy(tx, now - PARCELS_KEPT)
    messages.tidy(tx, now - KEPT_FOR_HIDING)
    inbox.tidy(tx, now - KEPT_FOR_HIDING)
    outbox.tidy(tx, now - PARCELS_KEPT)
    claims.tidy(tx)
