"""The first tables.

Revision ID: 0001
"""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final = None
branch_labels: Final = None
depends_on: Final = None

NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _where(condition: str) -> dict[str, Any]:
    """A partial index on both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _refers(name: str, column: str, table: str, gone: str | None = None) -> sa.ForeignKeyConstraint:
    """A column that refers to another table's id, and what becomes of it when that row goes."""
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_{name}", ondelete=gone)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "couple",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_couple"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "inbox",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.CheckConstraint("(state = 'open') = (payload IS NOT NULL)", name=op.f("ck_inbox_payload")),
        sa.CheckConstraint("state IN ('open', 'done', 'dead')", name=op.f("ck_inbox_state")),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("update_id", name="uq_inbox_update_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_open", "inbox", ["id"], **_where("state = 'open'"))
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])
    op.create_table(
        "leadership",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("role", name="pk_leadership"),
    )
    op.create_table(
        "person",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text()),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("minute", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_from", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_to", sa.SmallInteger(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("text_only", sa.Boolean(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("adult_at", sa.BigInteger()),
        sa.Column("first_day", sa.Date()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("forgotten_at", sa.BigInteger()),
        sa.Column("panel_message_id", sa.BigInteger()),
        sa.Column("panel_kind", sa.Text()),
        sa.Column("panel_digest", sa.Text()),
        sa.Column("place", sa.LargeBinary()),
        sa.Column("owed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_person_minute")),
        sa.CheckConstraint("panel_kind IN ('text', 'picture')", name=op.f("ck_person_panel_kind")),
        sa.CheckConstraint("quiet_from BETWEEN 0 AND 1439", name=op.f("ck_person_quiet_from")),
        sa.CheckConstraint("quiet_to BETWEEN 0 AND 1439", name=op.f("ck_person_quiet_to")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_person_weekday")),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_index(
        "ix_person_owed", "person", ["id"], sqlite_where=sa.text("owed = 1"), postgresql_where=sa.text("owed")
    )
    op.create_index("uq_person_telegram_id", "person", ["telegram_id"], unique=True, **_where("forgotten_at IS NULL"))
    op.create_table(
        "couple_round",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("couple_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("reveal_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger()),
        sa.Column("silent_at", sa.BigInteger()),
        sa.CheckConstraint("opened_at IS NULL OR silent_at IS NULL", name=op.f("ck_couple_round_one_end")),
        _refers("couple_round_couple_id_couple", "couple_id", "couple", "CASCADE"),
        sa.CheckConstraint("number >= 0", name=op.f("ck_couple_round_number")),
        sa.PrimaryKeyConstraint("id", name="pk_couple_round"),
        sa.UniqueConstraint("couple_id", "number", name="uq_couple_round_couple_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "diary",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("strand", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _refers("diary_person_id_person", "person_id", "person", "CASCADE"),
        sa.CheckConstraint("strand IN ('own', 'joint', 'thoughts')", name=op.f("ck_diary_strand")),
        sa.PrimaryKeyConstraint("person_id", "strand", name="pk_diary"),
    )
    op.create_table(
        "invite",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("inviter_id", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("short_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger()),
        sa.Column("withdrawn_at", sa.BigInteger()),
        _refers("invite_inviter_id_person", "inviter_id", "person", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_invite"),
        sa.UniqueConstraint("link_hash", name="uq_invite_link_hash"),
        sa.UniqueConstraint("short_hash", name="uq_invite_short_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_invite_open", "invite", ["inviter_id"], unique=True, **_where("claimed_at IS NULL AND withdrawn_at IS NULL")
    )
    op.create_table(
        "invite_attempt",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=False),
        _refers("invite_attempt_person_id_person", "person_id", "person", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_invite_attempt"),
    )
    op.create_index("ix_invite_attempt_tried_at", "invite_attempt", ["tried_at"])
    op.create_table(
        "message",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        _refers("message_person_id_person", "person_id", "person", "CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "message_id", name="pk_message"),
    )
    op.create_index("ix_message_sent_at", "message", ["sent_at"])
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.BigInteger()),
        sa.Column("on_unknown", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("available_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("last_error", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        _refers("outbox_person_id_person", "person_id", "person", "CASCADE"),
        sa.CheckConstraint("on_unknown IN ('drop', 'retry')", name=op.f("ck_outbox_on_unknown")),
        sa.CheckConstraint(
            "state IN ('ready', 'leased', 'sending', 'sent', 'dead', 'unknown')", name=op.f("ck_outbox_state")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_held", "outbox", ["lease_until"], **_where("state IN ('leased', 'sending')"))
    op.create_index("ix_outbox_person_id", "outbox", ["person_id"])
    op.create_index("ix_outbox_ready", "outbox", ["priority", "available_at", "id"], **_where("state = 'ready'"))
    op.create_table(
        "picture_file",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("file_id", sa.LargeBinary(), nullable=False),
        _refers("picture_file_person_id_person", "person_id", "person", "CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "digest", name="pk_picture_file"),
    )
    op.create_table(
        "seat",
        sa.Column("couple_id", sa.BigInteger(), nullable=False),
        sa.Column("seat", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("minute", sa.SmallInteger(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("quiet_from", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_to", sa.SmallInteger(), nullable=False),
        sa.Column("own_name", sa.LargeBinary()),
        sa.Column("partner_name", sa.LargeBinary()),
        _refers("seat_couple_id_couple", "couple_id", "couple", "CASCADE"),
        _refers("seat_person_id_person", "person_id", "person", "SET NULL"),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_seat_minute")),
        sa.CheckConstraint("quiet_from BETWEEN 0 AND 1439", name=op.f("ck_seat_quiet_from")),
        sa.CheckConstraint("quiet_to BETWEEN 0 AND 1440", name=op.f("ck_seat_quiet_to")),
        sa.CheckConstraint("seat IN (1, 2)", name=op.f("ck_seat_seat")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_seat_weekday")),
        sa.PrimaryKeyConstraint("couple_id", "seat", name="pk_seat"),
        sa.UniqueConstraint("person_id", name="uq_seat_person_id"),
    )
    op.create_table(
        "check_in",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("round_id", sa.BigInteger()),
        sa.Column("walk", sa.LargeBinary()),
        sa.Column("result", sa.LargeBinary()),
        sa.Column("grids", sa.LargeBinary()),
        _refers("check_in_person_id_person", "person_id", "person", "CASCADE"),
        _refers("check_in_round_id_couple_round", "round_id", "couple_round", "SET NULL"),
        sa.CheckConstraint("form IN ('first', 'weekly', 'full')", name=op.f("ck_check_in_form")),
        sa.CheckConstraint("week >= 0", name=op.f("ck_check_in_week")),
        sa.PrimaryKeyConstraint("id", name="pk_check_in"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_check_in_person_id_finished_at", "check_in", ["person_id", "finished_at"])
    op.create_index(
        "uq_check_in_round", "check_in", ["round_id", "person_id"], unique=True, **_where("round_id IS NOT NULL")
    )
    op.create_index("uq_check_in_unfinished", "check_in", ["person_id"], unique=True, **_where("finished_at IS NULL"))
    op.create_table(
        "choice",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("chosen_at", sa.BigInteger(), nullable=False),
        _refers("choice_person_id_person", "person_id", "person", "CASCADE"),
        _refers("choice_round_id_couple_round", "round_id", "couple_round", "CASCADE"),
        sa.PrimaryKeyConstraint("round_id", "person_id", name="pk_choice"),
    )
    op.create_index("ix_choice_person_id", "choice", ["person_id"])
    op.create_table(
        "keepsake",
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _refers("keepsake_reader_id_person", "reader_id", "person", "CASCADE"),
        _refers("keepsake_round_id_couple_round", "round_id", "couple_round"),
        sa.PrimaryKeyConstraint("reader_id", "round_id", name="pk_keepsake"),
    )
    op.create_index("ix_keepsake_opened_at", "keepsake", ["opened_at"])
    op.create_index("ix_keepsake_round_id", "keepsake", ["round_id"])
    op.create_table(
        "plan",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("couple_id", sa.BigInteger()),
        sa.Column("round_id", sa.BigInteger()),
        _refers("plan_couple_id_couple", "couple_id", "couple", "CASCADE"),
        _refers("plan_person_id_person", "person_id", "person", "CASCADE"),
        _refers("plan_round_id_couple_round", "round_id", "couple_round", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_plan"),
        sa.UniqueConstraint("key", name="uq_plan_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_plan_couple_id", "plan", ["couple_id"])
    op.create_index("ix_plan_due_at", "plan", ["due_at", "id"])
    op.create_index("ix_plan_person_id", "plan", ["person_id"])


def downgrade() -> None:
    """Remove all tables, and their indexes with them."""
    for table in (
        "plan",
        "keepsake",
        "choice",
        "check_in",
        "seat",
        "picture_file",
        "outbox",
        "message",
        "invite_attempt",
        "invite",
        "diary",
        "couple_round",
        "person",
        "leadership",
        "inbox",
        "couple",
    ):
        op.drop_table(table)
