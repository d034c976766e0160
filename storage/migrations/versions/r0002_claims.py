"""Chats are claimed by one of several processes.

Revision ID: 0002
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"
branch_labels: Final = None
depends_on: Final = None

OPEN: Final = sa.text("state = 'open'")


def upgrade() -> None:
    """Make the table of claims, and find a chat's open updates by its number."""
    op.create_table(
        "claim",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_claim"),
    )
    op.create_index("ix_inbox_chat_id", "inbox", ["chat_id", "id"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    """Forget who holds which chat."""
    op.drop_index("ix_inbox_chat_id", "inbox")
    op.drop_table("claim")
