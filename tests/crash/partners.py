"""What people do with the bot whoever they live with: they come in, answer, and choose what to show.

Each step waits for the screen that it has to lead to. Where a tap is lost, or a screen never comes, its person waits
for ever, and the test says who waits for what.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from bot.dance.walk import Walk
from storage import checkins, people, rounds, talks
from storage.store import Tx
from tests.crash.phones import Phone, Seen

BEGIN = "I'm 18 or over, let's begin"
ANSWERS = ("Not true", "A little true", "Half true", "Mostly true", "Very true")
LEVELS = {"Sizes and words": "words", "Sizes": "sizes", "Nothing": "nothing"}
PICTURE = "Only you can see this."
HURRY = "You went through quickly"
THAT_IS_ALL = "That is all for this week."
CITY = "Berlin"
WHAT_TIME = "What time is it for you now?"
BACK_CHANCE = 0.15
"""How often somebody goes back a question."""


@dataclass
class Partner:
    """One of two, and what they remember of their own doings.

    Attributes:
        phone: Their phone.
        shows: The levels they choose among.
        chosen: What they chose to show, in order.
        in_doubt: Whether the latest of that may have come too late: it had opened by the time that the screen came.
        walks: How many forms they finished.
        replies: What they answered last to each question of the latest form, by its number from 1.
        words_only: Whether they want no pictures.
        ends_talks: Whether they end each talk that they begin, so that none is open when everybody rests.
    """

    phone: Phone
    shows: tuple[str, ...]
    chosen: list[str] = field(default_factory=list)
    in_doubt: bool = False
    walks: int = 0
    replies: dict[int, int] = field(default_factory=dict)
    words_only: bool = False
    ends_talks: bool = False

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
        chosen = [LEVELS[level] for level in self.chosen]
        claims = (
            ("forms", self.walks, len(found)),
            ("answers", self.replies, kept),
            ("levels", _left_of(chosen, levels, in_doubt=self.in_doubt), levels),
            ("words only", self.words_only, person.text_only),
            ("ends talks", self.ends_talks, self.ends_talks and talks.of(tx, person.id) is None),
        )
        return [
            f"{self.phone.name} did {did!r} ({what}), but {holds!r} is kept"
            for what, did, holds in claims
            if did != holds
        ]


def _left_of(chosen: list[str], kept: list[str], *, in_doubt: bool) -> list[str]:
    """What must be kept of choices: of a round the last one, and nobody here knows where a round ends."""
    rest = iter(chosen)
    in_order = all(any(level == one for one in rest) for level in kept)
    return kept if in_order and (in_doubt or kept[-1:] == chosen[-1:]) else chosen


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
    # The partner's choice may open it at any moment, with what was shown earlier in this round.
    here = await phone.tap(ask, _any(has(*LEVELS), _too_late))
    if not has(*LEVELS)(here):
        return
    level = phone.chance.choice(me.shows)
    here = await phone.tap(level, _any(has("Share this"), _too_late), on=has(*LEVELS))
    if not has("Share this")(here):
        return
    here = await phone.tap("Share this", begins(THAT_IS_ALL, PICTURE))
    me.chosen.append(level)
    me.in_doubt = not here.text.startswith(THAT_IS_ALL)


def _too_late(seen: Seen) -> bool:
    return seen.text.startswith(PICTURE) and not seen.label("What may ")


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
