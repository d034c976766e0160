"""Two people can hold a talk, and one can thank the other.

Revision ID: 0003
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"
branch_labels: Final = None
depends_on: Final = None

NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of talks and of thanks."""
    op.create_table(
        "talk",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("couple_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["couple_id"], ["couple.id"], name="fk_talk_couple_id_couple", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_talk"),
        sa.UniqueConstraint("couple_id", name="uq_talk_couple_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "talk_side",
        sa.Column("talk_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("draft", sa.LargeBinary()),
        sa.Column("said", sa.LargeBinary()),
        sa.Column("heard", sa.LargeBinary()),
        sa.CheckConstraint("side IN (1, 2)", name="side"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_talk_side_person_id_person", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name="fk_talk_side_talk_id_talk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("talk_id", "side", name="pk_talk_side"),
        sa.UniqueConstraint("person_id", name="uq_talk_side_person_id"),
    )
    op.create_table(
        "thanks",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_thanks_person_id_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name="pk_thanks"),
    )
    op.create_index("ix_thanks_given_at", "thanks", ["given_at"])


def downgrade() -> None:
    """Forget every talk and every thank-you."""
    for table in ("thanks", "talk_side", "talk"):
        op.drop_table(table)
