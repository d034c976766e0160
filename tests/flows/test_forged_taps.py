"""Taps that no button offers: anybody with a changed Telegram client can send them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.scenes import table
from bot.scenes.screen import Tap
from bot.scenes.shapes import NOTHING, SHAPES, fits
from bot.scenes.turn import Visitor
from bot.telegram import callbacks
from bot.telegram.router import Doing, Tapped, choose
from bot.telegram.stage import Stage, _perform
from storage import checkins, people
from storage.store import Tx
from tests.driver import Person, World
from tests.pairs import begin, compare_first, pair

NOW_AND_THEN = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), database=None)

ROWS = st.integers(1, 40).map(str)
PIECES = st.one_of(
    ROWS,
    st.sampled_from(["", "0", "-1", "00", "s", "5", "words", "nothing", "full", "yes", "none", "ask", "9" * 30, "1e3"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters=":"), max_size=12),
)


def of_shape() -> st.SearchStrategy[Tap]:
    """Taps that the table can read: numbers of rows that may be anybody's or nobody's, in all the shapes there are."""
    kinds = st.sampled_from(sorted(table.TAPS))
    return kinds.flatmap(
        lambda kind: st.sampled_from(SHAPES.get(kind, NOTHING)).flatmap(
            lambda shape: st.tuples(
                *(
                    st.one_of(
                        ROWS.filter(pattern.fullmatch),
                        st.from_regex(pattern, fullmatch=True, alphabet=st.characters(max_codepoint=126)),
                    )
                    for pattern in shape
                )
            ).map(lambda args: Tap(kind, args))
        )
    )


TAPS = st.one_of(
    of_shape(), st.builds(Tap, st.sampled_from(sorted(table.TAPS)), st.lists(PIECES, max_size=4).map(tuple))
)


def stage_of(world: World) -> Stage:
    """What the running program plays its scenes on."""
    assert world.bot is not None
    return world.bot.consumer._stage


async def play_all(world: World, person: Person) -> None:
    """Play forged taps of every kind for one person, each in the state in which the person is now."""
    assert world.bot is not None
    now = world.clock.now()

    def forge_many(tx: Tx) -> None:
        @NOW_AND_THEN
        @given(TAPS)
        def forged(tap: Tap) -> None:
            tx.connection.exec_driver_sql("SAVEPOINT forged")
            try:
                found = people.find(tx, person.user_id)
                assert found is not None
                before = checkins.unfinished(tx, found.id)
                doing = Doing(
                    telegram_id=person.user_id, visitor=Visitor(person.name), tap=tap, tapped=Tapped(1, True, False)
                )
                call = choose(stage_of(world).routes, doing, found.panel.place)
                played = _perform(tx, stage_of(world), found, call, now, visitor=doing.visitor)
                assert len(callbacks.encode(played.screen.place)) <= callbacks.MAX_BYTES
                if not fits(tap) and before is not None:
                    assert checkins.unfinished(tx, found.id) == before
            finally:
                tx.connection.exec_driver_sql("ROLLBACK TO forged")
                tx.connection.exec_driver_sql("RELEASE forged")

        forged()

    await world.bot.store.write(forge_many)


def test_every_shape_belongs_to_a_tap() -> None:
    """Only kinds that the table knows have a shape."""
    assert set(SHAPES) <= set(table.TAPS)


@pytest.mark.parametrize("state", ["newcomer", "walking", "with a picture", "compared"])
async def test_no_forged_tap_raises_or_moves_a_walk(world: World, state: str) -> None:
    """Whatever a tap says, there is a screen; a tap that no button could send changes nothing in a walk."""
    robin = world.person("Robin")
    if state == "newcomer":
        await robin.send("/start")
    elif state == "walking":
        await robin.send("/start")
        await robin.tap("I'm 18 or over, let's begin")
        for _ in range(12):
            await robin.tap("Half true")
    elif state == "with a picture":
        await begin(robin)
    else:
        kim, noor = await pair(world, cities=None)
        await compare_first(world, kim, noor)
        robin = noor
    await play_all(world, robin)


FORGED = (
    "",
    "x",
    "v0:home",
    "v1",
    "v1:",
    "v1:nobody",
    "v1:walk.answer",
    "v1:walk.answer:1:1",
    "v1:walk.answer:1:1:5",
    "v1:walk.answer:1:1:-1",
    "v1:walk.answer:one:1:1",
    "v1:walk.answer:99999999999999999999:1:1",
    "v1:walk.answer:2:1:1",
    "v1:walk.back:1",
    "v1:walk.wish:1:money",
    "v1:walk.keep:1",
    "v1:walk.keep",
    "v1:share.set:1:everything",
    "v1:join.yes",
    "v1:joint.talked:x",
    "v1:zone.set:../../etc/passwd",
    "v1:about:seven",
    "é" * 30,
)


async def test_a_forged_tap_repaints_the_present_question(world: World) -> None:
    """A tap that no button offers leaves the question, its place and its message as they are."""
    kim = world.person("Kim")
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    await kim.tap("Half true")
    await kim.tap("Very true")
    for data in FORGED:
        await kim.forge(data)
        assert kim.screen.startswith("3 of 20"), data
        assert len(kim.from_bot) == 1


async def test_a_tap_of_another_person_changes_nothing(world: World) -> None:
    """A button carried over from another person's chat answers nothing there, and nothing here."""
    kim, noor = world.person("Kim"), world.person("Noor")
    for person in (kim, noor):
        await person.send("/start")
        await person.tap("I'm 18 or over, let's begin")
    stolen = kim._button("Very true", None)[1]
    await noor.forge(stolen)
    assert noor.screen.startswith("1 of 20")
    await kim.send("/checkin")
    assert kim.screen.startswith("1 of 20")
