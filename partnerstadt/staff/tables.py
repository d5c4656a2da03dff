"""The tables of the staff desk, in the same database as the front desk's. A change here needs a migration beside it."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
)

from partnerstadt.front.tables import Moment, messages

metadata = MetaData()

accounts = Table(
    "staff_accounts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password", String(256), nullable=False),  # argon2; empty where a provider knows it
    Column("role", String(16), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Column("created", Moment, nullable=False),
    # The password was made by somebody else and must be changed first.
    Column("must_change", Boolean, nullable=False, default=False, server_default=false()),
    # Of whom a provider of OpenID Connect knows: a hash of provider and person. They have no password here.
    Column("subject", String(64)),
    Index("ix_staff_accounts_subject", "subject", unique=True),
)

sessions = Table(
    "staff_sessions",
    metadata,
    # Of the token in the cookie only a hash: who reads the database cannot log in with it.
    Column("id", String(64), primary_key=True),
    Column("account", String(64), ForeignKey("staff_accounts.name", ondelete="CASCADE"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("begun", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
)

# Who did what and when; no text of a citizen.
trail = Table(
    "staff_trail",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("time", Moment, nullable=False),
    Column("account", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", String(128), nullable=False, default=""),
    Index("ix_staff_trail_time", "time"),
)

# Every version of every file of the records, as it was changed at the desk or past it.
changes = Table(
    "staff_changes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("time", Moment, nullable=False),
    Column("account", String(64), nullable=False),  # empty if it was changed past the desk
    Column("file", String(64), nullable=False),
    Column("what", String(96), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("undoes", Integer, ForeignKey("staff_changes.number")),
    Column("done", Boolean, nullable=False),  # whether the file has followed
    Index("ix_staff_changes_file", "file", "number"),
)

# Sentences of one meaning that the bot could not answer or was told it answered wrongly. Of their texts nothing is kept
# here but a name that a clerk has confirmed: they are read where the front desk keeps and deletes them.
groups = Table(
    "staff_groups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(16), nullable=False, default="open"),
    Column("intent", String(64)),
    Column("account", String(64)),
    Column("decided", Moment),
    Column("name", Text),
    # The sentence that says best what is meant.
    Column("conversation", String(64)),
    Column("number", Integer),
    # What it catches; an open group whose texts are all deleted catches nothing any more.
    Column("meaning", LargeBinary),
    Index("ix_staff_groups_state", "state"),
)

# Gone with the message, at the same moment.
inquiries = Table(
    "staff_inquiries",
    metadata,
    Column("conversation", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("group", Integer, ForeignKey("staff_groups.id"), nullable=False),
    Column("time", Moment, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("down", Boolean, nullable=False),
    Column("meaning", LargeBinary, nullable=False),
    # Whether a clerk has decided if it becomes a training sentence.
    Column("settled", Boolean, nullable=False, default=False),
    ForeignKeyConstraint(["conversation", "number"], [messages.c.conversation, messages.c.number], ondelete="CASCADE"),
    Index("ix_staff_inquiries_group", "group", "time"),
)

# What stays of them: how many, and how many of these with a thumb down.
group_days = Table(
    "staff_group_days",
    metadata,
    Column("group", Integer, ForeignKey("staff_groups.id"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("down", Integer, nullable=False),
)

# Work that only one process does at a time; it has to be taken anew before it ends.
leases = Table(
    "staff_leases",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", Moment, nullable=False),
)

# Sentences that a clerk has freed of all that is personal and confirmed for training.
examples = Table(
    "staff_examples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("intent", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("account", String(64), nullable=False),
    Column("time", Moment, nullable=False),
)

# Models trained with them and what came of the comparison.
trainings = Table(
    "staff_trainings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("step", String(16), nullable=False),
    Column("percent", Integer, nullable=False, default=0),
    Column("account", String(64), nullable=False),
    Column("started", Moment, nullable=False),
    Column("ended", Moment),
    Column("examples", Integer, nullable=False),
    Column("base", String(64), nullable=False),
    Column("model", String(64)),
    Column("error", Text),
    Column("comparison", JSON),
)
