"""What a talk is made of: two sides, its stages, what can happen, and the immutable talk itself.

What may happen when is the matter of `bot.dance.talk`.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

MINUTES: Final = (3, 5, 7, 10)
"""How long a turn in one room may be; 5 unless the two choose otherwise (the design's choice)."""

USUAL_MINUTES: Final = 5
REMIND_AFTER: Final = timedelta(days=3)
"""A talk waits this long before its one reminder of a turn (the design's choice)."""

EXPIRES_AFTER: Final = timedelta(days=7)
"""A talk in which nothing happens for this long ends by itself (the design's choice)."""

HORIZON: Final = timedelta(days=7)
"""No time is arranged further ahead: a talk that waits longer than it lives is none."""

TRIES: Final = 2
"""After so many "not quite" the speaker may say it in other words (the design's choice)."""

PARTS: Final = 2
"""Both have spoken and were understood."""


class Side(StrEnum):
    """The two people of a talk."""

    ASKER = "asker"
    ASKED = "asked"

    @property
    def other(self) -> "Side":
        """The one on the other side."""
        return Side.ASKED if self is Side.ASKER else Side.ASKER


class Way(StrEnum):
    """Where a talk takes place."""

    TOGETHER = "together"
    APART = "apart"


class Stage(StrEnum):
    """Where a talk stands."""

    OFFERED = "offered"
    TIMED = "timed"
    ARRANGED = "arranged"
    GATHERING = "gathering"
    SETTING = "setting"
    SPEAKING = "speaking"
    ECHOING = "echoing"
    CLOSING = "closing"
    MOMENT = "moment"
    FEELING = "feeling"
    WISH = "wish"
    PREVIEW = "preview"
    HEARING = "hearing"
    HEARD = "heard"
    CHECKING = "checking"
    REPHRASING = "rephrasing"
    VALUING = "valuing"
    VALUED = "valued"
    PARTING = "parting"
    ENDED = "ended"


class Event(StrEnum):
    """What can happen."""

    ACCEPT = "accept"
    NOT_NOW = "not_now"
    PROPOSE = "propose"
    CONFIRM = "confirm"
    HOUR = "hour"
    HERE = "here"
    FIRST = "first"
    LENGTH = "length"
    BEGIN = "begin"
    DONE = "done"
    TIME_UP = "time_up"
    GOT_IT = "got_it"
    NOT_QUITE = "not_quite"
    SAY = "say"
    SHOW = "show"
    CHANGE = "change"
    SEND = "send"
    REPHRASE = "rephrase"
    LET_BE = "let_be"
    STOP = "stop"
    REMIND = "remind"
    EXPIRE = "expire"


AUTOMATIC: Final = frozenset({Event.HOUR, Event.TIME_UP, Event.REMIND, Event.EXPIRE})
"""What only the clock does."""


class End(StrEnum):
    """How a talk ended. Only whoever ended it could know; nobody is told."""

    FINISHED = "finished"
    STOPPED = "stopped"
    EXPIRED = "expired"


class Who(StrEnum):
    """Whose move it is."""

    ASKED = "the one who was asked"
    DECIDES = "who did not name the time"
    MISSING = "who is not here yet"
    EITHER = "either"
    SPEAKER = "the speaker"
    LISTENER = "the listener"
    CLOCK = "the clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One talk.

    Attributes:
        way: In one room or apart.
        stage: Where it stands.
        step: Grows with every move, in strides with those that both know of; a button names the step it was made for.
        shared: The step of the last move that the other may know of: what is written and not sent is none.
        floor: Who speaks, or is to speak next.
        part: 0 and 1 while the first and the second speak, then one more for each who said what they value.
        tries: How often the speaker said "not quite" to what the listener heard.
        minutes: How long a turn in one room is.
        until: When the present turn in one room is over, or None.
        proposer: Who named the time that the other decides on, or None.
        meet_at: That time, or the time that both keep, or None.
        here: Who has come at that time.
        muted: Who wants no reminder of this move; the other never learns of it.
        resume: Where the talk goes on at the time that both keep, or None for its beginning.
        moved_at: When it last moved.
        reminded: Whether the one reminder of this move has gone.
        end: How it ended, or None.
    """

    way: Way
    stage: Stage = Stage.OFFERED
    step: int = 0
    shared: int = 0
    floor: Side = Side.ASKER
    part: int = 0
    tries: int = 0
    minutes: int = USUAL_MINUTES
    until: datetime | None = None
    proposer: Side | None = None
    meet_at: datetime | None = None
    here: frozenset[Side] = frozenset()
    muted: frozenset[Side] = frozenset()
    resume: Stage | None = None
    moved_at: datetime
    reminded: bool = False
    end: End | None = None

    def to_json(self) -> str:
        """Return it as compact JSON of short codes and whole seconds."""
        entry = {
            "way": self.way,
            "stage": self.stage,
            "step": self.step,
            "shared": self.shared,
            "floor": self.floor,
            "part": self.part,
            "tries": self.tries,
            "minutes": self.minutes,
            "until": _seconds(self.until),
            "proposer": self.proposer,
            "meet_at": _seconds(self.meet_at),
            "here": sorted(self.here),
            "muted": sorted(self.muted),
            "resume": self.resume,
            "moved_at": _seconds(self.moved_at),
            "reminded": self.reminded,
            "end": self.end,
        }
        return json.dumps(entry, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the talk that `to_json` wrote.

        Raises:
            ValueError: The text is no talk.
        """
        try:
            entry = json.loads(text)
            return cls(
                way=Way(entry["way"]),
                stage=Stage(entry["stage"]),
                step=entry["step"],
                shared=entry["shared"],
                floor=Side(entry["floor"]),
                part=entry["part"],
                tries=entry["tries"],
                minutes=entry["minutes"],
                until=_instant(entry["until"]),
                proposer=Side(entry["proposer"]) if entry["proposer"] else None,
                meet_at=_instant(entry["meet_at"]),
                here=frozenset(map(Side, entry["here"])),
                muted=frozenset(map(Side, entry["muted"])),
                resume=Stage(entry["resume"]) if entry["resume"] else None,
                moved_at=datetime.fromtimestamp(entry["moved_at"], UTC),
                reminded=entry["reminded"],
                end=End(entry["end"]) if entry["end"] else None,
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("This text is no talk.") from error


def begin(way: Way, now: datetime) -> Talk:
    """A talk that one has just offered to the other."""
    return Talk(way=way, moved_at=now.replace(microsecond=0))


def _seconds(instant: datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp())


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
