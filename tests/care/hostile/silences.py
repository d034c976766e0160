"""What may stay unanswered, and why."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SILENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "twice": "Telegram delivers again what it is not sure of; the first time was answered",
        "reach": "who blocked the bot cannot be answered, and who lets it in again is answered when they do something",
        "channel": "in a channel every subscriber would read the reason; the bot only leaves",
        "nothing": "not for the bot: an edit, a post, a service message, a tap outside of one's own chat, an unknown kind",
        "unreadable": "not what the Bot API describes: there may be nobody to answer, and Telegram never sends it",
    }
)
"""Every silence, each with its reason."""

MAY_BE: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "again": frozenset({"twice"}),
        "reach": frozenset({"reach", "nothing"}),
        "channel": frozenset({"channel", "nothing"}),
        "not for the bot": frozenset({"nothing"}),
        "unknown": frozenset({"nothing"}),
        "elsewhere": frozenset({"nothing"}),
        "service": frozenset({"nothing"}),
        "misshapen": frozenset({"unreadable", "nothing", "reach", "channel"}),
        "odd number": frozenset({"unreadable", "nothing"}),
    }
)
"""By kind, the silences that are right there; every other kind is always answered."""

UNSOUND: Final = frozenset({"misshapen", "odd number"})
"""Kinds that the Bot API does not describe: they may be refused unread."""
