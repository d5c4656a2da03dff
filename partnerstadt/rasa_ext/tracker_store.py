"""Keeps conversations in a database, SQLite or PostgreSQL, and never pretends.

Rasa's own store begins the conversation anew when the database blinks, keeps what it cannot write in memory,
where it is lost, and ends the process on an odd id. This one raises `Unavailable` instead, so that the question
can be asked again, and works as soon as the database does, also when it came up later than the bot.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, TypeVar

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import Column, Float, Integer, MetaData, String, Table, Text, bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from partnerstadt.database import connect, leave_no_trace, rewrite, writing
from partnerstadt.rasa_ext.history import TURNS, bounded, latest_answered, serialised
from partnerstadt.settings import Settings
from partnerstadt.telemetry import traces

NAME = "rasa.sqlite3"
PREPARING = 7_215_502  # any number that nobody else locks
ID = 255
# A deleted conversation is known to be deleted for longer than any question in it can be on its way.
DELETED = dt.timedelta(days=2)
TRIES, PAUSE = 50, 0.1

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

metadata = MetaData()
trackers = Table(
    "rasa_trackers",
    metadata,
    Column("id", String(ID), primary_key=True),
    # How often it was saved: who saves must have read the newest.
    Column("version", Integer, nullable=False),
    Column("saved", Float, nullable=False, index=True),
    # The id of the latest message, once it is answered.
    Column("answered", String(ID)),
    Column("events", Text, nullable=False),
)
deleted = Table(
    "rasa_deleted",
    metadata,
    Column("id", String(64), primary_key=True),  # a hash: nothing of the conversation stays
    Column("time", Float, nullable=False),
)

# Written once: to put a statement together takes SQLAlchemy longer than to run it takes SQLite.
KEY, READ, VALUES = "key", "read_version", ("version", "saved", "answered", "events")
_OF_KEY = trackers.c.id == bindparam(KEY)
FIND = select(trackers).where(_OF_KEY)
FIND_DELETED = select(deleted.c.id).where(deleted.c.id == bindparam(KEY))
ADD = insert(trackers).values(id=bindparam(KEY), **{name: bindparam(name) for name in VALUES})
REPLACE = (
    update(trackers)
    .where(_OF_KEY, trackers.c.version == bindparam(READ))
    .values({name: bindparam(f"new_{name}") for name in VALUES})
)


# What was read while a message was looked up is not read again when it is answered: each message is a task of its own.
_read_ahead: ContextVar[tuple[str, Any] | None] = ContextVar("read_ahead", default=None)


class Unavailable(Exception):
    """The database does not answer now, or somebody else was quicker; the message can be sent again."""


class Deleted(Exception):
    """The conversation was deleted; nothing may be kept of it any more."""


class ConversationStore(TrackerStore):
    """The tracker store that endpoints.yml names.

    Args:
        domain: of the model.
        event_broker: gets the events too, if one is configured.
        engine: the database; that of the project's settings without one.
        turns: how much of a conversation is kept.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        engine: Engine | None = None,
        turns: int = TURNS,
        clock: Callable[[], float] = time.time,
        **_: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self._engine = engine or engine_of(Settings.from_environment())
        self._turns, self._clock = turns, clock
        self._prepared = False
        self._traces = False  # whether something was deleted whose bytes may still be there
        self._server = self._engine.dialect.name != "sqlite"

    async def _do(self, work: Callable[..., Result], *arguments: Any) -> Result:
        try:
            with traces.step("database"):
                if self._server:  # SQLite has answered before a thread would have begun to ask
                    return await asyncio.to_thread(self._within, work, *arguments)
                return self._within(work, *arguments)
        except SQLAlchemyError as error:
            # Without its message, which may quote what was to be stored.
            raise Unavailable(type(error).__name__) from None

    def _within(self, work: Callable[..., Result], *arguments: Any) -> Result:
        if not self._prepared:
            self._prepare()
        return work(*arguments)

    def _prepare(self) -> None:
        """Make the tables where they are missing; of several processes that start together, one does it."""
        with writing(self._engine) as connection:
            if self._server:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({PREPARING})")
            metadata.create_all(connection)
        self._prepared = True

    # --- what Rasa asks for ---

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation with its last turns; None if there is none.

        Raises:
            Unavailable: if the database does not answer.
        """
        key, ahead = key_of(sender_id), _read_ahead.get()
        _read_ahead.set(None)
        row = ahead[1] if ahead and ahead[0] == key else await self._do(self._read, key)
        if row is None:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, json.loads(row.events), self.domain.slots)
        tracker.saved_version = row.version
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep what the next turns need of a conversation.

        Raises:
            Unavailable: if the database does not answer, or the conversation was saved by somebody else meanwhile.
            Deleted: if the conversation was deleted.
        """
        await self.stream_events(tracker)
        events = bounded(tracker.sender_id, list(tracker.events), self.domain.slots, self._turns)
        values = {
            "saved": self._clock(),
            "answered": latest_answered(events),
            "events": json.dumps(serialised(events)),
        }
        version = getattr(tracker, "saved_version", 0)
        await self._do(self._write, key_of(tracker.sender_id), version, values)
        tracker.saved_version = version + 1

    async def create_tracker(self, sender_id: str, append_action_listen: bool = True) -> DialogueStateTracker:
        """A conversation that begins; it is saved with its first turn, not before it as well.

        Raises:
            Unavailable: if the database does not answer.
            Deleted: if the conversation was deleted.
        """
        await self._do(self._refuse_deleted, key_of(sender_id))
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker

    async def exists(self, conversation_id: str) -> bool:
        """Whether there is such a conversation."""
        return await self._do(self._read, key_of(conversation_id)) is not None

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        return await self._do(self._keys)

    # --- what Rasa has no word for ---

    async def answered(self, sender_id: str, message: str) -> DialogueStateTracker | None:
        """The conversation, if its latest message has this id and was answered."""
        key = key_of(sender_id)
        row = await self._do(self._read, key)
        _read_ahead.set((key, row))
        return await self.retrieve(sender_id) if row is not None and row.answered == message else None

    async def delete(self, sender_id: str) -> bool:
        """Delete a conversation for good; whether there was one. No byte of it stays in SQLite's files."""
        found = await self._do(self._delete, key_of(sender_id))
        self._traces = True
        if not self._server:
            await self._leave_no_trace()
        return found

    async def forget(self, age: dt.timedelta) -> int:
        """Delete the conversations that nobody has continued for so long; how many there were.

        Afterwards no byte of what was deleted here before stays in PostgreSQL's tables either.
        """
        count = await self._do(self._forget, age)
        if count or self._traces:
            await self._leave_no_trace()
        return count

    async def works(self) -> bool:
        """Whether the database answers."""
        try:
            return await self._do(self._answers)
        except Unavailable:
            return False

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # --- the transactions ---

    def _read(self, key: str) -> Any:
        with self._engine.begin() as connection:
            return connection.execute(FIND, {KEY: key}).first()

    def _write(self, key: str, version: int, values: dict[str, Any]) -> None:
        with writing(self._engine) as connection:
            if version == 0:
                self._add(connection, key, values)
                return
            new = {f"new_{name}": value for name, value in (values | {"version": version + 1}).items()}
            if connection.execute(REPLACE, {KEY: key, READ: version, **new}).rowcount != 1:
                raise Unavailable("the conversation was saved by somebody else")

    def _refuse_deleted(self, key: str) -> None:
        with self._engine.begin() as connection:
            _not_deleted(connection, key)

    def _add(self, connection: Connection, key: str, values: dict[str, Any]) -> None:
        _not_deleted(connection, key)
        # Somebody else who adds it at the same time makes the database refuse, which is `Unavailable` too.
        connection.execute(ADD, {KEY: key, "version": 1, **values})

    def _keys(self) -> list[str]:
        with self._engine.begin() as connection:
            return [row.id for row in connection.execute(select(trackers.c.id))]

    def _delete(self, key: str) -> bool:
        hashed = _hash(key)
        with writing(self._engine) as connection:
            connection.execute(delete(deleted).where(deleted.c.id == hashed))
            connection.execute(insert(deleted).values(id=hashed, time=self._clock()))
            return bool(connection.execute(delete(trackers).where(trackers.c.id == key)).rowcount)

    def _forget(self, age: dt.timedelta) -> int:
        now = self._clock()
        with writing(self._engine) as connection:
            connection.execute(delete(deleted).where(deleted.c.time < now - DELETED.total_seconds()))
            old = trackers.c.saved < now - age.total_seconds()
            return int(connection.execute(delete(trackers).where(old)).rowcount)

    def _answers(self) -> bool:
        with self._engine.begin() as connection:
            return bool(connection.execute(select(1)).scalar() == 1)

    async def _leave_no_trace(self) -> None:
        if self._server:
            await self._do(rewrite, self._engine, trackers.name)
            self._traces = False
            return
        for _ in range(TRIES):
            if await self._do(leave_no_trace, self._engine):
                self._traces = False
                return
            await asyncio.sleep(PAUSE)
        logger.warning("The write-ahead log could not be emptied; it is tried again.")


def engine_of(settings: Settings) -> Engine:
    """The database of the settings."""
    return connect(settings.database, settings.state, NAME)


def key_of(sender: str) -> str:
    """The key of a conversation: its id, or a hash where no database would take that."""
    plain = len(sender) <= ID and "\0" not in sender and sender.isprintable() and not sender.startswith("#")
    return sender if plain else "#" + _hash(sender)


def _not_deleted(connection: Connection, key: str) -> None:
    if connection.execute(FIND_DELETED, {KEY: _hash(key)}).first():
        raise Deleted


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
