"""Settings by buttons: weekday, hour, quiet hours, pause, pictures."""

from datetime import date, time, timedelta
from typing import Unpack
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from bot.scenes import calendar, zones
from bot.scenes.keyboard import Row, button, footer, row
from bot.scenes.screen import Button, Screen, Tap
from bot.scenes.turn import Turn
from storage import couples, people
from storage.records import Person
from storage.store import Tx

_HOUR = 60
_A_MONDAY = date(2024, 1, 1)
_DAYS_A_ROW = 2
_HOURS_A_ROW = 4
QUIET_FROM_HOURS = (19, 20, 21, 22, 23, 0)
QUIET_TO_HOURS = (5, 6, 7, 8, 9, 10)
_OF_THE_ROUND = frozenset({"weekday", "minute", "zone", "quiet_from", "quiet_to"})
SLOT_HOURS = tuple(range(6, 24))


def clock_time(turn: Turn, minute: int) -> str:
    """A minute of the day as a time, such as "19:00"."""
    return str(format_time(time(minute // _HOUR, minute % _HOUR), "HH:mm", locale=turn.person.language))


def weekday_name(turn: Turn, weekday: int) -> str:
    """A weekday in the person's words, Monday = 0."""
    return str(format_date(_A_MONDAY + timedelta(days=weekday), "EEEE", locale=turn.person.language))


def settings(turn: Turn, tx: Tx) -> Screen:
    """`/settings`: all of it on one screen, a button for each part."""
    return _overview(turn, tx, turn.person, None)


def _overview(turn: Turn, tx: Tx, person: Person, notice: str | None) -> Screen:
    words = turn.words
    text = words.render(
        "settings",
        weekday=weekday_name(turn, person.weekday),
        hour=clock_time(turn, person.minute),
        city=zones.city(person.zone, person.language) if person.zone else None,
        quiet_from=clock_time(turn, person.quiet_from % 1440),
        quiet_to=clock_time(turn, person.quiet_to % 1440),
        never_quiet=person.quiet_from == person.quiet_to,
        paused=person.paused,
        text_only=person.text_only,
    )
    pause = button(turn, "button.resume_weeks" if person.paused else "button.pause_weeks", "pause")
    pictures = button(turn, "button.with_pictures" if person.text_only else "button.text_only", "settings.pictures")
    leave = (row(button(turn, "button.leave_pair", "leave")),) if couples.of(tx, person.id) else ()
    rows = (
        row(button(turn, "button.weekday", "settings.weekday"), button(turn, "button.hour", "settings.hour")),
        row(button(turn, "button.zone", "zone"), button(turn, "button.quiet", "settings.quiet")),
        row(pause, pictures),
        *leave,
        footer(turn),
    )
    return Screen(text, rows, Tap("settings"), notice=notice)


def _changed(turn: Turn, tx: Tx, **columns: Unpack[people.Changes]) -> Screen:
    """Keep a change, plan the nudge and the pair's next round anew, and show the overview."""
    people.change(tx, turn.person.id, **columns)
    person = people.get(tx, turn.person.id)
    calendar.plan_nudge(tx, person, turn.now)
    if not columns.keys().isdisjoint(_OF_THE_ROUND):
        calendar.take_over(tx, person, turn.now)
    return _overview(turn, tx, person, turn.words.label("notice.kept"))


def _grid(buttons: list[Button], wide: int = _HOURS_A_ROW) -> tuple[Row, ...]:
    return tuple(tuple(buttons[start : start + wide]) for start in range(0, len(buttons), wide))


def weekday(turn: Turn, tx: Tx) -> Screen:
    """Choose the weekday of the weekly questions."""
    if turn.tap.args:
        return _changed(turn, tx, weekday=int(turn.tap.args[0]) % 7)
    buttons = [Button(weekday_name(turn, number), tap=Tap("settings.weekday", (str(number),))) for number in range(7)]
    return Screen(
        turn.words.render("settings_weekday"), (*_grid(buttons, _DAYS_A_ROW), _back(turn)), Tap("settings.weekday")
    )


def _back(turn: Turn) -> Row:
    return row(button(turn, "button.back", "settings"), button(turn, "button.safety", "safety"))


def hour(turn: Turn, tx: Tx) -> Screen:
    """Choose the hour; hours within the quiet ones are not offered."""
    if turn.tap.args:
        return _changed(turn, tx, minute=int(turn.tap.args[0]) % 24 * _HOUR)
    awake = [number for number in SLOT_HOURS if not _within(turn.person, number * _HOUR)]
    buttons = [
        Button(clock_time(turn, number * _HOUR), tap=Tap("settings.hour", (str(number),)))
        for number in awake or SLOT_HOURS
    ]
    return Screen(turn.words.render("settings_hour"), (*_grid(buttons), _back(turn)), Tap("settings.hour"))


def _within(person: Person, minute: int) -> bool:
    """Whether a minute of the day lies in the person's quiet hours."""
    start, end = person.quiet_from, person.quiet_to
    return start <= minute < end if start <= end else minute >= start or minute < end


def quiet(turn: Turn, tx: Tx) -> Screen:
    """Choose when quiet hours begin, then when they end."""
    match turn.tap.args:
        case ("none",):
            return _changed(turn, tx, quiet_from=0, quiet_to=0)
        case (begins, ends):
            return _changed(turn, tx, quiet_from=int(begins) % 24 * _HOUR, quiet_to=int(ends) % 24 * _HOUR)
        case (begins,):
            return _quiet_screen(
                turn, "settings_quiet_to", [(number, (begins, str(number))) for number in QUIET_TO_HOURS]
            )
        case _:
            return _quiet_screen(turn, "settings_quiet", [(number, (str(number),)) for number in QUIET_FROM_HOURS])


def _quiet_screen(turn: Turn, template: str, choices: list[tuple[int, tuple[str, ...]]]) -> Screen:
    buttons = [Button(clock_time(turn, number * _HOUR), tap=Tap("settings.quiet", args)) for number, args in choices]
    none = (row(button(turn, "button.never_quiet", "settings.quiet", "none")),) if len(choices[0][1]) == 1 else ()
    return Screen(
        turn.words.render(template), (*_grid(buttons), *none, _back(turn)), Tap("settings.quiet", turn.tap.args)
    )


def pause(turn: Turn, tx: Tx) -> Screen:
    """Switch the weekly messages off, or on again."""
    return _changed(turn, tx, paused=not turn.person.paused)


def pictures(turn: Turn, tx: Tx) -> Screen:
    """Words only, or pictures again."""
    return _changed(turn, tx, text_only=not turn.person.text_only)


def zone(turn: Turn, tx: Tx) -> Screen:
    """Where the person's clock is: a guess from the phone's language first, else "what time is it for you now?"."""
    if turn.text is not None:
        return zone_typed(turn, tx)
    suggested = zones.zone_suggested(turn.visitor.language_code) if turn.person.zone is None else None
    if suggested and not turn.tap.args:
        text = turn.words.render(
            "zone_suggested",
            city=zones.city(suggested, turn.person.language),
            time=_time_in(turn, suggested),
        )
        return Screen(
            text,
            (
                row(button(turn, "button.yes", "zone.set", suggested), button(turn, "button.no", "zone", "ask")),
                _back(turn),
            ),
            Tap("zone"),
        )
    now = turn.now.hour * _HOUR + turn.now.minute
    minutes = sorted((now + shift * _HOUR) % 1440 for shift in range(24))
    buttons = [Button(clock_time(turn, minute), tap=Tap("zone.time", (str(minute),))) for minute in minutes]
    return Screen(turn.words.render("zone_ask"), (*_grid(buttons), _back(turn)), Tap("zone", ("ask",)))


def _time_in(turn: Turn, name: str) -> str:
    return str(format_time(turn.now.astimezone(ZoneInfo(name)), "HH:mm", locale=turn.person.language))


def zone_time(turn: Turn, _tx: Tx) -> Screen:
    """The cities where it is that time now."""
    return _cities(turn, zones.zones_showing(int(turn.tap.args[0]) % 1440, turn.now, turn.visitor.language_code))


def zone_typed(turn: Turn, _tx: Tx) -> Screen:
    """A typed time or city: the cities that fit."""
    typed = turn.text or ""
    minute = zones.parse_time(typed)
    if minute is not None:
        return _cities(turn, zones.zones_showing(minute, turn.now, turn.visitor.language_code))
    return _cities(turn, zones.zones_named(typed, turn.person.language))


def _cities(turn: Turn, names: list[str]) -> Screen:
    rows = tuple(
        row(Button(f"{zones.city(name, turn.person.language)} · {_time_in(turn, name)}", tap=Tap("zone.set", (name,))))
        for name in names
    )
    template = "zone_cities" if names else "zone_unknown"
    return Screen(turn.words.render(template), (*rows, _back(turn)), Tap("zone", ("ask",)))


def zone_set(turn: Turn, tx: Tx) -> Screen:
    """Keep the zone; from now on nudges can come at a good time."""
    name = turn.tap.args[0]
    if not zones.known(name):
        return zone(turn, tx)
    return _changed(turn, tx, zone=name)
