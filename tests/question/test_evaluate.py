"""Queries over the records: which partnerships a filter or a rank means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerstadt.question.evaluate import ROUND, jubilees_in, next_jubilee, passes, ranked, select
from partnerstadt.question.model import Amount, Filter, Rank
from partnerstadt.records.models import Records
from tests.support import Town


def ids(records: Records, **fields: object) -> list[str]:
    """The ids a filter lets pass."""
    return [p.id for p in select(records, Filter(**fields))]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"countries": ("FR",)}, "amiens"),
        ({"countries": ("FR", "GB")}, "amiens leeds"),
        ({"countries": ("PL",)}, ""),
        ({"continents": ("asia",)}, "netanya xian trabzon"),
        ({"continents": ("africa",)}, "kumasi"),
        ({"continents": ("americas",)}, "buffalo"),
        ({"continents": ("north_america",)}, "buffalo"),
        ({"continents": ("oceania",)}, ""),
        ({"not_continents": ("europe",)}, "buffalo netanya xian trabzon kumasi"),
        ({"not_continents": ("europe", "asia")}, "buffalo kumasi"),
        ({"regions": ("eu",)}, "amiens zwickau"),
        ({"regions": ("eu",), "countries": ("GB",)}, "amiens leeds zwickau"),
        ({"continents": ("africa",), "countries": ("CN",)}, "xian kumasi"),
        ({"regions": ("eu",), "not_countries": ("DE",)}, "amiens"),
        ({"foreign": False}, "zwickau"),
        ({"foreign": True, "continents": ("europe",)}, "amiens leeds rostow novi_sad schytomyr"),
        ({"last": 1969}, "amiens leeds"),
        ({"first": 2014}, "trabzon kumasi schytomyr"),
        ({"first": 1977, "last": 1978}, "rostow buffalo"),
        ({"first": 1978, "last": 1977}, ""),
        ({"existed_in": 1969}, "amiens leeds"),
        ({"existed_in": 1959}, ""),
        ({"cities": ("leeds", "xian"), "continents": ("asia",)}, "xian"),
        ({"not_cities": ("amiens", "leeds"), "last": 1980}, "rostow buffalo"),
        ({"first": 1990, "not_continents": ("europe",)}, "xian trabzon kumasi"),
    ],
)
def test_filter_lets_the_right_cities_pass(dortmund_records: Records, fields: dict[str, object], expected: str) -> None:
    """Oldest first."""
    assert ids(dortmund_records, **fields) == expected.split()


def test_empty_filter_means_all_partner_cities(dortmund_records: Records) -> None:
    """And none of the other kinds."""
    assert ids(dortmund_records) == [p.id for p in dortmund_records.partner_cities]
    assert "cluj_napoca" not in ids(dortmund_records)


def test_ended_partnership_passes_only_in_its_years(musterstadt: Town) -> None:
    """In 1980 there was one that is none today."""
    assert "tormaszeg" in ids(musterstadt.records, existed_in=1980)
    assert "tormaszeg" in ids(musterstadt.records, existed_in=2012)
    assert "tormaszeg" not in ids(musterstadt.records, existed_in=2013)
    assert "tormaszeg" not in ids(musterstadt.records)


def test_resting_partnership_still_passes(musterstadt: Town) -> None:
    """It rests, but it is one."""
    assert "ballycorran" in ids(musterstadt.records)


def test_friendship_never_passes(musterstadt: Town) -> None:
    """Not even in a year in which it was in force."""
    assert "vale_do_sobral" not in ids(musterstadt.records)
    assert "vale_do_sobral" not in ids(musterstadt.records, existed_in=2010)


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (Rank(start=1), "amiens"),
        (Rank(start=-1), "schytomyr"),
        (Rank(start=3), "rostow"),
        (Rank(start=-2), "kumasi"),
        (Rank(start=11), "schytomyr"),
        (Rank(start=12), ""),
        (Rank(start=-12), ""),
        (Rank(start=1, count=3), "amiens leeds rostow"),
        (Rank(start=-1, count=3), "trabzon kumasi schytomyr"),
        (
            Rank(start=-1, count=99),
            "amiens leeds rostow buffalo netanya novi_sad zwickau xian trabzon kumasi schytomyr",
        ),
        (Rank(city="leeds", step=1), "rostow"),
        (Rank(city="leeds", step=-1), "amiens"),
        (Rank(city="amiens", step=-1), ""),
        (Rank(city="schytomyr", step=1), ""),
        (Rank(city="leeds", step=1, count=2), "rostow buffalo"),
        (Rank(city="cluj_napoca", step=1), ""),
        (Rank(city="atlantis", step=1), ""),
    ],
)
def test_rank_means_the_right_places(dortmund_records: Records, rank: Rank, expected: str) -> None:
    """Empty beyond either end."""
    assert [p.id for p in ranked(dortmund_records.partner_cities, rank)] == expected.split()


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2030, {"amiens": 70, "schytomyr": 5}),
        (2028, {"buffalo": 50, "zwickau": 40}),
        (2027, {"rostow": 50, "novi_sad": 45, "xian": 35}),
        (1950, {}),
        (1960, {}),
    ],
)
def test_jubilees_of_a_year_come_in_steps_of_five(
    dortmund_records: Records, year: int, expected: dict[str, int]
) -> None:
    """Nobody has one before the beginning."""
    assert {p.id: age for p, age in jubilees_in(dortmund_records.partner_cities, year)} == expected


@pytest.mark.parametrize(
    ("id", "year", "age"),
    [
        ("amiens", 2030, 70),
        ("leeds", 2029, 60),
        ("netanya", 2031, 50),
        ("kumasi", 2034, 10),
        ("rostow", 2027, 50),
        ("trabzon", 2034, 20),
    ],
)
def test_next_round_jubilee(dortmund_records: Records, id: str, year: int, age: int) -> None:
    """Seen from 2026."""
    city = dortmund_records.partnership(id)
    assert city is not None and next_jubilee(city, 2026) == (year, age)


def test_jubilee_of_this_year_is_the_next(dortmund_records: Records) -> None:
    """It has not passed before the year is over."""
    city = dortmund_records.partnership("amiens")
    assert city is not None and next_jubilee(city, 2030) == (2030, 70)


def test_quarter_of_a_century_is_round(dortmund_records: Records) -> None:
    """25 and 75 years are celebrated."""
    city = dortmund_records.partnership("trabzon")
    assert city is not None and next_jubilee(city, 2035) == (2039, 25)
    assert {10, 25, 50, 75, 100} <= ROUND and not {5, 12, 35} & ROUND


def test_city_without_year_has_no_jubilee(dortmund_records: Records) -> None:
    """The page gives no year for the project."""
    city = dortmund_records.partnership("cluj_napoca")
    assert city is not None and next_jubilee(city, 2026) is None


@pytest.mark.parametrize(
    ("op", "holds"),
    [
        ("=", [False, True, False]),
        (">", [False, False, True]),
        (">=", [False, True, True]),
        ("<", [True, False, False]),
        ("<=", [True, True, False]),
    ],
)
def test_amount_holds(op: str, holds: list[bool]) -> None:
    """Below, at and above the number."""
    assert [Amount(op=op, number=10).holds(n) for n in (9, 10, 11)] == holds


YEARS = st.none() | st.integers(1950, 2035)
FILTERS = st.builds(
    Filter,
    countries=st.lists(st.sampled_from(["FR", "DE", "US", "PL", "TR"]), max_size=2).map(tuple),
    not_countries=st.lists(st.sampled_from(["FR", "DE", "CN"]), max_size=2).map(tuple),
    continents=st.lists(st.sampled_from(["europe", "asia", "americas"]), max_size=2).map(tuple),
    not_continents=st.lists(st.sampled_from(["europe", "africa"]), max_size=1).map(tuple),
    regions=st.lists(st.sampled_from(["eu", "balkans"]), max_size=1).map(tuple),
    first=YEARS,
    last=YEARS,
    existed_in=YEARS,
    foreign=st.none() | st.booleans(),
    not_cities=st.lists(st.sampled_from(["leeds", "xian"]), max_size=2).map(tuple),
)


@given(FILTERS)
def test_selection_is_an_ordered_part_of_the_partner_cities(dortmund_records: Records, filter: Filter) -> None:
    """No filter ever adds a city or changes the order."""
    known = [key for key in filter.regions if key in dortmund_records.world.regions]
    filter = filter.copy(update={"regions": tuple(known)})
    found = select(dortmund_records, filter)
    assert found == [p for p in dortmund_records.partner_cities if p in found]
    assert all(passes(p, filter, dortmund_records) for p in found)


@given(FILTERS, st.integers(1950, 2035))
def test_narrower_filter_never_selects_more(dortmund_records: Records, filter: Filter, first: int) -> None:
    """A second restriction only takes away."""
    filter = filter.copy(update={"regions": (), "first": None})
    wide = select(dortmund_records, filter)
    narrow = select(dortmund_records, filter.copy(update={"first": first}))
    assert set(narrow) <= set(wide)


@given(FILTERS)
def test_inside_and_outside_make_the_whole(dortmund_records: Records, filter: Filter) -> None:
    """Each city lies in Europe or not."""
    filter = Filter(first=filter.first, last=filter.last)
    inside = select(dortmund_records, filter.copy(update={"continents": ("europe",)}))
    outside = select(dortmund_records, filter.copy(update={"not_continents": ("europe",)}))
    assert set(inside) | set(outside) == set(select(dortmund_records, filter))
    assert not set(inside) & set(outside)


@given(st.integers(0, 11), st.integers(0, 11))
def test_first_few_and_last_few_overlap_only_when_they_must(dortmund_records: Records, first: int, last: int) -> None:
    """Three from the front and three from the back are six."""
    cities = dortmund_records.partner_cities
    front = ranked(cities, Rank(start=1, count=first))
    back = ranked(cities, Rank(start=-1, count=last))
    assert (len(front), len(back)) == (first, last)
    assert len(set(front) & set(back)) == max(0, first + last - len(cities))


@given(st.integers(1, 11))
def test_places_from_both_ends_meet(dortmund_records: Records, place: int) -> None:
    """The n-th oldest is the (12-n)-th newest."""
    cities = dortmund_records.partner_cities
    assert ranked(cities, Rank(start=place)) == ranked(cities, Rank(start=place - len(cities) - 1))


@given(st.sampled_from(["amiens", "leeds", "rostow", "xian", "schytomyr"]), st.integers(1, 12))
def test_before_the_city_and_after_make_the_whole(dortmund_records: Records, id: str, count: int) -> None:
    """Neither holds the city itself."""
    cities = dortmund_records.partner_cities
    before = ranked(cities, Rank(city=id, step=-1, count=99))
    after = ranked(cities, Rank(city=id, step=1, count=99))
    assert [p.id for p in (*before, *after)] == [p.id for p in cities if p.id != id]
    assert ranked(cities, Rank(city=id, step=1, count=count)) == after[:count]


@given(st.integers(-5000, 5000).filter(bool), st.integers(0, 50))
def test_no_rank_breaks_it(dortmund_records: Records, start: int, count: int) -> None:
    """And none gives more than it asks for."""
    assert len(ranked(dortmund_records.partner_cities, Rank(start=start, count=count))) <= count


@given(st.integers(1900, 2300))
def test_next_jubilee_is_round_and_not_past(dortmund_records: Records, this_year: int) -> None:
    """For every city and year."""
    for p in dortmund_records.partner_cities:
        jubilee = next_jubilee(p, this_year)
        assert jubilee is not None and p.year is not None
        year, age = jubilee
        assert year >= this_year and age in ROUND and year - p.year == age
