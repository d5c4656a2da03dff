"""The records as JSON, table, map and calendar, read by real readers."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pytest
from icalendar import Calendar, Event

from partnerstadt.front.open_data import Json, calendar, geojson, partnerships, table, topics
from partnerstadt.records.load import load_records
from partnerstadt.records.models import Records
from tests.front.described import check
from tests.records.small_city import SmallCity
from tests.support import MUSTERSTADT, TODAY


@pytest.fixture(scope="module")
def musterstadt_records() -> Records:
    """The made-up city: a day, a resting and an ended partnership, a friendship, a licence."""
    return load_records(MUSTERSTADT, TODAY)


@pytest.fixture
def city(tmp_path: Path) -> SmallCity:
    """A very small city whose records a test may change."""
    return SmallCity(tmp_path)


def entry(data: Json, id: str) -> Json:
    """One partnership of the JSON."""
    found: Json = next(p for p in data["partnerships"] if p["id"] == id)
    return found


def rows(text: str) -> list[dict[str, str]]:
    """The table as a program reads it."""
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def events(text: str) -> dict[str, Event]:
    """The entries of a calendar by their identifiers, as a calendar program reads them."""
    return {str(event["UID"]): event for event in Calendar.from_ical(text).walk("VEVENT")}


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_json_is_as_described(dortmund_records: Records, musterstadt_records: Records) -> None:
    """Every field of both cities has the form that the API's description names."""
    for records in (dortmund_records, musterstadt_records):
        for data, schema in ((partnerships(records), "Partnerships"), (topics(records), "Topics")):
            check(json.loads(json.dumps(data)), schema)


def test_description_would_notice_a_fault(dortmund_records: Records) -> None:
    """A check that lets everything pass is none."""
    data = partnerships(dortmund_records)
    data["partnerships"][0]["since"] = "1960"
    with pytest.raises(Exception, match="'1960' is not of type"):
        check(data, "Partnerships")


def test_partnership_keeps_what_the_records_say(dortmund_records: Records, musterstadt_records: Records) -> None:
    """Year, place and source; what nobody said is null."""
    leeds = entry(partnerships(dortmund_records), "leeds")
    assert (leeds["since"], leeds["country"], leeds["latitude"], leeds["longitude"]) == (1969, "GB", 53.80, -1.55)
    assert leeds["status"] == "unknown" and leeds["since_date"] is None
    assert entry(partnerships(dortmund_records), "cluj_napoca")["since"] is None
    assert entry(partnerships(musterstadt_records), "castel_san_brano")["since_date"] == "1958-06-14"
    assert entry(partnerships(musterstadt_records), "tormaszeg")["ended"] == 2012


def test_source_and_age_are_told(dortmund_records: Records, musterstadt_records: Records) -> None:
    """Every source that an entry names is explained; the oldest gives the date."""
    data = partnerships(musterstadt_records)
    named = {p[key] for p in data["partnerships"] for key in ("source", "location_source", "status_source")}
    assert named - {None} == data["sources"].keys()
    assert data["taken_over_on"] == "2026-02-10"
    assert partnerships(dortmund_records)["sources"]["geography"]["licence"]["title"] == "CC BY 4.0"


def test_licence_is_that_of_the_records_or_none(dortmund_records: Records, musterstadt_records: Records) -> None:
    """None is made up."""
    assert partnerships(dortmund_records)["licence"] is None
    assert partnerships(musterstadt_records)["licence"]["url"] == "https://www.govdata.de/dl-de/zero-2-0"


# --- GeoJSON ---------------------------------------------------------------------------------------------------------


def test_map_has_a_point_for_each_partnership(dortmund_records: Records) -> None:
    """Longitude first, as RFC 7946 wants it, and the form that the description names."""
    data = json.loads(json.dumps(geojson(dortmund_records)))
    check(data, "FeatureCollection")
    points = {feature["id"]: feature["geometry"]["coordinates"] for feature in data["features"]}
    assert points["buffalo"] == [-78.88, 42.89]
    assert len(points) == len(dortmund_records.partnerships)


# --- table -----------------------------------------------------------------------------------------------------------


def test_table_has_a_row_for_each_partnership(dortmund_records: Records) -> None:
    """With a German head, decimal commas and empty cells for what is not known."""
    found = {row["Kennung"]: row for row in rows(table(dortmund_records))}
    assert list(found) == [p.id for p in dortmund_records.partnerships]
    leeds, cluj = found["leeds"], found["cluj_napoca"]
    assert (leeds["seit"], leeds["Breitengrad"], leeds["Längengrad"]) == ("1969", "53,8", "-1,55")
    assert (leeds["übernommen am"], leeds["Lizenz"], leeds["Erdteil"]) == ("2026-11-23", "", "Europa")
    assert cluj["seit"] == ""


def test_table_names_licence_and_state(musterstadt_records: Records) -> None:
    """Where the records have them."""
    found = {row["Kennung"]: row for row in rows(table(musterstadt_records))}
    assert found["tormaszeg"]["beendet"] == "2012"
    assert found["ballycorran"]["Stand der Partnerschaft"] == "ruht"
    assert found["ballycorran"]["Lizenz"].startswith("Datenlizenz Deutschland")


@pytest.mark.parametrize("name", ["=1+1", "+49", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_spreadsheet_is_given_no_formula(city: SmallCity, name: str) -> None:
    """A name that begins like one is marked as text."""
    city.first["name"] = name
    records, _ = city.read()
    assert records is not None
    assert rows(table(records))[0]["Stadt"] == f"'{name}"


def test_cell_may_hold_any_character(city: SmallCity) -> None:
    """Semicolons, quotation marks and line breaks come out of the reader as they went in."""
    city.first["name"] = 'Ville; "Une"\nDeux'
    records, _ = city.read()
    assert records is not None
    assert rows(table(records))[0]["Stadt"] == 'Ville; "Une"\nDeux'


# --- calendar --------------------------------------------------------------------------------------------------------


def test_calendar_has_the_round_jubilees(dortmund_records: Records) -> None:
    """Of partner cities, of the years asked for, and no others."""
    found = events(calendar(dortmund_records, 2027, 2))
    assert {uid.split("@")[0] for uid in found} == {
        "jubilee-dortmund-rostow-50",
        "jubilee-dortmund-buffalo-50",
        "jubilee-dortmund-zwickau-40",
    }


def test_jubilee_without_a_day_lasts_the_whole_year(dortmund_records: Records) -> None:
    """No day is pretended: from the first of January to the first of the next, which no longer belongs to it."""
    event = events(calendar(dortmund_records, 2029, 1))["jubilee-dortmund-leeds-60@partnerstadt"]
    assert (event.start, event.end) == (dt.date(2029, 1, 1), dt.date(2030, 1, 1))
    assert "2029" in event["SUMMARY"] and "nur das Jahr" in event["DESCRIPTION"]
    assert event["TRANSP"] == "TRANSPARENT"


def test_jubilee_with_a_day_is_on_it(musterstadt_records: Records) -> None:
    """One day, and nothing is said of a whole year."""
    event = events(calendar(musterstadt_records, 2028, 1))["jubilee-musterstadt-castel_san_brano-70@partnerstadt"]
    assert (event.start, event.end) == (dt.date(2028, 6, 14), dt.date(2028, 6, 15))
    assert "14. Juni 1958" in event["DESCRIPTION"] and "nur das Jahr" not in event["DESCRIPTION"]


def test_leap_day_falls_on_the_first_of_march(city: SmallCity) -> None:
    """In years without a 29th of February."""
    city.first["since"] = {"year": 1960, "date": dt.date(1960, 2, 29)}
    records, _ = city.read()
    assert records is not None
    assert [e.start for e in events(calendar(records, 2030, 1)).values()] == [dt.date(2030, 3, 1)]
    assert dt.date(2040, 2, 29) in [e.start for e in events(calendar(records, 2040, 1)).values()]


def test_resting_partnership_is_said_to_rest(musterstadt_records: Records) -> None:
    """An ended one and a friendship have no entry."""
    found = events(calendar(musterstadt_records, 2023, 100))
    resting = [e for uid, e in found.items() if "ballycorran" in uid]
    assert resting and all("ruht" in e["DESCRIPTION"] for e in resting)
    assert not [uid for uid in found if "tormaszeg" in uid or "vale_do_sobral" in uid]


def test_same_records_give_the_same_calendar(dortmund_records: Records) -> None:
    """Nothing in it comes from the clock or from chance; its dates are those of the source."""
    text = calendar(dortmund_records, 2026, 50)
    assert text == calendar(dortmund_records, 2026, 50)
    assert {e["DTSTAMP"].dt for e in events(text).values()} == {dt.datetime(2026, 11, 23, tzinfo=dt.timezone.utc)}
    assert len(events(text)) == text.count("BEGIN:VEVENT")


def test_calendar_names_licence_and_source(dortmund_records: Records, musterstadt_records: Records) -> None:
    """In each entry and for the whole."""
    for records, licence in ((dortmund_records, "nicht angegeben"), (musterstadt_records, "Datenlizenz")):
        feed = Calendar.from_ical(calendar(records, 2026, 20))
        for said in (feed["DESCRIPTION"], *(e["DESCRIPTION"] for e in feed.walk("VEVENT"))):
            assert f"Lizenz: {licence}" in said and records.source("page").title in said


def test_city_without_jubilees_has_an_empty_calendar(city: SmallCity) -> None:
    """Still one that a program can subscribe to."""
    records, _ = city.read()
    assert records is not None
    assert events(calendar(records, 1999, 1)) == {}
