"""Frozen records: what the rows mean, once read and unsealed."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The one message of a chat that carries the present screen.

    Attributes:
        message_id: Telegram's id of it, or None before the first was shown.
        kind: "text" or "picture", or None before the first was shown.
        digest: Hash of the screen that was last shown, or None.
        place: How to paint the present screen again (opaque to storage; sealed on disk).
        owed: Whether a screen was promised to the person and is not yet known to be shown.
    """

    message_id: int | None = None
    kind: str | None = None
    digest: str | None = None
    place: str = ""
    owed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person and what the bot needs to know to reach them at a good time.

    Attributes:
        id: Our own number for the person.
        telegram_id: Telegram's; also the id of the private chat.
        language: Folder of `prompts` that speaks to them, such as "en".
        zone: IANA name, or None until the person told.
        weekday: Day of the weekly slot, Monday = 0.
        minute: Minute of the day of the weekly slot, 0 to 1439.
        quiet_from: Minute of the day at which quiet hours begin.
        quiet_to: Minute of the day at which they end.
        paused: Whether nudges are off until the person switches them on.
        text_only: Whether no pictures are sent.
        reachable: False after Telegram said that the bot is blocked.
        adult_at: When the person said to be 18 or over and began, or None.
        first_day: Local date of the first finished check-in: week 0 begins there. None before.
        created_at: When the row was made.
        panel: The message that carries the present screen.
    """

    id: int
    telegram_id: int
    language: str
    zone: str | None = None
    weekday: int = 6
    minute: int = 19 * 60
    quiet_from: int = 22 * 60
    quiet_to: int = 8 * 60
    paused: bool = False
    text_only: bool = False
    reachable: bool = True
    adult_at: datetime | None = None
    first_day: date | None = None
    created_at: datetime
    panel: Panel = Panel()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """One walk through the statements, begun or finished.

    Attributes:
        id: Its number.
        person_id: Whose.
        form: "first", "weekly" or "full".
        week: 7-day steps since the person's first check-in.
        started_at: When the first statement was shown.
        finished_at: When the last statement was answered, or None.
        round_id: The couple's round in which it ended, or None.
        walk: The walk as JSON text (opaque to storage, sealed), or None once answers dissolved.
        result: Sizes and words as JSON text (opaque, sealed), or None before it is finished.
        grids: Where the model stands, as bytes (opaque, sealed); None before it is finished and once a later one is.
    """

    id: int
    person_id: int
    form: str
    week: int
    started_at: datetime
    finished_at: datetime | None = None
    round_id: int | None = None
    walk: str | None = None
    result: str | None = None
    grids: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One of the two places in a couple.

    Attributes:
        seat: 1 for who invited, 2 for who accepted.
        person_id: Who sits there, or None after they left.
        weekday: Their slot as it counts for the coming round, Monday = 0.
        minute: Minute of the day of that slot.
        zone: Their zone as it counts for the coming round (UTC while unknown).
        quiet_from: Minute of the day at which their quiet hours begin.
        quiet_to: Minute of the day at which they end (1440 with 0: always quiet, while the zone is unknown).
    """

    seat: int
    person_id: int | None
    weekday: int
    minute: int
    zone: str
    quiet_from: int
    quiet_to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Couple:
    """Two people who accepted each other; it outlives a quiet leave.

    Attributes:
        id: Its number.
        created_at: When the invitation was accepted.
        closed_at: When it was closed for both, or None.
        seats: Both places, seat 1 first.
    """

    id: int
    created_at: datetime
    closed_at: datetime | None
    seats: tuple[Seat, Seat]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """An invitation: 7 days, one person, can be withdrawn. The codes are stored only hashed.

    Attributes:
        id: Its number.
        inviter_id: Who invites.
        created_at: When.
        expires_at: When it ends by itself.
        claimed_at: When somebody accepted, or None.
        withdrawn_at: When it was taken back, or None.
    """

    id: int
    inviter_id: int
    created_at: datetime
    expires_at: datetime
    claimed_at: datetime | None = None
    withdrawn_at: datetime | None = None


class Level(StrEnum):
    """How much of a picture a person chose to show."""

    WORDS = "words"
    SIZES = "sizes"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A couple's week.

    Attributes:
        id: Its number.
        couple_id: Whose.
        number: 0 for the days between pairing and the first shared slot, then 1, 2, …
        begins_at: Its first slot.
        reveal_at: The hour at which the neutral message goes out if there is no comparison.
        opened_at: When the comparison opened for both, or None.
        silent_at: When the neutral message went out, or None.
    """

    id: int
    couple_id: int
    number: int
    begins_at: datetime
    reveal_at: datetime
    opened_at: datetime | None = None
    silent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a person chose to show in a round (sealed but for its time).

    Attributes:
        person_id: Who chose.
        round_id: For which round.
        check_in_id: The picture it is about.
        level: How much.
        chosen_at: When, last.
    """

    person_id: int
    round_id: int
    check_in_id: int
    level: Level
    chosen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedView:
    """All that a scene can ever learn of the partner, built only from what was shown.

    Attributes:
        round_id: The round in which it was shown.
        partner_name: What the partner is called.
        level: How much the partner chose to show: WORDS or SIZES.
        result: The partner's sizes (and words, at WORDS) as JSON text, cut down to the level.
        wish: The wish, only if both chose WORDS and wished the same; else None.
    """

    round_id: int
    partner_name: str
    level: Level
    result: str
    wish: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepsake:
    """What was shown to a reader, under the reader's own key: it belongs to them from then on.

    Attributes:
        reader_id: Whose.
        round_id: The round in which it opened.
        opened_at: When.
        content: JSON text (opaque to storage): the reader's view and the joint starter.
    """

    reader_id: int
    round_id: int
    opened_at: datetime
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Something that falls due: a row, not a scheduler's job.

    Attributes:
        id: Its number.
        key: Unique: the same plan put twice is one plan.
        kind: Such as "nudge", "reminder", "round", "open", "reveal", "midweek".
        due_at: When.
        person_id: For whom, or None.
        couple_id: For which couple, or None.
        round_id: For which round, or None.
    """

    id: int
    key: str
    kind: str
    due_at: datetime
    person_id: int | None = None
    couple_id: int | None = None
    round_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkSide:
    """One person's side of the talk that is open: all that they may know of it.

    Attributes:
        talk_id: The talk's number.
        couple_id: Whose talk.
        made_at: When it was offered.
        side: 1 for who offered it, 2 for who was asked.
        person_id: Who.
        partner_id: The other, or None after they left.
        partner_name: What the other is called.
        state: Where the talk stands, as JSON text (opaque to storage, sealed); both sides hold the same.
        draft: What the person wrote and did not send yet, or an empty text (opaque, sealed).
        said: What they sent last, or an empty text (opaque, sealed).
        heard: What the other sent last, or an empty text (opaque, sealed).
    """

    talk_id: int
    couple_id: int
    made_at: datetime
    side: int
    person_id: int
    partner_id: int | None
    partner_name: str
    state: str
    draft: str
    said: str
    heard: str


class OnUnknown(StrEnum):
    """What becomes of a parcel of which nobody knows whether it arrived."""

    DROP = "drop"
    """At most once: nudges and reminders."""
    RETRY = "retry"
    """At least once: comparisons and notices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message that nobody is waiting for: kind and ids, never text.

    Attributes:
        id: Its number.
        key: Unique per slot.
        kind: Which scene renders it, at sending.
        person_id: To whom.
        ref: The id of what it is about (a round, mostly), or None.
        on_unknown: What to do when the outcome is not known.
        priority: 1 for what both wait for, 2 for nudges.
        available_at: Not before.
        expires_at: Not after.
        attempts: How often it was leased; also the fencing token.
    """

    id: int
    key: str
    kind: str
    person_id: int
    ref: int | None
    on_unknown: OnUnknown
    priority: int
    available_at: datetime
    expires_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An update as it came in, unsealed.

    Attributes:
        id: Our own number; the order of a chat.
        update_id: Telegram's; unique.
        chat_id: Whose order it belongs to.
        payload: The update as JSON text.
        received_at: When it was stored.
    """

    id: int
    update_id: int
    chat_id: int
    payload: str
    received_at: datetime
