from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dance import talk as rules
from bot.dance.talk import PRIVATE, TABLE, can, move, next_at, tick, turn
from bot.dance.turns import (
    AUTOMATIC,
    EXPIRES_AFTER,
    HORIZON,
    MINUTES,
    REMIND_AFTER,
    End,
    Event,
    Side,
    Stage,
    Talk,
    Way,
    begin,
)
from tests.diagram import diagram
from tests.unit.pages import page

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ASKER, ASKED = Side
BY_HAND = [event for event in Event if event not in AUTOMATIC]

doings = st.tuples(
    st.sampled_from(BY_HAND),
    st.sampled_from(Side),
    st.integers(-1, 1),
    st.sampled_from([0, 1, 60, 301, 3_601, 3 * 86_400, 8 * 86_400]),
    st.sampled_from([*MINUTES, 0, 600]),
    st.sampled_from([-1, 1, 24, 24 * 8]),
)
histories = st.tuples(st.sampled_from(Way), st.lists(doings, max_size=40))


def told(history: tuple[Way, list[tuple[Event, Side, int, int, int, int]]]) -> list[tuple[Talk, datetime]]:
    """Every talk that a history leads through, and when; most of what is done in it does not fit."""
    way, done = history
    now = NOW
    talk = begin(way, now)
    states = [(talk, now)]
    for event, side, lag, seconds, minutes, hours in done:
        now += timedelta(seconds=seconds)
        talk = tick(talk, now)
        states.append((talk, now))
        talk = move(talk, event, side, talk.step + lag, now, minutes=minutes, meet_at=now + hours * HOUR)
        states.append((talk, now))
    return states


def fitting(talk: Talk) -> list[tuple[Event, Side]]:
    """What each of the two could do now."""
    return [(event, side) for event in BY_HAND for side in Side if can(talk, event, side)]


@given(histories)
def test_whatever_happens_the_rules_of_a_talk_hold(
    history: tuple[Way, list[tuple[Event, Side, int, int, int, int]]],
) -> None:
    """At every moment either can stop at once; it is somebody's turn, or the clock's; and a stale event changes nothing."""
    for talk, now in told(history):
        if talk.stage is Stage.ENDED:
            assert talk.end is not None
            assert (turn(talk), next_at(talk), fitting(talk)) == (frozenset(), None, [])
            continue
        assert talk.end is None
        for side in Side:
            assert move(talk, Event.STOP, side, talk.step, now).end is End.STOPPED
        assert turn(talk) or talk.stage is Stage.ARRANGED
        due = next_at(talk)
        assert due is not None
        for event, side in fitting(talk):
            for other in (talk.step - 1, talk.step + 1):
                stale = move(talk, event, side, other, now, meet_at=now + HOUR)
                assert stale is talk or (event is Event.STOP and stale.end is End.STOPPED)


@given(histories)
def test_what_is_written_and_not_sent_is_nobodys_business(
    history: tuple[Way, list[tuple[Event, Side, int, int, int, int]]],
) -> None:
    """To write and to change leaves all that the other has, and all that the clock will do, as it was."""
    for talk, now in told(history):
        for event, side in fitting(talk):
            after = move(talk, event, side, talk.step, now + HOUR)
            if event in PRIVATE and after is not talk:
                other = side.other
                assert rules.step_of(after, other) == rules.step_of(talk, other)
                assert (other in turn(after)) == (other in turn(talk)) == False  # noqa: E712
                assert next_at(after) == next_at(talk)
                assert {one for one, who in fitting(after) if who is other} == {Event.STOP}


@given(histories)
def test_doing_the_same_twice_is_doing_it_once(
    history: tuple[Way, list[tuple[Event, Side, int, int, int, int]]],
) -> None:
    """A second tap on the same button changes nothing more."""
    for talk, now in told(history):
        for event, side in fitting(talk):
            once = move(talk, event, side, talk.step, now, meet_at=now + HOUR)
            assert move(once, event, side, talk.step, now, meet_at=now + HOUR) == once


@given(histories)
def test_left_alone_every_talk_ends_by_itself(
    history: tuple[Way, list[tuple[Event, Side, int, int, int, int]]],
) -> None:
    """From wherever it stands the clock alone leads a talk to its end, with one reminder at the most on the way."""
    talk, now = told(history)[-1]
    reminders = 0
    for _ in range(5):
        due = next_at(talk)
        if due is None:
            break
        assert due <= max(now, talk.moved_at) + HORIZON + EXPIRES_AFTER
        before, now = talk, max(now, due)
        talk = tick(talk, now)
        reminders += talk.reminded and not before.reminded
    assert talk.stage is Stage.ENDED
    assert reminders <= 1


@given(histories)
def test_every_talk_can_be_finished(history: tuple[Way, list[tuple[Event, Side, int, int, int, int]]]) -> None:
    """From wherever it stands two willing people reach the close in a few moves: there is no dead end."""
    talk, now = told(history)[-1]
    willing = (
        Event.CONFIRM,
        Event.ACCEPT,
        Event.HERE,
        Event.BEGIN,
        Event.DONE,
        Event.GOT_IT,
        Event.LET_BE,
        Event.SEND,
        Event.SAY,
    )
    for _ in range(30):
        if talk.stage is Stage.ENDED:
            return
        if talk.stage is Stage.ARRANGED:
            now = max(now, next_at(talk) or now)
            talk = tick(talk, now)
            continue
        event, side = next(
            (event, side) for event in willing for side in Side if can(talk, event, side) and side in turn(talk)
        )
        talk = move(talk, event, side, talk.step, now)
    raise AssertionError(f"stuck in {talk}")


@given(histories)
def test_a_talk_is_read_as_it_was_written(
    history: tuple[Way, list[tuple[Event, Side, int, int, int, int]]],
) -> None:
    """Every talk that can come about survives being kept."""
    for talk, _ in told(history):
        assert Talk.from_json(talk.to_json()) == talk


@given(histories)
def test_every_step_is_one_that_the_table_names(
    history: tuple[Way, list[tuple[Event, Side, int, int, int, int]]],
) -> None:
    """No move leads anywhere but where its rule says, so the diagram tells the truth."""
    states = told(history)
    for talk, now in states:
        for event, side in fitting(talk):
            rule = rules.rule_for(talk.stage, event)
            assert rule is not None
            after = move(talk, event, side, talk.step, now, meet_at=now + HOUR)
            assert after is talk or after.stage in rule.to


def reached() -> tuple[set[tuple[Stage, Stage]], set[Stage]]:
    """Every way between stages that two people can go, tried one by one."""
    ways: set[tuple[Stage, Stage]] = set()
    open_, seen = [begin(way, NOW) for way in Way], set()
    while open_:
        talk = open_.pop()
        key = (talk.way, talk.stage, talk.floor, talk.part, talk.tries, talk.resume, talk.proposer, talk.here)
        if key in seen:
            continue
        seen.add(key)
        after = [move(talk, event, side, talk.step, NOW, meet_at=NOW + HOUR) for event, side in fitting(talk)]
        due = next_at(talk)
        for one in [*after, *([tick(talk, due)] if due else [])]:
            ways.add((talk.stage, one.stage))
            open_.append(one if one.stage is not Stage.ENDED else talk)
    return ways, {stage for way in ways for stage in way}


def test_every_way_that_the_table_names_can_be_gone() -> None:
    """The table promises nothing that cannot happen, and no stage is out of reach."""
    ways, stages = reached()
    assert stages == set(Stage)
    assert {(stage, to) for (stage, _event), rule in TABLE.items() for to in rule.to} - ways == set()


def go(talk: Talk, *steps: tuple[Event, Side]) -> Talk:
    """The talk after some moves, each of which must count."""
    for event, side in steps:
        after = move(talk, event, side, talk.step, talk.moved_at, meet_at=talk.moved_at + HOUR)
        assert after != talk, (event, side, talk.stage)
        talk = after
    return talk


def spoken(side: Side) -> tuple[tuple[Event, Side], ...]:
    """One speaks apart and is understood at once."""
    other = side.other
    says = [(Event.SAY, side)] * 3
    return (*says, (Event.SEND, side), (Event.SAY, other), (Event.SEND, other), (Event.GOT_IT, side))


def test_apart_both_speak_listen_and_say_what_they_value() -> None:
    """The asker speaks first, then the other; in the same order each may say what they value, and it is finished."""
    talk = go(begin(Way.APART, NOW), (Event.ACCEPT, ASKED), *spoken(ASKER))
    assert (talk.stage, talk.floor) == (Stage.MOMENT, ASKED)
    talk = go(talk, *spoken(ASKED))
    assert (talk.stage, talk.floor) == (Stage.VALUING, ASKER)
    talk = go(talk, (Event.SAY, ASKER), (Event.SEND, ASKER))
    assert (talk.stage, talk.floor) == (Stage.VALUING, ASKED)
    assert go(talk, (Event.LET_BE, ASKED)).end is End.FINISHED
    talk = go(talk, (Event.SAY, ASKED), (Event.SEND, ASKED))
    assert (talk.stage, turn(talk)) == (Stage.PARTING, {ASKER})
    assert go(talk, (Event.DONE, ASKER)).end is End.FINISHED


def test_how_often_a_text_was_changed_goes_nowhere() -> None:
    """Once it is sent, nothing of the talk, not even the number on a button, tells how its writer came to it."""
    talk = go(begin(Way.APART, NOW), (Event.ACCEPT, ASKED))
    changed = go(talk, (Event.SAY, ASKER), (Event.CHANGE, ASKER), *spoken(ASKER)[:3], (Event.CHANGE, ASKER))
    assert changed.step > talk.step
    assert go(changed, *spoken(ASKER)[:4]) == go(talk, *spoken(ASKER)[:4])


def test_after_the_second_not_quite_the_speaker_may_say_it_otherwise() -> None:
    """The listener tries twice; then the speaker chooses between other words, one more try and letting it be."""
    talk = go(begin(Way.APART, NOW), (Event.ACCEPT, ASKED), *spoken(ASKER)[:-1], (Event.NOT_QUITE, ASKER))
    assert talk.stage is Stage.HEARING
    talk = go(talk, (Event.SAY, ASKED), (Event.SEND, ASKED), (Event.NOT_QUITE, ASKER))
    assert (talk.stage, turn(talk)) == (Stage.REPHRASING, {ASKER})
    assert go(talk, (Event.REPHRASE, ASKER)).stage is Stage.MOMENT
    assert go(talk, (Event.NOT_QUITE, ASKER)).stage is Stage.HEARING
    assert go(talk, (Event.LET_BE, ASKER)).floor is ASKED


def test_together_either_phone_will_do() -> None:
    """In one room either may tap for both: five minutes, said back, the other's five minutes, and the close."""
    talk = go(begin(Way.TOGETHER, NOW), (Event.ACCEPT, ASKED), (Event.FIRST, ASKER), (Event.BEGIN, ASKER))
    assert (talk.floor, talk.until) == (ASKED, NOW + timedelta(minutes=5))
    talk = tick(talk, NOW + timedelta(minutes=5))
    assert talk.stage is Stage.ECHOING
    talk = go(talk, (Event.GOT_IT, ASKER), (Event.BEGIN, ASKED), (Event.DONE, ASKER), (Event.GOT_IT, ASKED))
    assert talk.stage is Stage.CLOSING
    assert go(talk, (Event.DONE, ASKER)).end is End.FINISHED


@pytest.mark.parametrize("minutes", MINUTES)
def test_a_turn_lasts_as_long_as_was_chosen(minutes: int) -> None:
    """The length can be chosen before a turn; an odd length is none."""
    talk = go(begin(Way.TOGETHER, NOW), (Event.ACCEPT, ASKED))
    talk = move(talk, Event.LENGTH, ASKED, talk.step, NOW, minutes=minutes)
    assert move(talk, Event.LENGTH, ASKED, talk.step, NOW, minutes=99) is talk
    assert go(talk, (Event.BEGIN, ASKER)).until == NOW + timedelta(minutes=minutes)


def test_who_was_speaking_cannot_be_swapped_half_way() -> None:
    """Who speaks first is open only before the first turn."""
    talk = go(
        begin(Way.TOGETHER, NOW),
        (Event.ACCEPT, ASKED),
        (Event.BEGIN, ASKER),
        (Event.DONE, ASKER),
        (Event.GOT_IT, ASKER),
    )
    assert move(talk, Event.FIRST, ASKER, talk.step, NOW) is talk


def test_a_time_is_kept_only_if_both_say_so() -> None:
    """Not now, but then: the other confirms, the hour comes, and the talk begins when both are there."""
    talk = go(begin(Way.APART, NOW), (Event.PROPOSE, ASKED))
    assert turn(talk) == {ASKER}
    talk = go(talk, (Event.CONFIRM, ASKER))
    assert (turn(talk), next_at(talk)) == (frozenset(), NOW + HOUR)
    assert tick(talk, NOW + HOUR - timedelta(seconds=1)) is talk
    talk = tick(talk, NOW + HOUR)
    one = go(talk, (Event.HERE, ASKER))
    assert (one.stage, turn(one), one.step) == (Stage.GATHERING, {ASKED}, talk.step)
    assert go(one, (Event.HERE, ASKED)).stage is Stage.MOMENT


def test_a_talk_that_is_put_off_goes_on_where_it_was() -> None:
    """A time to come back keeps what was done: a turn that was broken off begins anew."""
    talk = go(
        begin(Way.TOGETHER, NOW),
        (Event.ACCEPT, ASKED),
        (Event.BEGIN, ASKER),
        (Event.DONE, ASKER),
        (Event.GOT_IT, ASKER),
    )
    talk = go(talk, (Event.BEGIN, ASKER), (Event.PROPOSE, ASKED), (Event.CONFIRM, ASKER))
    talk = go(tick(talk, NOW + HOUR), (Event.HERE, ASKER), (Event.HERE, ASKED))
    assert (talk.stage, talk.part, talk.floor, talk.until) == (Stage.SETTING, 1, ASKED, None)


@pytest.mark.parametrize("when", [NOW, NOW - HOUR, NOW + HORIZON + HOUR])
def test_a_time_that_is_past_or_too_far_is_no_proposal(when: datetime) -> None:
    """A forged time changes nothing."""
    talk = begin(Way.APART, NOW)
    assert move(talk, Event.PROPOSE, ASKED, talk.step, NOW, meet_at=when) is talk


def test_not_now_leaves_nothing_that_the_other_could_find() -> None:
    """Who does not want now only gets no reminder: step, times, turn and all the other can do stay what they were."""
    talk = begin(Way.TOGETHER, NOW)
    muted = move(talk, Event.NOT_NOW, ASKED, talk.step, NOW + HOUR)
    assert muted.muted == {ASKED}
    assert (muted.step, muted.stage, muted.moved_at, turn(muted)) == (talk.step, talk.stage, NOW, turn(talk))
    assert next_at(muted) == next_at(talk) == NOW + REMIND_AFTER
    assert fitting(muted) == fitting(talk)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"way": "sideways"}'])
def test_what_is_no_talk_is_refused(text: str) -> None:
    """Nothing is taken for a talk that was not written as one."""
    with pytest.raises(ValueError):  # noqa: PT011 -- any kind of it
        Talk.from_json(text)


def test_the_diagram_in_the_docs_is_the_table() -> None:
    """docs/talk.md shows what the table says, line by line; `python -m tests.diagram` prints it."""
    assert diagram() in page("docs/talk.md")
