"""Accounts: passwords to be changed, people whom a provider of OpenID Connect knows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns."""
    # Each by itself: SQLite would make the table anew for a batch, and sessions would go with the old one.
    op.add_column("staff_accounts", sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("staff_accounts", sa.Column("subject", sa.String(length=64), nullable=True))
    op.create_index("ix_staff_accounts_subject", "staff_accounts", ["subject"], unique=True)
