"""What has had its time is found by an index, however many people there are.

Revision ID: 0004
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"
branch_labels: Final = None
depends_on: Final = None

ANSWERED: Final = sa.text("walk IS NOT NULL")
CLOSED: Final = sa.text("closed_at IS NOT NULL")


def upgrade() -> None:
    """Index the check-ins whose single answers are still kept, and the couples that are closed."""
    op.create_index(
        "ix_check_in_finished_at", "check_in", ["finished_at"], sqlite_where=ANSWERED, postgresql_where=ANSWERED
    )
    op.create_index("ix_couple_closed_at", "couple", ["closed_at"], sqlite_where=CLOSED, postgresql_where=CLOSED)


def downgrade() -> None:
    """Read every row instead."""
    op.drop_index("ix_couple_closed_at", "couple")
    op.drop_index("ix_check_in_finished_at", "check_in")
