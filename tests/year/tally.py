"""What is counted while a year goes by: what people got and did, and everything that should not have been."""

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from bot.dance import rhythm
from bot.dance.starters import OWN
from bot.scenes import diaries
from bot.scenes.screen import Screen
from prompts.catalogue import Catalogue
from storage.records import Parcel, Person
from tests.year.phone import TAP_SECONDS, Reader, reading_seconds

YEAR: Final = 52
"""Weeks within which nothing comes twice."""

EXAMPLES: Final = 12
"""How many mistakes are told in full."""

BOLD: Final = re.compile(r"<b>(.*?)</b>", re.DOTALL)
THOUGHT: Final = "A thought: "
GIVEN: Final = frozenset({"comparison", "silence", "midweek"})
"""Parcels that bring a starter."""

QUESTIONS: Final = frozenset(
    {"checkin", "walk.begin", "walk.answer", "walk.back", "walk.wish", "walk.odd", "walk.keep", "walk.again", "walk"}
)
"""Taps of which a check-in consists."""

Look = tuple[str, frozenset[str]]
"""How a screen looks to whoever wants to leave it: its place, and the kinds of its buttons."""


@dataclass(slots=True)
class Week:
    """What one person got and did in one week.

    Attributes:
        messages: New messages.
        taps: Taps and typed words.
        seconds: Reading and tapping for what they came for: questions, picture, what to show, and what came by itself,
            every line as if it were new.
        practised: The same for somebody who knows what recurs (`tests.year.phone.Reader`).
        questions: The part of it that the check-in itself takes, up to the own picture.
        elsewhere: Reading and tapping out of curiosity.
        by_screen: The seconds again, by the screen that was read: its place, or the kind of its parcel.
    """

    messages: int = 0
    taps: int = 0
    seconds: float = 0.0
    practised: float = 0.0
    questions: float = 0.0
    elsewhere: float = 0.0
    by_screen: dict[str, float] = field(default_factory=dict)

    def spend(self, seconds: float, screen: str) -> None:
        """Count the seconds that a screen took of whoever came for it."""
        self.seconds += seconds
        self.by_screen[screen] = self.by_screen.get(screen, 0.0) + seconds


@dataclass(frozen=True, slots=True)
class Step:
    """One tap and its screen.

    Attributes:
        after: The kind of the tap, or what was typed.
        screen: The screen that answers.
        before: The screen that was there.
        new: Whether it is a new message.
        curious: Whether it was tapped out of curiosity.
    """

    after: str
    screen: Screen
    before: Screen | None
    new: bool
    curious: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """A parcel that reached somebody."""

    at: datetime
    human: int
    person_id: int
    kind: str
    ref: int | None
    text: str


@dataclass(slots=True)
class Said:
    """What was said to one person, as long as the bot knows them.

    Attributes:
        starters: The calendar week of each starter that was given.
        thoughts: The calendar week of each thought.
        own: The last starter of one's own.
        thought: The last thought.
        days: The local days on which a nudge or a reminder came.
    """

    starters: dict[str, int] = field(default_factory=dict)
    thoughts: dict[str, int] = field(default_factory=dict)
    own: str = ""
    thought: str = ""
    days: set[tuple[str, date]] = field(default_factory=set)


@dataclass(slots=True)
class Tally:
    """Everything that was counted.

    Attributes:
        weeks: By person and week.
        wrong: What should not have been, and how often.
        examples: The first of those, in full.
        arrivals: Every parcel that reached somebody.
        happened: How often what happened, for the table.
    """

    words: Catalogue
    start: datetime
    weeks: defaultdict[tuple[int, int], Week] = field(default_factory=lambda: defaultdict(Week))
    wrong: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    said: defaultdict[int, Said] = field(default_factory=lambda: defaultdict(Said))
    readers: defaultdict[int, Reader] = field(default_factory=lambda: defaultdict(Reader))
    looks: set[Look] = field(default_factory=set)
    led: defaultdict[str, set[Look]] = field(default_factory=lambda: defaultdict(set))
    starters: Mapping[str, str] = field(init=False)
    thoughts: Mapping[str, str] = field(init=False)
    own: frozenset[str] = field(init=False)
    own_for_anybody: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.starters = {one.text: one.id for one in self.words.starters}
        self.thoughts = {one.text: one.id for one in self.words.thoughts}
        self.own = frozenset(one.id for one in self.words.starters if one.pair.startswith(OWN))
        self.own_for_anybody = frozenset(one.id for one in self.words.starters if one.pair == OWN)

    def blame(self, what: str, details: object) -> None:
        """Count something that should not have been."""
        self.wrong[what] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{what}: {details}")

    def shown(self, human: int, step: Step, now: datetime) -> None:
        """Somebody tapped or typed, and a screen answers."""
        week, screen, after = self.weeks[human, self._week(now)], step.screen, step.after
        week.taps += 1
        week.messages += step.new
        seconds = TAP_SECONDS + reading_seconds(screen, step.before)
        if step.curious:
            week.elsewhere += seconds
        else:
            week.spend(seconds, screen.place.kind)
            week.practised += TAP_SECONDS + self.readers[human].seconds(screen, step.before, self._week(now))
        if after in QUESTIONS:
            week.questions += seconds
        self._look(screen, after)
        if screen.place.kind == "starter" and BOLD.search(screen.text):
            self._own_starter(human, screen, now, asked=after)
        if screen.place.kind == "picture" and THOUGHT in screen.text:
            self._thought(human, screen, now)

    def arrived(self, human: int, person: Person, parcel: Parcel, screen: Screen, now: datetime) -> None:
        """A parcel reached somebody."""
        week = self.weeks[human, self._week(now)]
        week.messages += 1
        week.spend(reading_seconds(screen), f"({parcel.kind})")
        week.practised += self.readers[human].seconds(screen, None, self._week(now))
        self.happened[parcel.kind] += 1
        self.arrivals.append(Arrival(now, human, person.id, parcel.kind, parcel.ref, screen.text))
        self._look(screen, f"({parcel.kind})")
        if parcel.kind in {"nudge", "reminder"}:
            self._nudged(human, person, parcel.kind, now)
        if parcel.kind in GIVEN:
            found = self._starter_in(screen)
            if found is None:
                self.blame("a message without a starter", (parcel.kind, screen.text))
            else:
                self._give(human, found, now, parcel.kind)

    def forgotten(self, human: int) -> None:
        """The bot has forgotten somebody: everything may be said anew."""
        self.said.pop(human, None)

    def paired(self, first: int, second: int) -> None:
        """Two people are a pair: what only one of them was told, while the other was away, is no joint history.

        The bot must not mind it, or it would tell the one who came back that the other had stayed.
        """
        both = self.said[first].starters.keys() & self.said[second].starters.keys()
        for human in (first, second):
            starters = self.said[human].starters
            for starter in starters.keys() - both - self.own:
                del starters[starter]

    def dead_ends(self) -> list[Look]:
        """Screens from which nobody comes back to the menu, whatever they tap."""
        good: set[Look] = set()
        while True:
            kinds = {"home"} | {kind for kind, looks in self.led.items() if looks <= good}
            found = {look for look in self.looks if look[1] & kinds}
            if found == good:
                return sorted(self.looks - good, key=repr)
            good = found

    def per_week(self, weeks: Iterable[int]) -> list[Week]:
        """What was counted in some weeks, of everybody to whom anything happened in them."""
        wanted = set(weeks)
        return [week for (_, number), week in self.weeks.items() if number in wanted]

    def _week(self, now: datetime) -> int:
        return (now - self.start).days // 7

    def _look(self, screen: Screen, after: str) -> None:
        kinds = frozenset(one.tap.kind for row in screen.rows for one in row if one.tap is not None)
        look = (screen.place.kind, kinds)
        self.looks.add(look)
        self.led[after].add(look)

    def _nudged(self, human: int, person: Person, kind: str, now: datetime) -> None:
        if person.zone is None:
            self.blame(f"a {kind} without a zone", human)
            return
        local = now.astimezone(ZoneInfo(person.zone))
        day = (kind, local.date())
        days = self.said[human].days
        if day in days:
            self.blame(f"a {kind} twice", (human, local))
        days.add(day)
        if rhythm.is_quiet(person.zone, person.quiet_from, person.quiet_to, now):
            self.blame(f"a {kind} in quiet hours", (human, local))
        slot = local.replace(hour=person.minute // 60, minute=0)
        held_back = rhythm.is_quiet(person.zone, person.quiet_from, person.quiet_to, slot)
        at_its_hour = (local.weekday(), local.hour) == (person.weekday, person.minute // 60)
        if kind == "nudge" and not held_back and not at_its_hour:
            self.blame("a nudge outside its hour", (human, local, person.weekday, person.minute))

    def _starter_in(self, screen: Screen) -> str | None:
        for bold in BOLD.findall(screen.text):
            found = self.starters.get(html.unescape(bold))
            if found is not None:
                return found
        return None

    def _own_starter(self, human: int, screen: Screen, now: datetime, *, asked: str) -> None:
        said, found = self.said[human], self._starter_in(screen)
        if found is None:
            self.blame("a screen without its starter", screen.text)
        elif found != said.own or asked == "starter.another":
            said.own = found
            self._give(human, found, now, "own")

    def _give(self, human: int, starter: str, now: datetime, how: str) -> None:
        self.happened[f"starter: {how}"] += 1
        given, week = self.said[human].starters, diaries.week_number(now)
        if how == "own" and self._used_up(given, week):
            self.happened["own starters: all used within the year"] += 1
        elif how == "silence" and given.get(starter) == week:  # the week number alone picks it
            self.happened["two rounds ended in one calendar week"] += 1
        elif week - given.get(starter, week - YEAR) < YEAR:
            self.blame("a starter again within a year", (human, starter, how, given[starter], week))
        given[starter] = week

    def _used_up(self, given: Mapping[str, int], week: int) -> bool:
        """Whether somebody had so many of their own within a year that none is left which always fits."""
        return all(week - given.get(one, week - YEAR) < YEAR for one in self.own_for_anybody)

    def _thought(self, human: int, screen: Screen, now: datetime) -> None:
        said, week = self.said[human], diaries.week_number(now)
        found = self.thoughts.get(html.unescape(screen.text.partition(THOUGHT)[2].strip()))
        if found is None:
            self.blame("a picture without its thought", screen.text)
        elif found != said.thought:
            said.thought = found
            if week - said.thoughts.get(found, week - YEAR) < YEAR:
                self.blame("a thought again within a year", (human, found, said.thoughts[found], week))
            said.thoughts[found] = week


def middle(values: Iterable[float]) -> float:
    """The median, or nothing of nothing."""
    found = list(values)
    return float(median(found)) if found else 0.0
