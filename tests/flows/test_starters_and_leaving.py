"""Something good to talk or think about, and the quiet way out."""

from datetime import timedelta

from prompts.catalogue import load
from tests.driver import World
from tests.pairs import begin, chat_of, compare_first, pair

STARTERS = {starter.text: starter for starter in load("en").starters}


def starter_in(words: str) -> str:
    """The text of the starter that stands in a message."""
    return next(text for text in STARTERS if text in words)


async def test_a_starter_for_oneself_stays_until_another_is_asked_for(world: World) -> None:
    """/starter gives one from the own half of the pool, the same again, and another when asked."""
    kim = world.person("Kim")
    await begin(kim)
    await kim.send("/starter")
    first = kim.screen
    assert first.startswith("One for you, to think about or to tell:")
    assert STARTERS[starter_in(first)].pair.startswith("own")
    await kim.send("/starter")
    assert kim.screen == first
    await kim.tap("Why this one?")
    assert STARTERS[starter_in(first)].why in kim.screen
    seen = {starter_in(first)}
    for _ in range(4):
        await kim.tap("Another")
        assert starter_in(kim.screen) not in seen
        seen.add(starter_in(kim.screen))


async def test_not_now_is_a_full_answer(world: World) -> None:
    """A starter that was declined does not come back when the next one is asked for."""
    kim = world.person("Kim")
    await begin(kim)
    await kim.send("/starter")
    refused = starter_in(kim.screen)
    await kim.tap("Not now")
    assert kim.screen == "That is fine. There will be others."
    await kim.send("/starter")
    assert starter_in(kim.screen) != refused


async def test_a_starter_needs_no_picture(world: World) -> None:
    """Somebody without a picture gets one as well."""
    kim = world.person("Kim")
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    await kim.send("/starter")
    assert starter_in(kim.screen)


async def test_a_comparison_brings_one_starter_for_both(world: World) -> None:
    """Both get the same one, light the first time, with its reason, an own one instead, and Not now."""
    kim, noor = await pair(world, cities=None)
    await compare_first(world, kim, noor)
    joint = starter_in(kim.screen)
    assert starter_in(noor.screen) == joint
    assert STARTERS[joint].depth == "light"
    assert not STARTERS[joint].pair.startswith("own")
    for person, other in ((kim, "Noor"), (noor, "Kim")):
        talking = ["Talk about it", f"Say thanks to {other}"]
        assert person.labels[:6] == [*talking, "Why this one?", "We talked", "Another", "Not now"]
    await kim.tap("Why this one?")
    assert joint in kim.screen
    assert STARTERS[joint].why in kim.screen
    await kim.tap("Another")
    assert STARTERS[starter_in(kim.screen)].pair.startswith("own")
    await noor.tap("Not now")
    assert noor.screen == "That is fine. There will be others."


async def test_we_talked_is_ones_own(world: World) -> None:
    """Tapping "We talked" tells the partner nothing, once or twice."""
    kim, noor = await pair(world, cities=None)
    await compare_first(world, kim, noor)
    before = chat_of(noor)
    await kim.tap_twice("We talked")
    assert kim.screen.startswith("Noted, for you.")
    assert kim.toast == "Noted"
    assert chat_of(noor) == before


async def test_leaving_takes_two_taps_and_tells_nobody(either_world: World) -> None:
    """/leave asks once; afterwards nothing that the partner has, gets at once or can open has changed."""
    world = either_world
    kim, noor = await pair(world, cities=None)
    await compare_first(world, kim, noor)
    screens = ("/menu", "/compare", "/invite", "/picture", "/leave", "/settings", "/checkin")
    before = chat_of(noor)
    seen = []
    for command in screens:
        await noor.send(command)
        seen.append((noor.screen, noor.labels))
    opened = len(noor.from_bot)

    await kim.send("/leave")
    assert kim.screen.startswith("Leave the pair with Noor?")
    await kim.tap("Stay")
    await kim.send("/menu")
    assert "Our comparison" in kim.labels
    await kim.send("/leave")
    await kim.tap_twice("Leave")
    assert kim.screen.startswith("You have left the pair. Nobody was told.")

    await world.pass_time(timedelta(hours=2))
    assert len(noor.from_bot) == opened
    assert [one.text for one in chat_of(noor)[: len(before)]] == [one.text for one in before]
    for command, (words, labels) in zip(screens, seen, strict=True):
        await noor.send(command)
        assert (noor.screen, noor.labels) == (words, labels), command


async def test_what_was_shown_stays_after_leaving(world: World) -> None:
    """Both keep the comparison: who left, and who was left; the own picture stays as well."""
    kim, noor = await pair(world, cities=None)
    await compare_first(world, kim, noor)
    kept = {person.name: person.screen for person in (kim, noor)}
    await kim.send("/leave")
    await kim.tap("Leave")
    for person in (kim, noor):
        await person.send("/compare")
        assert person.screen == kept[person.name]
    await kim.send("/picture")
    assert kim.screen.startswith("Only you can see this.")
    assert "Invite your partner" in kim.labels


async def test_whoever_left_shows_nothing_any_more(world: World) -> None:
    """A choice made before leaving is taken out: nothing opens, and both the week and the screens look like any other."""
    kim, noor = await pair(world, cities=None)
    await kim.send("/picture")
    await kim.show("Sizes")
    await kim.send("/leave")
    await kim.tap("Leave")
    await noor.tap("Begin")
    await noor.walk(("Very true", "A little true", "Half true"))
    await noor.show("Sizes")
    assert noor.screen.startswith("That is all for this week.")
    await world.pass_time(timedelta(hours=1))
    assert noor.screen.startswith("That is all for this week.")
    await world.pass_time(timedelta(days=6, hours=3))
    assert noor.screen.startswith("There is no comparison this week.")


async def test_an_old_leave_button_leaves_no_new_pair(world: World) -> None:
    """A button that was made for an earlier pair asks about the present one."""
    kim, noor = await pair(world, cities=None)
    await kim.send("/leave")
    _, old = kim._button("Leave", None)
    await kim.tap("Leave")
    robin = world.person("Robin")
    await kim.send("/invite")
    await kim.tap("Kim")
    await robin.follow(kim.screen)
    await robin.tap("I choose this freely")
    await robin.tap("Robin")
    await kim.forge(old)
    assert kim.screen.startswith("Leave the pair with Robin?")
    await kim.tap("Stay")
    await kim.send("/leave")
    assert kim.screen.startswith("Leave the pair with Robin?")
    await noor.send("/leave")
    assert noor.screen.startswith("Leave the pair with Kim?")


async def test_alone_there_is_nothing_to_leave(world: World) -> None:
    """Somebody in no pair is told so."""
    kim = world.person("Kim")
    await begin(kim)
    await kim.send("/leave")
    assert kim.screen == "You are in no pair just now."
