"""When work that nobody watches was last done well. It is shown as a number, so that somebody is told when it stops."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from partnerstadt.front.tables import jobs

RETENTION, BACKUP = JOBS = ("retention", "backup")


def note(connection: Connection, name: str, now: dt.datetime) -> None:
    """A job was done; of several processes that say so at once, one is as good as the other."""
    connection.execute(delete(jobs).where(jobs.c.name == name))
    connection.execute(insert(jobs).values(name=name, time=now))


def times(connection: Connection) -> dict[str, dt.datetime]:
    """When each job was last done; one that never was is missing."""
    return {row.name: row.time for row in connection.execute(select(jobs))}
