"""A check-in as an immutable value with its moves: statements, wish, odd week, and later the guesses.

Every move names the position it was made for. A move for another position than the present one, such as a second
tap or a tap on an old button, returns the very same walk. So no order of taps can corrupt it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from prompts.instrument import ANSWER_VALUES, INSTRUMENT

SKETCH_FROM: Final = 10  # a sketch needs ten answers of the long form: docs/measurement.md, "The sketch"
LONGEST_LOOK: Final = 9_999  # tenths of a second; a longer look says nothing more about reading
TENTH: Final = timedelta(milliseconds=100)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)

WISHES: Final = ("room", "closeness", "both", "fine", "quiet")
ODD_WEEKS: Final = ("yes", "no", "quiet")


class Form(StrEnum):
    """Which statements are asked: the first 20, six of a week, or the 20 again."""

    FIRST = "first"
    WEEKLY = "weekly"
    FULL = "full"


class Stage(StrEnum):
    """Where a walk stands."""

    STATEMENTS = "statements"
    WISH = "wish"
    ODD_WEEK = "odd_week"
    DONE = "done"
    GUESSES = "guesses"


@dataclass(frozen=True, slots=True)
class Reply:
    """What was tapped at one statement.

    Attributes:
        value: Raw answer 0 ("Not true") to 4 ("Very true"), or None for Skip.
        tenths: How long the statement was before the person in all, in tenths of a second, rounded down.
    """

    value: int | None
    tenths: int

    @property
    def seconds(self) -> float:
        """How long the statement was before the person in all, in seconds."""
        return self.tenths / 10


def statements_of(form: Form, week: int) -> tuple[str, ...]:
    """Return the ids that a form asks in a week, in order.

    A weekly form in week 0 (six again soon after the first form) is that of week 1.
    """
    return INSTRUMENT.weekly(max(week, 1)) if form is Form.WEEKLY else INSTRUMENT.first_order


def guesses_of(form: Form, week: int) -> tuple[str, ...]:
    """Return the ids whose answers may be guessed after a form, in order: eight after a long one, else two."""
    return INSTRUMENT.weekly_guesses(max(week, 1)) if form is Form.WEEKLY else INSTRUMENT.guess_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One check-in.

    Attributes:
        form: Which statements it asks.
        week: 7-day steps since the person's first check-in.
        order: Ids of the statements, in order.
        replies: What was tapped at the first statements; longer than ``cursor`` after Back.
        cursor: Place of the present statement, from 0; ``total`` after the last.
        shown_at: When the present statement was put before the person, aware, in UTC.
        wish: One of `WISHES`, or None while open.
        odd_week: One of `ODD_WEEKS`, or None while open.
        guess_order: Ids to guess, in order; empty before and without guesses.
        guesses: Guessed raw answers (None for Skip) of the first of them.
        guess_cursor: Place of the present guess, from 0.
    """

    form: Form
    week: int
    order: tuple[str, ...]
    replies: tuple[Reply, ...] = ()
    cursor: int = 0
    shown_at: datetime
    wish: str | None = None
    odd_week: str | None = None
    guess_order: tuple[str, ...] = ()
    guesses: tuple[int | None, ...] = ()
    guess_cursor: int = 0

    def __post_init__(self) -> None:
        """Refuse a walk that no order of moves could lead to.

        Raises:
            ValueError: It contradicts itself.
        """
        sound = (
            self.week >= 0
            and 0 <= self.cursor <= len(self.replies) <= len(self.order)
            and 0 <= self.guess_cursor <= len(self.guesses) <= len(self.guess_order)
            and (self.wish is None or (self.wish in WISHES and self.cursor == len(self.order)))
            and (
                self.odd_week is None or (self.odd_week in ODD_WEEKS and self._asks_odd_week and self.wish is not None)
            )
            and (not self.guess_order or self._own_part_done)
            and all(reply.value is None or 0 <= reply.value < ANSWER_VALUES for reply in self.replies)
            and all(guess is None or 0 <= guess < ANSWER_VALUES for guess in self.guesses)
        )
        if not sound:
            raise ValueError("This walk contradicts itself.")

    @classmethod
    def begin(cls, form: Form, week: int, now: datetime) -> Self:
        """Return a fresh walk whose first statement is shown now.

        Raises:
            ValueError: The week is negative or the instant has no zone.
        """
        return cls(form=form, week=week, order=statements_of(form, week), shown_at=_utc(now))

    @property
    def _asks_odd_week(self) -> bool:
        return self.form is not Form.FIRST

    @property
    def _own_part_done(self) -> bool:
        return self.wish is not None and (self.odd_week is not None or not self._asks_odd_week)

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        if self.cursor < len(self.order):
            return Stage.STATEMENTS
        if self.wish is None:
            return Stage.WISH
        if not self._own_part_done:
            return Stage.ODD_WEEK
        return Stage.GUESSES if self.guess_cursor < len(self.guess_order) else Stage.DONE

    @property
    def position(self) -> int:
        """What `answer` and `back` must name: the statement's place from 0, then one more for each later question."""
        later = (self.wish is not None) + (self.odd_week is not None)
        return self.cursor + later

    @property
    def total(self) -> int:
        """How many statements it asks: position 3 of 20 reads "4 of 20"."""
        return len(self.order)

    @property
    def current(self) -> str | None:
        """Id of the present statement, or None after the last."""
        return self.order[self.cursor] if self.cursor < len(self.order) else None

    @property
    def earlier(self) -> Reply | None:
        """What was tapped here before Back, or None."""
        return self.replies[self.cursor] if self.cursor < len(self.replies) else None

    @property
    def current_guess(self) -> str | None:
        """Id of the statement to guess now, or None outside the guesses."""
        return self.guess_order[self.guess_cursor] if self.stage is Stage.GUESSES else None

    @property
    def earlier_guess(self) -> int | None:
        """What was guessed here before Back, or None."""
        return self.guesses[self.guess_cursor] if self.guess_cursor < len(self.guesses) else None

    @property
    def can_sketch(self) -> bool:
        """Whether the circles so far may be drawn: the long form, statement 11 or later, ten answered."""
        given = sum(reply.value is not None for reply in self.replies)
        long_form = self.form is not Form.WEEKLY
        return long_form and self.stage is Stage.STATEMENTS and self.cursor >= SKETCH_FROM and given >= SKETCH_FROM

    def raw(self) -> dict[str, int | None]:
        """Return the raw answers so far by item id, None for Skip."""
        return {item_id: reply.value for item_id, reply in zip(self.order, self.replies, strict=False)}

    def guesses_raw(self) -> dict[str, int | None]:
        """Return the guessed raw answers so far by item id, None for Skip."""
        return dict(zip(self.guess_order, self.guesses, strict=False))

    def answer(self, position: int, value: int | None, now: datetime) -> Self:
        """Return the walk one statement further.

        Args:
            position: Which statement the tap was made for.
            value: Raw answer 0 to 4, or None for Skip.
            now: When the tap was handled; a clock set back counts as no time at all.

        Raises:
            ValueError: The value is no answer or the instant has no zone.
        """
        _require_answer(value)
        if self.stage is not Stage.STATEMENTS or position != self.cursor:
            return self
        before = self.earlier.tenths if self.earlier else 0
        look = max(0, (_utc(now) - self.shown_at) // TENTH)
        reply = Reply(value, min(before + look, LONGEST_LOOK))
        replies = (*self.replies[: self.cursor], reply, *self.replies[self.cursor + 1 :])
        return replace(self, replies=replies, cursor=self.cursor + 1, shown_at=_utc(now))

    def back(self, position: int, now: datetime) -> Self:
        """Return the walk one question earlier; what was tapped stays until it is changed.

        From the wish it leads to the last statement, from the odd week to the wish. Nothing leads back from the end.
        """
        if position != self.position:
            return self
        if self.stage is Stage.ODD_WEEK:
            return replace(self, wish=None)
        if self.stage in {Stage.STATEMENTS, Stage.WISH} and self.cursor > 0:
            return replace(self, cursor=self.cursor - 1, shown_at=_utc(now))
        return self

    def with_wish(self, code: str) -> Self:
        """Return the walk with a wish from `WISHES`, if that is the present question.

        Raises:
            ValueError: There is no such wish.
        """
        if code not in WISHES:
            raise ValueError(f"No such wish: {code!r}.")
        return replace(self, wish=code) if self.stage is Stage.WISH else self

    def with_odd(self, code: str) -> Self:
        """Return the walk with an answer from `ODD_WEEKS`, if that is the present question.

        Raises:
            ValueError: There is no such answer.
        """
        if code not in ODD_WEEKS:
            raise ValueError(f"No such answer: {code!r}.")
        return replace(self, odd_week=code) if self.stage is Stage.ODD_WEEK else self

    def begin_guesses(self, order: Sequence[str] = ()) -> Self:
        """Return the walk at its first guess, if the own part is done and guessing has not begun.

        Args:
            order: Ids to guess; empty for those of the form and week.

        Raises:
            ValueError: An id is unknown or sensitive.
        """
        chosen = tuple(order) or guesses_of(self.form, self.week)
        allowed = {item.id for item in INSTRUMENT.items if item.guess_ok}
        if not allowed.issuperset(chosen):
            raise ValueError(f"Not all of {chosen} may be guessed.")
        return replace(self, guess_order=chosen) if self.stage is Stage.DONE and not self.guess_order else self

    def guess(self, position: int, value: int | None) -> Self:
        """Return the walk one guess further.

        Args:
            position: Which guess the tap was made for, from 0.
            value: Raw answer 0 to 4, or None for Skip.

        Raises:
            ValueError: The value is no answer.
        """
        _require_answer(value)
        if self.stage is not Stage.GUESSES or position != self.guess_cursor:
            return self
        guesses = (*self.guesses[:position], value, *self.guesses[position + 1 :])
        return replace(self, guesses=guesses, guess_cursor=position + 1)

    def guess_back(self, position: int) -> Self:
        """Return the walk one guess earlier; what was guessed stays until it is changed."""
        if self.stage is not Stage.GUESSES or position != self.guess_cursor or position == 0:
            return self
        return replace(self, guess_cursor=position - 1)

    def guess_enough(self, position: int) -> Self:
        """Return the walk with guessing ended here: what was guessed counts, the rest is skipped."""
        if self.stage is not Stage.GUESSES or position != self.guess_cursor:
            return self
        rest = len(self.guess_order) - len(self.guesses)
        return replace(self, guesses=(*self.guesses, *[None] * rest), guess_cursor=len(self.guess_order))

    def to_json(self) -> str:
        """Return it as compact JSON of whole numbers and short codes, under 900 bytes."""
        entry = {
            "form": self.form,
            "week": self.week,
            "order": " ".join(self.order),
            "replies": [[reply.value, reply.tenths] for reply in self.replies],
            "cursor": self.cursor,
            "shown_at": (self.shown_at - EPOCH) // MICROSECOND,
            "wish": self.wish,
            "odd_week": self.odd_week,
            "guess_order": " ".join(self.guess_order),
            "guesses": self.guesses,
            "guess_cursor": self.guess_cursor,
        }
        return json.dumps(entry, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the walk that `to_json` wrote.

        Raises:
            ValueError: The text is no walk.
        """
        try:
            entry = json.loads(text)
            return cls(
                form=Form(entry["form"]),
                week=entry["week"],
                order=tuple(entry["order"].split()),
                replies=tuple(Reply(value, tenths) for value, tenths in entry["replies"]),
                cursor=entry["cursor"],
                shown_at=EPOCH + entry["shown_at"] * MICROSECOND,
                wish=entry["wish"],
                odd_week=entry["odd_week"],
                guess_order=tuple(entry["guess_order"].split()),
                guesses=tuple(entry["guesses"]),
                guess_cursor=entry["guess_cursor"],
            )
        except (KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"This is no walk: {error!r}.") from error


def _require_answer(value: int | None) -> None:
    if value is not None and value not in range(ANSWER_VALUES):
        raise ValueError(f"No such answer: {value!r}.")


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("An instant needs its zone.")
    return instant.astimezone(UTC)
