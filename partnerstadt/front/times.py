"""The time, as something that is handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

Clock = Callable[[], dt.datetime]

# The days of the offices that read the counts; times themselves are in UTC.
ZONE = ZoneInfo("Europe/Berlin")


def now() -> dt.datetime:
    """The time of this machine, in UTC."""
    return dt.datetime.now(dt.timezone.utc)


def day_of(time: dt.datetime) -> dt.date:
    """The day of a moment in Germany."""
    return time.astimezone(ZONE).date()
