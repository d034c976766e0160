"""What may happen when in a talk: a table of rules, and the moves that follow it.

The turns are those of study and common practice: a softened start, one speaker at a time, and a listener who says
back what they heard (docs/talk.md). Whatever the table does not allow returns the very same talk: a second tap, an
old button, a move that is not one's own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from bot.dance.turns import (
    EXPIRES_AFTER,
    HORIZON,
    MINUTES,
    PARTS,
    REMIND_AFTER,
    TRIES,
    USUAL_MINUTES,
    End,
    Event,
    Side,
    Stage,
    Talk,
    Way,
    Who,
)


@dataclass(frozen=True, slots=True)
class Move:
    """What comes with an event.

    Attributes:
        side: Who did it.
        now: When.
        minutes: How long a turn is to be.
        meet_at: Which time is proposed.
    """

    side: Side
    now: datetime
    minutes: int = USUAL_MINUTES
    meet_at: datetime | None = None


Effect = Callable[[Talk, Move], Talk]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    Attributes:
        who: Whose move it is.
        to: Where it can lead.
        effect: What it does.
    """

    who: Who
    to: tuple[Stage, ...]
    effect: Effect


def _plain(who: Who, to: Stage) -> Rule:
    return Rule(who, (to,), lambda talk, _move: replace(talk, stage=to, until=None))


def beginning(way: Way) -> Stage:
    """Where the turns begin."""
    return Stage.SETTING if way is Way.TOGETHER else Stage.MOMENT


def _accept(talk: Talk, _move: Move) -> Talk:
    return replace(talk, stage=beginning(talk.way))


def _not_now(talk: Talk, move: Move) -> Talk:
    return talk if move.side in talk.muted else replace(talk, muted=talk.muted | {move.side})


def _propose(talk: Talk, move: Move) -> Talk:
    if move.meet_at is None or not move.now < move.meet_at <= move.now + HORIZON:
        return talk
    resume = RESUMES.get(talk.stage, talk.resume)
    return replace(
        talk, stage=Stage.TIMED, proposer=move.side, meet_at=move.meet_at, resume=resume, until=None, here=frozenset()
    )


def _here(talk: Talk, move: Move) -> Talk:
    here = talk.here | {move.side}
    if here != frozenset(Side):
        return replace(talk, here=here)
    return replace(talk, stage=talk.resume or beginning(talk.way), here=frozenset(), proposer=None, meet_at=None)


def _first(talk: Talk, _move: Move) -> Talk:
    return replace(talk, floor=talk.floor.other) if talk.part == 0 else talk


def _length(talk: Talk, move: Move) -> Talk:
    return replace(talk, minutes=move.minutes) if move.minutes in MINUTES and move.minutes != talk.minutes else talk


def _begin(talk: Talk, move: Move) -> Talk:
    return replace(talk, stage=Stage.SPEAKING, until=move.now + timedelta(minutes=talk.minutes))


def _understood(talk: Talk, _move: Move) -> Talk:
    """The speaker was understood: the floor goes to the other, or both come to the close."""
    part = talk.part + 1
    close = Stage.CLOSING if talk.way is Way.TOGETHER else Stage.VALUING
    stage = beginning(talk.way) if part < PARTS else close
    return replace(talk, stage=stage, part=part, floor=talk.floor.other, tries=0)


def _not_quite(talk: Talk, _move: Move) -> Talk:
    tries = min(talk.tries + 1, TRIES)
    return replace(talk, stage=Stage.REPHRASING if tries >= TRIES else Stage.HEARING, tries=tries)


def _rephrase(talk: Talk, _move: Move) -> Talk:
    return replace(talk, stage=Stage.MOMENT, tries=0)


def _valued(talk: Talk, _move: Move) -> Talk:
    """One has said what they value: then the other, and at last the first reads the last words."""
    part = talk.part + 1
    if part < PARTS + PARTS:
        return replace(talk, stage=Stage.VALUING, part=part, floor=talk.floor.other)
    return replace(talk, stage=Stage.PARTING, part=part)


def _nothing_more(talk: Talk, move: Move) -> Talk:
    after = _valued(talk, move)
    return after if after.stage is Stage.VALUING else replace(after, stage=Stage.ENDED, end=End.FINISHED)


def _end(end: End) -> Effect:
    return lambda talk, _move: replace(talk, stage=Stage.ENDED, end=end, until=None)


_BEGINNINGS = (Stage.SETTING, Stage.MOMENT)
_PROPOSE = Rule(Who.EITHER, (Stage.TIMED,), _propose)
_HEARD_BY_ALL = Rule(Who.SPEAKER, (Stage.MOMENT, Stage.VALUING), _understood)

RESUMES: Mapping[Stage, Stage] = MappingProxyType(
    {
        Stage.SETTING: Stage.SETTING,
        Stage.SPEAKING: Stage.SETTING,
        Stage.ECHOING: Stage.SETTING,
        Stage.CLOSING: Stage.CLOSING,
    }
)
"""Where a talk that is put off goes on: a turn that was broken off begins anew."""

DUE: Mapping[Stage, Event] = MappingProxyType({Stage.ARRANGED: Event.HOUR, Stage.SPEAKING: Event.TIME_UP})
"""What the clock does at a stage that has a time of its own; at all others it reminds once and lets expire."""

ASIDE: Final = frozenset({Event.PROPOSE, Event.NOT_NOW})
"""Moves that make it nobody's turn."""

PRIVATE: Final = frozenset({Event.SAY, Event.SHOW, Event.CHANGE})
"""Writing, which nobody else may know of: neither the other's buttons nor what the clock does depends on it."""

STRIDE: Final = 1000
"""Steps from one move that both know of to the next: what is written between takes its numbers from the gap, so the
other's buttons do not count it. More drafts than anybody types of one text; their numbers grow on even beyond it."""

QUIET: Final = frozenset({Event.NOT_NOW, Event.HERE, Event.REMIND})
"""Events that leave the other's buttons what they are."""

TABLE: Mapping[tuple[Stage, Event], Rule] = MappingProxyType(
    {
        (Stage.OFFERED, Event.ACCEPT): Rule(Who.ASKED, _BEGINNINGS, _accept),
        (Stage.OFFERED, Event.NOT_NOW): Rule(Who.ASKED, (Stage.OFFERED,), _not_now),
        (Stage.OFFERED, Event.PROPOSE): Rule(Who.ASKED, (Stage.TIMED,), _propose),
        (Stage.TIMED, Event.CONFIRM): _plain(Who.DECIDES, Stage.ARRANGED),
        (Stage.TIMED, Event.NOT_NOW): Rule(Who.DECIDES, (Stage.TIMED,), _not_now),
        (Stage.TIMED, Event.PROPOSE): Rule(Who.DECIDES, (Stage.TIMED,), _propose),
        (Stage.ARRANGED, Event.PROPOSE): _PROPOSE,
        (Stage.ARRANGED, Event.HOUR): _plain(Who.CLOCK, Stage.GATHERING),
        (Stage.GATHERING, Event.HERE): Rule(Who.MISSING, (Stage.GATHERING, *_BEGINNINGS, Stage.CLOSING), _here),
        (Stage.GATHERING, Event.PROPOSE): _PROPOSE,
        (Stage.SETTING, Event.FIRST): Rule(Who.EITHER, (Stage.SETTING,), _first),
        (Stage.SETTING, Event.LENGTH): Rule(Who.EITHER, (Stage.SETTING,), _length),
        (Stage.SETTING, Event.BEGIN): Rule(Who.EITHER, (Stage.SPEAKING,), _begin),
        (Stage.SETTING, Event.PROPOSE): _PROPOSE,
        (Stage.SPEAKING, Event.DONE): _plain(Who.EITHER, Stage.ECHOING),
        (Stage.SPEAKING, Event.TIME_UP): _plain(Who.CLOCK, Stage.ECHOING),
        (Stage.SPEAKING, Event.PROPOSE): _PROPOSE,
        (Stage.ECHOING, Event.GOT_IT): Rule(Who.EITHER, (Stage.SETTING, Stage.CLOSING), _understood),
        (Stage.ECHOING, Event.NOT_QUITE): Rule(Who.EITHER, (Stage.SPEAKING,), _begin),
        (Stage.ECHOING, Event.PROPOSE): _PROPOSE,
        (Stage.CLOSING, Event.DONE): Rule(Who.EITHER, (Stage.ENDED,), _end(End.FINISHED)),
        (Stage.CLOSING, Event.PROPOSE): _PROPOSE,
        (Stage.MOMENT, Event.SAY): _plain(Who.SPEAKER, Stage.FEELING),
        (Stage.MOMENT, Event.SHOW): _plain(Who.SPEAKER, Stage.PREVIEW),
        (Stage.FEELING, Event.SAY): _plain(Who.SPEAKER, Stage.WISH),
        (Stage.FEELING, Event.CHANGE): _plain(Who.SPEAKER, Stage.MOMENT),
        (Stage.WISH, Event.SAY): _plain(Who.SPEAKER, Stage.PREVIEW),
        (Stage.WISH, Event.CHANGE): _plain(Who.SPEAKER, Stage.MOMENT),
        (Stage.PREVIEW, Event.CHANGE): _plain(Who.SPEAKER, Stage.MOMENT),
        (Stage.PREVIEW, Event.SEND): _plain(Who.SPEAKER, Stage.HEARING),
        (Stage.HEARING, Event.SAY): _plain(Who.LISTENER, Stage.HEARD),
        (Stage.HEARING, Event.SHOW): _plain(Who.LISTENER, Stage.HEARD),
        (Stage.HEARD, Event.CHANGE): _plain(Who.LISTENER, Stage.HEARING),
        (Stage.HEARD, Event.SEND): _plain(Who.LISTENER, Stage.CHECKING),
        (Stage.CHECKING, Event.GOT_IT): _HEARD_BY_ALL,
        (Stage.CHECKING, Event.NOT_QUITE): Rule(Who.SPEAKER, (Stage.HEARING, Stage.REPHRASING), _not_quite),
        (Stage.REPHRASING, Event.REPHRASE): Rule(Who.SPEAKER, (Stage.MOMENT,), _rephrase),
        (Stage.REPHRASING, Event.NOT_QUITE): _plain(Who.SPEAKER, Stage.HEARING),
        (Stage.REPHRASING, Event.LET_BE): _HEARD_BY_ALL,
        (Stage.VALUING, Event.SAY): _plain(Who.SPEAKER, Stage.VALUED),
        (Stage.VALUING, Event.SHOW): _plain(Who.SPEAKER, Stage.VALUED),
        (Stage.VALUING, Event.LET_BE): Rule(Who.SPEAKER, (Stage.VALUING, Stage.ENDED), _nothing_more),
        (Stage.VALUED, Event.CHANGE): _plain(Who.SPEAKER, Stage.VALUING),
        (Stage.VALUED, Event.SEND): Rule(Who.SPEAKER, (Stage.VALUING, Stage.PARTING), _valued),
        (Stage.PARTING, Event.DONE): Rule(Who.LISTENER, (Stage.ENDED,), _end(End.FINISHED)),
    }
)
"""What may happen at which stage."""

ANYWHERE: Mapping[Event, Rule] = MappingProxyType(
    {
        Event.STOP: Rule(Who.EITHER, (Stage.ENDED,), _end(End.STOPPED)),
        Event.REMIND: Rule(Who.CLOCK, (), lambda talk, _move: replace(talk, reminded=True)),
        Event.EXPIRE: Rule(Who.CLOCK, (Stage.ENDED,), _end(End.EXPIRED)),
    }
)
"""What may happen at every stage but the end; a time that both keep cannot expire before it has come."""


def turn(talk: Talk) -> frozenset[Side]:
    """Whose turn it is: who has another move than to stop, to wait or to name a time."""
    rules = (rule for (stage, event), rule in TABLE.items() if stage is talk.stage and event not in ASIDE)
    return frozenset(side for rule in rules for side in allowed(talk, rule.who))


def allowed(talk: Talk, who: Who) -> frozenset[Side]:
    """Which of the two somebody is just now; the clock is neither."""
    both = frozenset(Side)
    sides: dict[Who, frozenset[Side]] = {
        Who.EITHER: both,
        Who.ASKED: frozenset({Side.ASKED}),
        Who.SPEAKER: frozenset({talk.floor}),
        Who.LISTENER: frozenset({talk.floor.other}),
        Who.DECIDES: both - {talk.proposer},
        Who.MISSING: both - talk.here,
        Who.CLOCK: frozenset(),
    }
    return sides[who]


def can(talk: Talk, event: Event, side: Side) -> bool:
    """Whether a person may do something now."""
    rule = rule_for(talk.stage, event)
    return rule is not None and side in allowed(talk, rule.who)


def step_of(talk: Talk, side: Side) -> int:
    """Which step somebody's buttons name: whoever waits learns nothing of what the other writes meanwhile."""
    return talk.step if side in turn(talk) else talk.shared


def next_at(talk: Talk) -> datetime | None:
    """When the clock has something to do next; None once the talk has ended."""
    if talk.stage is Stage.ENDED:
        return None
    if talk.stage in DUE:
        return talk.meet_at if talk.stage is Stage.ARRANGED else talk.until
    return talk.moved_at + (EXPIRES_AFTER if talk.reminded else REMIND_AFTER)


def move(
    talk: Talk,
    event: Event,
    side: Side,
    step: int,
    now: datetime,
    *,
    minutes: int = USUAL_MINUTES,
    meet_at: datetime | None = None,
) -> Talk:
    """The talk after a person did something; the very same talk if that is not theirs to do now.

    Args:
        talk: Before.
        event: What happened.
        side: Who did it.
        step: For which step of the talk the button was made; to stop, any will do.
        now: When.
        minutes: With LENGTH: one of `MINUTES`.
        meet_at: With PROPOSE: a time between now and `HORIZON`.
    """
    if (step != talk.step and event is not Event.STOP) or not can(talk, event, side):
        return talk
    return _after(talk, event, Move(side, now.replace(microsecond=0), minutes, meet_at))


def tick(talk: Talk, now: datetime) -> Talk:
    """The talk after whatever the clock had to do by now."""
    while (due := next_at(talk)) is not None and due <= now:
        event = DUE.get(talk.stage, Event.EXPIRE if talk.reminded else Event.REMIND)
        talk = _after(talk, event, Move(talk.floor, now.replace(microsecond=0)))
    return talk


def rule_for(stage: Stage, event: Event) -> Rule | None:
    """The rule of an event at a stage, or None where it means nothing."""
    return TABLE.get((stage, event), ANYWHERE.get(event)) if stage is not Stage.ENDED else None


def _after(talk: Talk, event: Event, made: Move) -> Talk:
    rule = rule_for(talk.stage, event)
    after = talk if rule is None else rule.effect(talk, made)
    if after.stage is talk.stage and (after is talk or event in QUIET):
        return after
    if event in PRIVATE:
        return replace(after, step=talk.step + 1)
    step = (talk.step // STRIDE + 1) * STRIDE
    return replace(after, step=step, shared=step, moved_at=made.now, reminded=False, muted=frozenset())
