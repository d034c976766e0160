"""Tiny scenes, one for each thing that the edge has to do with a screen."""

from dataclasses import replace

from bot.scenes.screen import Button, Circle, Document, Drawing, Figure, Screen, Tap
from bot.scenes.turn import Arrival, Turn
from bot.telegram.router import Routes
from storage import people
from storage.records import Person
from storage.store import Tx

DRAWING = Drawing((Figure(None, Circle("I", 60, 48, 72), Circle("you", 40, 30, 50)),), "Neither measures love.")


def button(label: str, kind: str, *args: str) -> tuple[Button, ...]:
    """A row with one button."""
    return (Button(label, tap=Tap(kind, args)),)


def home(_turn: Turn, _tx: Tx) -> Screen:
    """Where everything begins."""
    rows = (button("Count", "count", "0"), button("Picture", "picture"), button("Name", "name"))
    return Screen("Home", rows, Tap("home"))


def count(turn: Turn, _tx: Tx) -> Screen:
    """Says the number that was tapped."""
    number = int(turn.tap.args[0])
    rows = (button("More", "count", str(number + 1)), button("Same", "count", str(number)), button("Home", "home"))
    return Screen(f"Count {number}", rows, Tap("count", (str(number),)))


def fresh(turn: Turn, tx: Tx) -> Screen:
    """A text that wants to be a new message."""
    return replace(home(turn, tx), text="Fresh", fresh=True)


def secret(turn: Turn, tx: Tx) -> Screen:
    """A text that cannot be forwarded."""
    return replace(home(turn, tx), text="Secret", protect=True)


def picture(turn: Turn, tx: Tx) -> Screen:
    """A picture with a caption."""
    return replace(home(turn, tx), text="Picture", picture=DRAWING, place=Tap("picture"))


def document(turn: Turn, tx: Tx) -> Screen:
    """A file with a caption."""
    return replace(home(turn, tx), text="File", document=Document("a.json", b'{"a": 1}'))


def hide(turn: Turn, tx: Tx) -> Screen:
    """Clears the chat first."""
    return replace(home(turn, tx), text="Hidden", clears=48)


def save(turn: Turn, tx: Tx) -> Screen:
    """Confirms in the passing notice."""
    return replace(home(turn, tx), text="Home", notice="Saved.")


def plain(turn: Turn, tx: Tx) -> Screen:
    """From now on without pictures."""
    people.change(tx, turn.person.id, text_only=True)
    return home(turn, tx)


def name(_turn: Turn, _tx: Tx) -> Screen:
    """Asks for a typed name."""
    return Screen("What name?", (button("Home", "home"),), Tap("name"))


def named(turn: Turn, _tx: Tx) -> Screen:
    """Takes the typed name."""
    return Screen(f"Hello {len(turn.text or '')}", (button("Home", "home"),), Tap("home"))


def typed(turn: Turn, _tx: Tx) -> Screen:
    """The constant answer; the place stays."""
    return Screen("Kind answer", (button("Home", "home"),), turn.tap)


def forget(turn: Turn, tx: Tx) -> Screen:
    """Forgets the person."""
    people.forget(tx, turn.person.id, turn.now)
    return Screen("Forgotten", (), Tap("forgotten"))


def broken(turn: Turn, tx: Tx) -> Screen:
    """Changes something, then stumbles."""
    people.change(tx, turn.person.id, paused=True)
    raise LookupError("Kim said something private")


def refused(_turn: Turn, _tx: Tx) -> Screen:
    """A screen that Telegram does not take."""
    return Screen("<b>Kim", (), Tap("home"))


def arrive(arrival: Arrival, tx: Tx) -> Person | Screen:
    """Lets in who knows the word."""
    if arrival.text == "let-me-in":
        return people.add(tx, telegram_id=arrival.telegram_id, language="en", now=arrival.now)
    return Screen("By invitation only", (), Tap("home"))


SCENES = {
    scene.__name__: scene for scene in (home, count, fresh, secret, picture, document, hide, save, name, forget, broken)
}
ROUTES = Routes(
    commands={**SCENES, "start": home, "plain": plain, "refused": refused},
    taps=SCENES,
    typed={"name": named},
    typed_otherwise=typed,
    home=home,
    arrive=arrive,
    notices=frozenset({"save"}),
    final=frozenset({"forgotten"}),
)
