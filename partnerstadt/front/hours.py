"""Office hours: the times of a week, but for the public holidays of the Land."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from holidays import country_holidays, list_supported_countries

COUNTRY, LANGUAGE = "DE", "de"
# The sixteen Länder; the package also knows a city with a holiday of its own.
LANDS = tuple(land for land in list_supported_countries()[COUNTRY] if len(land) == 2)
DAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
_DAY, _TIME = f"({'|'.join(DAYS)})", r"(\d\d:\d\d)"
_SPAN = re.compile(rf"{_DAY}(?:-{_DAY})? {_TIME}-{_TIME}")


@dataclass(frozen=True)
class Span:
    """From one time to another on some days of the week, Monday being 0."""

    days: range
    begin: dt.time
    end: dt.time

    @classmethod
    def read(cls, text: str) -> Span:
        """Read something like `Mo-Do 08:00-16:00`.

        Raises:
            ValueError: if it does not look like that.
        """
        match = _SPAN.fullmatch(text)
        if match is None:
            raise ValueError("is not like Mo-Do 08:00-16:00")
        first, last = DAYS.index(match[1]), DAYS.index(match[2] or match[1])
        begin, end = dt.time.fromisoformat(match[3]), dt.time.fromisoformat(match[4])
        if last < first or end <= begin:
            raise ValueError("ends before it begins")
        return cls(range(first, last + 1), begin, end)


@dataclass(frozen=True)
class Hours:
    """When somebody may be reached; without any times, never.

    Attributes:
        texts: the times, as they are written in the settings.
        land: the Land whose public holidays count.
        zone: the time zone of the times.
    """

    texts: Sequence[str]
    land: str | None
    zone: str = "Europe/Berlin"

    def open(self, moment: dt.datetime) -> bool:
        """Whether a moment lies in office hours."""
        local = moment.astimezone(ZoneInfo(self.zone))
        spans = map(Span.read, self.texts)
        within = any(local.weekday() in span.days and span.begin <= local.time() < span.end for span in spans)
        return within and self.holiday(moment) is None

    def holiday(self, moment: dt.datetime) -> str | None:
        """The name of the public holiday, if there is one."""
        day = moment.astimezone(ZoneInfo(self.zone)).date()
        name: str | None = country_holidays(COUNTRY, subdiv=self.land, years=day.year, language=LANGUAGE).get(day)
        return name
