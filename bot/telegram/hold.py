"""Which chats this process may handle: all of them where it is alone, else those that it has claimed."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from storage import claims, inbox
from storage.errors import ClaimLost
from storage.records import Letter
from storage.store import Tx

Update = tuple[int, int, str]
"""Telegram's number, the chat's, and the update as JSON."""

Unit = Callable[[Tx], None]

MORE = 5
"""Updates of a chat that are taken up after the last one that was at hand."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A letter whose screen was shown, or never will be.

    Attributes:
        chat_id: Whose.
        after: What is written down now, if anything.
        more: Whether this process has further letters of the chat at hand.
    """

    chat_id: int
    after: Unit | None
    more: bool


class Hold(Protocol):
    """What a process has to do with the inbox so that every chat is in one hand; each call is part of a unit of work."""

    full: bool
    """Whether this process has as much at hand as it may; its lanes say so."""

    @property
    def alone(self) -> bool:
        """Whether no other process can be there."""

    def keep(self, tx: Tx, updates: Sequence[Update], now: datetime) -> list[Letter]:
        """Put updates into the inbox; returns what this process is to handle of it, in order."""

    def guard(self, tx: Tx, chat_id: int) -> None:
        """Go on only if this process may change something for a chat.

        Raises:
            ClaimLost: Another process handles the chat.
        """

    def begin(self, tx: Tx, chat_id: int, now: datetime) -> list[Letter]:
        """Take a chat that no letter led to; returns what is to be handled of it before anything else.

        Raises:
            ClaimLost: Another process handles the chat.
        """

    def finish(self, tx: Tx, finished: Finished, now: datetime) -> list[Letter]:
        """Note the end of a letter, and give the chat back; or return what else is to be handled of it.

        Raises:
            ClaimLost: Another process took the chat over; nothing is noted then.
        """

    def take_up(self, tx: Tx, now: datetime, limit: int, known: Collection[int]) -> list[Letter]:
        """Letters that nobody handles, without those that are known, oldest first."""

    def lapsed(self, tx: Tx, limit: int) -> list[int]:
        """Chats in which a dead process may have left a screen owed."""

    def renew(self, tx: Tx, chats: Collection[int]) -> set[int]:
        """Prolong what is held of these chats; returns which are."""

    def leave(self, tx: Tx) -> None:
        """Give everything back."""


@dataclass(slots=True)
class Alone:
    """The one process there is: with SQLite, and wherever updates are asked for."""

    full: bool = False

    @property
    def alone(self) -> bool:
        """It is."""
        return True

    def keep(self, tx: Tx, updates: Sequence[Update], now: datetime) -> list[Letter]:
        """See `Hold`."""
        return inbox.store(tx, updates, now)

    def guard(self, tx: Tx, chat_id: int) -> None:
        """See `Hold`: nobody else is there."""

    def begin(self, tx: Tx, chat_id: int, now: datetime) -> list[Letter]:  # noqa: ARG002 -- as in `Hold`
        """See `Hold`: whatever there is, is at hand."""
        return []

    def finish(self, tx: Tx, finished: Finished, now: datetime) -> list[Letter]:  # noqa: ARG002 -- as in `Hold`
        """See `Hold`: there is nothing to give back."""
        if finished.after is not None:
            finished.after(tx)
        return []

    def take_up(self, tx: Tx, now: datetime, limit: int, known: Collection[int]) -> list[Letter]:
        """See `Hold`."""
        return inbox.waiting(tx, now, limit, without=known)

    def lapsed(self, tx: Tx, limit: int) -> list[int]:  # noqa: ARG002 -- as in `Hold`
        """See `Hold`: there was nobody."""
        return []

    def renew(self, tx: Tx, chats: Collection[int]) -> set[int]:  # noqa: ARG002 -- as in `Hold`
        """See `Hold`: nothing runs out."""
        return set(chats)

    def leave(self, tx: Tx) -> None:
        """See `Hold`: nothing is held."""


@dataclass(slots=True)
class Among:
    """One of several processes on PostgreSQL.

    Attributes:
        owner: A name for this process that no other has.
        full: Whether it claims no more for now.
    """

    owner: str
    full: bool = False

    @property
    def alone(self) -> bool:
        """Others may be there."""
        return False

    def keep(self, tx: Tx, updates: Sequence[Update], now: datetime) -> list[Letter]:
        """See `Hold`.

        The claim comes first: then a chat's updates get their numbers one after the other, and whoever gives the
        chat back meanwhile either sees the new one or leaves the chat free for it.
        """
        mine = set() if self.full else claims.take(tx, {chat_id for _, chat_id, _ in updates}, self.owner)
        inbox.store(tx, updates, now)
        # Older ones may be waiting there, of a process that died.
        return inbox.waiting(tx, now, MORE + len(updates), chats=mine) if mine else []

    def guard(self, tx: Tx, chat_id: int) -> None:
        """See `Hold`: until the commit nobody else can take the chat."""
        if not claims.take(tx, [chat_id], self.owner):
            raise ClaimLost(f"Another process handles chat {chat_id}.")

    def begin(self, tx: Tx, chat_id: int, now: datetime) -> list[Letter]:
        """See `Hold`."""
        self.guard(tx, chat_id)
        return inbox.waiting(tx, now, MORE, chats=[chat_id])

    def finish(self, tx: Tx, finished: Finished, now: datetime) -> list[Letter]:
        """See `Hold`."""
        if finished.more:
            self.guard(tx, finished.chat_id)
        elif not claims.release(tx, finished.chat_id, self.owner):
            raise ClaimLost(f"Another process has taken over chat {finished.chat_id}.")
        if finished.after is not None:
            finished.after(tx)
        if finished.more:
            return []
        letters = inbox.waiting(tx, now, MORE, chats=[finished.chat_id])
        if letters:
            claims.take(tx, [finished.chat_id], self.owner)
        return letters

    def take_up(self, tx: Tx, now: datetime, limit: int, known: Collection[int]) -> list[Letter]:  # noqa: ARG002 -- as in `Hold`
        """See `Hold`: only of chats whose claims ran out."""
        return inbox.take_over(tx, self.owner, now, limit)

    def lapsed(self, tx: Tx, limit: int) -> list[int]:
        """See `Hold`."""
        return claims.lapsed(tx, limit)

    def renew(self, tx: Tx, chats: Collection[int]) -> set[int]:
        """See `Hold`."""
        return claims.renew(tx, chats, self.owner)

    def leave(self, tx: Tx) -> None:
        """See `Hold`."""
        claims.release_all(tx, self.owner)
