"""Answers about the partnerships: one function an aspect, each from a complete question to utterances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from partnerstadt.answer.utterance import Answer, Utterance, Values, item, items, join, phrase, years
from partnerstadt.question.evaluate import ROUND, jubilees_in, next_jubilee, passes, ranked, select
from partnerstadt.question.in_context import PARTNERSHIPS
from partnerstadt.question.model import OF_A_CITY, Aspect, Context, Filter, Question, Rank
from partnerstadt.records.models import Kind, Partnership, Records, Status
from partnerstadt.text import fold


@dataclass(frozen=True)
class _Asked:
    """A question with all it is answered from."""

    question: Question
    records: Records
    this_year: int

    @property
    def home(self) -> str:
        return self.records.city.name

    @property
    def cities(self) -> list[Partnership]:
        found = (self.records.partnership(id) for id in self.question.cities)
        return [p for p in found if p is not None]

    def asking(self, aspect: Aspect) -> _Asked:
        """The same, asked for another aspect."""
        return _Asked(self.question.copy(update={"aspect": aspect, "also": ()}), self.records, self.this_year)

    def values(self, p: Partnership) -> Values:
        """What any response about one city may need."""
        age = self.this_year - p.year if p.year else 0
        return {
            "city": p.name,
            "country": p.country_label,
            "locative": locative(p, self.records),
            "home": self.home,
            "year": p.year or "",
            "ended": p.ended or "",
            "now": self.this_year,
            "years": years(age) if age else phrase("same_year"),
            "are_years": _are_years(age),
        }


def _are_years(age: int) -> str:
    """ "sind das 57 Jahre", "ist das 1 Jahr"."""
    if age < 1:
        return phrase("began_this_year")
    return phrase("are_years_one" if age == 1 else "are_years_many", number=age)


Said = list[Utterance]


def locative(p: Partnership, records: Records) -> str:
    """ "in der Türkei", but with the label that the city itself uses for the country."""
    country = records.world.countries[p.country]
    return country.locative.replace(country.name, p.country_label)


def answer_question(question: Question, records: Records, this_year: int, context: Context) -> Answer:
    """The answer to a complete question, and the context after it."""
    asked = _Asked(question, records, this_year)
    if question.places and (not question.cities or question.yes_no or question.aspect is Aspect.PORTRAIT):
        return _no_partner(asked, context)
    needs_city = question.aspect in OF_A_CITY or (question.back == "city" and question.aspect is not Aspect.LIST)
    if needs_city and not question.cities and not question.filter.by_place and not question.ranks:
        return _which_city(asked, context)
    if question.aspect is Aspect.RANK and any(rank.step and rank.city is None for rank in question.ranks):
        return _which_city(asked, context)
    said, shown = _HANDLERS[question.aspect](asked)
    if question.filter.by_place and question.filter.regions + question.filter.not_regions:
        said = [_with_source(u, "countries") for u in said]
    if question.filter.period:
        said = [_with_source(u, "periods") for u in said]
    return Answer(tuple(said), _context(question, [p.id for p in shown], context))


def _with_source(utterance: Utterance, key: str) -> Utterance:
    return Utterance(utterance.response, utterance.values, (*utterance.sources, key), utterance.buttons)


def _context(question: Question, shown: list[str], before: Context) -> Context:
    listed, discussed = before.listed, before.discussed
    if question.filter.cities and before.listed and set(shown) < set(before.listed):
        # "Welche davon in Europa?" leaves the list standing, so that "die anderen" are the rest of it.
        discussed = tuple(shown)
    elif len(shown) > 1 and question.aspect not in OF_A_CITY:
        listed, discussed = tuple(shown), ()
    elif shown:
        discussed = tuple(dict.fromkeys((*discussed, *shown)))
    cities = tuple(shown) or before.cities
    return Context(question=question, cities=cities, listed=listed, discussed=discussed, subject=PARTNERSHIPS)


def _sources(*cities: Partnership) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p.source for p in cities))


def _no_partner(asked: _Asked, context: Context) -> Answer:
    """Places that are no partner cities; one that sounds like a partner city is asked back."""
    q = asked.question
    near = [p for p in (asked.records.partnership(id) for id in q.near) if p is not None and p.id not in q.cities]
    utterances = []
    for place in q.places:
        utterances.append(Utterance("utter_no_partner", {"place": place, "home": asked.home}, _page(asked)))
    offered = None
    if near:
        names = join([p.name for p in near])
        buttons = tuple(phrase("choose_since", city=p.name) for p in near)
        utterances.append(Utterance("utter_did_you_mean", {"cities": names}, (), buttons))
        offered = q.copy(update={"places": (), "near": (), "cities": (near[0].id,), "back": None})
    elif q.cities:
        said, _ = _check(asked)
        utterances += said
    after = Context(
        question=q.copy(update={"places": (), "near": ()}),
        cities=context.cities,
        listed=context.listed,
        discussed=context.discussed,
        offered=offered,
        subject=PARTNERSHIPS,
    )
    return Answer(tuple(utterances), after)


def _page(asked: _Asked) -> tuple[str, ...]:
    return _sources(*asked.records.partner_cities[:1])


def _which_city(asked: _Asked, context: Context) -> Answer:
    """Something is asked of a city, but none was named."""
    choices = asked.records.partner_cities[:3]
    buttons = tuple(p.name for p in choices)
    said = Utterance("utter_which_city", {"home": asked.home}, (), buttons)
    question = asked.question.copy(update={"back": None})
    return Answer((said,), context.copy(update={"question": question, "subject": PARTNERSHIPS}))


# --- one city ---------------------------------------------------------------------------------------------------------


def _about_cities(asked: _Asked) -> tuple[Said, list[Partnership]]:
    """Year, duration, country, kind or portrait of each city named."""
    q = asked.question
    cities = asked.cities or select(asked.records, q.filter)
    if not cities:
        return _list(asked)
    if len(cities) > 4:
        return _named_list(asked, cities)
    said = []
    for p in cities:
        said += _premise(asked, p)
        for aspect in dict.fromkeys((q.aspect, *q.also)):
            said.append(_one(asked, p, aspect))
    return _without_repetition(said), cities


def _without_repetition(said: Said) -> Said:
    unique: dict[str, Utterance] = {}
    for utterance in said:
        unique.setdefault(f"{utterance.response}{sorted(utterance.values.items(), key=str)}", utterance)
    return list(unique.values())


def _premise(asked: _Asked, p: Partnership) -> Said:
    """Corrects a country or continent that was named with the city but is not the city's."""
    filter = asked.question.filter
    place_only = Filter(countries=filter.countries, continents=filter.continents, regions=filter.regions)
    if place_only.by_place and len(asked.cities) == 1 and not passes(p, place_only, asked.records):
        return [Utterance("utter_wrong_place", asked.values(p), _sources(p))]
    return []


def _one(asked: _Asked, p: Partnership, aspect: Aspect) -> Utterance:
    values, sources = asked.values(p), _sources(p)
    if p.status is Status.ENDED and aspect not in (Aspect.CONTINENT,):
        return Utterance("utter_ended", values, (*sources, *filter(None, [p.status_source])))
    if p.status is Status.RESTING and aspect in (Aspect.SINCE, Aspect.DURATION, Aspect.KIND):
        return Utterance("utter_resting", values, (*sources, *filter(None, [p.status_source])))
    if p.kind is not Kind.PARTNERSCHAFT and aspect is not Aspect.CONTINENT:
        since = aspect in (Aspect.SINCE, Aspect.DURATION)
        name = "utter_other_kind_since" if since and p.year is None else "utter_other_kind"
        if p.year is not None:
            name = "utter_other_kind_with_year"
        return Utterance(name, values | {"kind": p.kind.value}, sources)
    if aspect is Aspect.CONTINENT:
        continent = asked.records.world.continents[p.location.continent]
        return Utterance("utter_continent", values | {"continent": continent.locative}, (*sources, p.location.source))
    if aspect is Aspect.PORTRAIT:
        return _portrait(asked, p)
    if aspect is Aspect.KIND:
        return Utterance("utter_kind_inner_german" if p.inner_german else "utter_kind", values, sources)
    if aspect is Aspect.COUNTRY:
        return Utterance("utter_country_inner_german" if p.inner_german else "utter_country", values, sources)
    return Utterance("utter_duration" if aspect is Aspect.DURATION else "utter_since", values, sources)


def _portrait(asked: _Asked, p: Partnership) -> Utterance:
    values, sources = asked.values(p), _sources(p)
    if p.status is Status.RESTING:
        return Utterance("utter_resting", values, (*sources, *filter(None, [p.status_source])))
    position = [c.id for c in asked.records.partner_cities].index(p.id) + 1
    name = "utter_portrait_inner_german" if p.inner_german else "utter_portrait"
    return Utterance(name, values | {"position": position}, sources)


# --- yes or no --------------------------------------------------------------------------------------------------------


def _check(asked: _Asked) -> tuple[Said, list[Partnership]]:
    q = asked.question
    if not q.cities:
        return _check_set(asked)
    if len(q.claimed) == len(asked.cities) > 0:
        claims = sorted(zip(asked.cities, q.claimed, strict=True), key=lambda claim: claim[0].year == claim[1])
        return [_check_year(asked, p, year) for p, year in claims], asked.cities
    # What is wrong comes first: a "Ja" in front would be heard as the answer to all.
    said = sorted((_check_one(asked, p) for p in asked.cities), key=lambda u: not u.response.endswith("_no"))
    return said, asked.cities


def _check_year(asked: _Asked, p: Partnership, year: int) -> Utterance:
    """Whether one of several years that are claimed is right."""
    if not p.counts:
        return _check_one(asked, p)
    return Utterance(f"utter_check_year_{'yes' if p.year == year else 'no'}", asked.values(p), _sources(p))


def _check_one(asked: _Asked, p: Partnership) -> Utterance:
    """Whether what is said of a city is true: its rank, place, year, age, or being a partner city at all."""
    q, records = asked.question, asked.records
    values, sources = asked.values(p), _sources(p)
    if q.ranks and p.counts:
        held = any(p in ranked(select(records, Filter()), rank) for rank in q.ranks)
        right = ranked(select(records, Filter()), q.ranks[0])
        if not right:
            return Utterance("utter_check_rank_none", values | {"count": len(records.partner_cities)}, sources)
        name = "utter_check_rank_yes" if held else "utter_check_rank_no"
        return Utterance(name, values | {"right": join([item(c) for c in right]), "which": _which(q.ranks[0])}, sources)
    if p.status is Status.ENDED and q.filter.by_place:
        held = passes(p, q.filter.copy(update={"cities": ()}), records)
        return Utterance(
            f"utter_check_place_ended_{'yes' if held else 'no'}", values, (*sources, *filter(None, [p.status_source]))
        )
    if not p.counts and q.filter.by_place:
        if q.says_partner_city and q.filter.only_countries == (p.country,):
            # "Klausenburg in Rumänien, Partnerstadt?": the country only says where it is.
            return Utterance("utter_check_other_kind_no", values | {"kind": p.kind.value}, sources)
        held = passes(p, q.filter.copy(update={"cities": ()}), records)
        name = f"utter_check_place_other_kind_{'yes' if held else 'no'}"
        return Utterance(name, values | {"kind": p.kind.value}, sources)
    if q.only:
        there = select(records, q.filter)
        name = f"utter_check_only_{'yes' if [c.id for c in there] == [p.id] else 'no'}"
        return Utterance(name, values | {"items": items(there)}, sources)
    place = q.filter.copy(update={"first": None, "last": None, "existed_in": None, "not_cities": ()})
    held = passes(p, place.copy(update={"cities": ()}), records)
    if place.by_place and not (held and p.counts and (q.filter.by_time or q.year is not None)):
        general = (p.location.source,) if q.filter.continents or q.filter.not_continents else ()
        name = f"utter_check_place_{'yes' if held else 'no'}"
        return Utterance(name, values | {"claim": describe(place, records)}, (*sources, *general))
    if p.status is Status.ENDED:
        return Utterance("utter_check_ended", values, (*sources, *filter(None, [p.status_source])))
    if not p.counts:
        name = "utter_check_other_kind_no" if q.says_partner_city or q.ranks else "utter_check_other_kind"
        return Utterance(name, values | {"kind": p.kind.value}, sources)
    assert p.year is not None  # a partner city without a year does not pass validation
    age = asked.this_year - p.year
    if q.years is not None:
        name = f"utter_check_age_{'yes' if q.years.holds(age) else 'no'}"
        return Utterance(name, values, sources)
    if (q.year is not None and q.filter.first is None and q.filter.last is None and q.filter.existed_in is None) or (
        q.year is not None and q.filter.first == q.year
    ):
        held = p.year == q.year
    elif q.filter.existed_in is not None:
        held = p.year <= q.filter.existed_in
    elif q.claim is not None:
        held = q.claim[0] <= p.year <= q.claim[1]
    elif q.filter.by_time:
        held = (q.filter.first or 0) <= p.year <= (q.filter.last or 9999)
    else:
        resting = p.status is Status.RESTING
        return Utterance("utter_check_resting" if resting else "utter_check_yes", values, sources)
    return Utterance(f"utter_check_year_{'yes' if held else 'no'}", values, sources)


def _which(rank: Rank) -> str:
    if rank.start in (1, -1):
        return phrase("oldest" if rank.start == 1 else "newest")
    number = phrase("number_of", number=abs(rank.start))
    return number if rank.start > 0 else f"{number} {phrase('newest')}"


def _check_set(asked: _Asked) -> tuple[Said, list[Partnership]]:
    """Whether there is any such city, or as many as claimed."""
    q = asked.question
    if q.filter.by_place and (q.claim or q.years or q.ranks or q.year):
        timeless = q.filter.copy(update={"first": None, "last": None, "existed_in": None})
        there = select(asked.records, timeless)
        if len(there) == 1:
            # "Gibt es die mit Israel schon seit den Siebzigern?" is asked of the one city there.
            of_city = q.copy(update={"cities": (there[0].id,), "filter": q.filter.only_time})
            return _check(_Asked(of_city, asked.records, asked.this_year))
    cities = select(asked.records, q.filter)
    shown: Values = {"count": len(cities), "home": asked.home, "claim": describe(q.filter, asked.records)}
    sources = _set_sources(asked, cities)
    if q.amount is not None:
        name = f"utter_check_count_{'yes' if q.amount.holds(len(cities)) else 'no'}"
        if not q.filter.empty:
            name += "_of"
        if not cities:
            return [Utterance("utter_exists_no", shown, sources)], []
        return [Utterance(name, shown | {"items": items(cities)}, sources)], cities
    if q.filter.empty:
        return _list(asked)
    if cities and q.every:
        others = [p for p in asked.records.partner_cities if p not in cities]
        values = shown | {"total": len(asked.records.partner_cities), "others": items(others)}
        return [Utterance("utter_all_no" if others else "utter_all_yes", values, sources)], cities
    if cities:
        return [Utterance("utter_exists_yes", shown | {"items": items(cities)}, sources)], cities
    others = [p for p in asked.records.partnerships if not p.counts and passes(p, q.filter, asked.records)]
    if others and q.filter.by_place:
        values = shown | {"items": join([item(p) for p in others])}
        return [Utterance("utter_exists_other_kind", values, sources)], others
    if q.filter.not_cities:
        claim = describe(q.filter.copy(update={"not_cities": ()}), asked.records)
        return [Utterance("utter_exists_no_other", shown | {"claim": claim}, sources)], []
    return [Utterance("utter_exists_no", shown, sources)], []


# --- sets -------------------------------------------------------------------------------------------------------------


def describe(filter: Filter, records: Records) -> str:
    """A filter in German, to be put into a sentence: "nicht in Europa, seit 1990 oder später"."""
    world = records.world
    in_place = [world.countries[c].locative for c in filter.countries]
    in_place += [world.continents[c].locative for c in filter.continents]
    in_place += [world.regions[r].locative for r in filter.regions]
    not_in = [world.countries[c].locative for c in filter.not_countries]
    not_in += [world.continents[c].locative for c in filter.not_continents]
    not_in += [world.regions[r].locative for r in filter.not_regions]
    parts = [phrase("in_place", place=join(in_place))] if in_place else []
    parts += [phrase("not_in_place", place=join(not_in))] if not_in else []
    if filter.foreign is not None:
        country = world.countries[records.city.country].name
        parts.append(phrase("abroad") if filter.foreign else phrase("at_home", country=country))
    if filter.existed_in is not None:
        parts.append(phrase("existed_in", existed_in=filter.existed_in))
    if filter.first is not None or filter.last is not None:
        parts.append(_span(filter))
    if filter.initials:
        parts.append(phrase("initials", letters=" / ".join(filter.initials).upper()))
    if filter.not_cities:
        found = (records.partnership(id) for id in filter.not_cities)
        parts.append(phrase("without", names=join([p.name for p in found if p])))
    return ", ".join(parts) or phrase("of_these")


def _span(filter: Filter) -> str:
    if filter.first == filter.last:
        return phrase("in_year", first=filter.first)
    if filter.last is None:
        return phrase("since", first=filter.first)
    if filter.first is None:
        return phrase("until", last=filter.last)
    return phrase("between", first=filter.first, last=filter.last)


def _set_sources(asked: _Asked, cities: list[Partnership]) -> tuple[str, ...]:
    filter = asked.question.filter
    by_continent = filter.continents or filter.not_continents
    general = tuple(dict.fromkeys(p.location.source for p in asked.records.partner_cities)) if by_continent else ()
    return (*(_sources(*cities) or _page(asked)), *general)


def _list(asked: _Asked) -> tuple[Said, list[Partnership]]:
    cities = _limited(asked)
    if asked.question.alphabetical:
        cities = sorted(cities, key=lambda p: fold(p.name))
    return _named_list(asked, cities[::-1] if asked.question.newest_first else cities)


def _limited(asked: _Asked) -> list[Partnership]:
    """The cities of the filter, and of the ranks ("alle nach Leeds")."""
    q = asked.question
    cities = select(asked.records, q.filter)
    if len(q.between) == 2:
        ids = [p.id for p in cities]
        ends = sorted(ids.index(id) for id in q.between if id in ids)
        return cities[ends[0] + 1 : ends[1]] if len(ends) == 2 else []
    if q.ranks:
        reference = asked.records.partnership(q.ranks[0].city) if q.ranks[0].city else None
        if reference and reference not in cities and reference.year is not None:
            return select(asked.records, _beside(q, q.ranks[0], reference.year))
        chosen = [p for rank in q.ranks for p in ranked(cities, rank)]
        cities = [p for p in cities if p in chosen]
    return cities


def _beside(q: Question, rank: Rank, year: int) -> Filter:
    """The filter of a question, limited to before or after the year of the city that a rank refers to."""
    return q.filter.copy(update={"last": year - 1} if rank.step < 0 else {"first": year + 1})


def _named_list(asked: _Asked, cities: list[Partnership]) -> tuple[Said, list[Partnership]]:
    q = asked.question
    values: Values = {
        "count": len(cities),
        "home": asked.home,
        "claim": describe(q.filter, asked.records),
        "items": items(cities),
    }
    sources = _set_sources(asked, cities)
    if not cities:
        others = [p for p in asked.records.partnerships if not p.counts and passes(p, q.filter, asked.records)]
        if others and q.filter.by_place:
            return [
                Utterance("utter_exists_other_kind", values | {"items": join([item(p) for p in others])}, sources)
            ], others
        return [Utterance("utter_exists_no" if q.filter.by_place else "utter_list_none", values, sources)], []
    if q.filter.empty and not q.ranks and not q.between:
        return [Utterance("utter_list_all", values, sources)], cities
    if q.ranks or q.between or q.filter == Filter(cities=q.filter.cities):
        return [Utterance("utter_list_these", values, sources)], cities
    return [Utterance("utter_list", values, sources)], cities


def _count(asked: _Asked) -> tuple[Said, list[Partnership]]:
    q = asked.question
    cities = _limited(asked)
    values: Values = {
        "count": len(cities),
        "home": asked.home,
        "claim": describe(q.filter, asked.records),
        "items": items(cities),
    }
    sources = _set_sources(asked, cities)
    if q.amount is not None and q.yes_no:
        return _check_set(asked)
    if q.filter.empty and not q.ranks and not q.between:
        return [Utterance("utter_count_all", values, sources)], cities
    if not cities:
        return _named_list(asked, cities)
    if q.filter.existed_in is not None:
        return [Utterance("utter_count_then_one" if len(cities) == 1 else "utter_count_then", values, sources)], cities
    name = "utter_count_one" if len(cities) == 1 else "utter_count"
    if q.ranks or q.between or q.filter == Filter(cities=q.filter.cities):
        name += "_these"
    return [Utterance(name, values, sources)], cities


def _countries(asked: _Asked) -> tuple[Said, list[Partnership]]:
    cities = select(asked.records, asked.question.filter)
    if not cities:
        return _named_list(asked, [])
    by_country: dict[str, list[str]] = {}
    for p in cities:
        by_country.setdefault(p.country_label, []).append(p.name)
    entries = [phrase("country_of_city", country=c, cities=join(names)) for c, names in by_country.items()]
    listed = join(entries) if len(entries) <= 4 else "\n" + "\n".join(f"- {entry}" for entry in entries)
    values: Values = {"count": len(by_country), "items": listed, "home": asked.home}
    return [Utterance("utter_countries", values, _set_sources(asked, cities))], cities


# --- order ------------------------------------------------------------------------------------------------------------


def _rank(asked: _Asked) -> tuple[Said, list[Partnership]]:
    q = asked.question
    said: Said = []
    shown: list[Partnership] = []
    pool = select(asked.records, q.filter)
    for rank in q.ranks or (Rank(),):
        reference = asked.records.partnership(rank.city) if rank.city else None
        if reference and reference not in pool and reference.year is not None:
            # "Vor Zwickau, aber nicht in Europa": all on that side of it.
            return _named_list(asked, select(asked.records, _beside(q, rank, reference.year)))
        found = ranked(pool, rank)
        said.append(_ranked_utterance(asked, rank, found, len(pool)))
        shown += found
    return said, shown


def _ranked_utterance(asked: _Asked, rank: Rank, found: list[Partnership], pool: int) -> Utterance:
    q = asked.question
    sources = _set_sources(asked, found)
    claim = "" if q.filter.empty or q.filter == Filter(cities=q.filter.cities) else describe(q.filter, asked.records)
    values: Values = {"items": items(found), "home": asked.home, "claim": claim, "count": pool}
    scope = "_of" if claim else ""
    if rank.city is not None:
        reference = asked.records.partnership(rank.city)
        values |= {"reference": reference.name if reference else phrase("unnamed")}
        side = "before" if rank.step < 0 else "after"
        return Utterance(f"utter_{side}" if found else f"utter_{side}_none", values, sources)
    if not found:
        return Utterance("utter_rank_none", values, sources)
    if len(found) > 1:
        return Utterance(
            f"utter_first_few{scope}" if rank.start > 0 else f"utter_last_few{scope}",
            values | {"number": len(found)},
            sources,
        )
    values |= {"number": abs(rank.start)}
    if rank.start in (1, -1):
        return Utterance(f"utter_{'oldest' if rank.start == 1 else 'newest'}{scope}", values, sources)
    return Utterance(f"utter_{'nth' if rank.start > 0 else 'nth_newest'}{scope}", values, sources)


def _compare(asked: _Asked) -> tuple[Said, list[Partnership]]:
    q = asked.question
    cities = [p for p in asked.cities if p.year is not None]
    if len(cities) < 2:
        return _about_cities(asked.asking(Aspect.SINCE))
    if len(cities) > 2:
        return _in_order(asked)
    one, two = cities
    assert one.year is not None and two.year is not None
    older, newer = sorted(cities, key=lambda p: p.year or 0)
    values: Values = {
        "older": older.name,
        "newer": newer.name,
        "older_year": older.year or "",
        "newer_year": newer.year or "",
        "difference": years(abs(one.year - two.year)),
        "home": asked.home,
    }
    if not (one.counts and two.counts):
        return _about_cities(asked.asking(Aspect.SINCE))
    if one.year == two.year:
        return [Utterance("utter_compare_same", values, _sources(one, two))], cities
    if q.yes_no and not q.choice:
        held = (newer is one) if q.newer else (older is one)
        return [Utterance(f"utter_compare_{'yes' if held else 'no'}", values, _sources(one, two))], cities
    name = "utter_compare_newer" if q.newer else "utter_compare"
    # What is talked about afterwards is the city the answer named first.
    return [Utterance(name, values, _sources(one, two))], [newer, older] if q.newer else [older, newer]


def _in_order(asked: _Asked) -> tuple[Said, list[Partnership]]:
    cities = sorted((p for p in asked.cities if p.year), key=lambda p: p.year or 0)
    return [Utterance("utter_in_order", {"items": join([item(p) for p in cities])}, _sources(*cities))], cities


def _gap(asked: _Asked) -> tuple[Said, list[Partnership]]:
    q = asked.question
    cities = sorted((p for p in asked.cities if p.year is not None), key=lambda p: p.year or 0)
    if q.extreme:
        cities = _extreme_pair(select(asked.records, q.filter), q.extreme)
    if len(cities) < 2:
        return _about_cities(asked.asking(Aspect.SINCE))
    first, last = cities[0], cities[-1]
    difference = (last.year or 0) - (first.year or 0)
    values: Values = {
        "first": first.name,
        "first_year": first.year or "",
        "last": last.name,
        "last_year": last.year or "",
        "difference": years(difference),
    }
    name = "utter_gap"
    if q.years is not None and q.yes_no:
        name = f"utter_gap_{'yes' if q.years.holds(difference) else 'no'}"
    return [Utterance(name, values, _sources(first, last))], cities


def _extreme_pair(cities: list[Partnership], extreme: int) -> list[Partnership]:
    """The two in a row with the longest (1) or shortest (-1) time between them."""
    gaps = [(extreme * ((two.year or 0) - (one.year or 0)), one, two) for one, two in pairwise(cities)]
    if not gaps:
        return []
    _, one, two = max(gaps, key=lambda gap: gap[0])
    return [one, two]


def _order(asked: _Asked) -> tuple[Said, list[Partnership]]:
    named = [p for p in asked.cities if p.year is not None]
    right = sorted(named, key=lambda p: p.year or 0)
    values: Values = {"items": join([item(p) for p in right])}
    if not asked.question.yes_no:
        return _in_order(asked)
    held = [p.year for p in named] == [p.year for p in right]
    return [Utterance(f"utter_order_{'yes' if held else 'no'}", values, _sources(*right))], right


# --- jubilees ---------------------------------------------------------------------------------------------------------


def _jubilee(asked: _Asked) -> tuple[Said, list[Partnership]]:
    q = asked.question
    cities = asked.cities or select(asked.records, Filter(**{**q.filter.dict(), "first": None, "last": None}))
    if q.ranks and not asked.cities:
        # "Und bei der ältesten?"
        meant = tuple(p.id for rank in q.ranks for p in ranked(cities, rank))
        return _jubilee(_Asked(q.copy(update={"cities": meant, "ranks": ()}), asked.records, asked.this_year))
    if q.year is not None and not asked.cities:
        return _jubilees_of_year(asked, cities, q.year)
    if q.year is not None:
        return _age(asked)
    number = q.years.number if q.years else q.amount.number if q.amount else None
    if asked.cities:
        said = [_next_of(asked, p, number) for p in cities]
        return said, cities
    if number is not None:
        cities = [p for p in cities if p.year and p.year + number >= asked.this_year]
    coming = [(jubilee, p) for p in cities if (jubilee := next_jubilee(p, asked.this_year, number))]
    soonest = min(year for (year, _), _ in coming) if coming else None
    next_ones = [(age, p) for (year, age), p in coming if year == soonest]
    values: Values = {
        "items": join([phrase("jubilee_of", city=p.name, age=age) for age, p in next_ones]),
        "year": soonest or "",
        "home": asked.home,
    }
    shown = [p for _, p in next_ones]
    if not shown:
        return _named_list(asked, [])
    return [Utterance("utter_next_jubilee", values, _sources(*shown))], shown


def _next_of(asked: _Asked, p: Partnership, number: int | None) -> Utterance:
    jubilee = next_jubilee(p, asked.this_year, number)
    if jubilee is None or not p.counts:
        return _one(asked, p, Aspect.SINCE)
    year, age = jubilee
    past = "_past" if year < asked.this_year else ""
    return Utterance(f"utter_jubilee{past}", asked.values(p) | {"jubilee_year": year, "age": age}, _sources(p))


def _jubilees_of_year(asked: _Asked, cities: list[Partnership], year: int) -> tuple[Said, list[Partnership]]:
    found = jubilees_in(cities, year)
    found = [pair for pair in found if pair[1] in ROUND] or found
    values: Values = {
        "year": year,
        "items": join([phrase("jubilee_of", city=p.name, age=age) for p, age in found]),
    }
    shown = [p for p, _ in found]
    name = "utter_jubilees_in" if found else "utter_jubilees_in_none"
    return [Utterance(name, values, _sources(*shown) or _page(asked))], shown


def _age(asked: _Asked) -> tuple[Said, list[Partnership]]:
    q = asked.question
    cities = asked.cities or select(asked.records, q.filter)
    year = q.year if q.year is not None else asked.this_year
    if not cities or q.year is None:
        return _about_cities(asked.asking(Aspect.DURATION))
    said = []
    for p in cities[:4]:
        values = asked.values(p) | {"then": year}
        if p.year is None or (p.status is Status.ENDED and year > (p.ended or 0)):
            said.append(_one(asked, p, Aspect.SINCE))
        elif year < p.year:
            said.append(Utterance("utter_age_before", values, _sources(p)))
        else:
            tense = "past" if year < asked.this_year else "future"
            age = years(year - p.year, dative=tense == "past")
            said.append(Utterance(f"utter_age_{tense}", values | {"age": age}, _sources(p)))
    return said, cities


_HANDLERS: dict[Aspect, Callable[[_Asked], tuple[Said, list[Partnership]]]] = {
    **{aspect: _about_cities for aspect in OF_A_CITY},
    Aspect.AGE: _age,
    Aspect.CHECK: _check,
    Aspect.LIST: _list,
    Aspect.COUNT: _count,
    Aspect.COUNTRIES: _countries,
    Aspect.RANK: _rank,
    Aspect.COMPARE: _compare,
    Aspect.GAP: _gap,
    Aspect.ORDER: _order,
    Aspect.JUBILEE: _jubilee,
}
