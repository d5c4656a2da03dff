"""What is known about a reply beside its text."""

from __future__ import annotations

import pytest

from partnerstadt.answer.about import about, outcome, questions
from partnerstadt.answer.reply import Memory, answer_each, reply, said_once
from partnerstadt.answer.utterance import Utterance
from tests.support import Town


@pytest.mark.parametrize(
    ("text", "intent", "expected", "records"),
    [
        ("seit wann ist leeds dabei", "ask_since", "answered", ["leeds"]),
        ("wozu gibt es städtepartnerschaften", "explain_purpose", "answered", ["purpose"]),
        ("wie viele einwohner hat leeds", "ask_unrecorded", "unrecorded", ["leeds"]),
        ("wie wird das wetter", "out_of_scope", "out_of_scope", []),
        ("blubb", "nlu_fallback", "fallback", []),
        ("hallo", "greet", "talk", []),
    ],
)
def test_outcome_and_records(dortmund: Town, text: str, intent: str, expected: str, records: list[str]) -> None:
    """From the reply itself, not from its German."""
    reading = dortmund.reading(text, intent)
    said, after = reply([reading], Memory(), dortmund.knowledge)
    message = {"intent": {"name": intent, "confidence": 0.9}}
    known = about(message, [reading], said, after, dortmund.records)
    assert known["outcome"] == expected and known["intent"] == intent and known["confidence"] == 0.9
    assert set(records) <= set(known["records"]) and known["plain"] is False


def test_wish_for_a_person_comes_first() -> None:
    """Although the office beside it has a source."""
    assert outcome([Utterance("utter_request_human"), Utterance("utter_office", sources=("page",))]) == "handoff"
    assert outcome([]) == "talk"


def test_each_question_has_its_own_answer(dortmund: Town) -> None:
    """Also where two share what is said; places count in all that is said."""
    asked = [("seit wann ist leeds dabei", "ask_since"), ("wo liegt leeds", "ask_country")]
    readings = [dortmund.reading(text, intent) for text, intent in [*asked, asked[0]]]
    answers, _ = answer_each(readings, Memory(), dortmund.knowledge)
    known = questions(readings, answers, said_once(answers))
    assert [question["said"] for question in known] == [[0], [1], [0]]
    assert [question["text"] for question in known[:2]] == [text for text, _ in asked]
    assert all(question["outcome"] == "answered" and question["sources"] for question in known)
