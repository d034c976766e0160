"""What the picture of a history promises: noise looks like noise, and nobody weighs more."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageChops

from bot.pictures.painter import digest, paint
from bot.pictures.style import HistoryLayout, style
from bot.scenes.screen import History, Moment, Span, Track

LARGEST_FILE = 120_000
BLOCK = 16
"""Pixels within which JPEG with subsampled colour mixes neighbours."""


def week(i: float, you: float, spread: float = 11, *, unusual: bool = False, follows: bool = False) -> Moment:
    """A week with an ordinary band."""
    spans = (Span(size, max(0, size - spread), min(100, size + spread)) for size in (i, you))
    return Moment(*spans, unusual, follows)


def own(*moments: Moment) -> History:
    """One person's history."""
    return History((Track(None, moments),), "I", "you", "13 Jan" if len(moments) > 1 else "", "14 Apr", "")


def opened(history: History) -> Image.Image:
    """A painted history as pixels."""
    return Image.open(BytesIO(paint(history))).convert("RGB")


def at(layout: HistoryLayout, i: float, you: float) -> tuple[int, int]:
    """Where two sizes lie in the picture."""
    return (
        layout.corner[0] + round(layout.side * i / 100),
        layout.corner[1] + round(layout.side * (1 - you / 100)),
    )


def lightness(image: Image.Image, place: tuple[int, int]) -> int:
    """How light a pixel is, 0 to 255."""
    level = image.convert("L").getpixel(place)
    assert isinstance(level, int)
    return level


def changed(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    """The box in which two pictures clearly differ."""
    difference = ImageChops.difference(one, other).convert("L")
    return difference.point([255 * (level > 16) for level in range(256)]).getbbox()


ZIGZAG = own(*(week(50 + 12 * (place % 3), 40 + 9 * (place % 4), follows=place > 0) for place in range(12)))
TOGETHER = replace(ZIGZAG, tracks=(Track("Kim", ZIGZAG.tracks[0].moments), Track("Noor", ZIGZAG.tracks[0].moments)))


@pytest.mark.parametrize("number", [1, 2, 3, 7, 12])
@pytest.mark.parametrize("people", [1, 2])
def test_any_number_of_weeks_fits(number: int, people: int) -> None:
    """From one week to a whole window, with sizes from 0 to 100, the picture is small and the same each time."""
    moments = tuple(
        week(100 * place / number, 100 - 100 * place / number, follows=place > 0) for place in range(number)
    )
    history = replace(own(*moments), tracks=(Track(None if people == 1 else "Kim", moments),) * people)
    content = paint(history)
    assert content == paint(history)
    assert len(content) <= LARGEST_FILE
    image = Image.open(BytesIO(content))
    layout = style().history if people == 1 else style().histories
    assert image.size == (style().canvas.width, layout.height)


def test_a_week_is_a_dot_at_its_two_sizes() -> None:
    """The middle of a week lies at its "I" to the right and its "you" upwards."""
    layout = style().history
    empty = opened(own(week(90, 10)))
    for i, you in ((20, 30), (30, 80), (60, 55)):
        place = at(layout, i, you)
        assert lightness(opened(own(week(i, you))), place) < lightness(empty, place) - 80


def test_a_cloud_is_as_wide_as_the_band() -> None:
    """A wider band spreads its cloud further; beyond its reach nothing is drawn."""
    layout = style().history
    ground = lightness(opened(own(week(90, 10))), at(layout, 25, 75))
    for spread, seen in ((8, False), (20, True)):
        edge = lightness(opened(own(week(50, 75, spread))), at(layout, 32, 75))
        assert (edge < ground - 3) is seen


def test_weeks_that_cannot_be_told_apart_make_one_cloud() -> None:
    """Between the dots of neighbouring weeks it is as dark as around them: no gap promises a difference."""
    layout = style().history
    near = opened(own(week(52, 70), week(58, 70)))
    far = opened(own(week(15, 70), week(95, 70)))
    middle, ground = at(layout, 55, 70), lightness(far, at(layout, 55, 30))
    assert lightness(near, middle) <= lightness(near, at(layout, 52, 74))
    assert lightness(near, middle) < ground - 40
    assert abs(lightness(far, middle) - ground) <= 3


def test_twelve_weeks_are_not_darker_than_a_dot() -> None:
    """However many weeks agree, their cloud stays lighter than their dots."""
    layout = style().history
    image = opened(own(*(week(50, 50) for _ in range(12))))
    assert lightness(image, at(layout, 50, 50)) < lightness(image, at(layout, 53, 53)) - 60


def test_a_line_leads_only_to_a_week_that_follows() -> None:
    """Over a gap there is no line, in the plane as in the strip."""
    layout = style().history
    apart = opened(own(week(10, 20), week(90, 20)))
    joined = opened(own(week(10, 20), week(90, 20, follows=True)))
    box = changed(apart, joined)
    assert box is not None
    between = at(layout, 40, 20)
    assert lightness(joined, between) < lightness(apart, between) - 30
    assert box[3] > layout.strip_rows[0]


def test_an_unusual_week_is_a_diamond() -> None:
    """A week that was called unusual is open in the plane and marked under its circles; another is not."""
    layout = style().history
    plain, marked = (opened(own(week(30, 30), week(70, 70, unusual=said))) for said in (False, True))
    box = changed(plain, marked)
    assert box is not None
    assert box[3] >= layout.strip_marks
    assert lightness(marked, at(layout, 70, 70)) > lightness(plain, at(layout, 70, 70)) + 60


def test_nothing_tells_a_direction_but_the_size_of_the_latest_dot() -> None:
    """The same weeks run backwards give the same plane but for the one dot that is the latest: there is no arrow."""
    layout = style().history
    moments = [week(20, 20), week(50, 40, follows=True), week(80, 80, follows=True)]
    there, back = opened(own(*moments)), opened(own(*reversed(moments[1:]), replace(moments[0], follows=True)))
    forth = opened(own(replace(moments[0], follows=False), *moments[1:]))
    assert changed(there, forth) is None
    left, top = layout.corner
    plane = (left, top, left + layout.side, top + layout.side)
    difference = ImageChops.difference(there.crop(plane), back.crop(plane)).convert("L")
    seen = difference.point([255 * (level > 60) for level in range(256)])
    for moment in (moments[0], moments[-1]):
        x, y = at(layout, moment.i.size, moment.you.size)
        edge = round(2 * layout.dot_latest) + BLOCK
        seen.paste(0, (x - left - edge, y - top - edge, x - left + edge, y - top + edge))
    assert seen.getbbox() is None


def test_two_people_have_the_same_room() -> None:
    """The same weeks give two people the same strip of circles."""
    layout = style().histories
    image = opened(TOGETHER)
    upper, lower = (
        image.crop((200, rows[0] - layout.strip_radius - 2, 1080, rows[1] + layout.strip_radius + 2))
        for rows in (layout.strip_rows[:2], layout.strip_rows[2:])
    )
    assert upper.size == lower.size
    assert changed(upper, lower) is None


def test_whose_dots_are_whose_can_be_told_without_colour() -> None:
    """The first person's dots are filled, the second person's are open."""
    layout = style().histories
    moments = (week(20, 20),), (week(80, 80),)
    image = opened(replace(TOGETHER, tracks=(Track("Kim", moments[0]), Track("Noor", moments[1]))))
    assert lightness(image, at(layout, 20, 20)) < 120
    assert lightness(image, at(layout, 80, 80)) > 150


@pytest.mark.parametrize("tracks", [(), (Track(None, ()),), TOGETHER.tracks * 2, (*TOGETHER.tracks[:1], Track("", ()))])
def test_only_one_or_two_equal_tracks_are_drawn(tracks: tuple[Track, ...]) -> None:
    """No track, three, an empty one, or unequal ones are a mistake of the caller and said so."""
    with pytest.raises(ValueError, match="one track, or two"):
        paint(replace(ZIGZAG, tracks=tracks))


def test_a_history_has_a_name_of_its_own() -> None:
    """Another mark, gap or day is another picture, with another digest."""
    moment = week(50, 50)
    assert digest(own(moment)) == digest(own(replace(moment)))
    others = [own(replace(moment, unusual=True)), own(replace(moment, follows=True)), replace(own(moment), last="")]
    assert len({digest(one) for one in (own(moment), *others)}) == len(others) + 1
