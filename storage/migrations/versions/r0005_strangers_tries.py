"""Codes that strangers try are counted too, without saying who tried.

Revision ID: 0005
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """Let a try be nobody's."""
    with op.batch_alter_table("invite_attempt") as table:
        table.alter_column("person_id", existing_type=sa.BigInteger(), nullable=True)


def downgrade() -> None:
    """Forget the tries of strangers."""
    op.execute("DELETE FROM invite_attempt WHERE person_id IS NULL")
    with op.batch_alter_table("invite_attempt") as table:
        table.alter_column("person_id", existing_type=sa.BigInteger(), nullable=False)
