"""A siege of the town: hostile updates one after the other, and what is wrong with any of them."""

import time
import traceback
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

from storage import keys, tables
from tests.care.hostile import effects
from tests.care.hostile.effects import Effect, Standing
from tests.care.hostile.forge import Forge, Forged
from tests.care.hostile.house import House, Outcome, refused
from tests.care.hostile.silences import MAY_BE, UNSOUND
from tests.care.hostile.town import Town, town
from tests.driver import THINKING

ROUND = 150
"""Updates after which the town is what it was: in ruins there is little to attack."""

DELIVERED_EVERY = 10
"""Updates after which the outbox is opened, so that hostile words reach partners, too."""

STRANGERS: Final = tuple(range(6_000_000_000, 6_000_000_020))
"""Telegram's numbers of people whom nobody in the town knows."""


@dataclass(slots=True)
class Report:
    """What came of a siege.

    Attributes:
        number: How many updates.
        seconds: How long it took.
        kinds: How many of each kind.
        silences: How many were not answered, by kind and silence.
        exceptions: Updates that raised, with where.
        effects: Updates that touched anybody else.
        unanswered: Updates that met a silence which is not theirs.
        refused: Screens that Telegram would not take.
    """

    number: int = 0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    silences: Counter[tuple[str, str]] = field(default_factory=Counter)
    exceptions: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """All that is wrong."""
        return [*self.exceptions, *self.effects, *self.unanswered, *self.refused]


class Siege:
    """Updates against one house."""

    def __init__(self, seed: int, *, strangers: bool = False) -> None:
        """Stand before the town.

        Args:
            seed: Of all chance.
            strangers: Whether only people attack who are new here, and hold no invitation.
        """
        self.report = Report()
        self._town: Town = town()
        self._house = House(self._town.now)
        against = without_invitations(self._town) if strangers else self._town
        self._forge = Forge(against, seed, STRANGERS if strangers else ())
        self._seed = seed

    def go_on(self, number: int) -> Report:
        """Send so many updates; the town is as it was before."""
        began = time.perf_counter()
        for each in range(number):
            if each % ROUND == 0:
                self._begin_again()
            self._attack(self._forge.next())
            if each % DELIVERED_EVERY == DELIVERED_EVERY - 1:
                self._deliver()
        self.report.seconds += time.perf_counter() - began
        return self.report

    def _begin_again(self) -> None:
        self._house.put_back(self._town.now, self._town.data, self._town.keys, self._town.master)
        self._forge.forget()
        self._look_around()

    def _look_around(self) -> None:
        """Remember whose rows are whose."""
        raw = self._house.data.raw
        self._numbers: dict[object, set[int]] = {}
        for number, telegram_id in raw.execute("SELECT id, telegram_id FROM person"):
            self._numbers.setdefault(telegram_id, set()).add(number)
        self._seats = raw.execute("SELECT couple_id, person_id FROM seat").fetchall()

    def _attack(self, forged: Forged) -> None:
        report = self.report
        report.number += 1
        report.kinds[forged.kind] += 1
        self._house.clock.advance(THINKING)
        outcome: Outcome | None = None
        try:
            letter = self._house.take_in(forged.update)
            outcome = Outcome("twice") if letter is None else self._house.handle(sound=forged.kind not in UNSOUND)
        except Exception:  # noqa: BLE001 -- whatever it is, is what is looked for
            self._note(report.exceptions, forged, traceback.format_exc(limit=-4))
            self._begin_again()
            return
        found = [*effects.taken(self._house.data.raw), *effects.taken(self._house.key_store.raw)]
        wrong = self._on_others(forged, letter or 0, found)
        if wrong:
            self._note(report.effects, forged, f"{wrong}")
        if outcome.wrong:
            self._note(report.refused, forged, f"{outcome.wrong} {outcome.screen}")
        if outcome.silence is not None:
            report.silences[forged.kind, outcome.silence] += 1
            if outcome.silence not in MAY_BE.get(forged.kind, ()):
                self._note(report.unanswered, forged, outcome.silence)
        elif forged.kind in MAY_BE and forged.kind not in UNSOUND | {"again"}:
            self._note(report.unanswered, forged, f"answered: {outcome.screen}")

    def _on_others(self, forged: Forged, letter: int, found: list[Effect]) -> list[Effect]:
        if all(each.table == "inbox" and each.owner == letter for each in found):
            return []
        actor = forged.actor if forged.actor is not None else self._named(forged)
        own, seats = set(self._numbers.get(actor, ())), self._seats
        if any(each.table in {"person", "seat"} for each in found):
            self._look_around()
        # Whoever is new and deletes everything with their first tap comes and goes in one update.
        came, went = (
            {one.owner for one in found if (one.table, one.move) == ("person", how)} for how in ("insert", "delete")
        )
        own |= self._numbers.get(actor, set()) | {number for number in came & went if number is not None}
        seats = [*seats, *self._seats]
        couples = {couple for couple, person in seats if person in own}
        partners = {person for couple, person in seats if couple in couples and person is not None} - own
        return effects.on_others(found, Standing(letter, frozenset(own), frozenset(couples), frozenset(partners)))

    def _named(self, forged: Forged) -> object:
        """Whom a misshapen update calls its sender: it may touch nobody else."""
        for part in forged.update.values():
            if isinstance(part, dict) and isinstance(part.get("from"), dict):
                number = part["from"].get("id")
                return number if isinstance(number, int) else None
        return None

    def _deliver(self) -> None:
        for _, screen in self._house.deliver():
            wrong = refused(screen)
            if wrong:
                self.report.refused.append(f"seed {self._seed}: a parcel: {wrong} {screen}")
        effects.taken(self._house.data.raw)

    def _note(self, where: list[str], forged: Forged, what: str) -> None:
        where.append(f"seed {self._seed}, number {self.report.number}, {forged.kind}: {forged.update!a}\n{what}")

    def rows_lost(self) -> list[tuple[str, tuple[object, ...]]]:
        """Rows of the town that are not there any more as they were, byte for byte, since the last round began."""
        house = House(self._town.now)
        house.put_back(self._town.now, self._town.data, self._town.keys, self._town.master)
        return sorted(_rows(house) - _rows(self._house), key=repr)


def without_invitations(whole: Town) -> Town:
    """A town of which nobody passed a code on."""
    people = tuple(
        replace(one, data=tuple(data for data in one.data if not data.startswith("v1:join"))) for one in whole.people
    )
    return replace(whole, people=people, codes=("x" * 22,))


def _rows(house: House) -> set[tuple[str, tuple[object, ...]]]:
    kept = ((house.data.raw, tables.metadata), (house.key_store.raw, keys.metadata))
    return {
        (table.name, tuple(row))
        for raw, metadata in kept
        for table in metadata.sorted_tables
        if table.name != "inbox"
        for row in raw.execute(f"SELECT * FROM {table.name}")  # noqa: S608 -- our own names
    }
