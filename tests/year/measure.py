"""A year in minutes: lived, judged, and told as a table."""

import resource
import sqlite3
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from prompts.catalogue import load
from tests.databases import sqlite_place
from tests.year.inline import inline_store
from tests.year.kinds import Kind
from tests.year.rounds import judge
from tests.year.tally import EXAMPLES, Look, Week, middle
from tests.year.town import Town

WEEKS: Final = 52

GOAL_SECONDS: Final = 120
"""What a check-in may take (the design's choice), and what a whole week should."""

TOP_SCREENS: Final = 10
"""Of how many screens the table tells how long they take."""

LAST_LOOKS: Final = frozenset({"gone"})
"""Where nobody is known any more; the text says how it begins anew."""


@dataclass(frozen=True)
class Year:
    """What a year came to.

    Attributes:
        couples: How many households lived it.
        wrong: What should not have been, and how often.
        examples: The first of those, in full.
        dead_ends: Screens without a way on.
        happened: How often what happened.
        weeks: What each person got and did in each week after their first.
        first_weeks: The same of each person's first week.
        bytes: Size of the database.
        bytes_of: The same by table, its indexes included.
        memory_mib: Most that a process held.
    """

    couples: int
    wrong: Counter[str]
    examples: list[str]
    dead_ends: list[Look]
    happened: Counter[str]
    weeks: list[Week]
    first_weeks: list[Week]
    bytes: int
    bytes_of: dict[str, int]
    memory_mib: float
    by_kind: dict[str, list[Week]] = field(default_factory=dict)


async def live(homes: Sequence[tuple[Kind, ...]], *, weeks: int = WEEKS, seed: int = 1) -> Year:
    """Let households live through so many weeks."""
    with tempfile.TemporaryDirectory() as folder:
        place = sqlite_place(Path(folder))
        async with inline_store(place) as store:
            town = Town(store, load("en"), homes, seed=seed)
            await town.live(weeks)
            await town.settle()
            now = town.clock.now()
            away = [(one.telegram_id, *span) for one in town.humans for span in one.away]
            away += [(one.telegram_id, one.unheard, now) for one in town.humans if one.unheard is not None]
            await store.read(partial(judge, tally=town.tally, away=away, now=now))
            await store.scrub()
        size, sizes = _sizes(Path(folder) / "data.db")
    tally = town.tally
    firsts: dict[int, int] = {}
    for human, number in sorted(tally.weeks):
        firsts.setdefault(human, number)
    by_kind: dict[str, list[Week]] = {}
    for (human, number), week in tally.weeks.items():
        if number > firsts[human] + 1:
            by_kind.setdefault(town.humans[human].kind.name, []).append(week)
    return Year(
        couples=len(homes),
        wrong=tally.wrong,
        examples=tally.examples,
        dead_ends=[look for look in tally.dead_ends() if look[0] not in LAST_LOOKS],
        happened=tally.happened,
        weeks=[week for some in by_kind.values() for week in some],
        first_weeks=[tally.weeks[human, number] for human, number in firsts.items()],
        bytes=size,
        bytes_of=sizes,
        memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        by_kind=by_kind,
    )


def together(years: Sequence[Year]) -> Year:
    """Several towns of the same year as one: lived each in a process of its own."""
    bytes_of: Counter[str] = Counter()
    by_kind: dict[str, list[Week]] = {}
    for year in years:
        bytes_of.update(year.bytes_of)
        for kind, weeks in year.by_kind.items():
            by_kind.setdefault(kind, []).extend(weeks)
    return Year(
        couples=sum(year.couples for year in years),
        wrong=sum((year.wrong for year in years), Counter()),
        examples=[example for year in years for example in year.examples][:EXAMPLES],
        dead_ends=[look for year in years for look in year.dead_ends],
        happened=sum((year.happened for year in years), Counter()),
        weeks=[week for year in years for week in year.weeks],
        first_weeks=[week for year in years for week in year.first_weeks],
        bytes=sum(year.bytes for year in years),
        bytes_of=dict(bytes_of),
        memory_mib=max(year.memory_mib for year in years),
        by_kind=by_kind,
    )


def _sizes(file: Path) -> tuple[int, dict[str, int]]:
    """The size of a database, and of each table with its indexes."""
    with closing(sqlite3.connect(file)) as connection:
        try:
            rows = connection.execute(
                "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name GROUP BY 1"
            ).fetchall()
        except sqlite3.OperationalError:  # a SQLite that was built without this table
            rows = []
    return file.stat().st_size, dict(rows)


def _by_screen(weeks: list[Week]) -> list[str]:
    """The screens that take longest: seconds in the mean of all weeks, and in those in which they come."""
    columns = "{:<46}{:>12}{:>12}".format
    came: defaultdict[str, list[float]] = defaultdict(list)
    for week in weeks:
        for screen, seconds in week.by_screen.items():
            came[screen].append(seconds)
    longest = sorted(came.items(), key=lambda one: -sum(one[1]))[:TOP_SCREENS]
    return [
        columns("where the time goes (parcels in brackets)", "a week", "if it comes"),
        *(
            columns(screen, f"{sum(seconds) / len(weeks):.1f}", f"{sum(seconds) / len(seconds):.1f}")
            for screen, seconds in longest
        ),
    ]


def table(year: Year) -> list[str]:
    """The lines that are printed and kept."""
    people = "{:<46}{:>12}{:>12}".format
    messages = [week.messages for week in year.weeks]
    lines = [
        people("a person's week, the first two left out", "median", "most"),
        people("messages", f"{middle(messages):.0f}", max(messages, default=0)),
        people("taps", f"{middle(week.taps for week in year.weeks):.0f}", max(week.taps for week in year.weeks)),
        people(
            "reading and tapping, seconds, every line anew",
            f"{middle(week.seconds for week in year.weeks):.0f}",
            f"{max(week.seconds for week in year.weeks):.0f}",
        ),
        people(
            "  of it the questions, up to the own picture",
            f"{middle(week.questions for week in year.weeks if week.questions):.0f}",
            f"{max(week.questions for week in year.weeks):.0f}",
        ),
        people(
            f"who knows what recurs (goal: under {GOAL_SECONDS})",
            f"{middle(week.practised for week in year.weeks):.0f}",
            f"{max(week.practised for week in year.weeks):.0f}",
        ),
        people(
            "looking around besides, seconds",
            f"{middle(week.elsewhere for week in year.weeks):.0f}",
            f"{max(week.elsewhere for week in year.weeks):.0f}",
        ),
        people("a first week: seconds", f"{middle(week.seconds for week in year.first_weeks):.0f}", ""),
        "",
        *_by_screen(year.weeks),
        "",
        people("by kind (medians, every line anew)", "seconds", "messages"),
        *(
            people(name, f"{middle(w.seconds for w in some):.0f}", f"{middle(w.messages for w in some):.0f}")
            for name, some in sorted(year.by_kind.items())
        ),
        "",
        *(f"{what:<46}{count:>12}" for what, count in sorted(year.happened.items())),
        "",
        f"{'wrong, of any kind':<46}{sum(year.wrong.values()):>12}",
        *(f"  {what:<44}{count:>12}" for what, count in sorted(year.wrong.items())),
        f"{'dead ends':<46}{len(year.dead_ends):>12}",
        f"{'database, bytes a couple':<46}{year.bytes // year.couples:>12,}",
        *(
            f"  {name:<44}{size // year.couples:>12,}"
            for name, size in sorted(year.bytes_of.items(), key=lambda one: -one[1])
        ),
        f"{'memory, MiB':<46}{year.memory_mib:>12.0f}",
    ]
    return [line.rstrip() for line in lines]
