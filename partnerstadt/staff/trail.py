"""The trail: who did what and when. A step is kept in the transaction that does it, or neither is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.engine import Connection, Engine

from partnerstadt.staff.tables import trail


@dataclass(frozen=True)
class Step:
    """One line of the trail."""

    time: dt.datetime
    account: str
    action: str
    subject: str


def step(connection: Connection, time: dt.datetime, account: str, action: str, subject: str = "") -> None:
    """Keep one; a subject names an account, a record or a number, never what a citizen wrote."""
    values = {"time": time, "account": account, "action": action, "subject": subject}
    connection.execute(trail.insert().values(values))


def steps(engine: Engine, most: int = 200) -> list[Step]:
    """What was done, the latest first."""
    with engine.begin() as connection:
        rows = connection.execute(trail.select().order_by(trail.c.number.desc()).limit(most)).all()
    return [Step(row.time, row.account, row.action, row.subject) for row in rows]
