"""Editing the text of a record file: what is not concerned stays as it is."""

from __future__ import annotations

import datetime as dt
import difflib
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some

from partnerstadt.staff.kinds import CITY, OFFICE, PARTNERSHIP, SOURCE, THE_CITY, TOPIC, Kind
from partnerstadt.staff.yaml_files import Broken, entries, with_values, without_entry
from tests.support import DORTMUND


def text_of(kind: Kind) -> str:
    """Dortmund's file of a kind."""
    return (DORTMUND / kind.file).read_text(encoding="utf-8")


def diff(before: str, after: str) -> list[str]:
    """The lines that differ."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line.rstrip() for line in lines if not line.startswith(("---", "+++", "@@"))]


def changed(kind: Kind, id: str, **values: Any) -> list[str]:
    """The lines that differ when values are set; a double underscore stands for the dot."""
    before = text_of(kind)
    named = {name.replace("__", "."): value for name, value in values.items()}
    return diff(before, with_values(before, kind, id, named))


@pytest.mark.parametrize(
    ("lines", "kind", "id", "values"),
    [
        (["-    since: {year: 1969}", "+    since: {year: 1971}"], PARTNERSHIP, "leeds", {"since__year": 1971}),
        (
            ["-    since: {year: 1969}", "+    since: {year: 1969, date: 1969-05-01}"],
            PARTNERSHIP,
            "leeds",
            {"since__date": dt.date(1969, 5, 1)},
        ),
        (["-    since: {year: 1969}"], PARTNERSHIP, "leeds", {"since__year": None}),
        (["+    since: {year: 2030}"], PARTNERSHIP, "cluj_napoca", {"since__year": 2030}),
        (
            ["-    aliases: [Amien, Amjens, Amiän]", "+    aliases: [Amien, Samarobriva, Amiän]"],
            PARTNERSHIP,
            "amiens",
            {"aliases": ["Amien", "Samarobriva", "Amiän"]},
        ),
        (
            ["+    status: resting", "+    status_source: page"],
            PARTNERSHIP,
            "rostow",
            {"status": "resting", "status_source": "page"},
        ),
        (["-    phone: null", '+    phone: "023150"'], OFFICE, "office_of_the_mayor", {"phone": "023150"}),
        (['-    postal_code: "44135"'], OFFICE, "office_of_the_mayor", {"postal_code": None}),
        (["+    street: Hauptstraße 1"], OFFICE, "international_office", {"street": "Hauptstraße 1"}),
        (
            ["-  imprint: null", "+  imprint: https://example.org/i"],
            CITY,
            THE_CITY,
            {"links__imprint": "https://example.org/i"},
        ),
        ([], TOPIC, "purpose", {"link": None, "contact": False, "aliases": []}),
    ],
)
def test_only_lines_concerned_differ(lines: list[str], kind: Kind, id: str, values: dict[str, Any]) -> None:
    """Comments, order, quotes, blocks in one line, and texts the writer would lay out anew."""
    assert changed(kind, id, **values) == lines


def test_topic_between_others_is_changed_alone() -> None:
    """Although the writer would fold the words of another topic differently."""
    lines = changed(TOPIC, "purpose", plain="Menschen treffen sich. " * 10)
    assert len([line for line in lines if line.startswith("+")]) == 2 and not any("UN-Ziel" in line for line in lines)
    assert all(len(line) <= 121 for line in lines)


def test_record_is_added_at_the_end() -> None:
    """In the order of the fields; nothing else moves."""
    values = {"name": "Lindqvara", "country": "SE", "since.year": 2021, "source": "page", "inner_german": False}
    before = text_of(PARTNERSHIP)
    after = with_values(before, PARTNERSHIP, "lindqvara", values)
    assert after.startswith(before)
    added = {"id": "lindqvara", "name": "Lindqvara", "country": "SE", "since": {"year": 2021}, "source": "page"}
    assert yaml.safe_load(after)["partnerships"][-1] == added


def test_source_is_added_to_the_block() -> None:
    """Under a key of its own."""
    values = {"title": "Ratsbeschluss: 1971", "taken_over_on": dt.date(2026, 11, 24)}
    before = text_of(SOURCE)
    after = with_values(before, SOURCE, "council", values)
    assert yaml.safe_load(after)["sources"]["council"] == values
    assert not any(line.startswith("-") for line in diff(before, after))


@pytest.mark.parametrize("id", ["amiens", "leeds", "cluj_napoca"])
def test_record_is_removed_alone(id: str) -> None:
    """The first, one in the middle, the last."""
    before = text_of(PARTNERSHIP)
    after = without_entry(before, PARTNERSHIP, id)
    assert [line for line in diff(before, after) if line.startswith("+")] == []
    left = [entry["id"] for entry in yaml.safe_load(after)["partnerships"]]
    assert left == [entry for entry in entries(before, PARTNERSHIP) if entry != id]
    assert after.startswith("# One entry")


def test_comment_above_a_record_stays_with_it() -> None:
    """When the one before it goes."""
    text = "topics:\n  - id: a\n    title: A\n  # about b\n  - id: b\n    title: B\n"
    assert without_entry(text, TOPIC, "a") == "topics:\n  # about b\n  - id: b\n    title: B\n"
    assert without_entry("topics:\n  - id: a\n    title: A\n", TOPIC, "a") == "topics: []\n"


SMALL = "partnerships:\n  - id: a\n    name: A\n    aliases: [B]\n    source: page\n  - id: b\n    name: B\n"
WORDS = some.text(some.characters(blacklist_categories=["C", "Z"]) | some.just(" "), min_size=1, max_size=150).map(
    lambda text: " ".join(text.split())
)
ODD = some.sampled_from(
    [":0", "no", "12:30", "44135", "null", "~", "a: b", "# x", "- y", "1e3", "2026-01-01", "{x}", "'", "&a"]
)


@settings(max_examples=60)
@given(
    name=(WORDS | ODD).filter(bool), aliases=some.lists((WORDS | ODD).filter(bool), unique=True, min_size=1, max_size=4)
)
def test_loader_reads_what_was_written(name: str, aliases: list[str]) -> None:
    """Whatever somebody types stays the text it is, and nothing else changes."""
    after = yaml.safe_load(with_values(SMALL, PARTNERSHIP, "a", {"name": name, "aliases": aliases}))
    expected = yaml.safe_load(SMALL)
    expected["partnerships"][0] |= {"name": name, "aliases": aliases}
    assert after == expected


@pytest.mark.parametrize("text", ["", "a: [", "- 1\n", "partnerships: 3\n", "partnerships: [1]\n"])
def test_file_that_cannot_be_edited_is_told(text: str) -> None:
    """Before anything is changed in it."""
    with pytest.raises(Broken):
        entries(text, PARTNERSHIP)
