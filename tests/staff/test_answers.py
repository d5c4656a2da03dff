"""Curated answers: the file they are written to, and what they would catch."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from partnerstadt.question.reading import Match
from partnerstadt.records.load import ANSWERS
from partnerstadt.records.models import CuratedAnswer
from partnerstadt.staff.answers import (
    Answers,
    Caught,
    Draft,
    State,
    gives_way,
    near_tests,
    new_id,
    rows,
    similar,
    state_of,
)
from partnerstadt.staff.changes import Overtaken, Unfit
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.trail import steps
from tests.staff.parts import keep_past

VALUES = {
    "questions": "Gibt es einen Newsletter?\r\n\r\n Wie bekomme ich einen Rundbrief? \n",
    "answer": "Ja, jeden Monat:\r\n= Partnerpost",
    "plain": "",
    "source": "page",
    "valid_until": "",
    "owner": "Büro",
    "review_by": "2099-12-31",
}
ID = "gibt_es_einen_newsletter"


@pytest.fixture
def answers(desk: Desk) -> Answers:
    """The answers of a desk whose file has a comment and none of them."""
    return Answers(desk.changes, desk.engine)


def draft(answers: Answers, id: str = "", **changed: str) -> Draft:
    """A form that was just opened."""
    return Draft(id, VALUES | changed, answers.read()[1].mark)


def test_answer_is_written_changed_and_taken_back(answers: Answers, desk: Desk) -> None:
    """Each with its step in the trail; the comments of the file survive."""
    before = desk.changes.read(ANSWERS).text
    assert answers.save(draft(answers), "editor") == ID
    written = desk.changes.read(ANSWERS).text
    assert before.splitlines()[0] in written and "answer: |-\n" in written
    (answer,) = answers.read()[0].answers
    assert answer.questions == ("Gibt es einen Newsletter?", "Wie bekomme ich einen Rundbrief?")
    assert answer.answer == "Ja, jeden Monat:\n= Partnerpost" and answer.plain is None
    assert Draft.of(answer, "").record(ID) == draft(answers).record(ID)

    answers.save(draft(answers, ID, answer="Nein.", valid_until="2030-01-31"), "editor")
    (answer,) = answers.read()[0].answers
    assert (answer.answer, answer.valid_until) == ("Nein.", dt.date(2030, 1, 31))
    desk.changes.undo(answers.history(ID)[0].number, "administrator")
    assert desk.changes.read(ANSWERS).text == written

    answers.delete(ID, answers.read()[1].mark, "editor")
    assert answers.read()[0].answers == () and before.splitlines()[0] in desk.changes.read(ANSWERS).text
    assert [change.what for change in answers.history()] == [ID] * 4
    assert [step.subject for step in steps(desk.engine)[:4]] == [f"{ANSWERS} {ID}"] * 4


def test_second_answer_leaves_the_first_as_it_is(answers: Answers, desk: Desk) -> None:
    """A comment beside it, too."""
    answers.save(draft(answers), "editor")
    version = desk.changes.read(ANSWERS)
    noted = version.text.replace("    source: page", "    source: page  # so sagt es die Seite")
    desk.changes.put(ANSWERS, noted, version.mark, "editor", ID)
    answers.save(draft(answers, questions="Wo kann ich parken?"), "editor")
    text = desk.changes.read(ANSWERS).text
    assert "# so sagt es die Seite" in text
    assert [entry["id"] for entry in yaml.safe_load(text)["answers"]] == [ID, "wo_kann_ich_parken"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"questions": " \n"}, "Pflichtfeld fehlt"),
        ({"answer": ""}, "darf nicht leer sein"),
        ({"source": "rumour"}, "steht nicht in city.yml"),
        ({"review_by": "bald"}, "kein Datum"),
    ],
)
def test_draft_that_is_no_answer_is_refused(answers: Answers, changed: dict[str, str], message: str) -> None:
    """Nothing is written."""
    with pytest.raises(Unfit, match=message):
        answers.save(draft(answers, **changed), "editor")
    assert answers.read()[0].answers == ()


def test_second_of_two_clerks_is_told(answers: Answers) -> None:
    """Nothing is lost."""
    first, second = draft(answers), draft(answers, questions="Wo kann ich parken?")
    answers.save(first, "editor")
    with pytest.raises(Overtaken):
        answers.save(second, "administrator")
    assert [answer.id for answer in answers.read()[0].answers] == [ID]


def test_question_that_has_an_answer_is_refused_and_a_similar_one_shown(answers: Answers) -> None:
    """The clerk may want to change the other one."""
    answers.save(draft(answers), "editor")
    same, near = draft(answers, questions="gibt es einen newsletter"), draft(answers, questions="habt ihr newsletter")
    with pytest.raises(Unfit, match="gehört auch zu"):
        answers.check(same)
    id, records = answers.check(near)
    assert (ID, "Gibt es einen Newsletter?") in similar(near, records, id)


def test_regression_questions_that_come_near_are_found(answers: Answers, tmp_path: Path) -> None:
    """With whether the bot has to answer them; a project without any has none."""
    assert near_tests(draft(answers), tmp_path / "missing") == []
    folder = tmp_path / "questions"
    folder.mkdir()
    turns = [("Gibt es einen Newsletter?", "unknown"), ("habt ihr newsletter", "topic"), ("Wo liegt Leeds?", "fact")]
    cases = [{"id": f"Q00{i}", "turns": [{"say": say, "kind": kind}]} for i, (say, kind) in enumerate(turns)]
    (folder / "some.yml").write_text(yaml.safe_dump(cases, allow_unicode=True), encoding="utf-8")
    assert near_tests(draft(answers), folder) == [("Gibt es einen Newsletter?", False), ("habt ihr newsletter", True)]


@pytest.mark.parametrize(
    ("intent", "confidence", "outcome", "expected"),
    [
        ("out_of_scope", 0.9, "out_of_scope", True),
        ("ask_unrecorded", 0.9, "unrecorded", True),
        ("ask_contact_detail", 0.9, "unrecorded", True),
        ("ask_unrecorded", 0.9, "answered", False),
        ("ask_since", 0.3, "answered", False),
        ("ask_topic", 0.3, "answered", False),
        ("ask_contact", 0.99, "answered", False),
        ("explain_participation", 0.9, "answered", True),
        ("request_human", 0.9, "handoff", False),
    ],
)
def test_only_what_gives_way_in_the_chat_is_called_caught(
    intent: str, confidence: float, outcome: str, expected: bool
) -> None:
    """No fact of the records is on the list, not even for the very same question."""
    assert gives_way(Match("x", 1.0, 1.0), intent, confidence, outcome) is expected


def test_past_questions_are_found(answers: Answers, desk: Desk) -> None:
    """Only those that would get the answer, with whether they have one today."""
    assert answers.past(draft(answers)) == []
    keep_past(desk)
    assert answers.past(draft(answers)) == [
        Caught("habt ihr newsletter", False),
        Caught("Gibt es einen Newsletter?", True),
    ]


def test_state_of_an_answer() -> None:
    """On the last day it is still given."""
    entry = CuratedAnswer(**(draft_values() | {"valid_until": dt.date(2026, 5, 1)}))
    assert state_of(entry, dt.date(2026, 5, 1)) is State.LIVE
    assert state_of(entry, dt.date(2026, 5, 2)) is State.EXPIRED
    assert state_of(entry.copy(update={"review_by": dt.date(2026, 4, 1)}), dt.date(2026, 5, 1)) is State.OVERDUE
    assert rows([entry], dt.date(2026, 5, 1))[0][-3:] == ["2026-05-01", "2099-12-31", "live"]


def draft_values() -> dict[str, object]:
    """A record as it stands in the file."""
    return Draft("x", VALUES).record("x")


def test_id_is_readable_and_its_own() -> None:
    """Out of the first question."""
    assert new_id(["Öffnet ihr über Ostern?"], set()) == "offnet_ihr_uber_ostern"
    assert new_id(["Öffnet ihr über Ostern?"], {"offnet_ihr_uber_ostern"}) == "offnet_ihr_uber_ostern_2"
    assert new_id(["2026?"], set()) == "answer_2026" and new_id([], set()) == "answer"
