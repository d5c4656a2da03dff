"""Mails that citizens have sent, as clerks answer them; who opened, answered or put one away stands in the trail."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from partnerstadt.front import mails
from partnerstadt.front.database import writing
from partnerstadt.front.mails import Mail
from partnerstadt.front.times import Clock
from partnerstadt.staff.trail import step

SHOWN = 8  # characters of a mail's id that tell it from others


class Mailbox:
    """All of it, in the database. Each method is one transaction.

    Args:
        engine: a database that is open.
        clock: the time.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def waiting(self) -> list[Mail]:
        """Mails that nobody has answered yet, the oldest first."""
        with self._engine.begin() as connection:
            return mails.waiting(connection)

    def open(self, id: str, account: str) -> Mail | None:
        """One of them; who opens it first is kept."""
        with writing(self._engine) as connection:
            found = mails.mail(connection, id)
            if found is not None and mails.opened(connection, id, account):
                step(connection, self._clock(), account, "mail_read", id[:SHOWN])
            return found

    def reply(self, id: str, text: str, account: str) -> bool:
        """Answer one, by the gateway to e-mail; False if somebody has been quicker."""
        with writing(self._engine) as connection:
            replied = mails.reply(connection, id, text)
            if replied:
                step(connection, self._clock(), account, "mail_replied", id[:SHOWN])
        return replied

    def done(self, id: str, account: str) -> bool:
        """Put one away without an answer; False if somebody has been quicker."""
        with writing(self._engine) as connection:
            found = mails.done(connection, id)
            if found:
                step(connection, self._clock(), account, "mail_done", id[:SHOWN])
        return found
