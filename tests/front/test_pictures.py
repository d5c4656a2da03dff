"""What the chat draws: places and years."""

from __future__ import annotations

import json

from partnerstadt.front.pictures import pictures
from partnerstadt.records.load import load_records
from partnerstadt.records.models import Records
from tests.front.described import check
from tests.support import MUSTERSTADT, TODAY


def test_pictures_are_as_described(dortmund_records: Records) -> None:
    """Every field has the form that the API's description names."""
    for records in (dortmund_records, load_records(MUSTERSTADT, TODAY)):
        check(json.loads(json.dumps(pictures(records))), "Pictures")


def test_cities_stand_in_the_order_of_their_beginning(dortmund_records: Records) -> None:
    """A project partnership without a year is the last."""
    cities = pictures(dortmund_records)["cities"]
    assert [c["since"] for c in cities[:3]] == [1960, 1969, 1977]
    assert cities[-1]["id"] == "cluj_napoca" and cities[-1]["since"] is None


def test_home_city_has_its_place(dortmund_records: Records) -> None:
    """With the source of its own; without a place in the records it has none on the map."""
    data = pictures(dortmund_records)
    assert data["home"] == {"name": "Dortmund", "lat": 51.51, "lon": 7.47}
    assert "geography" in data["sources"]
    assert pictures(load_records(MUSTERSTADT, TODAY))["home"] == {"name": "Musterstadt", "lat": None, "lon": None}
