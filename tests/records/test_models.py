"""The typed shape of the records."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from partnerstadt.records.models import City, Kind, Office, Partnership, Records, Since, Source, Status, Topic
from tests.records.small_city import OFFICE, PARTNERSHIP, TOPIC, SmallCity


def partnership(**changes: Any) -> Partnership:
    """A valid partnership with some fields changed."""
    return Partnership(**(PARTNERSHIP | changes))


def records_of(city: SmallCity) -> Records:
    """The records of a city that must be valid."""
    records, _ = city.read()
    assert records is not None
    return records


def test_status_is_unknown_unless_said() -> None:
    """Nobody told us, so nothing is claimed."""
    assert partnership().status is Status.UNKNOWN


def test_year_is_none_without_since() -> None:
    """A project partnership may have no year."""
    assert partnership(since=None).year is None
    assert partnership().year == 1961


@pytest.mark.parametrize(
    ("kind", "status", "counts"),
    [
        ("Partnerschaft", "unknown", True),
        ("Partnerschaft", "active", True),
        ("Partnerschaft", "resting", True),
        ("Partnerschaft", "ended", False),
        ("Freundschaft", "active", False),
        ("Kontakt", "unknown", False),
        ("Projektpartnerschaft", "unknown", False),
    ],
)
def test_only_living_partnerships_count(kind: str, status: str, counts: bool) -> None:
    """A resting one is still one; a friendship or a project never is."""
    assert partnership(kind=kind, status=status).counts is counts


def test_records_cannot_be_changed() -> None:
    """Whoever holds a record can rely on it."""
    with pytest.raises(TypeError):
        partnership().name = "Anders"  # type: ignore[misc]


def test_unknown_field_is_refused() -> None:
    """A misspelt field would otherwise be lost without a word."""
    with pytest.raises(ValidationError, match="extra"):
        partnership(sinze={"year": 1961})


@pytest.mark.parametrize("kind", ["Partner", "partnerschaft", "", "Städtepartnerschaft"])
def test_kind_outside_the_list_is_refused(kind: str) -> None:
    """The terms are those of the RGRE data base."""
    with pytest.raises(ValidationError):
        partnership(kind=kind)


def test_all_kinds_of_the_list_are_accepted() -> None:
    """Each under its German name."""
    assert {partnership(kind=kind.value).kind for kind in Kind} == set(Kind)


@pytest.mark.parametrize("id", ["Leeds", "1st", "a-b", "", "über", "a b"])
def test_id_that_is_no_plain_name_is_refused(id: str) -> None:
    """Ids appear in slots and intents."""
    with pytest.raises(ValidationError):
        partnership(id=id)


@pytest.mark.parametrize("country", ["F", "FRA", "fr", "12", ""])
def test_country_that_is_no_iso_code_is_refused(country: str) -> None:
    """Two capital letters, or nothing."""
    with pytest.raises(ValidationError):
        partnership(country=country)


@pytest.mark.parametrize(("latitude", "longitude"), [(90.1, 0), (-91, 0), (0, 180.5), (0, -181)])
def test_place_beyond_the_globe_is_refused(latitude: float, longitude: float) -> None:
    """Degrees end at the poles and at the date line."""
    place = {"continent": "europe", "latitude": latitude, "longitude": longitude, "source": "geography"}
    with pytest.raises(ValidationError):
        partnership(location=place)


def test_year_before_1800_is_refused() -> None:
    """Most likely a typo."""
    with pytest.raises(ValidationError):
        Since(year=196)


def test_date_must_lie_in_the_year() -> None:
    """A day in another year contradicts the page."""
    assert Since(year=1961, date=dt.date(1961, 5, 4)).date == dt.date(1961, 5, 4)
    with pytest.raises(ValidationError, match="another year"):
        Since(year=1961, date=dt.date(1962, 5, 4))


@pytest.mark.parametrize("url", ["no address", "ftp://example.org", "example.org"])
def test_source_url_must_be_a_web_address(url: str) -> None:
    """People will click on it."""
    with pytest.raises(ValidationError):
        Source(title="Seite", url=url, taken_over_on=dt.date(2026, 1, 1))


def test_office_knows_nothing_but_what_was_said() -> None:
    """An empty field is a fact that nobody told us."""
    office = Office(**OFFICE)
    empty = office.dict(exclude={"id", "name", "role", "source", "review_by"})
    assert set(empty.values()) == {None}


@pytest.mark.parametrize(("model", "raw", "field"), [(Office, OFFICE, "role"), (Topic, TOPIC, "group")])
def test_role_and_group_outside_the_list_are_refused(model: type[Office] | type[Topic], raw: Any, field: str) -> None:
    """Code decides by them."""
    with pytest.raises(ValidationError):
        model(**(raw | {field: "other"}))


@pytest.mark.parametrize("field", ["answer", "plain", "title"])
def test_topic_without_text_is_refused(field: str) -> None:
    """Neither the full nor the plain answer may be empty."""
    with pytest.raises(ValidationError):
        Topic(**(TOPIC | {field: ""}))


def test_city_needs_a_name() -> None:
    """It is spoken of in every answer."""
    with pytest.raises(ValidationError):
        City(name="", country="DE", sources={})


def test_partner_cities_come_oldest_first(city: SmallCity) -> None:
    """Whatever their order in the file."""
    city.files["partnerships.yml"]["partnerships"].reverse()
    assert [p.id for p in records_of(city).partner_cities] == ["ville_une", "nishi"]


def test_partner_cities_of_one_year_come_by_name(city: SmallCity) -> None:
    """So that the order never depends on chance."""
    for entry in city.files["partnerships.yml"]["partnerships"]:
        entry["since"] = {"year": 1980}
    assert [p.name for p in records_of(city).partner_cities] == ["Nishi", "Ville Une"]


def test_ended_partnership_is_found_but_is_no_partner_city(city: SmallCity) -> None:
    """It can be asked for by name."""
    city.first.update(status="ended", status_source="page", ended=1999)
    records = records_of(city)
    assert [p.id for p in records.partner_cities] == ["nishi"]
    assert records.partnership("ville_une") is not None


def test_unknown_ids_give_none(city: SmallCity) -> None:
    """Whoever asks must look."""
    records = records_of(city)
    assert records.partnership("atlantis") is None
    assert records.topic("atlantis") is None


def test_contact_is_the_office_with_that_role(city: SmallCity) -> None:
    """Not simply the first one."""
    subject = OFFICE | {"id": "subject", "name": "Fachstelle", "role": "subject"}
    city.files["office.yml"]["offices"].insert(0, subject)
    contact = records_of(city).contact
    assert contact is not None and contact.id == "office"


def test_source_is_found_by_key(city: SmallCity) -> None:
    """Validation has made sure that it exists."""
    assert records_of(city).source("page").title == "Seite"
