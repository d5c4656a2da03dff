"""Figures of a period out of the counts, which hold no text and no person; pure functions."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from partnerstadt.front.store import CountKey

LONGEST = 366  # days
USUAL = 30


class Unfit(ValueError):
    """No period; the text is the key of what to say."""


@dataclass(frozen=True)
class Period:
    """Days from one to another, both included."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> list[dt.date]:
        """Each of them."""
        return [self.first + dt.timedelta(days=number) for number in range((self.last - self.first).days + 1)]


@dataclass
class Figures:
    """What was counted on one day, or in a whole period."""

    conversations: int = 0
    questions: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    intents: Counter[str] = field(default_factory=Counter)
    feedback: Counter[str] = field(default_factory=Counter)
    handover: Counter[str] = field(default_factory=Counter)
    milliseconds: Counter[int] = field(default_factory=Counter)

    def add(self, kind: str, name: str, number: int) -> None:
        """Add one count."""
        if kind == "conversations":
            self.conversations += number
        elif kind == "questions":
            self.questions += number
        elif kind == "milliseconds":
            self.milliseconds[int(name)] += number
        elif kind in ("outcomes", "intents", "feedback", "handover"):
            getattr(self, kind)[name] += number

    def seconds(self, share: float) -> float | None:
        """Within how many seconds this share of the questions was answered; None if none was."""
        wanted = share * self.milliseconds.total()
        reached = 0
        for bound, number in sorted(self.milliseconds.items()):
            reached += number
            if number and reached >= wanted:
                return bound / 1000
        return None


@dataclass(frozen=True)
class Report:
    """All figures of a period.

    Attributes:
        period: its days.
        days: the figures of each of them, also where nothing was asked.
        total: the figures of all of them.
        channels: questions by channel, whichever was chosen.
    """

    period: Period
    days: Mapping[dt.date, Figures]
    total: Figures
    channels: Counter[str]


def period_of(first: str, last: str, today: dt.date) -> Period:
    """The period that a form asks for; the last days where it says nothing.

    Raises:
        Unfit: if it is none.
    """
    try:
        end = dt.date.fromisoformat(last) if last else today
        begin = dt.date.fromisoformat(first) if first else end - dt.timedelta(days=USUAL - 1)
    except (ValueError, OverflowError):
        raise Unfit("no_date") from None
    if begin > end:
        raise Unfit("turned")
    if (end - begin).days >= LONGEST:
        raise Unfit("too_long")
    return Period(begin, end)


def presets(today: dt.date) -> dict[str, Period]:
    """Periods that are often asked for."""
    month = today.replace(day=1)
    before = month - dt.timedelta(days=1)
    return {
        "week": Period(today - dt.timedelta(days=6), today),
        "usual": Period(today - dt.timedelta(days=USUAL - 1), today),
        "month": Period(month, today),
        "last_month": Period(before.replace(day=1), before),
        "year": Period(today.replace(month=1, day=1), today),
    }


def report(counts: Mapping[CountKey, int], period: Period, channel: str = "") -> Report:
    """The figures of a period, of one channel or of all."""
    days = {day: Figures() for day in period.days}
    written = {str(day): figures for day, figures in days.items()}  # quicker than to read a date of each count
    total, channels = Figures(), Counter[str]()
    for (day, of, kind, name), number in counts.items():
        figures = written.get(day)
        if figures is None:
            continue
        if kind == "questions":
            channels[of] += number
        if channel in ("", of):
            figures.add(kind, name, number)
            total.add(kind, name, number)
    return Report(period, days, total, channels)


def grouped(counts: Mapping[str, int], groups: Mapping[str, list[str]], rest: str) -> dict[str, int]:
    """Sums of groups in their order; names that stand in none go to the rest."""
    group_of = {name: group for group, names in groups.items() for name in names}
    sums = dict.fromkeys(groups, 0)
    for name, number in counts.items():
        group = group_of.get(name, rest)
        sums[group] = sums.get(group, 0) + number
    return sums


def steps(most: float) -> list[float]:
    """Where the lines of a scale lie: from zero to the first round number that is not below the highest value."""
    if most <= 0:
        return [0, 1]
    for size in _sizes():
        count = -int(-most // size)
        if count <= 5:
            return [size * number for number in range(count + 1)]
    raise AssertionError


def _sizes() -> Iterator[float]:
    for power in range(-2, 12):
        for step in (1, 2, 5):
            yield round(step * 10.0**power, 2)
