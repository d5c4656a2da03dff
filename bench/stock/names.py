"""Hands the actions what they need beside an intent: names out of the records and the normal form of the text.

Our actions cannot answer without them, so the bare stock pipeline passes few questions. With this component behind
it, only its intents (and that it takes a message as one question) are compared with ours.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from partnerstadt.nlu.unfold import NORMAL
from partnerstadt.question.lexicon import load_lexicon
from partnerstadt.question.lexis import build_lexis
from partnerstadt.question.names import Gazetteer
from partnerstadt.question.normal import LONGEST, normalise
from partnerstadt.records.store import RecordStore
from partnerstadt.settings import Settings


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class HandedNames(GraphComponent):
    """Replaces the entities of the stock pipeline by those of ours; the intent stays as it is."""

    def __init__(self) -> None:
        self._lexis = build_lexis()
        self._gazetteer = Gazetteer(RecordStore(Settings.from_environment().records).get(), self._lexis)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> HandedNames:
        """It has nothing to configure."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Entities and normal form of each message."""
        for message in messages:
            text = (message.get(TEXT) or "")[:LONGEST]
            mentions = self._gazetteer.find(text)
            normal = normalise(text, mentions, load_lexicon(), self._lexis).text
            message.set(ENTITIES, [mention.to_dict() for mention in mentions], add_to_output=True)
            message.set(NORMAL, normal, add_to_output=True)
        return messages
