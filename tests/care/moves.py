"""The moves of a story, as tables: to give it another, write a row."""

from collections.abc import Awaitable, Callable, Mapping
from random import Random
from types import MappingProxyType

from storage.records import Level
from tests.care.cast import Twin, facts, is_free, reader_shows, reader_tap, secret_tap
from tests.care.house import House
from tests.care.in_memory import WORDS
from tests.driver import LINK, Person

Move = Callable[[Twin, Random], Awaitable[None]]

LEVELS = tuple(WORDS.label(f"level.{level}") for level in Level)
SHOWING = LEVELS[:2]
ANSWERS = (*WORDS.answers, WORDS.label("button.skip"))
ANSWERING = frozenset(
    {
        *ANSWERS,
        *WORDS.wish.labels.values(),
        *WORDS.odd_week.labels.values(),
        *(WORDS.label(f"button.{name}") for name in ("short", "begin", "keep_answers", "leave_out")),
    }
)
LONGEST_WALK = 40
QUICKLY = 0.7
"""How often all answers but the last are given at once: each is a move of the same kind, and there are six of them."""
HOURS = ("07:00", "12:00", "18:00", "21:00")
DAYS = ("Monday", "Wednesday", "Friday", "Sunday")


async def answer(person: Person, dice: Random) -> None:
    """Answer whatever form is due, with any answers, skips, wish and odd week."""
    await person.send("/checkin")
    if isinstance(person.world, House) and dice.random() < QUICKLY:
        await person.world.skip_ahead(person, dice)
    for _ in range(LONGEST_WALK):
        offered = [label for label in person.labels if label in ANSWERING]
        if not offered:
            return
        await person.tap(dice.choice(offered))


async def hurry(person: Person, dice: Random) -> None:
    """Answer without reading, and keep that, answer again or leave the week out."""
    await person.send("/checkin")
    always = dice.choice(WORDS.answers)
    for _ in range(LONGEST_WALK):
        labels = person.labels
        offered = [always] if always in labels else [label for label in labels if label in ANSWERING]
        if not offered:
            return
        await person.tap(dice.choice(offered))


async def begin_to_answer(person: Person, dice: Random) -> None:
    """Some answers, a step back, a pause."""
    await person.send("/checkin")
    for _ in range(dice.randrange(5)):
        offered = [label for label in person.labels if label in {*ANSWERS, "Back", "Pause", "Go on", "Sketch"}]
        if not offered:
            return
        await person.tap(dice.choice(offered))


async def to_preview(person: Person, level: str) -> bool:
    """As far as the preview of what would be shown; whether it came to that."""
    await person.send("/picture")
    asked = next((label for label in person.labels if label.startswith("What may ")), None)
    if asked is None:
        return False
    await person.tap(asked)
    if level not in person.labels:
        return False
    await person.tap(level)
    return "Share this" in person.labels


async def show(person: Person, level: str) -> None:
    """Choose what may be seen, if there is something to choose about."""
    if await to_preview(person, level):
        await person.tap("Share this")


async def guess(person: Person, dice: Random) -> None:
    """Guess a little about the other."""
    await person.send("/picture")
    for wanted in ("Guess about", "Yes"):  # two guesses begin without being asked whether
        label = next((one for one in person.labels if one.startswith(wanted)), None)
        if label is not None:
            await person.tap(label)
    for _ in range(dice.randrange(4)):
        if "Enough guesses" in person.labels:
            await person.tap(dice.choice((*ANSWERS, "Enough guesses")))


async def tap_if_there(person: Person, *labels: str) -> None:
    """Tap one button after the other, as far as they are there."""
    for label in labels:
        if label not in person.labels:
            return
        await person.tap(label)


async def leave(person: Person) -> None:
    """Leave the pair."""
    await person.send("/leave")
    await tap_if_there(person, "Leave")


async def delete(person: Person) -> None:
    """Have everything forgotten."""
    await person.send("/delete")
    await tap_if_there(person, "Yes, delete everything")


async def come(person: Person) -> None:
    """Come in as somebody new, and begin."""
    await person.send("/start")
    await tap_if_there(person, "I'm 18 or over, let's begin")


async def pair_up(inviter: Person, invitee: Person) -> None:
    """Form a pair, where nothing stands in the way."""
    await come(inviter)
    await inviter.send("/invite")
    await tap_if_there(inviter, inviter.name)
    if LINK.search(inviter.screen):
        await invitee.follow(inviter.screen)
        await tap_if_there(invitee, "I choose this freely", invitee.name)


async def _shows_something(twin: Twin, dice: Random) -> None:
    if not await twin.read(lambda tx: reader_shows(tx, twin)):
        await show(twin.other, dice.choice(SHOWING))


async def take_back(twin: Twin, _dice: Random | None = None) -> None:
    """Show nothing after all."""
    await show(twin.other, WORDS.label("level.nothing"))


async def _thinks_again(twin: Twin, dice: Random) -> None:
    """Shows something, and takes it back before the minute is over."""
    await show(twin.other, dice.choice(SHOWING))
    await take_back(twin)


async def _pauses(twin: Twin, _dice: Random) -> None:
    await twin.other.send("/settings")
    await tap_if_there(twin.other, "Pause" if "Pause" in twin.other.labels else "End the pause")


async def _other_picture(twin: Twin, _dice: Random) -> None:
    await twin.other.send("/settings")
    await tap_if_there(twin.other, "Words only" if "Words only" in twin.other.labels else "With pictures")


async def _plays_with_the_hour(twin: Twin, dice: Random) -> None:
    """Changes the weekly hour or the quiet hours, and puts them back at once.

    Not on the days around the slot: a slot that has come meanwhile would be one that came.
    """
    was = (await twin.read(lambda tx: facts(tx, twin))).other
    if was is None or was.zone is None or (twin.now.weekday() - was.weekday) % 7 not in range(2, 6):
        return
    await twin.other.send("/settings")
    if dice.random() < 0.5:
        await tap_if_there(twin.other, "Hour", dice.choice(HOURS), "Hour", _clock(was.minute))
    else:
        back = (_clock(was.quiet_from), _clock(was.quiet_to))
        await tap_if_there(twin.other, "Quiet hours", "21:00", "09:00", "Quiet hours", *back)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


async def _for_another(twin: Twin, _dice: Random) -> None:
    """Leaves, and forms a pair with somebody else."""
    await leave(twin.other)
    if await twin.read(lambda tx: is_free(tx, twin)):
        await pair_up(twin.other, twin.world.person("Sam"))


async def _half_deleted(twin: Twin, _dice: Random) -> None:
    """The power fails in the middle of a deletion, and nobody starts the program for a while."""
    house = twin.world
    if isinstance(house, House):
        house.deletes_at_once = False
    await delete(twin.other)


async def _blocks(twin: Twin, _dice: Random) -> None:
    twin.world.stand_in.block(twin.other.user_id)
    await twin.world.settled()


async def _types(twin: Twin, dice: Random) -> None:
    # At the one place where a name is asked for, a typed one would form the pair.
    if twin.other.from_bot and twin.other.name not in twin.other.labels:
        await twin.other.send(dice.choice(("hello", "Paris", "<b>", "ABCD-EFGH", "/menu", "/unknown")))


async def _looks(twin: Twin, dice: Random) -> None:
    await twin.other.send(dice.choice(LOOKS))


async def _taps(twin: Twin, dice: Random) -> None:
    for _ in range(dice.randrange(1, 4)):
        await secret_tap(twin, dice)


async def withdraw(twin: Twin, _dice: Random | None = None) -> None:
    """Take the open invitation back."""
    await twin.other.send("/invite")
    await tap_if_there(twin.other, "Take it back")


async def _declines_the_talk(twin: Twin, _dice: Random) -> None:
    """Looks at an offer of the reader's, and taps "Not now"."""
    await twin.other.send("/talk")
    await tap_if_there(twin.other, WORDS.label("button.not_now"))


async def _others_come(twin: Twin, dice: Random) -> None:
    """People of whom neither has heard join and pair: every running number goes on."""
    await pair_up(twin.world.person(f"Ada{dice.randrange(3)}"), twin.world.person(f"Bo{dice.randrange(3)}"))


async def _looks_at_invitation(twin: Twin, dice: Random) -> None:
    """Opens the reader's invitation, reads it, and declines or lets it be."""
    screen = next((m for m in reversed(twin.reader.from_bot) if LINK.search(str(m.get("caption")))), None)
    if screen is not None:
        await twin.other.follow(str(screen["caption"]))
        await tap_if_there(twin.other, dice.choice(("I choose this freely", "Only for myself", "Not now", "Menu")))


LOOKS = ("/menu", "/start", "/picture", "/compare", "/starter", "/invite", "/settings", "/leave", "/privacy", "/export",
         "/hide", "/thanks", "/history", "/talk", "/about", "/help", "/safety", "/checkin", "/delete")  # fmt: skip

SECRETS: Mapping[str, tuple[int, Move]] = MappingProxyType(
    {
        "answers": (6, lambda twin, dice: answer(twin.other, dice)),
        "hurries": (2, lambda twin, dice: hurry(twin.other, dice)),
        "begins to answer": (2, lambda twin, dice: begin_to_answer(twin.other, dice)),
        "guesses": (3, lambda twin, dice: guess(twin.other, dice)),
        "shows something": (3, _shows_something),
        "shows nothing": (2, take_back),
        "thinks again": (2, _thinks_again),
        "pauses": (3, _pauses),
        "words only": (1, _other_picture),
        "plays with the hour": (2, _plays_with_the_hour),
        "taps": (4, _taps),
        "looks": (2, _looks),
        "types": (1, _types),
        "blocks": (3, _blocks),
        "withdraws": (1, withdraw),
        "looks at the invitation": (1, _looks_at_invitation),
        "declines the talk": (2, _declines_the_talk),
        "others come": (1, _others_come),
        "leaves": (1, lambda twin, _dice: leave(twin.other)),
        "leaves for another": (1, _for_another),
        "deletes": (1, lambda twin, _dice: delete(twin.other)),
        "half deleted": (1, _half_deleted),
        "comes": (1, lambda twin, _dice: come(twin.other)),
    }
)
"""What the other does in one world and not in the other, and how likely."""


async def _reader_goes(twin: Twin, _dice: Random) -> None:
    await delete(twin.reader)
    await come(twin.reader)


async def _reader_for_another(twin: Twin, _dice: Random) -> None:
    await leave(twin.reader)
    await pair_up(twin.reader, twin.world.person("Dana"))


async def _reader_shows(twin: Twin, dice: Random) -> None:
    await show(twin.reader, dice.choice(LEVELS))


async def _reader_blocks(twin: Twin, _dice: Random) -> None:
    twin.world.stand_in.block(twin.reader.user_id)
    await twin.world.settled()


async def _reader_settings(twin: Twin, dice: Random) -> None:
    await twin.reader.send("/settings")
    choices = (
        ("Hour", dice.choice(HOURS)),
        ("Day", dice.choice(DAYS)),
        ("Pause",),
        ("End the pause",),
        ("Words only",),
    )
    await tap_if_there(twin.reader, *dice.choice(choices))


async def _reader_offers_a_talk(twin: Twin, dice: Random) -> None:
    """Asks for a talk; whether the other is there, declines or never looks is nobody's business."""
    await twin.reader.send("/talk")
    await tap_if_there(twin.reader, dice.choice((WORDS.label("button.together"), WORDS.label("button.apart"))))
    asked = next((label for label in twin.reader.labels if label.startswith("Ask ")), None)
    if asked is not None:
        await twin.reader.tap(asked)


async def look_around(twin: Twin) -> None:
    """The reader looks wherever something of the other might be seen."""
    if twin.link:
        await twin.reader.follow(twin.link)
    for command in ("/menu", "/compare", "/history", "/talk", "/export"):
        await twin.reader.send(command)
    await tap_if_there(twin.reader, "Everything as a file")


async def _reader_exports(twin: Twin, _dice: Random) -> None:
    await twin.reader.send("/export")
    await tap_if_there(twin.reader, "Everything as a file")


async def _reader_looks(twin: Twin, dice: Random) -> None:
    await twin.reader.send(dice.choice(LOOKS))


async def _reader_follows(twin: Twin, dice: Random) -> None:
    if twin.link:
        await twin.reader.follow(twin.link)
        await tap_if_there(twin.reader, *dice.choice(((), ("I choose this freely",), ("Not now",))))
        await tap_if_there(twin.reader, twin.reader.name)


async def _restart(twin: Twin, _dice: Random) -> None:
    if isinstance(twin.world, House):
        await twin.world.restart()


async def _reader_taps(twin: Twin, dice: Random) -> None:
    for _ in range(dice.randrange(1, 5)):
        await reader_tap(twin, dice)


READS: Mapping[str, tuple[int, Move]] = MappingProxyType(
    {
        "looks": (8, _reader_looks),
        "taps": (5, _reader_taps),
        "answers": (4, lambda twin, dice: answer(twin.reader, dice)),
        "hurries": (1, lambda twin, dice: hurry(twin.reader, dice)),
        "guesses": (1, lambda twin, dice: guess(twin.reader, dice)),
        "shows": (4, _reader_shows),
        "settings": (2, _reader_settings),
        "exports": (3, _reader_exports),
        "follows": (3, _reader_follows),
        "offers a talk": (3, _reader_offers_a_talk),
        "blocks": (1, _reader_blocks),
        "leaves": (1, lambda twin, _dice: leave(twin.reader)),
        "pairs anew": (1, _reader_for_another),
        "deletes and comes back": (1, _reader_goes),
        "restart": (1, _restart),
    }
)
"""What the reader does in both worlds alike, and how likely."""
