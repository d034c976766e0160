"""People who accept, withdraw and leave at the same moment, through the real scenes; what must hold afterwards."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import func, select

from bot.scenes import pairing
from bot.scenes.keyboard import mark
from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import House, Scene, Turn, Visitor
from prompts.catalogue import Catalogue, load
from storage import couples, invites, people
from storage.records import Person
from storage.store import Store, Tx
from storage.tables import couple, invite, seat
from tests.contract.people import NOW

TRIES = 3
"""As often as the program tries an update whose unit of work fails."""

HOUSE = House("a_bot", open_to_everyone=True)
VISITOR = Visitor("Somebody", "en")


@cache
def words() -> Catalogue:
    """The words never change."""
    return load("en")


@dataclass
class Arena:
    """A store, and people who have just come in."""

    store: Store
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def newcomer(self) -> Person:
        """Somebody who is 18 or over, in no pair."""
        number = next(self._numbers)

        def unit(tx: Tx) -> Person:
            person = people.add(tx, telegram_id=number, language="en", now=NOW)
            people.change(tx, person.id, adult_at=NOW)
            return people.get(tx, person.id)

        return await self.store.write(unit)

    async def invitation(self, person: Person) -> str:
        """The link's code of a new invitation."""
        return await self.store.write(
            lambda tx: invites.codes(tx, invites.add(tx, inviter_id=person.id, name="Kim", now=NOW)).link
        )

    async def act(self, person: Person, scene: Scene, tap: Tap) -> Screen | None:
        """Tap something, as the program handles it: a unit that fails is tried again; None when it is given up."""

        def unit(tx: Tx) -> Screen:
            fresh = people.get(tx, person.id)
            return scene(Turn(fresh, NOW, words(), HOUSE, tap, visitor=VISITOR, place=tap), tx)

        for _ in range(TRIES):
            try:
                return await self.store.write(unit)
            except Exception:  # noqa: BLE001, S112 -- whatever a scene raises, the update is tried again
                continue
        return None

    async def accept(self, person: Person, code: str) -> Screen | None:
        """Accept an invitation."""
        return await self.act(person, pairing.join_name, Tap("join.name", (code,)))

    async def leave(self, person: Person) -> Screen | None:
        """Leave whatever pair there is."""
        found = await self.store.read(lambda tx: couples.of(tx, person.id))
        args = () if found is None else (mark(found.created_at),)
        return await self.act(person, pairing.left, Tap("leave.yes", args))

    async def withdraw(self, person: Person) -> Screen | None:
        """Withdraw the open invitation."""
        return await self.act(person, pairing.withdraw, Tap("invite.withdraw", (mark(NOW),)))

    async def pairs(self, *those: Person) -> list[frozenset[int]]:
        """Who sits together, of these people."""
        numbers = [person.id for person in those]

        def look(tx: Tx) -> list[frozenset[int]]:
            ours = select(seat.c.couple_id).where(seat.c.person_id.in_(numbers))
            rows = tx.connection.execute(select(seat.c.couple_id, seat.c.person_id).where(seat.c.couple_id.in_(ours)))
            together: dict[int, set[int]] = {}
            for row in rows:
                together.setdefault(row.couple_id, set()).add(row.person_id)
            return [frozenset(members) for members in together.values()]

        return await self.store.read(look)


async def two_people_one_code(arena: Arena) -> bool:
    """Two accept one invitation at the same moment: exactly one of them is in the pair."""
    kim, alex, noor = [await arena.newcomer() for _ in range(3)]
    code = await arena.invitation(kim)
    screens = await asyncio.gather(arena.accept(alex, code), arena.accept(noor, code))
    pairs = await arena.pairs(kim, alex, noor)
    return None not in screens and pairs in ([{kim.id, alex.id}], [{kim.id, noor.id}])


async def two_codes_one_person(arena: Arena) -> bool:
    """Somebody accepts two invitations at the same moment: exactly one pair forms."""
    kim, alex, noor = [await arena.newcomer() for _ in range(3)]
    codes = [await arena.invitation(kim), await arena.invitation(alex)]
    screens = await asyncio.gather(*(arena.accept(noor, code) for code in codes))
    pairs = await arena.pairs(kim, alex, noor)
    return None not in screens and pairs in ([{kim.id, noor.id}], [{alex.id, noor.id}])


async def each_the_others_code(arena: Arena) -> bool:
    """Two who invited each other accept at the same moment: one pair, and no invitation is left open."""
    kim, alex = await arena.newcomer(), await arena.newcomer()
    theirs = [await arena.invitation(kim), await arena.invitation(alex)]
    screens = await asyncio.gather(arena.accept(alex, theirs[0]), arena.accept(kim, theirs[1]))
    left_open = [await arena.store.read(lambda tx, who=who: invites.open_of(tx, who.id, NOW)) for who in (kim, alex)]
    return None not in screens and await arena.pairs(kim, alex) == [{kim.id, alex.id}] and left_open == [None, None]


async def leaving_while_joining(arena: Arena) -> bool:
    """Who leaves while the other joins is out, or was not in yet; nobody sits with somebody they did not choose."""
    kim, alex = await arena.newcomer(), await arena.newcomer()
    code = await arena.invitation(kim)
    screens = await asyncio.gather(arena.accept(alex, code), arena.leave(kim))
    pairs = await arena.pairs(kim, alex)
    return None not in screens and pairs in ([{kim.id, alex.id}], [{alex.id, None}])


async def withdrawing_while_joining(arena: Arena) -> bool:
    """A withdrawn invitation pairs nobody, and one that was accepted cannot be withdrawn any more."""
    kim, alex = await arena.newcomer(), await arena.newcomer()
    code = await arena.invitation(kim)
    screens = await asyncio.gather(arena.accept(alex, code), arena.withdraw(kim))
    found = await arena.store.read(lambda tx: invites.find(tx, code))
    claimed = found is not None and found.claimed_at is not None and found.withdrawn_at is None
    withdrawn = found is not None and found.claimed_at is None and found.withdrawn_at is not None
    pairs = await arena.pairs(kim, alex)
    return None not in screens and ((claimed and pairs == [{kim.id, alex.id}]) or (withdrawn and pairs == []))


async def inviter_joins_another(arena: Arena) -> bool:
    """Whoever accepts elsewhere while their own invitation is accepted is in one pair, and nobody is in two."""
    kim, alex, noor = [await arena.newcomer() for _ in range(3)]
    kims, noors = await arena.invitation(kim), await arena.invitation(noor)
    screens = await asyncio.gather(arena.accept(alex, kims), arena.accept(kim, noors))
    pairs = await arena.pairs(kim, alex, noor)
    return None not in screens and pairs in ([{kim.id, alex.id}], [{kim.id, noor.id}])


RACES: tuple[Callable[[Arena], Awaitable[bool]], ...] = (
    two_people_one_code,
    two_codes_one_person,
    each_the_others_code,
    leaving_while_joining,
    withdrawing_while_joining,
    inviter_joins_another,
)


async def left_over(store: Store) -> int:
    """Invitations that were used up without a pair, and pairs without an invitation: none, however the races went."""

    def look(tx: Tx) -> int:
        used = tx.connection.execute(select(func.count()).where(invite.c.claimed_at.is_not(None))).scalar_one()
        made = tx.connection.execute(select(func.count()).select_from(couple)).scalar_one()
        return abs(used - made)

    return await store.read(look)
