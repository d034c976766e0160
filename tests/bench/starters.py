"""`python -m tests.bench.starters`: does anybody get a starter twice in a year? SCALE=2 asks twice as many couples.

Couples live through years of rounds as bot/scenes would lead them: a comparison or the message that there is none,
and a starter midweek. Their states wander; how often they show something, and whether in words, is their habit.
"""

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial

from bot.dance.couple import pair_of
from bot.dance.patterns import State, Wording
from bot.dance.starters import NEUTRAL, YEAR, Choice, StarterKind, choose_joint, choose_neutral, choose_own
from bot.delivery.planner import SILENT_ROUNDS
from bot.scenes.reveal import FRESH_COMPARISON
from bot.scenes.starter import DEEPEST, kinds
from prompts.catalogue import load

SCALE = float(os.environ.get("SCALE", "1"))
COUPLES = max(10, round(10_000 * SCALE))
YEARS = 2
"""So that what comes again after a year is seen, too."""
SEED = 20_261_122

FRESH_WEEKS = FRESH_COMPARISON.days // 7
STAYS = 0.6
"""Chance that a state lasts another week; else one of the two circles grows or shrinks."""
UNCLEAR = 0.15
"""Chance that a week has no word."""
PUT_OFF = 0.2
"""Chance of "not now" to a starter of one's own."""
FIRST_WEEK = 2_900
"""About when this was written, on the diaries' count of calendar weeks."""

NEIGHBOURS = {
    State.INTEGRATED: (State.ENGULFED, State.ISOLATED),
    State.ENGULFED: (State.INTEGRATED, State.ADRIFT),
    State.ISOLATED: (State.INTEGRATED, State.ADRIFT),
    State.ADRIFT: (State.ENGULFED, State.ISOLATED),
}


@dataclass(frozen=True, slots=True)
class Habit:
    """How a couple goes about it.

    Attributes:
        name: For the table.
        opens: Chance that a round ends with a comparison; the last one before the pair would close always does.
        words: Chance that both show words, and not only sizes.
        wanders: Whether their states change.
    """

    name: str
    opens: float
    words: float
    wanders: bool = True


HABITS = (
    Habit("words every week", 1.0, 1.0),
    Habit("words every week, always the same pair", 1.0, 1.0, wanders=False),
    Habit("words most weeks", 0.8, 0.9),
    Habit("sizes every week", 1.0, 0.0),
    Habit("sizes in every other week", 0.5, 0.0),
    Habit("now and then", 0.35, 0.5),
    Habit("only so that the pair stays open", 0.0, 0.5),
)


@dataclass(frozen=True, slots=True)
class Given:
    """One starter that came: in which week, chosen how, and for which pair of states."""

    week: int
    choice: Choice
    pair: str | None


@dataclass(slots=True)
class Tally:
    """What was seen of many years.

    Attributes:
        starters: How many came.
        empty: Weeks in which none came.
        again: Starters that had come less than a year before.
        untrue: Starters whose line of reason was not true.
        reasons: How often each reason was given.
    """

    starters: int = 0
    empty: int = 0
    again: int = 0
    untrue: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> "Tally":
        """Return both together."""
        return Tally(
            self.starters + other.starters,
            self.empty + other.empty,
            self.again + other.again,
            self.untrue + other.untrue,
            self.reasons + other.reasons,
        )


@cache
def pool() -> tuple[StarterKind, ...]:
    """The starters of the language that comes with the bot."""
    return kinds(load("en"))


@cache
def _pairs() -> dict[str, str]:
    return {kind.id: kind.pair for kind in pool()}


class Person:
    """Somebody whose state of mind wanders."""

    def __init__(self, chance: random.Random, *, wanders: bool) -> None:
        self.chance = chance
        self.wanders = wanders
        self.state = chance.choice(list(State))

    def next_week(self) -> Wording:
        """Live a week, and return what may be said of it."""
        if self.wanders and self.chance.random() > STAYS:
            self.state = self.chance.choice(NEIGHBOURS[self.state])
        if self.wanders and self.chance.random() < UNCLEAR:
            return Wording("unclear", ())
        return Wording("named", (self.state,))


def couple(seed: int, habit: Habit, weeks: int) -> Iterator[Given]:
    """What a couple receives, in order."""
    chance = random.Random(seed)  # noqa: S311 (a simulation)
    people = [Person(chance, wanders=habit.wanders) for _ in range(2)]
    used: dict[str, int] = {}
    opened = silent = 0
    shown: tuple[int, str | None] = (-YEAR, None)
    begins = FIRST_WEEK + chance.randrange(200)

    def joint(week: int, pair: str | None) -> Given:
        choice = choose_joint(pool(), pair=pair, used=used, week=week, depth_allowed=min(opened, DEEPEST), seed=seed)
        used[choice.id] = week
        return Given(week, choice, pair)

    for week in range(begins, begins + weeks):
        first, second = (person.next_week() for person in people)
        if chance.random() < habit.opens or silent == SILENT_ROUNDS - 1:
            pair = pair_of(first, second) if chance.random() < habit.words else None
            yield joint(week, pair)
            opened, silent, shown = opened + 1, 0, (week, pair)
        else:
            silent += 1
            message = choose_neutral(pool(), week)
            used[message.id] = week
            yield Given(week, message, None)
        yield joint(week, shown[1] if week - shown[0] <= FRESH_WEEKS else None)


def alone(seed: int, weeks: int) -> Iterator[Given]:
    """What one person receives who asks for a starter once a week."""
    chance = random.Random(seed)  # noqa: S311 (a simulation)
    person = Person(chance, wanders=True)
    used: dict[str, int] = {}
    refused: set[str] = set()
    for week in range(FIRST_WEEK, FIRST_WEEK + weeks):
        states = person.next_week().states
        choice = choose_own(
            pool(), states=states, used=used, refused=refused, week=week, depth_allowed=DEEPEST, seed=seed
        )
        used[choice.id] = week
        if chance.random() < PUT_OFF:
            refused.add(choice.id)
        yield Given(week, choice, "+".join(state.value.capitalize() for state in states))


def tally(given: Iterable[Given], weeks: int) -> Tally:
    """Count what came, and what should not have."""
    seen: dict[str, int] = {}
    found = Tally()
    full = set()
    for one in given:
        full.add(one.week)
        found.starters += 1
        found.reasons[one.choice.reason] += 1
        found.untrue += not _is_true(one)
        found.again += one.week - seen.get(one.choice.id, -YEAR) < YEAR
        seen[one.choice.id] = one.week
    found.empty = weeks - len(full)
    return found


def _is_true(given: Given) -> bool:
    """Whether the reason is what it says: for the pair, for one that shares a state, for one's state, for anybody."""
    tag, states = _pairs()[given.choice.id], set((given.pair or "").split("+"))
    match given.choice.reason:
        case "pair":
            return tag == given.pair
        case "neighbour":
            return tag != given.pair and bool(states & set(tag.split("+")))
        case "state":
            return tag.removeprefix("own:") in states
        case "neutral":
            return tag in {NEUTRAL, "own"}


def couples(habit: Habit, seeds: Sequence[int], weeks: int) -> Tally:
    """Many couples of one habit."""
    found = Tally()
    for seed in seeds:
        found = found.add(tally(couple(seed, habit, weeks), weeks))
    return found


def singles(seeds: Sequence[int], weeks: int) -> Tally:
    """Many people alone."""
    found = Tally()
    for seed in seeds:
        found = found.add(tally(alone(seed, weeks), weeks))
    return found


def main() -> int:
    """Print the table; return 1 when something came twice in a year, not at all, or for an untrue reason."""
    began = time.monotonic()
    weeks = YEARS * YEAR
    each = max(1, COUPLES // (len(HABITS) + 1))
    failed = False
    parts = [range(SEED + at, SEED + min(at + 50, each)) for at in range(0, each, 50)]
    print(f"Starters: {each} couples or people of each habit, {weeks} weeks, {len(pool())} starters")
    print(f"{'habit':<40}{'starters':>10}{'empty weeks':>13}{'twice a year':>14}{'untrue':>8}  reasons")
    with ProcessPoolExecutor() as workers:
        for habit in (*HABITS, None):
            run = partial(singles, weeks=weeks) if habit is None else partial(couples, habit, weeks=weeks)
            found = Tally()
            for part in workers.map(run, parts):
                found = found.add(part)
            failed |= bool(found.again or found.empty or found.untrue)
            total = sum(found.reasons.values())
            reasons = ", ".join(f"{name} {count / total:.0%}" for name, count in found.reasons.most_common())
            name = habit.name if habit else "one person, once a week"
            print(f"{name:<40}{found.starters:>10}{found.empty:>13}{found.again:>14}{found.untrue:>8}  {reasons}")
    print(f"{time.monotonic() - began:.0f} s")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
