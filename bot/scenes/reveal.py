"""The comparison, and the one message of a week without: what both receive at the same moment."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.dance.couple import difference, guess_gap, pair_of
from bot.dance.sizes import guessed
from bot.dance.walk import Walk
from bot.scenes import diaries, starter
from bot.scenes.drawings import drawing, figure, whose
from bot.scenes.keyboard import beside, button, footer, row
from bot.scenes.results import Result
from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import Turn
from storage import checkins, couples, rounds, shared
from storage.records import Couple, Level, Round, SharedView
from storage.store import Tx

PAIR = 2

FRESH_COMPARISON = timedelta(weeks=4)
"""A joint starter may depend on a comparison of at most this age (the design's choice)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A reader's copy of a comparison: what was shown, frozen at the moment it opened.

    Attributes:
        partner_name: What the partner is called.
        own_name: What the partner calls the reader.
        level: How much the partner showed.
        partner: The partner's result, cut down to that.
        own: The reader's own result at that moment.
        own_level: How much the reader showed.
        wish: The wish, if both showed words and wished the same.
        guess_i: Whether the partner's own "I" is "larger" or "smaller" than the reader guessed, or None.
        guess_you: The same for "you".
        guessed: Whether the reader had guessed at all.
        starter: The joint starter that came with it.
    """

    partner_name: str
    own_name: str
    level: str
    partner: Result
    own: Result
    own_level: str
    wish: str | None
    guess_i: str | None
    guess_you: str | None
    guessed: bool
    starter: str

    def to_json(self) -> str:
        """The text that is kept under the reader's key."""
        return json.dumps(
            {
                "partner_name": self.partner_name,
                "own_name": self.own_name,
                "level": self.level,
                "partner": self.partner.to_json(),
                "own": self.own.to_json(),
                "own_level": self.own_level,
                "wish": self.wish,
                "guess_i": self.guess_i,
                "guess_you": self.guess_you,
                "guessed": self.guessed,
                "starter": self.starter,
            },
            ensure_ascii=False,  # a name takes at most four bytes a character
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> "Comparison":
        """Read a kept copy."""
        found = json.loads(text)
        found["partner"] = Result.from_json(found["partner"])
        found["own"] = Result.from_json(found["own"])
        return cls(**found)


def open_comparison(
    tx: Tx, couple: Couple, current: Round, kinds: Iterable[starter.Kind], now: starter.Instant
) -> bool:
    """Open the comparison for both at once, if both still show something; False if not.

    Each reader gets a copy under their own key, with the same joint starter.
    """
    readers = [seat.person_id for seat in couple.seats if seat.person_id is not None]
    views = {reader: shared.view(tx, reader_id=reader, couple=couple, round=current) for reader in readers}
    if len(readers) != len(couple.seats) or any(view is None for view in views.values()):
        return False
    rounds.mark_opened(tx, current, now)
    joint = starter.joint_for(tx, couple, current, kinds, now, pair=_pair(views.values()))
    for reader, view in views.items():
        if view is not None:
            copy = _copy(tx, couple, reader, view, joint)
            shared.keep(tx, reader_id=reader, round_id=current.id, opened_at=now, content=copy.to_json())
    return True


def choose_midweek(tx: Tx, couple: Couple, current: Round, kinds: Iterable[starter.Kind], now: starter.Instant) -> None:
    """Choose the midweek starter for both: by what was opened to both at most four weeks ago, else a neutral one."""
    starter.joint_for(tx, couple, current, kinds, now, pair=_recent_pair(tx, couple, now))


def _recent_pair(tx: Tx, couple: Couple, now: starter.Instant) -> str | None:
    """The pair of states of the latest comparison while it is fresh.

    Either one's copy tells the same pair, so a seat that has emptied quietly changes nothing.
    """
    reader = next(seat.person_id for seat in couple.seats if seat.person_id is not None)
    kept = shared.kept(tx, reader, limit=1)
    if not kept or kept[0].opened_at < max(couple.created_at, now - FRESH_COMPARISON):
        return None
    copy = Comparison.from_json(kept[0].content)
    if Level(copy.own_level) is not Level.WORDS:
        return None
    return _pair_of([copy.partner, copy.own])


def _pair(views: Iterable[SharedView | None]) -> str | None:
    """The pair of states, told only from what both showed in words; None where a word is missing."""
    return _pair_of([Result.from_json(view.result) for view in views if view is not None])


def _pair_of(results: list[Result]) -> str | None:
    if len(results) != PAIR or any(not result.wording for result in results):
        return None
    first, second = (result.spoken() for result in results)
    return pair_of(first, second)


def _copy(tx: Tx, couple: Couple, reader: int, view: SharedView, joint: str) -> Comparison:
    choice = rounds.choice(tx, view.round_id, reader)
    check_in = checkins.get(tx, choice.check_in_id, reader) if choice else None
    # The reader's own half is cut like the partner's, so that both copies and the preview tell the same numbers.
    own = (
        Result.from_json(shared.cut(check_in.result or "", Level.WORDS)) if check_in else Result.from_json(view.result)
    )
    partner = Result.from_json(view.result)
    raw = Walk.from_json(check_in.walk).guesses_raw() if check_in and check_in.walk else {}
    given = any(value is not None for value in raw.values())
    sizes = guessed(raw) if given else None
    return Comparison(
        partner_name=view.partner_name,
        own_name=couples.own_name(tx, couple, reader),
        level=view.level.value,
        partner=partner,
        own=own,
        own_level=choice.level.value if choice else Level.NOTHING.value,
        wish=view.wish,
        guess_i=guess_gap(sizes.i.now, partner.i.as_size()) if sizes else None,
        guess_you=guess_gap(sizes.you.now, partner.you.as_size()) if sizes else None,
        guessed=given,
        starter=joint,
    )


def _screen(turn: Turn, copy: Comparison, opened_at: starter.Instant) -> Screen:
    alike = {
        difference(copy.own.i.as_size(), copy.partner.i.as_size()),
        difference(copy.own.you.as_size(), copy.partner.you.as_size()),
    } == {"alike"}
    text = turn.words.render(
        "comparison",
        copy=copy,
        wish=turn.words.wish.labels.get(copy.wish or ""),
        alike=alike,
        starter=starter.text_of(turn, copy.starter),
    )
    partner, own = whose(turn)
    return Screen(
        text,
        (
            *beside(
                button(turn, "button.talk_about_it", "talk"),
                button(turn, "button.say_thanks", "thanks", partner=copy.partner_name),
            ),
            starter.joint_row(turn, diaries.week_number(opened_at), copy.starter),
            row(button(turn, "button.another", "starter.another"), button(turn, "button.not_now", "joint.later")),
            footer(turn),
        ),
        Tap("compare"),
        picture=drawing(
            turn,
            figure(turn, copy.partner, copy.partner_name, partner),
            figure(turn, copy.own, copy.own_name, own),
        ),
        protect=True,
    )


def comparison(turn: Turn, tx: Tx) -> Screen | None:
    """The comparison as it is sent to a reader when it opens."""
    round_id = int(turn.tap.args[0])
    for keepsake in shared.kept(tx, turn.person.id, limit=1):
        if keepsake.round_id == round_id:
            return _screen(turn, Comparison.from_json(keepsake.content), keepsake.opened_at)
    return None


def compare(turn: Turn, tx: Tx) -> Screen:
    """`/compare`: the latest comparison, or the one neutral message."""
    for keepsake in shared.kept(tx, turn.person.id, limit=1):
        return _screen(turn, Comparison.from_json(keepsake.content), keepsake.opened_at)
    return _none(turn, diaries.week_number(turn.now))


def _none(turn: Turn, week: int) -> Screen:
    """The neutral message: a function of the week number alone."""
    return Screen(
        turn.words.render("no_comparison", starter=starter.neutral_of_week(turn.words, week)),
        (
            row(button(turn, "button.picture", "picture"), button(turn, "button.another", "starter.another")),
            row(button(turn, "button.pause_weeks", "pause"), button(turn, "button.safety", "safety")),
        ),
        Tap("compare"),
    )


def silence(turn: Turn, tx: Tx) -> Screen | None:
    """The neutral message as both receive it at the reveal hour, whatever the cause."""
    current = rounds.get(tx, int(turn.tap.args[0]))
    if current is None or turn.person.paused:
        return None
    return _none(turn, diaries.week_number(current.reveal_at))


def closed(turn: Turn, _tx: Tx) -> Screen | None:
    """After six rounds without a comparison the pair closes for both with the same words."""
    return Screen(
        turn.words.render("pair_closed"),
        (
            row(button(turn, "button.go_on_alone", "home"), button(turn, "button.invite_again", "invite")),
            footer(turn),
        ),
        Tap("home"),
    )
