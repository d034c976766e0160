"""The first screen, the way in, and the way back."""

from dataclasses import replace
from pathlib import Path

from tests.driver import World, text_of, world_at
from tests.pairs import begin

MOST_WORDS = 60


async def test_the_welcome_is_short_and_says_who_could_read(world: World) -> None:
    """A new person gets at most 60 words, who could read along, and four buttons."""
    kim = world.person("Kim")
    await kim.send("/start")
    assert len(kim.screen.split()) <= MOST_WORDS
    assert "could technically read it" in kim.screen
    assert kim.labels == ["I'm 18 or over, let's begin", "I have a code", "What is kept?", "Help and safety"]


async def test_one_tap_leads_to_the_first_statement(world: World) -> None:
    """Nothing is asked between the welcome and the first statement, and no second message comes."""
    kim = world.person("Kim")
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    assert kim.screen.startswith("1 of 20")
    assert len(kim.from_bot) == 1


async def test_start_repaints_where_one_left_off(world: World) -> None:
    """/start brings the present screen again: the question in a walk, the picture after it."""
    kim = world.person("Kim")
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    await kim.tap("Half true")
    await kim.send("/start")
    assert kim.screen.startswith("2 of 20")
    await kim.walk()
    words = kim.screen
    await kim.send("/start")
    assert kim.screen == words


async def test_what_carried_buttons_before_loses_them(world: World) -> None:
    """Only the newest screen can be tapped: a repaint takes the buttons from the message above it."""
    kim = world.person("Kim")
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    await kim.send("/start")
    above, newest = kim.from_bot
    assert "reply_markup" not in above
    assert newest["reply_markup"]


async def test_nothing_goes_before_saying_18(world: World) -> None:
    """Whoever has not said that they are 18 or over gets the welcome for whatever they ask."""
    kim = world.person("Kim")
    await kim.send("/start")
    welcome = kim.screen
    for command in ("checkin", "picture", "invite", "compare", "starter", "settings", "leave", "menu"):
        await kim.send(f"/{command}")
        assert kim.screen == welcome, command
    for data in ("v1:walk.begin", "v1:invite.make", "v1:starter.another", "v1:pause"):
        await kim.forge(data)
        assert kim.screen == welcome, data


async def test_help_needs_no_promise(world: World) -> None:
    """What is kept, how it works and who can help can be read before anything is agreed to."""
    kim = world.person("Kim")
    await kim.send("/start")
    welcome = kim.screen
    for command in ("privacy", "safety", "help", "about"):
        await kim.send(f"/{command}")
        assert kim.screen != welcome, command


async def test_a_hello_gets_the_welcome(world: World) -> None:
    """Somebody whose first message is a hello is welcomed, not told that the chat works by buttons."""
    kim = world.person("Kim")
    await kim.send("Hello, who is there?")
    assert kim.screen.startswith("Hello. This is You & I.")


async def test_typed_text_gets_one_constant_answer(world: World) -> None:
    """Typed text gets the same words in a walk, at the menu and at a picture, and the walk goes on where it was."""
    kim = world.person("Kim")
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    await kim.tap("Half true")
    await kim.send("I am not sure what this means")
    in_the_walk = kim.screen
    await kim.tap("Menu")
    await kim.send("Hello?")
    assert kim.screen == in_the_walk
    await kim.tap("Menu")
    await kim.tap("Go on")
    assert kim.screen.startswith("2 of 20")


async def test_a_stranger_to_a_private_bot_gets_one_kind_sentence(tmp_path: Path) -> None:
    """Where one comes in by invitation, a stranger reads one sentence, whatever they send, and a code opens the door."""
    async with world_at(tmp_path, change=lambda found: replace(found, open_to="invited")) as world, world.running():
        assert world.bot is not None
        kim, noor, robin = (world.person(name) for name in ("Kim", "Noor", "Robin"))
        await kim.follow(await world.bot.way_in())
        assert kim.screen.startswith("Hello. This is You & I.")
        await robin.send("/start")
        for words in ("Hello?", "/invite", "/start ABCD1234", "ABCD-1234"):
            await robin.send(words)
        assert len({text_of(message) for message in robin.from_bot}) == 1

        await kim.tap("I'm 18 or over, let's begin")
        await kim.send("/invite")
        await kim.tap("Kim")
        await noor.send(kim.screen.partition("read aloud: ")[2].split()[0].lower())
        assert noor.screen.startswith("Kim invites you to You & I.")


async def test_two_people_in_one_world_do_not_meet(world: World) -> None:
    """Without an invitation nobody hears of anybody."""
    kim, noor = world.person("Kim"), world.person("Noor")
    await begin(kim)
    await noor.send("/start")
    assert "Kim" not in noor.screen
    assert len(kim.from_bot) == 2
