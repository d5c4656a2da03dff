"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from partnerstadt.front.tables import Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("handover", sa.String(length=16), nullable=False),
        sa.Column("plain", sa.Boolean(), nullable=False),
        sa.Column("in_rasa", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_conversations_expires", "conversations", ["expires"], unique=False)
    op.create_table(
        "counts",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "channel", "kind", "name"),
    )
    op.create_table("forgotten", sa.Column("id", sa.String(length=64), nullable=False), sa.PrimaryKeyConstraint("id"))
    op.create_table(
        "messages",
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("sender", sa.String(length=16), nullable=False),
        sa.Column("time", Moment(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=True),
        sa.Column("client_id", sa.String(length=64), nullable=True),
        sa.Column("answers", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("buttons", sa.JSON(), nullable=True),
        sa.Column("picture", sa.String(length=32), nullable=True),
        sa.Column("intent", sa.String(length=64), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("records", sa.JSON(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation", "number"),
        sa.UniqueConstraint("conversation", "client_id", name="uq_messages_client_id"),
    )
    op.create_index("ix_messages_state", "messages", ["state"], unique=False)
    op.create_index("ix_messages_time", "messages", ["time"], unique=False)
    op.create_table(
        "buttons",
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation", "number"], ["messages.conversation", "messages.number"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conversation", "id"),
    )
    op.create_table(
        "feedback",
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.String(length=8), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("time", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation", "number"], ["messages.conversation", "messages.number"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conversation", "number"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("feedback")
    op.drop_table("buttons")
    op.drop_index("ix_messages_time", table_name="messages")
    op.drop_index("ix_messages_state", table_name="messages")
    op.drop_table("messages")
    op.drop_table("forgotten")
    op.drop_table("counts")
    op.drop_index("ix_conversations_expires", table_name="conversations")
    op.drop_table("conversations")
