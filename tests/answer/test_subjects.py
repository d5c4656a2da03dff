"""Subjects of the page, the office, and what is not recorded."""

from __future__ import annotations

import pytest

from partnerstadt.answer.subjects import (
    CONTACT_FIELDS,
    about_topic,
    address,
    contact_details,
    field_of,
    office,
    unrecorded,
)
from partnerstadt.records.models import Office, Records
from tests.support import Town, keys

PAGE_SUBJECTS = [
    "purpose",
    "exchange",
    "reconciliation",
    "traditional_forms",
    "new_fields",
    "expert_exchange",
    "municipality_role",
    "participation",
]


@pytest.mark.parametrize("id", PAGE_SUBJECTS)
@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("town", ["dortmund", "musterstadt"])
def test_subject_of_the_page_is_explained(request: pytest.FixtureRequest, town: str, id: str, plain: bool) -> None:
    """In full or in plain language, out of the city's own records."""
    city: Town = request.getfixturevalue(town)
    said = about_topic(city.reading("worum geht es da", f"explain_{id}"), city.records, plain)
    topic = city.records.topic(id)
    assert topic is not None
    assert said[0].response == "utter_topic"
    assert said[0].values["text"] == (topic.plain if plain else topic.answer)
    assert said[0].sources == ("page",)


def test_whoever_wants_to_take_part_gets_the_office_too(dortmund: Town) -> None:
    """That is where to turn to."""
    said = about_topic(
        dortmund.reading("wie kann mein verein mitmachen", "explain_participation"), dortmund.records, False
    )
    assert keys(said) == ["utter_topic", "utter_office_and_others", "utter_office_unknown"]


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("Was ist Fairtrade?", "fairtrade_town"),
        ("infos zu den 17 zielen", "un_goals"),
        ("Africa Positive?", "africa_positive"),
        ("was ist dortmund hilft", "dortmund_hilft"),
        ("Jeder Tropfen zählt", "every_drop_counts"),
        ("Ziel 1 keine Armut", "no_poverty"),
        ("Innovationshauptstadt", "innovation_capital"),
        ("städtediplomatie", "city_diplomacy"),
        ("landtagswahl", "state_election"),
        ("best practice in europa", "european_exchange"),
        ("Ruhr2010", "fair_capital_of_culture"),
    ],
)
def test_neighbouring_subject_is_answered_and_its_end_is_said(dortmund: Town, text: str, id: str) -> None:
    """More is not recorded."""
    said = about_topic(dortmund.reading(text, "ask_topic"), dortmund.records, False)
    topic = dortmund.records.topic(id)
    assert topic is not None
    assert topic.answer in [u.values.get("text") for u in said]
    assert keys(said)[-1] == "utter_topic_more"


def test_link_is_given_where_there_is_one(musterstadt: Town) -> None:
    """Only then."""
    said = about_topic(musterstadt.reading("Was ist das Laternenfest?", "ask_topic"), musterstadt.records, False)
    assert said[0].response == "utter_topic_with_link"
    assert said[0].values["link"] == "https://www.example.org/laternenfest"


def test_general_subject_is_not_claimed_of_a_city(dortmund: Town) -> None:
    """The page says nothing of an exchange with this city."""
    said = about_topic(
        dortmund.reading("gibt es Schüleraustausch mit Leeds", "explain_exchange"), dortmund.records, False
    )
    assert keys(said) == ["utter_topic", "utter_topic_not_for_city"]
    assert said[1].values["cities"] == "Leeds"


def test_topic_that_is_not_recorded_is_admitted(dortmund: Town) -> None:
    """Nothing is made up."""
    said = about_topic(dortmund.reading("was ist mit der energiewende", "ask_topic"), dortmund.records, False)
    assert keys(said)[0] == "utter_unrecorded"


def test_office_is_named_with_its_address(dortmund_records: Records) -> None:
    """And the other one beside it."""
    utterance, unknown = office(dortmund_records)
    assert unknown.response == "utter_office_unknown"
    assert utterance.response == "utter_office_and_others"
    assert utterance.values["address"] == "44135 Dortmund"
    assert utterance.sources == ("page",)


def test_single_office_is_named_alone(musterstadt: Town) -> None:
    """There is no other."""
    utterance, details = office(musterstadt.records)
    assert details.response == "utter_office_details"
    assert utterance.response.startswith("utter_office") and utterance.response != "utter_office_and_others"
    assert utterance.values["address"] == "Musterplatz 1, 00000 Musterstadt"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ""),
        ({"town": "Ort"}, "Ort"),
        ({"postal_code": "12345", "town": "Ort"}, "12345 Ort"),
        ({"street": "Weg 1", "postal_code": "12345", "town": "Ort"}, "Weg 1, 12345 Ort"),
    ],
)
def test_address_holds_what_is_known(fields: dict[str, str], expected: str) -> None:
    """And no empty commas."""
    known = {"id": "x", "name": "X", "role": "contact", "source": "page", "review_by": "2030-01-01"}
    assert address(Office(**known, **fields)) == expected


QUESTIONS = {
    "phone": "Wie ist die Telefonnummer?",
    "email": "E-Mail-Adresse bitte",
    "opening_hours": "Wann sind die Öffnungszeiten?",
    "street": "In welcher Straße ist das Büro?",
    "fax": "faxnummer",
    "contact_person": "Wer ist der Ansprechpartner?",
    "website": "Wie heißt die Internetseite?",
    "contact_form": "Gibt es ein Kontaktformular?",
}


@pytest.mark.parametrize(("field", "text"), QUESTIONS.items(), ids=list(QUESTIONS))
def test_detail_that_is_not_recorded_is_admitted(dortmund: Town, field: str, text: str) -> None:
    """And the office is named, without the detail."""
    said = contact_details(dortmund.reading(text, "ask_contact_detail"), dortmund.records, dortmund.lexicon)
    assert keys(said) == ["utter_contact_unknown", "utter_office_and_others"]


@pytest.mark.parametrize(("field", "text"), QUESTIONS.items(), ids=list(QUESTIONS))
def test_detail_that_is_recorded_is_given(musterstadt: Town, field: str, text: str) -> None:
    """As the city has filled it in, without a change of code."""
    said = contact_details(musterstadt.reading(text, "ask_contact_detail"), musterstadt.records, musterstadt.lexicon)
    given = {u.response: u.values.get("value") for u in said}
    contact = musterstadt.records.contact
    assert given[f"utter_contact_{field}"] == getattr(contact, field)


def test_several_details_are_given_at_once(musterstadt: Town) -> None:
    """Phone and hours in one question."""
    reading = musterstadt.reading("Telefonnummer und Öffnungszeiten?", "ask_contact_detail")
    said = contact_details(reading, musterstadt.records, musterstadt.lexicon)
    assert {"utter_contact_phone", "utter_contact_opening_hours"} <= set(keys(said))


def test_unclear_detail_is_admitted_too(dortmund: Town) -> None:
    """Nobody knows what "das andere" is."""
    said = contact_details(
        dortmund.reading("und das ganze drumherum", "ask_contact_detail"), dortmund.records, dortmund.lexicon
    )
    assert keys(said) == ["utter_contact_unknown_any", "utter_office_and_others"]


def test_office_with_details_is_named_with_them(musterstadt: Town) -> None:
    """Whoever asks how to reach it gets the phone and the mail that the city has filled in."""
    said = musterstadt.answer("Wie erreiche ich das Amt?", "ask_contact")
    given = " ".join(str(value) for utterance in said for value in utterance.values.values())
    assert "0000/000000" in given and "partnerstaedte@example.org" in given


def test_contact_fields_are_fields_of_an_office() -> None:
    """Apart from an appointment, which no office records."""
    assert set(CONTACT_FIELDS) - set(Office.__fields__) == {"appointment"}


def test_unrecorded_question_of_a_city_says_what_is_known_instead(dortmund: Town) -> None:
    """And whom to ask."""
    said = unrecorded(dortmund.reading("Wie viele Einwohner hat Leeds?", "ask_unrecorded"), dortmund.records)
    assert keys(said) == ["utter_unrecorded", "utter_known_instead", "utter_ask_office"]
    assert "Leeds" in str(said[1].values["items"]) and said[1].sources == ("page",)


def test_unrecorded_question_of_nothing_names_the_office(dortmund: Town) -> None:
    """No city, no facts."""
    said = unrecorded(dortmund.reading("Was kostet das alles?", "ask_unrecorded"), dortmund.records)
    assert keys(said) == ["utter_unrecorded", "utter_ask_office"]


def test_unrecorded_question_of_another_place_corrects_it(dortmund: Town) -> None:
    """Paris is no partner city."""
    said = unrecorded(dortmund.reading("Wie viele Einwohner hat Paris?", "ask_unrecorded"), dortmund.records)
    assert said[0].response == "utter_unrecorded_place" and said[0].values["place"] == "Paris"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Gehört Nahverkehr auch dazu?", "explain_expert_exchange"),
        ("Gehört Sport bei euch überhaupt dazu?", "explain_exchange"),
        ("Gehört Leeds dazu?", None),
        ("Gehört das auch dazu?", None),
    ],
)
def test_field_is_found_in_the_words_of_a_subject(dortmund: Town, text: str, intent: str | None) -> None:
    """Whatever the city's page counts among its exchange."""
    assert field_of(dortmund.reading(text, "ask_check").normal, dortmund.records, dortmund.lexicon) == intent
