"""A talk that goes on in both worlds: what is sent is the same at the same second, and how its writer came to it is not."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from random import Random

from sqlalchemy import select

from bot.dance import talk as rules
from bot.dance.turns import Event
from bot.scenes import talk_matter, talk_opening
from bot.scenes.talk_after import HELPED
from storage import couples, people, talks
from storage.store import Tx
from storage.tables import outbox
from tests.care.cast import Twin, facts
from tests.care.in_memory import WORDS
from tests.care.moves import tap_if_there
from tests.care.scripts import dice_of
from tests.care.twins import Twins
from tests.driver import Person
from tests.talks import FEELING, MOMENT, WISH

GOING_ON = frozenset(
    WORDS.label(f"button.{name}")
    for name in ("yes_now", "that_suits", "here", "send_it", "that_is_it", "not_quite", "other_words", "once_more",
                 "let_it_be", "nothing_more", "close_talk", "begin_turn", "done_speaking")
)  # fmt: skip
"""Buttons by which a talk goes on: the reader sees by nature when the other taps one."""

ASKS = "Ask "
CHANGE, STOP = WORDS.label("button.change_it"), WORDS.label("button.stop_talk")
WAYS = tuple(WORDS.label(f"button.{way}") for way in ("apart", "apart", "together"))
AFTERWARDS = tuple(WORDS.label(f"button.helped.{code}") for code in HELPED)
DRAFTS = ("you never listen", "no, that is not it", "<b>", "x" * 701)

STOPS = 0.05
"""How often somebody stops instead of going on."""
MOST_ROUNDS = 8
"""Rounds in which either moves once: as many as a whole talk has, and some."""
PAUSES = (0, 0, 1, 5, 60, 600, 3 * 1440 + 1)
"""Minutes between two rounds; the longest is longer than the clock waits with its reminder."""
THOUGHTS = (0, 0, 1, 30)
"""Minutes that the other thinks, in either world as long as they like."""


async def talk(twins: Twins, dice: Random) -> None:
    """Both go on in the talk that is open, or one offers one; then the other writes on, and sends nothing."""
    order = dice.sample((_others, _readers), 2)
    way = dice.choice(WAYS)
    for _ in range(dice.randrange(1, MOST_ROUNDS)):
        await twins.until(twins.now + timedelta(minutes=dice.choice(PAUSES)))
        for speakers in order:
            if not await twins.agreed(_both_sit):
                return
            if speakers is _others:
                await _keep_to_themselves(twins, dice)
            await _go_on(twins, speakers(twins), way, dice.randrange(2**16))
    await _keep_to_themselves(twins, dice)
    await twins.until(twins.now)
    for reader in _readers(twins):
        await reader.send("/talk")


def _others(twins: Twins) -> list[Person]:
    return [twin.other for twin in twins.pair]


def _readers(twins: Twins) -> list[Person]:
    return [twin.reader for twin in twins.pair]


def _both_sit(tx: Tx, twin: Twin) -> bool:
    return facts(tx, twin).both_sit


async def _keep_to_themselves(twins: Twins, dice: Random) -> None:
    """The other says whether a talk helped, writes, changes it, looks at it, thinks: in each world something else."""
    for twin in twins.pair:
        await tap_if_there(twin.other, dice.choice(AFTERWARDS))
        await twin.other.send("/talk")
        await twin.world.until(twin.now + timedelta(minutes=dice.choice(THOUGHTS)))
        for _ in range(dice.randrange(4)):
            if await twin.read(partial(_writes, user_id=twin.other.user_id)):
                await twin.other.send(dice.choice(DRAFTS))
            elif dice.random() < 0.5:
                await tap_if_there(twin.other, CHANGE)
        await twin.world.until(twin.now + timedelta(minutes=dice.choice(THOUGHTS)))


async def _go_on(twins: Twins, speakers: Sequence[Person], way: str, same: int) -> None:
    """Somebody does what is theirs to do, if anything, in both worlds at the same second."""
    for twin, person in zip(twins.pair, speakers, strict=True):
        await _come_to_it(twin, person, way, dice_of(same))
    await twins.until(twins.now)
    dice = dice_of(same)
    wanted = {STOP} if dice.random() < STOPS else GOING_ON
    offered = [[one for one in person.labels if one in wanted or one.startswith(ASKS)] for person in speakers]
    asked = [
        await twin.read(partial(_asked_today, twin=twin, user_id=person.user_id))
        for twin, person in zip(twins.pair, speakers, strict=True)
    ]
    if offered[0] and offered[0] == offered[1] and asked[0] == asked[1]:
        label = dice.choice(offered[0])
        for person in speakers:
            await person.tap(label)
    await twins.until(twins.now)


async def _come_to_it(twin: Twin, person: Person, way: str, dice: Random) -> None:
    """As far as the tap that the other will notice: whatever was written before is changed first."""
    await person.send("/talk")
    await tap_if_there(person, way)
    await tap_if_there(person, CHANGE)
    if dice.random() < 0.5 and WORDS.label("button.nothing_more") in person.labels:
        return
    for text in (MOMENT, FEELING, WISH):
        if await twin.read(partial(_writes, user_id=person.user_id)):
            await person.send(text)


def _writes(tx: Tx, user_id: int) -> bool:
    """Whether it is somebody's turn to write in a talk."""
    person = people.find(tx, user_id)
    matter = talk_matter.of(talks.of(tx, person.id)) if person else None
    return matter is not None and rules.can(matter.talk, Event.SAY, matter.side)


def _asked_today(tx: Tx, twin: Twin, user_id: int) -> bool:
    """Whether somebody has used up the one offer of a day, so that another tap asks nothing."""
    person = people.find(tx, user_id)
    couple = couples.of(tx, person.id) if person else None
    if person is None or couple is None:
        return False
    key = talk_opening.offer_key(couple, person, twin.now)
    return tx.connection.execute(select(outbox.c.id).where(outbox.c.key == key)).first() is not None
