"""Groups of sentences that the bot could not answer, sentences for training, trained models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from partnerstadt.front.tables import Moment

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "staff_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("intent", sa.String(length=64)),
        sa.Column("account", sa.String(length=64)),
        sa.Column("decided", Moment()),
        sa.Column("name", sa.Text()),
        sa.Column("conversation", sa.String(length=64)),
        sa.Column("number", sa.Integer()),
        sa.Column("meaning", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_staff_groups_state", "staff_groups", ["state"], unique=False)
    op.create_table(
        "staff_inquiries",
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group", sa.Integer(), nullable=False),
        sa.Column("time", Moment(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("down", sa.Boolean(), nullable=False),
        sa.Column("meaning", sa.LargeBinary(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["group"], ["staff_groups.id"]),
        sa.ForeignKeyConstraint(
            ["conversation", "number"], ["messages.conversation", "messages.number"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conversation", "number"),
    )
    op.create_index("ix_staff_inquiries_group", "staff_inquiries", ["group", "time"], unique=False)
    op.create_table(
        "staff_group_days",
        sa.Column("group", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group"], ["staff_groups.id"]),
        sa.PrimaryKeyConstraint("group", "day"),
    )
    op.create_table(
        "staff_leases",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "staff_examples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("time", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "staff_trainings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("started", Moment(), nullable=False),
        sa.Column("ended", Moment()),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=64)),
        sa.Column("error", sa.Text()),
        sa.Column("comparison", sa.JSON()),
        sa.PrimaryKeyConstraint("id"),
    )
