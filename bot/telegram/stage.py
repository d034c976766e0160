"""The unit of work behind one update: who, which scene, and where the person is afterwards.

Plain functions on an open unit of work. They may run in another thread and a second time, so they do
nothing but read and write through it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.scenes.screen import Screen
from bot.scenes.turn import Arrival, House, Turn, Visitor
from bot.telegram import callbacks
from bot.telegram.presenter import keyboard
from bot.telegram.router import HOME, Call, Doing, Reach, Routes, choose, present
from prompts.catalogue import Catalogue
from storage import inbox, outbox, people
from storage.records import Person
from storage.store import Tx

START = "start"
"""The command that may carry an invitation."""

Voices = Callable[[str], Catalogue]
"""From a language code of Telegram or a folder's name to everything the bot can say in it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What every scene is played on.

    Attributes:
        routes: The table.
        voices: Everything the bot can say, by language.
        house: Facts about this installation.
    """

    routes: Routes
    voices: Voices
    house: House


@dataclass(frozen=True, slots=True)
class Played:
    """What a unit of work leaves to be shown.

    Attributes:
        person: To whom, as stored before; None for a stranger of whom nothing is stored.
        screen: What.
        final: Whether the person asked to be forgotten: nothing is written down after this screen.
    """

    person: Person | None
    screen: Screen
    final: bool = False


def voices(catalogues: Mapping[str, Catalogue], default: str = "en") -> Voices:
    """Choose a language by a code such as "de", "pt-br" or "".

    Args:
        catalogues: By the name of the language's folder.
        default: Speaks to everybody else.
    """

    def choose_voice(code: str) -> Catalogue:
        lower = code.lower()
        base = lower.partition("-")[0]
        return catalogues.get(lower) or catalogues.get(base) or catalogues[default]

    return choose_voice


def play(tx: Tx, stage: Stage, letter_id: int, doing: Doing, now: datetime) -> Played | None:
    """Handle what a person did.

    Args:
        tx: The open unit of work.
        stage: What scenes are played on.
        letter_id: The update in the inbox, finished by this.
        doing: What the person did.
        now: When.

    Returns:
        The screen that the person is now owed; None if the update was handled before.

    Raises:
        Exception: Whatever the scene raised, or a screen that cannot be shown; nothing is changed then.
    """
    if not inbox.done(tx, letter_id, now):
        return None
    person = people.find(tx, doing.telegram_id)
    if person is None:
        came = stage.routes.arrive(_arrival(stage, doing, now), tx)
        if isinstance(came, Screen):
            return Played(None, _checked(came))
        person = came
    elif not person.reachable:
        welcome_back(tx, person, now)
        person = replace(person, reachable=True)
    call = choose(stage.routes, doing, person.panel.place)
    return _perform(tx, stage, person, call, now, visitor=doing.visitor)


def repaint(tx: Tx, stage: Stage, telegram_id: int, now: datetime, *, owed: bool, home: bool) -> Played | None:
    """Paint the present screen of a person again.

    Args:
        tx: The open unit of work.
        stage: What scenes are played on.
        telegram_id: Whose.
        now: When.
        owed: Whether only a screen that is still owed is painted.
        home: Whether to go home, because the present place cannot be painted.

    Returns:
        The screen that the person is owed; None for a stranger, and where nothing is owed.
    """
    person = people.find(tx, telegram_id)
    if person is None or (owed and not person.panel.owed):
        return None
    call = Call(stage.routes.home, HOME) if home else present(stage.routes, person.panel.place)
    return _perform(tx, stage, person, call, now, visitor=Visitor())


def reach(tx: Tx, letter_id: int, change: Reach, now: datetime) -> None:
    """Note that a person blocked the bot, or let it in again."""
    inbox.done(tx, letter_id, now)
    person = people.find(tx, change.telegram_id)
    if person is None:
        return
    if change.reachable:
        welcome_back(tx, person, now)
    else:
        lose(tx, person)


def welcome_back(tx: Tx, person: Person, now: datetime) -> None:
    """Note that a person can be reached again: what both waited for and missed them goes out now."""
    people.change(tx, person.id, reachable=True)
    outbox.revive(tx, person.id, now)


def lose(tx: Tx, person: Person) -> None:
    """Note that a person cannot be reached: nothing is owed to them, and the sender drops their parcels."""
    people.change(tx, person.id, reachable=False)
    forgive(tx, person)


def forgive(tx: Tx, person: Person) -> None:
    """Clear a debt that cannot be paid; the panel stays what it was."""
    panel = person.panel
    people.shown(tx, person.id, message_id=panel.message_id, kind=panel.kind, digest=None)


def _perform(tx: Tx, stage: Stage, person: Person, call: Call, now: datetime, *, visitor: Visitor) -> Played:
    turn = Turn(
        person=person,
        now=now,
        words=stage.voices(person.language),
        house=stage.house,
        tap=call.tap,
        text=call.text,
        message_id=call.message_id,
        visitor=visitor,
        place=callbacks.decode(person.panel.place) or HOME,
    )
    screen = _checked(call.scene(turn, tx))
    final = screen.place.kind in stage.routes.final
    if not final:
        people.set_place(tx, person.id, callbacks.encode(screen.place))
    return Played(person, screen, final)


def _checked(screen: Screen) -> Screen:
    # A screen that cannot be built must fail before the commit, not after it.
    keyboard(screen.rows)
    return screen


def _arrival(stage: Stage, doing: Doing, now: datetime) -> Arrival:
    return Arrival(
        telegram_id=doing.telegram_id,
        now=now,
        words=stage.voices(doing.visitor.language_code),
        house=stage.house,
        visitor=doing.visitor,
        text=doing.text or "" if doing.command in (START, None) else "",
    )
