"""The whole program as a table: every command, tap, typed text and parcel, and the scene that answers it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.scenes import (
    about,
    guesses,
    history,
    nudges,
    pairing,
    portrait,
    privacy,
    reveal,
    settings,
    sharing,
    starter,
    talk,
    talk_after,
    talk_opening,
    thanks,
    walk,
    weeks,
    welcome,
)
from bot.scenes.screen import Screen
from bot.scenes.turn import Scene, Turn
from storage import invites
from storage.store import Tx

ParcelScene = Callable[[Turn, Tx], Screen | None]
"""Renders a parcel when it is sent; None when there is nothing to say any more."""


def start(turn: Turn, tx: Tx) -> Screen:
    """`/start`: an invitation, the welcome, or the screen where the person left off.

    The operator's own link has done its work once somebody is in: then it is a plain `/start`.
    """
    if turn.text and not invites.is_door_code(tx, turn.text):
        return pairing.opened(turn, tx, turn.text)
    if turn.person.adult_at is None:
        return welcome.screen(turn, tx)
    return TAPS.get(turn.place.kind, welcome.home)(_at_place(turn), tx)


def _at_place(turn: Turn) -> Turn:
    """The turn that only paints the present screen again."""
    return Turn(
        person=turn.person,
        now=turn.now,
        words=turn.words,
        house=turn.house,
        tap=turn.place,
        visitor=turn.visitor,
        place=turn.place,
    )


OPEN = frozenset(
    {
        "start",
        "begin",
        "home",
        "menu",
        "code",
        "join",
        "join.yes",
        "join.name",
        "join.alone",
        "join.no",
        "privacy",
        "export",
        "export.all",
        "hide",
        "delete",
        "delete.yes",
        "about",
        "help",
        "safety",
    }
)
"""What is there for somebody who has not said yet that they are 18 or over; all else shows the welcome."""


def _for_adults(scenes: Mapping[str, Scene]) -> Mapping[str, Scene]:
    return MappingProxyType({name: scene if name in OPEN else _adult(scene) for name, scene in scenes.items()})


def _adult(scene: Scene) -> Scene:
    def guarded(turn: Turn, tx: Tx) -> Screen:
        return welcome.screen(turn, tx) if turn.person.adult_at is None else scene(turn, tx)

    return guarded


COMMANDS: Mapping[str, Scene] = _for_adults(
    {
        "start": start,
        "checkin": walk.checkin,
        "picture": portrait.picture,
        "invite": pairing.invite,
        "compare": reveal.compare,
        "starter": starter.own,
        "talk": talk.talk,
        "thanks": thanks.thanks,
        "history": history.history,
        "settings": settings.settings,
        "leave": pairing.leave,
        "hide": privacy.hide,
        "privacy": privacy.privacy,
        "export": privacy.export,
        "delete": privacy.delete,
        "safety": about.safety,
        "help": about.help_page,
        "about": about.about,
        "menu": welcome.home,
    }
)

TAPS: Mapping[str, Scene] = _for_adults(
    {
        "start": welcome.screen,
        "begin": welcome.begin,
        "home": welcome.home,
        "checkin": walk.checkin,
        "walk": walk.here,
        "walk.begin": walk.begin,
        "walk.answer": walk.answer,
        "walk.back": walk.back,
        "walk.wish": walk.wish,
        "walk.odd": walk.odd,
        "walk.pause": walk.pause,
        "walk.sketch": walk.sketch,
        "walk.keep": walk.keep,
        "walk.again": walk.again,
        "walk.leave_out": walk.leave_out,
        "guess": guesses.here,
        "guess.offer": guesses.offer,
        "guess.begin": guesses.begin,
        "guess.answer": guesses.answer,
        "guess.back": guesses.back,
        "guess.stop": guesses.stop,
        "picture": portrait.picture,
        "words": portrait.words,
        "moment": weeks.moment,
        "history": history.history,
        "history.both": history.both,
        "invite": pairing.invite,
        "invite.make": pairing.make,
        "invite.withdraw": pairing.withdraw,
        "code": pairing.ask_code,
        "join": pairing.join,
        "join.yes": pairing.accept,
        "join.name": pairing.join_name,
        "join.alone": pairing.alone,
        "join.no": pairing.decline,
        "paired": pairing.paired,
        "leave": pairing.leave,
        "leave.yes": pairing.left,
        "share": sharing.choose,
        "share.preview": sharing.preview,
        "share.set": sharing.confirm,
        "share.done": sharing.afterwards,
        "compare": reveal.compare,
        "starter": starter.own,
        "starter.another": starter.another,
        "starter.why": starter.why_own,
        "starter.later": starter.later_own,
        "joint": starter.joint,
        "joint.why": starter.why_joint,
        "joint.talked": starter.talked,
        "joint.later": starter.later,
        "talk": talk.talk,
        "talk.offer": talk.offer,
        "talk.ask": talk.ask,
        "talk.do": talk.do,
        "talk.when": talk_opening.when,
        "talk.play": talk.play,
        "talk.after": talk_after.after,
        "talk.helped": talk_after.helped,
        "thanks": thanks.thanks,
        "thanks.preview": thanks.preview,
        "thanks.send": thanks.send,
        "nudge.tomorrow": nudges.tomorrow,
        "nudge.no": nudges.not_this_week,
        "settings": settings.settings,
        "settings.weekday": settings.weekday,
        "settings.hour": settings.hour,
        "settings.quiet": settings.quiet,
        "settings.pictures": settings.pictures,
        "pause": settings.pause,
        "zone": settings.zone,
        "zone.time": settings.zone_time,
        "zone.set": settings.zone_set,
        "privacy": privacy.privacy,
        "export": privacy.export,
        "export.all": privacy.export_all,
        "hide": privacy.hide,
        "delete": privacy.delete,
        "delete.yes": privacy.deleted,
        "about": about.about,
        "help": about.help_page,
        "safety": about.safety,
    }
)

TYPED: Mapping[str, Scene] = MappingProxyType(
    {
        "start": pairing.first_words,
        "invite": pairing.make_typed,
        "join.yes": pairing.join_name,
        "code": pairing.join,
        "zone": settings.zone_typed,
        "talk": talk.typed,
    }
)
"""Where typed text is wanted, by the place that the person is at; everywhere else it gets one constant answer."""

SHOWN: Mapping[str, Scene] = MappingProxyType({"talk": talk.shown})
"""Where a voice message or a picture is wanted; everywhere else it gets the same constant answer."""

PARCELS: Mapping[str, ParcelScene] = MappingProxyType(
    {
        "paired": pairing.paired,
        "comparison": reveal.comparison,
        "silence": reveal.silence,
        "closed": reveal.closed,
        "midweek": starter.midweek,
        "thanks": thanks.message,
        "talk": talk.news,
        "talk.offered": talk.offered,
        "talk.nobody": talk.nobody,
        "talk.remind": talk.reminder,
        "talk.room": talk.room,
        "talk.after": talk_after.after,
        "talk.over": talk_after.over,
        "nudge": nudges.nudge,
        "reminder": nudges.reminder,
    }
)

NOTICES = frozenset(
    {
        "share",
        "share.preview",
        "share.set",
        "joint.talked",
        "settings.weekday",
        "settings.hour",
        "settings.quiet",
        "settings.pictures",
        "pause",
        "zone.set",
    }
)
"""Taps whose passing notice is known only afterwards."""

FINAL = frozenset({"gone"})
"""Places after which the rows of a forgotten person go."""
