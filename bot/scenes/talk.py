"""`/talk`: a discussion in turns. What may happen when stands in `bot.dance.talk`; here it is read, kept and painted."""

from bot.dance import talk as rules
from bot.dance.turns import USUAL_MINUTES, Event, Stage
from bot.scenes import talk_after, talk_apart, talk_opening, talk_together, welcome
from bot.scenes.keyboard import button, row
from bot.scenes.screen import Screen, Tap
from bot.scenes.talk_matter import PLACE, Matter, find, hold, keep, of_a_talk
from bot.scenes.turn import Turn
from storage.store import Tx

PAINTERS = {
    **talk_opening.PAINTERS,
    **dict.fromkeys(talk_apart.PAINTERS, talk_apart.paint),
    **dict.fromkeys(talk_together.PAINTERS, talk_together.paint),
}
"""By the stage, what paints it; an ended talk has no row."""


def talk(turn: Turn, tx: Tx) -> Screen:
    """`/talk`: the talk that is open, where it stands, or the way to offer one."""
    matter = find(turn, tx)
    return talk_opening.choose_way(turn, tx) if matter is None else _painted(turn, matter)


def _painted(turn: Turn, matter: Matter) -> Screen:
    return PAINTERS[matter.talk.stage](turn, matter)


def offer(turn: Turn, tx: Tx) -> Screen:
    """Look at what the other would read, unless there is a talk already."""
    matter = find(turn, tx)
    return talk_opening.preview(turn, tx) if matter is None else _painted(turn, matter)


def ask(turn: Turn, tx: Tx) -> Screen:
    """Offer a talk to the other; where there is one already, that is shown."""
    found = find(turn, tx) or talk_opening.offer(turn, tx)
    return _painted(turn, found) if isinstance(found, Matter) else found


def do(turn: Turn, tx: Tx) -> Screen:
    """A button of a talk: made for one talk and one step of it; all others only show where it stands now."""
    matter = hold(turn, tx)
    made_for, step, code, *values = turn.tap.args
    if matter is None or made_for != matter.mark:
        return talk(turn, tx)
    event = Event(code)
    after = rules.move(
        matter.talk,
        event,
        matter.side,
        int(step),
        turn.now,
        minutes=int(values[0]) if event is Event.LENGTH else USUAL_MINUTES,
        meet_at=talk_opening.named(values[0]) if event is Event.PROPOSE else None,
    )
    if event is Event.NOT_NOW and int(step) == matter.talk.step:
        if after is not matter.talk:
            keep(tx, matter, after, turn.now)
        return talk_opening.declined(turn, matter)
    if after is matter.talk:
        return _painted(turn, matter)
    kept = talk_apart.send(turn, tx, matter, after) if event is Event.SEND else keep(tx, matter, after, turn.now)
    if kept is not None:
        return _painted(turn, kept)
    early = event is Event.STOP and matter.talk.stage is not Stage.PARTING
    return stopped(turn) if early else talk_after.complete(turn)


def stopped(turn: Turn) -> Screen:
    """Stopped, at once and without a reason."""
    rows = (row(button(turn, "button.menu", "home"), button(turn, "button.safety", "safety")),)
    return of_a_talk(turn.words.render("talk_stopped"), rows, Tap("home"))


def typed(turn: Turn, tx: Tx) -> Screen:
    """A text that is typed in a talk: a draft, if it is theirs to write now; else it is only typed text."""
    matter = hold(turn, tx)
    found = None if matter is None else talk_apart.write(turn, tx, matter)
    return _taken(turn, tx, found)


def shown(turn: Turn, tx: Tx) -> Screen:
    """A voice message or a picture that is sent in a talk: passed on as it is, after a tap."""
    matter = hold(turn, tx)
    found = None if matter is None else talk_apart.show(turn, tx, matter)
    return _taken(turn, tx, found)


def _taken(turn: Turn, tx: Tx, found: Screen | Matter | None) -> Screen:
    if isinstance(found, Screen):
        return found
    return welcome.typed(turn, tx) if found is None else _painted(turn, found)


def play(turn: Turn, tx: Tx) -> Screen:
    """Show the other's voice message or picture."""
    matter = find(turn, tx)
    if matter is None or turn.tap.args != (matter.mark, str(matter.talk.step)):
        return talk(turn, tx)
    return talk_apart.play(turn, matter) or _painted(turn, matter)


def news(turn: Turn, tx: Tx) -> Screen | None:
    """Something new in a talk, safe on a lock screen: no name and no word of it.

    It is dropped when there is nothing for the reader to do any more.
    """
    matter = find(turn, tx)
    if matter is None or turn.tap.args != (str(matter.own.talk_id),):
        return None
    theirs = matter.side in rules.turn(matter.talk) or matter.talk.stage is Stage.ARRANGED
    return _news(turn, "talk_news") if theirs else None


def offered(turn: Turn, tx: Tx) -> Screen | None:
    """The same for an offer; whoever paused finds it under /talk and gets no message."""
    matter = find(turn, tx)
    if matter is None or turn.person.paused or matter.talk.stage is not Stage.OFFERED:
        return None
    return _news(turn, "talk_news")


def reminder(turn: Turn, tx: Tx) -> Screen | None:
    """The one reminder of a turn."""
    matter = find(turn, tx)
    if matter is None or turn.person.paused or turn.tap.args != (str(matter.own.talk_id),):
        return None
    due = matter.talk.reminded and matter.side in rules.turn(matter.talk) - matter.talk.muted
    return _news(turn, "talk_reminder") if due else None


def _news(turn: Turn, template: str) -> Screen:
    rows = (row(button(turn, "button.open_talk", "talk"), button(turn, "button.safety", "safety")),)
    return Screen(turn.words.render(template), rows, PLACE)


def nobody(_turn: Turn, _tx: Tx) -> Screen | None:
    """What goes to nobody: an offer in place of which the seat is empty."""
    return None


def room(turn: Turn, tx: Tx) -> Screen | None:
    """The screen of a talk in one room, as the other phone shows it: only where that phone still shows the talk."""
    matter = find(turn, tx)
    if matter is None or turn.place.kind != PLACE.kind or matter.talk.stage not in talk_together.PAINTERS:
        return None
    return talk_together.in_place(turn, matter)
