"""Watches the conversations that wait for a person or are with one: what the staff desk does is seen in the database.

As long as there is none, a round costs one look at an index.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from sqlalchemy.engine import Connection

from partnerstadt.front.delivery import Delivery
from partnerstadt.front.handover import Call, Handover, calls, somebody_is_there
from partnerstadt.front.hub import Hub
from partnerstadt.front.store import WAITING, Store
from partnerstadt.front.times import Clock

logger = logging.getLogger(__name__)

INTERVAL = 0.5
AFTER_ERROR = 5.0
End = Callable[[Connection, str, dt.datetime], None]


class Watch:
    """The job.

    Args:
        store: the conversations.
        handover: the rules.
        hub: tells those who follow a conversation.
        delivery: brings questions to the bot.
        clock: the time.
        patience: how long somebody waits for a person.
    """

    def __init__(
        self, store: Store, handover: Handover, hub: Hub, delivery: Delivery, clock: Clock, patience: dt.timedelta
    ) -> None:
        self._store, self._handover, self._hub, self._delivery = store, handover, hub, delivery
        self._clock, self._patience = clock, patience
        self._last: dict[str, int] = {}

    async def run(self) -> None:
        """Look again and again, for as long as the front desk runs."""
        while True:
            try:
                await self.once()
                await asyncio.sleep(INTERVAL)
            except Exception as error:
                logger.error("Hand-overs could not be looked at (%s); it is tried again.", type(error).__name__)
                await asyncio.sleep(AFTER_ERROR)

    async def once(self) -> None:
        """End what nobody comes for, and tell of what is new."""
        now = self._clock()
        found = await self._store.do(self._store.within_reading, self._look, now)
        for call, end in found:
            if end is not None:
                await self._store.do(self._store.within, end, call.id, now)
            if call.last != self._last.get(call.id):
                self._hub.publish(call.id)
        for id in self._last.keys() - {call.id for call, _ in found}:
            self._hub.publish(id)  # its last word
            self._delivery.call(id)  # if something was left for the bot
        self._last = {call.id: call.last for call, _ in found}

    def _look(self, connection: Connection, now: dt.datetime) -> list[tuple[Call, End | None]]:
        """The conversations, each with what has to end it."""
        found = calls(connection, now)
        there = not found or somebody_is_there(connection, now)
        return [(call, self._end(call, there, now)) for call in found]

    def _end(self, call: Call, there: bool, now: dt.datetime) -> End | None:
        if call.state == WAITING:
            return self._handover.give_up if not there or call.called + self._patience <= now else None
        return self._handover.lose if call.until is None or call.until <= now else None
