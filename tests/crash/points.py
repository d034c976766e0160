"""Every named point at which the program is killed: in the life of an update, of a parcel, of a person, of the tables.

A point is the moment just before or just after a call of one function, in whichever process calls it. `after` inside of
a unit of work means that it is written but not committed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Point:
    """Where to die.

    Attributes:
        name: In words.
        module: The module in which the function is looked up when it is called.
        function: Its name there, such as ``Class.method``.
        before: Whether just before the call; else just after it.
        about: Only calls about a parcel of this kind count; None for every call.
        follows: The point at which the process before has to die, so that there is something to do here.
    """

    name: str
    module: str
    function: str
    before: bool = False
    about: str | None = None
    follows: str | None = None


def _before(name: str, module: str, function: str, *, about: str | None = None) -> Point:
    return Point(name, module, function, before=True, about=about)


_after = Point

OWED = "a screen is owed, not shown"

UPDATE = (
    _before("an update came and is not on disk", "bot.telegram.intake", "keep"),
    _after("an update is written, not committed", "storage.inbox", "store"),
    _after("an update is on disk, not acknowledged", "bot.telegram.intake", "keep"),
    _before("an update is acknowledged, not handled", "bot.telegram.consumer", "Consumer._letter"),
    _after("a scene has played, not committed", "bot.telegram.consumer", "play"),
    _before(OWED, "bot.telegram.panel", "Panel.show"),
    _after("the old panel lost its buttons, the new one is not there", "bot.telegram.panel", "Panel._strip"),
    _after("a screen is shown and still owed", "bot.telegram.panel", "Panel.show"),
    _after("a debt is cleared, not committed", "bot.telegram.consumer", "settle"),
    _after("an owed screen is painted again, not committed", "bot.telegram.consumer", "repaint", follows=OWED),
)
"""The life of an update."""

PARCEL = (
    _before("a plan fell due", "bot.delivery.planner", "_batch"),
    _after("a comparison is opened, not packed", "bot.scenes.reveal", "open_comparison"),
    _after("a parcel is packed, not committed", "storage.outbox", "put"),
    _after("plans are handled, nothing is sent", "bot.app", "plan_due"),
    _after("a parcel is leased, not committed", "storage.outbox", "lease"),
    _before("a parcel is leased", "bot.delivery.sender", "Sender._deliver"),
    _before("a parcel is rendered, before the point of no return", "storage.outbox", "commit_to_send"),
    _after("the point of no return is written, not committed", "storage.outbox", "commit_to_send"),
    _before("the point of no return is passed, nothing is sent", "bot.telegram.courier", "TelegramCourier.send"),
    _after("a parcel has arrived, its outcome is not noted", "bot.telegram.courier", "TelegramCourier.send"),
    _before("a nudge has arrived, its outcome is not noted", "bot.delivery.sender", "_note", about="nudge"),
    _before("a comparison has arrived, its outcome is not noted", "bot.delivery.sender", "_note", about="comparison"),
    _before(
        "the other phone of a talk has changed, the outcome is not noted",
        "bot.delivery.sender",
        "_note",
        about="talk.room",
    ),
    _after("an outcome is noted, not committed", "bot.delivery.sender", "_note"),
    _after("parcels are taken back, not committed", "storage.outbox", "reclaim"),
)
"""The life of a parcel."""

PERSON = (
    _after("a key is made, there is no row", "storage.keys", "KeyStore.create"),
    _after("somebody is marked as forgotten, not committed", "storage.people", "forget"),
    _before("somebody is forgotten, the key is there", "storage.store", "Store.destroy_key"),
    _after("a key is destroyed, the rows are there", "storage.store", "Store.destroy_key"),
    _after("rows are deleted, not committed", "storage.deletion", "_delete_rows"),
    _before("rows are deleted, the log is not emptied", "storage.store", "Store.scrub"),
)
"""The beginning and the end of a person."""

HOUSE = (
    _after("what has had its time is deleted, not committed", "bot.app", "tidy"),
    _after("the leadership is taken, not committed", "storage.leadership", "hold"),
)
"""Housekeeping."""

FOUNDING = (
    _after("the tables are made, not committed", "storage.opening", "upgrade"),
    _before("the tables are made, the key store is empty", "storage.opening", "unlock"),
    _after("the key store is founded, not committed", "storage.opening", "found"),
    _after("everything is founded, nothing is open", "storage.opening", "unlock"),
    _after("the first key of a day is made", "storage.keys", "KeyStore._make_day"),
)
"""The very first start."""

LIVING: tuple[str, ...] = tuple(point.name for point in (*UPDATE, *PARCEL, *PERSON, *HOUSE))
"""The points that people who live with the bot pass again and again."""

POINTS: Mapping[str, Point] = MappingProxyType(
    {point.name: point for point in (*UPDATE, *PARCEL, *PERSON, *HOUSE, *FOUNDING)}
)
