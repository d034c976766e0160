"""What a locked phone shows of a message: its first words; and what may leave a chat: nothing of the partner."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot import app
from bot.scenes import table
from bot.scenes.screen import Drawing, History, Screen
from prompts.catalogue import load
from storage.records import OnUnknown, Parcel
from storage.store import Tx
from tests.care.hostile.house import House, stage
from tests.care.hostile.town import town
from tests.care.in_memory import run
from tests.telegram_html import visible

NAMES = ("Kim", "Noor")
"""What the partners of the town call each other."""

ABOUT = """
SELECT couple_id FROM seat WHERE person_id = :who
UNION SELECT id FROM couple_round WHERE couple_id IN (SELECT couple_id FROM seat WHERE person_id = :who)
UNION SELECT talk_id FROM talk_side WHERE person_id = :who
UNION SELECT ref FROM outbox WHERE person_id = :who
UNION SELECT NULL
"""
"""What a parcel to somebody can be about."""

LATER = (timedelta(0), timedelta(days=1, hours=1), timedelta(days=4), timedelta(days=7))
"""So much later each time, once what was due by then has come."""

OF_A_TALK = frozenset({"talk.room", "talk.after"})
"""What takes the place of a screen of a talk, or may."""

TO_NOBODY = frozenset({"talk.nobody"})
"""Goes to nobody; it is only as much work as the message that it stands for."""


def parcels() -> Iterator[tuple[str, Screen]]:
    """Every parcel that has something to say to anybody in the town, whatever it is about, at some hours."""
    whole = town()
    house = House(whole.now)
    house.put_back(whole.now, whole.data, whole.keys, whole.master)
    for later in LATER:
        run(house.pass_time(later))
        for kind in table.PARCELS:
            for person_id, ref in _addresses(house):
                screen = _rendered(house, kind, person_id, ref)
                if screen is not None:
                    yield kind, screen


def _addresses(house: House) -> list[tuple[int, int | None]]:
    raw = house.data.raw
    people = [number for (number,) in raw.execute("SELECT id FROM person").fetchall()]
    return [(number, ref) for number in people for (ref,) in raw.execute(ABOUT, {"who": number}).fetchall()]


def _rendered(house: House, kind: str, person_id: int, ref: int | None) -> Screen | None:
    now = house.clock.now()
    parcel = Parcel(
        id=1,
        key="key",
        kind=kind,
        person_id=person_id,
        ref=ref,
        on_unknown=OnUnknown.RETRY,
        priority=1,
        available_at=now,
        expires_at=now,
    )

    def render(tx: Tx) -> Screen | None:
        try:
            rendered = app.render(parcel, tx, stage=stage(), clock=house.clock)
        except (LookupError, AssertionError, ValueError):
            return None  # about something else than such a parcel ever is
        return None if rendered is None else rendered.screen

    return run(house.store.read(render))


@pytest.fixture(name="found", scope="module")
def _found() -> list[tuple[str, Screen]]:
    return list(parcels())


def test_every_kind_of_message_is_looked_at(found: list[tuple[str, Screen]]) -> None:
    """The town has somebody for every kind of message that comes by itself."""
    assert {kind for kind, _ in found} == set(table.PARCELS) - TO_NOBODY


def test_the_help_card_is_never_pushed(found: list[tuple[str, Screen]]) -> None:
    """Nothing that comes by itself is the help card: whoever sees the phone would ask why it came."""
    card = visible(stage().voices("en").render("safety", help=load("en").help_lines, country="")).splitlines()[0]
    assert card
    for kind, screen in found:
        assert card not in visible(screen.text), kind


def test_what_a_lock_screen_shows_names_nobody(found: list[tuple[str, Screen]]) -> None:
    """The first line of whatever comes by itself holds no name, and no word of what somebody said or showed."""
    for kind, screen in found:
        first = visible(screen.text).strip().splitlines()[0]
        assert not [name for name in NAMES if name in first], (kind, first)


def test_only_what_is_the_partners_is_protected(found: list[tuple[str, Screen]]) -> None:
    """Forwarding and saving are off where the partner's picture, name or words are, and in a talk; nowhere else among what comes."""
    for kind, screen in found:
        named = any(name in visible(screen.text) for name in NAMES)
        assert screen.protect == (kind in OF_A_TALK or kind == "thanks" or named or _shows_two(screen)), kind


def _shows_two(screen: Screen) -> bool:
    match screen.picture:
        case Drawing(figures=shown) | History(tracks=shown):
            return len(shown) > 1
        case _:
            return False
