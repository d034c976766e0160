"""Choosing something good to talk or think about: deterministic, and none twice in a year while another fits.

The pool has two halves that never meet. The joint half is tagged with a pair of states ("Engulfed+Isolated") or
"neutral"; the own half with "own", or "own:Engulfed" where it fits one state. What a couple gets depends on the joint
half alone, so that it can never tell one partner how the other is.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from typing import Final, Literal

from bot.dance.patterns import State

YEAR: Final = 52  # weeks
DEPTHS: Final = ("light", "warm", "deep")  # a starter's depth is its place here
NEUTRAL: Final = "neutral"
OWN: Final = "own"
NEVER: Final = -1  # sorts before every week

Reason = Literal["pair", "neighbour", "state", "neutral"]


@dataclass(frozen=True, slots=True)
class StarterKind:
    """What choosing needs to know of a starter.

    Attributes:
        id: Its id in the catalogue.
        pair: "Engulfed+Isolated" and the like, "neutral", "own" or "own:Engulfed" and the like.
        depth: Place in `DEPTHS`: 0 light, 1 warm, 2 deep.
    """

    id: str
    pair: str
    depth: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A starter and why this one.

    Attributes:
        id: Its id.
        reason: It fits the pair, a neighbouring pair, one's own state, or anybody.
    """

    id: str
    reason: Reason


def choose_joint(
    pool: Sequence[StarterKind],
    *,
    pair: str | None,
    used: Mapping[str, int],
    week: int,
    depth_allowed: int,
    seed: int = 0,
) -> Choice:
    """Return a starter for two.

    The fitting pair comes first, then pairs that share one state with it, then neutral ones, last of all those whose
    turn in a week without a comparison comes within a year; each ring only with what was not used within 52 weeks.
    When all of them were, the longest unused of all rings is taken.

    Args:
        pool: Everything there is; the own half is left alone.
        pair: The pair of states in a comparison that both saw, or None: then only neutral ones fit.
        used: Week in which each was last used.
        week: The present week, on the same count.
        depth_allowed: Highest depth that may be chosen.
        seed: Breaks ties, so that couples do not all get the same; the same for both of a couple.

    Raises:
        ValueError: Nothing in the pool fits.
    """
    joint = [kind for kind in pool if not kind.pair.startswith(OWN) and kind.depth <= depth_allowed]
    states = set(pair.split("+")) if pair else set()
    neighbours = {tag for tag in {kind.pair for kind in joint} - {pair} if states & set(tag.split("+"))}
    soon = {kind.id for kind in _in_turn(pool, range(week, week + YEAR))}
    rings: list[tuple[Reason, list[StarterKind]]] = [
        ("pair", [kind for kind in joint if kind.pair == pair]),
        ("neighbour", [kind for kind in joint if kind.pair in neighbours]),
        ("neutral", [kind for kind in joint if kind.pair == NEUTRAL and kind.id not in soon]),
        ("neutral", [kind for kind in joint if kind.pair == NEUTRAL and kind.id in soon]),
    ]
    return _first_fresh(rings, used=used, week=week, seed=seed)


def choose_own(
    pool: Sequence[StarterKind],
    *,
    states: Collection[State],
    used: Mapping[str, int],
    refused: Collection[str] = (),
    week: int,
    depth_allowed: int,
    seed: int = 0,
) -> Choice:
    """Return a starter for one person.

    Those for one's own states come first, then those for anybody, then in the same order those once put off with
    "not now"; each ring only with what was not used within 52 weeks, and the longest unused when all were.

    Args:
        pool: Everything there is; the joint half is left alone.
        states: The person's own state or states as worded, none when unclear.
        used: Week in which each was last used.
        refused: Ids that the person put off.
        week: The present week, on the same count.
        depth_allowed: Highest depth that may be chosen.
        seed: Breaks ties.

    Raises:
        ValueError: Nothing in the pool fits.
    """
    fitting = {f"{OWN}:{state.value.capitalize()}" for state in states}
    own = [kind for kind in pool if kind.depth <= depth_allowed and kind.pair in {OWN, *fitting}]
    rings: list[tuple[Reason, list[StarterKind]]] = []
    for put_off in (False, True):
        offered = [kind for kind in own if (kind.id in refused) is put_off]
        rings.append(("state", [kind for kind in offered if kind.pair in fitting]))
        rings.append(("neutral", [kind for kind in offered if kind.pair == OWN]))
    return _first_fresh(rings, used=used, week=week, seed=seed)


def choose_neutral(pool: Sequence[StarterKind], week: int) -> Choice:
    """Return the neutral starter of a week, the same for everybody: they take turns in the pool's order.

    Raises:
        ValueError: There is no neutral starter.
    """
    turn = _in_turn(pool, range(week, week + 1))
    if not turn:
        raise ValueError("The pool holds no neutral starter.")
    return Choice(turn[0].id, "neutral")


def _in_turn(pool: Sequence[StarterKind], weeks: Iterable[int]) -> list[StarterKind]:
    """Return the neutral starters whose turn comes in some weeks; none if the pool holds none."""
    neutral = [kind for kind in pool if kind.pair == NEUTRAL]
    return [neutral[week % len(neutral)] for week in weeks] if neutral else []


def choose_thought(ids: Sequence[str], used: Mapping[str, int], week: int, seed: int = 0) -> str | None:
    """Return the thought of a check-in: one never used, else the longest unused; None if all came within 52 weeks.

    52 thoughts last a year of one a week. Somebody may end more check-ins than that, as after pairing anew.

    Args:
        ids: All thoughts.
        used: Week in which each was last used.
        week: The present week, which with the seed breaks ties.
        seed: Makes people differ.

    Raises:
        ValueError: There is no thought.
    """
    if not ids:
        raise ValueError("There is no thought to choose from.")
    fresh = [thought for thought in ids if thought not in used or week - used[thought] >= YEAR]
    return min(fresh, key=lambda one: (used.get(one, NEVER), _shuffled(f"{seed}:{week}", one)), default=None)


def _first_fresh(
    rings: Iterable[tuple[Reason, list[StarterKind]]], *, used: Mapping[str, int], week: int, seed: int
) -> Choice:
    """Return the best of the first ring that holds something fresh, else the longest unused of all rings."""
    filled = [(reason, ring) for reason, ring in rings if ring]
    if not filled:
        raise ValueError("The pool holds no starter that fits.")
    rank = _ranking(used, seed)
    for reason, ring in filled:
        fresh = [kind for kind in ring if kind.id not in used or week - used[kind.id] >= YEAR]
        if fresh:
            return Choice(min(fresh, key=rank).id, reason)
    every = chain.from_iterable(((kind, reason) for kind in ring) for reason, ring in filled)
    oldest, reason = min(every, key=lambda entry: rank(entry[0]))
    return Choice(oldest.id, reason)


def _ranking(used: Mapping[str, int], seed: int) -> Callable[[StarterKind], tuple[int, bytes]]:
    """Order starters by how long they were unused, equal ones by a shuffle of the seed."""
    return lambda kind: (used.get(kind.id, NEVER), _shuffled(str(seed), kind.id))


def _shuffled(seed: str, name: str) -> bytes:
    """Return a number-like value that looks random and is the same on every machine and run."""
    return blake2b(f"{seed}:{name}".encode(), digest_size=8).digest()
