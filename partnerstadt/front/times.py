"""The time, as something that is handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

Clock = Callable[[], dt.datetime]


def now() -> dt.datetime:
    """The time of this machine, in UTC."""
    return dt.datetime.now(dt.timezone.utc)
