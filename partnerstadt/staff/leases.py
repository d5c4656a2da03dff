"""Leases: work that only one process of the staff desk does at a time. Who ends without a word loses its lease soon."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from partnerstadt.staff.tables import leases


def take(connection: Connection, name: str, holder: str, now: dt.datetime, period: dt.timedelta) -> bool:
    """Take a lease or keep it for longer, within a transaction that writes; False if somebody else has it."""
    c = leases.c
    free = or_(c.holder == holder, c.until <= now)
    values = {"holder": holder, "until": now + period}
    if connection.execute(leases.update().where(c.name == name, free).values(values)).rowcount:
        return True
    if connection.execute(leases.select().where(c.name == name)).first():
        return False
    try:
        with connection.begin_nested():
            connection.execute(leases.insert().values(name=name, **values))
    except IntegrityError:  # somebody was quicker
        return False
    return True


def give_back(connection: Connection, name: str, holder: str) -> None:
    """Let go of a lease, if it is still ours."""
    connection.execute(leases.delete().where(leases.c.name == name, leases.c.holder == holder))


def held_by(connection: Connection, name: str, now: dt.datetime) -> str | None:
    """Who has a lease."""
    c = leases.c
    row = connection.execute(leases.select().where(c.name == name, c.until > now)).first()
    return str(row.holder) if row else None
