"""Run by Alembic; the connection comes from database.py. The versions are counted apart from the front desk's."""

from __future__ import annotations

from alembic import context

from partnerstadt.staff.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    version_table="staff_version",
)
with context.begin_transaction():
    context.run_migrations()
