"""Answers about the partnerships: which response with which values, never its text."""

from __future__ import annotations

from typing import Any

import pytest

from partnerstadt.answer.facts import answer_question, describe, locative
from partnerstadt.answer.utterance import Utterance, items, join, years
from partnerstadt.question.model import Amount, Aspect, Context, Filter, Question, Rank
from partnerstadt.records.models import Records
from tests.support import THIS_YEAR, Town, keys


def said(
    records: Records, aspect: Aspect, *cities: str, context: Context | None = None, **fields: Any
) -> list[Utterance]:
    """What is said to a question."""
    question = Question(aspect=aspect, cities=cities, **fields)
    return list(answer_question(question, records, THIS_YEAR, context or Context()).utterances)


def only(utterances: list[Utterance]) -> Utterance:
    """The one utterance there is."""
    assert len(utterances) == 1, keys(utterances)
    return utterances[0]


@pytest.mark.parametrize(
    ("id", "name", "country", "year", "age"),
    [
        ("amiens", "Amiens", "Frankreich", 1960, 66),
        ("leeds", "Leeds", "Großbritannien", 1969, 57),
        ("rostow", "Rostow am Don", "Russland", 1977, 49),
        ("buffalo", "Buffalo", "USA", 1978, 48),
        ("netanya", "Netanya", "Israel", 1981, 45),
        ("novi_sad", "Novi Sad", "Serbien", 1982, 44),
        ("xian", "Xi'an", "China", 1992, 34),
        ("trabzon", "Trabzon", "Türkei", 2014, 12),
        ("kumasi", "Kumasi", "Ghana", 2024, 2),
        ("schytomyr", "Schytomyr", "Ukraine", 2025, 1),
    ],
)
@pytest.mark.parametrize(
    ("aspect", "response"),
    [
        (Aspect.SINCE, "utter_since"),
        (Aspect.DURATION, "utter_duration"),
        (Aspect.COUNTRY, "utter_country"),
        (Aspect.PORTRAIT, "utter_portrait"),
        (Aspect.KIND, "utter_kind"),
    ],
)
def test_one_city_is_answered_with_its_facts(
    dortmund_records: Records, aspect: Aspect, response: str, id: str, name: str, country: str, year: int, age: int
) -> None:
    """Name, country, year and age, from the city's page."""
    utterance = only(said(dortmund_records, aspect, id))
    assert utterance.response == response
    values = utterance.values
    assert (values["city"], values["country"], values["year"], values["years"]) == (name, country, year, years(age))
    assert utterance.sources == ("page",)


@pytest.mark.parametrize(
    ("aspect", "response"),
    [
        (Aspect.KIND, "utter_kind_inner_german"),
        (Aspect.COUNTRY, "utter_country_inner_german"),
        (Aspect.PORTRAIT, "utter_portrait_inner_german"),
        (Aspect.SINCE, "utter_since"),
    ],
)
def test_inner_german_partnership_says_so(dortmund_records: Records, aspect: Aspect, response: str) -> None:
    """Zwickau is the only one."""
    assert only(said(dortmund_records, aspect, "zwickau")).response == response


@pytest.mark.parametrize(
    "aspect", [Aspect.SINCE, Aspect.DURATION, Aspect.PORTRAIT, Aspect.KIND, Aspect.COUNTRY, Aspect.CHECK]
)
def test_project_partner_never_gets_a_year(dortmund_records: Records, aspect: Aspect) -> None:
    """The page gives none."""
    for utterance in said(dortmund_records, aspect, "cluj_napoca", yes_no=True):
        assert utterance.values["year"] == ""
        assert utterance.response in {
            "utter_other_kind_since",
            "utter_other_kind",
            "utter_check_other_kind",
        }


def test_continent_has_the_source_of_general_knowledge(dortmund_records: Records) -> None:
    """It never poses as the city's."""
    utterance = only(said(dortmund_records, Aspect.CONTINENT, "trabzon"))
    assert utterance.response == "utter_continent"
    assert utterance.sources == ("page", "geography")


def test_several_cities_are_answered_each(dortmund_records: Records) -> None:
    """In the order in which they were named."""
    utterances = said(dortmund_records, Aspect.SINCE, "xian", "leeds")
    assert [u.values["city"] for u in utterances] == ["Xi'an", "Leeds"]


def test_two_aspects_are_both_answered(dortmund_records: Records) -> None:
    """Year and country."""
    assert keys(said(dortmund_records, Aspect.SINCE, "leeds", also=(Aspect.COUNTRY,))) == [
        "utter_since",
        "utter_country",
    ]


def test_wrong_country_is_corrected_first(dortmund_records: Records) -> None:
    """Leeds does not lie in France."""
    utterances = said(dortmund_records, Aspect.SINCE, "leeds", filter=Filter(countries=("FR",)))
    assert keys(utterances) == ["utter_wrong_place", "utter_since"]


def test_city_missing_is_asked_for(dortmund_records: Records) -> None:
    """With partner cities as buttons."""
    utterance = only(said(dortmund_records, Aspect.SINCE, back="city"))
    assert utterance.response == "utter_which_city"
    assert set(utterance.buttons) <= {p.name for p in dortmund_records.partner_cities}


def test_step_without_a_city_is_no_oldest(dortmund_records: Records) -> None:
    """„Und davor?“ at the beginning of a conversation cannot be answered with a city."""
    utterances = said(dortmund_records, Aspect.RANK, ranks=(Rank(step=-1),), back="city")
    assert "utter_oldest" not in keys(utterances)


# --- yes or no --------------------------------------------------------------------------------------------------------

CHECKS: dict[str, tuple[str, dict[str, Any], str]] = {
    "partner city": ("leeds", {}, "utter_check_yes"),
    "right country": ("leeds", {"filter": Filter(countries=("GB",))}, "utter_check_place_yes"),
    "wrong country": ("leeds", {"filter": Filter(countries=("FR",))}, "utter_check_place_no"),
    "right continent": ("xian", {"filter": Filter(continents=("asia",))}, "utter_check_place_yes"),
    "wrong region": ("leeds", {"filter": Filter(regions=("eu",))}, "utter_check_place_no"),
    "not in Europe": ("xian", {"filter": Filter(not_continents=("europe",))}, "utter_check_place_yes"),
    "right year": ("leeds", {"year": 1969}, "utter_check_year_yes"),
    "wrong year": ("leeds", {"year": 1970}, "utter_check_year_no"),
    "since the right year": ("leeds", {"year": 1969, "filter": Filter(first=1969)}, "utter_check_year_yes"),
    "since an earlier year": ("leeds", {"year": 1960, "filter": Filter(first=1960)}, "utter_check_year_no"),
    "before a year": ("leeds", {"filter": Filter(last=1979)}, "utter_check_year_yes"),
    "not before a year": ("trabzon", {"filter": Filter(last=1979)}, "utter_check_year_no"),
    "since the right decade": ("leeds", {"claim": (1960, 1969), "filter": Filter(first=1960)}, "utter_check_year_yes"),
    "since the wrong decade": ("leeds", {"claim": (1970, 1979), "filter": Filter(first=1970)}, "utter_check_year_no"),
    "old enough": ("leeds", {"years": Amount(op=">", number=50)}, "utter_check_age_yes"),
    "not old enough": ("kumasi", {"years": Amount(op=">", number=50)}, "utter_check_age_no"),
    "exact age": ("leeds", {"years": Amount(op="=", number=57)}, "utter_check_age_yes"),
    "the oldest": ("amiens", {"ranks": (Rank(start=1),)}, "utter_check_rank_yes"),
    "not the oldest": ("leeds", {"ranks": (Rank(start=1),)}, "utter_check_rank_no"),
    "the newest": ("schytomyr", {"ranks": (Rank(start=-1),)}, "utter_check_rank_yes"),
    "the third": ("rostow", {"ranks": (Rank(start=3),)}, "utter_check_rank_yes"),
    "project": ("cluj_napoca", {}, "utter_check_other_kind"),
    "project called partner city": ("cluj_napoca", {"says_partner_city": True}, "utter_check_other_kind_no"),
    "project as the twelfth": (
        "cluj_napoca",
        {"says_partner_city": True, "ranks": (Rank(start=12),)},
        "utter_check_other_kind_no",
    ),
}


@pytest.mark.parametrize(("id", "fields", "response"), CHECKS.values(), ids=list(CHECKS))
def test_claim_of_a_city_is_confirmed_or_denied(
    dortmund_records: Records, id: str, fields: dict[str, Any], response: str
) -> None:
    """With the city's own facts beside it."""
    utterance = only(said(dortmund_records, Aspect.CHECK, id, yes_no=True, **fields))
    assert utterance.response == response
    assert utterance.values["city"] == dortmund_records.partnership(id).name  # type: ignore[union-attr]


def test_denied_rank_names_the_right_city(dortmund_records: Records) -> None:
    """Amiens, not Leeds."""
    utterance = only(said(dortmund_records, Aspect.CHECK, "leeds", yes_no=True, ranks=(Rank(start=1),)))
    assert "Amiens" in str(utterance.values["right"])


SETS: dict[str, tuple[dict[str, Any], str, int]] = {
    "there": ({"filter": Filter(countries=("TR",))}, "utter_exists_yes", 1),
    "not there": ({"filter": Filter(countries=("PL",))}, "utter_exists_no", 0),
    "only a project there": ({"filter": Filter(countries=("RO",))}, "utter_exists_other_kind", 0),
    "right number": ({"amount": Amount(op="=", number=11)}, "utter_check_count_yes", 11),
    "wrong number": ({"amount": Amount(op="=", number=12)}, "utter_check_count_no", 11),
    "more than": ({"amount": Amount(op=">", number=10)}, "utter_check_count_yes", 11),
    "right number there": (
        {"amount": Amount(op="=", number=3), "filter": Filter(continents=("asia",))},
        "utter_check_count_yes_of",
        3,
    ),
    "wrong number there": (
        {"amount": Amount(op="=", number=5), "filter": Filter(continents=("asia",))},
        "utter_check_count_no_of",
        3,
    ),
    "nothing claimed": ({}, "utter_list_all", 11),
}


@pytest.mark.parametrize(("fields", "response", "count"), SETS.values(), ids=list(SETS))
def test_claim_of_all_is_confirmed_or_denied(
    dortmund_records: Records, fields: dict[str, Any], response: str, count: int
) -> None:
    """With the number that is right."""
    utterance = only(said(dortmund_records, Aspect.CHECK, yes_no=True, **fields))
    assert (utterance.response, utterance.values["count"]) == (response, count)


def test_no_city_there_has_a_source_too(dortmund_records: Records) -> None:
    """The page shows that there is none."""
    assert only(said(dortmund_records, Aspect.CHECK, filter=Filter(countries=("PL",)))).sources == ("page",)


def test_only_city_there_answers_a_claim_of_years(dortmund_records: Records) -> None:
    """„Gibt es die mit Israel seit mehr als 40 Jahren?“ is asked of Netanya."""
    fields: dict[str, Any] = {"filter": Filter(countries=("IL",)), "years": Amount(op=">", number=40)}
    utterance = only(said(dortmund_records, Aspect.CHECK, yes_no=True, **fields))
    assert (utterance.response, utterance.values["city"]) == ("utter_check_age_yes", "Netanya")


def test_place_that_is_no_partner_city_is_denied(dortmund_records: Records) -> None:
    """By the name that was typed."""
    utterance = only(said(dortmund_records, Aspect.CHECK, places=("Paris",), yes_no=True))
    assert (utterance.response, utterance.values["place"]) == ("utter_no_partner", "Paris")


@pytest.mark.parametrize("aspect", [Aspect.SINCE, Aspect.COUNTRY, Aspect.PORTRAIT, Aspect.CHECK])
def test_near_name_is_denied_and_asked_back(dortmund_records: Records, aspect: Aspect) -> None:
    """Rostock is not Rostow; "yes" asks the question of the latter."""
    question = Question(aspect=aspect, places=("Rostock",), near=("rostow",))
    answer = answer_question(question, dortmund_records, THIS_YEAR, Context())
    assert keys(list(answer.utterances)) == ["utter_no_partner", "utter_did_you_mean"]
    assert answer.context.offered is not None and answer.context.offered.cities == ("rostow",)
    assert all("year" not in u.values for u in answer.utterances)


# --- lists and numbers ------------------------------------------------------------------------------------------------

LISTS: dict[str, tuple[Aspect, dict[str, Any], str, int]] = {
    "all": (Aspect.LIST, {}, "utter_list_all", 11),
    "filtered": (Aspect.LIST, {"filter": Filter(continents=("asia",))}, "utter_list", 3),
    "none": (Aspect.LIST, {"filter": Filter(continents=("oceania",))}, "utter_exists_no", 0),
    "only a project": (Aspect.LIST, {"filter": Filter(countries=("RO",))}, "utter_exists_other_kind", 0),
    "of those": (Aspect.LIST, {"filter": Filter(cities=("leeds", "xian"))}, "utter_list_these", 2),
    "after a city": (Aspect.LIST, {"ranks": (Rank(city="trabzon", step=1, count=99),)}, "utter_list_these", 2),
    "count": (Aspect.COUNT, {}, "utter_count_all", 11),
    "count filtered": (Aspect.COUNT, {"filter": Filter(not_continents=("europe",))}, "utter_count", 5),
    "count one": (Aspect.COUNT, {"filter": Filter(continents=("africa",))}, "utter_count_one", 1),
    "count none": (Aspect.COUNT, {"filter": Filter(continents=("oceania",))}, "utter_exists_no", 0),
    "count then": (Aspect.COUNT, {"filter": Filter(existed_in=1980)}, "utter_count_then", 4),
    "count of those": (Aspect.COUNT, {"filter": Filter(cities=("leeds", "xian"))}, "utter_count_these", 2),
    "count before a city": (
        Aspect.COUNT,
        {"ranks": (Rank(city="leeds", step=-1, count=99),)},
        "utter_count_one_these",
        1,
    ),
    "countries": (Aspect.COUNTRIES, {}, "utter_countries", 11),
    "countries there": (Aspect.COUNTRIES, {"filter": Filter(continents=("asia",))}, "utter_countries", 3),
}


@pytest.mark.parametrize(("aspect", "fields", "response", "count"), LISTS.values(), ids=list(LISTS))
def test_set_is_listed_or_counted(
    dortmund_records: Records, aspect: Aspect, fields: dict[str, Any], response: str, count: int
) -> None:
    """With the right number."""
    utterance = only(said(dortmund_records, aspect, **fields))
    assert (utterance.response, utterance.values["count"]) == (response, count)


def test_list_holds_each_city_once(dortmund_records: Records) -> None:
    """And not the project."""
    listed = str(only(said(dortmund_records, Aspect.LIST)).values["items"])
    assert all(listed.count(p.name) == 1 for p in dortmund_records.partner_cities)
    assert "Cluj" not in listed


def test_list_by_continent_names_general_knowledge(dortmund_records: Records) -> None:
    """The page gives no continents."""
    assert "geography" in only(said(dortmund_records, Aspect.LIST, filter=Filter(continents=("asia",)))).sources


def test_list_by_region_and_period_names_their_sources(dortmund_records: Records) -> None:
    """Who is in the EU, and when the reunification was, the page does not say."""
    assert "countries" in only(said(dortmund_records, Aspect.LIST, filter=Filter(regions=("eu",)))).sources
    assert (
        "periods"
        in only(said(dortmund_records, Aspect.LIST, filter=Filter(first=1991, period="reunification"))).sources
    )


RANKS: dict[str, tuple[dict[str, Any], str, str]] = {
    "oldest": ({"ranks": (Rank(start=1),)}, "utter_oldest", "Amiens"),
    "newest": ({"ranks": (Rank(start=-1),)}, "utter_newest", "Schytomyr"),
    "third": ({"ranks": (Rank(start=3),)}, "utter_nth", "Rostow"),
    "last but one": ({"ranks": (Rank(start=-2),)}, "utter_nth_newest", "Kumasi"),
    "first three": ({"ranks": (Rank(start=1, count=3),)}, "utter_first_few", "Leeds"),
    "last three": ({"ranks": (Rank(start=-1, count=3),)}, "utter_last_few", "Trabzon"),
    "oldest there": ({"ranks": (Rank(start=1),), "filter": Filter(continents=("asia",))}, "utter_oldest_of", "Netanya"),
    "newest there": (
        {"ranks": (Rank(start=-1),), "filter": Filter(continents=("asia",))},
        "utter_newest_of",
        "Trabzon",
    ),
    "second there": ({"ranks": (Rank(start=2),), "filter": Filter(continents=("asia",))}, "utter_nth_of", "Xi'an"),
    "second newest there": (
        {"ranks": (Rank(start=-2),), "filter": Filter(continents=("asia",))},
        "utter_nth_newest_of",
        "Xi'an",
    ),
    "first two there": (
        {"ranks": (Rank(count=2),), "filter": Filter(continents=("asia",))},
        "utter_first_few_of",
        "Netanya",
    ),
    "last two there": (
        {"ranks": (Rank(start=-1, count=2),), "filter": Filter(continents=("asia",))},
        "utter_last_few_of",
        "Trabzon",
    ),
    "before": ({"ranks": (Rank(city="leeds", step=-1),)}, "utter_before", "Amiens"),
    "after": ({"ranks": (Rank(city="leeds", step=1),)}, "utter_after", "Rostow"),
    "before the first": ({"ranks": (Rank(city="amiens", step=-1),)}, "utter_before_none", ""),
    "after the last": ({"ranks": (Rank(city="schytomyr", step=1),)}, "utter_after_none", ""),
    "twelfth": ({"ranks": (Rank(start=12),)}, "utter_rank_none", ""),
}


@pytest.mark.parametrize(("fields", "response", "name"), RANKS.values(), ids=list(RANKS))
def test_place_in_the_order_is_named(
    dortmund_records: Records, fields: dict[str, Any], response: str, name: str
) -> None:
    """Or said not to exist."""
    utterance = only(said(dortmund_records, Aspect.RANK, **fields))
    assert utterance.response == response
    assert name in str(utterance.values["items"])


PAIRS: dict[str, tuple[Aspect, tuple[str, ...], dict[str, Any], str]] = {
    "which is older": (Aspect.COMPARE, ("leeds", "buffalo"), {"choice": True}, "utter_compare"),
    "which is newer": (Aspect.COMPARE, ("leeds", "buffalo"), {"choice": True, "newer": True}, "utter_compare_newer"),
    "is older": (Aspect.COMPARE, ("leeds", "buffalo"), {"yes_no": True}, "utter_compare_yes"),
    "is not older": (Aspect.COMPARE, ("buffalo", "leeds"), {"yes_no": True}, "utter_compare_no"),
    "is newer": (Aspect.COMPARE, ("buffalo", "leeds"), {"yes_no": True, "newer": True}, "utter_compare_yes"),
    "three of them": (Aspect.COMPARE, ("xian", "leeds", "buffalo"), {}, "utter_in_order"),
    "with a project": (Aspect.COMPARE, ("leeds", "cluj_napoca"), {}, ""),
    "gap": (Aspect.GAP, ("leeds", "buffalo"), {}, "utter_gap"),
    "gap is large enough": (
        Aspect.GAP,
        ("netanya", "trabzon"),
        {"yes_no": True, "years": Amount(op=">", number=30)},
        "utter_gap_yes",
    ),
    "gap is too small": (
        Aspect.GAP,
        ("leeds", "buffalo"),
        {"yes_no": True, "years": Amount(op=">", number=30)},
        "utter_gap_no",
    ),
    "right order": (Aspect.ORDER, ("amiens", "leeds", "buffalo"), {"yes_no": True}, "utter_order_yes"),
    "wrong order": (Aspect.ORDER, ("leeds", "amiens", "buffalo"), {"yes_no": True}, "utter_order_no"),
    "in order": (Aspect.ORDER, ("leeds", "amiens", "buffalo"), {}, "utter_in_order"),
}


@pytest.mark.parametrize(("aspect", "cities", "fields", "response"), PAIRS.values(), ids=list(PAIRS))
def test_cities_are_compared(
    dortmund_records: Records, aspect: Aspect, cities: tuple[str, ...], fields: dict[str, Any], response: str
) -> None:
    """By the year of their beginning."""
    utterances = said(dortmund_records, aspect, *cities, **fields)
    assert utterances
    if response:
        assert only(utterances).response == response


def test_difference_is_in_years(dortmund_records: Records) -> None:
    """Leeds 1969, Buffalo 1978."""
    values = only(said(dortmund_records, Aspect.COMPARE, "buffalo", "leeds")).values
    assert (values["older"], values["newer"], values["difference"]) == ("Leeds", "Buffalo", years(9))
    assert only(said(dortmund_records, Aspect.GAP, "trabzon", "netanya")).values["difference"] == years(33)


# --- jubilees ---------------------------------------------------------------------------------------------------------

JUBILEES: dict[str, tuple[Aspect, tuple[str, ...], dict[str, Any], str, dict[str, Any]]] = {
    "next of a city": (Aspect.JUBILEE, ("leeds",), {}, "utter_jubilee", {"jubilee_year": 2029, "age": 60}),
    "75 years": (
        Aspect.JUBILEE,
        ("leeds",),
        {"years": Amount(op="=", number=75)},
        "utter_jubilee",
        {"jubilee_year": 2044, "age": 75},
    ),
    "50 years, past": (
        Aspect.JUBILEE,
        ("leeds",),
        {"years": Amount(op="=", number=50)},
        "utter_jubilee_past",
        {"jubilee_year": 2019, "age": 50},
    ),
    "next of all": (Aspect.JUBILEE, (), {}, "utter_next_jubilee", {"year": 2027}),
    "of a year": (Aspect.JUBILEE, (), {"year": 2028}, "utter_jubilees_in", {"year": 2028}),
    "none in a year": (Aspect.JUBILEE, (), {"year": 1950}, "utter_jubilees_in_none", {"year": 1950}),
    "age then": (Aspect.AGE, ("amiens",), {"year": 2000}, "utter_age_past", {"then": 2000, "year": 1960}),
    "age to come": (Aspect.AGE, ("amiens",), {"year": 2030}, "utter_age_future", {"then": 2030, "year": 1960}),
    "before it began": (Aspect.AGE, ("amiens",), {"year": 1950}, "utter_age_before", {"then": 1950, "year": 1960}),
    "age of a project": (Aspect.AGE, ("cluj_napoca",), {"year": 2020}, "utter_other_kind_since", {"year": ""}),
    "jubilee of a project": (Aspect.JUBILEE, ("cluj_napoca",), {}, "utter_other_kind_since", {"year": ""}),
    "age without a year": (Aspect.AGE, ("leeds",), {}, "utter_duration", {"years": years(57)}),
}


@pytest.mark.parametrize(("aspect", "cities", "fields", "response", "values"), JUBILEES.values(), ids=list(JUBILEES))
def test_jubilee_or_age_is_reckoned(
    dortmund_records: Records,
    aspect: Aspect,
    cities: tuple[str, ...],
    fields: dict[str, Any],
    response: str,
    values: dict[str, Any],
) -> None:
    """From the year of the beginning."""
    utterance = only(said(dortmund_records, aspect, *cities, **fields))
    assert utterance.response == response
    assert {name: utterance.values[name] for name in values} == values


@pytest.mark.parametrize(("year", "age"), [(1961, "1 Jahr"), (2000, "40 Jahre"), (2060, "100 Jahre")])
def test_age_in_a_year_is_the_difference(dortmund_records: Records, year: int, age: str) -> None:
    """In whichever case it stands."""
    assert str(only(said(dortmund_records, Aspect.AGE, "amiens", year=year)).values["age"]).startswith(age)


# --- states other than active -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("aspect", "id", "response"),
    [
        (Aspect.CHECK, "ballycorran", "utter_check_resting"),
        (Aspect.PORTRAIT, "ballycorran", "utter_resting"),
        (Aspect.CHECK, "tormaszeg", "utter_check_ended"),
        (Aspect.SINCE, "tormaszeg", "utter_ended"),
        (Aspect.PORTRAIT, "tormaszeg", "utter_ended"),
        (Aspect.KIND, "tormaszeg", "utter_ended"),
        (Aspect.CHECK, "vale_do_sobral", "utter_check_other_kind"),
        (Aspect.PORTRAIT, "vale_do_sobral", "utter_other_kind_with_year"),
    ],
)
def test_resting_ended_and_other_kinds_say_so(musterstadt: Town, aspect: Aspect, id: str, response: str) -> None:
    """Not as if they were partner cities like any other."""
    assert only(said(musterstadt.records, aspect, id, yes_no=aspect is Aspect.CHECK)).response == response


@pytest.mark.parametrize(
    ("aspect", "id"), [(Aspect.PORTRAIT, "ballycorran"), (Aspect.SINCE, "tormaszeg"), (Aspect.CHECK, "tormaszeg")]
)
def test_status_has_its_own_source(musterstadt: Town, aspect: Aspect, id: str) -> None:
    """The council's minutes, beside the page."""
    assert only(said(musterstadt.records, aspect, id)).sources == ("page", "council")


def test_ended_partnership_has_its_years(musterstadt: Town) -> None:
    """From and until."""
    values = only(said(musterstadt.records, Aspect.SINCE, "tormaszeg")).values
    assert (values["year"], values["ended"]) == (1975, 2012)


def test_friendship_with_a_year_says_its_year(musterstadt: Town) -> None:
    """Its beginning is recorded, so it is not "unknown"."""
    (utterance,) = said(musterstadt.records, Aspect.SINCE, "vale_do_sobral")
    assert utterance.values["year"] == 2005
    assert utterance.response != "utter_other_kind_since"


def test_same_year_is_said_to_be_the_same(musterstadt: Town) -> None:
    """Two began in 1990."""
    assert (
        only(said(musterstadt.records, Aspect.COMPARE, "minashiro", "brunnthalheim")).response == "utter_compare_same"
    )


@pytest.mark.parametrize("cities", [("cluj_napoca", "leeds"), ("leeds", "cluj_napoca")])
@pytest.mark.parametrize("aspect", [Aspect.COMPARE, Aspect.GAP, Aspect.ORDER])
def test_project_is_never_compared_as_if_it_had_a_year(
    dortmund_records: Records, aspect: Aspect, cities: tuple[str, ...]
) -> None:
    """„Cluj-Napoca ist seit ... Partnerstadt“ would be invented."""
    for utterance in said(dortmund_records, aspect, *cities, yes_no=True):
        if utterance.values.get("city") == "Cluj-Napoca":
            assert utterance.response.startswith("utter_other_kind")


@pytest.mark.parametrize(
    ("aspect", "fields"),
    [
        (Aspect.COUNTRY, {}),
        (Aspect.JUBILEE, {}),
        (Aspect.AGE, {"year": 2020}),
        (Aspect.CHECK, {"filter": Filter(countries=("HU",)), "yes_no": True}),
    ],
)
def test_ended_partnership_is_never_spoken_of_as_if_it_went_on(
    musterstadt: Town, aspect: Aspect, fields: dict[str, Any]
) -> None:
    """It has no jubilee to come, and is no partner city "since" its first year."""
    going_on = {"utter_country", "utter_jubilee", "utter_age_past", "utter_check_place_yes"}
    assert not going_on & set(keys(said(musterstadt.records, aspect, "tormaszeg", **fields)))


@pytest.mark.parametrize("id", ["tormaszeg", "vale_do_sobral"])
def test_only_partner_cities_are_compared_as_such(musterstadt: Town, id: str) -> None:
    """An ended partnership and a friendship are none."""
    assert "utter_compare" not in keys(said(musterstadt.records, Aspect.COMPARE, id, "koskelampi"))


def test_no_number_of_years_is_negative(musterstadt: Town) -> None:
    """Also where a subject is asked of a friendship."""
    for utterance in musterstadt.answer("Gibt es Schüleraustausch mit Vale do Sobral?", "explain_exchange"):
        assert not str(utterance.values.get("years", "")).startswith("-")


def test_rank_beyond_the_last_has_no_empty_correction(dortmund_records: Records) -> None:
    """„Die 12. Partnerstadt ist ...“ needs a city, or other words."""
    (utterance,) = said(dortmund_records, Aspect.CHECK, "leeds", yes_no=True, ranks=(Rank(start=12),))
    assert utterance.values.get("right") != ""


# --- what is remembered -----------------------------------------------------------------------------------------------


def test_list_is_remembered_for_what_points_into_it(dortmund_records: Records) -> None:
    """„Die zweite“, "die anderen"."""
    question = Question(aspect=Aspect.LIST, filter=Filter(continents=("asia",)))
    context = answer_question(question, dortmund_records, THIS_YEAR, Context()).context
    assert context.listed == context.cities == ("netanya", "xian", "trabzon")
    assert context.question == question


def test_city_talked_about_is_remembered_beside_the_list(dortmund_records: Records) -> None:
    """So that "the others" are known."""
    before = Context(cities=("netanya", "xian", "trabzon"), listed=("netanya", "xian", "trabzon"))
    context = answer_question(
        Question(aspect=Aspect.SINCE, cities=("xian",)), dortmund_records, THIS_YEAR, before
    ).context
    assert context.cities == ("xian",) and context.listed == ("netanya", "xian", "trabzon")
    assert "xian" in context.discussed


# --- pieces -----------------------------------------------------------------------------------------------------------


def test_country_is_called_as_the_city_calls_it(dortmund_records: Records) -> None:
    """„In den USA“, "in Großbritannien"."""
    for id, label in (("buffalo", "USA"), ("leeds", "Großbritannien"), ("trabzon", "Türkei")):
        city = dortmund_records.partnership(id)
        assert city is not None and label in locative(city, dortmund_records)


@pytest.mark.parametrize(
    "filter",
    [
        Filter(countries=("FR",)),
        Filter(not_continents=("europe",)),
        Filter(regions=("eu",), first=1990),
        Filter(foreign=True),
        Filter(foreign=False),
        Filter(existed_in=1980),
        Filter(last=1980),
        Filter(first=1970, last=1979),
        Filter(first=1992, last=1992),
        Filter(not_cities=("leeds",)),
        Filter(),
    ],
)
def test_filter_has_words(dortmund_records: Records, filter: Filter) -> None:
    """Something can be said of each."""
    words = describe(filter, dortmund_records)
    assert words and "{" not in words


def test_few_cities_stand_in_one_line_and_many_in_several(dortmund_records: Records) -> None:
    """A list of eleven is easier to read as a list."""
    cities = dortmund_records.partner_cities
    assert "\n" not in items(cities[:4])
    assert items(cities).count("\n- ") == 11


@pytest.mark.parametrize(("number", "dative"), [(1, False), (2, False), (1, True), (57, True), (0, False)])
def test_number_of_years_has_its_form(number: int, dative: bool) -> None:
    """One year is not one years."""
    assert years(number, dative).startswith(f"{number} Jahr")
    assert (years(number, dative) == "1 Jahr") is (number == 1)


def test_names_are_joined_in_german() -> None:
    """With "und" before the last."""
    assert join(["A"]) == "A" and join([]) == ""
    assert join(["A", "B", "C"]) == "A, B und C"


def test_not_all_is_told_with_those_that_are_none(dortmund_records: Records) -> None:
    """ "Liegen alle im Ausland?" is no question of whether one does."""
    some = only(said(dortmund_records, Aspect.CHECK, filter=Filter(foreign=True), yes_no=True, every=True))
    assert some.response == "utter_all_no" and (some.values["count"], some.values["total"]) == (10, 11)
    assert "Zwickau" in str(some.values["others"])
    every = only(said(dortmund_records, Aspect.CHECK, filter=Filter(first=1950), yes_no=True, every=True))
    assert every.response == "utter_all_yes" and every.values["count"] == 11


def test_what_is_wrong_of_several_comes_first(dortmund_records: Records) -> None:
    """A "Ja" in front would be heard as the answer to both."""
    both = said(dortmund_records, Aspect.CHECK, "amiens", "leeds", filter=Filter(countries=("FR",)), yes_no=True)
    assert keys(both) == ["utter_check_place_no", "utter_check_place_yes"]


def test_list_can_begin_with_the_newest(dortmund_records: Records) -> None:
    """As it is asked for."""
    listed = only(said(dortmund_records, Aspect.LIST, newest_first=True)).values["items"]
    assert str(listed).index("Schytomyr") < str(listed).index("Amiens")


def test_alphabetical_list_is_in_the_order_of_names(dortmund_records: Records) -> None:
    """Not in that of their years."""
    listed = str(only(said(dortmund_records, Aspect.LIST, alphabetical=True)).values["items"])
    assert listed.index("Kumasi") < listed.index("Leeds") < listed.index("Zwickau")


def test_only_names_with_that_letter_are_listed(dortmund_records: Records) -> None:
    """And the answer says so."""
    filter = Filter(initials=("b",))
    assert "B" in describe(filter, dortmund_records)
    listed = str(only(said(dortmund_records, Aspect.LIST, filter=filter)).values["items"])
    assert "Buffalo" in listed and "Leeds" not in listed


def test_country_beside_a_project_partner_does_not_make_it_a_partner_city(dortmund_records: Records) -> None:
    """ "Klausenburg in Rumänien, Partnerstadt?" is denied first."""
    filter = Filter(countries=("RO",))
    found = said(dortmund_records, Aspect.CHECK, "cluj_napoca", filter=filter, says_partner_city=True, yes_no=True)
    assert only(found).response == "utter_check_other_kind_no"
