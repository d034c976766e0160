"""Carries parcels to Telegram: lease, render, point of no return, call, outcome."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.delivery.courier import Blocked, Courier, Later, Outcome, Refused, Sent, Unknown
from bot.delivery.leader import Leader
from bot.delivery.pace import Pace
from bot.scenes.screen import Screen
from bot.scenes.turn import Clock
from storage import messages, outbox, people
from storage.records import Parcel, Person
from storage.store import Store, Tx

LEASE = timedelta(seconds=60)
"""Longer than the timeouts of one call (25 s) and the waiting of one batch together."""

AT_ONCE = 8
"""Parcels that are on their way at the same time: half of the connections, the rest is for who taps."""

BATCH = 24
"""Parcels to a lease: about a second of sending."""

RENDER_TRIES = 3
"""Leases after which a parcel that cannot be rendered is given up."""

RENDER_PAUSE = timedelta(seconds=30)
"""Before a parcel is rendered again."""

UNKNOWN_PAUSE = timedelta(seconds=30)
"""Before a parcel goes again of which nobody knows whether it arrived."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A parcel, opened.

    Attributes:
        person: To whom, as stored.
        screen: What is sent.
        silent: Whether the phone makes no sound.
    """

    person: Person
    screen: Screen
    silent: bool


Render = Callable[[Parcel, Tx], Rendered | None]
"""Opens a parcel at the moment of sending, reading only; None if there is nothing to say any more."""


class Sender:
    """Sends what is due, as long as this process leads.

    At most one call for each lease: once ``sending`` is on disk, a crash leaves the outcome unknown, and
    the row says whether it goes again.
    """

    def __init__(
        self,
        *,
        store: Store,
        courier: Courier,
        render: Render,
        pace: Pace,
        leader: Leader,
        clock: Clock,
        owner: str,
    ) -> None:
        """Keep what is needed.

        Args:
            store: The outbox.
            courier: Carries a screen to a person.
            render: Opens a parcel.
            pace: Telegram's limits.
            leader: Says whether this process may send.
            clock: For leases and due times.
            owner: A name for this process that no other has.
        """
        self._store = store
        self._courier = courier
        self._render = render
        self._pace = pace
        self._leader = leader
        self._clock = clock
        self._owner = owner
        self._stop = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._ticking = asyncio.Lock()
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many parcels expired before their turn came, since the start."""
        return self._dropped

    async def tick(self) -> None:
        """Send everything that may go now; a tick calls this every second."""
        async with self._ticking:
            while self._leader.leads and not self._stop.is_set() and not self._pace.pausing:
                now = self._clock.now()
                lease = partial(outbox.lease, owner=self._owner, now=now, until=now + LEASE, limit=BATCH)
                parcels = await self._store.write(lease)
                if not parcels:
                    return
                # All of them end before this does, whatever becomes of one: nothing is under way behind its back.
                ends = await asyncio.gather(*(self._deliver(parcel) for parcel in parcels), return_exceptions=True)
                for end in ends:
                    if end is not None:
                        raise end

    async def reclaim(self) -> None:
        """Take back what a dead process held, and drop what came too late; a tick calls this at start and every 30 s.

        Only the leader does, so that a process whose clock is ahead takes nothing from one that is just sending.
        """
        if not self._leader.leads:
            return
        now = self._clock.now()
        lost, late = await self._store.write(lambda tx: (outbox.reclaim(tx, now), outbox.bury_late(tx, now)))
        self._dropped += late
        if late:
            log.warning("%d parcels expired before their turn came.", late)
        if lost:
            log.warning("Nobody knows whether %d parcels arrived: %s", len(lost), lost)

    async def stop(self) -> None:
        """Lease no more, finish what is on its way, give the rest back, and give up leading."""
        self._stop.set()
        async with self._ticking:
            await self._leader.release()

    async def _deliver(self, parcel: Parcel) -> None:
        async with self._slots:
            if not await self._turn(parcel):
                await self._store.write(partial(outbox.again, parcel=parcel, at=parcel.available_at))
                return
            try:
                rendered = await self._store.read(partial(self._render, parcel))
            except Exception as error:  # noqa: BLE001 -- a scene's mistake must not hold up the other parcels
                await self._misrendered(parcel, error)
                return
            if rendered is None or not rendered.person.reachable:
                why = "nothing to say" if rendered is None else outbox.UNREACHABLE
                await self._store.write(partial(outbox.dead, parcel=parcel, error=why))
                return
            commit = partial(outbox.commit_to_send, parcel=parcel, owner=self._owner, now=self._clock.now())
            if not await self._store.write(commit):
                return  # the lease or the moment has passed; somebody else decides
            outcome = await self._courier.send(rendered.person, rendered.screen, silent=rendered.silent)
            if isinstance(outcome, Later):
                self._pace.pause(outcome.seconds)
            await self._store.write(partial(_note, parcel=parcel, outcome=outcome, now=self._clock.now()))

    async def _turn(self, parcel: Parcel) -> bool:
        waiting = asyncio.ensure_future(self._pace.wait(parcel.person_id))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return waiting.done() and not self._stop.is_set()
        finally:
            waiting.cancel()
            stopping.cancel()

    async def _misrendered(self, parcel: Parcel, error: Exception) -> None:
        kind = type(error).__name__
        log.error("Parcel %d (%s) could not be rendered: %s", parcel.id, parcel.kind, kind)
        if parcel.attempts >= RENDER_TRIES:
            await self._store.write(partial(outbox.dead, parcel=parcel, error=kind))
        else:
            at = self._clock.now() + RENDER_PAUSE
            await self._store.write(partial(outbox.again, parcel=parcel, at=at, error=kind))


def _note(tx: Tx, parcel: Parcel, outcome: Outcome, now: datetime) -> None:
    match outcome:
        case Sent(message_id):
            outbox.sent(tx, parcel, message_id, now)
            messages.note(tx, parcel.person_id, message_id, now)
        case Later(seconds):
            outbox.again(tx, parcel, now + timedelta(seconds=seconds), "later")
        case Blocked():
            outbox.dead(tx, parcel, outbox.BLOCKED)
            people.change(tx, parcel.person_id, reachable=False)
        case Refused(reason):
            outbox.dead(tx, parcel, reason)
        case Unknown(reason):
            outbox.unknown(tx, parcel, reason, now + UNKNOWN_PAUSE)
