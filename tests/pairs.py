"""Where many stories begin: somebody who has a picture, a pair, two people who told what time it is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.driver import Person, World, buttons_of, text_of

CAREFUL = ("Mostly true", "Half true", "Very true", "A little true")
OTHERWISE = ("Very true", "A little true", "Half true")
NUDGE = "Your weekly questions are ready."
REMINDER = "Your weekly questions are still here"
MIDWEEK = "For a quiet moment, for you both:"
SILENCE = "There is no comparison this week."
CLOSED = "There has been no comparison for six weeks."
A_MINUTE = timedelta(seconds=61)


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as its reader has it in front of them."""

    at: datetime
    text: str
    entities: str
    buttons: tuple[tuple[str, str], ...]
    silent: bool
    protected: bool
    picture: bytes | None


def chat_of(person: Person) -> list[Seen]:
    """Everything that a person can see, hear or find out about their chat, oldest first."""
    return [seen(person, message) for message in person.from_bot]


def seen(person: Person, message: dict[str, Any]) -> Seen:
    """All of a message that its reader can find out."""
    files = person.world.stand_in
    return Seen(
        at=sent_at(message),
        text=text_of(message),
        entities=repr(message.get("entities") or message.get("caption_entities")),
        buttons=tuple((one["text"], str(one.get("callback_data"))) for one in buttons_of(message)),
        silent=bool(message.get("disable_notification")),
        protected=bool(message.get("has_protected_content")),
        picture=files.file_bytes(message["file_path"]) if "file_path" in message else None,
    )


def sent_at(message: dict[str, Any]) -> datetime:
    """When a message was sent."""
    return datetime.fromtimestamp(message["date"], UTC)


def arrivals(person: Person, beginning: str) -> list[datetime]:
    """When messages came that begin with these words."""
    return [sent_at(message) for message in person.from_bot if text_of(message).startswith(beginning)]


async def begin(person: Person) -> None:
    """Come in and answer the first form."""
    await person.send("/start")
    await person.tap("I'm 18 or over, let's begin")
    await person.walk(CAREFUL)


async def tell_city(person: Person, city: str) -> None:
    """Say where one's clock is, by typing a city."""
    await person.send("/settings")
    await person.tap("Your clock")
    await person.send(city)
    await tap_beginning(person, city)


async def tap_beginning(person: Person, words: str) -> None:
    """Tap the button under the newest message whose label begins with these words."""
    labels = [label for label in person.labels if label.startswith(words)]
    assert labels, f"no button begins with {words!r}; there are {person.labels}"
    await person.tap(labels[0], message=person.last)


async def pair(world: World, *, cities: tuple[str, str] | None = ("Berlin", "New York")) -> tuple[Person, Person]:
    """Kim, who has a picture, and Noor, who has none yet, are a pair; both told a city if cities are given."""
    kim, noor = world.person("Kim"), world.person("Noor")
    await begin(kim)
    await kim.tap("Invite your partner")
    await kim.tap("Kim")
    await noor.follow(kim.screen)
    await noor.tap("I choose this freely")
    await noor.tap("Noor")
    if cities:
        await tell_city(kim, cities[0])
        await tell_city(noor, cities[1])
    return kim, noor


async def answer(person: Person, answers: tuple[str, ...] = CAREFUL) -> None:
    """Answer whatever form is due."""
    await person.send("/checkin")
    if "Begin" in person.labels:
        await person.tap("Begin")
    await person.walk(answers)


async def answer_and_show(person: Person, level: str, answers: tuple[str, ...] = CAREFUL) -> None:
    """Answer whatever form is due, and choose what the partner may see."""
    await answer(person, answers)
    await person.show(level)


async def compare_first(world: World, kim: Person, noor: Person) -> None:
    """Noor answers too, both show everything, and a minute later the first comparison opens."""
    await answer_and_show(noor, "Sizes and words", OTHERWISE)
    await kim.send("/picture")
    await kim.show("Sizes and words")
    await world.pass_time(A_MINUTE)
