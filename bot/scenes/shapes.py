"""What taps look like that a button of this bot can send: anybody can forge another."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.dance.turns import AUTOMATIC, MINUTES, Event, Way
from bot.dance.walk import ODD_WEEKS, WISHES, Form
from bot.scenes.screen import Tap
from bot.scenes.talk_after import HELPED
from bot.scenes.talk_opening import DAYS
from bot.scenes.thanks import KINDS
from storage.records import Level

Shape = tuple[re.Pattern[str], ...]
"""One pattern for each value of a tap."""


def _one_of(*codes: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, codes)))


def _under(end: int) -> re.Pattern[str]:
    """Whole numbers from 0 as a button writes them: no leading zero."""
    return _one_of(*map(str, range(end)))


ROW: Final = re.compile(r"[1-9][0-9]{0,17}")
"""The number of a row: fits into 64 bits."""
PLACE: Final = re.compile(r"[0-9]|[1-9][0-9]")
"""The place of a question in its form, or of a window in a history."""
ANSWER: Final = re.compile(r"[0-4s]")
"""One of the five answers, or Skip."""
CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,44}")
"""The code of an invitation's link."""
NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,32}")
"""The id of a starter."""
ZONE: Final = re.compile(r"[A-Za-z0-9_+/-]{1,40}")
"""The name of a time zone."""
STEP: Final = re.compile(r"0|[1-9][0-9]{0,5}")
"""Which step of a talk a button was made for."""
MINUTE: Final = re.compile(r"[1-9][0-9]{7}")
"""A time in minutes since 1970: until the year 2160."""
LEVEL: Final = _one_of(*Level)
HOUR: Final = _under(24)

TALKING: Final = _one_of(
    *(event for event in Event if event not in {*AUTOMATIC, Event.SAY, Event.SHOW, Event.LENGTH, Event.PROPOSE})
)
"""What a button of a talk does without any value."""

NOTHING: Final[tuple[Shape, ...]] = ((),)

SHAPES: Mapping[str, tuple[Shape, ...]] = MappingProxyType(
    {
        "walk.begin": ((), (_one_of(*Form),)),
        "walk.answer": ((ROW, PLACE, ANSWER),),
        "walk.back": ((ROW, PLACE),),
        "walk.wish": ((ROW, _one_of(*WISHES)),),
        "walk.odd": ((ROW, _one_of(*ODD_WEEKS)),),
        "walk.sketch": ((), (ROW,)),
        "walk.keep": ((ROW,),),
        "walk.again": ((ROW,),),
        "walk.leave_out": ((ROW,),),
        "guess": ((ROW,),),
        "guess.offer": ((ROW,),),
        "guess.begin": ((ROW,),),
        "guess.answer": ((ROW, PLACE, ANSWER),),
        "guess.back": ((ROW, PLACE),),
        "guess.stop": ((ROW, PLACE),),
        "history": ((), (PLACE,)),
        "history.both": ((), (PLACE,)),
        "invite.withdraw": ((ROW,),),
        "join": ((CODE,),),
        "join.yes": ((CODE,),),
        "join.name": ((CODE,),),
        "leave.yes": ((ROW,),),
        "share": ((), (ROW,)),
        "share.preview": ((ROW, LEVEL),),
        "share.set": ((ROW, LEVEL),),
        "joint": ((ROW, NAME),),
        "joint.why": ((ROW, NAME),),
        "joint.talked": ((ROW, NAME),),
        "talk.offer": ((_one_of(*Way),),),
        "talk.ask": ((_one_of(*Way),),),
        "talk.do": (
            (ROW, STEP, TALKING),
            (ROW, STEP, _one_of(Event.LENGTH), _one_of(*map(str, MINUTES))),
            (ROW, STEP, _one_of(Event.PROPOSE), MINUTE),
        ),
        "talk.when": ((ROW, STEP), (ROW, STEP, _under(DAYS))),
        "talk.play": ((ROW, STEP),),
        "talk.helped": ((_one_of(*HELPED),),),
        "thanks.preview": ((_one_of(*KINDS),),),
        "thanks.send": ((_one_of(*KINDS),),),
        "settings.weekday": ((), (_under(7),)),
        "settings.hour": ((), (HOUR,)),
        "settings.quiet": ((), (_one_of("none"),), (HOUR,), (HOUR, HOUR)),
        "zone": ((), (_one_of("ask"),)),
        "zone.time": ((_under(24 * 60),),),
        "zone.set": ((ZONE,),),
        "about": ((), (re.compile("[1-5]"),)),
        "help": ((), (_one_of("share"),)),
    }
)
"""By a tap's kind, every shape that its values can have; a kind that is not here carries none."""


def fits(tap: Tap) -> bool:
    """Whether a button of this bot could have sent a tap of a known kind."""
    shapes = SHAPES.get(tap.kind, NOTHING)
    return any(
        len(shape) == len(tap.args)
        and all(pattern.fullmatch(arg) for pattern, arg in zip(shape, tap.args, strict=True))
        for shape in shapes
    )
