"""Deletes what Rasa has kept of conversations that nobody continues, as long after as the front desk deletes texts."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable

from partnerstadt.front.settings import FILE, FrontSettings
from partnerstadt.rasa_ext.tracker_store import ConversationStore, Unavailable
from partnerstadt.settings import Settings

INTERVAL = 3600.0

logger = logging.getLogger(__name__)


def age() -> dt.timedelta:
    """How long texts are kept, as front.yml says for the whole bot."""
    return FrontSettings.read(Settings.from_environment().project / FILE).periods.texts


async def run(
    store: ConversationStore, kept: dt.timedelta, done: Callable[[], None], seconds: float = INTERVAL
) -> None:
    """Delete again and again; the front desk has most conversations deleted long before, when their session ends.

    Args:
        store: the conversations.
        kept: how long.
        done: is told after each time.
        seconds: between two times.
    """
    while True:
        try:
            await store.forget(kept)
            done()
        except Unavailable as error:
            logger.warning("Old conversations could not be deleted (%s); it is tried again.", error)
        await asyncio.sleep(seconds)
