"""Office hours: days, times, and the public holidays of a Land."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from partnerstadt.front.hours import LANDS, Hours, Span

OFFICE = ("Mo-Do 08:00-16:00", "Fr 08:00-12:00")


def at(text: str) -> dt.datetime:
    """A moment of Berlin's clocks, as the programme has it."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(dt.timezone.utc)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-24T07:59:59", False),
        ("2026-11-24T08:00:00", True),
        ("2026-11-24T15:59:59", True),
        ("2026-11-24T16:00:00", False),
        ("2026-11-27T12:30:00", False),  # a Friday
        ("2026-11-28T10:00:00", False),  # a Saturday
        ("2026-07-01T08:30:00", True),  # in summer the same clock is another hour of UTC
        ("2026-07-01T16:30:00", False),
    ],
)
def test_hours_are_those_of_the_local_clock(moment: str, expected: bool) -> None:
    """To the second, winter and summer."""
    assert Hours(OFFICE, "NW").open(at(moment)) is expected


def test_without_hours_nobody_is_ever_there() -> None:
    """Nothing is made up."""
    assert not Hours((), None).open(at("2026-11-24T10:00:00"))


@pytest.mark.parametrize("land", LANDS)
def test_nationwide_holiday_counts_everywhere(land: str) -> None:
    """3 October, by its German name; a Saturday in 2026, so with hours at the weekend."""
    hours = Hours(("Mo-So 00:00-23:59",), land)
    assert hours.holiday(at("2026-10-03T10:00:00")) == "Tag der Deutschen Einheit"
    assert not hours.open(at("2026-10-03T10:00:00")) and hours.open(at("2026-10-05T10:00:00"))


def test_holiday_of_a_land_counts_there_alone() -> None:
    """Corpus Christi is one in the west, the day of the Reformation in the north."""
    christi, reformation = at("2026-06-04T10:00:00"), at("2025-10-31T10:00:00")
    assert not Hours(OFFICE, "NW").open(christi) and Hours(OFFICE, "BE").open(christi)
    assert Hours(OFFICE, "NW").open(reformation) and not Hours(OFFICE, "HH").open(reformation)


def test_holiday_begins_at_local_midnight() -> None:
    """Not at that of UTC."""
    hours = Hours(("Mo-So 00:00-23:59",), "NW")
    assert hours.open(at("2026-10-02T23:30:00")) and not hours.open(at("2026-10-03T00:30:00"))


@pytest.mark.parametrize("text", ["", "Mo", "Mo 8-16", "Mon 08:00-16:00", "Fr-Mo 08:00-16:00", "Mo 16:00-08:00"])
def test_wrong_hours_are_refused(text: str) -> None:
    """At the start, not when somebody asks."""
    with pytest.raises(ValueError):
        Span.read(text)


def test_impossible_time_is_refused() -> None:
    """However well it is written."""
    with pytest.raises(ValueError):
        Span.read("Mo 25:00-26:00")
