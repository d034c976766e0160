"""Opening a talk: the offer, another time, and being there when it has come. No is easy, and nobody is told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bot.dance import rhythm
from bot.dance import talk as rules
from bot.dance.turns import EXPIRES_AFTER, Event, Side, Stage, Way, begin
from bot.scenes import calendar, parcels, thanks
from bot.scenes.keyboard import Row, beside, button, column, footer, row
from bot.scenes.screen import Button, Screen, Tap
from bot.scenes.talk_matter import Matter, asks, does, find, of, of_a_talk, painted, plan_key, ways_out
from bot.scenes.turn import Turn
from storage import couples, plans, talks
from storage.records import Couple, Person
from storage.store import Tx

DAYS = 6
"""Days that can be chosen: today and five more, all of them nearer than a talk lives."""

HOURS = range(7, 23)
HOURS_A_ROW = 4
_MINUTE = timedelta(minutes=1)


def choose_way(turn: Turn, tx: Tx) -> Screen:
    """What a talk is, and the two ways to have one."""
    couple = couples.of(tx, turn.person.id)
    if couple is None:
        return thanks.alone(turn)
    partner = couples.partner_name(tx, couple, turn.person.id)
    rows = column(*(button(turn, f"button.{way}", "talk.offer", way) for way in Way))
    return of_a_talk(turn.words.render("talk", partner=partner), (*rows, footer(turn)))


def preview(turn: Turn, tx: Tx) -> Screen:
    """Exactly what the other would read, before they are asked."""
    couple = couples.of(tx, turn.person.id)
    if couple is None:
        return choose_way(turn, tx)
    way = Way(turn.tap.args[0])
    partner = couples.partner_name(tx, couple, turn.person.id)
    name = couples.own_name(tx, couple, turn.person.id)
    rows = (
        *beside(button(turn, "button.ask", "talk.ask", way, partner=partner), button(turn, "button.back", "talk")),
        footer(turn),
    )
    text = turn.words.render("talk_offer_preview", partner=partner, name=name, way=way)
    return of_a_talk(text, rows, Tap("talk.offer", (way,)))


def offer(turn: Turn, tx: Tx) -> Matter | Screen:
    """Ask the other. Once a day is enough: asking again and again would be pressing."""
    couple = couples.of(tx, turn.person.id)
    if couple is None:
        return choose_way(turn, tx)
    talk = begin(Way(turn.tap.args[0]), turn.now)
    if not _ask(turn, tx, couple, offer_key(couple, turn.person, turn.now)):
        partner = couples.partner_name(tx, couple, turn.person.id)
        return of_a_talk(turn.words.render("talk_today", partner=partner), (footer(turn),), Tap("home"))
    matter = of(talks.offer(tx, couple, turn.person.id, talk.to_json(), turn.now))
    if matter is None:  # the other was quicker
        return find(turn, tx) or choose_way(turn, tx)
    due_at = rules.next_at(talk) or turn.now
    plans.replace(tx, key=plan_key(couple.id), kind="talk", due_at=due_at, couple_id=couple.id)
    return matter


def offer_key(couple: Couple, person: Person, now: datetime) -> str:
    """One offer a day, by the asker's clock; the other one's row names the asker's seat, not the asker, who may go."""
    seat = next(seat.seat for seat in couple.seats if seat.person_id == person.id)
    return f"offer:{couple.id}:{seat}:{rhythm.local_day(person.zone, now)}"


def _ask(turn: Turn, tx: Tx, couple: Couple, key: str) -> bool:
    """Put the news into the outbox; in place of somebody who has left, a note to nobody remembers the day."""
    others = [seat.person_id for seat in couple.seats if seat.person_id not in (turn.person.id, None)]
    if others:
        return parcels.pack(tx, "talk.offered", key=key, person_id=others[0] or 0, now=turn.now, ref=couple.id)
    return parcels.pack(tx, "talk.nobody", key=key, person_id=turn.person.id, now=turn.now, ref=couple.id)


def offered(turn: Turn, matter: Matter) -> Screen:
    """The offer: for the one it is open and can be taken back, for the other it asks."""
    day = calendar.day(turn, matter.own.made_at + EXPIRES_AFTER)
    if matter.side is Side.ASKER:
        return painted(turn, matter, "talk_asked", day=day)
    rows = (
        row(does(turn, matter, "button.yes_now", Event.ACCEPT)),
        row(
            asks(turn, matter, "button.another_time", "talk.when"), does(turn, matter, "button.not_now", Event.NOT_NOW)
        ),
        footer(turn),
    )
    text = turn.words.render("talk_offer", name=matter.partner, way=matter.talk.way)
    return of_a_talk(text, rows)


def declined(turn: Turn, matter: Matter) -> Screen:
    """Not now: a full answer that nobody hears of."""
    day = calendar.day(turn, matter.talk.moved_at + EXPIRES_AFTER)
    text = turn.words.render("talk_not_now", day=day)
    return of_a_talk(text, (footer(turn),), Tap("home"))


def timed(turn: Turn, matter: Matter) -> Screen:
    """One has named a time; the other decides."""
    when = _said(turn, matter.talk.meet_at)
    if matter.talk.proposer is matter.side:
        return painted(turn, matter, "talk_time_named", when=when)
    rows = (
        row(does(turn, matter, "button.that_suits", Event.CONFIRM)),
        row(
            asks(turn, matter, "button.another_time", "talk.when"), does(turn, matter, "button.not_now", Event.NOT_NOW)
        ),
    )
    return painted(turn, matter, "talk_time_asked", *rows, when=when)


def arranged(turn: Turn, matter: Matter) -> Screen:
    """Both keep a time."""
    another = row(asks(turn, matter, "button.another_time", "talk.when"))
    return painted(turn, matter, "talk_arranged", another, when=_said(turn, matter.talk.meet_at))


def gathering(turn: Turn, matter: Matter) -> Screen:
    """The time has come: it goes on when both are there."""
    here = matter.side in matter.talk.here
    first = () if here else (row(does(turn, matter, "button.here", Event.HERE)),)
    another = row(asks(turn, matter, "button.another_time", "talk.when"))
    return painted(turn, matter, "talk_gathering", *first, another, here=here)


def when(turn: Turn, tx: Tx) -> Screen:
    """Choose another time: first the day, then the hour, by one's own clock."""
    matter = find(turn, tx)
    if matter is None:
        return choose_way(turn, tx)
    made_for, step, *day = turn.tap.args
    if (made_for, step) != (matter.mark, str(matter.talk.step)):
        rows = (row(button(turn, "button.to_the_talk", "talk")), footer(turn))
        return of_a_talk(turn.words.render("talk_moved_on"), rows)
    back = row(button(turn, "button.back", "talk"))
    if turn.person.zone is None:
        clock = row(button(turn, "button.when", "zone"))
        return of_a_talk(turn.words.render("talk_no_clock"), (clock, back, *ways_out(turn, matter)))
    zone = ZoneInfo(turn.person.zone)
    if not day:
        return of_a_talk(turn.words.render("talk_day"), (*_days(turn, matter, zone), back, *ways_out(turn, matter)))
    buttons = [
        does(turn, matter, "button.at", Event.PROPOSE, int(at.timestamp()) // 60, time=f"{at.astimezone(zone):%H:%M}")
        for at in _hours(turn, zone, int(day[0]))
    ]
    grid: list[Row] = [tuple(buttons[one : one + HOURS_A_ROW]) for one in range(0, len(buttons), HOURS_A_ROW)]
    return of_a_talk(turn.words.render("talk_hour"), (*grid, back, *ways_out(turn, matter)))


def _days(turn: Turn, matter: Matter, zone: ZoneInfo) -> tuple[Row, ...]:
    """A button for each day that has an hour left."""
    today = turn.now.astimezone(zone).date()
    return column(
        *(
            Button(
                str(format_date(today + timedelta(days=days), "EEEE d MMMM", locale=turn.person.language)),
                tap=Tap("talk.when", (matter.mark, str(matter.talk.step), str(days))),
            )
            for days in range(DAYS)
            if _hours(turn, zone, days)
        )
    )


def _hours(turn: Turn, zone: ZoneInfo, days: int) -> list[datetime]:
    """The whole hours of a day that are still to come."""
    day = turn.now.astimezone(zone).date() + timedelta(days=days)
    moments = [datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC) for hour in HOURS]
    return [moment for moment in moments if moment > turn.now + _MINUTE]


def named(minutes: str) -> datetime:
    """The time that a button names, in minutes since 1970."""
    return datetime.fromtimestamp(int(minutes) * 60, UTC)


def _said(turn: Turn, meet_at: datetime | None) -> str:
    """A time by the reader's own clock; while that is unknown, how far off it is."""
    if meet_at is None:
        return ""
    said = calendar.moment(turn, meet_at)
    hours = max(1, round((meet_at - turn.now) / timedelta(hours=1)))
    return said or turn.words.label("talk.in_hours", hours=str(hours))


PAINTERS = {
    Stage.OFFERED: offered,
    Stage.TIMED: timed,
    Stage.ARRANGED: arranged,
    Stage.GATHERING: gathering,
}
