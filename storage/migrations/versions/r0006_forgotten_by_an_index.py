"""Who was forgotten and is not yet deleted is found by an index, however many people there are.

Revision ID: 0006
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"
branch_labels: Final = None
depends_on: Final = None

PARTING: Final = sa.text("forgotten_at IS NOT NULL")


def upgrade() -> None:
    """Index the people who were forgotten."""
    op.create_index("ix_person_forgotten", "person", ["id"], sqlite_where=PARTING, postgresql_where=PARTING)


def downgrade() -> None:
    """Read every row instead."""
    op.drop_index("ix_person_forgotten", "person")
