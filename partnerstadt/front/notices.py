"""What clerks have set for everybody: a pause of the bot with its notice, and a notice above the chat for some time."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from partnerstadt.front.tables import notices
from partnerstadt.front.times import Clock

logger = logging.getLogger(__name__)
PAUSE, ANNOUNCEMENT = "pause", "announcement"
READ_SECONDS = 2.0


@dataclass(frozen=True)
class Notice:
    """A text for citizens.

    Attributes:
        text: what they read.
        begins: from when on.
        ends: until when, if that is known.
    """

    text: str
    begins: dt.datetime
    ends: dt.datetime | None = None

    def holds(self, now: dt.datetime) -> bool:
        """Whether it is to be read now."""
        return self.begins <= now and (self.ends is None or now < self.ends)


def read(engine: Engine) -> dict[str, Notice]:
    """What is set, by kind."""
    with engine.begin() as connection:
        return {row.kind: Notice(row.text, row.begins, row.ends) for row in connection.execute(select(notices))}


def write(connection: Connection, kind: str, notice: Notice | None) -> None:
    """Set one, or take it back."""
    connection.execute(delete(notices).where(notices.c.kind == kind))
    if notice is not None:
        values = {"kind": kind, "text": notice.text, "begins": notice.begins, "ends": notice.ends}
        connection.execute(insert(notices).values(**values))


class Notices:
    """The same for a process that asks often: read again every two seconds, so that a question costs nothing."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._known: Mapping[str, Notice] = {}

    @property
    def pause(self) -> Notice | None:
        """Why the bot says nothing, if it is paused."""
        return self._current(PAUSE)

    @property
    def announcement(self) -> Notice | None:
        """What stands above the chat."""
        return self._current(ANNOUNCEMENT)

    async def refresh(self) -> None:
        """Read them; what was known before holds as long as the database does not answer."""
        try:
            self._known = await run_in_threadpool(read, self._engine)
        except SQLAlchemyError as error:
            logger.warning("The notices could not be read (%s).", type(error).__name__)

    async def run(self) -> None:
        """Read them again and again."""
        while True:
            await asyncio.sleep(READ_SECONDS)
            await self.refresh()

    def _current(self, kind: str) -> Notice | None:
        notice = self._known.get(kind)
        return notice if notice and notice.holds(self._clock()) else None
