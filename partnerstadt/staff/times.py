"""Times as clerks read and write them: of their own zone, in German order."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def moment(time: dt.datetime, zone: str) -> str:
    """Day and minute."""
    return time.astimezone(ZoneInfo(zone)).strftime("%d.%m.%Y %H:%M")


def day(time: dt.datetime, zone: str) -> str:
    """The day alone."""
    return time.astimezone(ZoneInfo(zone)).strftime("%d.%m.%Y")


def clock(time: dt.datetime, zone: str) -> str:
    """The minute alone."""
    return time.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def read_day(text: str, zone: str) -> dt.datetime | None:
    """The beginning of a day that a form names; None for no day."""
    return _read(text, "%Y-%m-%d", zone)


def read_moment(text: str, zone: str) -> dt.datetime | None:
    """A minute that a form names; None for none."""
    return _read(text, "%Y-%m-%dT%H:%M", zone)


def _read(text: str, form: str, zone: str) -> dt.datetime | None:
    try:
        found = dt.datetime.strptime(text, form).replace(tzinfo=ZoneInfo(zone)).astimezone(dt.timezone.utc)
    except (ValueError, OverflowError):
        return None
    # A day that is added to it must still be one.
    return found if 2000 <= found.year < 3000 else None
