"""Looking up records while typing."""

from __future__ import annotations

import pytest

from partnerstadt.records.models import Records
from partnerstadt.staff.lookup import MOST, look_up


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("lee", "Leeds"),
        ("neusatz", "Novi Sad"),
        ("türkei", "Trabzon"),
        ("tuerkei", "Trabzon"),
        ("Schitomyr", "Schytomyr"),
        ("fairtrade", "Fairtrade-Stadt Dortmund"),
        ("büro internationale", "Büro für Internationale Beziehungen"),
    ],
)
def test_best_entry_comes_first(query: str, first: str, dortmund_records: Records) -> None:
    """By name, other name, country, typo, word of a topic; each with its source."""
    found = look_up(query, dortmund_records)
    assert found[0].title == first and found[0].source.startswith("Quelle: ")


@pytest.mark.parametrize("query", ["", "  ", "?!", "xylophon", "leeds xylophon"])
def test_nothing_is_found(query: str, dortmund_records: Records) -> None:
    """Every word must be met; no word asks nothing."""
    assert look_up(query, dortmund_records) == []


def test_list_is_bounded(dortmund_records: Records) -> None:
    """One letter finds much."""
    assert 0 < len(look_up("d", dortmund_records)) <= MOST
