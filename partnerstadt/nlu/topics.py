"""Finds topics by meaning: a question that names no topic may still lie close to one that the records hold.

The questions of the records are encoded when the records change, so a new topic is found without training.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, EXTRACTOR, TEXT
from rasa.shared.nlu.training_data.message import Message

from partnerstadt.nlu.meaning import encode
from partnerstadt.nlu.unfold import unfold
from partnerstadt.question.names import Mention
from partnerstadt.records.models import Records
from partnerstadt.records.store import RecordStore
from partnerstadt.settings import Settings

# Names in a text say more than its closeness to a topic.
NAMES = frozenset({"city", "place", "topic", "period"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class TopicsByMeaning(GraphComponent, EntityExtractorMixin):
    """Adds the closest topic as an entity, if it is close enough."""

    def __init__(self, config: dict[str, Any], store: RecordStore) -> None:
        self._threshold = float(config["threshold"])
        self._store = store
        self._index: tuple[Records, list[str], npt.NDArray[np.float32]] | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The threshold is a cosine: below it a topic is not offered."""
        return {"threshold": 0.68}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicsByMeaning:
        """A finder over the records in force."""
        return cls(config, RecordStore(Settings.from_environment().records))

    def process(self, messages: list[Message]) -> list[Message]:
        """Look at each message and its parts that name nothing."""
        for message in unfold(messages):
            entities = message.get(ENTITIES) or []
            _, sentence = message.get_dense_features(TEXT, [])
            if sentence is None or any(e["entity"] in NAMES for e in entities):
                continue
            found = self._closest(sentence.features[0])
            if found:
                text = message.get(TEXT) or ""
                mention = Mention("topic", found, 0, len(text), text, by_meaning=True)
                message.set(
                    ENTITIES, [*entities, mention.to_dict() | {EXTRACTOR: type(self).__name__}], add_to_output=True
                )
        return messages

    def _closest(self, vector: npt.NDArray[np.float32]) -> str | None:
        ids, vectors = self._vectors()
        if not ids:
            return None
        scores = vectors @ vector
        best = int(np.argmax(scores))
        return ids[best] if scores[best] >= self._threshold else None

    def _vectors(self) -> tuple[list[str], npt.NDArray[np.float32]]:
        records = self._store.get()
        if self._index is None or self._index[0] is not records:
            pairs = [(t.id, q) for t in records.topics for q in (t.title, *t.questions) if t.group == "neighbour"]
            home = records.city.name.lower()
            texts = [q.lower().replace(home, "stadt") for _, q in pairs]
            vectors = encode(texts) if texts else np.zeros((0, 512), dtype=np.float32)
            self._index = (records, [id for id, _ in pairs], vectors)
        _, ids, vectors = self._index
        return ids, vectors
