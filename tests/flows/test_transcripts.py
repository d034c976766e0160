"""Every screen as it is read, kept word for word: whoever changes a sentence sees it in the review.

``.venv/bin/python -m pytest tests/flows/test_transcripts.py --snapshot-update`` writes them anew.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.scenes.keyboard import ROOM
from tests.care.protection import PROTECTED
from tests.driver import Person, World, buttons_of, world_at
from tests.flows.looking import every_command, look_around
from tests.flows.scribe import Scribe, noting
from tests.pairs import A_MINUTE, CAREFUL, OTHERWISE, answer, answer_and_show, begin, compare_first, pair, tell_city
from tests.talks import TOGETHER, ask, open_news, understood

HERE = Path(__file__).parent
SCREENS = HERE.parent.parent / "prompts" / "en" / "screens"
DAY = timedelta(days=1)


async def alone(world: World) -> None:
    """Somebody comes in, reads everything, answers, and goes on for weeks by themselves."""
    kim = world.person("Kim")
    await kim.send("/start")
    await kim.send("hello")
    await look_around(kim, {"I'm 18 or over, let's begin"})
    await every_command(kim, {"I'm 18 or over, let's begin"})
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    await kim.tap("Skip")
    await kim.tap("Back")
    for number in range(11):
        await kim.tap(CAREFUL[number % 4])
    for label in ("Sketch", "Go on", "Pause", "Go on"):
        await kim.tap(label)
    await kim.walk()
    await kim.send("/settings")
    await kim.tap("Your clock")
    await kim.send("nowhere at all")
    await kim.send("19:30")
    await tell_city(kim, "Berlin")
    await every_command(kim, set())
    for week in range(1, 18):
        await world.pass_time(DAY * 7)
        if week % 3 == 0:
            await kim.send("/start")
            continue
        await kim.send("/checkin")
        for label in ("The long one, three minutes", "Begin"):
            if label in kim.labels:
                await kim.tap(label)
        await kim.walk(CAREFUL if week < 9 else ("Very true",))
        if "A moment from the start" in kim.labels:
            await kim.tap("A moment from the start")
        await look_around(kim, {"What the words mean", "Menu", "Help and safety", "When to come back", "A starter"})
        await kim.send("/picture")
        await look_around(kim, {"What the words mean", "Menu", "Help and safety", "When to come back", "A starter"})
    await kim.send("/history")
    await look_around(kim, {"Menu"})
    await kim.send("/export")
    await kim.tap("Everything as a file")
    await kim.send("/thanks")
    max_ = world.person("Max", language="de")
    await max_.send("/start")
    await max_.tap("I'm 18 or over, let's begin")
    for command in ("/picture", "/history", "/export"):
        await max_.send(command)
    await max_.send("/settings")
    await max_.tap("Your clock")
    await look_around(max_, {"Menu"})


async def hurried(world: World) -> None:
    """Somebody skips nearly all, somebody answers faster than one can read, and somebody wishes for something."""
    kim, noor, ada = (world.person(name) for name in ("Kim", "Noor", "Ada"))
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    while "Skip" in kim.labels:
        await kim.tap("Skip")
    await kim.walk()
    await kim.tap("Leave this time out")
    await kim.forge("v1:moment")
    await kim.send("/checkin")
    with patch("tests.driver.THINKING", timedelta(milliseconds=300)):
        await begin_fast(noor)
    await look_around(noor, {"Menu", "Help and safety", "Answer again"})
    await begin(ada)
    for wish in ("More room for me", "More closeness", "More of both"):
        await world.pass_time(DAY * 7)
        await ada.send("/checkin")
        while wish not in ada.labels:
            await ada.tap("Half true")
        await ada.tap(wish)
        await ada.walk()
        await look_around(ada, {"Menu", "Help and safety", "My picture", "Settings"})


async def begin_fast(person: Person) -> None:
    """The first form, with one and the same answer."""
    await person.send("/start")
    await person.tap("I'm 18 or over, let's begin")
    await person.walk(("Very true",))


async def pairing(world: World) -> None:
    """Inviting, every way in which a code can fail, accepting, and being a pair."""
    kim, noor, sam = (world.person(name) for name in ("Kim", "Noor", "Sam"))
    await begin(kim)
    await kim.send("/invite")
    await kim.send("\u200d\u202e")
    await kim.send("Kim")
    await kim.follow(kim.screen)
    await kim.send("/invite")
    await kim.tap("Take it back")
    await kim.tap("Invite your partner")
    await kim.tap("Kim")
    card = kim.screen
    for name, label in (("Noor", "Not now"), ("Sam", "Only for myself")):
        await world.person(name).follow(card)
        await world.person(name).tap(label)
    await sam.send("/start AAAAAAAAAAAAAAAAAAAAAA")
    for number in range(11):
        await sam.send(f"/start ABCDEF{number:02}")
    await noor.follow(card)
    await noor.tap("I choose this freely")
    await noor.send("\u200d")
    await noor.send("Noor")
    await sam.follow(card)
    await noor.follow(card)
    await noor.send("/invite")
    for person in (kim, noor):
        await tell_city(person, "Berlin")
    await answer(noor, OTHERWISE)
    await noor.tap("Guess about Kim")
    await look_around(noor, {"Enough guesses", "Menu", "Help and safety"})
    for _ in range(8):
        for label in ("Half true", "Mostly true"):
            if label in noor.labels:
                await noor.tap(label)
    await look_around(noor, {"Menu", "Help and safety"})
    await every_command(noor, set())


async def comparing(world: World) -> None:
    """A first comparison with everything in it, the starters, and leaving."""
    kim, noor = await pair(world, cities=("Berlin", "New York"))
    await compare_first(world, kim, noor)
    await kim.tap("We talked")
    await look_around(kim, set())
    await every_command(kim, set())
    await noor.send("/starter")
    await look_around(noor, set())
    await world.pass_time(DAY * 5)
    await answer_and_show(kim, "Sizes", ("Not true", "Very true"))
    await answer_and_show(noor, "Sizes and words", ("Very true", "Not true"))
    await world.pass_time(A_MINUTE)
    await world.pass_time(DAY * 6)
    for person in (kim, noor):
        await person.send("/checkin")
        await look_around(person, set())
    await kim.send("/leave")
    await kim.tap("Stay")
    await kim.send("/leave")
    await kim.tap("Leave")
    await kim.send("/compare")
    await kim.send("/history")
    await look_around(kim, {"Menu"})


async def talk_asides(world: World) -> None:
    """A talk that is declined, asked for again, stopped, and answered by an old button and by a very long text."""
    kim, noor = await pair(world, cities=None)
    await ask(kim)
    await open_news(noor)
    later = next(button["callback_data"] for button in buttons_of(noor.last) if button["text"] == "Another time")
    await noor.tap("Another time")
    await noor.send("/talk")
    await noor.tap("Not now")
    await kim.send("/talk")
    await kim.tap("Take it back")
    await ask(kim)
    await world.pass_time(DAY)
    await ask(kim)
    await open_news(noor)
    await noor.tap("Yes, now")
    await noor.forge(later)
    await open_news(kim)
    await kim.send("x" * 3000)
    await noor.send("/talk")
    await noor.tap("Stop")


async def talking(world: World) -> None:
    """A thank-you, a talk that was put off and ran out, and one apart from its beginning to its end."""
    kim, noor = await pair(world, cities=("Berlin", "Berlin"))
    await noor.send("/thanks")
    await look_around(noor, {"Menu"})
    await noor.send("/thanks")
    await ask(kim)
    await kim.send("/talk")
    await open_news(noor)
    await noor.tap("Another time")
    await look_around(noor, {"Menu", "Yes, now"})
    await world.pass_time(DAY * 2)
    for person in (kim, noor):
        await person.send("/talk")
        await look_around(person, {"Menu", "Stop", "Yes, now"})
    await world.pass_time(DAY * 8)
    for first, second in ((kim, noor), (noor, kim)):
        await first.send("/talk")
        await first.tap("Stop") if "Stop" in first.labels else None
        await second.send("/talk")
    await ask(kim)
    await noor.send("/talk")
    await noor.tap("Yes, now")
    await kim.send("/talk")
    for text in ("you never listen on Tuesdays", "alone", "a message when it gets late"):
        await kim.send(text)
    await kim.tap("Send it")
    await open_news(noor)
    await noor.send("That you were alone")
    await noor.tap("Send it")
    await open_news(kim)
    await kim.tap("Not quite")
    await open_news(noor)
    await world.pass_time(DAY)
    await noor.send("That you want a message")
    await noor.tap("Send it")
    await open_news(kim)
    await kim.tap("Yes, that is it")
    await open_news(noor)
    await understood(noor, kim)
    await kim.send("How you laugh")
    await kim.tap("Send it")
    await open_news(noor)
    await noor.send("Your patience")
    await noor.tap("Send it")
    await open_news(kim)
    await kim.tap("Close the talk")
    await kim.tap("A little")


async def in_one_room(world: World) -> None:
    """A talk together, with the bot holding the floor."""
    kim, noor = await pair(world, cities=("Berlin", "Berlin"))
    await ask(noor, TOGETHER)
    await open_news(kim)
    await kim.tap("Yes, now")
    await world.pass_time(A_MINUTE)
    for person in (noor, kim):
        await person.send("/talk")
        await look_around(person, {"Menu", "Stop", "Another time"})
    for _ in range(12):
        await world.pass_time(A_MINUTE * 3)
        for person in (noor, kim):
            for label in ("Begin", "Done", "Yes, that is it", "Nothing to add"):
                if label in person.labels:
                    await person.tap(label, message=person.last)
                    break
    await noor.send("/talk")
    await noor.tap("Stop") if "Stop" in noor.labels else None


async def silence(world: World) -> None:
    """Weeks in which one of two does not answer, until the pair closes."""
    kim, noor = await pair(world, cities=("Berlin", "Berlin"))
    await kim.send("/picture")
    await kim.show("Nothing")
    await kim.tap("Change")
    await look_around(kim, {"Menu", "Help and safety"})
    for _ in range(26):
        await world.pass_time(DAY * 2)
        for person in (kim, noor):
            labels = person.labels
            for label in ("Tomorrow", "Not this week"):
                if label in labels:
                    await person.tap(label, message=person.last)
                    break
    await look_around(kim, {"Invite again"})
    await kim.send("/settings")
    await kim.tap("Pause")
    await look_around(kim, {"Menu", "Help and safety", "Your clock", "Day", "Hour", "Quiet hours"})
    await noor.send("/hide")
    await noor.send("/export")
    await look_around(noor, set())
    await noor.tap("Everything as a file") if "Everything as a file" in noor.labels else None
    await noor.send("/delete")
    await noor.tap("Yes, delete everything")


async def by_invitation(world: World) -> None:
    """A stranger at the door of a bot for invited people, and a group."""
    sam = world.person("Sam")
    await sam.send("/start")
    world.stand_in.add_to_group(sam.user_id, "Friends")
    await world.settled()


STORIES: tuple[Callable[[World], Awaitable[None]], ...] = (
    alone,
    hurried,
    pairing,
    comparing,
    talk_asides,
    talking,
    in_one_room,
    silence,
    by_invitation,
)
STYLE = re.compile(" · (?:danger|success|primary)$")
STYLED = re.compile(r"\[([^\]]+) · (danger|success|primary)\]")
MANY = 1000
"""Rows of buttons in the stories, at least."""

RENDERED = re.compile(r"── templates\n +(.*)")


@pytest.fixture
def rendered() -> Iterator[dict[str, set[str]]]:
    """By text, the names of the templates that a story needs, growing."""
    with noting() as names:
        yield names


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_every_screen_reads_as_it_did(
    story: Callable[[World], Awaitable[None]],
    rendered: dict[str, set[str]],
    snapshot: SnapshotAssertion,
    tmp_path: Path,
) -> None:
    """No sentence, button or mark of a screen changes unseen; nothing of the partner can be forwarded or saved, all else can."""
    invited = story is by_invitation
    async with (
        world_at(tmp_path, change=lambda old: replace(old, open_to="invited") if invited else old) as world,
        world.running(),
    ):
        scribe = Scribe(world)
        await story(world)
    names = sorted(set().union(*rendered.values()))
    assert f"{scribe.text()}\n── templates\n{' '.join(names)}\n" == snapshot
    assert not {(name, kept) for text, kept in scribe.sent for name in rendered[text] if kept != (name in PROTECTED)}


def kept() -> str:
    """The stories as they are kept."""
    return (HERE / "__snapshots__" / "test_transcripts.ambr").read_text(encoding="utf-8")


def test_only_what_cannot_be_undone_is_coloured() -> None:
    """No choice looks better or worse than another: the one coloured button of the bot is the one that deletes all."""
    assert set(STYLED.findall(kept())) == {("Yes, delete everything", "danger")}


def test_every_label_fits_on_a_narrow_phone() -> None:
    """Telegram's apps cut what does not fit into a button's one line, and the end of a label may be what counts."""
    rows = [line.strip()[1:-1].split("][") for line in kept().splitlines() if line.strip().startswith("[")]
    assert len(rows) > MANY
    assert {label for row in rows for label in row if len(STYLE.sub("", label)) > ROOM // len(row)} == set()


def test_every_template_is_read_in_some_story() -> None:
    """A new screen needs a story that leads to it."""
    read = {name for line in RENDERED.findall(kept()) for name in line.split()}
    there = {path.name.partition(".")[0] for path in SCREENS.glob("[!_]*.j2")}
    assert there - read == set()
