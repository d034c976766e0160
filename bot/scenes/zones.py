"""Look-ups for choosing one's time zone by what a person knows: the clock on the wall, a city, a country.

Nobody has to type an offset. What is offered are the zones that tzdata lists for a country (its `zone.tab`): no
`Etc/…`, no names of old. Names of cities and countries come from CLDR by way of Babel, in the person's language and
in English. Tables are read on first use and kept; what a person typed is not.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError, get_global
from babel.dates import get_timezone_location

from bot.dance.rhythm import DAY_MINUTES
from bot.scenes.zone_table import MAIN_ZONE, NAMESAKES, NICKNAMES, WIDESPREAD, rank, table, territories

MOST_SHOWN = 8
"""As many rows of buttons as fit above a phone's keyboard without scrolling."""

CLOCK_TOLERANCE_MINUTES = 20
"""How far a clock may be off: less than the half hour that separates most neighbouring offsets."""

LONGEST_NAME = 64
"""Characters; the longest name of a country has 38 in CLDR's English, and hardly any has more in another language."""

LONGEST_TIME = 16
"""Characters; "07 : 05  p. m." fits."""

_RULES_STEP = timedelta(hours=6)
"""Clocks of one group agree four times a day (Beirut and Athens change hours apart)."""
_RULES_WEEK = 28
"""Steps of a week: what a change brings lasts longer, so that one is sought only where a week later the clock differs."""
_RULES_WEEKS = 53
"""For so long to come."""

_ANTARCTICA = "AQ"
"""Its stations can be found by name, but would push themselves between cities that share their clock."""

_APOSTROPHES = dict.fromkeys(map(ord, "'`\u00b4\u2018\u2019\u02bb\u02bc"))
"""Left out and not a space, so that "St Johns" and "Cote dIvoire" are found."""

_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters that people type without their stroke, but that Unicode does not take apart."""

_CITY, _FORMER, _COUNTRY, _REMARK = range(4)
_TELLING = 3
"""Latin letters that must be typed to be sought inside a word; one sign can be a word in other scripts."""

_WHOLE, _START, _WORD, _INSIDE = range(4)

_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:\s*[:.h]\s*(?P<minute>\d{2})|\s?(?P<joined>\d{2})|\s*h)?\s*(?:(?P<half>[ap])(?:\.?\s?m\.?)?)?"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A folded name under which zones can be found."""

    name: str
    kind: int
    zones: tuple[str, ...]


def known(zone: str) -> bool:
    """Whether a zone is one of those that can be chosen; safe with any text."""
    return zone in territories()


def zones_showing(local_minute: int, instant: datetime, language_code: str = "") -> list[str]:
    """Zones whose clocks show a time now, give or take 20 minutes: one zone for all that agree for a year to come.

    Args:
        local_minute: Minute of the day that the person's clock shows.
        instant: Now; aware, any zone.
        language_code: The phone's language; the zone that it suggests comes first and stands for its clock.

    Returns:
        At most 8 IANA names: the nearest quarter of an hour first, then well-known cities first.
    """
    suggested = zone_suggested(language_code)
    near = []
    for zone, territory in territories().items():
        if territory == _ANTARCTICA:
            continue
        local = instant.astimezone(_zone(zone))
        ahead = (local.hour * 60 + local.minute - local_minute) % DAY_MINUTES
        off = min(ahead, DAY_MINUTES - ahead)
        if off <= CLOCK_TOLERANCE_MINUTES:
            near.append((round(off / 15), zone != suggested, rank(zone), zone))
    day = instant.astimezone(UTC).date()
    groups: dict[tuple[tuple[int, timedelta | None], ...], str] = {}
    for *_, zone in sorted(near):
        groups.setdefault(_rules(zone, day), zone)
    return list(groups.values())[:MOST_SHOWN]


def zones_named(typed: str, language_code: str) -> list[str]:
    """Zones of a city or a country as a person typed it: any case, with or without accents, whole or in part.

    Args:
        typed: Whatever was typed; also an IANA name, a country's two-letter code, or nonsense of any length.
        language_code: The language of the names, beside English.

    Returns:
        At most 8 IANA names, none if nothing fits: whole names first, then beginnings, then later words; cities
        before countries, well-known ones first.
    """
    if len(typed) > LONGEST_NAME:
        return []
    sought = _folded(typed)
    if not sought:
        return []
    best: dict[str, tuple[int, int, int]] = {}
    for entry in _index(_locale(language_code) or _english()):
        fit = _fit(sought, entry.name)
        if fit is None:
            continue
        for zone in entry.zones:
            best[zone] = min(best.get(zone, (_INSIDE + 1, 0, 0)), (fit, entry.kind, rank(zone)))
    return sorted(best, key=lambda zone: best[zone])[:MOST_SHOWN]


def zone_suggested(language_code: str) -> str | None:
    """The zone that a phone's language makes likely, to be confirmed by the person.

    Args:
        language_code: As Telegram gives it, such as "de" or "pt-br"; any text is safe.

    Returns:
        An IANA name; None if the language is spoken under many clocks and no territory is told, or if the
        territory has several zones and none that nearly everybody there lives by.
    """
    locale = _locale(language_code)
    if locale is None:
        return None
    territory = locale.territory
    if territory is None:
        if locale.language in WIDESPREAD:
            return None
        written = f"{locale.language}_{locale.script}"
        likely = get_global("likely_subtags")
        territory = (likely.get(written) or likely.get(locale.language) or "").rpartition("_")[2]
    zones = [zone for zone, home in territories().items() if home == territory]
    return zones[0] if len(zones) == 1 else MAIN_ZONE.get(territory)


def city(zone: str, language_code: str) -> str:
    """What people call a zone: its city, with the country where another large place bears the name.

    Args:
        zone: IANA name; an unknown one is shown by its last part.
        language_code: The language of the label; English if it is not known.
    """
    locale = _locale(language_code) or _english()
    try:
        label = get_timezone_location(zone, locale=locale, return_city=True)
    except (LookupError, ValueError):
        return zone.rpartition("/")[2].replace("_", " ")
    if zone in NAMESAKES:
        return f"{label}, {locale.territories[territories()[zone]]}"
    return label


def parse_time(typed: str) -> int | None:
    """The minute of the day that somebody typed, or None if it is no time.

    "19:05", "19.05", "19h05", "1905", "7:05 pm", "7 p.m." and "19" are times, in the digits of any script. "12 am"
    is midnight and "12 pm" noon; with an hour of 13 or more, "pm" changes nothing and "am" is a contradiction.
    """
    if len(typed) > LONGEST_TIME:
        return None
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", typed).casefold().strip())
    if found is None:
        return None
    hour = int(found["hour"])
    minute = int(found["minute"] or found["joined"] or 0)
    if found["half"] == "a" and hour > 12:  # noqa: PLR2004  # the clock face ends there
        return None
    if found["half"] and hour <= 12:  # noqa: PLR2004
        hour = hour % 12 + (12 if found["half"] == "p" else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None  # noqa: PLR2004


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=2048)
def _rules(zone: str, day: date) -> tuple[tuple[int, timedelta | None], ...]:
    """The offset of a zone on a day and where it changes in the year to come: equal for clocks that agree."""
    start = datetime.combine(day, time(), UTC)

    def offset(step: int) -> timedelta | None:
        return (start + step * _RULES_STEP).astimezone(_zone(zone)).utcoffset()

    changes = [(0, offset(0))]
    for week in range(_RULES_WEEK, _RULES_WEEKS * _RULES_WEEK + 1, _RULES_WEEK):
        if (after := offset(week)) != changes[-1][1]:
            first = next(step for step in range(week - _RULES_WEEK, week + 1) if offset(step) == after)
            changes.append((first, after))
    return tuple(changes)


@cache
def _english() -> Locale:
    return Locale("en")


@lru_cache(maxsize=256)
def _locale(language_code: str) -> Locale | None:
    """The locale of a phone's language, or of its first part; None if there is no such language."""
    parts = language_code.replace("_", "-").split("-")
    for code in ("-".join(parts), parts[0]):
        try:
            return Locale.parse(code, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return None


def _folded(name: str) -> str:
    """A name as it is compared: no accents, no case, single spaces for all that is neither letter nor digit."""
    plain = (
        mark
        for mark in unicodedata.normalize("NFKD", name.casefold().translate(_APOSTROPHES))
        if not unicodedata.combining(mark)
    )
    letters = "".join(" " if unicodedata.category(mark)[0] in "CPSZ" else mark for mark in plain)
    return " ".join(letters.translate(_UNDECOMPOSED).split())


def _fit(sought: str, name: str) -> int | None:
    if name == sought:
        return _WHOLE
    if name.startswith(sought):
        return _START
    if f" {sought}" in name:
        return _WORD
    return _INSIDE if sought in name and (len(sought) >= _TELLING or not sought.isascii()) else None


@lru_cache(maxsize=8)
def _index(locale: Locale) -> tuple[_Entry, ...]:
    """All names under which zones can be found, in a language and in English."""
    languages = (locale, _english())
    entries = [*_city_entries(languages), *_country_entries(languages)]
    return tuple(dict.fromkeys(_Entry(_folded(name), kind, tuple(zones)) for name, kind, zones in entries if name))


def _city_entries(languages: Iterable[Locale]) -> Iterable[tuple[str, int, Iterable[str]]]:
    for _, zone, remark in table():
        yield zone.rpartition("/")[2], _CITY, (zone,)
        for language in languages:
            yield get_timezone_location(zone, locale=language, return_city=True), _CITY, (zone,)
        yield zone, _REMARK, (zone,)
        yield remark, _REMARK, (zone,)
    for former, zone in get_global("zone_aliases").items():
        if known(zone) and not known(former):
            yield former.rpartition("/")[2], _FORMER, (zone,)
            yield former, _REMARK, (zone,)


def _country_entries(languages: Iterable[Locale]) -> Iterable[tuple[str, int, Iterable[str]]]:
    zones: dict[str, list[str]] = {}
    for territory, zone, _ in table():
        zones.setdefault(territory, []).append(zone)
    for territory, homes in zones.items():
        yield territory, _COUNTRY, homes
        for language in languages:
            yield language.territories.get(territory, ""), _COUNTRY, homes
    for nickname, territory in NICKNAMES.items():
        yield nickname, _COUNTRY, zones[territory]
