"""Time expressions in normalised text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerstadt.question.model import Amount
from partnerstadt.question.times import Times, parse_times
from partnerstadt.records.models import Records


def parsed(text: str, *periods: Any) -> Times:
    """The times of a text in the year 2026."""
    return parse_times(text, 2026, list(periods))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("vor 1980", None, 1979),
        ("vor dem jahr 2000", None, 1999),
        ("nach 1990", 1991, None),
        ("seit 2000", 2000, None),
        ("ab 1970", 1970, None),
        ("von 1990 an", 1990, None),
        ("bis 1988", None, 1988),
        ("zwischen 1970 und 1985", 1970, 1985),
        ("zwischen 1985 und 1970", 1970, 1985),
        ("1970 bis 1985", 1970, 1985),
        ("von 1970 bis 1985", 1970, 1985),
        ("1980 oder spater", 1980, None),
        ("1980 oder fruher", None, 1980),
        ("vor 80", None, 1979),
        ("nach 45", 1946, None),
        ("nach 1970 und vor 1980", 1971, 1979),
        ("in den 80er", 1980, 1989),
        ("in den 1980er jahren", 1980, 1989),
        ("anfang der 90er", 1990, 1999),
        ("vor den 80er", None, 1979),
        ("nach den 80er", 1990, None),
        ("im ord20 jahrhundert", 1901, 2000),
        ("im 21. jahrhundert", 2001, 2100),
        ("vor dem ord21 jahrhundert", None, 2000),
        ("in den letzten 10 jahren", 2016, None),
        ("vor uber 30 jahren", None, 1995),
        ("vor mehr als 30 jahren", None, 1995),
    ],
)
def test_restriction_has_its_first_and_last_year(text: str, first: int | None, last: int | None) -> None:
    """Both included."""
    times = parsed(text)
    assert (times.first, times.last) == (first, last)


@pytest.mark.parametrize(
    ("text", "period", "first", "last"),
    [
        ("nach der @period", "reunification", 1991, None),
        ("vor der @period", "reunification", None, 1989),
        ("nach der @period", "millennium", 2000, None),
        ("vor der @period", "millennium", None, 1999),
        ("seit dem @period", "fall_of_the_wall", 1989, None),
        ("vor dem @period", "fall_of_the_wall", None, 1988),
        ("nach dem @period", "world_war", 1945, None),
        ("wahrend der @period", "pandemic", 2020, 2023),
        ("im @period", "cold_war", 1947, 1991),
    ],
)
def test_named_period_restricts_by_its_years(
    dortmund_records: Records, text: str, period: str, first: int | None, last: int | None
) -> None:
    """And its name is kept, because its years have a source of their own."""
    times = parsed(text, dortmund_records.world.periods[period])
    assert (times.first, times.last, times.period) == (first, last, period)


def test_period_that_is_no_time_restricts_nothing(dortmund_records: Records) -> None:
    """„Trotz des Krieges“ says nothing of years."""
    times = parsed("trotz @period", dortmund_records.world.periods["ukraine_war"])
    assert (times.first, times.last, times.period) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "op", "number"),
    [
        ("mehr als 40 jahre", ">", 40),
        ("50 jahre oder mehr", ">=", 50),
        ("seit uber 50 jahren", ">", 50),
        ("langer als 40 jahre", ">", 40),
        ("weniger als 20 jahre", "<", 20),
        ("unter 15 jahre", "<", 15),
        ("noch keine 10 jahre", "<", 10),
        ("mindestens 30 jahre", ">=", 30),
        ("hochstens 15 jahre", "<=", 15),
        ("nicht mehr als 15 jahre", "<=", 15),
        ("seit 50 jahren", "=", 50),
        ("seit 3 jahrzehnten", "=", 30),
        ("seit mehr als ein halbes jahrhundert", ">", 50),
    ],
)
def test_compared_length_is_a_span(text: str, op: str, number: int) -> None:
    """In years, whatever the unit."""
    assert parsed(text).span == Amount(op=op, number=number)


@pytest.mark.parametrize(
    ("text", "number"), [("50 jahre", 50), ("75 jahriges", 75), ("ein halbes jahrhundert", 50), ("100-jahrige", 100)]
)
def test_length_without_comparison_is_a_bare_span(text: str, number: int) -> None:
    """As in a jubilee."""
    times = parsed(text)
    assert times.span is None and times.bare_span == Amount(op="=", number=number)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1969", 1969),
        ("im jahr 1992", 1992),
        ("letztes jahr", 2025),
        ("dieses jahr", 2026),
        ("vor 10 jahren", 2016),
        ("2030", 2030),
    ],
)
def test_single_year_has_no_direction(text: str, year: int) -> None:
    """It may be a beginning or a state; the question decides."""
    times = parsed(text)
    assert (times.at, times.year, times.first, times.last) == (year, year, None, None)


def test_since_a_year_is_a_claim_too() -> None:
    """„Seit 1969“ restricts a list, or claims it of a city."""
    times = parsed("seit 1969")
    assert (times.first, times.year) == (1969, 1969)


def test_since_a_decade_claims_the_whole_decade() -> None:
    """It began somewhere in it."""
    assert parsed("seit den 70er").claim == (1970, 1979)


def test_years_named_are_all_kept() -> None:
    """In their order."""
    assert parsed("1969 und nicht 1970").years == [1969, 1970]


@pytest.mark.parametrize(
    "text", ["17 ziele", "die ersten 3", "12 partnerstadte", "nach leeds", "die ord3", "ziel nummer 1", "44135"]
)
def test_number_that_is_no_time_is_left_alone(text: str) -> None:
    """It counts something else."""
    times = parsed(text)
    assert (times.first, times.last, times.at, times.span, times.bare_span) == (None, None, None, None, None)
    assert times.rest == text


def test_rest_is_what_was_not_understood() -> None:
    """So that "nach 1990" is not read once more as an order."""
    assert parsed("welche kamen nach 1990 dazu ?").rest == "welche kamen dazu ?"


PIECES = st.sampled_from(
    [
        "vor",
        "nach",
        "seit",
        "bis",
        "ab",
        "zwischen",
        "und",
        "in",
        "den",
        "im",
        "jahr",
        "jahre",
        "jahren",
        "jahrhundert",
        "1970",
        "1985",
        "2000",
        "80er",
        "1990er",
        "20",
        "50",
        "3",
        "ord20",
        "mehr",
        "als",
        "weniger",
        "mindestens",
        "letzten",
        "@period",
        "ein",
        "halbes",
        "jahrzehnte",
        "oder",
        "spater",
        "wende",
        "anno",
        "der",
        "?",
        ",",
    ]
)


@given(st.lists(PIECES, max_size=12))
def test_no_order_of_time_words_breaks_it(dortmund_records: Records, words: list[str]) -> None:
    """And what is left is part of what was said."""
    periods = list(dortmund_records.world.periods.values())[: words.count("@period")]
    times = parse_times(" ".join(words), 2026, periods)
    assert all(year is None or 1500 <= year <= 2200 for year in (times.first, times.last, times.at))


@given(st.integers(1800, 2099), st.integers(1800, 2099))
def test_between_two_years_never_turns_round(one: int, two: int) -> None:
    """Whichever is said first."""
    times = parsed(f"zwischen {one} und {two}")
    assert (times.first, times.last) == (min(one, two), max(one, two))
