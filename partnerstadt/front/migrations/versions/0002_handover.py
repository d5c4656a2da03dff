"""Handing conversations over to people, and notes that citizens leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from partnerstadt.front.tables import Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns and tables."""
    op.add_column("conversations", sa.Column("called", Moment(), nullable=True))
    op.add_column("conversations", sa.Column("clerk", sa.String(length=64), nullable=True))
    op.create_index("ix_conversations_handover", "conversations", ["handover"], unique=False)
    op.create_table(
        "clerks",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("time", Moment(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("reader", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notes_time", "notes", ["time"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_notes_time", table_name="notes")
    op.drop_table("notes")
    op.drop_table("clerks")
    op.drop_index("ix_conversations_handover", table_name="conversations")
    op.drop_column("conversations", "clerk")
    op.drop_column("conversations", "called")
