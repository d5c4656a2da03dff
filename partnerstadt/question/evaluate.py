"""Pure queries over the records: which partnerships a filter or a rank means."""

from __future__ import annotations

from collections.abc import Sequence

from partnerstadt.question.model import Filter, Rank
from partnerstadt.records.models import Partnership, Records, Status
from partnerstadt.text import fold

# Round enough to be celebrated: every ten years, and the quarters of a century.
ROUND = frozenset({*range(10, 1000, 10), *range(25, 1000, 25)})


def select(records: Records, filter: Filter) -> list[Partnership]:
    """The partner cities a filter lets pass, oldest first.

    Ended partnerships pass only where a year is asked for in which they were still in force.
    """
    if filter.existed_in is not None:
        pool = [p for p in records.partnerships if p.year is not None and (p.counts or p.status is Status.ENDED)]
        pool.sort(key=lambda p: (p.year or 0, p.name))
    else:
        pool = list(records.partner_cities)
    return [p for p in pool if passes(p, filter, records)]


def passes(p: Partnership, filter: Filter, records: Records) -> bool:
    """Whether one partnership satisfies a filter."""
    return _in_place(p, filter, records) and _in_time(p, filter) and _named(p, filter)


def _in_place(p: Partnership, filter: Filter, records: Records) -> bool:
    continents, excluded = filter.continents, filter.not_continents
    wanted = [
        (filter.countries and p.country not in filter.countries and not _continents_or_regions(filter)),
        p.country in filter.not_countries,
        any(_on(p, key, records) for key in excluded),
        any(p.country in records.world.regions[key].members for key in filter.not_regions),
        filter.foreign is not None and (p.country != records.city.country) != filter.foreign,
    ]
    if any(wanted):
        return False
    places = [p.country in filter.countries] if filter.countries else []
    places += [_on(p, key, records) for key in continents]
    places += [p.country in records.world.regions[key].members for key in filter.regions]
    return any(places) if places else True


def _continents_or_regions(filter: Filter) -> bool:
    return bool(filter.continents or filter.regions)


def _on(p: Partnership, key: str, records: Records) -> bool:
    return p.location.continent in (key, *records.world.continents[key].includes)


def _in_time(p: Partnership, filter: Filter) -> bool:
    if not (filter.first or filter.last or filter.existed_in):
        return True
    if p.year is None:
        return False
    if filter.existed_in is not None and not (p.year <= filter.existed_in <= (p.ended or 9999)):
        return False
    return (filter.first or 0) <= p.year <= (filter.last or 9999)


def _named(p: Partnership, filter: Filter) -> bool:
    begins = not filter.initials or fold(p.name)[:1] in filter.initials
    return begins and p.id not in filter.not_cities and (not filter.cities or p.id in filter.cities)


def ranked(cities: Sequence[Partnership], rank: Rank) -> list[Partnership]:
    """The places of an order (oldest first) that a rank means; empty beyond its ends."""
    if rank.city is not None:
        ids = [p.id for p in cities]
        if rank.city not in ids:
            return []
        index = ids.index(rank.city)
        if rank.step < 0:
            return list(cities[max(0, index - rank.count) : index])
        return list(cities[index + 1 : index + 1 + rank.count])
    if rank.start == 0:
        return [cities[len(cities) // 2]] if len(cities) % 2 else []
    if rank.start > 0:
        return list(cities[rank.start - 1 : rank.start - 1 + rank.count])
    end = len(cities) + rank.start + 1
    return list(cities[max(0, end - rank.count) : end]) if end > 0 else []


def jubilees_in(cities: Sequence[Partnership], year: int) -> list[tuple[Partnership, int]]:
    """Who has how many years in a year, in steps of five."""
    ages = [(p, year - p.year) for p in cities if p.year is not None]
    return [(p, age) for p, age in ages if age > 0 and age % 5 == 0]


def next_jubilee(p: Partnership, this_year: int, years: int | None = None) -> tuple[int, int] | None:
    """Year and number of the next round jubilee, or of the one of so many years."""
    if p.year is None:
        return None
    if years is not None:
        return p.year + years, years
    age = max(this_year - p.year, 1)
    while age not in ROUND:
        age += 1
    return p.year + age, age
