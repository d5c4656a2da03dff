"""Versions of the files of the records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from partnerstadt.front.tables import Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "staff_changes",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("time", Moment(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=96), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["undoes"], ["staff_changes.number"]),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_staff_changes_file", "staff_changes", ["file", "number"], unique=False)
