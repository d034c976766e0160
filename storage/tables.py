"""The tables: what must always hold stands here as a constraint or a partial unique index.

Sealed columns are ``LargeBinary``; what is plain is what is needed to reach a person at a good time.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.instants import Instant

# SQLite numbers rows by itself only in a column declared INTEGER, which holds 64 bits there.
Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_DAY = "BETWEEN 0 AND 6"
_MINUTE = "BETWEEN 0 AND 1439"


def _person(name: str = "person_id", *, null: bool = False, gone: str = "CASCADE", **more: bool) -> Column[int]:
    return Column(name, BigInteger, ForeignKey("person.id", ondelete=gone), nullable=null, **more)  # type: ignore[arg-type]


person = Table(
    "person",
    metadata,
    # The number is the number of the person's key, which is made first: see keys.py.
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("telegram_id", BigInteger, nullable=False),
    Column("language", Text, nullable=False),
    Column("zone", Text),
    Column("weekday", SmallInteger, CheckConstraint(f"weekday {_DAY}", "weekday"), nullable=False),
    Column("minute", SmallInteger, CheckConstraint(f"minute {_MINUTE}", "minute"), nullable=False),
    Column("quiet_from", SmallInteger, CheckConstraint(f"quiet_from {_MINUTE}", "quiet_from"), nullable=False),
    Column("quiet_to", SmallInteger, CheckConstraint(f"quiet_to {_MINUTE}", "quiet_to"), nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("text_only", Boolean, nullable=False),
    Column("reachable", Boolean, nullable=False),
    Column("adult_at", Instant),
    Column("first_day", Date),
    Column("created_at", Instant, nullable=False),
    Column("forgotten_at", Instant),
    Column("panel_message_id", BigInteger),
    Column("panel_kind", Text, CheckConstraint("panel_kind IN ('text', 'picture')", "panel_kind")),
    Column("panel_digest", Text),
    Column("place", LargeBinary),
    Column("owed", Boolean, nullable=False),
)
# Who was forgotten may come back at once, as somebody new, while the old rows are still being emptied.
_known = text("forgotten_at IS NULL")
Index("uq_person_telegram_id", person.c.telegram_id, unique=True, sqlite_where=_known, postgresql_where=_known)
_parting = text("forgotten_at IS NOT NULL")
Index("ix_person_forgotten", person.c.id, sqlite_where=_parting, postgresql_where=_parting)
Index("ix_person_owed", person.c.id, sqlite_where=text("owed = 1"), postgresql_where=text("owed"))

couple = Table(
    "couple",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("closed_at", Instant),
    sqlite_autoincrement=True,
)
_closed = text("closed_at IS NOT NULL")
Index("ix_couple_closed_at", couple.c.closed_at, sqlite_where=_closed, postgresql_where=_closed)

seat = Table(
    "seat",
    metadata,
    Column("couple_id", BigInteger, ForeignKey("couple.id", ondelete="CASCADE"), nullable=False),
    Column("seat", SmallInteger, CheckConstraint("seat IN (1, 2)", "seat"), nullable=False),
    # Empty after a quiet leave; the slot stays, so that the rounds go on as before.
    _person(null=True, gone="SET NULL"),
    Column("weekday", SmallInteger, CheckConstraint(f"weekday {_DAY}", "weekday"), nullable=False),
    Column("minute", SmallInteger, CheckConstraint(f"minute {_MINUTE}", "minute"), nullable=False),
    Column("zone", Text, nullable=False),
    Column("quiet_from", SmallInteger, CheckConstraint(f"quiet_from {_MINUTE}", "quiet_from"), nullable=False),
    # 0 to 1440 is the whole day: always quiet, while the zone is not known.
    Column("quiet_to", SmallInteger, CheckConstraint("quiet_to BETWEEN 0 AND 1440", "quiet_to"), nullable=False),
    # Both under the key of whoever sits here, so that a partner's leaving changes neither.
    Column("own_name", LargeBinary),
    Column("partner_name", LargeBinary),
    PrimaryKeyConstraint("couple_id", "seat"),
    UniqueConstraint("person_id"),
)

# A couple's week; "round" is a function's name in SQL, hence the longer name.
couple_round = Table(
    "couple_round",
    metadata,
    Column("id", Id, primary_key=True),
    Column("couple_id", BigInteger, ForeignKey("couple.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, CheckConstraint("number >= 0", "number"), nullable=False),
    Column("begins_at", Instant, nullable=False),
    Column("reveal_at", Instant, nullable=False),
    Column("opened_at", Instant),
    Column("silent_at", Instant),
    UniqueConstraint("couple_id", "number"),
    # A round ends in one way: there was a comparison, or there was none.
    CheckConstraint("opened_at IS NULL OR silent_at IS NULL", "one_end"),
    sqlite_autoincrement=True,
)

check_in = Table(
    "check_in",
    metadata,
    Column("id", Id, primary_key=True),
    _person(),
    Column("form", Text, CheckConstraint("form IN ('first', 'weekly', 'full')", "form"), nullable=False),
    Column("week", Integer, CheckConstraint("week >= 0", "week"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("round_id", BigInteger, ForeignKey("couple_round.id", ondelete="SET NULL")),
    Column("walk", LargeBinary),
    Column("result", LargeBinary),
    Column("grids", LargeBinary),
    Index("ix_check_in_person_id_finished_at", "person_id", "finished_at"),
    sqlite_autoincrement=True,
)
_unfinished = text("finished_at IS NULL")
Index(
    "uq_check_in_unfinished", check_in.c.person_id, unique=True, sqlite_where=_unfinished, postgresql_where=_unfinished
)
_answered = text("walk IS NOT NULL")
Index("ix_check_in_finished_at", check_in.c.finished_at, sqlite_where=_answered, postgresql_where=_answered)
_counted = text("round_id IS NOT NULL")
Index(
    "uq_check_in_round",
    check_in.c.round_id,
    check_in.c.person_id,
    unique=True,
    sqlite_where=_counted,
    postgresql_where=_counted,
)

choice = Table(
    "choice",
    metadata,
    Column("round_id", BigInteger, ForeignKey("couple_round.id", ondelete="CASCADE"), nullable=False),
    _person(),
    Column("content", LargeBinary, nullable=False),
    Column("chosen_at", Instant, nullable=False),
    PrimaryKeyConstraint("round_id", "person_id"),
    Index("ix_choice_person_id", "person_id"),
)

keepsake = Table(
    "keepsake",
    metadata,
    _person("reader_id"),
    Column("round_id", BigInteger, ForeignKey("couple_round.id"), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("reader_id", "round_id"),
    Index("ix_keepsake_round_id", "round_id"),
    Index("ix_keepsake_opened_at", "opened_at"),
)

invite = Table(
    "invite",
    metadata,
    Column("id", Id, primary_key=True),
    _person("inviter_id"),
    # Both codes come from this and the inviter's key; the hashes are what a given code is looked up by.
    Column("nonce", LargeBinary, nullable=False),
    Column("link_hash", LargeBinary, nullable=False, unique=True),
    Column("short_hash", LargeBinary, nullable=False, unique=True),
    Column("name", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("withdrawn_at", Instant),
    sqlite_autoincrement=True,
)
_open_invite = text("claimed_at IS NULL AND withdrawn_at IS NULL")
Index("uq_invite_open", invite.c.inviter_id, unique=True, sqlite_where=_open_invite, postgresql_where=_open_invite)

invite_attempt = Table(
    "invite_attempt",
    metadata,
    Column("id", Id, primary_key=True),
    # Nobody's is a stranger's: of those only that they tried is kept.
    _person(null=True),
    Column("tried_at", Instant, nullable=False),
    Index("ix_invite_attempt_tried_at", "tried_at"),
)

plan = Table(
    "plan",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    _person(null=True),
    Column("couple_id", BigInteger, ForeignKey("couple.id", ondelete="CASCADE")),
    Column("round_id", BigInteger, ForeignKey("couple_round.id", ondelete="CASCADE")),
    Index("ix_plan_due_at", "due_at", "id"),
    Index("ix_plan_person_id", "person_id"),
    Index("ix_plan_couple_id", "couple_id"),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    _person(),
    Column("ref", BigInteger),
    Column("on_unknown", Text, CheckConstraint("on_unknown IN ('drop', 'retry')", "on_unknown"), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column(
        "state",
        Text,
        CheckConstraint("state IN ('ready', 'leased', 'sending', 'sent', 'dead', 'unknown')", "state"),
        nullable=False,
    ),
    Column("available_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", Instant),
    Column("message_id", BigInteger),
    Column("last_error", Text),
    Column("created_at", Instant, nullable=False),
    Index("ix_outbox_person_id", "person_id"),
    sqlite_autoincrement=True,
)
_ready = text("state = 'ready'")
Index(
    "ix_outbox_ready",
    outbox.c.priority,
    outbox.c.available_at,
    outbox.c.id,
    sqlite_where=_ready,
    postgresql_where=_ready,
)
_held = text("state IN ('leased', 'sending')")
Index("ix_outbox_held", outbox.c.lease_until, sqlite_where=_held, postgresql_where=_held)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("update_id", BigInteger, nullable=False, unique=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("payload", LargeBinary),
    Column("state", Text, CheckConstraint("state IN ('open', 'done', 'dead')", "state"), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("closed_at", Instant),
    # Only what is still open holds what a person tapped.
    CheckConstraint("(state = 'open') = (payload IS NOT NULL)", "payload"),
    Index("ix_inbox_received_at", "received_at"),
    sqlite_autoincrement=True,
)
_open_letter = text("state = 'open'")
Index("ix_inbox_open", inbox.c.id, sqlite_where=_open_letter, postgresql_where=_open_letter)
Index("ix_inbox_chat_id", inbox.c.chat_id, inbox.c.id, sqlite_where=_open_letter, postgresql_where=_open_letter)

# Which of several processes handles a chat, for as long as it lives; see claims.py.
claim = Table(
    "claim",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner", Text, nullable=False),
    Column("until_at", Instant, nullable=False),
)

diary = Table(
    "diary",
    metadata,
    _person(),
    Column("strand", Text, CheckConstraint("strand IN ('own', 'joint', 'thoughts')", "strand"), nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("person_id", "strand"),
)

# A talk that is open; when it ends its rows go, and every word with them.
talk = Table(
    "talk",
    metadata,
    Column("id", Id, primary_key=True),
    Column("couple_id", BigInteger, ForeignKey("couple.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

talk_side = Table(
    "talk_side",
    metadata,
    Column("talk_id", BigInteger, ForeignKey("talk.id", ondelete="CASCADE"), nullable=False),
    Column("side", SmallInteger, CheckConstraint("side IN (1, 2)", "side"), nullable=False),
    _person(unique=True),
    # All four under the key of this person: whoever leaves or is deleted takes nothing from the other.
    Column("state", LargeBinary, nullable=False),
    Column("draft", LargeBinary),
    Column("said", LargeBinary),
    Column("heard", LargeBinary),
    PrimaryKeyConstraint("talk_id", "side"),
)

thanks = Table(
    "thanks",
    metadata,
    _person(primary_key=True, autoincrement=False),
    Column("given_at", Instant, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("ix_thanks_given_at", "given_at"),
)

picture_file = Table(
    "picture_file",
    metadata,
    _person(),
    Column("digest", LargeBinary, nullable=False),
    Column("file_id", LargeBinary, nullable=False),
    PrimaryKeyConstraint("person_id", "digest"),
)

message = Table(
    "message",
    metadata,
    _person(),
    Column("message_id", BigInteger, nullable=False),
    Column("sent_at", Instant, nullable=False),
    PrimaryKeyConstraint("person_id", "message_id"),
    Index("ix_message_sent_at", "sent_at"),
)

leadership = Table(
    "leadership",
    metadata,
    Column("role", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until_at", Instant, nullable=False),
    Column("epoch", Integer, nullable=False),
)
