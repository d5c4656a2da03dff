"""Adds the meaning of a sentence to what the classifier sees."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from partnerstadt.nlu.meaning import encode
from partnerstadt.nlu.unfold import ENCODED, unfold


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """Adds the sentence embedding as dense sentence and sequence features."""

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        """A featurizer; the weights are loaded with the first sentence."""
        return cls(config, execution_context.node_name)

    @classmethod
    def required_components(cls) -> list[type]:
        """Works on tokenized messages."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages whose version is part of the model's fingerprint."""
        return []

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """There is nothing to configure."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Only what every dense featurizer has."""
        return dict(DenseFeaturizer.get_default_config())

    def process(self, messages: list[Message]) -> list[Message]:
        """Features for each message and its parts, encoded in one batch."""
        self._featurize(list(unfold(messages)))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Features for each example."""
        self._featurize([m for m in training_data.training_examples if m.get(TEXT)])
        return training_data

    def _featurize(self, messages: list[Message]) -> None:
        if not messages:
            return
        vectors = encode([m.get(ENCODED) or m.get(TEXT) or "" for m in messages])
        for message, vector in zip(messages, vectors, strict=True):
            row = vector.reshape(1, -1)
            tokens = message.get("text_tokens") or [None]
            self.add_features_to_message(np.repeat(row, len(tokens), axis=0), row, TEXT, message)
