"""One's own picture, the guesses that may follow, and what is there alone."""

from datetime import timedelta
from io import BytesIO

from PIL import Image
from sqlalchemy import func, select

from prompts.catalogue import load
from prompts.instrument import INSTRUMENT
from storage.tables import picture_file
from tests.driver import Person, World
from tests.pairs import begin, pair

STATEMENTS = load("en").statements
PICTURE_AND_HISTORY = 2


async def guessing(world: World) -> Person:
    """Somebody in a pair before the first guess."""
    kim, _ = await pair(world, cities=None)
    await kim.send("/picture")
    await kim.tap("Guess about Noor")
    assert kim.screen.startswith("Eight guesses about Noor?")
    assert kim.labels[:2] == ["Yes", "Not now"]
    await kim.tap("Yes")
    return kim


async def test_the_picture_is_a_photo_and_says_itself_in_words(either_world: World) -> None:
    """A photo arrives; its caption gives both sizes with their bands, that it measures no love, and one thought."""
    kim = either_world.person("Kim")
    await begin(kim)
    content = either_world.stand_in.file_bytes(kim.last["file_path"])
    assert Image.open(BytesIO(content)).format == "JPEG"
    for part in (
        "Only you can see this.",
        '"I", room to be yourself: about ',
        '"You", room for closeness: about ',
        "likely between",
        "Neither measures love.",
        "not yet tested with many people",
        "A thought: ",
    ):
        assert part in kim.screen
    words = kim.screen
    await kim.send("/picture")
    assert kim.screen == words
    assert kim.last["file_path"]


async def test_words_only_brings_no_photo(world: World) -> None:
    """Whoever wants words only gets the same words and no picture, and circles again when they want them."""
    kim = world.person("Kim")
    await begin(kim)
    words = kim.screen
    await kim.send("/settings")
    await kim.tap("Words only")
    await kim.send("/picture")
    assert kim.screen == words
    assert "photo" not in kim.last
    await kim.send("/settings")
    await kim.tap("With pictures")
    await kim.send("/picture")
    assert "photo" in kim.last


async def test_without_a_picture_the_questions_are_offered(world: World) -> None:
    """Before the first form /picture says how to come to one."""
    kim = world.person("Kim")
    await kim.send("/start")
    await kim.tap("I'm 18 or over, let's begin")
    await kim.send("/picture")
    assert kim.screen.startswith("There is no picture yet.")
    await kim.tap("Questions")
    assert kim.screen.startswith("1 of 20")


async def test_the_words_are_explained_as_states_that_pass(world: World) -> None:
    """What the four words mean is one tap away, and so is the way back."""
    kim = world.person("Kim")
    await begin(kim)
    await kim.tap("What the words mean")
    assert "everybody passes through" in kim.screen
    await kim.tap("My picture")
    assert kim.screen.startswith("Only you can see this.")


async def test_guesses_are_offered_only_in_a_pair(world: World) -> None:
    """Alone there is nobody to guess about."""
    kim = world.person("Kim")
    await begin(kim)
    assert not any(label.startswith("Guess") for label in kim.labels)


async def test_eight_guesses_one_at_a_time(world: World) -> None:
    """Each guess names the partner and the statement, says that nobody sees it, and can be gone back to or skipped."""
    kim = await guessing(world)
    messages = len(kim.from_bot)
    for number, item in enumerate(INSTRUMENT.guess_order):
        assert kim.screen.startswith(f"Guess {number + 1} of 8")
        assert "Noor never sees these" in kim.screen
        assert STATEMENTS[item] in kim.screen
        assert kim.labels[5:] == [*(["Back"] if number else []), "Skip", "Enough guesses"]
        if number == 2:
            await kim.tap("Back")
            assert kim.screen.startswith("Guess 2 of 8")
            assert kim.screen.endswith("Before: Mostly true")
            await kim.tap_twice("Not true")
        await kim.tap("Skip" if number == 4 else "Mostly true")
    assert len(kim.from_bot) == messages
    assert kim.screen.startswith("What may Noor see this time?")


async def test_enough_guesses_goes_on_to_what_to_show(world: World) -> None:
    """Guessing can end anywhere; it is not offered a second time, and an old guess changes nothing."""
    kim = await guessing(world)
    _, old = kim._button("Very true", None)
    await kim.tap("Mostly true")
    await kim.tap("Enough guesses")
    assert kim.screen.startswith("What may Noor see this time?")
    await kim.forge(old)
    assert kim.screen.startswith("What may Noor see this time?")
    await kim.send("/picture")
    assert "Guess about Noor" not in kim.labels


async def test_guesses_can_be_declined(world: World) -> None:
    """Not now leads on to what to show, and the guesses stay on offer."""
    kim, _ = await pair(world, cities=None)
    await kim.send("/picture")
    await kim.tap("Guess about Noor")
    await kim.tap("Not now")
    assert kim.screen.startswith("What may Noor see this time?")
    await kim.send("/picture")
    assert "Guess about Noor" in kim.labels


async def test_two_guesses_after_a_weekly_form(world: World) -> None:
    """After six statements there are two guesses."""
    kim, _ = await pair(world, cities=None)
    await kim.tap("Answer six again")
    await kim.walk()
    await kim.tap("Guess about Noor")
    assert kim.screen.startswith("Guess 1 of 2")


async def test_a_check_in_forgets_what_earlier_pictures_are_called(world: World) -> None:
    """Telegram's names for pictures are kept until the next check-in, which makes a picture of its own."""
    kim = world.person("Kim")
    await begin(kim)
    await kim.send("/history")
    assert await _named_pictures(world) == PICTURE_AND_HISTORY
    await world.pass_time(timedelta(days=7))
    await kim.send("/checkin")
    await kim.walk()
    assert "photo" in kim.last
    assert await _named_pictures(world) == 1
    await kim.send("/picture")
    assert await _named_pictures(world) == 1


async def _named_pictures(world: World) -> int:
    """How many pictures the bot has a name for."""
    assert world.bot is not None
    query = select(func.count()).select_from(picture_file)
    return await world.bot.store.read(lambda tx: int(tx.connection.execute(query).scalar_one()))
