"""Deletes what is too old, by itself: texts after some days; counts stay."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Mapping

from starlette.concurrency import run_in_threadpool

from partnerstadt.front import jobs, mails, notes
from partnerstadt.front.database import open_database
from partnerstadt.front.settings import FILE, FrontSettings, Periods
from partnerstadt.front.store import Store
from partnerstadt.front.times import Clock, now
from partnerstadt.settings import Settings

logger = logging.getLogger(__name__)

INTERVAL = 60.0
TRIES, PAUSE = 50, 0.1


def forget(settings: Settings, clock: Clock = now) -> int:
    """Do the job once from the command line; how many messages were deleted.

    Rasa's part is done by the front desk that is running: only it may delete conversations there.
    """
    front = FrontSettings.read(settings.project / FILE)
    store = Store(open_database(settings.database, settings.state))

    async def later() -> None:
        """Leave it to the front desk."""

    try:
        return asyncio.run(Retention(store, later, clock, front.periods).once())
    finally:
        store.close()


class Retention:
    """The job.

    Args:
        store: where texts are kept.
        forget_in_rasa: lets Rasa forget what was deleted.
        clock: the time.
        periods: how long texts are kept.
        tell: is told, after each time, when which job was last done.
    """

    def __init__(
        self,
        store: Store,
        forget_in_rasa: Callable[[], Awaitable[None]],
        clock: Clock,
        periods: Periods,
        tell: Callable[[Mapping[str, dt.datetime]], None] = lambda _: None,
    ) -> None:
        self._store, self._forget_in_rasa, self._clock, self._periods = store, forget_in_rasa, clock, periods
        self._tell = tell

    async def run(self) -> None:
        """Work every minute, for as long as the front desk runs."""
        while True:
            try:
                await self.once()
            except Exception as error:
                logger.error("Old texts could not be deleted (%s); it is tried again.", type(error).__name__)
            await asyncio.sleep(INTERVAL)

    async def once(self) -> int:
        """Delete what is too old now; how many messages that were."""
        moment = self._clock()
        before = moment - self._periods.texts
        deleted = await run_in_threadpool(self._store.forget, before)
        await run_in_threadpool(self._store.close_old, moment, before)
        others = [
            await run_in_threadpool(self._store.within, forget, moment - self._periods.notes)
            for forget in (notes.forget, mails.forget)
        ]
        await leave_no_trace(self._store, deleted=any([deleted, *others]))
        await self._forget_in_rasa()
        await run_in_threadpool(self._store.within, jobs.note, jobs.RETENTION, moment)
        self._tell(await run_in_threadpool(self._store.within_reading, jobs.times))
        return deleted

    async def leave_no_trace(self) -> None:
        """Empty the write-ahead log."""
        await leave_no_trace(self._store)


async def leave_no_trace(store: Store, deleted: bool = True) -> None:
    """Empty the write-ahead log; somebody may be reading, then a moment later."""
    for _ in range(TRIES):
        if await run_in_threadpool(store.leave_no_trace, deleted):
            return
        await asyncio.sleep(PAUSE)
    logger.warning("The write-ahead log could not be emptied; it is tried again.")
