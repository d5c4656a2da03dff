"""Notices that clerks set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from partnerstadt.front.tables import Moment

revision = "0005"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "notices",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("begins", Moment(), nullable=False),
        sa.Column("ends", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("kind"),
    )
