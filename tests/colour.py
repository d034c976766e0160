"""How colours look to other eyes and on other grounds, for checks of the palette.

Colour-vision deficiencies: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
Deficiency", IEEE TVCG 15(6), 2009, severity 1.0, applied to linear light. Contrast: WCAG 2.2, "contrast ratio". Distance:
CIE 1976 ΔE*ab, D65.
"""

from math import dist

from PIL import Image, ImageFilter

Colour = tuple[int, int, int]
Light = tuple[float, float, float]
Matrix = tuple[Light, Light, Light]

PROTANOPIA: Matrix = (
    (0.152286, 1.052583, -0.204868),
    (0.114503, 0.786281, 0.099216),
    (-0.003882, -0.048116, 1.051998),
)
DEUTERANOPIA: Matrix = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
TRITANOPIA: Matrix = (
    (1.255528, -0.076749, -0.178779),
    (-0.078411, 0.930809, 0.147602),
    (0.004733, 0.691367, 0.303900),
)
LUMINANCE: Light = (0.2126, 0.7152, 0.0722)
GREY: Matrix = (LUMINANCE, LUMINANCE, LUMINANCE)
SAME: Matrix = ((1, 0, 0), (0, 1, 0), (0, 0, 1))

EYES: dict[str, Matrix] = {
    "full colour": SAME,
    "protanopia": PROTANOPIA,
    "deuteranopia": DEUTERANOPIA,
    "tritanopia": TRITANOPIA,
    "greyscale": GREY,
}

TO_XYZ: Matrix = ((0.4124, 0.3576, 0.1805), LUMINANCE, (0.0193, 0.1192, 0.9505))
D65: Light = (0.9505, 1.0, 1.089)


def linear(level: float) -> float:
    """Light of an sRGB level, both 0 to 1 (IEC 61966-2-1)."""
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


def encoded(light: float) -> int:
    """The sRGB level, 0 to 255, of light from 0 to 1; what lies outside is cut off."""
    light = min(1.0, max(0.0, light))
    return round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))


def mixed(matrix: Matrix, light: Light) -> Light:
    """A matrix times a colour."""
    red, green, blue = (sum(part * level for part, level in zip(row, light, strict=True)) for row in matrix)
    return red, green, blue


def seen(colour: Colour, eyes: Matrix) -> Colour:
    """A colour as these eyes see it."""
    red, green, blue = colour
    light = mixed(eyes, (linear(red / 255), linear(green / 255), linear(blue / 255)))
    return encoded(light[0]), encoded(light[1]), encoded(light[2])


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted(
        sum(part * linear(level / 255) for part, level in zip(LUMINANCE, colour, strict=True))
        for colour in (one, other)
    )
    return (lighter + 0.05) / (darker + 0.05)


def difference(one: Colour, other: Colour) -> float:
    """The distance of two colours; about 2.3 can just be noticed side by side."""
    return dist(_lab(one), _lab(other))


def _lab(colour: Colour) -> Light:
    red, green, blue = (linear(level / 255) for level in colour)
    x, y, z = (_root(part / white) for part, white in zip(mixed(TO_XYZ, (red, green, blue)), D65, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _root(part: float) -> float:
    return part ** (1 / 3) if part > (6 / 29) ** 3 else part / (3 * (6 / 29) ** 2) + 4 / 29


def picture_seen(image: Image.Image, eyes: Matrix, steps: int = 17) -> Image.Image:
    """A picture as these eyes see it, by a table of so many steps a channel."""
    levels = [round(255 * place / (steps - 1)) for place in range(steps)]
    colours = (seen((red, green, blue), eyes) for blue in levels for green in levels for red in levels)
    return image.filter(ImageFilter.Color3DLUT(steps, [level / 255 for colour in colours for level in colour]))
