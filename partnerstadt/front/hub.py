"""Tells everybody who follows a conversation that something has happened in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from partnerstadt.front.store import Event

# Signals that wait for a slow reader; the events themselves lie in the database.
WAITING = 64
NEWS: Event = {}


class Hub(Protocol):
    """What the front desk needs; that of several processes is in `shared`."""

    def publish(self, conversation: str, event: Event = NEWS) -> None:
        """Pass on an event; without one, tell that there are new ones in the database."""

    def follow(self, conversation: str) -> AbstractContextManager[asyncio.Queue[Event]]:
        """Hear of a conversation until the end of a with block."""

    def followers(self, conversation: str | None = None) -> int:
        """How many follow a conversation, or any."""

    async def run(self) -> None:
        """Do what it has to do beside, for as long as the front desk runs."""


class LocalHub:
    """The hub of a single process."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[Event]]] = {}

    def publish(self, conversation: str, event: Event = NEWS) -> None:
        """Tell all followers; one that lags behind finds what it missed in the database."""
        for queue in self._queues.get(conversation, ()):
            if not queue.full():
                queue.put_nowait(event)

    @contextmanager
    def follow(self, conversation: str) -> Iterator[asyncio.Queue[Event]]:
        """Hear of a conversation until the end of the block."""
        queue: asyncio.Queue[Event] = asyncio.Queue(WAITING)
        self._queues.setdefault(conversation, set()).add(queue)
        try:
            yield queue
        finally:
            followers = self._queues[conversation]
            followers.discard(queue)
            if not followers:
                del self._queues[conversation]

    def followers(self, conversation: str | None = None) -> int:
        """How many follow a conversation, or any."""
        if conversation is not None:
            return len(self._queues.get(conversation, ()))
        return sum(map(len, self._queues.values()))

    def followed(self) -> list[str]:
        """The conversations that somebody follows here."""
        return list(self._queues)

    async def run(self) -> None:
        """Nothing: it has nobody else to tell."""
