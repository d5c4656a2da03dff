"""Notes that citizens have left, as clerks work them off; who opened one and who deleted it stands in the trail."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from partnerstadt.front import notes
from partnerstadt.front.database import writing
from partnerstadt.front.notes import Note
from partnerstadt.front.times import Clock
from partnerstadt.staff.trail import step

SHOWN = 8  # characters of a note's id that tell it from others


class Notes:
    """All of it, in the database. Each method is one transaction.

    Args:
        engine: a database that is open.
        clock: the time.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def left(self) -> list[Note]:
        """All of them, the oldest first."""
        with self._engine.begin() as connection:
            return notes.left(connection)

    def open(self, id: str, account: str) -> Note | None:
        """One of them; who opens it first is kept."""
        with writing(self._engine) as connection:
            if notes.opened(connection, id, account):
                step(connection, self._clock(), account, "note_read", id[:SHOWN])
            return notes.note(connection, id)

    def done(self, id: str, account: str) -> bool:
        """Delete one that is done; False if it is not there any more."""
        with writing(self._engine) as connection:
            found = notes.done(connection, id)
            if found:
                step(connection, self._clock(), account, "note_done", id[:SHOWN])
        return found
