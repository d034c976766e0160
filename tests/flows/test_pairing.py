"""Two people become a pair: an invitation, a choice made freely, and one sentence for all that does not work."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.driver import LINK, Person, World, buttons_of
from tests.pairs import begin, pair

UNUSABLE = "This invitation cannot be used. Please ask for a new one."


async def invitation(person: Person, name: str | None = None) -> str:
    """Somebody invites, unless they did already; returns the words of the card."""
    await person.send("/invite")
    if name is not None:
        await person.send(name)
    elif person.name in person.labels:
        await person.tap(person.name)
    return person.screen


def short_code(card: str) -> str:
    """The code to read aloud."""
    return card.partition("read aloud: ")[2].split()[0]


def sheet_of(person: Person) -> str:
    """What Telegram's share sheet opens with."""
    return next(str(button["url"]) for button in buttons_of(person.last) if "url" in button)


async def host(world: World, name: str = "Kim") -> Person:
    """Somebody who has begun and can invite."""
    person = world.person(name)
    await person.send("/start")
    await person.tap("I'm 18 or over, let's begin")
    return person


async def test_an_invitation_is_a_picture_a_link_and_a_short_code(world: World) -> None:
    """The card carries a QR picture, the link, a code to read aloud, its last day, and a way to take it back."""
    kim = await host(world)
    card = await invitation(kim)
    assert "photo" in kim.last
    assert LINK.search(card)
    assert len(short_code(card)) == 8
    assert "until 20 January" in card
    assert "Take it back" in kim.labels
    assert "Shall%20we%20try%20this" in sheet_of(kim)
    assert LINK.search(card)[1] in sheet_of(kim)  # type: ignore[index]  # asserted above


async def test_inviting_twice_shows_the_same_invitation(world: World) -> None:
    """There is one open invitation: asking again shows it, and a double tap on the name makes one card."""
    kim = await host(world)
    await kim.send("/invite")
    count = len(kim.from_bot)
    await kim.tap_twice("Kim")
    card = kim.screen
    assert len(kim.from_bot) == count + 1
    await kim.send("/invite")
    assert kim.screen == card


@pytest.mark.parametrize(
    ("typed", "shown"), [("<i>Kim</i> & {{ 7 }}", "<i>Kim< i> & {{ 7 }}"), ("evil.example", "evil example")]
)
async def test_a_typed_name_cannot_disguise_anything(world: World, typed: str, shown: str) -> None:
    """A name is shown as plain words: no markup, no link, no command."""
    kim, noor = await host(world), world.person("Noor")
    await noor.follow(await invitation(kim, typed))
    assert noor.screen.startswith(f"{shown} invites you to You & I.")
    assert {entity["type"] for entity in noor.last["entities"]} == {"bold"}


async def test_what_is_no_name_is_asked_again(world: World) -> None:
    """Where nothing is left to call somebody by, the name is asked for once more."""
    kim = await host(world)
    await kim.send("/invite")
    await kim.send("... \u202e")
    assert kim.screen.startswith("That did not look like a name.")
    await kim.send("Kim")
    assert LINK.search(kim.screen)


async def test_nothing_happens_before_it_is_chosen_freely(either_world: World) -> None:
    """Opening the link tells nobody; only after two taps there is a pair, and then both are told."""
    kim, noor = await host(either_world), either_world.person("Noor")
    card = await invitation(kim)
    messages = len(kim.from_bot)
    await noor.follow(card)
    assert "Nothing is shown without your tap" in noor.screen
    assert "You can stop here. Nobody is told." in noor.screen
    assert noor.labels == ["I choose this freely", "Only for myself", "Not now", "Help and safety"]
    await noor.tap("I choose this freely")
    assert noor.screen.startswith("What does Kim call you?")
    await noor.send("/compare")
    assert len(kim.from_bot) == messages

    await noor.follow(card)
    await noor.tap("I choose this freely")
    await noor.tap_twice("Noor")
    assert "You and Kim are a pair now." in noor.screen
    assert len(kim.from_bot) == messages + 1
    assert "You and Noor are a pair now." in kim.screen


async def test_another_name_can_be_typed(world: World) -> None:
    """The partner is called as they typed, not as their phone says."""
    kim, noor = await host(world), world.person("Noor")
    await noor.follow(await invitation(kim, "Kimmy"))
    assert noor.screen.startswith("Kimmy invites you")
    await noor.tap("I choose this freely")
    await noor.send("Nono")
    assert "You and Kimmy are a pair now." in noor.screen
    assert "You and Nono are a pair now." in kim.screen


async def test_whose_phone_says_no_name_is_asked_to_type_one(world: World) -> None:
    """Nobody is told to tap a name that stands on no button; what they type is taken."""
    kim, noor = await host(world), world.person("...")
    await noor.follow(await invitation(kim))
    await noor.tap("I choose this freely")
    assert noor.screen == "What does Kim call you? Type the name. It stands in what you show."
    assert noor.labels == ["Menu", "Help and safety"]
    await noor.send("Noor")
    assert "You and Noor are a pair now." in kim.screen


async def test_a_short_code_can_be_typed(world: World) -> None:
    """Whoever was told a code types it after "I have a code", in any spelling."""
    kim, noor = await host(world), world.person("Noor")
    code = short_code(await invitation(kim)).lower()
    await noor.send("/start")
    for spelling in (code, f"{code[:4]} {code[4:]}", f" {code[:4]}-{code[4:].upper()} "):
        await noor.tap("I have a code")
        assert noor.screen.startswith("Please type the code that you were told.")
        await noor.send(spelling)
        assert noor.screen.startswith("Kim invites you to You & I.")
        await noor.tap("Not now")
        await noor.tap("Menu")


async def test_a_mistyped_code_can_be_typed_again(world: World) -> None:
    """After a wrong code the next one can be typed at once; a pasted link is a code as well."""
    kim, noor = await host(world), await host(world, "Noor")
    card = await invitation(kim)
    await noor.send("/menu")
    await noor.tap("I have a code")
    await noor.send("WRNG WRNG")
    assert noor.screen == UNUSABLE
    found = LINK.search(card)
    assert found
    await noor.send(found[0])
    assert noor.screen.startswith("Kim invites you to You & I.")


async def test_people_in_a_pair_are_not_asked_for_a_code(world: World) -> None:
    """The menu of somebody in a pair offers no code and no invitation."""
    kim, _ = await pair(world, cities=None)
    await kim.send("/menu")
    assert not {"I have a code", "Invite your partner"} & set(kim.labels)


async def test_declining_tells_nobody(world: World) -> None:
    """Not now is a full answer: nobody hears of it, and the invitation stays open."""
    kim, noor = await host(world), world.person("Noor")
    card = await invitation(kim)
    messages = kim.from_bot
    await noor.follow(card)
    await noor.tap("Not now")
    assert noor.screen == "That is fine. Nobody is told."
    await noor.tap("Menu")
    assert noor.screen.startswith("Hello. This is You & I.")
    assert kim.from_bot == messages
    await noor.follow(card)
    assert noor.screen.startswith("Kim invites you")


async def test_only_for_myself_begins_without_a_pair(world: World) -> None:
    """Whoever was invited may use it alone; nobody hears of it."""
    kim, noor = await host(world), world.person("Noor")
    card = await invitation(kim)
    messages = kim.from_bot
    await noor.follow(card)
    await noor.tap("Only for myself")
    assert noor.screen.startswith("1 of 20")
    await noor.walk()
    assert "Invite your partner" in noor.labels
    assert kim.from_bot == messages


Happening = Callable[[World, Person], Awaitable[str]]


async def withdrawn(_world: World, kim: Person) -> str:
    """An invitation that was taken back."""
    card = await invitation(kim)
    await kim.tap_twice("Take it back")
    assert kim.screen.startswith("The invitation has been taken back.")
    return card


async def expired(world: World, kim: Person) -> str:
    """An invitation of more than seven days ago."""
    card = await invitation(kim)
    await world.pass_time(timedelta(days=7))
    return card


async def used(world: World, kim: Person) -> str:
    """An invitation that somebody else accepted."""
    card = await invitation(kim)
    robin = world.person("Robin")
    await robin.follow(card)
    await robin.tap("I choose this freely")
    await robin.tap("Robin")
    return card


async def overtaken(world: World, kim: Person) -> str:
    """An invitation of somebody who accepted another one meanwhile."""
    card = await invitation(kim)
    robin = await host(world, "Robin")
    await kim.follow(await invitation(robin))
    await kim.tap("I choose this freely")
    await kim.tap("Kim")
    return card


async def deleted(_world: World, kim: Person) -> str:
    """An invitation of somebody who had everything forgotten."""
    card = await invitation(kim)
    await kim.send("/delete")
    await kim.tap("Yes, delete everything")
    return card


async def unknown(world: World, _kim: Person) -> str:
    """A code that nobody ever made."""
    return f"https://t.me/{world.stand_in.bot.username}?start=aaaaaaaaaaaaaaaaaaaaaa"


@pytest.mark.parametrize("happening", [withdrawn, expired, used, overtaken, deleted, unknown])
async def test_one_sentence_for_everything_on_the_other_side(world: World, happening: Happening) -> None:
    """Whatever became of an invitation, the screen is the same to the letter and the button."""
    kim, noor, sam = await host(world), world.person("Noor"), world.person("Sam")
    await sam.follow(await unknown(world, kim))
    await noor.follow(await happening(world, kim))
    assert noor.screen == sam.screen == UNUSABLE
    assert noor.labels == sam.labels


@pytest.mark.parametrize("happening", [withdrawn, expired, used, overtaken, deleted])
async def test_an_invitation_may_end_while_it_is_read(world: World, happening: Happening) -> None:
    """Whoever has the invitation open when it ends gets the same sentence at either of the two taps."""
    kim, noor, sam = await host(world), world.person("Noor"), world.person("Sam")
    card = await invitation(kim)
    await noor.follow(card)
    await sam.follow(card)
    await sam.tap("I choose this freely")
    await happening(world, kim)
    await noor.tap("I choose this freely")
    await sam.tap("Sam")
    assert noor.screen == sam.screen == UNUSABLE


async def test_ones_own_state_is_told(world: World) -> None:
    """One's own invitation, one's own pair and too many codes are told as what they are."""
    kim, noor = await pair(world, cities=None)
    robin = await host(world, "Robin")
    card = await invitation(robin)
    await robin.follow(card)
    assert robin.screen.startswith("This is your own invitation.")
    await noor.follow(card)
    assert noor.screen.startswith("You are in a pair with Kim.")
    await kim.send("/invite")
    assert kim.screen.startswith("You are in a pair with Noor")


async def test_a_late_tap_on_an_accepted_invitation_says_so(world: World) -> None:
    """Taking back what was accepted meanwhile takes nothing back and does not claim to."""
    kim, noor = await host(world), world.person("Noor")
    card = await invitation(kim)
    above = kim.last
    _, data = kim._button("Take it back", None)
    await noor.follow(card)
    await noor.tap("I choose this freely")
    await noor.tap("Noor")
    await kim.forge(data, message=above)
    assert kim.screen.startswith("You are in a pair with Noor")


async def test_codes_cannot_be_tried_without_end(world: World) -> None:
    """After ten wrong short codes in an hour even a right one is not looked up, but the link works; an hour later both."""
    kim, noor = await host(world), world.person("Noor")
    card = await invitation(kim)
    await noor.send("/start")
    for number in range(10):
        await noor.send(f"/start ABCDEF{number:02}")
        assert noor.screen == UNUSABLE
    short = short_code(card)
    await noor.send(f"/start {short}")
    assert noor.screen.startswith("That was a lot of codes in a short time.")
    await noor.follow(card)
    assert noor.screen.startswith("Kim invites you")
    await noor.send("/start")
    await world.pass_time(timedelta(hours=1, minutes=1))
    await noor.send(f"/start {short}")
    assert noor.screen.startswith("Kim invites you")


async def test_a_fresh_picture_can_be_shown_or_six_answered_again(world: World) -> None:
    """When the pair forms, a picture of at most 14 days may be shown as it is, or six statements answered again."""
    kim, noor = world.person("Kim"), world.person("Noor")
    await begin(kim)
    await begin(noor)
    await world.pass_time(timedelta(days=13))
    await noor.follow(await invitation(kim))
    await noor.tap("I choose this freely")
    await noor.tap("Noor")
    assert noor.labels[:2] == kim.labels[:2] == ["Show this picture", "Answer six again"]
    await kim.tap("Answer six again")
    assert kim.screen.startswith("1 of 6")
    await kim.walk()
    assert "What may Noor see?" in kim.labels
    await noor.tap("Show this picture")
    assert noor.screen.startswith("What may Kim see this time?")


async def test_an_old_picture_is_not_offered(world: World) -> None:
    """A picture of more than 14 days ago is not shown as today's."""
    kim, noor = await host(world), world.person("Noor")
    await begin(noor)
    await world.pass_time(timedelta(days=15))
    await noor.follow(await invitation(kim))
    await noor.tap("I choose this freely")
    await noor.tap("Noor")
    assert noor.labels[0] == "Questions"
    await noor.tap("Questions")
    assert noor.screen.startswith("1 of 6")
