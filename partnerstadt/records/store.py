"""Records that follow their files: a changed file is in force seconds later, a broken one never is."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from partnerstadt.records.load import CITY_FILES, WORLD, WORLD_FILES, RecordsError, load_records, stamp
from partnerstadt.records.models import Records

logger = logging.getLogger(__name__)

Stamp = tuple[tuple[int, int], ...]


class RecordStore:
    """The records of one folder, read again when a file has changed.

    Args:
        folder: the city's records.
        clock: gives today's date; years in the future and overdue reviews are judged by it.
        world: the general knowledge all cities share.
        interval: seconds between two looks at the files.
        monotonic: seconds of a clock that never goes back.

    Raises:
        RecordsError: if the records cannot be used at the first read. Later a broken file is only logged.
    """

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], dt.date] = dt.date.today,
        world: Path = WORLD,
        interval: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self._clock = clock
        self._world = world
        self._interval = interval
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._stamp = self._files()
        self._looked = monotonic()
        self._records = load_records(folder, clock(), world)

    @property
    def today(self) -> dt.date:
        """Today's date of the clock that was handed in."""
        return self._clock()

    def get(self) -> Records:
        """The records in force: the newest that are valid."""
        if self._monotonic() - self._looked >= self._interval:
            with self._lock:
                self._look()
        return self._records

    def _look(self) -> None:
        self._looked = self._monotonic()
        stamp = self._files()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._records = load_records(self.folder, self._clock(), self._world)
            logger.info("Records read again from %s", self.folder)
        except RecordsError as error:
            for finding in error.findings:
                logger.error("Records stay as they were: %s", finding)

    def _files(self) -> Stamp:
        paths = [self.folder / name for name in CITY_FILES] + [self._world / name for name in WORLD_FILES]
        return tuple(map(stamp, paths))
