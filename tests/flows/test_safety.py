"""The help card: the same for everybody, one tap from every screen but questions."""

from collections.abc import Callable
from pathlib import Path

from tests.beginnings import compared_in_berlin, since
from tests.driver import Person, World, buttons_of, world_at
from tests.pairs import NUDGE, REMINDER, answer

CARD = "Help and safety"
ANSWERS = ("Very true", "Fine as it is", "Rather not say")
FAREWELL = "Everything about you has been deleted."
COMMANDS = [
    "/start",
    "/checkin",
    "/picture",
    "/invite",
    "/compare",
    "/starter",
    "/talk",
    "/thanks",
    "/history",
    "/settings",
    "/leave",
    "/hide",
    "/privacy",
    "/export",
    "/delete",
    "/safety",
    "/help",
    "/about",
    "/menu",
    "/nonsense",
]
LAST = ("delete.yes", "leave.yes")
"""Taps that end something: explored when nothing else is left."""


def is_question(person: Person) -> bool:
    """Whether the newest message asks for an answer of a form."""
    return any(answer in person.labels for answer in ANSWERS)


def is_card(person: Person) -> bool:
    """Whether the newest message is the help card."""
    return person.screen.startswith("Help and safety")


def assert_card_is_near(person: Person) -> None:
    """The newest message leads to the help card, unless it is a question, the card or the farewell."""
    if not (is_question(person) or is_card(person) or person.screen.startswith(FAREWELL)):
        assert CARD in person.labels, f"no way to help from: {person.screen!r} {person.labels}"


async def explore(person: Person, *, skip: Callable[[str], bool] = lambda _data: False) -> set[str]:
    """Type every command, and from each screen on tap whatever was not tapped yet; returns what was tapped."""
    tapped: set[str] = set()
    for command in COMMANDS:
        for _ in range(40):
            await person.send(command)
            assert_card_is_near(person)
            if not await _follow(person, tapped, skip):
                break
    return tapped


async def _follow(person: Person, tapped: set[str], skip: Callable[[str], bool]) -> bool:
    """Tap on from screen to screen as long as there is something new; False if there was nothing new at once."""
    found = False
    while fresh := [one for one in _choices(person) if _kind(one[1]) not in tapped and not skip(_kind(one[1]))]:
        label, data = fresh[0]
        tapped.add(_kind(data))
        await person.tap(label, message=person.last)
        assert_card_is_near(person)
        found = True
    return found


def _choices(person: Person) -> list[tuple[str, str]]:
    return [(one["text"], one["callback_data"]) for one in buttons_of(person.last) if "callback_data" in one]


def _kind(data: str) -> str:
    """What a button does; which question, hour or day it is about makes no other screen."""
    version, kind, *rest = data.split(":")
    del version
    return f"{kind} {rest[-1]}" if kind in {"about", "share.preview", "zone"} and rest else f"{kind} {len(rest)}"


async def test_help_is_one_tap_from_everywhere_for_somebody_alone(tmp_path: Path) -> None:
    """Whoever is alone finds the card under every screen that can be reached by tapping and typing."""
    async with world_at(tmp_path) as world, world.running():
        kim = world.person("Kim")
        await kim.send("/start")
        assert_card_is_near(kim)
        await kim.tap("I'm 18 or over, let's begin")
        tapped = await explore(kim, skip=lambda kind: kind.startswith("delete.yes"))
        assert {"walk.answer 3", "walk.pause 0", "invite.make 0", "starter.why 0", "settings.hour 1"} <= tapped
        await kim.send("/delete")
        await kim.tap("Yes, delete everything")
        assert kim.screen.startswith(FAREWELL)


async def test_help_is_one_tap_from_everywhere_in_a_pair(tmp_path: Path) -> None:
    """In a pair the card is under every screen too: the comparison, the choices, the guesses, the leave."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim, noor = world.people["Kim"], world.people["Noor"]
        await world.until(world.clock.now().replace(day=17, hour=18, minute=1))
        for message in (message for message in kim.from_bot if buttons_of(message)):
            assert CARD in [one["text"] for one in buttons_of(message)]
        await answer(kim)
        tapped = await explore(kim, skip=lambda kind: kind.startswith(("delete.yes", "leave.yes")))
        assert {"share.set 2", "share.preview nothing", "guess.answer 3", "joint.talked 2", "joint.why 2"} <= tapped
        await kim.send("/leave")
        await kim.tap("Leave")
        assert_card_is_near(kim)
        await world.until(world.clock.now().replace(day=22))
        assert any(message["text"].startswith((NUDGE, REMINDER)) for message in noor.from_bot if "text" in message)
        for message in (message for message in noor.from_bot if buttons_of(message)):
            assert CARD in [one["text"] for one in buttons_of(message)]


async def test_the_card_is_the_same_for_everybody(tmp_path: Path) -> None:
    """Alone, in a pair, before the first tap: one card, byte for byte."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim, stranger = world.people["Kim"], world.person("Sam")
        cards = [await card(kim), await card(stranger)]
        await world.until(world.clock.now().replace(day=28))
        cards += [await card(kim), await card(world.people["Noor"])]
        assert len(set(cards)) == 1
        assert "112" in cards[0]
        assert "/leave ends a pair at once and tells nobody." in cards[0]


async def card(person: Person) -> str:
    """The help card as a person reads it."""
    await person.send("/safety")
    return person.screen


async def test_the_card_leads_back(tmp_path: Path) -> None:
    """From the card one tap leads on: to the menu, or to the welcome for whoever has not begun."""
    async with world_at(tmp_path) as world, world.running():
        kim = world.person("Kim")
        await kim.send("/start")
        await kim.tap(CARD)
        await kim.tap("Menu")
        assert kim.screen.startswith("Hello. This is You & I.")


async def invited(world: World) -> tuple[Person, Person]:
    """Noor opened the invitation of Kim, who has no picture yet."""
    kim, noor = world.person("Kim"), world.person("Noor")
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    await kim.send("/invite")
    await kim.tap("Kim")
    await noor.follow(kim.screen)
    return kim, noor


async def test_help_is_there_while_deciding_on_an_invitation(tmp_path: Path) -> None:
    """Every screen from the opened invitation to the pair, and to each way out, leads to the card."""
    async with world_at(tmp_path) as world, world.running():
        kim, noor = await invited(world)
        assert_card_is_near(noor)
        await noor.tap("Not now")
        assert_card_is_near(noor)
        await noor.follow(kim.screen)
        await noor.tap("I choose this freely")
        assert_card_is_near(noor)
        await noor.send("🙂")
        assert_card_is_near(noor)
        await noor.send("Noor")
        assert_card_is_near(noor)
        assert_card_is_near(kim)
        for code in ("nonsense", "AAAAAAAA"):
            await noor.send(f"/start {code}")
            assert_card_is_near(noor)


async def test_help_is_there_beside_the_questions(tmp_path: Path) -> None:
    """A sketch, a pause, and what is asked about hurried or missing answers are no questions: the card is near."""
    async with world_at(tmp_path) as world, world.running():
        kim = world.person("Kim")
        await kim.send("/start")
        await kim.tap("I'm 18 or over, let's begin")
        for _ in range(11):
            await kim.tap("Very true")
        for label in ("Sketch", "Pause"):
            await kim.tap(label)
            assert_card_is_near(kim)
            await kim.tap("Go on")
        await kim.walk(("Very true",))
        assert "Keep these answers" in kim.labels
        assert_card_is_near(kim)
        await kim.tap("Answer again")
        for _ in range(20):
            await kim.tap("Skip")
        await kim.walk()
        assert kim.screen.startswith("A picture needs at least six answers about each circle.")
        assert_card_is_near(kim)
        await kim.tap("Leave this time out")
        assert_card_is_near(kim)
