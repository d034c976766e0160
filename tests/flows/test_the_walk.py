"""The walk through the statements: one at a time, in one message, at one's own pace."""

from datetime import timedelta
from pathlib import Path

import pytest

from prompts.catalogue import load
from prompts.instrument import INSTRUMENT
from tests.driver import A_WEDNESDAY, Person, World, text_of, world_at
from tests.pairs import CAREFUL, begin

STATEMENTS = load("en").statements
A_WEEK = timedelta(weeks=1)


async def first_statement(world: World, name: str = "Kim") -> Person:
    """Somebody before the first statement."""
    person = world.person(name)
    await person.send("/start")
    await person.tap("I'm 18 or over, let's begin")
    return person


async def answered(world: World, count: int) -> Person:
    """Somebody who answered so many statements."""
    person = await first_statement(world)
    for number in range(count):
        await person.tap(CAREFUL[number % len(CAREFUL)])
    return person


async def test_twenty_statements_in_one_message(either_world: World) -> None:
    """The first form asks its twenty statements in order in one message, with the progress on top."""
    kim = await first_statement(either_world)
    for number, item in enumerate(INSTRUMENT.first_order):
        assert kim.screen.startswith(f"{number + 1} of 20")
        assert STATEMENTS[item] in kim.screen
        assert kim.labels[:5] == ["Not true", "A little true", "Half true", "Mostly true", "Very true"]
        assert len(kim.from_bot) == 1
        await kim.tap(CAREFUL[number % len(CAREFUL)])
    assert kim.labels[-2:] == ["Back", "Pause"]
    await kim.tap("Rather not say")
    assert kim.screen.startswith("Only you can see this.")
    assert len(kim.from_bot) == 2


async def test_the_last_instant_of_a_second_is_like_any_other(tmp_path: Path) -> None:
    """Buttons name a walk by the second in which it began; what is kept is never of the next one."""
    just_before = A_WEDNESDAY - timedelta(microseconds=300)
    async with world_at(tmp_path, start=just_before) as world, world.running():
        kim = await answered(world, 2)
        assert kim.screen.startswith("3 of 20")


async def test_back_skip_and_pause_are_offered_and_sketch_from_eleven(world: World) -> None:
    """The first statement has nothing to go back to; a sketch is offered from statement 11 on."""
    kim = await first_statement(world)
    for number in range(20):
        moves = kim.labels[5:]
        back = ["Back"] if number else []
        assert moves == [*back, "Skip", "Pause", *(["Sketch"] if number >= 10 else [])]
        await kim.tap("Mostly true" if number % 2 else "Half true")


async def test_back_keeps_what_was_tapped(world: World) -> None:
    """Back leads to the earlier question, and on from there everything is still answered."""
    kim = await answered(world, 3)
    await kim.tap("Back")
    assert kim.screen.startswith("3 of 20")
    await kim.tap("Back")
    assert kim.screen.startswith("2 of 20")
    await kim.tap("Very true")
    assert kim.screen.startswith("3 of 20")


async def test_back_tells_what_was_tapped_before(world: World) -> None:
    """Where something was tapped already it is told below the statement, a skip too; where nothing was, nothing is."""
    kim = await first_statement(world)
    await kim.tap("Half true")
    await kim.tap("Skip")
    assert "Before:" not in kim.screen
    await kim.tap("Back")
    assert kim.screen.endswith(f"{STATEMENTS[INSTRUMENT.first_order[1]]}\n\nBefore: Skip")
    await kim.tap("Back")
    assert "Before: Half true" in kim.screen
    await kim.tap("Very true")
    assert "Before: Skip" in kim.screen
    await kim.tap("Back")
    assert "Before: Very true" in kim.screen


async def test_back_from_the_wish_leads_to_the_last_statement(world: World) -> None:
    """Until the end every question can be gone back to."""
    kim = await answered(world, 20)
    await kim.tap("Back")
    assert kim.screen.startswith("20 of 20")


async def test_a_pause_keeps_everything(world: World) -> None:
    """A pause says so, and days later the walk goes on from the same question."""
    kim = await answered(world, 6)
    await kim.tap("Pause")
    assert kim.screen.startswith("Paused.")
    await world.pass_time(timedelta(days=3))
    await kim.tap("Go on")
    assert kim.screen.startswith("7 of 20")


@pytest.mark.parametrize("count", [0, 1, 11, 19, 20])
async def test_a_walk_goes_on_after_a_restart(tmp_path: Path, count: int) -> None:
    """The program may stop at any question: the next tap is answered as if nothing had happened."""
    async with world_at(tmp_path) as world:
        async with world.running():
            kim = await answered(world, count)
            question = kim.screen
        async with world.running():
            assert kim.screen == question
            await kim.tap("Back" if "Back" in kim.labels else "Skip")
            assert kim.screen.startswith("2 of 20" if count == 0 else f"{count} of 20")
            await kim.send("/checkin")
            assert len(kim.from_bot) == 2
            await kim.walk()
            assert kim.screen.startswith("Only you can see this.")


async def test_a_tap_while_the_program_is_down_is_not_lost(tmp_path: Path) -> None:
    """What was tapped while nothing was running is answered at the start."""
    async with world_at(tmp_path) as world:
        async with world.running():
            kim = await answered(world, 2)
            message, data = kim._button("Very true", None)
        world.clock.advance(timedelta(hours=2))
        world.stand_in.tap(kim.user_id, message["message_id"], data)
        async with world.running():
            await world.settled()
            assert kim.screen.startswith("4 of 20")


async def test_a_sketch_has_no_word_for_it(world: World) -> None:
    """A sketch is a picture with wide rims and no state word, and the walk goes on from it."""
    kim = await answered(world, 12)
    await kim.tap("Sketch")
    assert "photo" in kim.last
    assert kim.screen.startswith("A first sketch, only for you.")
    assert not any(state in kim.screen for state in ("Integrated", "Engulfed", "Isolated", "Adrift"))
    await kim.tap("Go on")
    assert kim.screen.startswith("13 of 20")


async def test_a_second_tap_on_an_answer_counts_once(either_world: World) -> None:
    """Two quick taps on the same answer move one question on."""
    kim = await first_statement(either_world)
    for number in range(1, 20):
        await kim.tap_twice(CAREFUL[number % len(CAREFUL)])
        assert kim.screen.startswith(f"{number + 1} of 20")
    await kim.tap_twice("Half true")
    await kim.tap_twice("Fine as it is")
    assert kim.screen.startswith("Only you can see this.")
    assert len(kim.from_bot) == 2


async def test_an_old_question_only_repaints_the_present_one(world: World) -> None:
    """A tap that was made for an earlier question changes no answer."""
    kim = await first_statement(world)
    _, old = kim._button("Not true", None)
    await kim.tap("Very true")
    await kim.tap("Half true")
    await kim.forge(old)
    assert kim.screen.startswith("3 of 20")
    await kim.tap("Back")
    await kim.tap("Back")
    assert kim.screen.startswith("1 of 20")


async def test_an_old_message_only_repaints_the_present_question(world: World) -> None:
    """A tap under a message further up shows the present question, once."""
    kim = await first_statement(world)
    above = kim.last
    _, old = kim._button("Not true", None)
    await kim.tap("Very true")
    await kim.send("/start")
    await kim.forge(old, message=above)
    assert sum("2 of 20" in text_of(message) and "reply_markup" in message for message in kim.from_bot) == 1


async def test_a_tap_on_a_finished_form_shows_the_picture(world: World) -> None:
    """Where the form is finished, its last question leads to the picture and changes nothing."""
    kim = await answered(world, 19)
    last = kim._button("Very true", None)[1]
    paused = kim._button("Pause", None)[1]
    await kim.walk()
    words = kim.screen
    for data in (last, paused):
        await kim.forge(data)
        assert kim.screen == words


async def test_too_few_answers_give_no_picture(world: World) -> None:
    """With fewer than six answers about a circle there is no picture: answer again, or leave it out."""
    kim = await first_statement(world)
    for _ in range(20):
        await kim.tap("Skip")
    await kim.tap("Rather not say")
    assert kim.screen.startswith("A picture needs at least six answers about each circle.")
    assert kim.labels[:2] == ["Answer again", "Leave this time out"]
    await kim.forge("v1:walk.keep:1")
    assert kim.screen.startswith("A picture needs")
    await kim.tap("Answer again")
    assert kim.screen.startswith("1 of 20")
    await kim.walk()
    assert kim.screen.startswith("Only you can see this.")


async def test_what_is_left_out_is_gone(world: World) -> None:
    """Leaving it out keeps nothing: there is no picture, and the next form is the first one again."""
    kim = await first_statement(world)
    for _ in range(20):
        await kim.tap("Skip")
    await kim.tap("More of both")
    await kim.tap("Leave this time out")
    assert kim.screen == "Left out. Nothing of it was kept."
    await kim.send("/picture")
    assert kim.screen.startswith("There is no picture yet.")
    await kim.tap("Questions")
    assert kim.screen.startswith("1 of 20")


async def in_a_hurry(world: World) -> Person:
    """Somebody who tapped the same answer through all of the first form."""
    kim = await first_statement(world)
    await kim.walk(("Very true",))
    assert kim.screen.startswith("You went through quickly, and that is fine.")
    return kim


async def test_quick_answers_can_be_kept(world: World) -> None:
    """Kept quick answers make a picture that says how it was drawn."""
    kim = await in_a_hurry(world)
    assert kim.labels[:3] == ["Keep these answers", "Answer again", "Leave this time out"]
    await kim.tap("Keep these answers")
    assert kim.screen.startswith("Only you can see this.")
    assert "drawn with more caution" in kim.screen


async def test_a_late_tap_does_not_say_that_kept_answers_were_left_out(world: World) -> None:
    """Whoever keeps the answers and then taps the old "Leave this time out" sees the picture: nothing was left out."""
    kim = await in_a_hurry(world)
    _, late = kim._button("Leave this time out", None)
    await kim.tap("Keep these answers")
    words = kim.screen
    await kim.forge(late)
    assert kim.screen == words


async def test_quick_answers_can_be_given_again_or_left_out(world: World) -> None:
    """Answer again begins the same form anew; Leave out keeps nothing of it."""
    kim = await in_a_hurry(world)
    await kim.tap("Answer again")
    assert kim.screen.startswith("1 of 20")
    await kim.walk(("Not true",))
    await kim.tap_twice("Leave this time out")
    assert kim.screen == "Left out. Nothing of it was kept."


async def test_the_next_week_asks_six(world: World) -> None:
    """A week later there are six statements, the wish, and whether the week was unusual; then the picture."""
    kim = world.person("Kim")
    await begin(kim)
    await kim.send("/checkin")
    assert kim.screen.startswith("These questions are done for now.")
    await world.pass_time(A_WEEK)
    await kim.send("/checkin")
    messages = len(kim.from_bot)
    for number in range(6):
        assert kim.screen.startswith(f"{number + 1} of 6")
        assert "Sketch" not in kim.labels
        await kim.tap(CAREFUL[number % len(CAREFUL)])
    await kim.tap("Fine as it is")
    unusual = kim.screen
    await kim.tap("Back")
    assert kim.screen != unusual
    await kim.tap("Fine as it is")
    assert kim.screen == unusual
    assert len(kim.from_bot) == messages
    await kim.tap("No")
    assert kim.screen.startswith("Only you can see this.")
    await kim.send("/checkin")
    assert kim.screen.startswith("These questions are done for now.")


async def test_one_form_a_week(world: World) -> None:
    """A button of last week's screen begins no second form in the same week."""
    kim = world.person("Kim")
    await begin(kim)
    await world.pass_time(A_WEEK)
    await kim.send("/checkin")
    await kim.walk()
    for data in ("v1:walk.begin", "v1:walk.begin:full", "v1:begin"):
        await kim.forge(data)
        assert kim.screen.startswith("These questions are done for now.")


async def test_the_long_form_is_offered_after_eight_weeks(world: World) -> None:
    """Eight weeks after the last long form there is a choice between the twenty and the six; before, there is none."""
    kim = world.person("Kim")
    await begin(kim)
    await world.pass_time(7 * A_WEEK)
    await kim.send("/checkin")
    assert kim.screen.startswith("1 of 6")
    await kim.walk()
    await world.pass_time(A_WEEK)
    await kim.send("/checkin")
    assert kim.screen.startswith("The long one today?")
    assert kim.labels[:2] == ["The long one, three minutes", "The six"]
    await kim.tap("The long one, three minutes")
    assert kim.screen.startswith("1 of 20")
    await kim.walk()
    assert kim.screen.startswith("Only you can see this.")
    await world.pass_time(A_WEEK)
    await kim.send("/checkin")
    assert kim.screen.startswith("1 of 6")


async def test_the_six_can_be_had_instead(world: World) -> None:
    """Whoever is offered the long form may answer the six."""
    kim = world.person("Kim")
    await begin(kim)
    await world.pass_time(8 * A_WEEK)
    await kim.send("/checkin")
    await kim.tap("The six")
    assert kim.screen.startswith("1 of 6")
