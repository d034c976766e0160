"""What somebody does while nothing is asked of them, each alone; `PASTIMES` is the list."""

from collections.abc import Callable, Coroutine
from typing import Any

from tests.crash.partners import PICTURE, Partner, begins, has
from tests.crash.phones import Seen


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
        here = await me.phone.tap("For listening", bool)
    # Under an older message that kept its buttons it would lead to what is there already, and nothing would come.
    if "Send it" in here.buttons and _of_thanks(here):
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
