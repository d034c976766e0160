"""What pictures promise."""

import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from typing import get_args

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from bot.pictures import fonts, lettering, masks, painter
from bot.pictures.card import code_matrix
from bot.pictures.painter import ThreadPainter, digest, paint, report
from bot.pictures.style import style
from bot.scenes.screen import Circle, Drawing, Figure, InvitationCard, Picture

LARGEST_FILE = 120_000
LINK = "https://t.me/you_and_i_bot?start=Ab3dEf6hIj9kLm2n"
LINE = "Neither measures love."

HOSTILE_NAMES = {
    "empty": "",
    "blank": " \t\n\u00a0\u3000",
    "combining": "a" + "\u0301" * 4096,
    "only combining": "\u0301" * 4096,
    "override": "\u202eKim\u2066\u2067\u200f",
    "emoji": "👩‍❤️‍👩🏳️‍🌈🌸",
    "endless": "Maximiliane" * 400,
    "wide": "𒐫﷽꧅" * 90,
    "surrogate": "\ud800Kim\udfff",
    "control": "K\x00i\x07m\r\n",
    "hebrew": "שירה כהן-לוי",
    "arabic": "عبد الرحمن بن محمد بن عبد الله الطويل القامة",
    "mixed": "Kim כהן 3 (محمد)",
}


def circle(label: str, size: float, spread: float = 10, usual: float | None = None) -> Circle:
    """Return a circle with a band as wide on both sides."""
    return Circle(label, size, max(0, size - spread), min(100, size + spread), usual)


def figure(name: str | None, i: float, you: float) -> Figure:
    """Return a person with an ordinary band."""
    return Figure(name, circle("I", i), circle("you", you))


OWN = Drawing((Figure(None, circle("I", 71, usual=58), circle("you", 54, usual=61)),), LINE)
PREVIEW = Drawing((figure("Noor", 55, 68),), LINE)
PAIR = Drawing((figure("Kim", 71, 54), figure("Noor", 55, 68)), LINE)
SCRIPTS = Drawing((figure("Олена Ζωή", 20, 90), figure("שירה محمد", 100, 0)), LINE)
CARD = InvitationCard("Shall we try this?", LINK, "Point a camera here, or open the link.")
EXAMPLES = {"own": OWN, "preview": PREVIEW, "pair": PAIR, "scripts": SCRIPTS, "card": CARD}


def opened(picture: Picture) -> Image.Image:
    """Return a painted picture as pixels."""
    return Image.open(BytesIO(paint(picture))).convert("RGB")


def plate(image: Image.Image, centre: tuple[int, int], radius: int) -> Image.Image:
    """Return the square around a circle."""
    x, y = centre
    return image.crop((x - radius, y - radius, x + radius, y + radius))


def painted_area(drawing: Drawing, axis: str) -> int:
    """Count the pixels that are more circle than ground, in the channel in which the two differ most."""
    layout, colours = style().one, style().colours
    channel, centre, fill = (2, layout.i, colours.i) if axis == "i" else (0, layout.you, colours.you)
    half = (fill[channel] + colours.plate[channel]) // 2
    band = plate(opened(drawing), centre, layout.plate_radius - 8).getchannel(channel)
    inside = Image.new("L", band.size)
    inside.paste(
        255, mask=Image.radial_gradient("L").resize(band.size).point([255 * (level < 254) for level in range(256)])
    )
    return sum(band.histogram(mask=inside)[:half])


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_same_picture_has_the_same_bytes(name: str) -> None:
    """Identical descriptions give identical bytes, so that a file once sent can be sent again by its id."""
    assert paint(EXAMPLES[name]) == paint(EXAMPLES[name])


def test_the_bytes_do_not_depend_on_what_was_painted_before() -> None:
    """A fresh process paints the same bytes as one with full caches."""
    code = f"import sys; from bot.scenes.screen import *; from bot.pictures.painter import paint; sys.stdout.buffer.write(paint({PAIR!r}))"
    fresh = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)  # noqa: S603 - our own code
    assert fresh.stdout == paint(PAIR)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_picture_is_small_and_as_wide_as_the_style_says(name: str) -> None:
    """A picture is a JPEG of 1080 pixels' width and at most 120 KB."""
    content = paint(EXAMPLES[name])
    image = Image.open(BytesIO(content))
    assert (image.format, image.width, image.mode) == ("JPEG", 1080, "RGB")
    assert len(content) <= LARGEST_FILE


@pytest.mark.parametrize("axis", ["i", "you"])
@pytest.mark.parametrize("spread", [0, 10, 20])
def test_the_area_is_proportional_to_the_size(axis: str, spread: float) -> None:
    """The visible area of a size is its share of the area of 100, however wide the rim is."""
    whole = painted_area(Drawing((Figure(None, circle("I", 100, 0), circle("you", 100, 0)),), LINE), axis)
    for size in (25, 50, 80):
        part = painted_area(
            Drawing((Figure(None, circle("I", size, spread), circle("you", size, spread)),), LINE), axis
        )
        assert part / whole == pytest.approx(size / 100, abs=0.015)


def test_a_wider_band_gives_a_softer_rim() -> None:
    """The rim reaches from the low to the high end of the band."""
    layout, ground = style().one, style().colours.plate
    for spread, faded in ((5, True), (25, False)):
        image = opened(Drawing((Figure(None, circle("I", 50, spread), circle("you", 50)),), LINE))
        edge = round(layout.radius * (65 / 100) ** 0.5)
        pixel = image.getpixel((layout.i[0] + edge, layout.i[1]))
        assert isinstance(pixel, tuple)
        assert (abs(pixel[2] - ground[2]) <= 4) is faded


def test_the_usual_is_a_thin_ring() -> None:
    """The usual size is a line at its radius, and nothing is there before it is known."""
    layout = style().one
    edge = round(layout.radius * 0.9)
    for usual, dark in ((None, False), (81, True)):
        image = opened(Drawing((Figure(None, circle("I", 30, usual=usual), circle("you", 30)),), LINE))
        row = [image.convert("L").getpixel((layout.i[0] + x, layout.i[1])) for x in range(edge - 8, edge + 9)]
        assert any(level < 130 for level in row if isinstance(level, int)) is dark


def places(people: int) -> list[tuple[str, tuple[int, int]]]:
    """Where the circles of one person or two lie: the second person's are across from the first's."""
    layout = style().one if people == 1 else style().two
    return [
        (axis, (x if person == 0 else style().canvas.width - x, y))
        for person in range(people)
        for axis, (x, y) in (("i", layout.i), ("you", layout.you))
    ]


def test_two_equal_people_look_equal() -> None:
    """In a comparison both have the same weight: equal sizes give equal circles, equally far from the middle."""
    image = opened(Drawing((figure("Kim", 60, 40), figure("Kim", 60, 40)), ""))
    circles = [plate(image, centre, style().two.plate_radius) for _, centre in places(2)]
    for one, other in (circles[::2], circles[1::2]):
        difference = ImageStat.Stat(ImageChops.difference(one, other))
        assert max(difference.mean) < 1  # they begin in different places of a JPEG block: only its noise differs


def test_i_and_you_differ_without_hue() -> None:
    """In grey "I" and "you" of one size still differ, by lightness and by texture."""
    layout = style().one
    grey = opened(Drawing((Figure(None, circle("I", 60, 2), circle("you", 60, 2)),), LINE)).convert("L")
    smooth, striped = (ImageStat.Stat(plate(grey, centre, 40)) for centre in (layout.i, layout.you))
    assert smooth.mean[0] - striped.mean[0] > 40
    assert striped.stddev[0] > 3 * smooth.stddev[0]


@pytest.mark.parametrize("size", [0, 100])
@pytest.mark.parametrize("people", [1, 2])
def test_the_ends_of_the_scale_fit(size: float, people: int) -> None:
    """Circles of 0 and 100 stay within their plates, and even 0 is seen."""
    layout = style().one if people == 1 else style().two
    bare = Figure(None, Circle("", size, size, size, size), Circle("", size, size, size, size))
    image = opened(Drawing((bare,) * people, ""))
    for axis, (x, y) in places(people):
        assert layout.plate_radius <= y <= image.height - layout.plate_radius
        assert layout.plate_radius <= x <= image.width - layout.plate_radius
        assert people == 1 or abs(x - image.width // 2) >= layout.plate_radius + layout.label_width // 2
        shown = image.getpixel((x, y))
        assert isinstance(shown, tuple)
        assert abs(shown[0] - style().colours.plate[0]) > 8, axis


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_any_name_stays_in_its_place(name: str) -> None:
    """No name raises, leaves its room, or touches the other person's half."""
    hostile, kind = HOSTILE_NAMES[name], Drawing((figure("", 60, 40), figure("", 60, 40)), "")
    plain = opened(kind)
    image = opened(replace(kind, figures=(figure(hostile, 60, 40), figure("", 60, 40))))
    assert image.size == plain.size
    changed = (
        ImageChops.difference(image, plain).convert("L").point([255 * (level > 24) for level in range(256)]).getbbox()
    )
    if changed is not None:
        layout = style().two
        assert changed[0] >= layout.i[0] - layout.heading_width // 2 - 16
        assert changed[2] <= layout.i[0] + layout.heading_width // 2 + 16 < 540
        assert changed[3] <= layout.heading_room + layout.i[1] - layout.plate_radius + 8


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300), st.integers(60, 900))
def test_every_text_fits_its_width(text: str, width: int) -> None:
    """Whatever the text, what is set is never wider than the room for it."""
    assert lettering.fitted(text, style().type.heading, width).width <= width
    assert all(line.width <= width for line in lettering.wrapped(text, style().type.title, width, 2))


def test_a_long_name_is_shortened_between_letters() -> None:
    """A name that does not fit ends in an ellipsis and keeps each accent on its letter."""
    setting = lettering.fitted("Q\u0301" * 200, style().type.heading, 300)
    text = "".join(run for run, _ in setting.runs)
    assert text.endswith("…")
    assert text[:-1] == "Q\u0301" * (len(text[:-1]) // 2)


def test_letters_no_font_has_are_left_out() -> None:
    """What cannot be drawn leaves no box, and fancy letters become plain ones."""
    runs = lettering.fitted("𝓚𝓲𝓶 🌸 李 Ada", style().type.heading, 900).runs
    assert runs == (("Kim Ada", style().type.heading.font),)


@pytest.mark.parametrize("name", ["李小龙", "🌸🌿", "さくら", "नूर", "\u200f \u2066", ""])
def test_where_no_font_has_a_name_its_owner_is_named(name: str) -> None:
    """Of two people it is always said whose circles are whose, whatever their names are written in."""
    kind = style().type.heading
    assert lettering.named(name, "Your partner", kind, 900).runs == (("Your partner", kind.font),)
    assert lettering.named(f"{name} Kim", "Your partner", kind, 900).runs == (("Kim", kind.font),)


def test_mixed_directions_are_seen_in_reading_order() -> None:
    """A name in two directions is laid out as it is read: the part from right to left begins at its right."""
    runs = lettering.fitted("Kim כהן-לוי", style().type.heading, 900).runs
    assert [text.strip() for text, _ in runs] == ["Kim", "לוי", "-", "כהן"]


def test_leftward_names_are_turned_where_type_cannot_be_shaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without shaping a Hebrew name is still not drawn backwards."""
    monkeypatch.setattr(lettering, "can_shape", lambda: False)
    lettering.fitted.cache_clear()
    assert lettering.fitted("כהן", style().type.heading, 901).runs[0][0] == "ןהכ"
    lettering.fitted.cache_clear()


@pytest.mark.parametrize("link", [LINK, "https://t.me/x?start=1", "https://t.me/" + "a" * 32 + "?start=" + "b" * 64])
def test_the_code_is_drawn_module_by_module(link: str) -> None:
    """Every module of the code is found in the picture, in a panel with a quiet zone of four modules."""
    layout = style().card
    grey = opened(replace(CARD, link=link)).convert("L")
    panel = grey.crop(layout.code_box)
    inner = panel.crop((40, 40, panel.width - 40, panel.height - 40)).point(
        [255 * (level < 128) for level in range(256)]
    )
    found = inner.getbbox()
    assert found is not None
    rows = [list(row) for row in segno.make_qr(link, error="l").matrix]
    module, rest = divmod(found[2] - found[0], len(rows))
    assert (rest, found[3] - found[1]) == (0, module * len(rows))
    assert min(found[0] + 40, found[1] + 40, panel.width - 40 - found[2], panel.height - 40 - found[3]) >= 4 * module
    middle = module // 2
    assert rows == [
        [
            int(inner.getpixel((found[0] + x * module + middle, found[1] + y * module + middle)) == 255)
            for x in range(len(rows))
        ]
        for y in range(len(rows))
    ]


def test_a_code_matrix_is_segnos() -> None:
    """A module is one pixel, dark where the code is dark."""
    code = code_matrix(LINK)
    assert code.getpixel((0, 0)) == 0
    assert code.width == code.height == len(segno.make_qr(LINK, error="l").matrix)


def test_only_one_or_two_people_are_drawn() -> None:
    """No figure, or three, is a mistake of the caller and said so."""
    for figures in ((), (figure("a", 1, 1),) * 3):
        with pytest.raises(ValueError, match="one figure or two"):
            paint(Drawing(figures, LINE))


def test_the_digest_names_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal pictures share a digest; another size, name, kind or look has another."""
    assert digest(PAIR) == digest(replace(PAIR))
    names = {digest(picture) for picture in EXAMPLES.values()}
    assert len(names) == len(EXAMPLES)
    assert digest(replace(PAIR, line="")) not in names
    assert len(digest(Drawing((figure("\ud800", 1, 1),), LINE))) == 64
    before, newer = digest(PAIR), replace(style(), version="newer")
    monkeypatch.setattr("bot.pictures.painter.style", lambda: newer)
    assert digest(PAIR) != before


async def test_the_thread_paints_the_same() -> None:
    """A picture painted beside the event loop has the same bytes, and nothing is painted after the close."""
    painter = ThreadPainter()
    assert await painter.paint(PAIR) == paint(PAIR)
    painter.close()
    with pytest.raises(RuntimeError):
        await painter.paint(PAIR)


def test_the_thread_warms_itself_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warmed up, the thread has looked for letters and made masks; a second time is nothing."""
    kept = (masks.disc, masks._distances, lettering.fitted, lettering.wrapped, fonts.carrier, fonts._characters)
    for cached in (painter.warm, *kept):
        cached.cache_clear()
    drawn: list[Picture] = []
    monkeypatch.setattr(painter, "paint", drawn.append)
    thread = ThreadPainter()
    for _ in range(2):
        thread.warm_up()
    thread._thread.submit(int).result()  # one after the other: so both are over
    thread.close()
    assert {type(picture) for picture in drawn} == set(get_args(Picture))
    assert len(drawn) == len(set(drawn))
    monkeypatch.undo()
    for picture in drawn:
        paint(picture)
    assert masks._distances.cache_info().currsize == 1
    assert fonts._characters.cache_info().currsize == len(report().found)
