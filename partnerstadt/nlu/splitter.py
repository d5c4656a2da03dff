"""First component: gives a message with several sentences or questions a message for each."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from partnerstadt.nlu.fingerprint import fingerprint_of
from partnerstadt.nlu.unfold import PARTS
from partnerstadt.question import parts


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class PartSplitter(GraphComponent):
    """Splits the text of a message into parts."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PartSplitter:
        """A splitter; it has nothing to configure."""
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Trains anew when the splitting changes."""
        return fingerprint_of(parts)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the parts to each message that holds several."""
        for message in messages:
            text = message.get(TEXT) or ""
            found = parts.split(text)
            if len(found) > 1:
                message.set(PARTS, [Message(data={TEXT: part}) for part in found])
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training examples are one question each."""
        return training_data
