"""The first evening of two people, from /start to the first comparison."""

from datetime import timedelta

from tests.driver import World


async def test_two_people_compare_their_pictures(either_world: World) -> None:
    """Two strangers begin, walk, pair and choose to show, and a minute later both get the comparison."""
    world = either_world
    kim, noor = world.person("Kim"), world.person("Noor")
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    await kim.walk()
    assert kim.screen.startswith("Only you can see this.")

    await kim.tap("Invite your partner")
    await kim.tap("Kim")
    await noor.follow(kim.screen)
    assert noor.screen.startswith("Kim invites you to You & I.")
    await noor.tap("I choose this freely")
    await noor.tap("Noor")
    assert "You and Kim are a pair now." in noor.screen
    assert "You and Noor are a pair now." in kim.screen

    await noor.tap("Begin")
    await noor.walk(("Very true", "A little true", "Half true"))
    await noor.show("Sizes and words")
    await kim.show("Sizes")
    assert kim.screen.startswith("That is all for this week.")
    assert kim.toast == "Noted: Sizes"

    await world.pass_time(timedelta(seconds=70))
    assert "Noor:" in kim.screen
    assert 'Kim: "I" about' in noor.screen
