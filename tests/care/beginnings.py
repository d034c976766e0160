"""Where stories of non-interference begin: each beginning is told once and gone back to from then on."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

from tests.beginnings import compared_far_apart, compared_in_berlin, kim_alone, new_pair
from tests.care import house
from tests.care.in_memory import run
from tests.care.measured import scripted_results
from tests.driver import A_WEDNESDAY, LINK
from tests.pairs import begin

Beginning = Callable[[Any], Awaitable[None]]


async def both_alone(world: Any) -> None:
    """Kim and Noor each have a picture, and no pair."""
    await kim_alone(world)
    await begin(world.person("Noor"))


async def invited(world: Any) -> None:
    """Noor has a picture and has invited somebody; Kim, who holds the link, is a stranger to the bot."""
    world.person("Kim")
    noor = world.person("Noor")
    await begin(noor)
    await noor.send("/invite")
    await noor.tap("Noor")


async def zones_unknown(world: Any) -> None:
    """A pair of whom nobody knows what time it is for them."""
    await both_alone(world)
    kim, noor = world.people["Kim"], world.people["Noor"]
    await kim.send("/invite")
    await kim.tap("Kim")
    await noor.follow(kim.screen)
    await noor.tap("I choose this freely")
    await noor.tap("Noor")


async def later(world: Any) -> None:
    """A week after the first comparison, on the evening when the questions come."""
    await compared_far_apart(world)
    await world.pass_time(timedelta(days=4, hours=2))


async def nearly_closed(world: Any) -> None:
    """After four rounds without a comparison: the sixth closes the pair."""
    await compared_in_berlin(world)
    await world.pass_time(timedelta(weeks=4, days=1))


BEGINNINGS: Mapping[str, Beginning] = MappingProxyType(
    {
        "both alone": both_alone,
        "invited": invited,
        "new pair": new_pair,
        "zones unknown": zones_unknown,
        "compared": compared_far_apart,
        "later": later,
        "nearly closed": nearly_closed,
    }
)


@cache
def told(name: str) -> tuple[house.Moment, str]:
    """A beginning, and the newest invitation in it."""
    with house.without_inbox(), scripted_results():
        world = house.new_house(A_WEDNESDAY)
        run(BEGINNINGS[name](world))
        return world.moment(), _link(world)


def _link(world: house.House) -> str:
    captions = [str(message.get("caption")) for person in world.people.values() for message in person.from_bot]
    found = LINK.search("\n".join(reversed(captions)))
    return found[0] if found else ""
