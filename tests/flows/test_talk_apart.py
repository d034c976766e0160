"""A talk apart: one writes, sees what the other would get, and sends; the other says back what they heard."""

from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.beginnings import new_pair, since
from tests.driver import World
from tests.talks import (
    COMPLETE,
    FEELING,
    MOMENT,
    NEWS,
    OVER,
    WISH,
    ask,
    begin,
    finish,
    listen,
    open_news,
    speak,
    texts,
    understood,
)


@pytest.fixture
async def paired(tmp_path: Path) -> AsyncIterator[World]:
    """Kim and Noor are a pair in Berlin."""
    async with since(new_pair, tmp_path) as world, world.running():
        yield world


async def test_two_people_finish_a_talk(paired: World) -> None:
    """Both speak, both are heard, each says one thing they value, and both are asked privately whether it helped."""
    kim, noor = await begin(paired)
    assert kim.screen.startswith("Your turn to speak.")
    await speak(kim, noor)
    assert noor.screen.startswith("Kim says:")
    assert all(part in noor.screen for part in (f"When … {MOMENT}", f"I felt … {FEELING}", f"I would like … {WISH}"))
    await listen(noor, kim)
    assert "That you were alone and want a message" in kim.screen
    await kim.tap("Yes, that is it")
    assert kim.screen.startswith("It is Noor's turn to speak.")
    await open_news(noor)
    await understood(noor, kim)
    assert "To close, type one thing that you appreciate about Noor." in kim.screen
    await kim.send("How you laugh")
    await kim.tap("Send it")
    await open_news(noor)
    assert "How you laugh" in noor.screen
    await noor.send("Your patience")
    await noor.tap("Send it")
    assert noor.screen.startswith("Sent. That was the talk.")
    await open_news(kim)
    assert "Your patience" in kim.screen
    await kim.tap("Close the talk")
    assert kim.screen.startswith(COMPLETE)
    assert noor.screen.startswith(COMPLETE)
    for person, answer in ((kim, "A little"), (noor, "Rather not say")):
        await person.tap(answer)
        assert person.screen == "Noted, for you alone."
    await kim.send("/talk")
    assert kim.screen.startswith("A talk in turns")


async def test_nothing_goes_over_before_a_preview_and_a_tap(paired: World) -> None:
    """Each text shows itself to its writer alone; what is changed is not sent, and the words come as they were seen."""
    kim, noor = await begin(paired)
    told = len(noor.from_bot)
    await kim.send("you never listen")
    await kim.tap("Change it")
    await kim.send(MOMENT)
    assert MOMENT in kim.screen
    await kim.send(FEELING)
    await kim.send(WISH)
    assert kim.screen.startswith("Noor would get exactly this:")
    assert "you never listen" not in kim.screen
    assert len(noor.from_bot) == told
    seen = kim.screen.partition("\n\n")[2]
    await kim.tap("Send it")
    await open_news(noor)
    assert seen.strip() in noor.screen
    assert not [text for text in texts(noor) if "never listen" in text]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [("You always leave", "you always"), ("I feel   that you do not care", "I feel that you"), ("You are kind", None)],
)
async def test_words_that_are_hard_to_hear_are_named_and_never_held_back(
    paired: World, text: str, phrase: str | None
) -> None:
    """The preview names them and leaves both ways open, to change it and to send it as it is."""
    kim, noor = await begin(paired)
    for one in (text, FEELING, WISH):
        await kim.send(one)
    assert ("can be hard to hear" in kim.screen) == (phrase is not None)
    assert phrase is None or f'"{phrase}"' in kim.screen
    assert kim.labels[:2] == ["Send it", "Change it"]
    await kim.tap("Send it")
    await open_news(noor)
    assert "hard to hear" not in noor.screen
    assert text.split(maxsplit=1)[0] in noor.screen


async def test_after_two_not_quite_there_are_three_ways_on(paired: World) -> None:
    """Not quite, and again: then the speaker says it in other words, gives one more try, or leaves it there."""
    kim, noor = await begin(paired)
    await speak(kim, noor)
    for _ in range(2):
        await listen(noor, kim)
        await kim.tap("Not quite")
        if "Say it in other words" not in kim.labels:
            await open_news(noor)
            assert "Not quite it yet." in noor.screen
    assert kim.labels[:3] == ["Say it in other words", "One more try", "Leave it there and go on"]
    await kim.tap("Say it in other words")
    await speak(kim, noor)
    await listen(noor, kim)
    await kim.tap("Not quite")
    await open_news(noor)
    await listen(noor, kim)
    await kim.tap("Not quite")
    await kim.tap("One more try")
    await open_news(noor)
    await listen(noor, kim)
    await kim.tap("Not quite")
    await kim.tap("Leave it there and go on")
    await open_news(noor)
    assert noor.screen.startswith("Your turn to speak.")


@pytest.mark.parametrize("stopper", ["Kim", "Noor"])
async def test_either_may_stop_at_any_moment_without_a_reason(paired: World, stopper: str) -> None:
    """One tap, at once, whoever's turn it is; the other reads that it is over, and no word of blame."""
    kim, noor = await begin(paired)
    await speak(kim, noor)
    person, other = (kim, noor) if stopper == "Kim" else (noor, kim)
    await person.send("/talk")
    await person.tap("Stop")
    assert person.screen.startswith("The talk is over, at once and without a reason.")
    assert other.screen.startswith(OVER)
    assert person.name not in other.screen
    await other.send("/talk")
    assert other.screen.startswith("A talk in turns")


async def test_whoever_has_nothing_to_add_leaves_it_at_that(paired: World) -> None:
    """An appreciation is an offer: both may go on without one."""
    kim, noor = await begin(paired)
    await understood(kim, noor)
    await understood(noor, kim)
    await kim.tap("Nothing to add")
    await open_news(noor)
    await noor.tap("Nothing to add")
    assert noor.screen.startswith(COMPLETE)
    assert kim.screen.startswith(COMPLETE)


async def test_a_voice_and_a_picture_are_passed_on_as_they_are(paired: World) -> None:
    """Sent, looked at, tapped: then the other can have it shown, protected; before the tap there is nothing."""
    kim, noor = await begin(paired)
    kim.world.stand_in.send_voice(kim.user_id)
    await paired.settled()
    assert kim.screen.startswith("Noor would get exactly this:")
    await kim.tap("Send it")
    await open_news(noor)
    assert not [message for message in noor.from_bot if "voice" in message]
    await noor.tap("Show it")
    passed, shown = noor.from_bot[-2:]
    assert "voice" in passed
    assert passed["has_protected_content"]
    assert shown["text"].startswith("Kim says:")
    picture = BytesIO()
    Image.new("RGB", (32, 32), "teal").save(picture, "JPEG")
    noor.world.stand_in.send_photo(noor.user_id, picture.getvalue(), "my words")
    await paired.settled()
    await noor.tap("Send it")
    await open_news(kim)
    await kim.tap("Show it")
    assert "photo" in kim.from_bot[-2]
    assert kim.labels[:3] == ["Show it", "Yes, that is it", "Not quite"]


async def test_a_message_that_its_writer_has_deleted_is_passed_over(paired: World) -> None:
    """What is gone from the one chat cannot be shown in the other; the talk goes on."""
    kim, noor = await begin(paired)
    number = kim.world.stand_in.send_voice(kim.user_id)
    await paired.settled()
    await kim.tap("Send it")
    await open_news(noor)
    kim.world.stand_in.delete_for_both(kim.user_id, number)
    await noor.tap("Show it")
    assert noor.screen.startswith("Kim says:")
    await listen(noor, kim)


async def test_typed_text_is_taken_only_where_it_is_ones_turn_to_write(paired: World) -> None:
    """Out of turn, elsewhere, or out of a talk it gets the one constant answer and is kept nowhere."""
    kim, noor = await begin(paired)
    await noor.send("/talk")
    assert noor.screen.startswith("It is Kim's turn")
    await noor.send("I also want to say something")
    assert noor.screen.startswith("This chat works by buttons")
    await kim.tap("Menu")
    await kim.send("and another thing")
    assert kim.screen.startswith("This chat works by buttons")
    await kim.send("/talk")
    assert "another thing" not in kim.screen


async def test_a_text_that_is_too_long_is_not_taken(paired: World) -> None:
    """It says how much fits; nothing of it is kept, and a shorter one goes on."""
    kim, _noor = await begin(paired)
    await kim.send("x" * 701)
    assert "up to 700 characters" in kim.screen
    await kim.send("<b>y</b> & " * 60)
    assert kim.screen.startswith("When … <b>y</b> &")


async def test_days_may_pass_and_the_bot_may_restart(tmp_path: Path) -> None:
    """At every step the talk waits on the disk: one reminder after three days, and on it goes."""
    async with since(new_pair, tmp_path) as world:
        async with world.running():
            kim, noor = await begin(world)
            await kim.send(MOMENT)
        async with world.running():
            await kim.send(FEELING)
            await kim.send(WISH)
        async with world.running():
            await kim.tap("Send it")
        async with world.running():
            await open_news(noor)
            await noor.send("Something heard")
            await world.pass_time(timedelta(days=3, hours=1))
            reminders = [text for text in texts(noor) if text.startswith("Something is still there under /talk")]
            assert len(reminders) == 1
        async with world.running():
            await noor.send("/talk")
            assert "Something heard" in noor.screen
            await noor.tap("Send it")
            await open_news(kim)
            await kim.tap("Yes, that is it")


async def test_a_talk_that_nobody_moves_ends_kindly(paired: World) -> None:
    """After seven days both read that it is over, and what was written is gone."""
    kim, noor = await begin(paired)
    await kim.send(MOMENT)
    await paired.pass_time(timedelta(days=6, hours=23))
    assert not [text for text in texts(kim) + texts(noor) if text.startswith(OVER)]
    await paired.pass_time(timedelta(hours=2))
    for person in (kim, noor):
        assert len([text for text in texts(person) if text.startswith(OVER)]) == 1
    await kim.send("/talk")
    assert kim.screen.startswith("A talk in turns")


@pytest.mark.parametrize("how", ["leave", "delete", "block"])
async def test_when_one_goes_the_other_meets_only_silence(paired: World, how: str) -> None:
    """A partner who left, was deleted or blocked the bot leaves the talk as it was; it ends like any that nobody moves."""
    kim, noor = await begin(paired)
    await speak(kim, noor)
    await kim.send("/talk")
    usual = kim.screen
    if how == "block":
        paired.stand_in.block(noor.user_id)
    else:
        await noor.send(f"/{how}")
        await noor.tap("Leave" if how == "leave" else "Yes, delete everything")
    told = len(kim.from_bot)
    await paired.settled()
    assert len(kim.from_bot) == told
    await kim.send("/talk")
    assert kim.screen == usual
    await paired.pass_time(timedelta(days=7, hours=1))
    assert [text for text in texts(kim) if text.startswith(OVER)]


async def test_the_words_of_a_partner_who_went_stay_until_the_end(paired: World) -> None:
    """What was sent stays with its reader, also when the sender leaves before it was opened."""
    kim, noor = await begin(paired)
    for text in (MOMENT, FEELING, WISH):
        await kim.send(text)
    await kim.tap("Send it")
    await kim.send("/leave")
    await kim.tap("Leave")
    await open_news(noor)
    assert MOMENT in noor.screen
    await noor.send("Heard")
    await noor.tap("Send it")
    assert noor.screen.startswith("It is Kim's turn")


async def test_double_taps_and_old_buttons_change_nothing(paired: World) -> None:
    """Sending twice sends once, and a button of an earlier step only shows where the talk stands."""
    kim, noor = await begin(paired)
    for text in (MOMENT, FEELING, WISH):
        await kim.send(text)
    old = kim.last
    told = len(noor.from_bot)
    await kim.tap_twice("Send it")
    assert len(noor.from_bot) == told + 1
    await kim.forge("v1:talk.do:1:0:stop", message=old)
    await open_news(noor)
    assert noor.screen.startswith("Kim says:")


async def test_news_names_nobody_and_tells_nothing(paired: World) -> None:
    """What a lock screen could show is the same few words each time."""
    kim, noor = await begin(paired)
    await finish(kim, noor)
    for person in (kim, noor):
        news = [message for message in person.from_bot if message.get("text") == NEWS]
        assert len(news) > 2


async def test_the_words_of_a_partner_cannot_be_forwarded(paired: World) -> None:
    """Forwarding and saving are switched off wherever the other's words stand."""
    kim, noor = await begin(paired)
    await speak(kim, noor)
    assert noor.last["has_protected_content"]
    await listen(noor, kim)
    assert kim.last["has_protected_content"]


async def test_the_export_holds_ones_own_words_and_not_the_others(paired: World) -> None:
    """A talk that is open is in the file, with what one wrote oneself."""
    kim, noor = await begin(paired)
    await speak(kim, noor)
    await noor.send("An own draft")
    for person, own, other in ((kim, MOMENT, "An own draft"), (noor, "An own draft", MOMENT)):
        await person.send("/export")
        await person.tap("Everything as a file")
        file = paired.stand_in.file_bytes(person.last["file_path"]).decode()
        assert own in file
        assert other not in file


async def test_nobody_can_act_for_the_other(paired: World) -> None:
    """A tap that only the other may make shows where the talk stands, and does nothing."""
    kim, noor = await begin(paired)
    for text in (MOMENT, FEELING, WISH):
        await kim.send(text)
    sends = next(one["callback_data"] for row in kim.last["reply_markup"]["inline_keyboard"] for one in row)
    told = len(noor.from_bot)
    await noor.forge(sends)
    assert len(noor.from_bot) == told
    assert not [text for text in texts(noor) if MOMENT in text]
    await kim.tap("Send it")
    await open_news(noor)


async def test_a_day_of_offers_is_remembered_after_the_talk(paired: World) -> None:
    """Who asked today asks again tomorrow, however the talk went; the other may ask today."""
    kim, noor = await begin(paired)
    await kim.tap("Stop")
    await ask(kim)
    assert kim.screen.startswith("Noor was asked once today")
    await ask(noor)
    await open_news(kim)
    assert kim.screen.startswith("Noor would like to talk with you")


async def test_last_words_that_nobody_opens_leave_a_talk_complete(paired: World) -> None:
    """Where only the last words were still to be read, the end is that of a complete talk, for both."""
    kim, noor = await begin(paired)
    await understood(kim, noor)
    await understood(noor, kim)
    await kim.tap("Nothing to add")
    await open_news(noor)
    await noor.send("Your patience")
    await noor.tap("Send it")
    await paired.pass_time(timedelta(days=7, hours=1))
    for person in (kim, noor):
        assert any(text.startswith(COMPLETE) for text in texts(person))
        assert not [text for text in texts(person) if text.startswith(OVER)]


async def test_whoever_waits_learns_nothing_of_what_is_being_written(paired: World) -> None:
    """While one writes and changes, the other's screen and buttons stay what they were, and an old Stop still stops."""
    kim, noor = await begin(paired)
    await noor.send("/talk")
    before = noor.last
    await kim.send(MOMENT)
    await kim.tap("Change it")
    for text in (MOMENT, FEELING, WISH):
        await kim.send(text)
    await noor.send("/talk")
    assert (noor.last["text"], noor.last["reply_markup"]) == (before["text"], before["reply_markup"])
    await noor.tap("Stop", message=noor.last)
    assert noor.screen.startswith("The talk is over, at once and without a reason.")
