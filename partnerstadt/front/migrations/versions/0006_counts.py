"""Counts hold everything from now on, not only what was deleted: what is still there is added once."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from alembic import op

from partnerstadt.front import tables as t
from partnerstadt.front.times import day_of

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add it; how long answers took is counted from now on only."""
    c, f, m = t.conversations.c, t.feedback.c, t.messages.c
    joined = t.messages.join(t.conversations, c.id == m.conversation)
    rated = joined.join(t.feedback, sa.and_(f.conversation == m.conversation, f.number == m.number))
    no_name = sa.literal("")
    kinds = [
        ("conversations", c.created, no_name, t.conversations, sa.true()),
        ("questions", m.time, no_name, joined, m.sender == "citizen"),
        ("outcomes", m.time, m.outcome, joined, m.outcome.isnot(None)),
        ("intents", m.time, m.intent, joined, m.intent.isnot(None)),
        ("feedback", m.time, f.value, rated, sa.true()),
    ]
    connection = op.get_bind()
    columns = ("day", "channel", "kind", "name")
    before = connection.execute(t.counts.select())
    counted = Counter({tuple(row[name] for name in columns): row.number for row in before})
    for kind, time, name, source, condition in kinds:
        query = sa.select(time, c.channel, name).select_from(source).where(condition)
        counted.update((day_of(row[0]).isoformat(), row[1], kind, row[2]) for row in connection.execute(query))
    connection.execute(t.counts.delete())
    if counted:
        rows = [dict(zip(columns, key, strict=True)) | {"number": number} for key, number in counted.items()]
        connection.execute(t.counts.insert(), rows)
