"""Opening a talk takes both; no is easy, looks like silence, and nobody is told."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.beginnings import compared_in_berlin, kim_alone, new_pair, since
from tests.driver import Person, World
from tests.pairs import chat_of, pair, tell_city
from tests.talks import APART, NEWS, OVER, TOGETHER, ask, begin, finish, open_news, texts

DAY = timedelta(days=1)


@pytest.fixture
async def paired(tmp_path: Path) -> AsyncIterator[World]:
    """Kim and Noor are a pair in Berlin."""
    async with since(new_pair, tmp_path) as world, world.running():
        yield world


async def test_the_other_reads_what_was_shown_before_asking(paired: World) -> None:
    """A preview, one more tap, a neutral message, and only behind it who asks."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    await kim.send("/talk")
    assert kim.labels[:2] == [TOGETHER, APART]
    await kim.tap(APART)
    shown = kim.screen.partition("\n\n")[2]
    await kim.tap("Ask Noor")
    await open_news(noor)
    assert noor.screen == shown
    assert noor.labels == ["Yes, now", "Another time", "Not now", "Menu", "Help and safety"]


async def ignored(noor: Person) -> None:
    """Never opens it."""


async def declined(noor: Person) -> None:
    """Opens it and says not now."""
    await open_news(noor)
    await noor.tap("Not now")
    assert noor.screen.startswith("Fine. Nobody is told,")


async def left(noor: Person) -> None:
    """Leaves the pair."""
    await noor.send("/leave")
    await noor.tap("Leave")


async def deleted(noor: Person) -> None:
    """Has everything forgotten."""
    await noor.send("/delete")
    await noor.tap("Yes, delete everything")


async def blocked(noor: Person) -> None:
    """Blocks the bot."""
    noor.world.stand_in.block(noor.user_id)
    await noor.world.settled()


async def paused(noor: Person) -> None:
    """Pauses."""
    await noor.send("/settings")
    await noor.tap("Pause")


CAUSES = (ignored, declined, left, deleted, blocked, paused)


async def test_every_no_looks_the_same(tmp_path: Path) -> None:
    """Ignored, declined, left, deleted, blocked or paused, before or after: who asked gets the same chat, hour by hour."""
    seen = []
    for number, cause in enumerate(CAUSES):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with since(new_pair, folder) as world, world.running():
            kim, noor = world.person("Kim"), world.person("Noor")
            first = world.clock.now()
            await ask(kim)
            await cause(noor)
            await world.until(first + DAY)
            await kim.send("/talk")
            await world.until(first + 8 * DAY)
            await kim.send("/talk")
            seen.append([(one.text, one.silent, one.protected, one.buttons) for one in chat_of(kim)])
    marks = [
        [(text, silent, kept, [label for label, _ in buttons]) for text, silent, kept, buttons in one] for one in seen
    ]
    for cause, other in zip(CAUSES, marks, strict=True):
        assert other == marks[0], cause.__name__


async def test_not_now_can_be_thought_over(paired: World) -> None:
    """It stays under /talk until it ends by itself, and nothing reminds of it."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    await ask(kim)
    await declined(noor)
    told = len(noor.from_bot)
    await paired.pass_time(4 * DAY)
    assert len([text for text in texts(noor)[told:] if "/talk" in text]) == 0
    await noor.send("/talk")
    await noor.tap("Yes, now")
    await open_news(kim)
    assert kim.screen.startswith("Your turn to speak.")


async def test_an_offer_is_brought_to_mind_once(paired: World) -> None:
    """After three days one reminder, not at night; after seven the offer ends, for the one who asked in a few kind words."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    await paired.until(paired.clock.now().replace(hour=23))
    await ask(kim)
    told = len(noor.from_bot)
    await paired.pass_time(8 * DAY)
    reminders = [one for one in chat_of(noor)[told:] if one.text.startswith("Something is still there under /talk")]
    assert len(reminders) == 1
    assert 7 <= reminders[0].at.hour < 21
    assert len([text for text in texts(kim) if text.startswith(OVER)]) == 1
    assert not [text for text in texts(noor) if text.startswith(OVER)]


async def test_asking_once_a_day_is_enough(paired: World) -> None:
    """Who takes an offer back can make another tomorrow, not again and again today."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    await ask(kim)
    await kim.tap("Take it back")
    told = len(noor.from_bot)
    await ask(kim)
    assert kim.screen.startswith("Noor was asked once today")
    assert len(noor.from_bot) == told
    await noor.tap("Open it")
    assert noor.screen.startswith("A talk in turns")
    await paired.pass_time(DAY)
    await ask(kim)
    await open_news(noor)


async def test_an_offer_at_night_makes_no_sound(paired: World) -> None:
    """It comes at once and silently; in the morning it is there."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    await paired.until(paired.clock.now().replace(hour=23, minute=30))
    await ask(kim)
    assert chat_of(noor)[-1].text == NEWS
    assert chat_of(noor)[-1].silent


async def test_both_ask_at_once(paired: World) -> None:
    """There is one talk: who comes second finds the offer of the first."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    for person in (kim, noor):
        await person.send("/talk")
        await person.tap(APART)
    await kim.tap("Ask Noor")
    await noor.tap("Ask Kim")
    assert any(text.startswith("Kim would like to talk with you") for text in texts(noor))
    await noor.tap("Yes, now")
    await open_news(kim)


async def test_another_time_is_kept_only_if_both_say_so(paired: World) -> None:
    """Not now, but then; the other names yet another; both confirm; the hour is shown to each by their own clock."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    await ask(kim)
    await open_news(noor)
    await noor.tap("Another time")
    await noor.tap("Thursday 14 January")
    await noor.tap("19:00")
    await open_news(kim)
    await kim.tap("Another time")
    await kim.tap("Friday 15 January")
    await kim.tap("Back")
    await kim.tap("Another time")
    await kim.tap("Friday 15 January")
    await kim.tap("21:00")
    await open_news(noor)
    await noor.tap("Yes, then")
    await open_news(kim)
    assert "Friday 21:00" in kim.screen
    assert kim.labels[:2] == ["Another time", "Stop"]


async def test_a_time_that_is_declined_looks_like_silence(paired: World) -> None:
    """Who named a time hears of it only if it suits."""
    kim, noor = paired.person("Kim"), paired.person("Noor")
    await ask(kim)
    await open_news(noor)
    await noor.tap("Another time")
    await noor.tap("Thursday 14 January")
    await noor.tap("19:00")
    told = len(noor.from_bot)
    await open_news(kim)
    await kim.tap("Not now")
    assert kim.screen.startswith("Fine. Nobody is told,")
    await paired.pass_time(2 * DAY)
    assert not [text for text in texts(noor)[told:] if "/talk" in text or "talk is over" in text]


async def test_it_is_offered_in_the_same_places_to_every_pair(tmp_path: Path) -> None:
    """Under a comparison and in the menu, whatever the circles say; alone there is a way to a pair."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        for person in (world.person("Kim"), world.person("Noor")):
            await person.send("/compare")
            await person.tap("Talk about it")
            assert person.labels[:2] == [TOGETHER, APART]
            await person.send("/menu")
            await person.tap("Talk in turns")
            assert person.labels[:2] == [TOGETHER, APART]


async def test_alone_there_is_a_way_to_a_pair(tmp_path: Path) -> None:
    """A talk takes two."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.person("Kim")
        await kim.send("/talk")
        assert kim.labels[:2] == ["Invite your partner", "I have a code"]


async def test_without_a_clock_no_time_is_named(world: World) -> None:
    """Whoever has not told their zone is asked for it first; a time that the other named is said as how far off it is."""
    kim, noor = await pair(world, cities=None)
    await ask(kim)
    await open_news(noor)
    await noor.tap("Another time")
    assert noor.labels[:2] == ["When to come back", "Back"]
    await tell_city(noor, "Berlin")
    await noor.send("/talk")
    await noor.tap("Another time")
    await noor.tap("Thursday 14 January")
    await noor.tap("19:00")
    await open_news(kim)
    assert "could talk with you in about 25 hours." in kim.screen


async def test_whether_it_helped_steers_only_ones_own_starters(paired: World) -> None:
    """After "No" one's own starters are light for a while; the other's stay what they were."""
    kim, noor = await begin(paired)
    await finish(kim, noor)
    await kim.tap("Close the talk")
    await kim.tap("No")
    await kim.tap("A starter for me")
    assert kim.labels[:2] == ["Why this one?", "Another"]
    await kim.tap("Not now")
    await kim.send("/starter")
    assert kim.labels[:2] == ["Why this one?", "Another"]
    assert noor.screen.startswith("The talk is complete")
