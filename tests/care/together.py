"""What the other does in both worlds alike, since the reader notices it by nature."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from random import Random
from types import MappingProxyType

from bot.scenes.thanks import KINDS
from storage.store import Tx
from tests.care.cast import Twin, facts, hours_of_other, is_free, reader_shows
from tests.care.in_memory import WORDS
from tests.care.moves import DAYS, HOURS, SHOWING, answer, come, guess, show, tap_if_there, to_preview
from tests.care.scripts import dice_of
from tests.care.talking import talk
from tests.care.twins import Twins
from tests.driver import LINK, Person
from tests.pairs import A_MINUTE

SEND = WORDS.label("button.send_it")


async def _both_show(twins: Twins, dice: Random) -> None:
    """Both answer and show something; what the other shows is the same in both worlds, what lies behind it is not."""
    mine, theirs, other_first = dice.choice(SHOWING), dice.choice(SHOWING), dice.random() < 0.5
    same = dice.randrange(2**16)
    for number, twin in enumerate(twins.pair):
        if not await _has_something_to_show(twin.reader):
            await answer(twin.reader, dice_of(same))
        if not await _has_something_to_show(twin.other):
            await answer(twin.other, dice_of(same + number))
        if (same + number) % 3 == 0:
            await guess(twin.other, dice)
        if other_first:
            await _show_unless_seen(twin, theirs)
    await twins.until(twins.now)
    await twins.agree()
    for twin in twins.pair:
        await show(twin.reader, mine)
    await twins.until(twins.now)
    ready = [await to_preview(twin.other, theirs) for twin in twins.pair]
    await twins.until(twins.now)
    if all(ready):
        for twin in twins.pair:
            await twin.other.tap("Share this")
        await twins.agree()
    await twins.until(twins.now + A_MINUTE)


async def _show_unless_seen(twin: Twin, level: str) -> None:
    if not await twin.read(partial(reader_shows, twin=twin)):
        await show(twin.other, level)


async def _has_something_to_show(person: Person) -> bool:
    await person.send("/picture")
    return any(label.startswith("What may ") for label in person.labels)


async def _thanks(twins: Twins, dice: Random) -> None:
    """The other says thanks: by nature the reader gets it, if the bot can reach them."""
    if not await twins.agreed(_can_be_thanked):
        return
    what_for = WORDS.label(f"button.thanks.{dice.choice(KINDS)}")
    for twin in twins.pair:
        await twin.other.send("/thanks")
        await tap_if_there(twin.other, what_for)
    await twins.until(twins.now)
    if all(SEND in twin.other.labels for twin in twins.pair):
        for twin in twins.pair:
            await twin.other.tap(SEND)


def _can_be_thanked(tx: Tx, twin: Twin) -> bool:
    at = facts(tx, twin)
    return at.both_sit and at.reader is not None and at.reader.reachable


async def _slot(twins: Twins, dice: Random) -> None:
    """The other changes day, hour or quiet hours: visible by nature, so in both worlds at the same second or in neither."""
    if not await twins.agreed(_both_sit):
        return
    steps = dice.choice((("Hour", dice.choice(HOURS)), ("Day", dice.choice(DAYS)), ("Quiet hours", "23:00", "06:00")))
    await _in_step(twins, "/settings", steps)


def _both_sit(tx: Tx, twin: Twin) -> bool:
    return facts(tx, twin).both_sit


async def _in_step(twins: Twins, command: str, labels: Sequence[str]) -> None:
    for twin in twins.pair:
        await twin.other.send(command)
    await twins.until(twins.now)
    for label in labels:
        for twin in twins.pair:
            await tap_if_there(twin.other, label)
        await twins.until(twins.now)


async def _pair(twins: Twins, dice: Random) -> None:
    """The two form a pair, where both are free in both worlds."""
    hours = [await twins.ask(twin, hours_of_other) for twin in twins.pair]
    if hours[0] != hours[1] or not await twins.agreed(_may_pair):
        return
    swap = dice.random() < 0.5
    for twin in twins.pair:
        await come(twin.other)
    await twins.until(twins.now)
    links = [await _invitation(twin.other if swap else twin.reader) for twin in twins.pair]
    await twins.until(twins.now)
    if not all(links):
        return
    for twin, link in zip(twins.pair, links, strict=True):
        invitee = twin.reader if swap else twin.other
        await invitee.follow(link)
        await tap_if_there(invitee, "I choose this freely")
    await twins.until(twins.now)
    for twin in twins.pair:
        invitee = twin.reader if swap else twin.other
        await tap_if_there(invitee, invitee.name)


async def _invitation(inviter: Person) -> str:
    """The link of somebody's invitation, or nothing."""
    await inviter.send("/invite")
    await tap_if_there(inviter, inviter.name)
    found = LINK.search(inviter.screen)
    return found[0] if found else ""


def _may_pair(tx: Tx, twin: Twin) -> bool:
    return facts(tx, twin).couple is None and is_free(tx, twin)


SHARED: Mapping[str, tuple[int, Callable[[Twins, Random], Awaitable[None]]]] = MappingProxyType(
    {
        "both show": (9, _both_show),
        "slot": (1, _slot),
        "thanks": (2, _thanks),
        "talk": (4, talk),
        "pair": (2, _pair),
    }
)
"""What the other does in both worlds, since the reader notices it by nature, and how likely."""
