"""Every picture that can be drawn, at its most ordinary and at its extremes: for goldens, the contact sheet and the bench."""

from dataclasses import replace
from pathlib import Path

from PIL import Image

from bot.scenes.screen import Circle, Drawing, Figure, History, InvitationCard, Moment, Picture, Span, Track

GOLDENS = Path(__file__).parent / "unit" / "golden"
"""Where each picture is kept as somebody last looked at it."""

GOLDEN_WIDTH = 270
"""A quarter: small to keep, and blind to the last bit of anti-aliasing."""

LINE = "Neither measures love."
LINK = "https://t.me/you_and_i_bot?start=Ab3dEf6hIj9kLm2n"
LONGEST_LINK = "https://t.me/" + "a" * 32 + "?start=" + "b" * 64
CORNERS = ("Engulfed", "Integrated", "Isolated", "Adrift")
WALK = (
    (58, 61),
    (63, 55),
    (70, 60),
    (66, 68),
    (60, 74),
    (66, 79),
    (57, 70),
    (49, 63),
    (54, 52),
    (61, 58),
    (68, 66),
    (63, 70),
)
OTHER = (
    (38, 66),
    (43, 74),
    (36, 80),
    (30, 74),
    (35, 64),
    (44, 70),
    (48, 78),
    (41, 84),
    (33, 80),
    (38, 72),
    (45, 66),
    (50, 73),
)
CROSSING = tuple((2 + 8 * place, 98 - 8 * place) for place in range(12))


def circle(label: str, size: float, spread: float = 11, usual: float | None = None) -> Circle:
    """A circle with a band as wide on both sides."""
    return Circle(label, size, max(0, size - spread), min(100, size + spread), usual)


def figure(
    name: str | None, i: float, you: float, *, spread: float = 11, usual: tuple[float, float] | None = None
) -> Figure:
    """A person's two circles."""
    rings = usual or (None, None)
    return Figure(name, circle("I", i, spread, rings[0]), circle("you", you, spread, rings[1]))


def drawing(*figures: Figure) -> Drawing:
    """A portrait of one person, or two people."""
    return Drawing(figures, LINE)


def track(name: str | None, places: tuple[tuple[float, float], ...], *, unusual: int = -1, gap: int = -1) -> Track:
    """A person's weeks: one may be unusual, and before one there may be a gap."""
    moments = []
    for number, (i, you) in enumerate(places):
        spread = 11 if number == 0 else 13
        spans = (Span(size, max(0, size - spread), min(100, size + spread)) for size in (i, you))
        moments.append(Moment(*spans, unusual=number == unusual, follows=number not in {0, gap}))
    return Track(name, tuple(moments))


def history(*tracks: Track, last: str = "14 Apr") -> History:
    """One person's weeks, or two people's."""
    first = "13 Jan" if len(tracks[0].moments) > 1 else ""
    return History(tracks, "I", "you", first, last, LINE, CORNERS if len(tracks) == 1 else ())


GALLERY: dict[str, Picture] = {
    "integrated": drawing(figure(None, 78, 81, usual=(70, 76))),
    "engulfed": drawing(figure(None, 27, 77, usual=(36, 70))),
    "isolated": drawing(figure(None, 74, 29, usual=(66, 38))),
    "adrift": drawing(figure(None, 24, 22, usual=(30, 35))),
    "between": drawing(figure(None, 71, 54, usual=(58, 61))),
    "unclear": drawing(figure(None, 50, 50)),
    "sketch": drawing(figure(None, 58, 44, spread=24)),
    "certain": drawing(figure(None, 60, 40, spread=0)),
    "extremes": drawing(figure(None, 0, 100, spread=14, usual=(100, 0))),
    "preview": drawing(figure("Noor", 55, 68)),
    "pair": drawing(figure("Kim", 71, 54), figure("Noor", 55, 68)),
    "pair-equal": drawing(figure("Kim", 60, 60, usual=(55, 55)), figure("Noor", 60, 60, usual=(55, 55))),
    "pair-extremes": drawing(figure("Kim", 100, 0, spread=12), figure("Noor", 0, 100, spread=12)),
    "pair-cyrillic-greek": drawing(figure("Олена Ївга", 20, 90), figure("Ζωή", 64, 33)),
    "pair-hebrew-arabic": drawing(figure("שירה כהן", 48, 72), figure("محمد", 81, 40)),
    "pair-mixed": drawing(figure("Kim כהן", 62, 57), figure("Noor محمد", 45, 66)),
    "pair-accents": drawing(figure("Ångström Đặng", 35, 80), figure("Zoë-Núñez", 77, 70)),
    "pair-long": drawing(figure("Wilhelmina-Maximiliane W", 66, 52), figure("iiiiiiiiiiiiiiiiiiiiiiii", 40, 70)),
    "pair-no-font": drawing(
        replace(figure("李小龙", 58, 62), instead="Your partner"), replace(figure("🌸🌿", 47, 55), instead="Yours")
    ),
    "then-now": drawing(figure("Then", 44, 70), figure("Now", 63, 72, usual=(60, 70))),
    "card": InvitationCard("You & I, for two", LINK, "No is fine, too."),
    "card-longest-link": InvitationCard("You & I, for two", LONGEST_LINK, "No is fine, too."),
    "card-leftwards": InvitationCard("שנינו, את ואני", LINK, "גם לא זה בסדר."),
    "history-1": history(track(None, WALK[:1])),
    "history-2": history(track(None, WALK[:2])),
    "history-12": history(track(None, WALK, unusual=4, gap=8)),
    "history-edges": history(track(None, CROSSING)),
    "histories-1": history(track("Kim", WALK[:1]), track("Noor", OTHER[:1])),
    "histories-12": history(track("Kim", WALK), track("Noor", OTHER)),
    "histories-scripts": history(
        track("שירה כהן", WALK[:5]), track("Wilhelmina-Maximiliane W", CROSSING[::3] + WALK[:1])
    ),
}
"""By name: states, scripts and extremes of every kind of picture."""


def small(image: Image.Image, width: int = GOLDEN_WIDTH) -> Image.Image:
    """A picture made smaller."""
    return image.convert("RGB").resize((width, image.height * width // image.width), Image.Resampling.BOX)
