"""A talk apart: one writes, sees what the other would read, and sends; the other says back what they heard."""

import unicodedata
from dataclasses import replace

from bot.dance import talk as rules
from bot.dance.soften import hard_words
from bot.dance.turns import PARTS, Event, Stage, Talk
from bot.scenes.keyboard import Row, row
from bot.scenes.screen import Copy, Screen
from bot.scenes.talk_matter import Matter, Note, asks, does, keep, painted
from bot.scenes.turn import Turn
from storage.store import Tx

LONGEST = 700
"""Characters of one text: three of them with their frame fit into one message of Telegram (4096)."""

STEPS = {Stage.MOMENT: 0, Stage.FEELING: 1, Stage.WISH: 2}
"""How much was written before each of the three texts of a speaker."""


def cleaned(typed: str) -> str:
    """A text as it is passed on: control characters and those that turn the direction of writing fall away."""
    normal = unicodedata.normalize("NFC", typed.replace("\r\n", "\n"))
    kept = (one for one in normal if one in "\n\u200d" or not unicodedata.category(one).startswith("C"))
    return "".join(kept).strip()


def write(turn: Turn, tx: Tx, matter: Matter) -> Screen | Matter | None:
    """Take a typed text into the talk, as a draft; None if it is not theirs to write now."""
    if not rules.can(matter.talk, Event.SAY, matter.side):
        return None
    text = cleaned(turn.text or "")
    if not text or len(text) > LONGEST:
        return painted(turn, matter, "talk_long", longest=LONGEST)
    before = Note.from_json(matter.own.draft).texts[: STEPS.get(matter.talk.stage, 0)]
    return _drafted(turn, tx, matter, Event.SAY, Note((*before, text)))


def show(turn: Turn, tx: Tx, matter: Matter) -> Screen | Matter | None:
    """Take a voice message or a picture into the talk, as a draft; None if it is not theirs to send now."""
    if not rules.can(matter.talk, Event.SHOW, matter.side) or turn.message_id is None:
        return None
    return _drafted(turn, tx, matter, Event.SHOW, Note((), turn.message_id, turn.person.telegram_id))


def _drafted(turn: Turn, tx: Tx, matter: Matter, event: Event, note: Note) -> Matter | None:
    after = rules.move(matter.talk, event, matter.side, matter.talk.step, turn.now)
    return keep(tx, matter, after, turn.now, draft=note)


def send(turn: Turn, tx: Tx, matter: Matter, after: Talk) -> Matter | None:
    """Hand the draft over: from now on the other may read it."""
    return keep(tx, matter, after, turn.now, sent=Note.from_json(matter.own.draft))


def play(turn: Turn, matter: Matter) -> Screen | None:
    """Pass on the other's voice message or picture; the screen of the talk follows it."""
    note = Note.from_json(matter.own.heard)
    if note.message_id is None or note.chat_id is None:
        return None
    screen = paint(turn, matter)
    return replace(screen, fresh=True, copy=Copy(note.chat_id, note.message_id))


def paint(turn: Turn, matter: Matter) -> Screen:
    """The present screen of a talk apart."""
    return PAINTERS[matter.talk.stage](turn, matter)


def _waits(turn: Turn, matter: Matter) -> Screen:
    """It is the other's turn: hours or days may pass."""
    return painted(turn, matter, "talk_waits", stage=matter.talk.stage)


def _speaking(turn: Turn, matter: Matter) -> Screen:
    """When …, I felt …, I would like …: one after the other."""
    if not matter.speaks:
        return _waits(turn, matter)
    note = Note.from_json(matter.own.draft)
    stage = matter.talk.stage
    rows = () if stage is Stage.MOMENT else (row(does(turn, matter, "button.change_it", Event.CHANGE)),)
    written = note.texts[: STEPS[stage]]
    return painted(turn, matter, "talk_write", *rows, stage=stage, written=written)


def _preview(turn: Turn, matter: Matter) -> Screen:
    """Exactly what the other would read, and a gentle word where one is hard to hear; it never stands in the way."""
    mine = matter.speaks if matter.talk.stage is not Stage.HEARD else not matter.speaks
    if not mine:
        return _waits(turn, matter)
    note = Note.from_json(matter.own.draft)
    rows = row(
        does(turn, matter, "button.send_it", Event.SEND),
        does(turn, matter, "button.change_it", Event.CHANGE),
    )
    phrases = turn.words.label("share.hard_words").split(" · ")
    return painted(turn, matter, "talk_preview", rows, note=note, hard=hard_words(note.texts, phrases))


def _listening(turn: Turn, matter: Matter) -> Screen:
    """The listener reads, and writes what they heard."""
    if matter.speaks:
        return _waits(turn, matter)
    note = Note.from_json(matter.own.heard)
    return painted(turn, matter, "talk_listen", *_playing(turn, matter, note), note=note, again=matter.talk.tries > 0)


def _checking(turn: Turn, matter: Matter) -> Screen:
    """The speaker says whether that is it."""
    if not matter.speaks:
        return _waits(turn, matter)
    note = Note.from_json(matter.own.heard)
    if matter.talk.stage is Stage.CHECKING:
        rows: tuple[Row, ...] = (
            row(does(turn, matter, "button.that_is_it", Event.GOT_IT)),
            row(does(turn, matter, "button.not_quite", Event.NOT_QUITE)),
        )
    else:
        rows = (
            row(does(turn, matter, "button.other_words", Event.REPHRASE)),
            row(does(turn, matter, "button.once_more", Event.NOT_QUITE)),
            row(does(turn, matter, "button.let_it_be", Event.LET_BE)),
        )
    twice = matter.talk.stage is Stage.REPHRASING
    return painted(turn, matter, "talk_check", *_playing(turn, matter, note), *rows, note=note, twice=twice)


def _valuing(turn: Turn, matter: Matter) -> Screen:
    """Each says one thing that they appreciate, or nothing more."""
    if not matter.speaks:
        return _waits(turn, matter)
    second = matter.talk.part > PARTS
    note = Note.from_json(matter.own.heard) if second else Note()
    rows = (*_playing(turn, matter, note), row(does(turn, matter, "button.nothing_more", Event.LET_BE)))
    return painted(turn, matter, "talk_value", *rows, note=note)


def _parting(turn: Turn, matter: Matter) -> Screen:
    """The last words: the other reads them, and what the bot kept goes."""
    if matter.speaks:
        return painted(turn, matter, "talk_parting_sent")
    note = Note.from_json(matter.own.heard)
    rows = (*_playing(turn, matter, note), row(does(turn, matter, "button.close_talk", Event.DONE)))
    return painted(turn, matter, "talk_parting", *rows, note=note)


def _playing(turn: Turn, matter: Matter, note: Note) -> tuple[Row, ...]:
    return () if note.message_id is None else (row(asks(turn, matter, "button.show_it", "talk.play")),)


PAINTERS = {
    Stage.MOMENT: _speaking,
    Stage.FEELING: _speaking,
    Stage.WISH: _speaking,
    Stage.PREVIEW: _preview,
    Stage.HEARING: _listening,
    Stage.HEARD: _preview,
    Stage.CHECKING: _checking,
    Stage.REPHRASING: _checking,
    Stage.VALUING: _valuing,
    Stage.VALUED: _preview,
    Stage.PARTING: _parting,
}
