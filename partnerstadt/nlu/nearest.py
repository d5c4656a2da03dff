"""Finds the records that a question comes near to without naming them: topics and curated answers.

Their questions are encoded when the records change, so a new topic or answer is found without training.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, EXTRACTOR, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from partnerstadt.nlu.likeness import Sentences
from partnerstadt.nlu.questions import Asked, asked
from partnerstadt.nlu.unfold import ANSWER, ENCODED, MENTIONS, unfold
from partnerstadt.question.names import Mention
from partnerstadt.question.reading import OFFERED, TOPIC, VERY_SURE, Match
from partnerstadt.records.models import Records
from partnerstadt.records.store import RecordStore
from partnerstadt.settings import Settings

# So much nearer than the next must a topic be that is offered on the classifier's word.
AHEAD = 0.01
# Names in a text say more than its closeness to a topic.
NAMES = frozenset({"city", "place", "topic", "period"})


@dataclass(frozen=True)
class _Index:
    """What the questions of one set of records look like on one day."""

    records: Records
    day: dt.date
    topics: Sentences
    asked: tuple[Asked, ...]
    answers: Sentences

    @classmethod
    def of(cls, records: Records, day: dt.date) -> _Index:
        home = records.city.name.lower()
        pairs = [(t.id, q) for t in records.topics for q in (t.title, *t.questions) if t.group == "neighbour"]
        questions = tuple(asked(records, day))
        return cls(
            records,
            day,
            Sentences([(id, q.lower().replace(home, "stadt")) for id, q in pairs]),
            questions,
            Sentences([(question.answer, question.encoded) for question in questions]),
        )


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class NearestRecords(GraphComponent, EntityExtractorMixin):
    """Adds the closest topic as an entity, and the closest curated answer, if they are close enough."""

    def __init__(self, config: dict[str, Any], store: RecordStore) -> None:
        self._threshold = float(config["threshold"])
        self._threshold_of_topics = float(config["threshold_of_topics"])
        self._store = store
        self._made: _Index | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Cosines below which a topic is not offered: in general, and where the classifier is sure of one."""
        return {"threshold": 0.68, "threshold_of_topics": 0.5}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NearestRecords:
        """A finder over the records in force."""
        return cls(config, RecordStore(Settings.from_environment().records))

    def process(self, messages: list[Message]) -> list[Message]:
        """Look at each message and its parts."""
        index = self._index()
        for message in unfold(messages):
            _, sentence = message.get_dense_features(TEXT, [])
            if sentence is not None:
                self._add_topic(message, sentence.features[0], index)
                match = _closest_answer(message, sentence.features[0], index)
                message.set(ANSWER, match.to_dict() if match else None, add_to_output=True)
        return messages

    def _add_topic(self, message: Message, vector: npt.NDArray[np.float32], index: _Index) -> None:
        entities, intent = message.get(ENTITIES) or [], message.get(INTENT) or {}
        if not index.topics.ids or any(e["entity"] in NAMES for e in entities):
            return
        scores = index.topics.meanings(vector)
        best = int(np.argmax(scores))
        ahead = scores[best] - np.delete(scores, best).max(initial=0.0) >= AHEAD
        sure = ahead and intent.get("name") == TOPIC and intent.get("confidence", 0.0) >= VERY_SURE
        if scores[best] >= (self._threshold_of_topics if sure else self._threshold):
            text = message.get(TEXT) or ""
            mention = Mention("topic", index.topics.ids[best], 0, len(text), text, by_meaning=True)
            message.set(ENTITIES, [*entities, mention.to_dict() | {EXTRACTOR: type(self).__name__}], add_to_output=True)

    def _index(self) -> _Index:
        records, today = self._store.get(), self._store.today
        made = self._made
        if made is None or made.records is not records or made.day != today:
            self._made = made = _Index.of(records, today)
        return made


def _closest_answer(message: Message, vector: npt.NDArray[np.float32], index: _Index) -> Match | None:
    """The nearest answer whose question names the same; the names count, not only the meaning."""
    mentions: list[Mention] = message.get(MENTIONS) or []
    matches = index.answers.matches(message.get(ENCODED) or message.get(TEXT) or "", vector)
    fitting = (m for m, question in zip(matches, index.asked, strict=True) if question.names_the_same(mentions))
    best = max(fitting, key=lambda match: match.likeness, default=None)
    return best if best and best.likeness >= OFFERED else None
