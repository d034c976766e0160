import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest
from sqlalchemy import select

from bot.delivery.courier import Failure
from bot.demo.faults import CutBefore, retry_after
from bot.scenes.screen import Screen
from bot.telegram import consumer as consumer_module
from bot.telegram.letters import keep
from bot.telegram.panel import Shown
from bot.telegram.router import Tapped
from storage import inbox, people
from storage.records import Letter, Person
from storage.store import Tx
from storage.tables import inbox as inbox_table
from tests.flows.edge_place import KIM, SAM, EdgePlace, edge_place, until

pytestmark = pytest.mark.faulty


@pytest.fixture(name="place")
async def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EdgePlace]:
    """Where the edge can be started again and again; Kim is at home there."""
    monkeypatch.setattr(consumer_module, "RETRY_SECONDS", 0.01)
    async with edge_place(tmp_path) as place:
        async with place.running() as first:
            await first.say("/start let-me-in")
        yield place


def spoken(number: int, text: str) -> dict[str, Any]:
    """An update in which Kim types something."""
    kim = {"id": KIM, "is_bot": False, "first_name": "Kim"}
    chat = {"id": KIM, "type": "private", "first_name": "Kim"}
    return {
        "update_id": 1000 + number,
        "message": {"message_id": 500 + number, "date": 1, "chat": chat, "from": kim, "text": text},
    }


def states(tx: Tx) -> Sequence[tuple[str, int]]:
    """State and tries of every letter, oldest first."""
    rows = tx.connection.execute(select(inbox_table.c.state, inbox_table.c.attempts).order_by(inbox_table.c.id))
    return [(row.state, row.attempts) for row in rows]


async def test_a_screen_that_was_owed_is_painted_after_a_restart(place: EdgePlace) -> None:
    """Every handled update is followed by a screen, even if the process ends in between."""
    async with place.running() as bot:
        place.stand_in.faults.add("sendMessage", CutBefore())
        await bot.say("/name")
        assert bot.texts() == ["Home"]
    async with place.running() as bot:
        await bot.consumer.idle()
        assert bot.texts() == ["Home", "What name?"]


async def test_letters_left_open_are_handled_first_and_in_order(place: EdgePlace) -> None:
    """What was on disk when the process ended is answered at the next start, once."""
    async with place.running(poll=False) as bot:
        letters = await keep(bot.store, [spoken(1, "/name"), spoken(2, "Kim"), spoken(3, "/home")], bot.clock)
        assert [letter.update_id for letter in letters] == [1001, 1002, 1003]
        assert await keep(bot.store, [spoken(3, "/home")], bot.clock) == []
    async with place.running() as bot:
        await bot.consumer.idle()
        assert bot.texts() == ["Home", "What name?", "Hello 3", "Home"]
        assert {state for state, _ in await bot.store.read(states)} == {"done"}


async def test_stopping_finishes_one_letter_and_leaves_the_others(place: EdgePlace) -> None:
    """A graceful stop in the middle of a chat loses nothing and answers nothing twice."""
    async with place.running(poll=False) as bot:
        bot.consumer.hand(await keep(bot.store, [spoken(n, "/home") for n in range(6)], bot.clock))
        await until(lambda: len(bot.texts()) > 1)
    done = len(bot.texts())
    assert done < 7
    async with place.running() as bot:
        await bot.consumer.idle()
        assert bot.texts() == ["Home"] * 7


async def test_a_letter_is_handled_once_even_if_it_is_handed_in_twice(place: EdgePlace) -> None:
    """A letter that is done changes nothing any more."""
    async with place.running(poll=False) as bot:
        letters = await keep(bot.store, [spoken(1, "/name")], bot.clock)
        bot.consumer.hand(letters)
        await bot.consumer.idle()
        bot.consumer.hand(letters)
        await bot.consumer.idle()
        assert bot.texts() == ["Home", "What name?"]


async def test_a_scene_that_stumbles_is_tried_three_times_and_given_up(
    place: EdgePlace, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing of a failed try stays; the person sees the present screen; the log holds type and place, no words."""
    async with place.running() as bot:
        await bot.say("/name")
        await bot.say("/broken")
        assert bot.texts()[-1] == "What name?"
        assert (await bot.store.read(states))[-1] == ("dead", 3)
        assert not (await bot.person()).paused
        await bot.say("Kimberly")
        assert bot.texts()[-1] == "Hello 8"
    failures = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(failures) == 3
    assert all("LookupError at edge_scenes.py" in line and "private" not in line for line in failures)


async def test_a_place_that_cannot_be_painted_leads_home(place: EdgePlace, caplog: pytest.LogCaptureFixture) -> None:
    """If the present screen itself stumbles, the person is brought home."""
    async with place.running() as bot:
        person = await bot.person()
        await bot.store.write(partial(people.set_place, person_id=person.id, place="v1:broken"))
        await bot.consumer.repaint_owed()
        await bot.consumer.idle()
        assert bot.texts() == ["Home", "Home"]
        assert (await bot.person()).panel.place == "v1:home"
    assert "LookupError" in caplog.text


async def test_a_letter_that_cannot_be_read_is_given_up(place: EdgePlace, caplog: pytest.LogCaptureFixture) -> None:
    """An update of a shape that nobody knows holds nothing up and is not quoted."""
    async with place.running(poll=False) as bot:
        strange: dict[str, Any] = {"update_id": 77, "message": {"chat": {"id": KIM}, "text": "private"}}
        bot.consumer.hand(await keep(bot.store, [strange, spoken(1, "/home")], bot.clock))
        await bot.consumer.idle()
        assert bot.texts() == ["Home", "Home"]
        assert (await bot.store.read(states))[-2:] == [("dead", 0), ("done", 0)]
    assert "cannot be read" in caplog.text
    assert "private" not in caplog.text


@pytest.mark.parametrize("number", [KIM, 2**80])
async def test_an_update_of_a_kind_that_never_comes_stops_nothing(place: EdgePlace, number: int) -> None:
    """Half a character, or a chat's number beyond all bounds, is kept and handled or given up; the bot goes on."""
    async with place.running(poll=False) as bot:
        update = spoken(1, "half \ud83d")
        update["message"]["chat"]["id"] = number
        bot.consumer.hand(await keep(bot.store, [update, spoken(2, "/home")], bot.clock))
        await bot.consumer.idle()
        assert bot.texts()[-1] == "Home"
        assert await bot.store.read(inbox.open_letters) == []


async def test_who_asks_to_be_forgotten_is(place: EdgePlace) -> None:
    """After the last screen the person is deleted for good, and is a stranger from then on."""
    async with place.running() as bot:
        await bot.say("/forget")
        assert bot.texts()[-1] == "Forgotten"
        assert await bot.store.read(partial(people.find, telegram_id=KIM)) is None
        assert await bot.store.read(people.forgotten) == []
        await bot.say("Hello")
        assert bot.texts()[-1] == "By invitation only"


async def test_forgetting_does_not_wait_for_telegram(place: EdgePlace) -> None:
    """If the last screen cannot be sent, the person is deleted all the same."""
    async with place.running() as bot:
        place.stand_in.faults.add("sendMessage", CutBefore())
        await bot.say("/forget")
        assert await bot.store.read(people.forgotten) == []


async def test_a_broken_storage_stops_the_process(place: EdgePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    """When nothing can be written any more, whoever watches the consumer hears of it."""
    async with place.running(poll=False) as bot:
        letters = await keep(bot.store, [spoken(1, "/home")], bot.clock)

        async def full(_unit: object) -> NoReturn:
            raise OSError("disk full")

        monkeypatch.setattr(bot.store, "write", full)
        bot.consumer.hand(letters)
        with pytest.raises(OSError, match="disk full"):
            await asyncio.wait_for(bot.consumer.watch(), 5)
        bot.consumer.hand(letters)
        await bot.consumer.idle()
        monkeypatch.undo()
        assert len(await bot.store.read(inbox.open_letters)) == 1


async def test_a_panel_that_stumbles_leaves_the_screen_owed(
    place: EdgePlace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake while showing costs nobody else anything, and the screen comes later."""
    async with place.running() as bot:
        show = bot.panel.show

        async def stumble(person: Person, screen: Screen, tapped: Tapped | None = None) -> Shown | Failure:
            monkeypatch.setattr(bot.panel, "show", show)
            raise ZeroDivisionError(person.id, screen, tapped)

        monkeypatch.setattr(bot.panel, "show", stumble)
        await bot.say("/name")
        assert (await bot.person()).panel.owed
        await bot.consumer.repaint_owed()
        await bot.consumer.idle()
        assert bot.texts()[-1] == "What name?"
    assert "ZeroDivisionError" in caplog.text


async def test_a_chat_that_is_being_handled_is_not_painted_again(place: EdgePlace) -> None:
    """Looking for owed screens never doubles one that is on its way."""
    async with place.running() as bot:
        gate = asyncio.Event()
        show = bot.panel.show

        async def slow(person: Person, screen: Screen, tapped: Tapped | None = None) -> Shown | Failure:
            await gate.wait()
            return await show(person, screen, tapped)

        bot.panel.show = slow  # type: ignore[method-assign]
        place.stand_in.say(KIM, "/name")
        await until(lambda: not place.stand_in.pending_updates())
        await asyncio.sleep(0.05)
        await bot.consumer.repaint_owed()
        gate.set()
        await bot.settled()
        assert bot.texts() == ["Home", "What name?"]


async def test_a_tap_costs_few_statements(place: EdgePlace) -> None:
    """The edge's own part of a tap is three statements, so that a scene has three left of the six."""
    async with place.running(poll=False) as bot:
        letters: list[Letter] = await keep(bot.store, [spoken(1, "/home")], bot.clock)
        with bot.store.count_statements() as statements:
            event = asyncio.Event()
            played = bot.consumer._committed
            bot.consumer._committed = event.set
            bot.consumer.hand(letters)
            await event.wait()
            unit = list(statements)
            bot.consumer._committed = played
            await bot.consumer.idle()
    assert len(unit) == 3, unit


async def test_too_long_a_patience_leaves_the_screen_owed(place: EdgePlace) -> None:
    """Nobody's chat is held up for more than a minute by one 429; the screen comes with a later look."""
    async with place.running() as bot:
        place.stand_in.faults.add("sendMessage", retry_after(600))
        await bot.say("/name")
        assert (await bot.person()).panel.owed


async def test_stopping_does_not_wait_for_telegrams_patience(place: EdgePlace) -> None:
    """A screen that waits is given up at a stop, stays owed, and comes after the restart."""
    async with place.running() as bot:
        place.stand_in.faults.add("sendMessage", retry_after(30))
        place.stand_in.say(KIM, "/name")
        await until(lambda: place.stand_in.faults.left() == 0)
        async with asyncio.timeout(5):
            await bot.consumer.stop(grace=0.05)
        assert (await bot.person()).panel.owed
    async with place.running() as bot:
        await bot.consumer.idle()
        assert bot.texts() == ["Home", "What name?"]


async def test_strangers_are_not_painted(place: EdgePlace) -> None:
    """A stranger whom nobody answered in time is owed nothing."""
    async with place.running() as bot:
        place.stand_in.faults.add("sendMessage", CutBefore())
        await bot.say("Hello", who=SAM)
        await bot.consumer.repaint_owed()
        await bot.consumer.idle()
        assert bot.texts(SAM) == []
