"""The first screen, the way in, and the menu."""

from bot.dance import rhythm
from bot.scenes import walk
from bot.scenes.keyboard import Row, beside, button, column, footer, row
from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import Arrival, Turn
from storage import checkins, couples, invites, people
from storage.records import Person
from storage.store import Tx


def arrive(arrival: Arrival, tx: Tx) -> Person | Screen:
    """Let a new person in, or tell a stranger kindly that this bot is by invitation; then nothing is stored."""
    if arrival.house.open_to_everyone or _may_enter(arrival, tx):
        return people.add(tx, telegram_id=arrival.telegram_id, language=arrival.words.language, now=arrival.now)
    return Screen(arrival.words.render("stranger"), (), Tap("home"))


def _may_enter(arrival: Arrival, tx: Tx) -> bool:
    """An open invitation lets in, and the operator's own link while nobody is here yet."""
    if not arrival.text:
        return False
    if people.nobody_yet(tx):
        return invites.is_door_code(tx, arrival.text)
    guess = invites.can_be_guessed(arrival.text)
    if guess and invites.too_many_attempts(tx, None, arrival.now):
        return False
    invite = invites.find(tx, arrival.text)
    enters = invite is not None and invites.is_open(invite, arrival.now)
    if guess and not enters:
        invites.note_attempt(tx, None, arrival.now)
    return enters


def screen(turn: Turn, _tx: Tx) -> Screen:
    """The welcome: what this is, who could read it, and one tap to begin."""
    return Screen(
        turn.words.render("welcome"),
        column(
            button(turn, "button.begin", "begin"),
            button(turn, "button.have_code", "code"),
            button(turn, "button.kept", "privacy"),
            button(turn, "button.safety", "safety"),
        ),
        Tap("start"),
    )


def begin(turn: Turn, tx: Tx) -> Screen:
    """Somebody who is 18 or over begins: straight to the first statement."""
    if turn.person.adult_at is None:
        people.change(tx, turn.person.id, adult_at=turn.now)
    return walk.begin(turn, tx)


def home(turn: Turn, tx: Tx) -> Screen:
    """The menu: everything that can be done, by buttons."""
    person = turn.person
    if person.adult_at is None:
        return screen(turn, tx)
    couple = couples.of(tx, person.id)
    begun = checkins.unfinished(tx, person.id) is not None
    has_picture = person.first_day is not None
    questions = "button.resume" if begun else "button.questions"
    week = rhythm.week_number(person.first_day, rhythm.local_day(person.zone, turn.now)) if person.first_day else 0
    rows = (
        row(button(turn, questions, "checkin"), *([button(turn, "button.picture", "picture")] if has_picture else [])),
        *_together(turn, in_pair=couple is not None),
        row(button(turn, "button.settings", "settings"), button(turn, "button.kept", "privacy")),
        row(button(turn, "button.about", "about"), button(turn, "button.help", "help")),
        row(button(turn, "button.safety", "safety")),
    )
    return Screen(turn.words.render("home", paired=couple is not None, begun=begun, week=week), rows, Tap("home"))


def _together(turn: Turn, *, in_pair: bool) -> tuple[Row, ...]:
    """What is for two: in a pair the comparison, else both ways into one."""
    a_starter = button(turn, "button.starter", "starter")
    if in_pair:
        return (
            row(button(turn, "button.compare", "compare"), a_starter),
            row(button(turn, "button.talk", "talk"), button(turn, "button.thanks", "thanks")),
        )
    return (
        row(button(turn, "button.invite", "invite")),
        *beside(button(turn, "button.have_code", "code"), a_starter),
    )


def typed(turn: Turn, _tx: Tx) -> Screen:
    """The one constant answer to typed text; nothing of it is kept."""
    return Screen(turn.words.render("typed"), (footer(turn),), turn.place, fresh=True)
