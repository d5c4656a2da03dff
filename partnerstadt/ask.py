"""`partnerstadt ask`: answers a question and shows every station on the way, for developers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

from pydantic import BaseModel

from partnerstadt.answer.about import records_used
from partnerstadt.answer.reply import Knowledge, Memory, reply, source_line, understand
from partnerstadt.answer.utterance import Utterance, render
from partnerstadt.question.language import is_foreign
from partnerstadt.question.lexicon import load_lexicon
from partnerstadt.question.reading import FACTS, Reading
from partnerstadt.records.load import RecordsError
from partnerstadt.records.store import RecordStore
from partnerstadt.settings import Problem, Settings
from partnerstadt.understanding import Understanding

NEXT = " | "  # separates the sentences of a conversation
LABEL_WIDTH = 12


def ask(settings: Settings, question: str) -> int:
    """Print all stations from the text to the German answer; sentences separated by " | " are one conversation."""
    from partnerstadt.rasa_ext.rest import Refused

    try:
        store = RecordStore(settings.records)
    except RecordsError as error:
        raise Problem(f"the records in {settings.records} have errors; `partnerstadt check` lists them.") from error
    knowledge = Knowledge(store.get(), load_lexicon(), store.today.year)
    understanding = Understanding(settings)
    memory = Memory()
    for number, text in enumerate(question.split(NEXT)):
        if number:
            print("-" * 60)
        try:
            parsed = understanding.parse(text)
        except Refused as refused:
            raise Problem(f"the REST channel refuses this text: {refused}") from refused
        memory = _turn(parsed, memory, knowledge, understanding)
    return 0


def _turn(parsed: dict[str, Any], memory: Memory, knowledge: Knowledge, understanding: Understanding) -> Memory:
    _show("text", parsed["text"])
    rankings = {parsed["text"]: parsed.get("intent_ranking") or []}
    parts = parsed.get("parts") or []
    if parts:
        _show("intent", _intent(Reading.from_dict(parsed)))
    for part in parts:  # the ranking of a part is not kept in the message
        rankings[part["text"]] = understanding.parse(part["text"]).get("intent_ranking") or []
    said: list[Utterance] = []
    for number, reading in enumerate(map(Reading.from_dict, parts or [parsed]), 1):
        if parts:
            _show(f"part {number}", reading.text)
        ranking = tuple((r["name"], r["confidence"]) for r in rankings.get(reading.text, []))
        before = memory
        more, memory = reply([reading], memory, knowledge)
        said += [utterance for utterance in more if utterance not in said]
        _stations(replace(reading, ranking=ranking), more, before, memory, knowledge)
    memory = _switched(parsed["intent"]["name"], memory)
    closing = list(_closing(parsed["text"], said, memory, knowledge))
    _show("response", [u.response for u in [*said, *closing]] or "none")
    for utterance in [*said, *closing]:
        _show("answer", render(utterance, understanding.responses, memory.plain))
    return replace(memory, introduced=True)


def _stations(reading: Reading, said: Sequence[Utterance], before: Memory, after: Memory, knowledge: Knowledge) -> None:
    records = knowledge.records
    _show("normal form", reading.normal or "none (payload of Rasa)")
    _show("intent", _intent(reading))
    mentions = (f"{m.kind}={m.value} ({m.text!r}{f', near {m.near}' if m.near else ''})" for m in reading.mentions)
    _show("entities", list(mentions) or "none")
    if reading.intent in FACTS:
        _show("question", key_values(understand(reading, before.context, knowledge)) or "none")
    _show("records", list(records_used(reading, said, after, records)) or "none")
    _show("sources", list(dict.fromkeys(key for utterance in said for key in utterance.sources)) or "none")


def _intent(reading: Reading) -> str:
    """The settled intent and what the classifier alone thought."""
    ranking = ", ".join(f"{name} {confidence:.2f}" for name, confidence in reading.ranking[:3])
    return f"{reading.intent} {reading.confidence:.2f}" + (f"   (classifier: {ranking})" if ranking else "")


def _switched(intent: str, memory: Memory) -> Memory:
    """What the actions of these intents do beside talking."""
    if intent == "start_again":
        return Memory(introduced=True)
    if intent in ("plain_language_on", "plain_language_off"):
        return replace(memory, plain=intent == "plain_language_on")
    return memory


def _closing(text: str, said: Sequence[Utterance], memory: Memory, knowledge: Knowledge) -> Iterator[Utterance]:
    line = source_line(said, knowledge.records)
    if line:
        yield line
    if is_foreign(text):
        yield Utterance("utter_german_only")
    if not memory.introduced:
        yield Utterance("utter_introduction")


def key_values(question: BaseModel) -> str:
    """A question as short text: only what differs from an empty one."""
    pairs = []
    for name, field in question.__fields__.items():
        value = getattr(question, name)
        if field.required or value != field.get_default():
            pairs.append(f"{name}={_short(value)}")
    return " ".join(pairs)


def _short(value: object) -> str:
    if isinstance(value, BaseModel):
        return "{" + key_values(value) + "}"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return "[" + ",".join(map(_short, value)) + "]"
    return str(value)


def _show(label: str, value: str | Sequence[str]) -> None:
    lines = value.splitlines() if isinstance(value, str) else [", ".join(value)]
    for number, line in enumerate(lines or [""]):
        print(f"{label if number == 0 else '':<{LABEL_WIDTH}} {line}")
