"""Leaks that the property found once, each told by itself."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from storage import couples, people, rounds
from storage.store import Tx
from tests.care.house import House, Moment, house_at, new_house, without_inbox
from tests.care.in_memory import run
from tests.care.moves import come, delete, leave, pair_up, tap_if_there
from tests.driver import A_WEDNESDAY, LINK
from tests.pairs import MIDWEEK, begin, tell_city

BEFORE_THE_LAST_SLOT = datetime(2027, 1, 17, 20, tzinfo=UTC)
"""Sunday evening: the slot has come in Berlin, and not yet in New York."""


@pytest.fixture(autouse=True)
def _in_memory() -> Iterator[None]:
    with without_inbox():
        yield


async def _alone(house: House) -> Moment:
    await begin(house.person("Kim"))
    house.person("Noor")
    return house.moment()


async def _starters(house: House, others: int) -> list[str]:
    """What somebody new is told after other people came."""
    for number in range(others):
        await come(house.person(f"Other {number}"))
    await house.until(A_WEDNESDAY + timedelta(hours=1))
    noor = house.people["Noor"]
    await begin(noor)
    screens = [noor.screen]
    for _ in range(5):
        await noor.send("/starter")
        await tap_if_there(noor, "Another")
        screens.append(noor.screen)
    return screens


async def _joint_starters(house: House, *, other_pairs: int) -> list[str]:
    """What a pair is told after other pairs formed."""
    for number in range(other_pairs):
        await pair_up(house.person(f"Ada {number}"), house.person(f"Bo {number}"))
    await house.until(A_WEDNESDAY + timedelta(hours=1))
    kim = house.people["Kim"]
    await pair_up(kim, house.people["Noor"])
    for person in house.people["Noor"], kim:
        await tell_city(person, "Berlin")
    await house.pass_time(timedelta(weeks=4))
    return [str(one["text"]) for one in kim.from_bot if MIDWEEK in str(one.get("text"))]


def test_how_many_others_are_here_changes_no_starter() -> None:
    """Neither one's own starters and thoughts nor a pair's depend on how many people and pairs there are."""
    moment = run(_alone(new_house(A_WEDNESDAY)))
    assert run(_starters(house_at(moment, 0), 0)) == run(_starters(house_at(moment, 1), 3))
    first = run(_joint_starters(house_at(moment, 0), other_pairs=0))
    assert len(first) > 1
    assert first == run(_joint_starters(house_at(moment, 1), other_pairs=2))


@pytest.mark.parametrize("labels", [("Hour", "18:00", "Hour", "19:00"), ("Quiet hours", "22:00", "08:00")])
def test_a_setting_that_is_put_back_moves_no_reveal_hour(labels: tuple[str, ...]) -> None:
    """Before the rhythm of a pair begins, its reveal hour depends on what both slots are, not on what they were."""

    async def story() -> tuple[datetime, datetime]:
        house = new_house(A_WEDNESDAY)
        kim, noor = house.person("Kim"), house.person("Noor")
        await begin(kim)
        await pair_up(kim, noor)
        await tell_city(kim, "Berlin")
        await tell_city(noor, "New York")
        await house.until(BEFORE_THE_LAST_SLOT)
        before = await house.store.read(reveal_hour)
        await kim.send("/settings")
        await tap_if_there(kim, *labels)
        return before, await house.store.read(reveal_hour)

    def reveal_hour(tx: Tx) -> datetime:
        kim = people.find(tx, 5_000_000_000)
        assert kim is not None
        week = rounds.current(tx, couples.require(tx, kim.id).id)
        assert week is not None
        return week.reveal_at

    before, after = run(story())
    assert before == after == datetime(2027, 1, 20, 0, tzinfo=UTC)


async def _forgotten(house: House) -> None:
    await delete(house.people["Kim"])


async def _half_forgotten(house: House) -> None:
    house.deletes_at_once = False
    await delete(house.people["Kim"])


async def _taken_back(house: House) -> None:
    await house.people["Kim"].send("/invite")
    await tap_if_there(house.people["Kim"], "Take it back")


async def _paired_with_another(house: House) -> None:
    sam = house.person("Sam")
    await begin(sam)
    await sam.send("/invite")
    await tap_if_there(sam, "Sam")
    kim = house.people["Kim"]
    await kim.follow(sam.screen)
    await tap_if_there(kim, "I choose this freely", "Kim")
    assert "You and Sam are a pair now." in kim.screen


@pytest.mark.parametrize("cause", [_forgotten, _half_forgotten, _taken_back, _paired_with_another])
def test_an_invitation_that_cannot_be_used_never_tells_why(cause: Callable[[House], Awaitable[None]]) -> None:
    """Taken back, in another pair, deleted, or deleted by halves because the power failed: one and the same sentence."""

    async def story() -> str:
        house = new_house(A_WEDNESDAY)
        kim, noor = house.person("Kim"), house.person("Noor")
        await begin(kim)
        await begin(noor)
        await kim.send("/invite")
        await tap_if_there(kim, "Kim")
        link = LINK.search(kim.screen)
        assert link is not None
        await cause(house)
        await noor.follow(link[0])
        return noor.screen

    assert run(story()) == "This invitation cannot be used. Please ask for a new one."


def test_two_pictures_of_one_day_have_two_names() -> None:
    """Who answers twice on a day finds both pictures in the file."""

    async def story() -> list[str]:
        house = new_house(A_WEDNESDAY)
        kim, noor = house.person("Kim"), house.person("Noor")
        await begin(kim)
        await pair_up(kim, noor)
        await kim.send("/checkin")
        await kim.walk()
        await leave(kim)
        await kim.send("/export")
        content = house.stand_in.heard[kim.user_id][-1][2][-1]
        assert isinstance(content, tuple)
        with ZipFile(BytesIO(content[1])) as archive:
            return archive.namelist()

    assert run(story()) == ["week-000-2027-01-13.jpg", "week-000-2027-01-13-2.jpg"]
