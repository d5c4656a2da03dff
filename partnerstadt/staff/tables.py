"""The tables of the staff desk, in the same database as the front desk's. A change here needs a migration beside it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, false

from partnerstadt.front.tables import Moment

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
