import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from storage import couples, invites, people, rounds
from storage.errors import AlreadyPaired, NotFound
from storage.invites import CROCKFORD
from storage.records import Couple, Level, Person, Seat
from storage.store import Store, Tx
from storage.tables import invite_attempt
from tests.contract.people import NOW, add_couple, add_person, add_round, show


def accept(tx: Tx, code: str, person: Person) -> Couple | None:
    """What accepting an invitation comes to."""
    invited = invites.find(tx, code)
    assert invited is not None
    if not invites.claim(tx, invited, person.id, NOW):
        return None
    inviter = people.get(tx, invited.inviter_id)
    return couples.pair(
        tx, inviter=inviter, invitee=person, inviter_name=invites.name(tx, invited), invitee_name="Alex", now=NOW
    )


async def invite(store: Store, person: Person) -> invites.Codes:
    """Invite somebody, and tell the codes."""
    return await store.write(lambda tx: invites.codes(tx, invites.add(tx, inviter_id=person.id, name="Kim", now=NOW)))


async def test_an_invitation_is_found_by_both_codes(store: Store) -> None:
    """The link's code and the short one, however it was read aloud, lead to the same invitation and its name."""
    kim = await add_person(store, 1)
    codes = await invite(store, kim)
    expected = await store.read(lambda tx: invites.open_of(tx, kim.id, NOW))
    assert expected is not None
    spoken = f" {codes.short[:4].lower()}-{codes.short[4:].lower()} "
    misheard = codes.short.replace("1", "l").replace("0", "O")
    for code in (codes.link, codes.short, spoken, misheard):
        assert await store.read(lambda tx, code=code: invites.find(tx, code)) == expected
    assert await store.read(lambda tx: invites.find(tx, "nonsense")) is None
    assert await store.read(lambda tx: invites.name(tx, expected)) == "Kim"
    assert await store.read(lambda tx: invites.codes(tx, expected)) == codes
    assert len(codes.link) == 22
    assert len(codes.short) == 8
    assert set(codes.short) <= set(CROCKFORD)


async def test_a_person_has_one_open_invitation(store: Store) -> None:
    """A new invitation ends the one before, whose codes then serve nobody."""
    kim, alex = await add_person(store, 1), await add_person(store, 2)
    first, second = await invite(store, kim), await invite(store, kim)
    assert first != second
    assert await store.write(lambda tx: accept(tx, first.link, alex)) is None
    assert await store.write(lambda tx: accept(tx, second.link, alex)) is not None


async def test_an_invitation_ends_after_seven_days_or_when_withdrawn(store: Store) -> None:
    """Late, withdrawn or one's own, an invitation cannot be claimed."""
    kim, alex = await add_person(store, 1), await add_person(store, 2)
    await invite(store, kim)
    open_one = await store.read(lambda tx: invites.open_of(tx, kim.id, NOW))
    assert open_one is not None
    late = NOW + timedelta(days=7)
    assert invites.is_open(open_one, late - timedelta(seconds=1))
    assert not invites.is_open(open_one, late)
    assert await store.read(lambda tx: invites.open_of(tx, kim.id, late)) is None
    assert not await store.write(lambda tx: invites.claim(tx, open_one, alex.id, late))
    assert not await store.write(lambda tx: invites.claim(tx, open_one, kim.id, NOW))
    assert await store.write(lambda tx: invites.withdraw(tx, open_one, NOW))
    assert not await store.write(lambda tx: invites.withdraw(tx, open_one, NOW))
    assert not await store.write(lambda tx: invites.claim(tx, open_one, alex.id, NOW))
    assert await store.read(lambda tx: invites.open_of(tx, kim.id, NOW)) is None


async def test_of_two_people_with_one_code_one_is_paired(store: Store) -> None:
    """However closely two people accept the same code, exactly one of them is paired."""
    kim = await add_person(store, 1)
    rivals = [await add_person(store, number) for number in range(2, 8)]
    codes = await invite(store, kim)
    results = await asyncio.gather(
        *(store.write(lambda tx, rival=rival: accept(tx, codes.link, rival)) for rival in rivals)
    )
    [pair] = [result for result in results if result is not None]
    assert await store.read(lambda tx: couples.of(tx, kim.id)) == pair


async def test_of_two_codes_that_one_person_accepts_one_counts(store: Store) -> None:
    """Someone who accepts two codes at once is paired once, and the other invitation stays open."""
    kim, alex, robin = [await add_person(store, number) for number in (1, 2, 3)]
    codes = [await invite(store, kim), await invite(store, alex)]
    results = await asyncio.gather(
        *(store.write(lambda tx, code=code: accept(tx, code.link, robin)) for code in codes), return_exceptions=True
    )
    assert {type(result) for result in results} == {Couple, AlreadyPaired}
    loser = (kim, alex)[[isinstance(result, AlreadyPaired) for result in results].index(True)]
    assert await store.read(lambda tx: invites.open_of(tx, loser.id, NOW)) is not None
    assert await store.read(lambda tx: couples.of(tx, loser.id)) is None


async def test_pairing_ends_other_invitations_of_both(store: Store) -> None:
    """Whoever is paired no longer invites anybody."""
    kim, alex = await add_person(store, 1), await add_person(store, 2)
    codes, others = await invite(store, kim), await invite(store, alex)
    await store.write(lambda tx: accept(tx, codes.link, alex))
    assert await store.read(lambda tx: invites.open_of(tx, alex.id, NOW)) is None
    found = await store.read(lambda tx: invites.find(tx, others.link))
    assert found is not None
    assert found.withdrawn_at == NOW


async def test_codes_cannot_be_tried_without_end(store: Store) -> None:
    """After ten codes in an hour a person waits; after an hour the attempts are forgotten."""
    kim, alex = await add_person(store, 1), await add_person(store, 2)
    for _ in range(10):
        assert not await store.read(lambda tx: invites.too_many_attempts(tx, kim.id, NOW))
        await store.write(lambda tx: invites.note_attempt(tx, kim.id, NOW))
    assert await store.read(lambda tx: invites.too_many_attempts(tx, kim.id, NOW))
    assert not await store.read(lambda tx: invites.too_many_attempts(tx, alex.id, NOW))
    later = NOW + timedelta(hours=1)
    assert not await store.read(lambda tx: invites.too_many_attempts(tx, kim.id, later))


async def test_all_together_cannot_try_codes_without_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many people who try few codes each are stopped too."""
    monkeypatch.setattr(invites, "ATTEMPTS_ALL", 3)
    everybody = [await add_person(store, number) for number in range(1, 4)]
    for person in everybody:
        await store.write(lambda tx, person=person: invites.note_attempt(tx, person.id, NOW))
    assert await store.read(lambda tx: invites.too_many_attempts(tx, 99, NOW))
    assert await store.read(lambda tx: invites.too_many_attempts(tx, None, NOW))


async def test_strangers_tries_count_without_a_name(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What strangers try counts for the limit of all, and nothing is kept of them but that they tried."""
    monkeypatch.setattr(invites, "ATTEMPTS_ALL", 3)
    kim = await add_person(store, 1)
    for number in range(3):
        assert not await store.read(lambda tx: invites.too_many_attempts(tx, None, NOW)), number
        await store.write(lambda tx: invites.note_attempt(tx, None, NOW))
    assert await store.read(lambda tx: invites.too_many_attempts(tx, None, NOW))
    assert await store.read(lambda tx: invites.too_many_attempts(tx, kim.id, NOW))
    rows = await store.read(lambda tx: tx.connection.execute(select(invite_attempt)).all())
    assert {row.person_id for row in rows} == {None}


def test_only_short_codes_can_be_guessed() -> None:
    """What could be a short code, however it is written, is limited; what is as long as a link's is not."""
    for code in ("ABCD EFGH", "abcd-efgh", "ABCDEFGH", "https://t.me/bot?start=ABCDEFGH", "A"):
        assert invites.can_be_guessed(code)
    for code in ("A" * 22, f"https://t.me/bot?start={'A' * 22}"):
        assert not invites.can_be_guessed(code)


async def test_the_operators_own_link_never_changes(store: Store) -> None:
    """The door code is the same each time, fits a link, and is no invitation."""
    code = await store.read(invites.door_code)
    assert await store.read(invites.door_code) == code
    assert len(code) == 22
    assert await store.read(lambda tx: invites.is_door_code(tx, f" {code}\n"))
    assert not await store.read(lambda tx: invites.is_door_code(tx, code[:-1]))
    assert not await store.read(lambda tx: invites.is_door_code(tx, "ü"))
    assert await store.read(lambda tx: invites.find(tx, code)) is None


async def test_each_of_a_couple_sees_the_names_that_were_given(store: Store) -> None:
    """Who invited sits first; each knows the other's name and their own."""
    kim, alex, couple = await add_couple(store)
    assert [seat.person_id for seat in couple.seats] == [kim.id, alex.id]
    assert await store.read(lambda tx: couples.require(tx, alex.id)) == couple
    for reader, own, partner in ((kim, "Kim", "Alex"), (alex, "Alex", "Kim")):
        assert await store.read(lambda tx, who=reader: couples.own_name(tx, couple, who.id)) == own
        assert await store.read(lambda tx, who=reader: couples.partner_name(tx, couple, who.id)) == partner


async def test_a_seat_takes_over_slot_zone_and_quiet_hours(store: Store) -> None:
    """While the zone is unknown a seat is always quiet, in UTC; later it takes over what the person told."""
    kim, _alex, couple = await add_couple(store)
    assert (couple.seats[0].zone, couple.seats[0].quiet_from, couple.seats[0].quiet_to) == ("UTC", 0, 1440)

    def unit(tx: Tx) -> Couple:
        people.change(tx, kim.id, zone="Asia/Tokyo", weekday=2, minute=600, quiet_from=1300, quiet_to=500)
        couples.set_slot(tx, couple, people.get(tx, kim.id))
        return couples.get(tx, couple.id)

    seat, other = (await store.write(unit)).seats
    assert (seat.zone, seat.weekday, seat.minute, seat.quiet_from, seat.quiet_to) == ("Asia/Tokyo", 2, 600, 1300, 500)
    assert other == couple.seats[1]


NO_SLOT = {(0, 0, "UTC", 0, 1440)}
"""What is left of the hours of a pair that is over: nothing."""


def slot_of(seat: Seat) -> tuple[int, int, str, int, int]:
    """The hours that count for a seat."""
    return seat.weekday, seat.minute, seat.zone, seat.quiet_from, seat.quiet_to


async def test_leaving_is_quiet(store: Store) -> None:
    """Who leaves is free; the other's couple, its slots and the partner's name stay as they were."""
    kim, alex, couple = await add_couple(store)
    week = await add_round(store, couple)
    await show(store, kim, week, Level.WORDS)
    await store.write(lambda tx: couples.leave(tx, couple, kim.id, NOW))
    assert await store.read(lambda tx: couples.of(tx, kim.id)) is None
    left = await store.read(lambda tx: couples.require(tx, alex.id))
    assert left.closed_at is None
    assert [seat.person_id for seat in left.seats] == [None, alex.id]
    assert [(seat.weekday, seat.minute, seat.zone) for seat in left.seats] == [
        (seat.weekday, seat.minute, seat.zone) for seat in couple.seats
    ]
    assert await store.read(lambda tx: couples.partner_name(tx, left, alex.id)) == "Kim"
    assert await store.read(lambda tx: rounds.choice(tx, week.id, kim.id)) is None
    with pytest.raises(NotFound):
        await store.read(lambda tx: couples.partner_name(tx, left, kim.id))
    await store.write(lambda tx: couples.leave(tx, left, alex.id, NOW))
    empty = await store.read(lambda tx: couples.get(tx, couple.id))
    assert empty.closed_at == NOW
    assert {slot_of(seat) for seat in empty.seats} == NO_SLOT


async def test_a_closed_couple_sets_both_free(store: Store) -> None:
    """After closing, both can be paired again, with each other too."""
    kim, alex, couple = await add_couple(store)
    await store.write(lambda tx: couples.close(tx, couple, NOW))
    assert await store.read(lambda tx: couples.of(tx, kim.id)) is None
    closed = await store.read(lambda tx: couples.get(tx, couple.id))
    assert closed.closed_at == NOW
    assert {slot_of(seat) for seat in closed.seats} == NO_SLOT
    again = await store.write(
        lambda tx: couples.pair(tx, inviter=alex, invitee=kim, inviter_name="A", invitee_name="K", now=NOW)
    )
    assert again.id != couple.id


async def test_what_is_not_there_is_not_found(store: Store) -> None:
    """Asking for a couple that does not exist says so."""
    assert await store.read(lambda tx: couples.find(tx, 9)) is None
    with pytest.raises(NotFound):
        await store.read(lambda tx: couples.get(tx, 9))
    with pytest.raises(NotFound):
        await store.read(lambda tx: couples.require(tx, 9))


async def test_units_that_lock_a_couple_take_turns(store: Store) -> None:
    """Of many units that lock a couple, read it and write it, none overwrites another."""
    kim, _alex, couple = await add_couple(store)

    def unit(tx: Tx) -> None:
        couples.lock(tx, couple.id)
        minute = people.get(tx, kim.id).minute
        people.change(tx, kim.id, minute=minute + 1)

    await asyncio.gather(*(store.write(unit) for _ in range(20)))
    assert (await store.read(lambda tx: people.get(tx, kim.id))).minute == kim.minute + 20
