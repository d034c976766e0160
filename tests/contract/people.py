"""People for the tests of storage, and couples of them."""

from datetime import UTC, datetime, timedelta

from storage import checkins, couples, people, rounds
from storage.records import Choice, Couple, Level, Person, Round
from storage.store import Store, Tx

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
RESULT = (
    '{"I": {"size": 61.4, "low": 48.2, "high": 72.9, "usual": 55.5, "p_big": 0.8},'
    ' "you": {"size": 40.5, "low": 30.1, "high": 51.7}, "wording": ["named", "isolated"],'
    ' "weight": 1, "wish": "closeness", "patterns": {"isolated": 0.8}, "odd_week": "yes"}'
)


async def add_person(store: Store, telegram_id: int) -> Person:
    """Someone who has just begun."""
    return await store.write(lambda tx: people.add(tx, telegram_id=telegram_id, language="en", now=NOW))


async def add_couple(store: Store) -> tuple[Person, Person, Couple]:
    """Kim, who invited, and Alex."""
    kim, alex = await add_person(store, 1), await add_person(store, 2)
    couple = await store.write(
        lambda tx: couples.pair(tx, inviter=kim, invitee=alex, inviter_name="Kim", invitee_name="Alex", now=NOW)
    )
    return kim, alex, couple


async def add_round(store: Store, couple: Couple, number: int = 0) -> Round:
    """A week that begins now."""
    begins = NOW + timedelta(days=7 * number)
    return await store.write(
        lambda tx: rounds.add(
            tx, couple_id=couple.id, number=number, begins_at=begins, reveal_at=begins + timedelta(days=2)
        )
    )


async def show(store: Store, person: Person, week: Round, level: Level, result: str = RESULT) -> None:
    """Finish a check-in in a round and choose what to show of it."""

    def unit(tx: Tx) -> None:
        begun = checkins.begin(tx, person_id=person.id, form="weekly", week=0, walk="{}", now=NOW)
        done = checkins.finish(tx, begun, walk="{}", result=result, grids=b"\x01", round_id=week.id, now=NOW)
        chosen = Choice(person_id=person.id, round_id=week.id, check_in_id=done.id, level=level, chosen_at=NOW)
        assert rounds.choose(tx, chosen)

    await store.write(unit)
