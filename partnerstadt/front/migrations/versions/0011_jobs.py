"""When retention and backup were last done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add their table."""
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("time", sa.DateTime, nullable=False),
    )
