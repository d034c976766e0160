"""What the clock does in a talk: a turn is over, a time has come, one reminder, and the end of what nobody moves."""

from datetime import datetime, timedelta

from bot.dance import rhythm
from bot.dance import talk as rules
from bot.dance.turns import Stage, Talk
from bot.scenes.talk_matter import SIDES, Matter, due_at, last_word, of, plan_key, send
from storage import outbox, people, plans, talks
from storage.records import OnUnknown, Person
from storage.store import Tx

LATER = 2
"""Priority of a reminder."""

REMINDER_KEEPS = timedelta(hours=12)
"""A reminder that is later than this would be a nuisance, and is dropped."""


def tick(tx: Tx, couple_id: int, now: datetime) -> None:
    """Do what is due in a couple's talk, and plan what comes next.

    Args:
        tx: The unit of work, with the couple locked.
        couple_id: Whose talk.
        now: When.
    """
    matter = of(talks.any_side(tx, couple_id))
    if matter is None:
        return
    after = rules.tick(matter.talk, now)
    readers = {matter.side: matter.own.person_id, matter.side.other: matter.own.partner_id}
    if after.stage is Stage.ENDED:
        talks.end(tx, matter.own)
        _tell_of_end(tx, matter, after, {side: one for side, one in readers.items() if one is not None}, now)
        return
    if after != matter.talk:
        talks.move(tx, matter.own, after.to_json())
    for side, reader in readers.items():
        if reader is not None:
            _tell(tx, matter, after, now, reader=reader, theirs=side in rules.turn(after) - after.muted)
    plans.replace(tx, key=plan_key(couple_id), kind="talk", due_at=due_at(after, now), couple_id=couple_id)


def _tell(tx: Tx, matter: Matter, after: Talk, now: datetime, *, reader: int, theirs: bool) -> None:
    if after.stage in (Stage.SPEAKING, Stage.ECHOING):
        if after.stage is not matter.talk.stage or after.stage is Stage.SPEAKING:
            send(tx, matter.own, "talk.room", reader, now, moment=f"{after.step}:{now:%H%M}")
    elif after.stage is Stage.GATHERING and matter.talk.stage is Stage.ARRANGED:
        send(tx, matter.own, "talk", reader, now, moment=f"{after.step}")
    elif after.reminded and not matter.talk.reminded and theirs:
        _remind(tx, matter, after, people.find_by_id(tx, reader), now)


def _remind(tx: Tx, matter: Matter, after: Talk, reader: Person | None, now: datetime) -> None:
    """One reminder, out of quiet hours, at most once."""
    if reader is None:
        return
    waking = rhythm.next_waking(reader.zone, reader.quiet_from, reader.quiet_to, now)
    outbox.put(
        tx,
        key=f"talk.remind:{matter.own.talk_id}:{after.step}:{reader.id}",
        kind="talk.remind",
        person_id=reader.id,
        ref=matter.own.talk_id,
        on_unknown=OnUnknown.DROP,
        priority=LATER,
        available_at=waking,
        expires_at=waking + REMINDER_KEEPS,
        now=now,
    )


def _tell_of_end(tx: Tx, matter: Matter, after: Talk, readers: dict[object, int], now: datetime) -> None:
    """Whoever was in it reads that it is over; an offer that nobody took up is over for the one who made it."""
    for side, reader in readers.items():
        if matter.talk.stage is not Stage.OFFERED or side is SIDES[talks.ASKER]:
            send(tx, matter.own, last_word(matter.talk, after), reader, now, moment="end")
