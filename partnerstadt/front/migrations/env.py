"""Run by Alembic; the connection comes from database.py."""

from __future__ import annotations

from alembic import context

from partnerstadt.front.tables import metadata

# SQLite changes a column only by writing its table anew.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
