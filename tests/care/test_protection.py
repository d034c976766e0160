"""Forwarding and saving: off where the partner is, on for one's own, however the panel comes from one to the other."""

from pathlib import Path

from tests.beginnings import compared_in_berlin, since
from tests.care.protection import OPEN, PROTECTED
from tests.driver import Person
from tests.talks import TOGETHER, ask, begin, open_news, speak
from tests.unit.pages import ROOT

SCREENS = ROOT / "prompts" / "en" / "screens"


def test_every_template_has_a_row() -> None:
    """A new screen needs a row: whether something of the partner is in it. tests/flows/test_transcripts.py holds the rows."""
    there = {path.name.partition(".")[0] for path in SCREENS.glob("[!_]*.j2")}
    assert there == PROTECTED.keys() | OPEN
    assert not PROTECTED.keys() & OPEN


def protected(person: Person) -> bool:
    """Whether what the person looks at can neither be forwarded nor saved."""
    return bool(person.last.get("has_protected_content"))


async def test_the_panel_changes_its_message_where_protection_changes(tmp_path: Path) -> None:
    """A message keeps the protection it was sent with: the partner's name is edited into none without, help into none with."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim = world.person("Kim")
        seen = []
        await kim.send("/help")
        for label in ("Menu", "How it works", "Menu", "Say thanks", "For listening", "Help and safety", "Menu"):
            await kim.tap(label)
            seen.append((kim.last["message_id"], protected(kim)))
    ids = [number for number, _ in seen]
    assert [one for _, one in seen] == [False, False, False, True, True, False, False]
    assert ids[0] == ids[1] == ids[2] < ids[3] == ids[4] < ids[5] == ids[6]


async def test_ones_own_picture_in_words_can_be_kept_after_a_comparison_in_words(tmp_path: Path) -> None:
    """Whoever reads without pictures gets the comparison protected, and their own picture, tapped from there, not."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim = world.person("Kim")
        await kim.send("/settings")
        await kim.tap("Words only")
        await kim.send("/history")
        await kim.tap("Noor and you")
        assert "photo" not in kim.last
        assert protected(kim)
        await kim.tap("My picture")
        assert "photo" not in kim.last
        assert not protected(kim)


async def test_a_talk_in_one_room_moves_in_a_protected_message(tmp_path: Path) -> None:
    """What is edited on a phone that nobody tapped stands in a message that was protected from the beginning."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim, noor = world.person("Kim"), world.person("Noor")
        await ask(kim, TOGETHER)
        await open_news(noor)
        await noor.tap("Yes, now")
        await open_news(kim)
        here = noor.last["message_id"]
        await kim.tap("Begin")
        assert noor.last["message_id"] == here
        assert "Kim speaks" in noor.screen
        assert protected(noor)


async def test_the_words_of_a_talk_are_never_in_an_open_message(tmp_path: Path) -> None:
    """Whatever either of the two sees of the other's words in a talk is protected, in every state of every message."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim, noor = await begin(world)
        await speak(kim, noor)
        assert protected(noor)
        await noor.tap("Stop")
        assert protected(noor)
        await noor.tap("Menu")
        assert not protected(noor)
