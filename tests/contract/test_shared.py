import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from storage import checkins, couples, rounds, shared
from storage.records import Choice, Couple, Level, Person, Round, SharedView
from storage.store import Store
from tests.contract.people import NOW, RESULT, add_couple, add_person, add_round, show


async def view(store: Store, reader: Person, couple: Couple, week: Round) -> SharedView | None:
    """What a reader may see."""
    return await store.read(lambda tx: shared.view(tx, reader_id=reader.id, couple=couple, round=week))


def test_a_result_is_cut_down_to_what_is_named() -> None:
    """Whatever else a result holds, at SIZES only whole numbers pass, and at WORDS the wording too."""
    sizes = {"I": {"size": 61, "low": 48, "high": 73}, "you": {"size": 41, "low": 30, "high": 52}}
    assert json.loads(shared.cut(RESULT, Level.SIZES)) == sizes
    assert json.loads(shared.cut(RESULT, Level.WORDS)) == {**sizes, "wording": ["named", "isolated"]}
    assert json.loads(shared.cut(RESULT, Level.NOTHING)) == {}


@pytest.mark.parametrize("mine", list(Level))
@pytest.mark.parametrize("theirs", list(Level))
async def test_each_sees_the_other_at_the_level_that_the_other_chose(store: Store, mine: Level, theirs: Level) -> None:
    """There is a view only if both chose to show; the partner's level cuts it, and words both ways bring the wish."""
    kim, alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    assert await view(store, kim, couple, week) is None
    await show(store, kim, week, mine)
    assert await view(store, kim, couple, week) is None
    assert await view(store, alex, couple, week) is None
    await show(store, alex, week, theirs)
    found = await view(store, kim, couple, week)
    both = Level.NOTHING not in (mine, theirs)
    assert await store.read(lambda tx: shared.both_show(tx, couple, week)) is both
    if not both:
        assert found is None
        return
    wish = "closeness" if mine is theirs is Level.WORDS else None
    assert found == SharedView(
        round_id=week.id, partner_name="Alex", level=theirs, result=shared.cut(RESULT, theirs), wish=wish
    )


@pytest.mark.parametrize(
    ("mine", "theirs", "common"),
    [
        ("closeness", "closeness", "closeness"),
        ("room", "closeness", None),
        ("quiet", "quiet", None),
        (None, None, None),
    ],
)
async def test_a_wish_is_shown_only_if_both_wished_the_same(
    store: Store, mine: str | None, theirs: str | None, common: str | None
) -> None:
    """Different wishes, no wish, or a wish not to say are never shown."""
    kim, alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    for person, wish in ((kim, mine), (alex, theirs)):
        await show(store, person, week, Level.WORDS, json.dumps({**json.loads(RESULT), "wish": wish}))
    found = await view(store, kim, couple, week)
    assert found is not None
    assert found.wish == common


async def test_a_doubtful_result_of_either_opens_nothing(store: Store) -> None:
    """If one of the two answered carelessly, neither sees anything."""
    kim, alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    await show(store, kim, week, Level.WORDS, json.dumps({**json.loads(RESULT), "weight": 0.3}))
    await show(store, alex, week, Level.WORDS)
    assert await view(store, kim, couple, week) is None
    assert await view(store, alex, couple, week) is None


async def test_a_choice_about_somebody_elses_check_in_shows_nothing(store: Store) -> None:
    """A choice that names a check-in of the other, or one that is gone, opens nothing."""
    kim, alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    await show(store, kim, week, Level.WORDS)
    await show(store, alex, week, Level.WORDS)
    kims = await store.read(lambda tx: checkins.latest(tx, kim.id))
    assert kims is not None
    forged = Choice(person_id=alex.id, round_id=week.id, check_in_id=kims.id, level=Level.WORDS, chosen_at=NOW)
    await store.write(lambda tx: rounds.choose(tx, forged))
    assert await view(store, kim, couple, week) is None
    await store.write(lambda tx: checkins.drop(tx, kims))
    assert await view(store, alex, couple, week) is None


async def test_after_a_quiet_leave_there_is_nothing_to_see(store: Store) -> None:
    """Who left takes their choices out, and who stayed sees what silence looks like."""
    kim, alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    await show(store, kim, week, Level.WORDS)
    await show(store, alex, week, Level.WORDS)
    await store.write(lambda tx: couples.leave(tx, couple, kim.id, NOW))
    left = await store.read(lambda tx: couples.require(tx, alex.id))
    assert await view(store, alex, left, week) is None
    assert not await store.read(lambda tx: shared.both_show(tx, left, week))


async def test_a_view_of_another_couples_round_is_empty(store: Store) -> None:
    """A round is looked at only through its own couple."""
    kim, alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    await show(store, kim, week, Level.WORDS)
    await show(store, alex, week, Level.WORDS)
    await store.write(lambda tx: couples.close(tx, couple, NOW))
    again = await store.write(
        lambda tx: couples.pair(tx, inviter=kim, invitee=alex, inviter_name="Kim", invitee_name="Alex", now=NOW)
    )
    assert await view(store, kim, again, week) is None


async def test_a_choice_can_be_changed_until_the_round_opens(store: Store) -> None:
    """The last choice counts; once the comparison is open nothing changes it."""
    kim, _alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    await show(store, kim, week, Level.WORDS)
    chosen = await store.read(lambda tx: rounds.choice(tx, week.id, kim.id))
    assert chosen is not None
    later = Choice(
        person_id=kim.id,
        round_id=week.id,
        check_in_id=chosen.check_in_id,
        level=Level.NOTHING,
        chosen_at=NOW + timedelta(seconds=30),
    )
    assert await store.write(lambda tx: rounds.choose(tx, later))
    assert await store.read(lambda tx: rounds.choice(tx, week.id, kim.id)) == later
    assert await store.read(lambda tx: rounds.choices_of(tx, kim.id)) == [later]
    assert await store.write(lambda tx: rounds.mark_opened(tx, week, NOW))
    assert not await store.write(lambda tx: rounds.choose(tx, chosen))
    assert await store.read(lambda tx: rounds.choice(tx, week.id, kim.id)) == later


async def test_a_round_ends_once(store: Store) -> None:
    """A comparison or silence: the first stands. A number is given once in a couple."""
    _kim, _alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    assert await store.read(lambda tx: rounds.get(tx, week.id)) == week
    assert await store.write(lambda tx: rounds.mark_silent(tx, week, NOW))
    assert not await store.write(lambda tx: rounds.mark_opened(tx, week, NOW))
    assert not await store.write(lambda tx: rounds.mark_silent(tx, week, NOW))
    with pytest.raises(IntegrityError):
        await add_round(store, couple)
    following = await add_round(store, couple, 1)
    assert await store.read(lambda tx: rounds.current(tx, couple.id)) == following
    assert await store.read(lambda tx: rounds.get(tx, 99)) is None
    assert await store.read(lambda tx: rounds.current(tx, 99)) is None


async def test_silent_rounds_are_counted_since_the_last_comparison(store: Store) -> None:
    """A comparison begins the count anew; a round that has not ended does not count."""
    _kim, _alex, couple = await add_couple(store)

    async def silent() -> int:
        return await store.read(lambda tx: rounds.silent_in_a_row(tx, couple.id))

    assert await silent() == 0
    for number, opens in enumerate((False, False, True, False, False, False)):
        week = await add_round(store, couple, number)
        end = rounds.mark_opened if opens else rounds.mark_silent
        await store.write(lambda tx, week=week, end=end: end(tx, week, NOW))
    await add_round(store, couple, 6)
    assert await silent() == 3


async def test_the_hours_of_silent_rounds_are_told(store: Store) -> None:
    """Of one couple's rounds that ended without a comparison, those revealed since an instant."""
    _kim, _alex, couple = await add_couple(store)
    weeks = [await add_round(store, couple, number) for number in range(4)]
    for week, end in zip(weeks, (rounds.mark_silent, rounds.mark_opened, rounds.mark_silent), strict=False):
        await store.write(lambda tx, week=week, end=end: end(tx, week, NOW))

    async def since(instant: datetime) -> list[datetime]:
        return sorted(await store.read(lambda tx: rounds.silent_since(tx, couple.id, instant)))

    assert await since(NOW) == [weeks[0].reveal_at, weeks[2].reveal_at]
    assert await since(weeks[2].reveal_at) == [weeks[2].reveal_at]
    assert await store.read(lambda tx: rounds.silent_since(tx, 99, NOW)) == []


async def test_keepsakes_come_newest_first_and_fade(store: Store) -> None:
    """Each reader has their own; the first of a round stands, and after 52 weeks it is gone."""
    kim, alex, couple = await add_couple(store)
    weeks = [await add_round(store, couple, number) for number in range(3)]
    for week in weeks:
        await store.write(
            lambda tx, week=week: shared.keep(
                tx, reader_id=kim.id, round_id=week.id, opened_at=week.begins_at, content=f"week {week.number}"
            )
        )
    await store.write(
        lambda tx: shared.keep(tx, reader_id=kim.id, round_id=weeks[0].id, opened_at=NOW, content="again")
    )
    kept = await store.read(lambda tx: shared.kept(tx, kim.id, 2))
    assert [keepsake.content for keepsake in kept] == ["week 2", "week 1"]
    assert await store.read(lambda tx: shared.kept(tx, alex.id, 2)) == []
    assert await store.write(lambda tx: shared.fade(tx, NOW + timedelta(days=8))) == 2
    assert [each.content for each in await store.read(lambda tx: shared.kept(tx, kim.id, 9))] == ["week 2"]


async def test_closed_couples_go_with_their_last_keepsake(store: Store) -> None:
    """A couple that closed long ago is deleted once nothing of it is kept any more."""
    kim, _alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    await store.write(
        lambda tx: shared.keep(
            tx, reader_id=kim.id, round_id=week.id, opened_at=NOW + timedelta(days=1), content="kept"
        )
    )
    await store.write(lambda tx: couples.close(tx, couple, NOW))
    await store.write(lambda tx: shared.fade(tx, NOW + timedelta(hours=1)))
    assert await store.read(lambda tx: couples.find(tx, couple.id)) is not None
    await store.write(lambda tx: shared.fade(tx, NOW + timedelta(days=2)))
    assert await store.read(lambda tx: couples.find(tx, couple.id)) is None


async def test_what_two_shared_is_only_the_readers_own_and_only_of_their_latest_pair(store: Store) -> None:
    """Oldest first, without another reader's copies and without those of an earlier pair; another's leaving takes none."""
    kim, alex, couple = await add_couple(store)
    assert await store.read(lambda tx: shared.together(tx, kim.id)) == []
    former = [await add_round(store, couple, number) for number in range(2)]

    async def keep(reader: Person, week: Round, content: str) -> None:
        at = week.begins_at
        await store.write(
            lambda tx: shared.keep(tx, reader_id=reader.id, round_id=week.id, opened_at=at, content=content)
        )

    for week, content in zip(former, ("first", "second"), strict=True):
        await keep(kim, week, content)
        await keep(alex, week, "not Kim's")
    await store.write(lambda tx: couples.leave(tx, couple, alex.id, NOW))
    kept = await store.read(lambda tx: shared.together(tx, kim.id))
    assert [one.content for one in kept] == ["first", "second"]
    await store.write(lambda tx: couples.leave(tx, couple, kim.id, NOW))
    sam = await add_person(store, 3)
    later = await store.write(
        lambda tx: couples.pair(tx, inviter=kim, invitee=sam, inviter_name="Kim", invitee_name="Sam", now=NOW)
    )
    assert await store.read(lambda tx: shared.together(tx, kim.id)) == kept
    await keep(kim, await add_round(store, later, 2), "with Sam")
    kept = await store.read(lambda tx: shared.together(tx, kim.id))
    assert [one.content for one in kept] == ["with Sam"]
