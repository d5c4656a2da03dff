"""What somebody wants: logistic regression over word and character counts and the meaning of the sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import (
    FEATURE_TYPE_SENTENCE,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from partnerstadt.nlu.counts import CHARACTERS, WORDS, Counts, Pieces
from partnerstadt.nlu.softmax import Softmax
from partnerstadt.nlu.unfold import NORMAL, unfold
from partnerstadt.question.lexicon import load_lexicon

COUNTS, WEIGHTS = "counts.json", "weights.npz"
RANKED = 10


@dataclass(frozen=True)
class Trained:
    """What training leaves: the blocks of counts, and a weight for each feature and intent."""

    blocks: tuple[Counts, ...]
    softmax: Softmax

    @classmethod
    def fit(cls, examples: Sequence[Message], config: dict[str, Any]) -> Trained:
        """Learn from examples that carry their normal form and their embedding."""
        texts = [_normal(m) for m in examples]
        blocks, counts = [], []
        for (pieces, weight), name in zip(_blocks(config), PIECES, strict=True):
            # Taking texts to pieces costs most of the time, so each is taken apart only once.
            apart = {text: list(pieces(text)) for text in set(texts)}
            block = Counts.fit(texts, apart.__getitem__, config[name], weight)
            counts.append(block.matrix(texts))
            blocks.append(replace(block, pieces=pieces))
        vectors = np.vstack([_vector(m) for m in examples])
        intents = [m.get(INTENT) for m in examples]
        return cls(
            tuple(blocks),
            Softmax.fit(sp.hstack(counts).tocsr(), vectors, intents, config["regularization"], config["iterations"]),
        )

    def ranking(self, message: Message) -> list[dict[str, Any]]:
        """The likeliest intents of a message, best first."""
        text, start = _normal(message), 0
        columns, values = [], []
        for block in self.blocks:
            found, weights = block.row(text)
            columns.append(found + start)
            values.append(weights)
            start += len(block.index)
        shares = self.softmax.probabilities(np.concatenate(columns), np.concatenate(values), _vector(message))
        best = np.argsort(-shares)[:RANKED]
        return [{INTENT_NAME_KEY: self.softmax.labels[i], PREDICTED_CONFIDENCE_KEY: float(shares[i])} for i in best]

    def save(self, folder: Path) -> None:
        """Write plain JSON and arrays: no pickle, nothing that could run code when it is loaded."""
        counts = {"intents": self.softmax.labels, "pieces": [list(block.index) for block in self.blocks]}
        (folder / COUNTS).write_text(json.dumps(counts, ensure_ascii=False), encoding="utf-8")
        idf = {f"idf_{number}": block.idf for number, block in enumerate(self.blocks)}
        softmax = self.softmax
        np.savez_compressed(
            folder / WEIGHTS,
            sparse=softmax.sparse.astype(np.float32),
            dense=softmax.dense.astype(np.float32),
            bias=softmax.bias,
            **idf,
        )

    @classmethod
    def read(cls, folder: Path, config: dict[str, Any]) -> Trained:
        """Read what `save` wrote."""
        counts = json.loads((folder / COUNTS).read_text(encoding="utf-8"))
        with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
            blocks = tuple(
                Counts(pieces, {piece: column for column, piece in enumerate(known)}, arrays[f"idf_{n}"], weight)
                for n, ((pieces, weight), known) in enumerate(zip(_blocks(config), counts["pieces"], strict=True))
            )
            sparse, dense = arrays["sparse"].astype(np.float64), arrays["dense"].astype(np.float64)
            return cls(blocks, Softmax(tuple(counts["intents"]), sparse, dense, arrays["bias"]))


# The blocks of counts by the name that the configuration gives them.
PIECES: dict[str, Pieces] = {"words": WORDS, "characters": CHARACTERS, "cues": lambda text: load_lexicon().found(text)}


def _blocks(config: dict[str, Any]) -> list[tuple[Pieces, float]]:
    return [(pieces, float(config[f"{name}_weight"])) for name, pieces in PIECES.items()]


def _normal(message: Message) -> str:
    return str(message.get(NORMAL) or "")


def _vector(message: Message) -> npt.NDArray[np.float64]:
    _, sentence = message.get_dense_features(TEXT, [])
    assert sentence is not None and sentence.type == FEATURE_TYPE_SENTENCE
    vector: npt.NDArray[np.float64] = sentence.features[0].astype(np.float64)
    return vector


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EncodedIntents(GraphComponent, IntentClassifier):
    """Intent with confidence and ranking, for each message and its parts."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._trained: Trained | None = None

    @classmethod
    def required_components(cls) -> list[type]:
        """Works on featurized messages."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages whose version is part of the model's fingerprint."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Found by cross-validation on data/nlu.yml.

        Of each block of counts: how many pieces it knows, and its weight beside the unit-length embedding.
        regularization is scikit-learn's C; not_learned names intents that other components give.
        """
        return {
            "words": 4000,
            "words_weight": 0.7,
            "characters": 6000,
            "characters_weight": 0.8,
            "cues": 200,
            "cues_weight": 0.4,
            "regularization": 30.0,
            "iterations": 40,
            "not_learned": [],
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EncodedIntents:
        """A classifier that has still to be trained."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EncodedIntents:
        """A trained classifier; a model without its weights is broken and says so."""
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            classifier._trained = Trained.read(Path(folder), config)
        return classifier

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples and keep the weights in the model."""
        skipped = set(self._config["not_learned"])
        examples = [m for m in training_data.intent_examples if m.get(NORMAL) and m.get(INTENT) not in skipped]
        self._trained = Trained.fit(examples, self._config)
        with self._storage.write_to(self._resource) as folder:
            self._trained.save(Path(folder))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Intent and ranking for each message and its parts."""
        if self._trained is not None:
            for message in unfold(messages):
                ranking = self._trained.ranking(message)
                message.set(INTENT, ranking[0], add_to_output=True)
                message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages
