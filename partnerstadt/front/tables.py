"""The tables of the front desk. A change here needs a migration beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator):
    """A time with its zone in Python, in UTC without one in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """On its way into the database."""
        return value.astimezone(dt.timezone.utc).replace(tzinfo=None) if value else None

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """On its way out."""
        return value.replace(tzinfo=dt.timezone.utc) if value else None


metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("created", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    # The number of its newest event.
    Column("last", Integer, nullable=False, default=0),
    # Who answers: the bot (bot, waiting, closed) or a person (staff); handover.py says when it changes.
    Column("handover", String(16), nullable=False, default="bot"),
    Column("plain", Boolean, nullable=False, default=False),
    # Whether Rasa may hold a tracker of it.
    Column("in_rasa", Boolean, nullable=False, default=False),
    # Since when somebody waits for a person, and the account of the person who has taken over.
    Column("called", Moment),
    Column("clerk", String(64)),
    Index("ix_conversations_expires", "expires"),
    Index("ix_conversations_handover", "handover"),
)

messages = Table(
    "messages",
    metadata,
    Column("conversation", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("type", String(16), nullable=False),  # message or status
    Column("sender", String(16), nullable=False),  # citizen, bot, staff, system
    Column("time", Moment, nullable=False),
    Column("text", Text, nullable=False),
    # What Rasa is asked, where it is not the text itself (the payload of a button).
    Column("payload", Text),
    # Of a citizen's message to the bot: pending until it is answered; of one to a person: staff.
    Column("state", String(16)),
    Column("client_id", String(64)),
    Column("answers", Integer),
    Column("source", Text),
    Column("buttons", JSON),
    Column("picture", String(32)),
    Column("intent", String(64)),
    Column("confidence", Float),
    Column("records", JSON),
    Column("outcome", String(32)),
    ForeignKeyConstraint(["conversation"], ["conversations.id"], ondelete="CASCADE"),
    UniqueConstraint("conversation", "client_id", name="uq_messages_client_id"),
    Index("ix_messages_state", "state"),
    Index("ix_messages_time", "time"),
)

# What a button says to the bot; clients only ever see its id.
buttons = Table(
    "buttons",
    metadata,
    Column("conversation", String(64), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("payload", Text, nullable=False),
    ForeignKeyConstraint(["conversation", "number"], ["messages.conversation", "messages.number"], ondelete="CASCADE"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("conversation", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("value", String(8), nullable=False),
    Column("comment", Text),
    Column("time", Moment, nullable=False),
    ForeignKeyConstraint(["conversation", "number"], ["messages.conversation", "messages.number"], ondelete="CASCADE"),
)

# What stays of texts that are deleted.
counts = Table(
    "counts",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("channel", String(32), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("number", BigInteger, nullable=False),
)

# Conversations that Rasa has still to forget; it could not be reached when they were deleted.
forgotten = Table("forgotten", metadata, Column("id", String(64), primary_key=True))

# When a job that nobody watches was last done.
jobs = Table(
    "jobs",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("time", Moment, nullable=False),
)

# What clerks have set for everybody: a pause of the bot, a notice above the chat.
notices = Table(
    "notices",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("text", Text, nullable=False),
    Column("begins", Moment, nullable=False),
    Column("ends", Moment),
)

# Who of the staff is there; the staff desk says so again and again, else it is no longer true.
clerks = Table(
    "clerks",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("available", Boolean, nullable=False),  # for somebody who asks for a person
    Column("until", Moment, nullable=False),
)

# What citizens leave for the staff, with a way to be reached: no part of a conversation, and not masked.
notes = Table(
    "notes",
    metadata,
    Column("id", String(64), primary_key=True),  # made up with the form, so that it is kept once
    Column("time", Moment, nullable=False),
    Column("text", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("reader", String(64)),  # the account that has opened it first
    Index("ix_notes_time", "time"),
)

# Mails that wait for an answer of the staff; not masked either. Of one that is done, only the id stays for a while.
mails = Table(
    "mails",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("time", Moment, nullable=False),
    Column("sender", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("reader", String(64)),
    Column("state", String(16), nullable=False),  # new, replied (the answer has not left yet), done
    Column("reply", Text, nullable=False),
    Index("ix_mails_state", "state"),
    Index("ix_mails_time", "time"),
)
