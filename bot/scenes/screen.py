"""What a person sees: a screen, its buttons, and the pure description of a picture."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Tap:
    """What a button means: a kind and the few values needed to act on it.

    A tap that only paints serves as a *place* too: the way back to a screen.

    Attributes:
        kind: Name of a row in the router's table, such as ``"walk.answer"``.
        args: Short ASCII values (ids, positions, answers) without a colon.
    """

    kind: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Button:
    """One button under a message; exactly one of its actions is set.

    Attributes:
        label: The words on it.
        tap: What it means to the bot.
        url: A page or chat that it opens.
        share: A text for Telegram's share sheet (it opens the list of chats with the text ready).
        copy: A text that it copies.
        final: Whether what it does cannot be undone. Nothing else about a button is coloured: a colour that favours one
            of several choices would push.
    """

    label: str
    tap: Tap | None = None
    url: str | None = None
    share: str | None = None
    copy: str | None = None
    # Not in the words by which `presenter.digest` tells screens apart: those outlive an update of the program.
    final: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class Circle:
    """One size as it is drawn.

    Attributes:
        label: The word under the circle, such as "I".
        size: 0 to 100; area is proportional to it.
        low: Lower end of the 80 % band, 0 to 100.
        high: Upper end of the 80 % band, 0 to 100.
        usual: The usual size as a thin ring, or None before week 4.
    """

    label: str
    size: float
    low: float
    high: float
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One person's two circles.

    Attributes:
        name: The heading above them, or None for one's own portrait.
        i: The circle of "I".
        you: The circle of "you".
        instead: What stands there where no font has a letter of the name.
    """

    name: str | None
    i: Circle
    you: Circle
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of one person or of two, side by side with equal weight.

    Attributes:
        figures: One figure, or two.
        line: The line under the picture ("Neither measures love.").
    """

    figures: tuple[Figure, ...]
    line: str


@dataclass(frozen=True, slots=True)
class InvitationCard:
    """The invitation as a picture with a QR code.

    Attributes:
        heading: A few warm words.
        link: What the QR code opens.
        line: A short line under the code.
    """

    heading: str
    link: str
    line: str


@dataclass(frozen=True, slots=True)
class Span:
    """A size as a history draws it.

    Attributes:
        size: 0 to 100.
        low: Lower end of the 80 % band, 0 to 100.
        high: Upper end of the 80 % band, 0 to 100.
    """

    size: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Moment:
    """One week of a history.

    Attributes:
        i: The size of "I".
        you: The size of "you".
        unusual: Whether the person called that week unusual.
        follows: Whether the week before it is there, too: only then a line leads here.
    """

    i: Span
    you: Span
    unusual: bool = False
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Track:
    """One person's weeks, oldest first.

    Attributes:
        name: The heading, or None for one's own history.
        moments: At least one.
        instead: What stands there where no font has a letter of the name.
    """

    name: str | None
    moments: tuple[Moment, ...]
    instead: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """The path through the plane of both sizes, and the same weeks as a strip of small circles.

    Attributes:
        tracks: One person's, or two people's with equally many moments.
        i: The word for "I".
        you: The word for "you".
        first: The day of the first moment, in words; empty where it is the last one, too.
        last: The day of the last moment, in words.
        line: The line under the picture.
        corners: What the corners of the plane are called, clockwise from the upper left, or nothing.
    """

    tracks: tuple[Track, ...]
    i: str
    you: str
    first: str
    last: str
    line: str
    corners: tuple[str, ...] = ()


Picture = Drawing | History | InvitationCard


@dataclass(frozen=True, slots=True)
class Document:
    """A file to download.

    Attributes:
        name: What it is called.
        content: Its bytes; empty where it is an album.
        pictures: An album: each picture with its file name, painted and packed into one archive.
    """

    name: str
    content: bytes
    pictures: tuple[tuple[str, Picture], ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """A message of somebody's own chat, passed on as it is.

    Attributes:
        chat_id: The chat in which it stands.
        message_id: Its number there.
    """

    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Screen:
    """One message with its buttons, and the way to paint it again.

    Attributes:
        text: Telegram HTML; the caption where there is a picture.
        rows: The keyboard, row by row.
        place: The tap that paints this screen again and changes nothing.
        picture: Drawn above the text, or None.
        document: A file that goes with the text, or None.
        notice: The passing notice of the tap that led here, or None.
        protect: Whether forwarding and saving are switched off: where the partner's words, sizes or name are, or their talk.
        fresh: Whether it is a new message even where the old one could be edited.
        copy: A message that is passed on right before it, or None.
        in_place: Whether, where nobody waits for it, it takes the place of the panel instead of coming as a message.
        clears: How many hours of the bot's recent messages go before it (``/hide``), or 0.
    """

    text: str
    rows: tuple[tuple[Button, ...], ...]
    place: Tap
    picture: Picture | None = None
    document: Document | None = None
    notice: str | None = None
    protect: bool = False
    fresh: bool = False
    copy: Copy | None = None
    in_place: bool = False
    clears: int = 0


PanelKind = Literal["text", "picture"]
