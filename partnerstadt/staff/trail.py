"""The trail: who did what and when. A step is kept in the transaction that does it, or neither is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql.elements import ColumnElement

from partnerstadt.front.database import writing
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


@dataclass(frozen=True)
class Filter:
    """Which steps are wanted; what is empty does not matter.

    Attributes:
        account: who.
        action: what.
        since: not before this moment.
        until: before this moment.
    """

    account: str = ""
    action: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for the database."""
        c = trail.c
        return [
            *([c.account == self.account] if self.account else []),
            *([c.action == self.action] if self.action else []),
            *([c.time >= self.since] if self.since else []),
            *([c.time < self.until] if self.until else []),
        ]


def steps(engine: Engine, wanted: Filter | None = None, most: int | None = None, skipped: int = 0) -> list[Step]:
    """What was done, the latest first."""
    conditions = wanted.conditions if wanted else []
    query = trail.select().where(*conditions).order_by(trail.c.number.desc()).limit(most).offset(skipped)
    with engine.begin() as connection:
        rows = connection.execute(query).all()
    return [Step(row.time, row.account, row.action, row.subject) for row in rows]


def count(engine: Engine, wanted: Filter) -> int:
    """How many steps that are."""
    query = select(func.count()).select_from(trail).where(*wanted.conditions)
    with engine.begin() as connection:
        return int(connection.execute(query).scalar_one())


def accounts_in(engine: Engine) -> list[str]:
    """Whoever stands in the trail."""
    with engine.begin() as connection:
        rows = connection.execute(select(trail.c.account).distinct().order_by(trail.c.account)).all()
    return [row.account for row in rows if row.account]


def forget(engine: Engine, before: dt.datetime) -> int:
    """Delete what was done before a moment; how many steps that were."""
    with writing(engine) as connection:
        return int(connection.execute(trail.delete().where(trail.c.time < before)).rowcount)
