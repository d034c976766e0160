"""What the partner may see: three equal choices, a faithful preview, and one moment for both."""

from datetime import timedelta

import pytest

from bot.scenes import calendar
from tests.driver import Person, World, text_of
from tests.pairs import A_MINUTE, OTHERWISE, answer, chat_of, pair

LEVELS = ["Sizes and words", "Sizes", "Nothing"]
CLOSED = "This week's choice has closed. Nothing was changed."


async def ready(world: World) -> tuple[Person, Person]:
    """Two people in a pair, each with a picture that could be shown."""
    kim, noor = await pair(world, cities=None)
    await answer(noor, OTHERWISE)
    return kim, noor


async def opened(world: World, kim: Person, noor: Person, kim_shows: str, noor_shows: str) -> None:
    """Both choose, and a minute passes."""
    for person, level in ((kim, kim_shows), (noor, noor_shows)):
        await person.send("/picture")
        await person.show(level)
    await world.pass_time(A_MINUTE)


def lines_about(words: str, name: str) -> list[str]:
    """The lines of a preview or a comparison that say what one of the two showed."""
    return [line for line in words.splitlines() if line.startswith(f"{name}: ")]


async def test_three_equal_choices_and_nothing_preselected(world: World) -> None:
    """The three choices stand one per row in the same order and look, whichever is being looked at."""
    kim, _ = await pair(world, cities=None)
    await kim.send("/picture")
    await kim.tap("What may Noor see?")
    assert kim.labels[:3] == LEVELS
    assert "Share this" not in kim.labels
    for level in LEVELS:
        await kim.tap(level)
        assert kim.labels == ["Share this", *LEVELS, "How it works", "Menu", "Help and safety"]


@pytest.mark.parametrize(("level", "beginning"), [("Sizes and words", "Kim: a"), ("Sizes", 'Kim: "I" about')])
async def test_the_preview_is_what_the_partner_gets(either_world: World, level: str, beginning: str) -> None:
    """What the preview shows of me, words and numbers, stands byte for byte in my partner's comparison."""
    world = either_world
    kim, noor = await ready(world)
    await kim.send("/picture")
    await kim.tap("What may Noor see?")
    await kim.tap(level)
    assert "photo" in kim.last
    preview = lines_about(kim.screen, "Kim")
    assert preview[0].startswith(beginning)
    await kim.tap("Share this")
    await noor.send("/picture")
    await noor.show("Sizes")
    await world.pass_time(A_MINUTE)
    assert lines_about(noor.screen, "Kim") == preview


async def test_each_sees_what_the_other_chose(world: World) -> None:
    """Words from one and sizes from the other: each reads the partner at the partner's level."""
    kim, noor = await ready(world)
    await opened(world, kim, noor, "Sizes and words", "Sizes")
    assert 'Noor: "I" about' in kim.screen
    assert "\n\nKim: a" in noor.screen


async def test_afterwards_every_choice_looks_the_same(world: World) -> None:
    """The screen that stays is the same for all three; only the passing notice says which."""
    kim, _ = await pair(world, cities=None)
    left = set()
    for level in LEVELS:
        await kim.send("/picture")
        await kim.show(level)
        assert kim.toast == f"Noted: {level}"
        assert "photo" not in kim.last
        left.add((kim.screen, *kim.labels))
    assert len(left) == 1
    assert kim.screen.startswith("That is all for this week.")
    assert kim.labels == [
        "Change",
        "A starter for me",
        "Say thanks to Noor",
        "When to come back",
        "Menu",
        "Help and safety",
    ]


async def test_nothing_and_silence_look_the_same_to_the_partner(world: World) -> None:
    """Somebody whose partner shows nothing sees what they would see had the partner not chosen yet."""
    kim, noor = await ready(world)
    await kim.send("/picture")
    await kim.show("Sizes")
    before = chat_of(kim)
    await noor.send("/picture")
    await noor.show("Nothing")
    await world.pass_time(timedelta(days=1))
    assert chat_of(kim) == before


async def test_both_get_the_comparison_at_the_same_moment(either_world: World) -> None:
    """A minute after the second choice one message goes to each, at the same second, closed to forwarding."""
    world = either_world
    kim, noor = await ready(world)
    counts = len(kim.from_bot), len(noor.from_bot)
    await opened(world, kim, noor, "Sizes and words", "Sizes and words")
    assert kim.last["date"] == noor.last["date"]
    for person, count in ((kim, counts[0]), (noor, counts[1])):
        assert "photo" in person.last
        assert person.last["has_protected_content"]
        assert sum("Neither measures love.\n\nIf you both like" in text_of(one) for one in person.from_bot[count:]) == 1
    starters = {person.screen.partition("If you both like:\n")[2].splitlines()[0] for person in (kim, noor)}
    assert len(starters) == 1
    for name in ("Kim", "Noor"):
        assert len(lines_about(kim.screen, name)) == 2
        assert lines_about(kim.screen, name) == lines_about(noor.screen, name)


async def test_a_minute_to_change_ones_mind(world: World) -> None:
    """Until the minute is over either may take it back, and then nothing opens; a new choice begins a new minute."""
    kim, noor = await ready(world)
    for person in (kim, noor):
        await person.send("/picture")
        await person.show("Sizes")
    count = len(kim.from_bot)
    await world.pass_time(calendar.CHANGE_OF_MIND / 2)
    await noor.tap("Change")
    assert noor.screen.startswith("What may Kim see this time?")
    await noor.tap("Nothing")
    assert noor.screen.startswith("Kim would see nothing of this picture.")
    await noor.tap("Share this")
    await world.pass_time(timedelta(hours=1))
    assert len(kim.from_bot) == count
    await noor.tap("Change")
    await noor.tap("Sizes")
    await noor.tap("Share this")
    await world.pass_time(calendar.CHANGE_OF_MIND - timedelta(seconds=5))
    assert len(kim.from_bot) == count
    await world.pass_time(timedelta(seconds=5))
    assert "\n\nNoor: " in kim.screen


async def test_what_is_open_cannot_be_changed(world: World) -> None:
    """After the comparison opened, an old button changes nothing, claims nothing, and a passing notice says so."""
    kim, noor = await ready(world)
    await kim.send("/picture")
    await kim.tap("What may Noor see?")
    await kim.tap("Nothing")
    above = kim.last
    _, nothing = kim._button("Share this", None)
    await opened(world, kim, noor, "Sizes", "Sizes")
    kept = noor.screen
    await kim.forge(nothing, message=above)
    assert kim.screen.startswith("Only you can see this.")
    assert kim.toast == CLOSED
    assert "What may Noor see?" not in kim.labels
    await noor.send("/compare")
    assert noor.screen == kept


@pytest.mark.parametrize("way", [[], ["What may Noor see?"]])
async def test_whoever_was_choosing_when_it_opened_is_told(world: World, way: list[str]) -> None:
    """The other's choice may open it in the middle of a second thought: the way on is closed then, and says why."""
    kim, noor = await ready(world)
    await kim.send("/picture")
    await kim.show("Sizes")
    await noor.send("/picture")
    await noor.show("Sizes")
    await kim.send("/picture")
    for label in way:
        await kim.tap(label)
    left = kim.last
    label = "Nothing" if way else "What may Noor see?"
    _, onward = kim._button(label, None)
    await world.pass_time(A_MINUTE)
    await kim.forge(onward, message=left)
    assert kim.screen.startswith("Only you can see this.")
    assert kim.toast == CLOSED
    assert "What may Noor see?" not in kim.labels


async def test_an_older_pictures_choice_asks_again(world: World) -> None:
    """A button of a picture that is not the latest keeps nothing, and is not followed by a screen that sounds as if it had."""
    kim, _ = await pair(world, cities=None)
    await kim.send("/picture")
    await kim.tap("What may Noor see?")
    await kim.tap("Sizes")
    _, old = kim._button("Share this", None)
    stamp = old.split(":")[2]
    await kim.forge(old.replace(stamp, str(int(stamp) - 60)))
    assert kim.screen.startswith("What may Noor see this time?")
    assert kim.labels[:3] == LEVELS


async def test_an_old_choice_changes_nothing_after_the_reveal_hour(world: World) -> None:
    """When both have read that there is none this week, nobody is promised that it may still open."""
    kim, noor = await ready(world)
    await kim.send("/picture")
    await kim.show("Sizes")
    await world.pass_time(timedelta(days=6, hours=3))
    assert kim.screen.startswith("There is no comparison this week.")
    await noor.send("/picture")
    assert "What may Kim see?" not in noor.labels
    await kim.forge("v1:share.done")
    assert kim.screen.startswith("Only you can see this.")


async def test_quick_answers_are_not_compared(world: World) -> None:
    """A picture of answers in a hurry is its owner's alone: it is not offered to be shown."""
    kim, noor = await pair(world, cities=None)
    await noor.send("/checkin")
    await noor.walk(("Very true",))
    await noor.tap("Keep these answers")
    assert "drawn with more caution" in noor.screen
    assert "What may Kim see?" not in noor.labels
    for data in ("v1:share:2", "v1:share.set:2:words"):
        await noor.forge(data)
    await kim.send("/picture")
    await kim.show("Sizes")
    await world.pass_time(timedelta(hours=1))
    assert kim.screen.startswith("That is all for this week.")


WISHES = [
    ("More of both", "More of both", "Sizes and words", "Sizes and words", True),
    ("More of both", "More of both", "Sizes and words", "Sizes", False),
    ("More of both", "More closeness", "Sizes and words", "Sizes and words", False),
    ("Rather not say", "Rather not say", "Sizes and words", "Sizes and words", False),
]


@pytest.mark.parametrize(("kim_wish", "noor_wish", "kim_shows", "noor_shows", "told"), WISHES)
async def test_a_wish_shows_only_if_both_wished_it_in_words(  # noqa: PLR0917 -- one row of a table
    world: World, kim_wish: str, noor_wish: str, kim_shows: str, noor_shows: str, told: bool
) -> None:
    """The wish stands in both comparisons only if both showed words and wished the same."""
    kim, noor = await pair(world, cities=None)
    await kim.tap("Answer six again")
    await noor.tap("Begin")
    for person, wish in ((kim, kim_wish), (noor, noor_wish)):
        while "Very true" in person.labels:
            await person.tap(OTHERWISE[len(person.screen) % 3])
        await person.tap(wish)
        await person.walk()
        assert any(label.startswith("What may ") for label in person.labels)
    await opened(world, kim, noor, kim_shows, noor_shows)
    for person in (kim, noor):
        assert ('You both wished for the same: "More of both".' in person.screen) == told
        assert ("wished" in person.screen) == told


async def test_a_guess_is_told_to_the_guesser_alone(world: World) -> None:
    """Whoever guessed reads how the partner's own picture differs; the partner reads nothing of it."""
    kim, noor = await ready(world)
    await kim.send("/picture")
    await kim.tap("Guess about Noor")
    await kim.tap("Yes")
    for _ in range(8):
        await kim.tap("Not true")
    await opened(world, kim, noor, "Sizes", "Sizes")
    assert "Your guess: Noor's own" in kim.screen or "Your guess and Noor's own picture" in kim.screen
    assert "guess" not in noor.screen.lower()


async def test_the_comparison_can_be_seen_again(world: World) -> None:
    """/compare shows the latest comparison word for word, as long as it is kept."""
    kim, noor = await ready(world)
    await opened(world, kim, noor, "Sizes and words", "Sizes")
    kept = kim.screen
    await world.pass_time(timedelta(days=1))
    await kim.send("/menu")
    await kim.tap("Our comparison")
    assert kim.screen == kept
    assert "photo" in kim.last
    assert kim.last["has_protected_content"]


async def test_without_a_comparison_there_is_the_neutral_message(world: World) -> None:
    """Before anything opened, /compare reads the same for somebody alone and for somebody in a pair."""
    kim, noor = await ready(world)
    robin = world.person("Robin")
    await robin.send("/start")
    await robin.tap("I'm 18 or over, let's begin")
    for person in (kim, noor, robin):
        await person.send("/compare")
    assert kim.screen == noor.screen == robin.screen
    assert kim.screen.startswith("There is no comparison this week.")
    assert kim.labels == robin.labels
