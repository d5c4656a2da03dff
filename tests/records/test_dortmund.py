"""Dortmund's records say what the city's page says, no more and no less."""

from __future__ import annotations

import re

import pytest

from partnerstadt.records.models import Kind, Office, Records, Status
from partnerstadt.text import squeeze
from tests.support import SOURCE_TEXT

PAGE = SOURCE_TEXT.read_text(encoding="utf-8")
# "- Amiens, Frankreich seit 1960": name, country as the page calls it, year.
LISTED = re.findall(r"^- (.+?), (.+?),? seit (\d{4})$", PAGE, re.MULTILINE)
NUMBERS = {"zehn": 10, "elf": 11, "zwölf": 12}

# Each neighbouring subject, by words of the page that belong to it alone.
NEIGHBOURS = {
    "no_poverty": "UN Nachhaltigkeitsziel Nummer 1: Keine Armut",
    "every_drop_counts": "Jeder Tropfen zählt",
    "fairtrade_town": "erste Fairtrade-Stadt im Ruhrgebiet",
    "fair_capital_of_culture": "Faire Kulturhauptstadt Ruhr2010",
    "africa_positive": "Africa Positive - Die Brücke zum bunten Kontinent",
    "dortmund_hilft": "Dortmund hilft",
    "brexit": "Brexit",
    "senior_council": "Wahl des Seniorenbeirats",
    "eu_citizens": "Unionsbürger*innen",
    "innovation_capital": "Innovationshauptstadt Europa",
    "cluj_napoca": "Projektpartnerschaft mit der Stadt Cluj-Napoca",
    "state_election": "Wahl der Abgeordneten des nordrhein-westfälischen Parlaments",
    "city_diplomacy": "globale Städte-Diplomatie",
    "european_exchange": "Fach- und Erfahrungsaustausch stärken",
    "un_goals": "17 verabschiedeten UN Zielen",
}
PAGE_SUBJECTS = {
    "purpose": ["andere Kulturen", "Vorurteile", "voneinander"],
    "exchange": [
        "Schüler*innen- und Jugendaustausch",
        "Wirtschaftskontakte",
        "Verwaltungsebene",
        "Expert*innenaustausch",
    ],
    "reconciliation": ["Aussöhnung und Völkerverständigung", "Zweiten Weltkrieg", "Europagedanken", "westlichen"],
    "traditional_forms": ["Schulpartnerschaften", "Wegbereiter"],
    "new_fields": ["Wirtschaftskontakte", "Hochschulen", "Seit einigen Jahren"],
    "expert_exchange": [
        "Städteplanung",
        "Stadterneuerung",
        "Wohnungsbau",
        "Versorgungs- und Entsorgungseinrichtungen",
        "Öffentlicher Nahverkehr",
        "Wirtschaftsförderung",
        "Umweltschutz",
    ],
    "municipality_role": ["Aufgabe der Kommunen", "Kontakte zwischen Interessierten", "eigenständige Partnerschaften"],
    "participation": ["Kontakte zwischen Interessierten", "eigenständige Partnerschaften"],
}


def test_page_lists_as_many_as_it_says() -> None:
    """The list and the number word of the page agree."""
    word = re.search(r"Beziehungen zu (\w+) Städten", PAGE)
    assert word is not None and NUMBERS[word[1]] == len(LISTED) == 11


def test_records_count_as_many_as_the_page(dortmund_records: Records) -> None:
    """The number is computed, and it is the page's."""
    assert len(dortmund_records.partner_cities) == len(LISTED)
    assert dortmund_records.source("page").stated_partnerships == len(LISTED)


@pytest.mark.parametrize(("name", "country", "year"), LISTED, ids=[name for name, _, _ in LISTED])
def test_partnership_says_what_the_page_says(dortmund_records: Records, name: str, country: str, year: str) -> None:
    """Name, year and country, the latter in the page's own words."""
    found = [p for p in dortmund_records.partner_cities if squeeze(p.name) == squeeze(name)]
    assert len(found) == 1
    city = found[0]
    assert city.year == int(year)
    assert city.source == "page"
    if city.inner_german:
        assert country == "innerdeutsche Partnerschaft" and city.country == "DE"
    else:
        assert city.country_label == country


def test_partnerships_come_in_the_order_of_the_page(dortmund_records: Records) -> None:
    """The page orders them by year."""
    assert [squeeze(p.name) for p in dortmund_records.partner_cities] == [squeeze(name) for name, _, _ in LISTED]


def test_no_partnership_but_those_of_the_page(dortmund_records: Records) -> None:
    """The eleven and the project."""
    names = {squeeze(p.name) for p in dortmund_records.partnerships}
    assert names == {squeeze(name) for name, _, _ in LISTED} | {squeeze("Cluj-Napoca")}


def test_cluj_napoca_is_a_project_without_a_year(dortmund_records: Records) -> None:
    """It is not the twelfth."""
    city = dortmund_records.partnership("cluj_napoca")
    assert city is not None
    assert city.kind is Kind.PROJEKTPARTNERSCHAFT
    assert city.since is None and not city.counts
    assert city.country_label in PAGE


def test_only_zwickau_is_inner_german(dortmund_records: Records) -> None:
    """As the page says."""
    assert [p.id for p in dortmund_records.partnerships if p.inner_german] == ["zwickau"]


def test_nothing_is_claimed_of_the_state_of_a_partnership(dortmund_records: Records) -> None:
    """The page does not say whether one rests, nor on which day one began."""
    assert {p.status for p in dortmund_records.partnerships} == {Status.UNKNOWN}
    assert all(p.since.date is None and p.since.meaning is None for p in dortmund_records.partnerships if p.since)


def test_general_knowledge_never_poses_as_the_citys(dortmund_records: Records) -> None:
    """Where a city lies has a source of its own."""
    assert {p.location.source for p in dortmund_records.partnerships} == {"geography"}
    assert "Allgemeinwissen" in dortmund_records.source("geography").title


def test_no_licence_is_claimed_for_the_page(dortmund_records: Records) -> None:
    """The page names none; GeoNames names its own."""
    assert dortmund_records.city.licence is None
    assert dortmund_records.source("page").licence is None


def test_all_neighbouring_subjects_are_those_of_the_page(dortmund_records: Records) -> None:
    """Fifteen, no more."""
    assert {t.id for t in dortmund_records.topics if t.group == "neighbour"} == set(NEIGHBOURS)


@pytest.mark.parametrize(("id", "words"), NEIGHBOURS.items(), ids=list(NEIGHBOURS))
def test_neighbouring_subject_of_the_page_has_a_topic(dortmund_records: Records, id: str, words: str) -> None:
    """With both answers, and with names it is found by."""
    assert words in PAGE
    topic = dortmund_records.topic(id)
    assert topic is not None and topic.group == "neighbour"
    assert topic.aliases and topic.questions and topic.answer != topic.plain


@pytest.mark.parametrize(("id", "words"), PAGE_SUBJECTS.items(), ids=list(PAGE_SUBJECTS))
def test_subject_of_the_page_holds_its_facts(dortmund_records: Records, id: str, words: list[str]) -> None:
    """The key words of the page stand in the answer."""
    topic = dortmund_records.topic(id)
    assert topic is not None and topic.group == "page" and topic.source == "page"
    assert [word for word in words if word not in topic.answer] == []


def test_no_subject_but_those_of_the_page(dortmund_records: Records) -> None:
    """Eight explained, fifteen pointed to."""
    assert {t.id for t in dortmund_records.topics} == set(PAGE_SUBJECTS) | set(NEIGHBOURS)


def test_topics_hold_no_number_that_the_page_does_not_hold(dortmund_records: Records) -> None:
    """A year or an amount cannot have been made up."""
    for topic in dortmund_records.topics:
        for text in (topic.title, topic.answer, topic.plain):
            assert set(re.findall(r"\d+", text)) <= set(re.findall(r"\d+", PAGE)), topic.id


def test_topics_have_no_link(dortmund_records: Records) -> None:
    """The page's text gives none."""
    assert [t.id for t in dortmund_records.topics if t.link] == []


def test_offices_are_those_of_the_page(dortmund_records: Records) -> None:
    """Both names as the page writes them (the second stands there in the genitive)."""
    names = [office.name for office in dortmund_records.offices]
    assert names == [
        "Amt für Angelegenheiten des Oberbürgermeisters und des Rates",
        "Büro für Internationale Beziehungen",
    ]
    assert names[0] in PAGE and "Büros für Internationale Beziehungen" in PAGE


@pytest.mark.parametrize("number", [0, 1])
def test_office_has_only_what_the_page_gives(dortmund_records: Records, number: int) -> None:
    """Postal code and town of the first; nothing of the second."""
    office = dortmund_records.offices[number]
    known = {name for name, value in office.dict().items() if value is not None}
    assert known - {"id", "name", "role", "source", "review_by"} == ({"postal_code", "town"} if number == 0 else set())
    if number == 0:
        assert f"{office.postal_code} {office.town}" in PAGE


def test_contact_is_the_office_with_the_address(dortmund_records: Records) -> None:
    """The one that the page names under its heading for contact."""
    assert isinstance(dortmund_records.contact, Office)
    assert dortmund_records.contact.postal_code == "44135"


def test_every_record_will_be_reviewed(dortmund_records: Records) -> None:
    """Within two years after it was taken over."""
    taken = dortmund_records.source("page").taken_over_on
    entries = [*dortmund_records.partnerships, *dortmund_records.offices, *dortmund_records.topics]
    assert all(0 < (entry.review_by - taken).days <= 2 * 366 for entry in entries)
