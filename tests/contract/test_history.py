"""A long history comes window by window, with its gaps, its unusual weeks, and only the change that may be spoken of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.dance.sizes import Grids
from bot.scenes import history
from bot.scenes.results import Result, score
from bot.scenes.screen import History, Screen, Tap
from bot.scenes.turn import House, Turn
from prompts.catalogue import load
from prompts.instrument import INSTRUMENT
from storage import checkins
from storage.records import Person
from storage.store import Store, Tx
from tests.contract.people import NOW, add_person
from tests.telegram_html import CAPTION_LIMIT, length

WORDS = load("en")
A_WEEK = timedelta(weeks=1)


def result(week: int, *, unusual: bool = False) -> Result:
    """An ordinary result that differs from week to week."""
    raw = {item.id: (week + place) % 5 for place, item in enumerate(INSTRUMENT.items)}
    return score(Grids.start().answered(raw), weight=1.0, week=week, wish=None, unusual=unusual)


async def live(store: Store, person: Person, weeks: Sequence[Result]) -> None:
    """Finish a check-in in each of these weeks."""

    def unit(tx: Tx) -> None:
        for one in weeks:
            at = NOW + one.week * A_WEEK
            begun = checkins.begin(tx, person_id=person.id, form="weekly", week=one.week, walk="{}", now=at)
            checkins.finish(tx, begun, walk="{}", result=one.to_json(), grids=b"\x01", round_id=None, now=at)

    await store.write(unit)


async def look(store: Store, person: Person, page: int) -> Screen:
    """Open one window."""
    tap = Tap("history", (str(page),))
    turn = Turn(person=person, now=NOW + 80 * A_WEEK, words=WORDS, house=House(bot_username="bot"), tap=tap)
    return await store.read(partial(history.history, turn))


def picture(screen: Screen) -> History:
    """The picture of a screen."""
    assert isinstance(screen.picture, History)
    return screen.picture


async def test_sixty_weeks_come_in_five_windows(store: Store) -> None:
    """Every week is in one window, each window fits under its picture, and a page that is too far is the earliest."""
    person = await add_person(store, 1)
    lived = [result(week, unusual=week % 7 == 0) for week in range(60)]
    await live(store, person, lived)
    windows = [await look(store, person, page) for page in range(5)]
    told = [moment for screen in reversed(windows) for moment in picture(screen).tracks[0].moments]
    assert [moment.i.size for moment in told] == [one.i.size for one in lived]
    assert [moment.unusual for moment in told] == [one.unusual for one in lived]
    assert all(length(screen.text) <= CAPTION_LIMIT for screen in windows)
    labels = [{button.label for row in screen.rows for button in row} & {"Earlier", "Later"} for screen in windows]
    assert labels == [{"Earlier"}, *[{"Earlier", "Later"}] * 3, {"Later"}]
    assert picture(await look(store, person, 99)) == picture(windows[-1])


@pytest.mark.parametrize("page", [0, 1])
async def test_a_line_never_leads_over_a_missing_week_or_out_of_a_window(store: Store, page: int) -> None:
    """After a gap, and at the beginning of a window, a week follows nothing."""
    person = await add_person(store, 1)
    await live(store, person, [result(week) for week in (*range(5), *range(9, 24))])
    moments = picture(await look(store, person, page)).tracks[0].moments
    follows = [moment.follows for moment in moments]
    assert follows == ([False, *[True] * 11] if page == 0 else [False, *[True] * 4, False, True, True])


async def test_lasting_change_is_told_only_where_the_model_told_it(store: Store) -> None:
    """A change that was spoken of stands in its window; no other window speaks of one, however much its sizes differ."""
    person = await add_person(store, 1)
    lived = [result(week) for week in range(30)]
    lived[15] = replace(lived[15], shifts={"I": ("changed", "larger")})
    await live(store, person, lived)
    sentence = 'Compared with your first eight weeks, your "I" has probably become larger.'
    assert [sentence in (await look(store, person, page)).text for page in range(3)] == [False, True, False]
    assert "No lasting change can be told from this." in (await look(store, person, 0)).text
    assert "after sixteen weeks at the earliest" in (await look(store, person, 2)).text
