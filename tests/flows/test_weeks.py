"""Weeks that have something: the ring of the usual, a moment from the start, and a wish that leads on."""

from datetime import timedelta

from tests.driver import Person, World

A_WEEK = timedelta(days=7)


async def begin(person: Person) -> None:
    """From the welcome to the first picture."""
    await person.send("/start")
    await person.tap("I'm 18 or over, let's begin")
    await person.walk()


async def answer_again(world: World, person: Person) -> None:
    """The next week's six statements."""
    await world.pass_time(A_WEEK)
    await person.send("/checkin")
    await person.walk()


async def test_weeks_bring_the_ring_and_the_moment_from_the_start(world: World) -> None:
    """The rings come in week 4; in week 6 the first picture stands beside today's, and most of it is called chance."""
    kim = world.person("Kim")
    await begin(kim)
    for week in range(1, 7):
        assert "A moment from the start" not in kim.labels
        await answer_again(world, kim)
        assert ("The thin rings are your usual." in kim.screen) is (week >= 4)
    await kim.tap("A moment from the start")
    assert "photo" in kim.last
    assert "Then: " in kim.screen
    assert "Circles move; most of it is chance." in kim.screen


async def test_a_wish_leads_to_a_starter_of_ones_own(world: World) -> None:
    """Whoever wishes for more room is offered a starter for that, and only then."""
    kim = world.person("Kim")
    await begin(kim)  # taps "Fine as it is"
    assert "A starter for that wish" not in kim.labels
    await world.pass_time(A_WEEK)
    await kim.send("/checkin")
    while "More room for me" not in kim.labels:
        await kim.tap("Half true")
    await kim.tap("More room for me")
    await kim.walk()
    await kim.tap("A starter for that wish")
    assert kim.screen.startswith("One for you, to think about or to tell:")
