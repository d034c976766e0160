"""A talk in one room: the bot says who speaks and how long, and what the other does; either phone will do."""

from dataclasses import replace
from math import ceil

from bot.dance.turns import MINUTES, Event, Stage
from bot.scenes.keyboard import Row, row
from bot.scenes.screen import Screen
from bot.scenes.talk_matter import A_MINUTE, Matter, asks, does, painted
from bot.scenes.turn import Turn


def paint(turn: Turn, matter: Matter) -> Screen:
    """The present screen of a talk in one room; the same on both phones, but for the names."""
    return PAINTERS[matter.talk.stage](turn, matter)


def minutes_left(turn: Turn, matter: Matter) -> int:
    """Whole minutes of the present turn, begun ones counted, so that it never says none while one may speak."""
    until = matter.talk.until
    return 0 if until is None else max(0, ceil((until - turn.now) / A_MINUTE))


def _later(turn: Turn, matter: Matter) -> Row:
    return row(asks(turn, matter, "button.another_time", "talk.when"))


def _setting(turn: Turn, matter: Matter) -> Screen:
    """Who speaks next, and how long."""
    talk = matter.talk
    lengths = tuple(
        does(turn, matter, "button.minutes", Event.LENGTH, minutes, minutes=str(minutes))
        for minutes in MINUTES
        if minutes != talk.minutes
    )
    other = row(does(turn, matter, "button.other_first", Event.FIRST)) if talk.part == 0 else ()
    begin = row(does(turn, matter, "button.begin_turn", Event.BEGIN))
    return painted(
        turn,
        matter,
        "talk_setting",
        begin,
        lengths,
        other,
        _later(turn, matter),
        you=matter.speaks,
        minutes=talk.minutes,
        first=talk.part == 0,
    )


def _speaking(turn: Turn, matter: Matter) -> Screen:
    """One speaks, the other listens; the time left is shown once a minute."""
    done = row(does(turn, matter, "button.done_speaking", Event.DONE))
    left = minutes_left(turn, matter)
    return painted(turn, matter, "talk_speaking", done, _later(turn, matter), you=matter.speaks, left=left)


def _echoing(turn: Turn, matter: Matter) -> Screen:
    """The listener says back the gist."""
    rows = (
        row(does(turn, matter, "button.that_is_it", Event.GOT_IT)),
        row(does(turn, matter, "button.not_quite", Event.NOT_QUITE)),
        _later(turn, matter),
    )
    return painted(turn, matter, "talk_echo", *rows, you=matter.speaks)


def _closing(turn: Turn, matter: Matter) -> Screen:
    """Each says one thing that they appreciate."""
    done = row(does(turn, matter, "button.close_talk", Event.DONE))
    return painted(turn, matter, "talk_closing", done, _later(turn, matter))


PAINTERS = {
    Stage.SETTING: _setting,
    Stage.SPEAKING: _speaking,
    Stage.ECHOING: _echoing,
    Stage.CLOSING: _closing,
}


def in_place(turn: Turn, matter: Matter) -> Screen:
    """The same, for a phone on which nobody tapped: the message there is changed, and no new one comes."""
    return replace(paint(turn, matter), in_place=True)
