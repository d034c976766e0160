"""Carries parcels to Telegram: lease, render, point of no return, call, outcome."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.delivery.courier import Blocked, Courier, Later, Outcome, Refused, Sent, Unknown
from bot.delivery.leader import Leader
from bot.delivery.pace import Pace
from bot.scenes.screen import Screen
from bot.scenes.turn import Clock
from storage import messages, outbox, people
from storage.outage import is_outage
from storage.records import OnUnknown, Parcel, Person
from storage.store import Store, Tx

LEASE = timedelta(seconds=60)
"""Longer than waiting for a turn (`TURN_SECONDS`) and one call (`CALL_SECONDS`) together, with time to write it down."""

TURN_SECONDS = 20.0
"""How long a leased parcel waits for its turn; after that it is given back, and leased anew when it can go."""

CALL_SECONDS = 30.0
"""After this nobody waits for the answer to a call: longer than the timeouts of one call together (25 s)."""

AT_ONCE = 8
"""Places: parcels that are on their way at the same time. Half of the connections; the rest is for who taps."""

BATCH = 24
"""Parcels to a lease: about a second of sending."""

AHEAD_SECONDS = 10.0
"""Only what the rate lets go within this time is leased: well within `TURN_SECONDS`, however slow the rate is."""

LOOK_SECONDS = 1.0
"""Seconds between two looks for new parcels while others are on their way."""

STOP_SECONDS = 3.0
"""How long a stop waits for calls under way: Telegram answers within one, and Docker kills ten after it asked to stop
(docs.docker.com, "docker container stop")."""

RENDER_TRIES = 3
"""Leases after which a nudge that cannot be rendered is given up. What both wait for is tried until it expires."""

RENDER_PAUSE = timedelta(seconds=30)
"""Before a parcel is rendered again, times the leases that it had."""

LONGEST_RENDER_PAUSE = timedelta(hours=1)
"""However many those were."""

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


@dataclass(frozen=True, slots=True)
class _Leased:
    """A parcel that is held here.

    Attributes:
        parcel: Which.
        since: When it was leased, in monotonic seconds.
    """

    parcel: Parcel
    since: float


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
        self._stirred = asyncio.Event()
        self._ticking = asyncio.Lock()
        self._maybe_more = True
        self._queue: list[_Leased] = []
        self._under_way: set[int] = set()
        self._calls: set[asyncio.Timeout] = set()
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many parcels expired before their turn came, since the start."""
        return self._dropped

    async def tick(self) -> None:
        """Send everything that may go now, and what comes meanwhile; a tick calls this every second.

        It returns when nothing is on its way any more: nothing is done behind its back.
        """
        async with self._ticking, asyncio.TaskGroup() as places:
            self._maybe_more = True
            failure = await self._flow(places)
        if failure is not None:
            raise failure

    def look(self) -> None:
        """There may be more to send: a tick that is under way looks at once."""
        self._maybe_more = True
        self._stirred.set()

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
        """Lease no more, give back what was not begun, and give up leading.

        Calls under way have `STOP_SECONDS` left; of what is cut off then nobody knows whether it arrived.
        """
        self._stop.set()
        self._stirred.set()
        for call in (each for each in self._calls if not each.expired()):
            call.reschedule(asyncio.get_running_loop().time() + STOP_SECONDS)
        async with self._ticking:
            await self._leader.release()

    async def _flow(self, places: asyncio.TaskGroup) -> Exception | None:
        """Lease and begin, as places become free, for as long as there is something to do.

        Returns:
            What the storage raised. It must not cut off calls under way, as it would if it went through the group.
        """
        try:
            while self._leader.leads and not self._stop.is_set() and not self._pace.pausing:
                self._begin(places)
                if self._maybe_more and len(self._queue) < AT_ONCE:
                    await self._lease()
                    self._begin(places)
                if not self._under_way:
                    return None
                await self._until_stirred()
                await self._give_back(self._clock.monotonic() - TURN_SECONDS)
            await self._give_back()
        except Exception as error:  # noqa: BLE001 -- raised by `tick`
            self._queue.clear()
            return error
        return None

    async def _lease(self) -> None:
        """Fill the queue, with no more than the rate lets go soon."""
        limit = min(BATCH, self._pace.room(AHEAD_SECONDS) - len(self._under_way)) - len(self._queue)
        if limit <= 0:
            return
        self._maybe_more = False
        now, since = self._clock.now(), self._clock.monotonic()
        # One of a chat: whoever gets many, or does not answer, must not fill the queue.
        busy = self._under_way | {leased.parcel.person_id for leased in self._queue}
        lease = partial(outbox.lease, owner=self._owner, now=now, until=now + LEASE, limit=limit, busy=busy)
        parcels, more = await self._store.write(partial(_one_of_each, lease=lease))
        self._maybe_more = self._maybe_more or more or len(parcels) == limit
        self._queue += (_Leased(parcel, since) for parcel in parcels)

    def _begin(self, places: asyncio.TaskGroup) -> None:
        """Let parcels take the free places in their order."""
        while self._queue and len(self._under_way) < AT_ONCE:
            leased = self._queue.pop(0)
            self._under_way.add(leased.parcel.person_id)
            places.create_task(self._take_place(leased))

    async def _until_stirred(self) -> None:
        """Wait until a place has become free, or there may be more to send."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._stirred.wait()
        except TimeoutError:
            self._maybe_more = True
        self._stirred.clear()

    async def _give_back(self, before: float = float("inf")) -> None:
        """Give back what was leased before a moment (monotonic seconds) and not begun."""
        old = [leased.parcel for leased in self._queue if leased.since < before]
        if old:
            self._queue = [leased for leased in self._queue if leased.since >= before]
            self._maybe_more = True
            await self._store.write(partial(_free, parcels=old))

    async def _take_place(self, leased: "_Leased") -> None:
        parcel = leased.parcel
        try:
            await self._deliver(leased)
        except Exception as error:  # noqa: BLE001 -- one parcel's mistake must not hold up the others
            log.error("Parcel %d (%s) failed: %s", parcel.id, parcel.kind, type(error).__name__)  # noqa: TRY400
        finally:
            self._under_way.discard(parcel.person_id)
            # The chat may have another one, which was passed over as long as this one was under way.
            self.look()

    async def _deliver(self, leased: "_Leased") -> None:
        parcel = leased.parcel
        if not await self._turn(leased):
            await self._store.write(partial(_free, parcels=[parcel]))
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
        outcome = await self._call(rendered)
        if isinstance(outcome, Later):
            self._pace.pause(outcome.seconds)
        await self._store.write(partial(_note, parcel=parcel, outcome=outcome, now=self._clock.now()))

    async def _turn(self, leased: "_Leased") -> bool:
        """Wait until it is the parcel's turn; False if it is not before the stop, or not soon."""
        left = leased.since + TURN_SECONDS - self._clock.monotonic()
        waiting = asyncio.ensure_future(self._pace.wait(leased.parcel.person_id))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({waiting, stopping}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            return waiting.done() and not self._stop.is_set()
        finally:
            waiting.cancel()
            stopping.cancel()

    async def _call(self, rendered: Rendered) -> Outcome:
        """Give a screen to the courier, whose answer nobody waits for beyond its time."""
        limit = asyncio.timeout(STOP_SECONDS if self._stop.is_set() else CALL_SECONDS)
        try:
            async with limit:
                self._calls.add(limit)
                return await self._courier.send(rendered.person, rendered.screen, silent=rendered.silent)
        except TimeoutError:
            return Unknown("cut off")
        finally:
            self._calls.discard(limit)

    async def _misrendered(self, parcel: Parcel, error: Exception) -> None:
        kind = type(error).__name__
        log.error("Parcel %d (%s) could not be rendered: %s", parcel.id, parcel.kind, kind)
        # A failure of the database is no fault of the parcel.
        if parcel.on_unknown is OnUnknown.DROP and parcel.attempts >= RENDER_TRIES and not is_outage(error):
            await self._store.write(partial(outbox.dead, parcel=parcel, error=kind))
        else:
            at = self._clock.now() + min(RENDER_PAUSE * parcel.attempts, LONGEST_RENDER_PAUSE)
            await self._store.write(partial(outbox.again, parcel=parcel, at=at, error=kind))


def _one_of_each(tx: Tx, lease: Callable[[Tx], list[Parcel]]) -> tuple[list[Parcel], bool]:
    """Lease, and keep the first one of each chat; the rest is given back. Also, whether there was a rest."""
    parcels = lease(tx)
    first: dict[int, Parcel] = {}
    for parcel in parcels:
        first.setdefault(parcel.person_id, parcel)
    kept = list(first.values())
    rest = [parcel for parcel in parcels if first[parcel.person_id] is not parcel]
    _free(tx, rest)
    return kept, bool(rest)


def _free(tx: Tx, parcels: Iterable[Parcel]) -> None:
    for parcel in parcels:
        outbox.again(tx, parcel, parcel.available_at)


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
