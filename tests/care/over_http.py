"""Two worlds of the whole program, each over HTTP with its own stand-in for Telegram."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import tests.beginnings as told
from storage import invites
from tests import driver
from tests.beginnings import since
from tests.care.beginnings import BEGINNINGS
from tests.care.cast import CODE, Twin
from tests.care.measured import scripted_results
from tests.care.scripts import Script, dice_of
from tests.care.stories import play, scripted
from tests.care.twins import Twins
from tests.driver import LINK, Person, World
from tests.pairs import chat_of

FIRST = 2_000_000
"""Number of the first story."""
STEPS = 3
"""Steps of a story: over HTTP each tap takes ten times as long as in memory."""

A_LOOK = timedelta(seconds=4)
BLOCKED = "bot was blocked by the user"
"""Why the bot may not write to whoever blocked it, in Telegram's words."""
SHORT_CODE = re.compile(rf"\b[{invites.CROCKFORD}]{{{invites.SHORT_CHARACTERS}}}\b")
"""The code of an invitation that is read aloud, as it stands on its card."""
CHANCE = ("message_id", "message_ids", "photo", "callback_query_id")
"""Telegram's names and numbers of things, which no reader sees, and pictures, which are compared as they look."""


class Unhurried(Person):
    """Looks at a screen before tapping, and whatever falls due meanwhile comes at its time."""

    async def _look(self) -> None:
        """Whoever blocked the bot has to let it in before doing anything."""
        if self.world.stand_in._world.chats[self.user_id].shut == BLOCKED:
            self.world.stand_in.unblock(self.user_id)
        await self.world.pass_time(A_LOOK)

    async def send(self, text: str) -> None:
        """Type a text."""
        await self._look()
        await super().send(text)

    async def follow(self, link: str) -> None:
        """Open an invitation link."""
        await self._look()
        await super().follow(link)

    async def tap(self, label: str, *, message: dict[str, object] | None = None) -> None:
        """Tap a button."""
        await self._look()
        await super().tap(label, message=message)


@contextmanager
def unhurried() -> Iterator[None]:
    """People take their time, and check-ins show what a story needs."""
    with (
        patch.object(driver, "Person", Unhurried),
        patch.object(told, "Person", Unhurried),
        patch.object(driver, "THINKING", timedelta()),
        scripted_results(),
    ):
        yield


@asynccontextmanager
async def twins_at(folder: Path, script: Script) -> AsyncIterator[Twins]:
    """Two running programs at the beginning of a story."""
    async with AsyncExitStack() as stack:
        pair = []
        for name in ("first", "second"):
            (folder / name).mkdir()
            world = await stack.enter_async_context(since(BEGINNINGS[script.beginning], folder / name))
            await stack.enter_async_context(world.running())
            pair.append(_twin(world, script))
        yield Twins((pair[0], pair[1]))


def _twin(world: World, script: Script) -> Twin:
    names = ("Kim", "Noor") if script.kim_reads else ("Noor", "Kim")
    reader, other = (world.people[name] for name in names)
    assert world.bot is not None
    links = LINK.findall(" ".join(str(one.get("caption")) for one in other.from_bot))
    link = f"https://t.me/bot?start={links[-1]}" if links and script.kim_reads else ""

    def got() -> list[object]:
        calls = [
            (call.method, {name: value for name, value in call.params.items() if name not in CHANCE})
            for call in world.stand_in.requests
            if str(call.params.get("chat_id")) == str(reader.user_id)
        ]
        return [CODE.sub("CODE", repr(one)) for one in (*calls, *_looks(reader))]

    return Twin(world, world.bot.store.read, reader, other, got, link)


def _looks(reader: Person) -> list[object]:
    # A card shows codes, which come from chance alone, and where its words are marked depends on nothing else.
    return [one if "?start=" not in one.text else SHORT_CODE.sub("CODE", one.text) for one in chat_of(reader)]


def short_story(number: int) -> Script:
    """The beginning of the story of a number."""
    script = scripted(dice_of(number))
    return Script(script.beginning, script.kim_reads, script.steps[:STEPS])


async def tell_over_http(script: Script, folder: Path) -> int:
    """Tell a story in both worlds.

    Returns:
        How many things reached the reader.

    Raises:
        Leak: The reader can tell the worlds apart.
    """
    with unhurried():
        async with twins_at(folder, script) as twins:
            await play(twins, script)
            return len(twins.pair[0].got())
