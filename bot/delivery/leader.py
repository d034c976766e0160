"""One process at a time sends: it holds the whole of Telegram's budget.

Leading protects the pace only; that nothing is sent twice rests on the leases.
"""

import logging
from datetime import timedelta
from functools import partial

from bot.scenes.turn import Clock
from storage import leadership
from storage.store import Store

ROLE = "sender"

TTL = timedelta(seconds=15)
"""How long leadership lasts without being renewed; `Leader.renew` wants to be called thrice in that time."""

log = logging.getLogger(__name__)


class Leader:
    """Holds the role of the sender, or waits for it."""

    def __init__(self, store: Store, *, owner: str, clock: Clock) -> None:
        """Begin without the role.

        Args:
            store: Where the role is written down.
            owner: A name for this process that no other has.
            clock: The monotonic one, for our own certainty; the row goes by the database's clock.
        """
        self._store = store
        self._owner = owner
        self._clock = clock
        self._sure_until = float("-inf")

    @property
    def leads(self) -> bool:
        """Whether this process surely holds the role at this moment."""
        return self._clock.monotonic() < self._sure_until

    async def renew(self) -> bool:
        """Take the role or keep it; a tick calls this every few seconds.

        Returns:
            Whether this process holds it.
        """
        led = self.leads
        began = self._clock.monotonic()
        hold = partial(leadership.hold, role=ROLE, owner=self._owner, ttl=TTL)
        held = await self._store.write(hold)
        self._sure_until = began + TTL.total_seconds() if held else float("-inf")
        if held != led:
            log.info("This process %s", "sends from now on." if held else "does not send; another one leads.")
        return held

    async def release(self) -> None:
        """Give the role up, so that the next process need not wait for it to run out."""
        self._sure_until = float("-inf")
        await self._store.write(partial(leadership.release, role=ROLE, owner=self._owner))
