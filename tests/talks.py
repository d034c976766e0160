"""What stories of talks have in common: asking, opening, and the turns of a talk apart."""

from collections.abc import Mapping
from typing import Any

from tests.driver import Person, World, text_of

NEWS = "There is something new under /talk, whenever it suits you."
OVER = "The talk is over for now. It can have many causes, and nothing more is needed."
COMPLETE = "The talk is complete, and the words kept here are erased."
TOGETHER, APART = "Together, in one room", "Apart, each in your own chat"
MOMENT, FEELING, WISH = "you came home late on Tuesday", "alone", "a message when it gets late"


async def ask(person: Person, way: str = APART) -> None:
    """Offer the other a talk."""
    await person.send("/talk")
    await person.tap(way)
    await person.tap(next(label for label in person.labels if label.startswith("Ask ")))


async def thank(person: Person, label: str = "For making me laugh") -> None:
    """Say thanks by command, look, and send."""
    await person.send("/thanks")
    await person.tap(label)
    await person.tap("Send it")


async def open_news(person: Person) -> None:
    """Open the newest message that says that there is something new."""
    assert person.screen == NEWS, person.screen
    await person.tap("Open it")


async def begin(world: World, way: str = APART) -> tuple[Person, Person]:
    """Kim asks, Noor opens it at once, and Kim comes to the first screen."""
    kim, noor = world.person("Kim"), world.person("Noor")
    await ask(kim, way)
    await open_news(noor)
    await noor.tap("Yes, now")
    await open_news(kim)
    return kim, noor


async def speak(speaker: Person, listener: Person) -> None:
    """Say a moment, a feeling and a wish, and send them; the listener opens them."""
    for text in (MOMENT, FEELING, WISH):
        await speaker.send(text)
    await speaker.tap("Send it")
    await open_news(listener)


async def listen(listener: Person, speaker: Person, text: str = "That you were alone and want a message") -> None:
    """Say back what was heard, and send it; the speaker opens it."""
    await listener.send(text)
    await listener.tap("Send it")
    await open_news(speaker)


async def understood(speaker: Person, listener: Person) -> None:
    """One whole turn."""
    await speak(speaker, listener)
    await listen(listener, speaker)
    await speaker.tap("Yes, that is it")
    await open_news(listener)


async def finish(kim: Person, noor: Person) -> None:
    """Both turns and both appreciations; Kim reads the last one and closes."""
    await understood(kim, noor)
    await understood(noor, kim)
    await kim.send("How you laugh")
    await kim.tap("Send it")
    await open_news(noor)
    await noor.send("Your patience")
    await noor.tap("Send it")
    await open_news(kim)


def silent(message: Mapping[str, Any]) -> bool:
    """Whether a message made no sound."""
    return bool(message.get("disable_notification"))


def texts(person: Person) -> list[str]:
    """Every text in somebody's chat from the bot."""
    return [text_of(message) for message in person.from_bot]
