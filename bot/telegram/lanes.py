"""The order of things: one lane for each chat, many lanes side by side, and no more at hand than fits.

What does not fit stays in the inbox until there is room. Where other processes handle chats too, a lane is
worked only as long as this process holds its chat.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from bot.scenes.turn import Clock
from bot.telegram.errors import trail
from bot.telegram.hold import Finished, Hold, Unit
from bot.telegram.transport import AT_ONCE
from storage import claims
from storage.errors import ClaimLost
from storage.records import Letter
from storage.store import Store, Tx

MOST_AT_HAND = 500
"""Letters in memory, each a few kilobytes: several seconds of work. The others wait in the inbox."""

ROOM_AGAIN = MOST_AT_HAND // 2
"""So few at hand that the next ones are taken from the inbox."""

SURE = claims.TTL.total_seconds()
"""Seconds for which a chat surely stays ours after its claim was asked for."""

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(slots=True)
class Lane:
    """What is to be done for one chat, in order.

    Attributes:
        chat_id: Whose.
        owed: Whether a screen that is owed is to be painted, after the letters.
        letters: Those that are at hand.
        known: The numbers of those at hand, and of the one under way.
        sure_until: Until then, in monotonic seconds, nobody else handles the chat.
    """

    chat_id: int
    owed: bool = False
    letters: deque[Letter] = field(default_factory=deque)
    known: set[int] = field(default_factory=set)
    sure_until: float = float("-inf")

    @property
    def busy(self) -> bool:
        """Whether anything is left to do."""
        return bool(self.letters) or self.owed


Work = Callable[[Lane, Letter | None], Awaitable[Unit | None]]
"""Does one thing: a letter, or the screen that is owed. What it returns is written down as the end of it."""


class Lanes:
    """Works every lane in its order, and says when something broke that must not go unnoticed."""

    def __init__(self, store: Store, clock: Clock, hold: Hold, work: Work) -> None:
        """Keep what is needed; nothing runs before something is put in.

        Args:
            store: The inbox.
            clock: Every unit's instant, and how long a claim has lasted.
            hold: Which chats may be handled here.
            work: Does one thing.
        """
        self._store = store
        self._clock = clock
        self._hold = hold
        self._work = work
        self._lanes: dict[int, Lane] = {}
        self._at_hand = 0
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._taking = asyncio.Lock()
        self._room = asyncio.Event()
        self._missed = False
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stopping = False
        hold.full = True  # until what was left open is taken up

    @property
    def alive(self) -> bool:
        """Whether letters are still handled."""
        return not self._stopping

    def hand(self, letters: Sequence[Letter]) -> None:
        """Take letters that are in the inbox and are to be handled here; returns at once.

        Args:
            letters: In their order. Where older ones wait in the inbox for room, these wait with them.
        """
        if self._hold.alone and self._hold.full:
            self._missed = True
            return
        for letter in letters:
            self._put(letter)
        if self._at_hand >= MOST_AT_HAND:
            self._hold.full = True
            self._room.clear()

    def ask(self, chat_id: int) -> None:
        """Let the screen be painted that a chat is owed, unless the chat is being handled anyway."""
        if chat_id not in self._lanes and not self._stopping:
            self._begin(Lane(chat_id, owed=True))

    @property
    def chats(self) -> frozenset[int]:
        """Those for which something is just being done here."""
        return frozenset(self._lanes)

    async def take_up(self) -> None:
        """Take letters from the inbox that nobody handles, while there is room; a tick calls this, and the start."""
        if self._hold.alone and not self._hold.full:
            return
        async with self._taking:
            while (free := MOST_AT_HAND - self._at_hand) > 0 and not self._stopping:
                self._missed = False
                known = {number for lane in self._lanes.values() for number in lane.known}
                unit = partial(self._hold.take_up, now=self._clock.now(), limit=free, known=known)
                letters = await self._store.write(unit)
                for letter in letters:
                    self._put(letter)
                if len(letters) < free and not self._missed:
                    self._hold.full = False
                    self._room.set()
                    break
        if not self._hold.alone and not self._hold.full:
            for chat_id in await self._store.read(partial(self._hold.lapsed, limit=ROOM_AGAIN)):
                self.ask(chat_id)

    async def renew(self) -> None:
        """Prolong the claims of what is being handled; a tick calls this thrice in their time."""
        if self._hold.alone or not self._lanes:
            return
        began = self._clock.monotonic()
        lanes = dict(self._lanes)
        for chat_id in await self._store.write(partial(self._hold.renew, chats=list(lanes))):
            lanes[chat_id].sure_until = began + SURE

    async def write(self, lane: Lane, unit: Callable[[Tx], T]) -> T:
        """Run a unit of work for a chat.

        Raises:
            ClaimLost: Another process handles the chat: nothing was changed.
        """

        def guarded(tx: Tx) -> T:
            self._hold.guard(tx, lane.chat_id)
            return unit(tx)

        began = self._clock.monotonic()
        result = await self._store.write(guarded)
        lane.sure_until = began + SURE
        return result

    def be_sure(self, lane: Lane) -> None:
        """Go on only if nobody else can be handling the chat: a process that stood still shows nothing old.

        Raises:
            ClaimLost: So long after the last unit of work it may have been taken over.
        """
        if not self._hold.alone and self._clock.monotonic() >= lane.sure_until:
            raise ClaimLost(f"The claim on chat {lane.chat_id} may have run out.")

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Let something run beside the lanes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def fail(self, error: Exception) -> None:
        """Handle nothing more: the storage is broken, and `watch` says so."""
        self._stopping = True
        if not self._broken.done():
            self._broken.set_exception(error)

    async def watch(self) -> None:
        """Wait for as long as the storage works.

        Raises:
            Exception: What broke it: the process has to stop, loudly.
        """
        await self._broken

    async def room(self) -> None:
        """Wait until there is room for more."""
        await self._room.wait()

    async def idle(self) -> None:
        """Wait until there is nothing to do."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self, grace: float) -> None:
        """Begin no more letters; they stay in the inbox. Finish those that are under way, and give the chats back.

        Args:
            grace: Seconds after which they are cancelled.
        """
        self._stopping = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if not self._hold.alone:
            try:
                await self._store.write(self._hold.leave)
            except Exception as error:  # noqa: BLE001 -- with a broken storage nothing can be given back; claims run out
                log.error("The chats were not given back: %s", trail(error))  # noqa: TRY400 -- its words may be private
        self._broken.cancel()

    def _put(self, letter: Letter) -> None:
        lane = self._lanes.get(letter.chat_id)
        if lane is None:
            if self._stopping:
                return
            lane = Lane(letter.chat_id)
            self._begin(lane)
        if letter.id not in lane.known:
            lane.known.add(letter.id)
            lane.letters.append(letter)
            self._at_hand += 1

    def _begin(self, lane: Lane) -> None:
        self._lanes[lane.chat_id] = lane
        self.spawn(self._follow(lane))

    async def _follow(self, lane: Lane) -> None:
        try:
            while lane.busy and not self._stopping:
                async with self._slots:
                    after = await self._one(lane)
                await self._finish(lane, after)
        except ClaimLost as lost:
            log.info("%s", lost)
        except Exception as error:  # noqa: BLE001 -- whatever it is, `watch` raises it
            self.fail(error)
        finally:
            self._at_hand -= len(lane.letters)
            del self._lanes[lane.chat_id]
            if self._hold.full and self._at_hand <= ROOM_AGAIN and not self._stopping:
                self.spawn(self._refill())

    async def _one(self, lane: Lane) -> Unit | None:
        if not lane.letters:
            lane.owed = False
            await self._look(lane)
        if not lane.letters:
            return await self._work(lane, None)
        letter = lane.letters.popleft()
        try:
            return await self._work(lane, letter)
        finally:
            lane.known.discard(letter.id)
            self._at_hand -= 1

    async def _look(self, lane: Lane) -> None:
        """Before a screen is painted that is owed: a letter that waits leads to a newer one."""
        if not self._hold.alone:
            begin = partial(self._hold.begin, chat_id=lane.chat_id, now=self._clock.now())
            for letter in await self._store.write(begin):
                self._put(letter)

    async def _finish(self, lane: Lane, after: Unit | None) -> None:
        if self._hold.alone and after is None:
            return
        finished = Finished(lane.chat_id, after, more=lane.busy)
        for letter in await self._store.write(partial(self._hold.finish, finished=finished, now=self._clock.now())):
            self._put(letter)

    async def _refill(self) -> None:
        if self._taking.locked():
            return
        try:
            await self.take_up()
        except Exception as error:  # noqa: BLE001 -- as above
            self.fail(error)
