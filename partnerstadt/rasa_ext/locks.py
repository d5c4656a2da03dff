"""Lets one message of a conversation be answered at a time, also where several bots share a database.

Rasa's own lock in one process looks once a second whether it is free; the one for several processes, in Redis,
lets two in together.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from rasa.core.lock_store import LockStore
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from partnerstadt import deadlines
from partnerstadt.database import connect
from partnerstadt.rasa_ext.tracker_store import NAME, Unavailable
from partnerstadt.settings import Settings

# Each turn holds one connection; more at the same time than this wait for one.
CONNECTIONS = 20
PAUSE = 0.05


class ConversationLocks(LockStore):
    """The lock store that endpoints.yml names.

    In one process the messages of a conversation queue up in order. With PostgreSQL the conversation is locked in
    the database as well, for all bots that use it; the lock of a process that dies is gone with its connection.

    Args:
        endpoint_config: Rasa's, not needed.
        engine: the database; that of the project's settings without one.
        seconds: how long a message waits for those before it.
    """

    def __init__(
        self,
        endpoint_config: EndpointConfig | None = None,
        engine: Engine | None = None,
        seconds: float = deadlines.LOCK,
    ) -> None:
        if engine is None:
            settings = Settings.from_environment()
            options: dict[str, Any] = {"connections": CONNECTIONS, "isolation_level": "AUTOCOMMIT"}
            engine = connect(settings.database, settings.state, NAME, **options)
        self._engine = engine if engine.dialect.name == "postgresql" else None
        self._seconds = seconds
        self._locks: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, int] = {}
        super().__init__()

    @asynccontextmanager
    async def lock(self, conversation_id: str, *_: Any, **__: Any) -> AsyncIterator[None]:
        """Hold a conversation until the end of the block.

        Raises:
            Unavailable: if it could not be had in time, or the database does not answer.
        """
        deadline = asyncio.get_running_loop().time() + self._seconds
        async with self._queued(conversation_id):
            if self._engine is None:
                yield
                return
            async with self._locked(self._engine, _number(conversation_id), deadline):
                yield

    @asynccontextmanager
    async def _queued(self, conversation: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(conversation, asyncio.Lock())
        self._waiting[conversation] = self._waiting.get(conversation, 0) + 1
        try:
            try:
                await asyncio.wait_for(lock.acquire(), self._seconds)
            except asyncio.TimeoutError:
                raise Unavailable("a message waited too long for the one before it") from None
            try:
                yield
            finally:
                lock.release()
        finally:
            self._waiting[conversation] -= 1
            if not self._waiting[conversation]:
                del self._waiting[conversation], self._locks[conversation]

    @asynccontextmanager
    async def _locked(self, engine: Engine, number: int, deadline: float) -> AsyncIterator[None]:
        try:
            connection: Connection = await asyncio.to_thread(engine.connect)
        except SQLAlchemyError as error:
            raise Unavailable(type(error).__name__) from None
        try:
            # Asked again and again instead of once and long: no thread is held up by a conversation that waits.
            while not await asyncio.to_thread(_try, connection, number):
                if asyncio.get_running_loop().time() > deadline:
                    raise Unavailable("a message waited too long for one at another bot")
                await asyncio.sleep(PAUSE)
            yield
        finally:
            await asyncio.to_thread(_release, connection)


def _try(connection: Connection, number: int) -> bool:
    try:
        return bool(connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s)", (number,)).scalar())
    except SQLAlchemyError as error:
        raise Unavailable(type(error).__name__) from None


def _release(connection: Connection) -> None:
    with suppress(SQLAlchemyError):  # a connection that is broken holds no lock any more
        connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")
    with suppress(SQLAlchemyError):
        connection.close()


def _number(conversation: str) -> int:
    """What PostgreSQL locks: a number of 64 bits."""
    digest = hashlib.blake2b(conversation.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
