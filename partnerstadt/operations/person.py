"""What is kept of a conversation, for the citizen who asks for it, and its deletion everywhere."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy import LargeBinary, select
from sqlalchemy.engine import Connection

from partnerstadt.front import tables as front
from partnerstadt.front.bot import Bot, Unavailable
from partnerstadt.front.sessions import FILE as SECRET
from partnerstadt.front.sessions import Tokens
from partnerstadt.front.settings import FILE, FrontSettings
from partnerstadt.front.store import Store
from partnerstadt.front.times import Clock, now
from partnerstadt.operations import erased
from partnerstadt.operations.deploy import ACCOUNT, Say
from partnerstadt.secret_file import kept_secret
from partnerstadt.settings import Problem, Settings
from partnerstadt.staff import tables as staff
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.trail import step

Result = TypeVar("Result")


class Files:
    """All that is kept of people, wherever it lies.

    Args:
        settings: where.
        clock: the time.
    """

    def __init__(self, settings: Settings, clock: Clock = now) -> None:
        self._settings, self._clock = settings, clock
        self._front = FrontSettings.read(settings.project / FILE)
        self._engine = open_staff_database(settings.database, settings.state)
        self._store = Store(self._engine)

    def conversation(self, who: str) -> str:
        """The id of a conversation, by itself or by the token that the citizen's browser holds; a Problem if none."""
        secret = self._front.secret or kept_secret(self._settings.state / SECRET)
        id = Tokens(secret).read(who) or who
        c = front.conversations.c
        if self._store.within_reading(lambda connection: connection.execute(select(c.id).where(c.id == id)).scalar()):
            return id
        raise Problem("nothing is kept under this id or token.")

    def export(self, id: str, say: Say) -> dict[str, Any]:
        """Everything that is kept of a conversation, as JSON can hold it."""
        rows = self._store.within_reading(_rows, id)
        try:
            rows["rasa"] = self._ask(lambda bot: bot.history(id))
        except Unavailable as error:
            say(f"Rasa cannot be asked now ({error}); what it remembers of the conversation is missing.")
        with self._engine.begin() as connection:
            step(connection, self._clock(), ACCOUNT, "conversation_exported")
        return rows

    def delete(self, id: str, say: Say) -> None:
        """Delete a conversation everywhere; what Rasa remembers, as soon as it can be reached."""
        erased.note(self._settings.state, [id])
        self._store.delete(id)
        with self._engine.begin() as connection:
            step(connection, self._clock(), ACCOUNT, "conversation_deleted")
        self._store.leave_no_trace()
        try:
            self._ask(lambda bot: bot.forget(id))
            self._store.is_forgotten(id)
        except Unavailable as error:
            say(f"Rasa cannot be reached now ({error}); the front desk lets it forget as soon as it can.")

    def _ask(self, work: Callable[[Bot], Awaitable[Result]]) -> Result:
        async def asked() -> Result:
            urls = self._settings.rasa_urls, self._settings.bot_actions_url
            bot = Bot(*urls, self._front.rasa_seconds, 1, self._settings.token or "")
            try:
                return await work(bot)
            finally:
                await bot.close()

        return asyncio.run(asked())


def _rows(connection: Connection, id: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for table in (*front.metadata.sorted_tables, *staff.metadata.sorted_tables):
        key = table.c.id if table is front.conversations else table.c.get("conversation")
        if key is None or table is staff.groups:  # of a group only the name that a clerk gave is kept
            continue
        # The meaning of a sentence, as numbers, is made from the sentence, which is there.
        columns = [column for column in table.c if not isinstance(column.type, LargeBinary)]
        rows = connection.execute(select(columns).where(key == id)).all()
        found[table.name] = [{name: _plain(value) for name, value in row._mapping.items()} for row in rows]
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value
