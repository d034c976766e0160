"""What people do comes late, twice, in another order or in another form: each counts once, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.demo.faults import Instead
from bot.trouble import Trouble
from tests.beginnings import about_to_compare, kim_alone
from tests.driver import Person, World
from tests.flows import fault_table as table
from tests.flows.fault_place import harsh
from tests.flows.fault_table import FAULTS, Then
from tests.gate import Gate
from tests.pairs import A_MINUTE
from tests.telegram_models import everything_read

pytestmark = pytest.mark.faulty

TEN = 10


@pytest.fixture(autouse=True)
def _everything_is_telegrams_own() -> Iterator[None]:
    """As in every story, but for the batches of updates, which a test here declares to be none."""
    with everything_read() as wrong:
        yield
    others = [each for each in wrong if not each.startswith("the result of getUpdates")]
    assert not others, others[:10]


@pytest.fixture(name="here")
async def _here(tmp_path: Path) -> AsyncIterator[tuple[World, Gate]]:
    """Kim, who has a picture and is in no pair, behind a gate."""
    async with harsh(kim_alone, tmp_path) as here:
        yield here


async def parked(world: World) -> None:
    """Wait until a poll waits at Telegram's: what is declared from now on meets the one after."""
    while world.stand_in._world.updates._poller is None:
        world.clock.advance(timedelta(seconds=1))
        await asyncio.sleep(0.002)


async def patiently(world: World) -> None:
    """Let the pauses between two polls pass, until everything has been asked for."""
    while world.stand_in.pending_updates():
        world.clock.advance(timedelta(seconds=1))
        await asyncio.sleep(0.005)
    await world.settled()


def chat(person: Person, since: int) -> list[str]:
    """How the newest messages from the bot begin, after so many."""
    return [str(each.get("text") or each.get("caption"))[:6] for each in person.from_bot[since:]]


async def test_asking_again(here: tuple[World, Gate]) -> None:
    """Whatever meets a poll, the bot asks again, and what people did meanwhile is answered, once."""
    world, way = here
    kim = world.people["Kim"]
    for fault, then in table.UPDATES["getUpdates"].items():
        before = len(kim.from_bot)
        await parked(world)
        if fault == table.CLOSED:
            await way.shut()
        else:
            world.stand_in.faults.add("getUpdates", FAULTS[fault])
            world.stand_in.say(kim.user_id, "/about")
            while len(kim.from_bot) == before:
                await asyncio.sleep(0.002)
        world.stand_in.say(kim.user_id, "/settings")
        if then is Then.STOPS:
            assert world.bot is not None
            with pytest.raises(Trouble, match="does not know BOT_TOKEN any more"):
                await world.bot.until_broken()
            return
        if fault == table.CLOSED:
            await asyncio.sleep(0.01)
            assert len(kim.from_bot) == before
            await way.open()
        await patiently(world)
        assert world.stand_in.faults.left() == 0, fault
        assert chat(kim, before) == (["Settin"] if fault == table.CLOSED else ["1 of 5", "Settin"]), fault
    raise AssertionError("the last row stops the bot")


@pytest.mark.parametrize("result", [{}, [1], [{"message": {}}], None, "text"])
async def test_a_batch_of_another_form(here: tuple[World, Gate], result: object) -> None:
    """What is no list of updates is asked for again after a pause; the bot neither stops nor asks without end."""
    world, _ = here
    kim = world.people["Kim"]
    await parked(world)
    world.stand_in.faults.add("getUpdates", Instead(200, {"ok": True, "result": result}), times=2)
    world.stand_in.say(kim.user_id, "/about")
    world.stand_in.say(kim.user_id, "/settings")
    while world.stand_in.faults.left() > 1:
        await asyncio.sleep(0.002)
    await asyncio.sleep(0.05)
    assert world.stand_in.faults.left() == 1
    await patiently(world)
    assert chat(kim, -2) == ["1 of 5", "Settin"]


async def test_an_update_that_comes_again_counts_once(here: tuple[World, Gate]) -> None:
    """Telegram may send a batch again, in another order and mixed with what is new."""
    world, _ = here
    kim = world.people["Kim"]
    before = len(kim.from_bot)
    await parked(world)
    for words in ("/about", "/help", "/settings"):
        world.stand_in.say(kim.user_id, words)
    first, second, third = world.stand_in.pending_updates()
    again = Instead(200, {"ok": True, "result": [third, first, second, first]})
    world.stand_in.faults.add("getUpdates", again, times=2)
    await patiently(world)
    assert world.stand_in.faults.left() == 0
    assert chat(kim, before) == ["1 of 5", "How it", "Settin"]


async def test_updates_in_another_order_are_all_handled(here: tuple[World, Gate]) -> None:
    """They are handled in the order in which they came, each once, and the chat ends with one panel."""
    world, _ = here
    kim = world.people["Kim"]
    before = len(kim.from_bot)
    await parked(world)
    world.stand_in._world.updates.end_poll()
    for words in ("/about", "/help", "/settings"):
        world.stand_in.say(kim.user_id, words)
    world.stand_in.faults.add(
        "getUpdates", Instead(200, {"ok": True, "result": world.stand_in.pending_updates()[::-1]})
    )
    await patiently(world)
    assert chat(kim, before) == ["Settin", "How it", "1 of 5"]
    await kim.tap("Next")
    assert kim.screen.startswith("2 of 5")


async def test_ten_taps_on_one_answer_are_one_answer(here: tuple[World, Gate]) -> None:
    """A statement is answered once, however often its button is tapped before the next one is there."""
    world, _ = here
    noor = world.person("Noor")
    await noor.send("/start")
    await noor.tap("I'm 18 or over, let's begin")
    assert noor.screen.startswith("1 of 20")
    before = len(noor.from_bot)
    await tap_ten_times(noor, "Mostly true")
    assert noor.screen.startswith("2 of 20")
    assert len(noor.from_bot) == before
    await tap_ten_times(noor, "Back")
    assert noor.screen.startswith("1 of 20")


async def test_ten_taps_on_share_open_one_comparison(tmp_path: Path) -> None:
    """Both choose with ten taps each: each still gets one comparison."""
    async with harsh(about_to_compare, tmp_path) as (world, _):
        kim, noor = world.people["Kim"], world.people["Noor"]
        await kim.send("/picture")
        await kim.tap("What may Noor see?")
        await kim.tap("Sizes")
        await tap_ten_times(kim, "Share this")
        before = len(kim.from_bot), len(noor.from_bot)
        await world.pass_time(2 * A_MINUTE)
        assert (len(kim.from_bot) - before[0], len(noor.from_bot) - before[1]) == (1, 1)


async def tap_ten_times(person: Person, label: str) -> None:
    """Tap a button over and over before the bot could answer the first time."""
    message, data = person._button(label, None)
    for _ in range(TEN):
        person.world.stand_in.tap(person.user_id, message["message_id"], data)
    await person.world.settled()
