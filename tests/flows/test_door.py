"""Who may come in, and everything that is not a tap: typed words, stickers, edits, groups."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.pictures.painter import paint
from bot.scenes.screen import Circle, Drawing, Figure
from bot.settings import Settings
from prompts.catalogue import load
from storage import invites
from tests.beginnings import kim_alone, since
from tests.driver import Person, World, text_of, world_at
from tests.pairs import begin

STRANGER = "Hello, and thank you for stopping by: this is a small private bot that opens with an invitation."
TYPED = "This chat works by buttons, so what you wrote was not kept or passed on."
GROUP = "Thank you for the invitation; this bot only speaks with one person at a time in a private chat"


def by_invitation(settings: Settings) -> Settings:
    """Settings of a bot that lets nobody in without an invitation."""
    return replace(settings, open_to="invited")


async def way_in(world: World) -> str:
    """The link that the operator sees."""
    assert world.bot is not None
    return await world.bot.way_in()


async def test_a_stranger_gets_one_sentence_and_nothing_is_stored(tmp_path: Path) -> None:
    """Without an invitation a bot for invited people says so once, whatever comes, and keeps nothing of it."""
    async with world_at(tmp_path, change=by_invitation) as world, world.running():
        sam = world.person("Sam")
        for text in ("/start", "/start AAAAAAAAAAAAAAAAAAAAAA", "/safety", "hello"):
            await sam.send(text)
            assert sam.screen == STRANGER
            assert sam.labels == []
        assert "start=" in await way_in(world)  # still nobody here
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        for number in (str(sam.user_id).encode(), sam.user_id.to_bytes(6), sam.user_id.to_bytes(8)):
            assert number not in content, file.name


async def test_a_stranger_cannot_guess_a_way_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After too many wrong short codes of strangers even a right one lets nobody in, while its link still does."""
    monkeypatch.setattr(invites, "ATTEMPTS_ALL", 5)
    async with world_at(tmp_path, change=by_invitation) as world, world.running():
        kim, sam, noor = world.person("Kim"), world.person("Sam"), world.person("Noor")
        await kim.follow(await way_in(world))
        await kim.tap("I'm 18 or over, let's begin")
        await kim.send("/invite")
        await kim.tap("Kim")
        short = next(word for word in kim.screen.split() if invites.resembles_code(word) and "start=" not in word)
        for number in range(5):
            await sam.send(f"/start ABCDEF0{number}")
            assert sam.screen == STRANGER
        await sam.send(f"/start {short}")
        assert sam.screen == STRANGER
        await noor.follow(kim.screen)
        assert noor.screen.startswith("Kim invites you")


async def test_the_operators_link_lets_the_first_one_in_once(tmp_path: Path) -> None:
    """The link that `run` prints lets one person in; from then on only an invitation does."""
    async with world_at(tmp_path, change=by_invitation) as world, world.running():
        link = await way_in(world)
        kim, sam = world.person("Kim"), world.person("Sam")
        await kim.follow(link)
        assert kim.screen.startswith("Hello. This is You & I.")
        assert "start=" not in await way_in(world)
        await sam.follow(link)
        assert sam.screen == STRANGER


async def test_an_invitation_lets_the_partner_in(tmp_path: Path) -> None:
    """Whoever was invited comes in by the link, and also by declining first; a withdrawn one opens nothing."""
    async with world_at(tmp_path, change=by_invitation) as world, world.running():
        kim, noor, sam = world.person("Kim"), world.person("Noor"), world.person("Sam")
        await kim.follow(await way_in(world))
        await begin(kim)
        await kim.send("/invite")
        await kim.tap("Kim")
        withdrawn = kim.screen
        await kim.tap("Take it back")
        await sam.follow(withdrawn)
        assert sam.screen == STRANGER
        await kim.tap("Invite your partner")
        await kim.tap("Kim")
        await noor.follow(kim.screen)
        assert noor.screen.startswith("Kim invites you to You & I.")
        await noor.tap("I choose this freely")
        await noor.tap("Noor")
        assert "You and Noor are a pair now." in kim.screen


A_PICTURE = paint(Drawing((Figure(None, Circle("I", 50, 40, 60), Circle("you", 50, 40, 60)),), "us two"))


def forward(person: Person, text: str) -> None:
    """Forward somebody else's text into the chat; what looks like a command in it is none of the person's."""
    origin = {"type": "hidden_user", "sender_user_name": "Ada", "date": 1_800_000_000}
    person.world.stand_in._write(person.user_id, {"text": text, "forward_origin": origin})


Act = Callable[[Person], object]


@pytest.mark.parametrize(
    "act",
    [
        lambda kim: kim.world.stand_in.say(kim.user_id, "I feel so far away from you"),
        lambda kim: kim.world.stand_in.say(kim.user_id, "/nonsense"),
        lambda kim: kim.world.stand_in.say(kim.user_id, "/start@another_bot"),
        lambda kim: kim.world.stand_in.send_sticker(kim.user_id),
        lambda kim: kim.world.stand_in.send_voice(kim.user_id),
        lambda kim: kim.world.stand_in.send_contact(kim.user_id, "+4930123456", "Ada"),
        lambda kim: kim.world.stand_in.send_document(kim.user_id, "letter.txt", b"Dear"),
        lambda kim: kim.world.stand_in.send_photo(kim.user_id, A_PICTURE, "us two"),
        lambda kim: forward(kim, "/delete"),
    ],
    ids=[
        "words",
        "an unknown command",
        "another bot's command",
        "a sticker",
        "a voice",
        "a contact",
        "a file",
        "a picture",
        "a forward",
    ],
)
async def test_whatever_is_no_tap_gets_one_constant_answer(tmp_path: Path, act: Act) -> None:
    """Words, stickers, voices, contacts and files get the same kind sentence, and the screen before stays reachable."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send("/picture")
        act(kim)
        await world.settled()
        assert kim.screen.startswith(TYPED)
        assert "/safety" in kim.screen
        assert kim.labels == ["Menu", "Help and safety"]
        await kim.send("/start")
        assert kim.screen.startswith("Only you can see this.")


async def test_words_in_the_middle_of_the_questions_lose_nothing(tmp_path: Path) -> None:
    """Who types during a walk gets the constant answer, and /start goes on at the same question."""
    async with world_at(tmp_path) as world, world.running():
        kim = world.person("Kim")
        await kim.send("/start")
        await kim.tap("I'm 18 or over, let's begin")
        await kim.tap("Half true")
        await kim.send("must I really?")
        assert kim.screen.startswith(TYPED)
        await kim.send("/start")
        assert kim.screen.startswith("2 of 20")


async def test_an_edited_message_is_passed_over(tmp_path: Path) -> None:
    """Whoever corrects a text of theirs gets no second answer."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send("hullo")
        mine = kim.messages[-2]["message_id"]
        before = len(kim.from_bot)
        world.stand_in.edit_own_message(kim.user_id, mine, "hello")
        await world.settled()
        assert len(kim.from_bot) == before


async def test_in_a_group_the_bot_says_why_it_leaves(tmp_path: Path) -> None:
    """Added to a group, the bot says one polite sentence, leaves, and writes nothing else there."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        group = world.stand_in.add_to_group(kim.user_id)
        await world.settled()
        said = [message for message in world.stand_in.messages(group) if message["from"]["is_bot"]]
        assert len(said) == 1
        assert text_of(said[0]).startswith(GROUP)
        left = [call for call in world.stand_in.requests if call.method == "leaveChat"]
        assert [int(str(call.params["chat_id"])) for call in left] == [group]


async def test_the_program_introduces_itself(tmp_path: Path) -> None:
    """Telegram's menu and the bot's descriptions are set by the program, and every command in the menu is answered."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        menu = {each["command"]: each["description"] for each in world.stand_in.commands(kim.user_id)}
        assert {"start", "checkin", "picture", "safety", "delete", "settings"} <= menu.keys()
        assert menu["safety"] == "People who can help"
        description = await world.stand_in.call("getMyDescription", {})
        assert description.body["result"]["description"].startswith("You & I is for two people")
        short = await world.stand_in.call("getMyShortDescription", {})
        assert short.body["result"]["short_description"]
        for command in menu:
            await kim.send(f"/{command}")
            assert not kim.screen.startswith(TYPED), command


@pytest.mark.faulty
@pytest.mark.parametrize(("days", "warned"), [(180, False), (182, True)])
async def test_the_start_warns_of_old_help_lines(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, days: int, *, warned: bool
) -> None:
    """The program itself says at its start that nobody has looked up the help lines for 180 days, and where they stand."""
    checked = datetime.combine(load("en").help_lines.checked, time(), UTC)
    async with world_at(tmp_path, start=checked + timedelta(days=days)) as world, world.running():
        assert ("prompts/en/help_lines.yaml" in caplog.text) == warned


async def test_a_language_that_the_bot_does_not_speak_gets_english(tmp_path: Path) -> None:
    """A French and a Brazilian phone are both answered in English, with the same words and the same menu."""
    async with world_at(tmp_path) as world, world.running():
        amelie, joao = world.person("Amélie", language="fr"), world.person("João", language="pt-br")
        for person in (amelie, joao):
            await person.send("/start")
            assert person.screen.startswith("Hello. This is You & I.")
        assert world.stand_in.commands(amelie.user_id) == world.stand_in.commands(joao.user_id) != []


async def test_the_idea_in_five_screens(tmp_path: Path) -> None:
    """/about leads forth and back through five short screens, edited in one message."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send("/about")
        panel = kim.last["message_id"]
        seen = [kim.screen]
        while "Next" in kim.labels:
            await kim.tap("Next")
            seen.append(kim.screen)
        assert [screen[:6] for screen in seen] == [f"{number} of 5" for number in range(1, 6)]
        assert "Neither circle measures love." in seen[-1]
        await kim.tap("Back")
        assert kim.screen == seen[3]
        assert kim.last["message_id"] == panel


async def test_how_it_works_lists_every_command(tmp_path: Path) -> None:
    """/help tells how it works in one message, names every command of the menu, and fits into Telegram's limit."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        before = len(kim.from_bot)
        await kim.send("/help")
        assert len(kim.from_bot) == before + 1
        for each in world.stand_in.commands(kim.user_id):
            assert f"/{each['command']} · {each['description']}" in kim.screen
