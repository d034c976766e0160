"""What people do with the bot, as scripts that go on while it dies and comes back; `LIVES` is the table.

Each step waits for the screen that it has to lead to. Where a tap is lost, or a screen never comes, its person waits
for ever, and the test says who waits for what.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol

from bot.dance.walk import Walk
from storage import checkins, people, rounds
from storage.store import Tx
from tests.crash.phones import Phone, Seen
from tests.driver import LINK

BEGIN = "I'm 18 or over, let's begin"
ANSWERS = ("Not true", "A little true", "Half true", "Mostly true", "Very true")
LEVELS = {"Sizes and words": "words", "Sizes": "sizes", "Nothing": "nothing"}
PICTURE = "Only you can see this."
HURRY = "You went through quickly"
THAT_IS_ALL = "That is all for this week."
FAREWELL = "Everything about you has been deleted."
CITY = "Berlin"
WHAT_TIME = "What time is it for you now?"
BACK_CHANCE = 0.15
"""How often somebody goes back a question."""

A_BREATH = 0.1
"""Seconds between two pastimes: less than anybody takes, so that a kill meets a tap."""


@dataclass
class Partner:
    """One of two, and what they remember of their own doings.

    Attributes:
        phone: Their phone.
        shows: The levels they choose among.
        chosen: What they chose to show, in order.
        walks: How many forms they finished.
        replies: What they answered last to each question of the latest form, by its number from 1.
        words_only: Whether they want no pictures.
    """

    phone: Phone
    shows: tuple[str, ...]
    chosen: list[str] = field(default_factory=list)
    walks: int = 0
    replies: dict[int, int] = field(default_factory=dict)
    words_only: bool = False

    def check(self, tx: Tx) -> list[str]:
        """What the database holds must be what this person did; what is wrong, in sentences."""
        person = people.find(tx, self.phone.user_id)
        if person is None:
            return [f"{self.phone.name} is not known any more"]
        found = checkins.finished(tx, person.id)
        latest = checkins.latest(tx, person.id)
        walk = Walk.from_json(latest.walk) if latest and latest.walk else None
        kept = {number: reply.value for number, reply in enumerate(walk.replies, 1)} if walk else self.replies
        levels = [choice.level.value for choice in rounds.choices_of(tx, person.id)]
        claims = (
            ("forms", self.walks, len(found)),
            ("answers", self.replies, kept),
            ("levels", _left_of([LEVELS[level] for level in self.chosen], levels), levels),
            ("words only", self.words_only, person.text_only),
        )
        return [
            f"{self.phone.name} did {did!r} ({what}), but {holds!r} is kept"
            for what, did, holds in claims
            if did != holds
        ]


def _left_of(chosen: list[str], kept: list[str]) -> list[str]:
    """What must be kept of choices: of a round the last one, and nobody here knows where a round ends."""
    rest = iter(chosen)
    in_order = all(any(level == one for one in rest) for level in kept)
    return kept if in_order and kept[-1:] == chosen[-1:] else chosen


class Town(Protocol):
    """What people know of the world.

    Attributes:
        resting: Whether everybody is to end what they are doing.
        hushed: Whether nobody is to begin a pastime.
        partners: Where whoever lives in a couple is told of.
    """

    resting: bool
    hushed: bool
    partners: list[Partner]


@contextmanager
def errand(*partners: Partner) -> Iterator[None]:
    """What time must not cut short."""
    for one in partners:
        one.phone.errand = True
    try:
        yield
    finally:
        for one in partners:
            one.phone.errand = False


def question(number: int) -> Callable[[Seen], bool]:
    """Whether a message asks this question."""
    return lambda seen: seen.text.startswith(f"{number} of ") and "Very true" in seen.buttons


def has(*labels: str) -> Callable[[Seen], bool]:
    """Whether a message has these buttons."""
    return lambda seen: all(label in seen.buttons for label in labels)


def begins(*words: str) -> Callable[[Seen], bool]:
    """Whether a message begins in one of these ways."""
    return lambda seen: seen.text.startswith(words)


def _any(*each: Callable[[Seen], object]) -> Callable[[Seen], bool]:
    return lambda seen: any(one(seen) for one in each)


async def walk(me: Partner, here: Seen) -> None:
    """Answer from the first question to the picture, now and then a step back."""
    phone, me.replies = me.phone, {}
    while "Very true" in here.buttons:
        number, total = (int(word) for word in here.text.split(maxsplit=3)[0:3:2])
        on = question(number)
        if number > 1 and phone.chance.random() < BACK_CHANCE:
            here = await phone.tap("Back", question(number - 1), on=on)
            continue
        value = phone.chance.randrange(len(ANSWERS))
        after = question(number + 1) if number < total else has("Fine as it is")
        here = await phone.tap(ANSWERS[value], after, on=on)
        me.replies[number] = value
    ended = _any(begins(PICTURE, HURRY), lambda seen: {"Yes", "Rather not say"} <= seen.buttons.keys())
    here = await phone.tap("Fine as it is", ended)
    if "Rather not say" in here.buttons:
        here = await phone.tap("No", begins(PICTURE, HURRY), on=has("Rather not say"))
    if here.text.startswith(HURRY):
        await phone.tap("Keep these answers", begins(PICTURE))
    me.walks += 1


async def come_in(me: Partner) -> None:
    """From the first word to the own picture."""
    await me.phone.say("/start", has(BEGIN))
    await walk(me, await me.phone.tap(BEGIN, question(1)))


async def tell_city(me: Partner) -> None:
    """Say where one's clock is."""
    await me.phone.say("/settings", has("Your clock"))
    found = await me.phone.tap("Your clock", begins(WHAT_TIME))
    while not found.label(CITY):
        # What is typed is not kept: if the bot dies after it has read it, it asks again.
        found = await me.phone.say(CITY, _any(begins(WHAT_TIME), lambda seen: seen.label(CITY)))
    await me.phone.tap(found.label(CITY), lambda seen: f"Your clock: {CITY}" in seen.text)


async def share(me: Partner) -> None:
    """Choose what the partner may see, where the picture can still be shown."""
    phone = me.phone
    here = await phone.say("/picture", begins(PICTURE))
    ask = here.label("What may ")
    if not ask:
        return
    level = phone.chance.choice(me.shows)
    await phone.tap(ask, has(*LEVELS))
    await phone.tap(level, has("Share this"), on=has(*LEVELS))
    await phone.tap("Share this", begins(THAT_IS_ALL, PICTURE))
    me.chosen.append(level)


async def check_in(me: Partner) -> None:
    """Answer this week's questions and choose what to show."""
    with errand(me):
        me.phone.news = False
        here = await me.phone.say(
            "/checkin", lambda seen: seen.label("Very true") or seen.label("The six") or _done(seen)
        )
        if "The six" in here.buttons:
            here = await me.phone.tap("The six", question(1))
        if "Very true" in here.buttons:
            await walk(me, here)
            await share(me)


def _done(seen: Seen) -> bool:
    return seen.text.startswith("These questions are done")


async def switch_pictures(me: Partner) -> None:
    """Pictures off and on: twice in effect would be seen at once."""
    await me.phone.say("/settings", has("Your clock"))
    there, other = ("With pictures", "Words only") if me.words_only else ("Words only", "With pictures")
    await me.phone.tap(there, has(other))
    me.words_only = not me.words_only


async def look_at_picture(me: Partner) -> None:
    """The own picture again."""
    await me.phone.say("/picture", begins(PICTURE))


async def read_a_starter(me: Partner) -> None:
    """A starter for oneself."""
    await me.phone.say("/starter", begins("One for you"))


async def look_around(me: Partner) -> None:
    """Home, and back to where one was."""
    await me.phone.say("/menu", begins("You & I"))


async def say_thanks(me: Partner) -> None:
    """One thank-you, where there is somebody to thank and today's has not gone yet."""
    here = await me.phone.say("/thanks", bool)
    if "For listening" in here.buttons:
        await me.phone.tap("For listening", bool)
    if me.phone.find("Send it", _of_thanks):
        await me.phone.tap("Send it", bool, on=_of_thanks)


def _of_thanks(seen: Seen) -> bool:
    """Whether a button stands under a thank-you: what is written in a talk is sent by the same words."""
    return "would read exactly this" in seen.text


TALKING = (
    "Yes, now",
    "Send it",
    "Yes, that is it",
    "Close the talk",
    "Apart, each in your own chat",
)
"""What somebody taps who wants a talk to go on."""

MOVES = 3
"""So many of them in a row, at most."""

WRITING = ("Your turn to speak.", "When …", "You have both been heard.")
"""How screens begin, or what they hold, that wait for a text."""


def _of_a_talk(seen: Seen) -> bool:
    return not _of_thanks(seen)


async def talk_on(me: Partner) -> None:
    """Do whatever is one's own to do in a talk; where there is none, offer one.

    Whatever comes is an answer: the other may move the talk, or time end it, at any moment.
    """
    here = await me.phone.say("/talk", bool)
    for _ in range(MOVES):
        label = next((one for one in TALKING if one in here.buttons), here.label("Ask "))
        if label and me.phone.find(label, _of_a_talk):
            here = await me.phone.tap(label, bool, on=_of_a_talk)
        elif here.text.startswith(WRITING) or "Type what you hear" in here.text or "type once more" in here.text:
            here = await me.phone.say("a few words", bool)
        else:
            return


PASTIMES: tuple[Callable[[Partner], Coroutine[Any, Any, None]], ...] = (
    switch_pictures,
    switch_pictures,
    look_at_picture,
    read_a_starter,
    look_around,
    say_thanks,
    talk_on,
)
"""What somebody does while nothing is asked of them."""


async def week_after_week(town: Town, me: Partner) -> None:
    """Questions when there are some, pastimes in between, until everybody goes to rest."""
    while not town.resting:
        if me.phone.news:
            await check_in(me)
        elif not town.hushed:
            await me.phone.chance.choice(PASTIMES)(me)
        await asyncio.sleep(A_BREATH)


async def couple(town: Town, phones: list[Phone], *, shows: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    """Two people find each other, and then live with the bot week after week."""
    kim, noor = (Partner(phone, levels) for phone, levels in zip(phones, shows, strict=True))
    town.partners += [kim, noor]
    with errand(kim, noor):
        await asyncio.gather(come_in(kim), come_in(noor))
        await kim.phone.say("/invite", has(kim.phone.name))
        card = await kim.phone.tap(kim.phone.name, lambda seen: LINK.search(seen.text))
        found = LINK.search(card.text)
        assert found is not None
        await noor.phone.say(f"/start {found[1]}", has("I choose this freely"))
        await noor.phone.tap("I choose this freely", has(noor.phone.name))
        await noor.phone.tap(noor.phone.name, lambda seen: "are a pair now." in seen.text)
        await asyncio.gather(tell_city(kim), tell_city(noor))
        await kim.phone.until_came("paired")
        await asyncio.gather(share(kim), share(noor))
    await asyncio.gather(week_after_week(town, kim), week_after_week(town, noor))


async def passer_by(town: Town, phones: list[Phone]) -> None:
    """Somebody comes in, answers a little, has everything forgotten, and comes again."""
    (phone,) = phones
    while not town.resting:
        await phone.say("/start", has(BEGIN))
        await phone.tap(BEGIN, question(1))
        for number in (1, 2):
            await phone.tap(phone.chance.choice(ANSWERS), question(number + 1), on=question(number))
        await phone.say("/delete", has("Yes, delete everything"))
        await phone.tap("Yes, delete everything", begins(FAREWELL))
        await asyncio.sleep(A_BREATH)


@dataclass(frozen=True, slots=True)
class Life:
    """A way to live with the bot.

    Attributes:
        people: How many live it together.
        lead: The script, with the town and their phones.
    """

    people: int
    lead: Callable[..., Coroutine[Any, Any, None]]


OPEN_LEVELS = ("Sizes and words", "Sizes and words", "Sizes", "Nothing")

LIVES: Mapping[str, Life] = MappingProxyType(
    {
        "two who show": Life(2, partial(couple, shows=(("Sizes and words",), ("Sizes and words", "Sizes")))),
        "two who show at times": Life(2, partial(couple, shows=(OPEN_LEVELS, OPEN_LEVELS))),
        "one who never shows": Life(2, partial(couple, shows=(("Nothing",), OPEN_LEVELS))),
        "somebody who passes by": Life(1, passer_by),
    }
)
"""Everybody's life, by what it is."""
