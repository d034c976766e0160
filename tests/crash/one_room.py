"""Two people who talk in one room. One script taps on both phones, so it knows at each step where the talk has to stand.

What holds of such a talk: each tap leads to the one screen that follows, or, while somebody speaks, to what follows the
end of their time; the other phone follows to the same screen without a tap, and its buttons are those of the
same step; of the two, one speaks and one listens; and once the talk is closed, both read it.
"""

import asyncio
from dataclasses import dataclass

from tests.crash.partners import Partner, begins, errand, has
from tests.crash.phones import Seen
from tests.talks import COMPLETE, TOGETHER

STOP = "Stop"
"""The button that only screens of an open talk have."""

BEGIN, LONGER, DONE, CLOSE = "Begin", "10 min", "Done", "Close the talk"
GOT_IT, NOT_QUITE = "Yes, that is it", "Not quite"
SETTING, SPEAKING, ECHOING, CLOSING = BEGIN, DONE, NOT_QUITE, CLOSE
"""Stages, each by a button that no other one has."""

SPEAKING_OR_OVER = (SPEAKING, ECHOING)
"""Where somebody begins to speak; their time may be up before anybody has looked."""

ASK, YES, TAKE_BACK = "Ask ", "Yes, now", "Take it back"
TODAY = "was asked once today"
NO_PAIR = "This takes two people in a pair."
HOME = "You & I"
"""What is painted again where the screen that was owed led home."""

ONE_OF_TWO = ("You speak", "You say back")
"""What one of the two reads, and only one."""

NOT_QUITE_CHANCE = 0.2
LONGER_CHANCE = 0.2

A_LOOK = 0.02
"""Seconds between two looks at both phones."""


@dataclass(frozen=True, slots=True)
class Room:
    """Two who talk: the one who asked, who speaks first, and the other."""

    asker: Partner
    asked: Partner

    @property
    def both(self) -> tuple[Partner, Partner]:
        """Both of them."""
        return self.asker, self.asked

    def someone(self) -> Partner:
        """Either of the two, by chance: either phone will do."""
        return self.asker.phone.chance.choice(self.both)

    async def agreed(self, after: Seen | None = None) -> Seen:
        """The talk as both phones show it, once they show the same step; another one than a screen, if one is given."""
        for partner in self.both:
            partner.phone.waits_for = "waits until both phones show the same step of the talk"
        while True:
            one, other = (partner.phone.find(STOP) for partner in self.both)
            if one and other and one.buttons == other.buttons and (after is None or one.buttons != after.buttons):
                break
            await asyncio.sleep(A_LOOK)
        for partner in self.both:
            partner.phone.waits_for = ""
        speaks = [any(words in seen.text for words in ONE_OF_TWO) for seen in (one, other)]
        assert sorted(speaks) == [False, CLOSING not in one.buttons], (one, other)
        return one

    async def tap(self, label: str, stages: tuple[str, ...]) -> None:
        """One of the two taps what both see; it leads to one of these stages, on both phones."""
        before = await self.agreed()
        if label not in before.buttons:
            return  # what the clock did in the meantime

        def follows(seen: Seen) -> bool:
            return STOP in seen.buttons and seen.buttons != before.buttons and _is_at(seen, stages)

        await self.someone().phone.tap(label, follows, on=has(STOP))
        after = await self.agreed(before)
        assert _is_at(after, stages), (label, after)


def _is_at(seen: Seen, stages: tuple[str, ...]) -> bool:
    return any(stage in seen.buttons for stage in stages)


async def talk_in_one_room(asker: Partner, asked: Partner) -> None:
    """A whole talk, from the offer to the close; nothing where the two are no pair any more, or one asked today."""
    room = Room(asker, asked)
    with errand(asker, asked):
        if not await _opened(room):
            return
        for last in (False, True):
            if asker.phone.chance.random() < LONGER_CHANCE:
                await room.tap(LONGER, (SETTING,))
            await room.tap(BEGIN, SPEAKING_OR_OVER)
            await _heard(room, CLOSING if last else SETTING)
        await _closed(room)


async def _opened(room: Room) -> bool:
    """Ask, say yes, and look: whether there is a talk."""
    asker, asked = room.asker.phone, room.asked.phone
    here = await asker.say("/talk", lambda seen: TOGETHER in seen.buttons or seen.text.startswith((NO_PAIR, HOME)))
    if TOGETHER not in here.buttons:
        return False
    here = await asker.tap(TOGETHER, lambda seen: seen.label(ASK))
    asks = here.label(ASK)
    here = await asker.tap(
        asks, lambda seen: TAKE_BACK in seen.buttons or TODAY in seen.text or seen.text.startswith(HOME)
    )
    if TAKE_BACK not in here.buttons:
        return False
    await asked.say("/talk", has(YES))
    await asked.tap(YES, has(SETTING, STOP))
    await asker.say("/talk", has(SETTING, STOP))
    return True


async def _heard(room: Room, then: str) -> None:
    """One speaks and the other says it back, once or again, until it is right."""
    while True:
        await room.tap(DONE, (ECHOING,))
        if room.asker.phone.chance.random() < NOT_QUITE_CHANCE:
            await room.tap(NOT_QUITE, SPEAKING_OR_OVER)
        else:
            await room.tap(GOT_IT, (then,))
            return


async def _closed(room: Room) -> None:
    """One closes it; the other reads so, too."""
    one = room.someone()
    (other,) = (partner for partner in room.both if partner is not one)
    told = len(other.phone.came.get("talk.after", ()))
    await one.phone.tap(CLOSE, begins(COMPLETE), on=has(STOP))
    await other.phone.until_came("talk.after", told + 1)
