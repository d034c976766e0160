"""Kinds of people, and the households in which they live. To try out another kind, add a line to each table."""

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How somebody goes about it. Chances are 0 to 1.

    Attributes:
        name: For the table.
        answers: Chance to come after a nudge or a reminder.
        comes: Chance to come in a week without being asked.
        delay_hours: Median time between a nudge and the answer to it.
        finishes: Chance not to pause in the middle of the questions.
        skips: Chance to skip a statement.
        shows: How likely are: words, sizes, nothing, and not choosing at all.
        guesses: Chance to guess the partner's answers.
        thanks: Chance to say thanks at a visit.
        talks: Chance to offer a talk at a visit; whoever is offered one takes it up as they take up a nudge.
        looks_back: Chance to look at how the circles moved.
        wanders: Mean number of further taps, anywhere, at the end of a visit.
        reads_parcels: Chance to tap something under a comparison, a starter or the neutral message.
        typed: Chance to type a text that nobody asked for, at a visit.
        tells_zone: Whether they say where their clock is.
        hurried: Whether they tap without reading.
        text_only: Whether they switch the pictures off.
        alone: Whether they never invite anybody.
        weekly: Chance in a week of each of: travel, slot, quiet, pause, leave, block, delete.
        away_weeks: How long they stay away after blocking or deleting.
    """

    name: str
    answers: float = 0.9
    comes: float = 0.1
    delay_hours: float = 3.0
    finishes: float = 0.95
    skips: float = 0.03
    shows: tuple[float, float, float, float] = (0.7, 0.2, 0.05, 0.05)
    guesses: float = 0.3
    thanks: float = 0.15
    talks: float = 0.08
    looks_back: float = 0.1
    wanders: float = 1.0
    reads_parcels: float = 0.4
    typed: float = 0.02
    tells_zone: bool = True
    hurried: bool = False
    text_only: bool = False
    alone: bool = False
    weekly: tuple[tuple[str, float], ...] = ()
    away_weeks: int = 3


EAGER: Final = Kind(name="eager", answers=1.0, comes=0.2, delay_hours=0.3, shows=(1, 0, 0, 0), guesses=0.6, wanders=1.5)
LAZY: Final = Kind(name="lazy", answers=0.4, comes=0.0, delay_hours=20, finishes=0.7, shows=(0.4, 0.2, 0.1, 0.3))
SILENT: Final = Kind(name="silent", answers=0.03, comes=0.0, shows=(0, 0, 0, 1), wanders=0, reads_parcels=0.05)
PRIVATE: Final = Kind(name="private", shows=(0, 0.05, 0.65, 0.3))
SIZES: Final = Kind(name="sizes only", shows=(0, 1, 0, 0), guesses=0)
TRAVELLER: Final = Kind(name="travelling", weekly=(("travel", 0.35),))
MOVER: Final = Kind(name="changing settings", weekly=(("slot", 0.3), ("quiet", 0.2), ("travel", 0.05)))
PAUSER: Final = Kind(name="pausing", weekly=(("pause", 0.2),))
LEAVER: Final = Kind(name="leaving, coming back", weekly=(("leave", 0.06),))
BLOCKER: Final = Kind(name="blocking the bot", weekly=(("block", 0.08),))
DELETER: Final = Kind(name="deleting everything", weekly=(("delete", 0.04),))
TEXTER: Final = Kind(name="text only", text_only=True)
HURRIED: Final = Kind(name="hurried", hurried=True, delay_hours=0.1)
NOWHERE: Final = Kind(name="no zone told", tells_zone=False, comes=0.5)
CURIOUS: Final = Kind(name="tapping everything", wanders=5, comes=0.3, typed=0.3, shows=(0.5, 0.2, 0.2, 0.1))
ALONE: Final = Kind(name="alone", alone=True, wanders=2)

HOUSEHOLDS: Final[tuple[tuple[tuple[Kind, ...], int], ...]] = (
    ((EAGER, LAZY), 10),
    ((TRAVELLER, MOVER), 6),
    ((PAUSER, EAGER), 6),
    ((LEAVER, EAGER), 6),
    ((BLOCKER, EAGER), 6),
    ((DELETER, CURIOUS), 5),
    ((ALONE,), 6),
    ((TEXTER, SIZES), 5),
    ((EAGER, SILENT), 6),
    ((CURIOUS, HURRIED), 4),
    ((EAGER, EAGER), 10),
    ((LAZY, LAZY), 8),
    ((PRIVATE, EAGER), 5),
    ((SIZES, EAGER), 5),
    ((TRAVELLER, TRAVELLER), 4),
    ((NOWHERE, EAGER), 3),
    ((replace(CURIOUS, name="alone, tapping everything", alone=True),), 2),
    ((LEAVER, BLOCKER), 3),
)
"""Who lives together, and how often."""


def households(number: int) -> list[tuple[Kind, ...]]:
    """So many households, in the proportions of the table: the first of each kind before the second of any."""
    taken = [0] * len(HOUSEHOLDS)
    found: list[tuple[Kind, ...]] = []
    for _ in range(number):
        # Whose share is least filled comes next, so that it takes no chance.
        place = min(range(len(HOUSEHOLDS)), key=lambda at: (taken[at] / HOUSEHOLDS[at][1], at))
        taken[place] += 1
        found.append(HOUSEHOLDS[place][0])
    return found
