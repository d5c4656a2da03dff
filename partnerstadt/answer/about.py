"""What is known about a reply beside its text: intent, records, outcome. The front desk keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from partnerstadt.answer.reply import Memory
from partnerstadt.answer.utterance import Answer, Utterance
from partnerstadt.question.reading import FACTS, Reading
from partnerstadt.records.models import Records

# The first of these that a response's key begins with tells what became of the question.
OUTCOMES = {
    "utter_ask_rephrase": "fallback",
    "utter_out_of_scope": "out_of_scope",
    "utter_request_human": "handoff",
    "utter_complain": "handoff",
    "utter_unrecorded": "unrecorded",
    "utter_contact_unknown": "unrecorded",
}


def about(
    message: Mapping[str, Any], readings: Sequence[Reading], said: Sequence[Utterance], after: Memory, records: Records
) -> dict[str, Any]:
    """What is known about the reply to one message, as the REST channel hands it on."""
    used = (id for reading in readings for id in records_used(reading, said, after, records))
    intent = message.get("intent") or {}
    return {
        "intent": intent.get("name"),
        "confidence": intent.get("confidence"),
        "records": list(dict.fromkeys(used)),
        "outcome": outcome(said),
        "plain": after.plain,
    }


def questions(
    readings: Sequence[Reading], answers: Sequence[Answer], said: Sequence[Utterance]
) -> list[dict[str, Any]]:
    """What is known about each question of a message; `said` are the places of its answer among all that is said."""
    return [
        {
            "text": reading.text,
            "intent": reading.intent,
            "confidence": reading.confidence,
            "outcome": outcome(answer.utterances),
            "said": [said.index(utterance) for utterance in answer.utterances],
            "sources": list(dict.fromkeys(key for utterance in answer.utterances for key in utterance.sources)),
        }
        for reading, answer in zip(readings, answers, strict=True)
    ]


def outcome(said: Sequence[Utterance]) -> str:
    """What became of a question: answered, unrecorded, out_of_scope, fallback, handoff, or only talk."""
    for start, name in OUTCOMES.items():
        if any(utterance.response.startswith(start) for utterance in said):
            return name
    return "answered" if any(utterance.sources for utterance in said) else "talk"


def records_used(reading: Reading, said: Sequence[Utterance], after: Memory, records: Records) -> Iterator[str]:
    """Ids of the records an answer was made from: partnerships, topics, offices."""
    if reading.intent in FACTS and any(utterance.sources for utterance in said):
        yield from after.context.cities
    elif any(utterance.response == "utter_known_instead" for utterance in said):
        yield from dict.fromkeys(m.value for m in reading.names("city"))
    if any(utterance.response.startswith("utter_topic") for utterance in said):
        named = [m.value for m in reading.names("topic")] or [reading.intent.removeprefix("explain_")]
        yield from dict.fromkeys(id for id in named if records.topic(id))
    for utterance in said:
        if utterance.response == "utter_curated":
            yield str(utterance.values["answer"])
    if any("office" in utterance.values for utterance in said):
        yield from (office.id for office in records.offices)
