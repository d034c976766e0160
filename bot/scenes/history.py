"""How the circles moved: one's own weeks, or both people's over the weeks that both had shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from bot.scenes import calendar, walk
from bot.scenes.drawings import whose
from bot.scenes.keyboard import Row, beside, button, footer, row
from bot.scenes.results import Measure, Result
from bot.scenes.reveal import Comparison
from bot.scenes.screen import History, Moment, Screen, Span, Tap, Track
from bot.scenes.turn import Turn
from storage import checkins, shared
from storage.records import CheckIn, Keepsake
from storage.store import Tx

WINDOW = 12
"""Weeks in one picture: about a season, and as many small circles as a phone's width holds."""

ADJACENT = 1
"""Steps of the week number between two weeks when none between them is missing."""


@dataclass(frozen=True, slots=True)
class Week:
    """One week in words.

    Attributes:
        day: When, such as "13 Jan".
        sizes: The sizes of "I" and "you", of one person or of two after each other.
        unusual: Whether the person called it unusual.
    """

    day: str
    sizes: tuple[tuple[Measure, Measure], ...]
    unusual: bool = False


def history(turn: Turn, tx: Tx) -> Screen:
    """`/history`: one's own weeks, the latest window first."""
    weeks = [one for one in checkins.pictures(tx, turn.person.id) if one.finished_at is not None]
    if not weeks:
        rows = (row(button(turn, "button.questions", "checkin")), footer(turn))
        return Screen(turn.words.render("history_none"), rows, Tap("history"))
    page, pages = _page(turn, len(weeks))
    name = _partner(shared.together(tx, turn.person.id))
    return _own(turn, weeks[_window(len(weeks), page)], page, pages, name)


def both(turn: Turn, tx: Tx) -> Screen:
    """Both people over the weeks that both had shown: made from what the reader was given then, and nothing else."""
    kept = shared.together(tx, turn.person.id)
    if not kept:
        return history(turn, tx)
    page, pages = _page(turn, len(kept))
    return _both(turn, kept[_window(len(kept), page)], page, pages)


def _own(turn: Turn, weeks: Sequence[CheckIn], page: int, pages: int, partner: str | None) -> Screen:
    results = [Result.from_json(one.result or "") for one in weeks]
    days = [one.finished_at or turn.now for one in weeks]
    told = [
        Week(calendar.short_day(turn, day), ((result.i, result.you),), result.unusual)
        for day, result in zip(days, results, strict=True)
    ]
    text = turn.words.render(
        "history",
        first=calendar.full_day(turn, days[0]),
        last=calendar.full_day(turn, days[-1]),
        newest=page == 0,
        latest=results[-1],
        weeks=told,
        within=_within(told),
        shifts=next((result.shifts for result in reversed(results) if result.shifts), {}),
        comparable=results[-1].week >= walk.FIRST_COMPARABLE_WEEK,
        pictured=not turn.person.text_only,
    )
    moments = tuple(
        _moment(result.i, result.you, unusual=result.unusual, follows=place > 0 and _adjacent(weeks, place))
        for place, result in enumerate(results)
    )
    moves = _moves(turn, "history", page, pages)
    other = (button(turn, "button.history_both", "history.both", partner=partner),) if partner is not None else ()
    corners = tuple(turn.words.label(f"state.{name}") for name in ("engulfed", "integrated", "isolated", "adrift"))
    return Screen(
        text,
        (*moves, *beside(*other, button(turn, "button.picture", "picture")), footer(turn)),
        Tap("history", (str(page),)),
        picture=_picture(turn, (Track(None, moments),), days, corners),
    )


def _adjacent(weeks: Sequence[CheckIn], place: int) -> bool:
    return weeks[place].week - weeks[place - 1].week <= ADJACENT


def _both(turn: Turn, kept: Sequence[Keepsake], page: int, pages: int) -> Screen:
    copies = [Comparison.from_json(one.content) for one in kept]
    days = [one.opened_at for one in kept]
    told = [
        Week(
            calendar.short_day(turn, day),
            ((copy.partner.i, copy.partner.you), (copy.own.i, copy.own.you)),
        )
        for day, copy in zip(days, copies, strict=True)
    ]
    text = turn.words.render(
        "history_both",
        first=calendar.full_day(turn, days[0]),
        last=calendar.full_day(turn, days[-1]),
        latest=copies[-1],
        weeks=told,
        within=_within(told),
        pictured=not turn.person.text_only,
    )
    tracks = tuple(
        Track(name, tuple(_moment(i, you, follows=place > 0) for place, (i, you) in enumerate(sizes)), instead)
        for name, sizes, instead in zip(
            (copies[-1].partner_name, copies[-1].own_name),
            zip(*(week.sizes for week in told), strict=True),
            whose(turn),
            strict=True,
        )
    )
    return Screen(
        text,
        (
            *_moves(turn, "history.both", page, pages),
            row(button(turn, "button.history_own", "history"), button(turn, "button.picture", "picture")),
            footer(turn),
        ),
        Tap("history.both", (str(page),)),
        picture=_picture(turn, tracks, days),
        protect=True,
    )


def _within(weeks: Sequence[Week]) -> int:
    """How far what is likely reaches from any of the sizes at most, in whole points."""
    return ceil(max(one.likely_within for week in weeks for pair in week.sizes for one in pair))


def _partner(kept: Sequence[Keepsake]) -> str | None:
    """What the partner of these comparisons was called in the latest, or None without one."""
    return Comparison.from_json(kept[-1].content).partner_name if kept else None


def _page(turn: Turn, number: int) -> tuple[int, int]:
    """Which window is wanted, counted back from the latest, and how many there are."""
    pages = ceil(number / WINDOW)
    return min(int(turn.tap.args[0]) if turn.tap.args else 0, pages - 1), pages


def _window(number: int, page: int) -> slice:
    end = number - page * WINDOW
    return slice(max(0, end - WINDOW), end)


def _moves(turn: Turn, kind: str, page: int, pages: int) -> tuple[Row, ...]:
    """The way to earlier and to later weeks, where there are any."""
    earlier = (button(turn, "button.earlier", kind, page + 1),) if page + 1 < pages else ()
    later = (button(turn, "button.later", kind, page - 1),) if page > 0 else ()
    return (row(*earlier, *later),) if earlier or later else ()


def _moment(i: Measure, you: Measure, *, unusual: bool = False, follows: bool = False) -> Moment:
    return Moment(_span(i), _span(you), unusual, follows)


def _span(measure: Measure) -> Span:
    return Span(measure.size, measure.low, measure.high)


def _picture(turn: Turn, tracks: tuple[Track, ...], days: Sequence[datetime], corners: tuple[str, ...] = ()) -> History:
    label = turn.words.label
    return History(
        tracks=tracks,
        i=label("circle.i"),
        you=label("circle.you"),
        first=calendar.short_day(turn, days[0]) if len(days) > 1 else "",
        last=calendar.short_day(turn, days[-1]),
        line=label("picture.line"),
        corners=corners,
    )
