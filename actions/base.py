"""What all actions share: reading the tracker, and handing utterances to the dispatcher."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from partnerstadt.answer.about import about, questions
from partnerstadt.answer.reply import Knowledge, Memory, answer_each, said_once, source_line
from partnerstadt.answer.utterance import Utterance
from partnerstadt.question.language import is_foreign
from partnerstadt.question.lexicon import load_lexicon
from partnerstadt.question.model import Context
from partnerstadt.question.reading import Reading
from partnerstadt.records.store import RecordStore
from partnerstadt.settings import Settings
from partnerstadt.telemetry import traces


@lru_cache(maxsize=1)
def record_store() -> RecordStore:
    """The records of this process; rasa_sdk builds actions without arguments, so this is their edge."""
    return RecordStore(Settings.from_environment().records)


def knowledge() -> Knowledge:
    """What answers are made from, as it is now."""
    store = record_store()
    return Knowledge(store.get(), load_lexicon(), store.today.year)


def memory_of(tracker: Tracker) -> Memory:
    """The memory that lies in the slots; one of an older version is forgotten rather than misread."""
    try:
        context = Context.parse_obj(tracker.get_slot("context") or {})
    except ValidationError:
        context = Context()
    return Memory(context, bool(tracker.get_slot("plain_language")), bool(tracker.get_slot("introduced")))


def readings_of(tracker: Tracker) -> list[Reading]:
    """The questions of the latest message."""
    message = tracker.latest_message
    return [Reading.from_dict(part) for part in message.get("parts") or [message]]


def say(dispatcher: CollectingDispatcher, utterances: Sequence[Utterance]) -> None:
    """Hand over keys and values; Rasa makes German of them."""
    for utterance in utterances:
        buttons = [{"title": text, "payload": text} for text in utterance.buttons]
        dispatcher.utter_message(response=utterance.response, buttons=buttons, **utterance.values)


def note(dispatcher: CollectingDispatcher, known: dict[str, Any]) -> None:
    """Hand over what is known about the reply; it travels with its first message, and no client sees it."""
    if dispatcher.messages:
        dispatcher.messages[0]["about"] = known


class Answering(Action, ABC):
    """An action that answers the latest message from the records."""

    @abstractmethod  # rasa_sdk registers every class of an action that is not abstract
    def name(self) -> str:
        """Each action names itself."""

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Answer, name the sources, remember."""
        known, memory = knowledge(), memory_of(tracker)
        readings = readings_of(tracker)
        with traces.step("query"):
            answers, after = answer_each(readings, memory, known)
        utterances = said_once(answers)
        return conclude(
            dispatcher, tracker, utterances, after, known, {"questions": questions(readings, answers, utterances)}
        )


def conclude(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    utterances: Sequence[Utterance],
    after: Memory,
    known: Knowledge,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> list[EventType]:
    """The reply, sources, the language of the bot and, at first contact, that it is a machine; then the slots."""
    say(dispatcher, utterances)
    line = source_line(utterances, known.records)
    closing = [line] if line else []
    if is_foreign(tracker.latest_message.get("text") or ""):
        closing.append(Utterance("utter_german_only"))
    if not after.introduced:
        closing.append(Utterance("utter_introduction"))
    say(dispatcher, closing)
    facts = about(tracker.latest_message, readings_of(tracker), utterances, after, known.records)
    note(dispatcher, {**facts, **more})
    return [SlotSet("context", after.context.dict()), SlotSet("introduced", True)]
