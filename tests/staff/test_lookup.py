"""Looking up records while typing."""

from __future__ import annotations

import datetime as dt

import pytest

from partnerstadt.records.models import CuratedAnswer, Records
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.lookup import MOST, MOST_PAST, look_up
from partnerstadt.staff.past import Past, answered
from tests.front.parts import START, Clock
from tests.staff.inquiries import asked
from tests.staff.parts import keep_past
from tests.support import TODAY


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
    found = look_up(query, dortmund_records, TODAY)
    assert found[0].title == first and found[0].source.startswith("Quelle: ")


@pytest.mark.parametrize("query", ["", "  ", "?!", "xylophon", "leeds xylophon"])
def test_nothing_is_found(query: str, dortmund_records: Records) -> None:
    """Every word must be met; no word asks nothing."""
    assert look_up(query, dortmund_records, TODAY) == []


def test_list_is_bounded(dortmund_records: Records) -> None:
    """One letter finds much."""
    assert 0 < len(look_up("d", dortmund_records, TODAY)) <= MOST


def with_answer(records: Records, **changed: object) -> Records:
    """The records with one ready answer."""
    raw = {
        "id": "newsletter",
        "questions": ["Gibt es einen Newsletter?", "Wo bestelle ich den Rundbrief?"],
        "answer": "Ja, jeden Monat.",
        "source": "page",
        "owner": "Büro",
        "review_by": "2099-12-31",
    }
    return records.copy(update={"answers": (CuratedAnswer(**(raw | changed)),)})


@pytest.mark.parametrize("query", ["newsl", "rundbrief", "jeden monat"])
def test_ready_answer_is_found(query: str, dortmund_records: Records) -> None:
    """By each of its questions and by its text, with its source."""
    (found,) = look_up(query, with_answer(dortmund_records), TODAY)
    assert (found.kind, found.text) == ("answer", "Ja, jeden Monat.") and found.source.startswith("Quelle: ")


def test_ready_answer_that_has_expired_is_not_found(dortmund_records: Records) -> None:
    """It is given no more."""
    assert look_up("newsletter", with_answer(dortmund_records, valid_until="2020-01-01"), TODAY) == []


def test_past_questions_come_last_and_are_few(dortmund_records: Records) -> None:
    """With the day of their answer, for the records may say something else by now."""
    past = [Past(f"Seit wann ist Leeds dabei, Frage {n}?", "Seit 1969.", "Quelle: Seite", START) for n in range(9)]
    found = look_up("leeds", dortmund_records, TODAY, past)
    assert [entry.kind for entry in found] == ["partnership", *["past"] * MOST_PAST]
    assert (found[1].text, found[1].source, found[1].time) == ("Seit 1969.", "Quelle: Seite", START)


def test_past_questions_were_answered_and_not_found_wrong(desk: Desk, clock: Clock) -> None:
    """Each wording once, with the newest answer."""
    keep_past(desk)
    clock.move(days=1)
    asked(desk.store, clock, "Wann öffnet das Büro?", thumb="down", outcome="answered")
    asked(desk.store, clock, "gibt es einen newsletter?", outcome="answered")
    found = {past.question: past.time for past in answered(desk.engine)}
    assert set(found) == {"gibt es einen newsletter?", "Seit wann ist Leeds Partnerstadt?"}
    assert found["gibt es einen newsletter?"] - START >= dt.timedelta(days=1)
