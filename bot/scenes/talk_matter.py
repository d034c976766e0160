"""What all screens of a talk share: one person's side of it, what was written, and how a move is kept."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from bot.dance import talk as rules
from bot.dance.turns import End, Event, Side, Stage, Talk, Way
from bot.scenes import parcels
from bot.scenes.keyboard import Row, button, footer, mark, row
from bot.scenes.screen import Button, Screen, Tap
from bot.scenes.turn import Turn
from storage import plans, talks
from storage.records import TalkSide
from storage.store import Tx

PLACE: Final = Tap("talk")
"""Where whoever is in a talk is: what they type there goes into it, if it is theirs to write."""

A_MINUTE: Final = timedelta(minutes=1)
"""The time left is shown anew so often, and never more often."""

SIDES: Final = {talks.ASKER: Side.ASKER, talks.ASKED: Side.ASKED}

SOON_DUE: Final = frozenset({Stage.ARRANGED, Stage.SPEAKING})
"""Stages with a time of their own; all others move what the clock has to do to a later time."""

IN_ONE_ROOM: Final = frozenset({Stage.SETTING, Stage.SPEAKING, Stage.ECHOING, Stage.CLOSING})
"""Both look at the same screen, so the other's is changed where it stands, without a message."""


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote, or a message of theirs to be passed on as it is.

    Attributes:
        texts: One text; or moment, feeling and wish.
        message_id: Telegram's number of a voice message or picture in the writer's chat, or None.
        chat_id: The writer's chat, with a message.
    """

    texts: tuple[str, ...] = ()
    message_id: int | None = None
    chat_id: int | None = None

    def to_json(self) -> str:
        """The text that is kept, sealed."""
        return json.dumps([self.texts, self.message_id, self.chat_id], ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what was kept; nothing is an empty note."""
        if not text:
            return cls()
        texts, message_id, chat_id = json.loads(text)
        return cls(tuple(texts), message_id, chat_id)


@dataclass(frozen=True, slots=True)
class Matter:
    """One person's side of the talk that is open.

    Attributes:
        own: As stored.
        talk: Where it stands.
        side: Which of the two the person is.
    """

    own: TalkSide
    talk: Talk
    side: Side

    @property
    def partner(self) -> str:
        """What the other is called."""
        return self.own.partner_name

    @property
    def mark(self) -> str:
        """How a button names this talk."""
        return mark(self.own.made_at)

    @property
    def speaks(self) -> bool:
        """Whether the person has the floor."""
        return self.talk.floor is self.side


def find(turn: Turn, tx: Tx) -> Matter | None:
    """The person's side of their talk, or None."""
    return of(talks.of(tx, turn.person.id))


def hold(turn: Turn, tx: Tx) -> Matter | None:
    """The same, to be moved: nobody else moves it meanwhile."""
    return of(talks.held(tx, turn.person.id))


def of(own: TalkSide | None) -> Matter | None:
    """A stored side as the screens take it."""
    return None if own is None else Matter(own, Talk.from_json(own.state), SIDES[own.side])


def does(turn: Turn, matter: Matter, label: str, event: Event, *args: object, **values: str) -> Button:
    """A button that moves the talk from just this step on."""
    return button(turn, label, "talk.do", matter.mark, rules.step_of(matter.talk, matter.side), event, *args, **values)


def asks(turn: Turn, matter: Matter, label: str, kind: str, *args: object) -> Button:
    """A button that shows something of this step and moves nothing."""
    return button(turn, label, kind, matter.mark, matter.talk.step, *args)


def ways_out(turn: Turn, matter: Matter) -> tuple[Row, ...]:
    """The last two rows of every screen of a talk: to stop it at once, and the way everywhere."""
    label = "button.withdraw" if _can_take_back(matter) else "button.stop_talk"
    return (row(does(turn, matter, label, Event.STOP)), footer(turn))


def _can_take_back(matter: Matter) -> bool:
    """Whether to stop is to take back what the other has not answered, or not read, yet."""
    stage = matter.talk.stage
    return (
        stage is Stage.OFFERED
        or (stage is Stage.TIMED and matter.talk.proposer is matter.side)
        or (stage is Stage.PARTING and matter.speaks)
    )


def painted(turn: Turn, matter: Matter, template: str, *rows: Row, **values: object) -> Screen:
    """A screen of a talk."""
    text = turn.words.render(template, partner=matter.partner, **values)
    return of_a_talk(text, (*rows, *ways_out(turn, matter)))


def of_a_talk(text: str, rows: tuple[Row, ...], place: Tap = PLACE) -> Screen:
    """A talk is protected from its first screen to its last, so that each can take the place of the one before."""
    return Screen(text, rows, place, protect=True)


def keep(
    tx: Tx,
    matter: Matter,
    after: Talk,
    now: datetime,
    *,
    draft: Note | None = None,
    sent: Note | None = None,
) -> Matter | None:
    """Keep a move, plan what the clock has to do, and let the other know if it is their turn now.

    Args:
        tx: The unit of work.
        matter: The talk before, seen from whoever moved it.
        after: The talk after.
        now: When.
        draft: What they have written so far.
        sent: What the other is to read now; the draft is empty then.

    Returns:
        The talk as it is now; None if it has ended.
    """
    key = plan_key(matter.own.couple_id)
    if after.stage is Stage.ENDED:
        talks.end(tx, matter.own)
        plans.drop(tx, key)
        _tell_of_end(tx, matter, after, now)
        return None
    kept = None if sent is None else sent.to_json()
    written = Note() if sent is not None else draft
    text = None if written is None else written.to_json()
    own = talks.move(tx, matter.own, after.to_json(), draft=text, said=kept, hand=kept)
    if after.stage in SOON_DUE:
        plans.replace(tx, key=key, kind="talk", due_at=due_at(after, now), couple_id=matter.own.couple_id)
    _tell(tx, matter, after, now)
    return of(own)


def plan_key(couple_id: int) -> str:
    """The one plan of a couple's talk."""
    return f"talk:{couple_id}"


def due_at(talk: Talk, now: datetime) -> datetime:
    """When the clock has something to do again: in a turn in one room, each time a minute is over."""
    if talk.stage is Stage.SPEAKING and talk.until is not None:
        left = (talk.until - now) // A_MINUTE
        minute = talk.until - left * A_MINUTE
        return minute if minute > now else minute + A_MINUTE
    return rules.next_at(talk) or now


def concerns(before: Talk, after: Talk, side: Side) -> bool:
    """Whether a move of the other is news to somebody: it has become their turn, or a time is settled."""
    if before.step == after.step or (before.stage in IN_ONE_ROOM and after.stage in IN_ONE_ROOM):
        return False
    if after.stage in (Stage.ARRANGED, Stage.GATHERING):
        return True
    return side in rules.turn(after) and (side not in rules.turn(before) or after.stage is Stage.TIMED)


def _tell(tx: Tx, matter: Matter, after: Talk, now: datetime) -> None:
    reader = matter.own.partner_id
    if reader is None:
        return
    if concerns(matter.talk, after, matter.side.other):
        send(tx, matter.own, "talk", reader, now, moment=f"{after.step}")
    elif after.way is Way.TOGETHER and after.stage in IN_ONE_ROOM and after.step != matter.talk.step:
        send(tx, matter.own, "talk.room", reader, now, moment=f"{after.step}")


def _tell_of_end(tx: Tx, matter: Matter, after: Talk, now: datetime) -> None:
    """An offer that is taken back is not worth a message; whoever was in a talk reads that it is over."""
    if matter.own.partner_id is not None and matter.talk.stage is not Stage.OFFERED:
        send(tx, matter.own, last_word(matter.talk, after), matter.own.partner_id, now, moment="end")


def last_word(before: Talk, after: Talk) -> str:
    """Which parcel tells of the end: a talk in which only the last words were still to be read is complete."""
    return "talk.after" if after.end is End.FINISHED or before.stage is Stage.PARTING else "talk.over"


def send(tx: Tx, own: TalkSide, kind: str, reader_id: int, now: datetime, *, moment: str) -> None:
    """Pack a parcel about a talk; of each kind one a reader and moment."""
    key = f"{kind}:{own.talk_id}:{moment}:{reader_id}"
    parcels.pack(tx, kind, key=key, person_id=reader_id, now=now, ref=own.talk_id)
