from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.scenes.zone_table import MAIN_ZONE, NAMESAKES, NICKNAMES, WELL_KNOWN, territories
from bot.scenes.zones import (
    CLOCK_TOLERANCE_MINUTES,
    MOST_SHOWN,
    city,
    known,
    parse_time,
    zone_suggested,
    zones_named,
    zones_showing,
)

SUMMER = datetime(2026, 7, 1, 17, 5, tzinfo=UTC)
WINTER = datetime(2026, 1, 14, 18, 5, tzinfo=UTC)
LANGUAGES = [
    "en",
    "de",
    "fr",
    "es",
    "it",
    "nl",
    "pl",
    "pt-br",
    "ru",
    "uk",
    "tr",
    "ar",
    "fa",
    "hi",
    "ja",
    "zh-hans",
    "ko",
]


def test_every_zone_offered_exists() -> None:
    """Each zone that can be chosen, and each that our own tables name, is one that the calendar knows."""
    for zone in territories():
        assert ZoneInfo(zone).key == zone
    assert {*WELL_KNOWN, *MAIN_ZONE.values(), *NAMESAKES} <= set(territories())
    assert len(set(WELL_KNOWN)) == len(WELL_KNOWN)
    assert {*MAIN_ZONE, *NICKNAMES.values()} <= set(territories().values())


@pytest.mark.parametrize(
    "zone", ["Etc/GMT-3", "UTC", "US/Pacific", "Asia/Calcutta", "../etc/passwd", "", "\x00", "x" * 10_000]
)
def test_other_names_are_not_known(zone: str) -> None:
    """No offset, no name of old and no nonsense passes for a zone that can be chosen."""
    assert not known(zone)


def test_a_clock_finds_its_zones() -> None:
    """At 19:05 in a European summer one city stands for central Europe and one for southern Africa."""
    assert zones_showing(19 * 60 + 5, SUMMER) == ["Europe/Berlin", "Africa/Johannesburg"]


def test_the_phones_language_chooses_the_city() -> None:
    """Where many cities share a clock, the one that the phone's language suggests stands for them and comes first."""
    assert zones_showing(19 * 60 + 5, SUMMER, "nl")[0] == "Europe/Amsterdam"
    assert "Europe/Berlin" not in zones_showing(19 * 60 + 5, SUMMER, "nl")


def test_clocks_that_part_later_are_told_apart() -> None:
    """In winter Berlin, Lagos and Casablanca show the same time, but keep different rules: all three are offered."""
    assert {"Europe/Berlin", "Africa/Lagos", "Africa/Casablanca"} <= set(zones_showing(19 * 60 + 5, WINTER))


def test_a_quarter_of_an_hour_decides_the_order() -> None:
    """Kathmandu is a quarter of an hour ahead of Kolkata: each comes first at its own time."""
    now = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert zones_showing(17 * 60 + 30, now)[:2] == ["Asia/Kolkata", "Asia/Kathmandu"]
    assert zones_showing(17 * 60 + 45, now)[:2] == ["Asia/Kathmandu", "Asia/Kolkata"]


def test_clocks_meet_around_midnight() -> None:
    """A clock that is a little slow just after midnight still finds its zone, before midnight."""
    midnight = datetime(2026, 7, 1, 22, 5, tzinfo=UTC)
    assert zones_showing(23 * 60 + 55, midnight, "de")[0] == "Europe/Berlin"


@given(st.integers(0, 1439), st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 2), timezones=st.just(UTC)))  # noqa: DTZ001  # the zone is given apart
@settings(max_examples=40, deadline=None)
def test_every_zone_shown_shows_the_time(minute: int, instant: datetime) -> None:
    """At any instant each zone offered is within 20 minutes of the clock, and at most 8 are, each once."""
    found = zones_showing(minute, instant)
    assert len(found) == len(set(found)) <= MOST_SHOWN
    for zone in found:
        local = instant.astimezone(ZoneInfo(zone))
        off = (local.hour * 60 + local.minute - minute) % 1440
        assert min(off, 1440 - off) <= CLOCK_TOLERANCE_MINUTES
        assert territories()[zone] != "AQ"


def test_everybody_finds_a_clock_that_agrees_with_theirs() -> None:
    """Whatever zone a person lives in, a zone offered for their clock keeps their time for the year to come."""
    year = [WINTER + timedelta(hours=6 * step) for step in range(4 * 365)]
    for zone, territory in list(territories().items())[::11]:
        if territory == "AQ":
            continue
        local = WINTER.astimezone(ZoneInfo(zone))
        offered = zones_showing(local.hour * 60 + local.minute, WINTER)
        assert any(
            all(at.astimezone(ZoneInfo(other)).utcoffset() == at.astimezone(ZoneInfo(zone)).utcoffset() for at in year)
            for other in offered
        ), zone


@pytest.mark.parametrize(
    ("typed", "language", "first"),
    [
        ("Berlin", "en", "Europe/Berlin"),
        ("  bERL ", "en", "Europe/Berlin"),
        ("Sao_Paulo", "en", "America/Sao_Paulo"),
        ("são paulo", "en", "America/Sao_Paulo"),
        ("America/Sao_Paulo", "en", "America/Sao_Paulo"),
        ("zürich", "en", "Europe/Zurich"),
        ("Mailand", "de", None),
        ("Moskau", "de", "Europe/Moscow"),
        ("Москва", "ru", "Europe/Moscow"),
        ("東京", "ja", "Asia/Tokyo"),
        ("京", "ja", "Asia/Tokyo"),
        ("Deutschland", "de", "Europe/Berlin"),
        ("germany", "de", "Europe/Berlin"),
        ("usa", "en", "America/New_York"),
        ("US", "en", "America/New_York"),
        ("england", "en", "Europe/London"),
        ("uk", "en", "Europe/London"),
        ("kiev", "en", "Europe/Kyiv"),
        ("calcutta", "en", "Asia/Kolkata"),
        ("tel aviv", "en", "Asia/Jerusalem"),
        ("angeles", "en", "America/Los_Angeles"),
        ("hawaii", "en", "Pacific/Honolulu"),
        ("Cote dIvoire", "en", "Africa/Abidjan"),
        ("Côte d\u2019Ivoire", "en", "Africa/Abidjan"),
        ("St. John's", "en", "America/St_Johns"),
        ("faeroerne", "da", "Atlantic/Faroe"),
        ("paris", "xx", "Europe/Paris"),
        ("georgia", "en", "Asia/Tbilisi"),
        ("Etc", "en", None),
        ("", "en", None),
        (" _/. ", "en", None),
    ],
)
def test_a_name_finds_its_zone(typed: str, language: str, first: str | None) -> None:
    """A city or country is found in the person's language and in English, without regard to case and accents."""
    assert next(iter(zones_named(typed, language)), None) == first


def test_a_large_country_shows_its_great_cities() -> None:
    """A country with more zones than fit shows the well-known ones."""
    assert zones_named("Australia", "en")[:5] == [
        "Australia/Sydney",
        "Australia/Brisbane",
        "Australia/Perth",
        "Australia/Adelaide",
        "Australia/Melbourne",
    ]
    assert len(zones_named("Australia", "en")) == MOST_SHOWN


def test_beginnings_come_before_later_words() -> None:
    """What begins with the typed letters stands before what only holds them."""
    assert zones_named("san", "en")[0] == "America/Santiago"
    found = zones_named("joh", "en")
    assert found.index("Africa/Johannesburg") < found.index("America/St_Johns")


@given(
    st.text(max_size=80) | st.text("aeiou ,._/'\u0301", max_size=70),
    st.sampled_from(LANGUAGES[:3]) | st.text(max_size=8),
)
@settings(max_examples=80, deadline=None)
def test_typed_nonsense_is_harmless(typed: str, language: str) -> None:
    """Whatever is typed, in whatever language, at most 8 zones come back, all of them real, and always the same."""
    found = zones_named(typed, language)
    assert len(found) == len(set(found)) <= MOST_SHOWN
    assert all(known(zone) for zone in found)
    assert found == zones_named(typed, language)
    assert known(zone_suggested(language) or "Europe/Berlin")
    assert parse_time(typed) in {None, *range(1440)}
    assert isinstance(city(typed, language), str)


@pytest.mark.parametrize("typed", ["a" * 1_000_000, "\u0301" * 1_000_000, "\ufdfa" * 64, "\ud800", "9" * 1_000_000])
def test_endless_input_is_turned_away(typed: str) -> None:
    """Input of any length and make finds nothing and takes no time."""
    assert zones_named(typed, "en") == []
    assert parse_time(typed) is None


@pytest.mark.parametrize(
    ("language", "zone"),
    [
        ("de", "Europe/Berlin"),
        ("de-at", "Europe/Vienna"),
        ("nl", "Europe/Amsterdam"),
        ("pt-br", "America/Sao_Paulo"),
        ("PT_BR", "America/Sao_Paulo"),
        ("pl", "Europe/Warsaw"),
        ("uk", "Europe/Kyiv"),
        ("iw", "Asia/Jerusalem"),
        ("zh", "Asia/Shanghai"),
        ("zh-hans", "Asia/Shanghai"),
        ("zh-hant", "Asia/Taipei"),
        ("es-es", "Europe/Madrid"),
        ("es-co", "America/Bogota"),
        ("en-gb", "Europe/London"),
        ("en", None),
        ("en-us", None),
        ("en-001", None),
        ("es", None),
        ("es-419", None),
        ("pt", None),
        ("fr", None),
        ("ru", None),
        ("ru-ru", None),
        ("id", None),
        ("xx", None),
        ("", None),
        ("-", None),
    ],
)
def test_a_language_suggests_a_zone_only_when_it_is_likely(language: str, zone: str | None) -> None:
    """A language of one clock or a territory of one suggests its zone; where many clocks are likely, none does."""
    assert zone_suggested(language) == zone


@pytest.mark.parametrize(
    ("zone", "language", "label"),
    [
        ("Europe/Berlin", "en", "Berlin"),
        ("Europe/Berlin", "pt-br", "Berlim"),
        ("Europe/Rome", "de", "Rom"),
        ("America/New_York", "en", "New York"),
        ("America/Santiago", "en", "Santiago, Chile"),
        ("America/Indiana/Vincennes", "en", "Vincennes, Indiana"),
        ("Europe/Berlin", "xx", "Berlin"),
        ("UTC", "en", "UTC"),
        ("Mars/Olympus_Mons", "en", "Olympus Mons"),
    ],
)
def test_a_zone_is_called_by_its_city(zone: str, language: str, label: str) -> None:
    """A zone is called as people call its city, with its country where the name alone could mislead."""
    assert city(zone, language) == label


def test_no_two_zones_are_called_alike() -> None:
    """Every label stands for one zone only."""
    for language in ("en", "de", "ru"):
        assert len({city(zone, language) for zone in territories()}) == len(territories())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_finds_its_zone_again(language: str) -> None:
    """What the bot calls a city can be typed back."""
    for zone in WELL_KNOWN[::10]:
        assert zone in zones_named(city(zone, language).split(",")[0], language)


@pytest.mark.parametrize(
    ("typed", "minute"),
    [
        ("19:05", 19 * 60 + 5),
        (" 19.05 ", 19 * 60 + 5),
        ("19h05", 19 * 60 + 5),
        ("19 05", 19 * 60 + 5),
        ("1905", 19 * 60 + 5),
        ("705", 7 * 60 + 5),
        ("7.05 pm", 19 * 60 + 5),
        ("7:05 P.M.", 19 * 60 + 5),
        ("7pm", 19 * 60),
        ("7 p", 19 * 60),
        ("19", 19 * 60),
        ("19h", 19 * 60),
        ("19:05 pm", 19 * 60 + 5),
        ("12 am", 0),
        ("12:30 am", 30),
        ("12 pm", 12 * 60),
        ("0:00", 0),
        ("23:59", 23 * 60 + 59),
        ("\u0661\u0669:\u0660\u0665", 19 * 60 + 5),
        ("\uff11\uff19\uff1a\uff10\uff15", 19 * 60 + 5),
        ("24:00", None),
        ("19:60", None),
        ("190", None),
        ("13 am", None),
        ("7:5", None),
        ("-1", None),
        ("19:05:00", None),
        ("seven", None),
        ("pm", None),
        ("", None),
    ],
)
def test_a_time_is_read_as_people_write_it(typed: str, minute: int | None) -> None:
    """Common ways to write a time are read, in any script's digits, and what is no time is not."""
    assert parse_time(typed) == minute
