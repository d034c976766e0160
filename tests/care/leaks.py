"""Planted leaks: what a careless change could make of the program. The property must find every one of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from bot import app
from bot.dance import talk as turns
from bot.dance.turns import REMIND_AFTER
from bot.dance.walk import Walk
from bot.delivery import planner
from bot.scenes import calendar, pairing, privacy, reveal, settings, table, talk_apart, talk_matter, walk
from bot.scenes.results import Result
from bot.scenes.screen import Button, Screen, Tap
from bot.scenes.turn import Turn
from storage import checkins, couples, outbox, people, plans, rounds, shared
from storage.records import OnUnknown, Person
from storage.store import Tx

Leaking = Callable[[], AbstractContextManager[object]]


def _partner(tx: Tx, person_id: int) -> Person | None:
    couple = couples.of(tx, person_id)
    others = [seat.person_id for seat in couple.seats if seat.person_id != person_id] if couple else [None]
    return people.find_by_id(tx, others[0])


def _parcel(kind: str, change: Callable[[Turn, Tx, Screen], Screen]) -> AbstractContextManager[object]:
    """A parcel of a kind says something else."""
    real = table.PARCELS[kind]

    def leaking(turn: Turn, tx: Tx) -> Screen | None:
        screen = real(turn, tx)
        return screen and change(turn, tx, screen)

    return patch.object(table, "PARCELS", {**table.PARCELS, kind: leaking})


def _silence_if(told: Callable[[Tx, Person | None], object]) -> Leaking:
    """The neutral message has another word where something is the matter with the partner."""

    def change(turn: Turn, tx: Tx, screen: Screen) -> Screen:
        partner = _partner(tx, turn.person.id)
        return replace(screen, text=f"{screen.text} {'This time it is another one.' if told(tx, partner) else ''}")

    return lambda: _parcel("silence", change)


def _answered(tx: Tx, partner: Person | None) -> bool:
    latest = checkins.latest(tx, partner.id) if partner else None
    couple = couples.of(tx, partner.id) if partner else None
    current = rounds.current(tx, couple.id) if couple else None
    return latest is not None and current is not None and latest.round_id == current.id


def _doubtful(tx: Tx, partner: Person | None) -> bool:
    latest = checkins.latest(tx, partner.id) if partner else None
    return latest is not None and Result.from_json(latest.result or "").weight < 1


def _chose(tx: Tx, partner: Person | None) -> bool:
    couple = couples.of(tx, partner.id) if partner else None
    current = rounds.current(tx, couple.id) if couple else None
    return partner is not None and current is not None and rounds.choice(tx, current.id, partner.id) is not None


def _starter_by_hidden_states() -> AbstractContextManager[object]:
    """The midweek starter is chosen by how both are, whether they showed it or not."""

    def pair(tx: Tx, couple: Any, _now: object) -> str | None:
        latest = [checkins.latest(tx, seat.person_id) for seat in couple.seats if seat.person_id is not None]
        return reveal._pair_of([Result.from_json(one.result or "") for one in latest if one is not None])

    return patch.object(reveal, "_recent_pair", pair)


def _wrapped(place: Any, name: str, after: Callable[..., object]) -> AbstractContextManager[object]:
    """A function does something more once it is done."""
    real = getattr(place, name)

    def leaking(*given: Any, **named: Any) -> Any:
        result = real(*given, **named)
        after(*given)
        return result

    return patch.object(place, name, leaking)


def _pause_moves_the_reveal_hour() -> AbstractContextManager[object]:
    def after(turn: Turn, tx: Tx, **_: object) -> None:
        couple = couples.of(tx, turn.person.id)
        current = rounds.current(tx, couple.id) if couple else None
        if current is not None:
            plans.move(tx, f"reveal:{current.id}", current.reveal_at + timedelta(minutes=1))

    real = settings.pause

    def pause(turn: Turn, tx: Tx) -> Screen:
        screen = real(turn, tx)
        after(turn, tx)
        return screen

    return _stage_taps({"pause": pause})


@contextmanager
def _stage_taps(taps: Mapping[str, Any]) -> Iterator[None]:
    from tests.care import house  # noqa: PLC0415 - the stage is the house's

    routes = replace(house.STAGE.routes, taps={**house.STAGE.routes.taps, **taps})
    with patch.object(house, "STAGE", replace(house.STAGE, routes=routes)):
        yield


def _running_number_on_a_button() -> AbstractContextManager[object]:
    real = walk._paint

    def paint(turn: Turn, check_in: Any, there: Walk) -> Screen:
        screen = real(turn, check_in, there)
        return replace(screen, rows=(*screen.rows, (Button("More", tap=Tap("walk.back", (str(check_in.id), "0"))),)))

    return patch.object(walk, "_paint", paint)


def _an_invitation_tells_why() -> AbstractContextManager[object]:
    real = pairing.opened

    def opened(turn: Turn, tx: Tx, code: str) -> Screen:
        screen = real(turn, tx, code)
        found = pairing.invites.find(tx, code)
        paired = found is not None and couples.of(tx, found.inviter_id) is not None
        return replace(screen, text=f"{screen.text} They are in a pair.") if paired else screen

    return patch.object(pairing, "opened", opened)


def _export_tells_of_the_partner() -> AbstractContextManager[object]:
    real = privacy._everything

    def everything(turn: Turn, tx: Tx) -> dict[str, object]:
        partner = _partner(tx, turn.person.id)
        return {**real(turn, tx), "partner_paused": partner is not None and partner.paused}

    return patch.object(privacy, "_everything", everything)


def _silent_while_the_partner_pauses() -> AbstractContextManager[object]:
    real = app.render

    def render(parcel: Any, tx: Tx, **more: Any) -> Any:
        rendered = real(parcel, tx, **more)
        partner = _partner(tx, parcel.person_id)
        return rendered and replace(rendered, silent=rendered.silent or bool(partner and partner.paused))

    return patch.object(app, "render", render)


def _decimals_are_shown() -> AbstractContextManager[object]:
    return patch.object(shared, "floor", lambda number: round(number, 2))


def _a_wish_alone_is_told() -> AbstractContextManager[object]:
    return patch.object(shared, "_common_wish", lambda _own, other: other.get("wish"))


def _words_at_the_level_of_sizes() -> AbstractContextManager[object]:
    real = shared.cut
    return patch.object(
        shared, "cut", lambda result, level: real(result, shared.Level.WORDS if level == "sizes" else level)
    )


def _an_answer_moves_the_partners_nudge() -> AbstractContextManager[object]:
    def after(tx: Tx, person: Person) -> None:
        partner = _partner(tx, person.id)
        if partner is not None:
            calendar.plan_reminder(tx, partner, partner.created_at + timedelta(weeks=52))

    return _wrapped(calendar, "after_check_in", after)


def _taking_back_is_noticed() -> AbstractContextManager[object]:
    def after(tx: Tx, couple: Any, current: Any, now: Any) -> None:
        for seat in couple.seats:
            if seat.person_id is not None and not shared.both_show(tx, couple, current):
                outbox.put(tx, key=f"paired:{seat.person_id}:{now}", kind="paired", person_id=seat.person_id,
                           ref=couple.id, on_unknown=OnUnknown.RETRY, priority=1, available_at=now,
                           expires_at=now + calendar.NOTICE_KEEPS, now=now)  # fmt: skip

    return _wrapped(calendar, "after_choice", after)


def _guessing_is_told() -> AbstractContextManager[object]:
    def change(turn: Turn, tx: Tx, screen: Screen) -> Screen:
        partner = _partner(tx, turn.person.id)
        latest = checkins.latest(tx, partner.id) if partner else None
        guessed = latest is not None and latest.walk is not None and Walk.from_json(latest.walk).guess_order
        return replace(screen, text=f"{screen.text} They guessed too.") if guessed else screen

    return _parcel("comparison", change)


def _an_empty_seat_closes_sooner() -> AbstractContextManager[object]:
    real = rounds.silent_in_a_row

    def counted(tx: Tx, couple_id: int) -> int:
        seats = couples.get(tx, couple_id).seats
        return real(tx, couple_id) + sum(seat.person_id is None for seat in seats)

    return patch.object(planner.rounds, "silent_in_a_row", counted)


def _no_starter_while_the_partner_is_away() -> AbstractContextManager[object]:
    real = planner._to_both

    def to_both(tx: Tx, due: Any, couple: Any, kind: str, ref: int) -> None:
        here = [people.find_by_id(tx, seat.person_id) for seat in couple.seats]
        if kind != "midweek" or all(one is not None and one.reachable for one in here):
            real(tx, due, couple, kind, ref)

    return patch.object(planner, "_to_both", to_both)


def _numbered_starters() -> AbstractContextManager[object]:
    return patch.object(calendar, "seed", lambda couple: couple.id)


def _leaving_breaks_the_menu() -> AbstractContextManager[object]:
    real = couples.partner_name

    def name(tx: Tx, pair: Any, reader_id: int) -> str:
        for seat in pair.seats:
            if seat.person_id != reader_id:
                people.get(tx, seat.person_id or 0)
        return real(tx, pair, reader_id)

    return patch.object(couples, "partner_name", name)


def _a_draft_moves_the_talks_reminder() -> AbstractContextManager[object]:
    def after(turn: Turn, tx: Tx, matter: talk_matter.Matter, *_: object) -> None:
        plans.move(tx, talk_matter.plan_key(matter.own.couple_id), turn.now + REMIND_AFTER)

    return _wrapped(talk_apart, "_drafted", after)


def _waiting_tells_how_far_they_are() -> AbstractContextManager[object]:
    real = talk_apart._waits

    def waits(turn: Turn, matter: talk_matter.Matter) -> Screen:
        screen = real(turn, matter)
        return replace(screen, text=f"{screen.text} ({matter.talk.stage})")

    return patch.object(talk_apart, "_waits", waits)


def _buttons_count_the_drafts() -> AbstractContextManager[object]:
    return patch.object(turns, "step_of", lambda talk, _side: talk.step)


LEAKS: Mapping[str, Leaking] = MappingProxyType(
    {
        "the message tells who left": _silence_if(lambda _, partner: partner is None),
        "the message tells who answered": _silence_if(_answered),
        "the message tells who chose": _silence_if(_chose),
        "the message tells who hurried": _silence_if(_doubtful),
        "the message tells who pauses": _silence_if(lambda _, partner: partner and partner.paused),
        "the message tells who blocked": _silence_if(lambda _, partner: partner and not partner.reachable),
        "a starter by hidden states": _starter_by_hidden_states,
        "a pause moves the reveal hour": _pause_moves_the_reveal_hour,
        "a running number on a button": _running_number_on_a_button,
        "an invitation tells why": _an_invitation_tells_why,
        "the export tells of the partner": _export_tells_of_the_partner,
        "silent while the partner pauses": _silent_while_the_partner_pauses,
        "decimals are shown": _decimals_are_shown,
        "a wish alone is told": _a_wish_alone_is_told,
        "words at the level of sizes": _words_at_the_level_of_sizes,
        "an answer moves the partner's reminder": _an_answer_moves_the_partners_nudge,
        "taking back is noticed": _taking_back_is_noticed,
        "guessing is told": _guessing_is_told,
        "an empty seat closes sooner": _an_empty_seat_closes_sooner,
        "no starter while the partner is away": _no_starter_while_the_partner_is_away,
        "numbered starters": _numbered_starters,
        "leaving breaks the menu": _leaving_breaks_the_menu,
        "a draft moves the talk's reminder": _a_draft_moves_the_talks_reminder,
        "waiting tells how far they are": _waiting_tells_how_far_they_are,
        "buttons count the drafts": _buttons_count_the_drafts,
    }
)
"""By name, what a leak does while it is planted."""

KNOWN: Mapping[str, int] = MappingProxyType(
    {
        "the message tells who left": 5,
        "the message tells who answered": 5,
        "the message tells who chose": 19,
        "the message tells who hurried": 5,
        "the message tells who pauses": 16,
        "the message tells who blocked": 2,
        "a starter by hidden states": 2,
        "a pause moves the reveal hour": 16,
        "a running number on a button": 11,
        "an invitation tells why": 18,
        "the export tells of the partner": 15,
        "silent while the partner pauses": 15,
        "decimals are shown": 13,
        "a wish alone is told": 47,
        "words at the level of sizes": 79,
        "an answer moves the partner's reminder": 5,
        "taking back is noticed": 13,
        "guessing is told": 13,
        "an empty seat closes sooner": 10,
        "no starter while the partner is away": 6,
        "numbered starters": 17,
        "leaving breaks the menu": 0,
        "a draft moves the talk's reminder": 49,
        "waiting tells how far they are": 68,
        "buttons count the drafts": 68,
    }
)
"""By name, the number of the first story that finds a leak, as `python -m tests.bench.noninterference` prints it: so that
nobody looks for long. Where a table of moves has changed, other stories find it."""
