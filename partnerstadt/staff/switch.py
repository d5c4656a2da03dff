"""The emergency switch: pauses the bot, or shows a notice above the chat for some time."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.engine import Engine

from partnerstadt.front.database import writing
from partnerstadt.front.notices import ANNOUNCEMENT, PAUSE, Notice, read, write
from partnerstadt.front.times import Clock
from partnerstadt.incoming import clean
from partnerstadt.staff.trail import step

MOST_CHARACTERS = 500


class Unfit(ValueError):
    """A notice cannot be shown like this; the key names the reason in the texts."""


class Switch:
    """What citizens are told in place of answers, or above them; front desks read it from the database."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def state(self) -> dict[str, Notice]:
        """What is set and not over, by kind."""
        now = self._clock()
        return {kind: notice for kind, notice in read(self._engine).items() if notice.ends is None or now < notice.ends}

    def pause(self, text: str, by: str) -> None:
        """Answer everybody with this text from now on.

        Raises:
            Unfit: if it is empty or too long.
        """
        notice = Notice(checked(text), self._clock())
        with writing(self._engine) as connection:
            write(connection, PAUSE, notice)
            step(connection, self._clock(), by, "bot_paused")

    def resume(self, by: str) -> None:
        """Let the bot answer again."""
        with writing(self._engine) as connection:
            write(connection, PAUSE, None)
            step(connection, self._clock(), by, "bot_resumed")

    def announce(self, text: str, begins: dt.datetime | None, ends: dt.datetime | None, by: str) -> None:
        """Show this text above the chat, from now on or later.

        Raises:
            Unfit: if it is empty or too long, or over before it begins.
        """
        now = self._clock()
        notice = Notice(checked(text), begins or now, ends)
        if ends is not None and ends <= max(notice.begins, now):
            raise Unfit("over")
        with writing(self._engine) as connection:
            write(connection, ANNOUNCEMENT, notice)
            step(connection, now, by, "notice_shown")

    def withdraw(self, by: str) -> None:
        """Take it back."""
        with writing(self._engine) as connection:
            write(connection, ANNOUNCEMENT, None)
            step(connection, self._clock(), by, "notice_withdrawn")


def checked(text: str) -> str:
    """A text that can be shown to everybody."""
    text = clean(text.replace("\r\n", "\n")).strip()
    if not text:
        raise Unfit("empty")
    if len(text) > MOST_CHARACTERS:
        raise Unfit("long")
    return text
