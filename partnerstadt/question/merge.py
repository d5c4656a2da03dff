"""What a question takes from the conversation before it: "und Amiens?", "seit wann?", "die beiden anderen?"."""

from __future__ import annotations

from typing import Any

from partnerstadt.question.evaluate import passes, ranked
from partnerstadt.question.model import OF_A_CITY, Aspect, Context, Filter, Question, Rank
from partnerstadt.records.models import Records

_SETS = frozenset({Aspect.LIST, Aspect.COUNT, Aspect.CHECK, Aspect.RANK, Aspect.COUNTRIES})
_PLACE_FIELDS = ("countries", "not_countries", "continents", "not_continents", "regions", "not_regions", "foreign")
_TIME_FIELDS = ("first", "last", "existed_in", "period")


def merge(question: Question, context: Context, records: Records, follow_up: bool) -> Question:
    """The complete question, or the question as it is where nothing before it fits.

    Args:
        question: what the words alone say.
        context: what the conversation was about.
        records: to know which cities there are besides those named.
        follow_up: whether the text reads like one that leans on the turn before.
    """
    last = context.question
    moved = _year_of(last, records) if last and question.shift else None
    if moved and question.aspect is Aspect.JUBILEE:
        # "Und im Jahr davor, wird da eine fünfzig?"
        return question.copy(update={"year": moved + question.shift, "back": None, "ranks": ()})
    if question.since_then and last and question.aspect in (*_SETS, Aspect.PORTRAIT) and question.filter.empty:
        begun = last.filter.existed_in or last.year or last.filter.last
        if begun:
            filter = Filter(first=begun + 1)
            aspect = Aspect.COUNT if question.aspect is Aspect.COUNT else Aspect.LIST
            return question.copy(update={"aspect": aspect, "filter": filter, "ranks": (), "back": None})
    if last and last.filter.by_time and last.aspect in _SETS and (question.shift or question.now):
        return last.copy(update={"filter": _moved(last.filter, question.shift), "back": None})
    year = _year_of(last, records) if question.that_year and last else None
    if year and question.aspect in (Aspect.DURATION, Aspect.JUBILEE, Aspect.AGE):
        question = question.copy(update={"aspect": Aspect.AGE, "year": year})
    if question.that_country and context.cities and not question.cities:
        countries = tuple(p.country for p in records.partnerships if p.id in context.cities[:1])
        question = question.copy(update={"filter": Filter(countries=countries), "back": None, "ranks": ()})
        question = question.copy(update={"aspect": Aspect.CHECK if question.yes_no else Aspect.LIST})
    if (
        question.another
        and question.aspect in (Aspect.CHECK, Aspect.LIST)
        and question.filter.by_place
        and not question.cities
    ):
        known = tuple(
            p.id for p in records.partner_cities if p.id in context.cities and passes(p, question.filter, records)
        )
        known = tuple(dict.fromkeys((*question.filter.not_cities, *known)))
        filter = question.filter.copy(update={"not_cities": known})
        return question.copy(update={"filter": filter, "back": None, "ranks": ()})
    if question.aspect is Aspect.GAP and not question.cities and len(question.ranks) > 1:
        pool = [p for p in records.partner_cities if not question.narrow or p.id in context.listed]
        ids = tuple(p.id for rank in question.ranks for p in ranked(pool, rank))
        return question.copy(update={"cities": ids, "ranks": (), "back": None})
    if question.extreme:
        return question.copy(update={"back": None})
    if (
        question.few
        and question.aspect is Aspect.COUNT
        and question.filter.empty
        and last
        and last.aspect in (Aspect.COMPARE, Aspect.GAP)
        and not question.says_partner_city
    ):
        return question.copy(update={"aspect": Aspect.GAP, "cities": _pair(context), "amount": None})
    if question.back == "city" and question.filter.by_place and question.aspect is Aspect.CHECK and context.cities:
        return question.copy(update={"cities": context.cities[:1], "back": None})
    if question.back == "others":
        return _others(question, context, records)
    if question.back == "between" and len(pair := _pair(context)) == 2:
        return question.copy(update={"between": pair, "back": None, "ranks": ()})
    if question.back == "both" and len(context.listed or context.cities) + len(context.discussed) >= 2:
        ids = context.cities if len(context.cities) > 1 else context.listed or context.discussed[-2:]
        return _of(question, ids, last)
    if question.aspect is Aspect.RANK and not question.cities:
        return _rank(question, context, follow_up)
    if question.aspect in (Aspect.COMPARE, Aspect.GAP) and len(question.cities) == 1 and context.cities:
        return question.copy(update={"cities": (context.cities[0], *question.cities)})
    if question.cities or question.places:
        return _same_aspect(question, last, follow_up)
    if question.aspect in (Aspect.COMPARE, Aspect.GAP, Aspect.ORDER) and not question.cities:
        ids = _pair(context)
        return question.copy(update={"cities": ids, "back": None})
    if question.narrow and len(context.listed or context.cities) > 1:
        return _narrowed(question, context)
    counts_those = question.aspect is Aspect.COUNT and question.few and not question.says_partner_city
    if (
        last
        and counts_those
        and question.filter.empty
        and last.aspect in (Aspect.LIST, Aspect.CHECK)
        and not last.cities
    ):
        # "Welche liegen in Europa?", "wie viele sind das?"
        return question.copy(update={"filter": last.filter, "ranks": last.ranks, "back": None})
    restricted = last is not None and last.aspect in (Aspect.COUNT, Aspect.CHECK) and not last.cities
    asks_names = question.aspect in (Aspect.LIST, Aspect.PORTRAIT) and question.few and not question.says_partner_city
    if last and asks_names and question.filter.empty and last.aspect is Aspect.RANK and 0 < len(context.cities) < 4:
        return question.copy(update={"aspect": Aspect.PORTRAIT, "cities": context.cities, "back": None})
    if last and restricted and asks_names and question.filter.empty:
        # "Wie viele sind es nach 2000?", "welche sind das?"
        return question.copy(update={"aspect": Aspect.LIST, "filter": last.filter, "ranks": last.ranks, "back": None})
    if question.filter.by_place or question.filter.by_time:
        return _filtered(question, last, context, follow_up, records)
    if question.back == "city" or question.aspect in OF_A_CITY | {Aspect.JUBILEE}:
        return _about_last(question, context)
    return question


def _year_of(last: Question, records: Records) -> int | None:
    """The year the question before was about: named, or that of a jubilee."""
    jubilant = records.partnership(last.cities[0]) if len(last.cities) == 1 and last.aspect is Aspect.JUBILEE else None
    if last.year is None and jubilant and jubilant.year and last.years:
        return jubilant.year + last.years.number
    return last.year


def _moved(filter: Filter, shift: int) -> Filter:
    """The same restriction so many years later; without a number of years, that of today."""
    times = {name: getattr(filter, name) for name in ("first", "last", "existed_in")}
    moved = {name: year + shift if shift and year is not None else None for name, year in times.items()}
    return filter.copy(update={**moved, "period": None})


def _pair(context: Context) -> tuple[str, ...]:
    """The two cities (or more) that were spoken of together or one after the other."""
    if len(context.cities) == 2 or (len(context.cities) > 2 and len(context.discussed) < 2):
        return context.cities
    return context.discussed[-2:] if len(context.discussed) > 1 else context.listed


def _others(question: Question, context: Context, records: Records) -> Question:
    """Those of the last list not talked about yet; without a list, all other partner cities."""
    rest = tuple(id for id in context.listed if id not in (context.discussed or context.cities))
    if not rest or context.cities == context.listed:
        known = set(context.cities) | set(context.discussed)
        rest = tuple(p.id for p in records.partner_cities if p.id not in known)
        return question.copy(
            update={"aspect": Aspect.LIST, "cities": (), "filter": Filter(cities=rest), "back": None, "ranks": ()}
        )
    return _of(question, rest, context.question)


def _of(question: Question, ids: tuple[str, ...], last: Question | None, otherwise: Aspect = Aspect.SINCE) -> Question:
    """The question asked of these cities; without an aspect of its own, with that of the question before."""
    aspect = question.aspect
    if aspect not in OF_A_CITY - {Aspect.PORTRAIT} and aspect not in (Aspect.COMPARE, Aspect.GAP):
        aspect = last.aspect if last and last.aspect in OF_A_CITY else otherwise
    return question.copy(update={"aspect": aspect, "cities": ids, "back": None, "ranks": (), "filter": Filter()})


def _rank(question: Question, context: Context, follow_up: bool) -> Question:
    """Points into the last list, steps on from the last city, or keeps the restriction asked before."""
    last, rank = context.question, question.ranks[0] if question.ranks else Rank()
    if rank.step and rank.city is None:
        reference = context.cities[-1 if rank.step > 0 else 0] if context.cities else None
        if reference is None:
            return question.copy(update={"aspect": Aspect.PORTRAIT, "ranks": (), "back": "city"})
        return question.copy(update={"ranks": (rank.copy(update={"city": reference}),), "back": None})
    narrow = question.narrow and rank.start != 0  # "die mittlere der drei"
    unspecific = question.filter.empty and not question.says_partner_city and not narrow
    points = rank.ordinal and unspecific and len(context.listed) > 1 and rank.count == 1
    if points and last and last.aspect is not Aspect.RANK and _within(rank.start, len(context.listed)):
        index = rank.start - 1 if rank.start > 0 else rank.start or len(context.listed) // 2
        pointed = question.copy(update={"aspect": Aspect.PORTRAIT, "ranks": ()})
        return _of(pointed, (context.listed[index],), None if not question.short else last, Aspect.PORTRAIT)
    if rank.start == 0 and not rank.step:
        return question.copy(update={"aspect": Aspect.PORTRAIT, "ranks": (), "back": "city"})
    if question.narrow and context.listed:
        return question.copy(update={"filter": question.filter.copy(update={"cities": context.listed}), "back": None})
    kept = follow_up and not question.overall
    if kept and last and last.aspect in _SETS and question.filter.empty and last.filter.by_place:
        return question.copy(update={"filter": last.filter, "back": None})
    return question.copy(update={"back": None})


def _within(start: int, length: int) -> bool:
    return 0 < start <= length or -length <= start < 0 or (start == 0 and length % 2 == 1)


def _same_aspect(question: Question, last: Question | None, follow_up: bool) -> Question:
    """ "Und Amiens?": the aspect of the question before, of another city."""
    if not (question.short and last and (follow_up or question.aspect is Aspect.PORTRAIT)):
        return question
    if question.says_partner_city and question.yes_no:
        # "Ist Amiens Partnerstadt?" is a question of its own.
        return question
    changes: dict[str, Any] = {}
    if last.aspect in OF_A_CITY or last.aspect in (Aspect.CHECK, Aspect.JUBILEE):
        changes = {
            "aspect": last.aspect,
            "also": last.also,
            "yes_no": last.yes_no,
            "year": last.year,
            "years": last.years,
        }
        changes["says_partner_city"] = last.says_partner_city
        if last.aspect is Aspect.CHECK and last.cities:
            # A claim about the city before: "liegt Leeds in der EU?", "und Amiens?"
            changes |= {"filter": last.filter, "ranks": last.ranks}
    elif last.aspect is Aspect.RANK and last.ranks and last.ranks[0].step:
        rank = last.ranks[0].copy(update={"city": question.cities[0]}) if question.cities else last.ranks[0]
        changes = {"aspect": Aspect.RANK, "ranks": (rank,), "cities": ()}
    return question.copy(update=changes)


def _narrowed(question: Question, context: Context) -> Question:
    """ "Welche davon in Europa?": the restriction applies to the last list."""
    ids = context.listed or context.cities
    aspect = question.aspect if question.aspect in _SETS else Aspect.LIST
    filter = question.filter.copy(update={"cities": ids})
    return question.copy(update={"aspect": aspect, "filter": filter, "back": None})


def _filtered(
    question: Question, last: Question | None, context: Context, follow_up: bool, records: Records
) -> Question:
    """ "Und in Asien?", "seit 2000?": the same question with another restriction."""
    if not (question.short and last and follow_up):
        if question.back == "city" and context.cities and question.aspect in (Aspect.CHECK, *OF_A_CITY):
            return question.copy(update={"cities": context.cities[:1], "back": None})
        return question
    if (
        last.cities
        and not question.overall
        and (last.aspect is Aspect.CHECK or (question.yes_no and last.aspect in OF_A_CITY))
    ):
        # "Liegt Leeds in Schottland?", "und in England?"; "Was ist Neusatz?", "in Kroatien, ja?"
        return question.copy(update={"aspect": Aspect.CHECK, "cities": last.cities, "yes_no": True})
    if last.aspect not in _SETS:
        return question
    kept = last.filter.dict()
    of_a_year = last.filter.existed_in is not None or (last.aspect is Aspect.COUNT and not last.filter.by_time)
    if of_a_year and question.year is not None and not question.filter.by_place:
        # "Wie viele gab es 1990?", "und 2000?"
        kept |= {"existed_in": question.year, "first": None, "last": None}
        return question.copy(update={"aspect": last.aspect, "filter": Filter(**kept), "yes_no": last.yes_no})
    if question.filter.by_place and not (
        question.filter.countries or question.filter.continents or question.filter.regions
    ):
        # "Ohne die in den USA" takes away from what was asked before.
        for name in ("not_countries", "not_continents", "not_regions"):
            kept[name] = (*kept[name], *getattr(question.filter, name))
        return question.copy(update={"aspect": last.aspect, "filter": Filter(**kept), "ranks": last.ranks})
    replaced = _PLACE_FIELDS if question.filter.by_place else _TIME_FIELDS
    for name in replaced:
        kept[name] = getattr(question.filter, name)
    nowhere = not any(passes(p, Filter(**kept), records) for p in records.partner_cities)
    if nowhere or (question.filter.by_place and question.filter.by_time):
        # "Und in Serbien?" after a list of others does not deny Novi Sad.
        kept = question.filter.dict()
    changes = {
        "aspect": last.aspect,
        "filter": Filter(**kept),
        "yes_no": last.yes_no,
        "ranks": last.ranks,
        "back": None,
    }
    return question.copy(update=changes)


def _about_last(question: Question, context: Context) -> Question:
    """ "Seit wann?", "in welchem Land liegt das?": of the city, or the few cities, talked about last."""
    if question.aspect is Aspect.JUBILEE and question.back != "city":
        return question
    ids = context.cities
    if (
        question.ranks
        and context.listed
        and len(context.listed) > 1
        and _within(question.ranks[0].start, len(context.listed))
    ):
        start = question.ranks[0].start
        ids = (context.listed[start - 1 if start > 0 else start or len(context.listed) // 2],)
    if not ids:
        return question
    # "Und aus welchen Ländern kommen sie?" asks of those just named.
    aspect = Aspect.COUNTRY if question.aspect is Aspect.COUNTRIES else question.aspect
    return question.copy(update={"aspect": aspect, "cities": ids, "back": None})
